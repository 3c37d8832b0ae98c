"""Mail addresses in numbers: a mailing list pasted into a body, a column of a sheet.

Who wrote and received a quoted mail is no list of anybody's: lines of quoted headers are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from detectors.folding import unified, unify
from detectors.persons.people import MAIL
from detectors.persons.roster import Row
from detectors.report import Reason
from detectors.seen import Box
from detectors.surface import Table, Text

_FEWEST = 10
_QUOTED = re.compile(
    r"[\s>|]*(?:from|to|cc|bcc|sender|reply-to|message-id|references|in-reply-to|received|return-path"
    r"|delivered-to|x-[\w-]+|差出人|宛先|送信者|送信元|送信先|返信先|ＣＣ|ＢＣＣ)\s*[:：]",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"[ \t]|[^@]{0,80}@[^\s@>]{1,200}>?[;,]?\s?$")
"""A field folded over lines, as programs for mail quote it or as people paste it."""
_REASON = Reason("mail_addresses")


def rows(surface: Text | Table) -> Sequence[Row]:
    if isinstance(surface, Table):
        return list(_in_table(surface))
    if surface.telling is not None and not surface.telling.persons:
        return ()
    return list(_in_text(surface.text)) if _signs(surface.text) >= _FEWEST else ()


def _in_table(table: Table) -> Iterator[Row]:
    if _signs(table.written or "".join(chain.from_iterable(table.rows))) < _FEWEST:
        return
    cells = [
        (Box(number, column, number, column), cell)
        for number, row in enumerate(table.rows, table.first_row)
        for column, cell in enumerate(row, table.first_column)
        if "@" in cell or "＠" in cell
    ]
    for (box, _), plain in zip(cells, unified([cell for _, cell in cells]), strict=True):
        for address in MAIL.findall(plain):
            yield Row(address.lower(), _REASON, box)


def _signs(text: str) -> int:
    return sum(text.count(sign) for sign in "@＠" if sign in text)  # one is found at once


def _in_text(text: str) -> Iterator[Row]:
    in_header = False
    for number, line in enumerate(text.split("\n"), 1):
        if "@" not in line and "＠" not in line:
            in_header = in_header and line[:1] in (" ", "\t") and bool(line.strip())
            continue
        in_header = bool(_QUOTED.match(line)) or (in_header and bool(_GOES_ON.match(line)))
        if not in_header:
            for found in MAIL.finditer(unify(line)):
                yield Row(found[0].lower(), _REASON, line=number)
