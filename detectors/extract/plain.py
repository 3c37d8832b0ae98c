"""Plain text, and the tables that it may hold (CSV, TSV)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from detectors import charset, linear, sieve
from detectors.budget import Budget
from detectors.extract import arrays, filing, sqldump
from detectors.extract.delimited import Rows, rows_of, table_delimiter
from detectors.extract.reading import within
from detectors.surface import Source, Surface, Table, Text

__all__ = ["read", "table_delimiter"]

TEXT_NAMES = (".txt", ".ics", ".vcf")
"""Files of these names are called text (`magic`), whatever table may be in them."""
_SHORT = re.compile(r"[1-9][0-9]{7,10}")
"""Digits that may have lost leading zeros on their way through a spreadsheet."""
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})")
_IN_ADDRESS = re.compile(r"(?:%[Ee][3-9](?:%[89ABab][0-9A-Fa-f]){2})+")
"""Japanese in UTF-8 as addresses of the web have it (RFC 3986 2.1)."""
_MANY = 100
"""Rows from which on all octets are asked first whether any such digits are in them."""
_ALONE = linear.octets(rb"(?:^|[^0-9])[1-9][0-9]{7,10}(?:[^0-9]|$)")


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """Each reading of the octets once; where it looks like a table, as a table only."""
    data = source.data
    known = charset.utf8(data, source.charset)
    for decoded in charset.decode(data, source.charset) if known is None else (known,):
        budget.time()
        text = _unescaped(decoded)
        if filed := filing.parted(text):
            about, rows, first = filed
            yield Text(source.spot, about, source.context)
            yield Table(source.spot, rows, first, context=source.context)
            continue
        if found := arrays.parted(text):
            yield from (Table(source.spot, rows, context=source.context) for rows in found.tables)
            yield from (Text(source.spot, found.rest, source.context),) * bool(found.rest)
            continue
        text, inserted = sqldump.rows_apart(text, budget)
        for one in inserted:
            yield Table(
                within(source.spot, one.name),
                one.rows,
                numeric=_numeric(one.rows, one.telling),
                context=source.context,
                telling=one.telling,
            )
        octets = data if text is known else None
        if not (inserted or _is_prose(source)) and (delimiter := table_delimiter(text)):
            yield _table(source, text, delimiter, octets or b"")
            continue
        telling = None
        if len(data) >= sieve.LONG:
            telling = sieve.excerpts(octets or text.encode("utf-8", "replace"), text)
        yield Text(source.spot, text, source.context, telling)


def _unescaped(text: str) -> str:
    """With the letters that JSON, JavaScript and Java write as \\u500b, and addresses as %E5%80%8B:
    labels are among them. The text itself where there are none."""
    # one letter is looked for at the speed of memory, two are not
    if "%" in text and _IN_ADDRESS.search(text):
        text = _IN_ADDRESS.sub(lambda found: unquote(found[0]), text)
    if "\\" not in text or not _ESCAPED.search(text):
        return text
    return charset.paired(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def _is_prose(source: Source) -> bool:
    """Whether it was looked at before, and is no table."""
    return source.kind == "txt" and not source.name.lower().endswith(TEXT_NAMES)


def _numeric(
    rows: Sequence[list[str]], telling: Sequence[int] | None
) -> frozenset[tuple[int, int]]:
    at = range(len(rows)) if telling is None else telling
    if isinstance(rows, Rows) and len(at) > _MANY and not _ALONE.search(rows.octets):
        return frozenset()
    return frozenset(
        (r + 1, c)
        for r in at
        for c, cell in enumerate(rows[r], start=1)
        if 8 <= len(cell) <= 16 and _SHORT.fullmatch(cell.strip())
    )


def _table(source: Source, text: str, delimiter: str, octets: bytes) -> Table:
    rows = rows_of(text, delimiter, octets)
    telling = rows.telling if isinstance(rows, Rows) else None
    files = rows.sieve.files if isinstance(rows, Rows) else True
    return Table(
        source.spot,
        rows,
        numeric=_numeric(rows, telling),
        context=source.context,
        telling=telling,
        written=text,
        files=files,
    )
