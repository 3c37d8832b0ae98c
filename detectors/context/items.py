"""Items of a list in folded text: what one of them is about, the next one is not.

「1) マイナンバーは紙で出します／2) 経費は…で申請しました」: the number of the second item is
none of the first's label. An answer to 「① マイナンバー」 stands in the item ① of the reply,
whatever 「② 口座」 is between.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# 「12月」「3名分」「10:30」「9-1」 begin a line and are no ordinals.
_MARK = re.compile(
    r"[>|]*(?:(?P<sign>[・●○◯■□◆◇◎▪▫☐☑✓*※-])"
    r"|(?:[(\[<【第]|ステップ|手順|項目|step)?(?P<at>\d{1,2})"
    r"(?![\d年月日名人件通時分回号個枚部階歳才つ%/:~-]))"
)
# 「・個人番号は下記のとおりです」 leads to the items behind it.
_LEADS = re.compile(r"以下|下記|次の|(?:とお|通)り|below|follow")
_HEADING_ENDS = re.compile(r"(?:番号|no\.?)?[\])】」>:]*(?:\([^()\n]*\))?:?(?=\n|$)")
_NUMBER = re.compile(r"[\0\1]")


class Mark(NamedTuple):
    """What begins an item: a sign, or an ordinal."""

    sign: str
    at: int


def parts(folded: str, start: int, end: int, place: int) -> bool:
    """Whether the label at [start, end) and the number at `place` are in different items.

    Not where the label has a number of its own, which the others of its list may share, nor where
    it is the heading of the items behind it.

    >>> parts('1)個人番号は紙で\\n2)経費は\\0で', 2, 6, 15)
    True
    >>> parts('>1個人番号\\n>2口座\\n1\\0', 2, 6, 13)
    False
    """
    line = folded.rfind("\n", 0, place) + 1
    if line <= start or _NUMBER.search(folded, end, place):
        return False
    own, other = _mark(folded, line), _mark(folded, folded.rfind("\n", 0, start) + 1)
    if not own or not other or bool(own.at) != bool(other.at):
        return False
    if own.at:
        return own.at != other.at and not _leads(folded, start)
    heading = _HEADING_ENDS.match(folded, end)
    return own.sign == other.sign and not heading and not _leads(folded, start)


def is_counted(folded: str, place: int) -> bool:
    """Whether the line of the number at `place` begins with an ordinal, and not with a sign."""
    mark = _mark(folded, folded.rfind("\n", 0, place) + 1)
    return mark is not None and mark.at > 0


def _mark(folded: str, line: int) -> Mark | None:
    found = _MARK.match(folded, line)
    return Mark(found["sign"] or "", int(found["at"] or 0)) if found else None


def _leads(folded: str, start: int) -> bool:
    end = folded.find("\n", start)
    return bool(_LEADS.search(folded, start, end if end >= 0 else len(folded)))
