"""The name of a file as a text, in which numbers are looked for."""

from __future__ import annotations

import re

_JOINED = re.compile(r"(?<=[^\W_])_(?=\d)|(?<=\d)_(?=[^\W_])|(?<=\d)(?=\.\w{1,5}\Z)")


def as_text(name: str) -> str:
    """With blanks where signs part words: elsewhere 「山田_1234」 and 「1234.pdf」 are one longer
    name, and no number of theirs.

    >>> as_text("my_number_1234.pdf"), as_text("2_森.pdf")
    ('my_number 1234 .pdf', '2 森.pdf')
    """
    return _JOINED.sub(" ", name)
