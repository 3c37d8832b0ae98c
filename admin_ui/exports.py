"""The rows of a list as a file: the same filters as on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.responses import Response

from admin_ui.frame import Visit
from gateway.memory.ledger.export import Encoding, table

MOST = 10_000
"""Rows in one file; who needs more narrows the filter or exports at the command line."""


def csv_answer(
    visit: Visit, name: str, heading: Sequence[str], rows: Iterable[Sequence[object]]
) -> Response:
    """`?encoding=cp932` for tools that know nothing else; UTF-8 with BOM otherwise."""
    plain = visit.request.query_params.get("encoding") == "cp932"
    encoding: Encoding = "cp932" if plain else "utf-8-sig"
    return Response(
        b"".join(table(heading, rows, encoding)),
        media_type=f"text/csv; charset={'cp932' if plain else 'utf-8'}",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
