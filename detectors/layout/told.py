"""A number told in pieces: 「上8桁が 12345678、下4桁は 9018」, or one half in each of two mails.

Each piece stands behind a word for its place; in their order they are twelve digits that pass the
check. Who reads the mail puts them together as easily.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from detectors.digits import decimals
from detectors.numbers import individual_number
from detectors.runs import Candidate

# One class first: the search then skips all other characters in C.
_HINT = re.compile(
    r"[半桁け残終次初後まつ続目中hd](?:(?<=け)た|(?<=(?<!四)半)|(?<=[桁次初後目])|(?<=ん中)|(?<=[残終])り|(?<=ま)ず|(?<=つ)づき|(?<=続)き|(?<=h)alf"
    r"|(?<=d)igits|(?<=[\d一-九]つ))"
    r"[^\d。]{0,12}+\d\d"
)
"""What none of them is told without; it is cheaper to search."""
_PLACES = (
    "ナンバー|個人番号|上|前半|前|先頭|頭|最初|はじめ|冒頭|まず|1つ目|一つ目|first",
    "中|真ん中|まん中|まんなか|次|続き|つづき|2つ目|二つ目|middle|next|second",
    "下|後半|後ろ|後|末尾|残り|あと|最後|さいご|終わり|おわり|しっぽ|3つ目|三つ目"
    "|last|remaining|rest|third",
)


_PLACE = {word: place for place, words in enumerate(_PLACES) for word in words.split("|")}
_LATIN = [word for word in _PLACE if word.isascii() and word[0].isalpha()]
_KANA = [word for word in _PLACE if "ぁ" <= word[0] <= "ん"]
_OTHERS = [word for word in _PLACE if word not in _LATIN and word not in _KANA]


def _begun(words: Sequence[str]) -> str:
    """Any of the words, of which the first character is read already: sorted out by that.

    >>> _begun(["last", "上", "上の"])
    '(?:(?<=[lL])(?i:ast)|(?<=[上上])(?i:の|))'
    """
    heads = dict.fromkeys(word[0] for word in words)
    rest = {head: [word[1:] for word in words if word[0] == head] for head in heads}
    each = (
        f"(?<=[{head}{head.upper()}])(?i:{'|'.join(sorted(rest[head], key=len, reverse=True))})"
        for head in heads
    )
    return f"(?:{'|'.join(each)})"


def _class(letters: Iterable[str]) -> str:
    return f"[{''.join(sorted(set(letters)))}]"


_HEADS = {word[0] for word in _PLACE} | {word[0].upper() for word in _LATIN}
# Most letters are within a word, and most hiragana are none of these: asked first, it is cheaper.
_PIECE = re.compile(
    rf"({_class(_HEADS)}(?<![A-Za-z][A-Za-z])"
    rf"(?:(?<!{_class(word[0] for word in _KANA)})|(?={_class(word[1] for word in _KANA)}))"
    rf"(?:(?<=[A-Za-z]){_begun(_LATIN)}|(?<=[ぁ-ん]){_begun(_KANA)}"
    rf"|(?<![A-Za-zぁ-ん]){_begun(_OTHERS)}))(?=\D{{0,40}}+\d)(?:の|て)?+"
    r"(?:[ \u3000]?[\d一-九]{1,2}[ \u3000]?(?:桁|文字|ケタ|けた|つ|個)"
    r"|(?i: ?(?:half|(?:\w{1,6} )?digits)))?"
    r"[^\d。]{0,10}+。?+[^\d。]{0,4}+(\d[\d \u3000-]{1,9}\d)(?![\dつ])"
)
# A sign first: the search then skips all other characters in C.
_RANGE = re.compile(
    r"[〜～~－ー-](?:(?<=(\d\d).)|(?<=(\d).)|(?<=(\d\d)[ \u3000].)|(?<=(\d)[ \u3000].))"
    r"[ \u3000]?(\d{1,2})[ \u3000]?(?:桁|文字|ケタ|けた)目?[^\d。]{0,10}(\d{2,10})(?!\d)"
)
"""「1〜4桁目 1234」"""
_REACH = 600
"""Characters from one piece to the next."""
_MOST = 40
"""Pieces of one text that are looked at."""


class _Piece(NamedTuple):
    place: int
    digits: str
    start: int
    end: int


def look(text: str) -> Iterator[Candidate]:
    """The 個人番号 that a text tells in two or three pieces, where the last of them stands.

    >>> [one.start for one in look('上11桁が12345678901、下1桁は8')]
    []
    """
    yield from _by_ranges(text)
    if not _HINT.search(text):
        return
    pieces = list(_pieces(text))[:_MOST]
    for at, last in enumerate(pieces):
        near = [one for one in pieces[max(at - 2, 0) : at] if last.start - one.end <= _REACH]
        for others in [*combinations(near, 2), *combinations(near, 1)]:
            told = sorted((*others, last))
            digits = "".join(one.digits for one in told)
            if len({one.place for one in told}) == len(told) and individual_number.is_valid(digits):
                yield Candidate(last.start, last.end, digits, "6-6", "", told=True)
                break


def _by_ranges(text: str) -> Iterator[Candidate]:
    """Pieces that say which digits they are, from the first to the last."""
    digits = ""
    if "桁" not in text and "けた" not in text:
        return
    for found in _RANGE.finditer(text):
        first = int(next(filter(None, found.groups())))
        last = int(found[5])
        digits = digits if first > 1 else ""
        if first != len(digits) + 1 or last - first + 1 != len(found[6]):
            digits = ""
            continue
        digits += decimals(found[6])
        if individual_number.is_valid(digits):
            yield Candidate(*found.span(6), digits, "6-6", "", told=True)


def _pieces(text: str) -> Iterator[_Piece]:
    for found in _PIECE.finditer(text):
        yield _Piece(_PLACE[found[1].lower()], decimals(found[2]), *found.span(2))
