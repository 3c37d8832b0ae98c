"""Text that a program writes into a page, between two marks that readers do not see."""

from __future__ import annotations

import re
from pathlib import Path


def between(page: Path, name: str) -> str:
    """What stands between the marks of `name`."""
    found = _marked(name).search(page.read_text("utf-8"))
    if found is None:
        raise SystemExit(f"{page}: no marks <!-- {name} --> … <!-- /{name} -->")
    return found[2]


def put_between(page: Path, name: str, text: str) -> None:
    between(page, name)
    old = page.read_text("utf-8")
    page.write_text(_marked(name).sub(lambda m: m[1] + text + m[3], old), "utf-8")


def _marked(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}\b[^\n]*-->\n)(.*?)(<!-- /{name} -->)", re.DOTALL)
