"""送付先台帳 from a CSV, as Excel in Japan writes one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from gateway.judgement.addressees import Entry
from gateway.memory.faults import Fault, Faulty, at

COLUMNS = {
    "address": ("宛先", "アドレス", "ドメイン", "address"),
    "name": ("名称", "氏名", "name"),
    "purpose": ("目的", "事務", "purpose"),
    "last_day": ("契約終了日", "終了日", "until"),
    "told_word": ("合言葉", "word"),
}
_YES = frozenset({"1", "○", "◯", "はい", "有", "あり", "yes", "true", "●"})
_NEEDED = ("address", "name", "purpose")


def entries(text: str) -> Iterator[tuple[int, Entry]]:
    """(row, entry), rows counted as a spreadsheet does. Raises Faulty."""
    try:
        yield from _read(text)
    except csv.Error as error:
        raise Faulty(at("", "no_csv", detail=error)) from None


def _read(text: str) -> Iterator[tuple[int, Entry]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    written = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    found = {
        key: written[name] for key, names in COLUMNS.items() for name in names if name in written
    }
    if missing := [COLUMNS[key][0] for key in _NEEDED if key not in found]:
        raise Faulty(at("", "no_columns", names=", ".join(missing)))
    for number, row in enumerate(reader, 2):
        cells = {key: (row.get(name) or "").strip() for key, name in found.items()}
        if any(cells.values()):
            yield number, _entry(number, cells)


def _entry(number: int, cells: dict[str, str]) -> Entry:
    if empty := [COLUMNS[key][0] for key in _NEEDED if not cells[key]]:
        raise Faulty(Fault((), "empty_cells", {"names": ", ".join(empty)}, line=number))
    try:
        last = day(cells.get("last_day", ""))
    except ValueError:
        raise Faulty(Fault((), "not_a_day", line=number)) from None
    told = cells.get("told_word", "").lower() in _YES
    return Entry(cells["address"], cells["name"], cells["purpose"], last, told)


def day(written: str) -> str:
    """
    >>> day("2027/3/31"), day("")
    ('2027-03-31', '')
    """
    if not written:
        return ""
    year, month, last = (int(part) for part in written.replace("/", "-").split("-"))
    return date(year, month, last).isoformat()
