"""What leaves the ledger: an export that anybody can verify, tables that Excel in Japan opens."""

from __future__ import annotations

import base64
import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from gateway.memory.ledger.append import STREAM, Ledger, lines
from gateway.memory.ledger.note import verifier_key

Encoding = Literal["utf-8-sig", "cp932"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8-sig", "cp932")
"""With a BOM, which Excel needs to see UTF-8, or as older Japanese tools read it."""

_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula at the start of a cell (OWASP: CSV injection)."""


def jsonl(conn: Connection, stream: str = STREAM) -> Iterator[bytes]:
    """A line an entry: {"entry": base64 of its bytes, "salt": base64 or null, "details": text or
    null}. The bytes are those that were hashed, so that nobody has to make them again."""
    for line in lines(conn, stream):
        salt = None if line.salt is None else base64.b64encode(line.salt).decode()
        fields = {
            "entry": base64.b64encode(line.entry).decode(),
            "salt": salt,
            "details": line.details,
        }
        yield json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def beside(export: Path) -> tuple[Path, Path]:
    """Checkpoints and key of an export: ledger.checkpoints and ledger.key by ledger.jsonl."""
    return export.with_suffix(".checkpoints"), export.with_suffix(".key")


def write(conn: Connection, ledger: Ledger, signed: Iterable[str], path: Path) -> int:
    """Export, checkpoints and public key as three files; returns the number of entries.

    `signed` must have been read before `conn` began, or checkpoints may be ahead of entries.
    """
    count = 0
    with path.open("wb") as file:
        for line in jsonl(conn):
            file.write(line)
            count += 1
    checkpoints, key = beside(path)
    checkpoints.write_text("".join(f"{each}\n" for each in signed), "utf-8")
    key.write_text(verifier_key(ledger.origin, ledger.public) + "\n", "utf-8")
    return count


def table(
    heading: Sequence[str], rows: Iterable[Sequence[object]], encoding: Encoding = "utf-8-sig"
) -> Iterator[bytes]:
    """CSV, line by line. A character that CP932 has not is written as 〓 and never dropped."""
    if encoding == "utf-8-sig":
        yield codecs.BOM_UTF8
    for row in chain([heading], rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow([safe(str(cell)) for cell in row])
        yield text.getvalue().encode(encoding.removesuffix("-sig"), _GETA)


def safe(cell: str) -> str:
    """
    >>> safe("=HYPERLINK(1)"), safe("給与.xlsx")
    ("'=HYPERLINK(1)", '給与.xlsx')
    """
    return f"'{cell}" if cell.startswith(_STARTS) else cell


def _geta(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "〓" * (error.end - error.start), error.end


_GETA = "sekisho.geta"
codecs.register_error(_GETA, _geta)
