"""Words that policy may ask for, as facts: 個人番号 and its kin, HR and tax, marks of secrecy.

They tell nothing about a number (that is `score`'s, near each candidate); they tell what a file
that cannot be read is likely to hold. Only the ends of each text are made alike, since that costs
more than the whole scan; the rest is searched as it stands, in the usual spellings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from detectors import folding, linear, words
from detectors.facts import dictionary
from detectors.facts.confidential import CONFIDENTIAL
from detectors.numbers.individual_number import LABELS
from detectors.report import Fact, Reason
from detectors.surface import Spot, Table, Text
from detectors.view import View, view, written

HEAD = 2_000
FAR = 100_000
"""Characters: who speaks of 個人番号 in earnest does so before."""
FOOT = 300
"""A mark of secrecy stands at the top or, in a footer, at the end."""
TOP_ROWS = 20
_NAMED = re.compile("|".join(LABELS))
# What none of all these is without, save signs between its letters: one pass, and most mails need
# no other.
_STEMS = (
    "マイナ まいなん 個人番 個人識 個人ナ 個人n 個人法 コジンバ こじんば 共通番 個番 通知カ"
    " 個人の番 まいな番 まいなの番 まいなば まいなのば 個入番 個人播 個人審 個人蕃 固人番 箇人番"
    " 마이넘 개인번 个人编 个人号 个人番 個人編 個人號 socials マイ番 マイn"
    " my番 カード裏 カードの裏 myn indn indin indvn indivn individual personal kojin maina"
    " 毎ナ 舞ナ 枚ナ 米ナ \0"
).split(" ")
_BETWEEN = rf"[\n\x01{folding.BLANKS}_.·・()-]*"
_ANY = linear.utf8(
    "(?i)"
    + "|".join(
        _BETWEEN.join(map(re.escape, word.replace(" ", "")))
        for word in (*_STEMS, *words.HR, *(entry.word for entry in CONFIDENTIAL.entries))
    )
)
_USUAL = ("マイナンバー", "個人番号", "My Number", "MyNumber", "my number", "mynumber")


def mentions(surfaces: Iterable[Text | Table]) -> Iterator[Fact]:
    """At most one fact for each dictionary and part."""
    seen: set[tuple[str, str]] = set()
    surfaces = list(surfaces)
    said = _said(surfaces)
    for surface in surfaces if said else filter(_goes_on, surfaces):
        for name in _found(surface, said):
            if (name, surface.spot.part) not in seen:
                seen.add((name, surface.spot.part))
                yield Fact("words", surface.spot.part, surface.spot.path, Reason(name))


def _said(surfaces: Sequence[Text | Table]) -> set[str]:
    """What is in any of the ends, and in most mails nothing is; all at once, each call costs."""
    ends = [end.strip() for one in surfaces for end in _ends(one)]
    unified = folding.unify("\n\n".join(ends))
    if not _ANY.search(unified.encode("utf-8", "replace")):
        return set()
    together = folding.spaced(unified)
    folded = together.replace(" ", "")
    found = {
        "individual_number": _NAMED.search(folded),
        "hr": words.hr_words(folded),
        "confidential": CONFIDENTIAL.pattern.search(together),
    }
    return {name for name, there in found.items() if there}


def _found(surface: Text | Table, said: Set[str]) -> Iterator[str]:
    top = view(_top(surface)) if said else None
    folded = top.spaced.text.replace(" ", "") if top else ""
    if ("individual_number" in said and _NAMED.search(folded)) or any(_in_rest(surface)):
        yield "individual_number"
    if "hr" in said and words.hr_words(folded):
        yield "hr"
    if top and "confidential" in said:
        if _is_marked(top) or any(_is_marked(view(other)) for other in _others(surface)):
            yield "confidential"


def _goes_on(surface: Text | Table) -> bool:
    return isinstance(surface, Text) and len(surface.text) > HEAD


def _in_rest(surface: Text | Table) -> Iterator[str]:
    """Of a text, what stands behind its beginning."""
    if not isinstance(surface, Text) or len(surface.text) <= HEAD:
        return
    if surface.telling is None or surface.telling.named:
        # One letter is found at once, a word is not.
        letters = (word for word in _USUAL if surface.text.find(word[0], HEAD, FAR) >= 0)
        if any(surface.text.find(word, HEAD, FAR) >= 0 for word in letters):
            yield "individual_number"


def _ends(surface: Text | Table) -> Iterable[str]:
    if isinstance(surface, Text) and len(surface.text) <= HEAD and not surface.spot.path:
        return (surface.text,)
    return map(written, (_top(surface), *_others(surface)))


def _top(surface: Text | Table) -> Text | Table:
    """The beginning of a text; of a table its headings and the lines over them."""
    if isinstance(surface, Text):
        if len(surface.text) <= HEAD:
            return surface
        return replace(surface, text=surface.text[:HEAD])
    return replace(surface, rows=surface.rows[:TOP_ROWS])


def _others(surface: Text | Table) -> Iterator[Text]:
    """The end of a text, and the name of a file or sheet."""
    if isinstance(surface, Text) and len(surface.text) > HEAD:
        yield replace(
            surface, text="\n" * HEAD + surface.text[max(HEAD, len(surface.text) - FOOT) :]
        )
    if surface.spot.path:
        yield Text(Spot("name:"), surface.spot.path[-1])


def _is_marked(seen: View) -> bool:
    return any(True for _ in dictionary.look(CONFIDENTIAL, seen))
