"""The label that decides what a candidate in running text is, and how far away it stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from detectors import words
from detectors.context import items, things, turns, unlisted
from detectors.context.flattened import in_heading_line
from detectors.numbers import KINDS, shaped
from detectors.seen import Near
from detectors.text import Candidate
from detectors.words import INDIVIDUAL, NUMBER, OTHER, Label

BEFORE, AFTER = 300, 80
CLOSE = 40
_RIGHT_THERE = 4
_LATEST = 9
"""Labels before a candidate that are looked at, the nearest first."""

CARELESS = "\1"
"""Stands in folded text for a candidate that may be none: a value all the same."""
# A label whose own value stands between it and the candidate: 「電話 03-1234-5678 …」.
_SPENT = re.compile(rf"\d{{3}}|{CARELESS}")
# 「個人番号又は法人番号：」「マイナンバー（カード番号）」 name one number together.
_TOGETHER = re.compile(r"\n?[・/(\[,、|+＋_]?(?:又は|または|及び|および|並びに|or)?[・/(\[,、|]?")
_NUMBER_OF = re.compile(r"の?(?:番号|no\.?|コード|id)")
_KIN = re.compile(
    r"[・*>-]*(?:[妻夫嫁父母]|[長次二三][男女]|息子|娘|旦那|主人|家内|女房|奥)(?:さん|様)?(?:の|分)*[:=は]?"
)
_NUMBER_IN = re.compile("(?<![この同])番号")
_TELLING = re.compile(r"[。?!]\n[^\0\1]*[ぁ-ん]{3}[。?!][^\0\1]*")
"""Whole sentences, and not the rest of the line above alone."""
_PARTED = re.compile("[、。]|(?:ので|けど|けれど|ですが|ますが|たが)")
"""A clause ends."""
_IN_BRACKETS = re.compile(r"[^()\n]{2,}\)")
"""「（簡易書留で届いたもの）:」: what stands before the brackets names the number."""
_LOST = re.compile("(?:番号)?[をがは]?(?:忘れ|失念|紛失|なくし|無くし|わから|分から|覚えて)")
"""「IDを忘れて」: there is none."""
_BY = re.compile(
    "(?:で(?!す|ある|き)|にて|口で|越し|[をが]?(?:し[たて]|あ[りっ]|もら|受け|かけ|来))"
)
"""「電話で」「電話した」: the way it was told, and not whose number it is."""
# 「（暗証番号を忘れてしまいました）」
_REMARKED = re.compile(r"[^()\n]*[ぁ-ん]{3}[^()\n]*\)[^\n]*\n")
_ENDED = re.compile(r"[。、?!][^\n]*\n|\n[^\n]*[。、?!]")
_OPEN = re.compile(rf"(?:{unlisted.HANDED})(?:番号|no\.?)")
_STARTS = "ごお御\n・※●■◆◇□○*-[【<>(:"
_OWN = (":", "=", "→", "(")
"""Behind a label that begins a field."""
_EITHER = re.compile(r"[^\0\1\n\d]{0,12}")

# 「（マイナンバー）」「が息子のマイナンバーです」 right behind a number; not "… 1234 about …".
_TIGHT = re.compile(
    r"(?!about|regarding|concerning|(?:is|was|hasbeen)?[a-z]{2,}ed(?:to|by|in|with|from))"
    r"(?:[はが]、|、(?:これ|こちら)[はが]?)?[^\d\0\1\n、。]{0,20}"
)
# 「…です。マイナンバーの登録をお願いします。」, 「…とありました。マイナンバーの件です。」
_SAID = re.compile(
    r"(?:です|でした|(?:に|と)なります|[^\d\0\1\n、。]{0,12}あり(?:ます|ました))(?:が|ので)?[、。]"
    r"[^\d\0\1\n。]{0,8}"
)
# 「1234 です。受付番号は 5678」: what follows is named, and not what stands before.
_NAMES_NEXT = re.compile(
    r"(?:番号|no\.?|id)?(?:は|が|is|was|number|no\.?|[:=→(#])*(?:\d{3}|[\0\1])"
)
# 「… 1234\nヤマトの伝票番号です。」
_IS_IT = re.compile(
    r"(?:[^\d\n、。]{0,8}番号|no\.?)?(?:です|でした|になります|でございます)[^\d\n]{0,12}"
)
_CAPTION = re.compile(r"[>|]*[↑※←*・(（\[【]|.{0,4}?(?:上記|以上|前記|こちら|左記|これ)")


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of text around candidates, folded once."""

    text: str
    folded: str
    places: list[int]
    """Where the candidates stand in `folded`, as `NUMBER` or `CARELESS`."""
    labels: list[Label]
    starts: list[int]
    """Of the labels."""


def before(zone: Zone, at: int, candidate: Candidate, kind: str, used: bool) -> Near | None:
    """The last label before candidate `at` that is not spent on a value of its own."""
    place = zone.places[at]
    upto = bisect_right(zone.starts, place)
    found = zone.labels[max(upto - _LATEST, 0) : upto]
    listed = found and place - found[-1].end <= _RIGHT_THERE
    if not listed and (
        own := _own(zone.text, candidate) or _thing(zone, found, place, candidate, kind)
    ):
        return own
    for i in range(len(found) - 1, -1, -1):
        label = found[i]
        distance = place - label.end
        if distance > BEFORE:
            return None
        between = zone.folded[label.end : place]
        lines = between.count("\n")
        if lines and items.parts(zone.folded, label.start, label.end, place):
            continue
        if label.kind == kind:
            if _is_taken(zone, label, place, between):
                continue
        elif _is_spent(zone.folded, label, between, distance) or _has_its_own(between):
            continue
        has_gone_on = used and lines > 0 and label.kind == kind
        if has_gone_on and NUMBER in between:
            continue  # has its number
        if label.kind == kind:
            behind = zone.folded[place + 1 : place + turns.BEHIND]
            if other := turns.away(between, behind):
                return Near(Label(OTHER, other, 0, 0), max(distance, 0), lines)
        if heading := _heading_over(zone, found[:i], label, kind):
            return Near(heading, place - heading.end, 2, parted=True)
        if ours := _together(zone.folded, found[:i], label, kind):
            return Near(ours, max(distance, 0), lines, "。" in between)
        if lines and label.kind not in (kind, *_BY_DIGITS):
            field = in_heading_line(zone.text, candidate, label, kind)
            if field:
                return Near(field[0], max(distance, CLOSE + 1), lines, parted=not field[1])
        parted = has_gone_on or turns.is_parted(label.word, between) or words.is_weak(label)
        parted = parted or (lines > 0 and _is_value(zone.folded, label))
        parted = parted or turns.is_asked(zone.folded, label.end)
        return Near(label, max(distance, 0), lines, parted)
    return None


def _is_spent(folded: str, label: Label, between: str, distance: int) -> bool:
    """Whether a label of another kind names nothing that comes behind `between`."""
    if _SPENT.search(between) or _is_topic(label, distance, between):
        return True
    if label.kind != OTHER and _BY.match(between):
        return True
    shorter = label.kind not in (OTHER, *_BY_DIGITS)  # of ten digits, or seven
    if shorter and "\n" in between and _ENDED.search(between):
        return True
    return _is_remark(folded, label, between) or _LOST.match(between) is not None


def _has_its_own(between: str) -> bool:
    """Whether the label has its number, and the one looked at begins something else: it is of a
    relative, has a word for 「番号」 of its own, or stands in another paragraph of text."""
    first, number, then = between.partition(NUMBER)
    if not number or len(first) > _RIGHT_THERE or "\n" not in then:
        return False
    own = then.rpartition("\n")[2]
    return bool(_KIN.fullmatch(own) or _NUMBER_IN.search(own) or _TELLING.search(then))


def _is_remark(folded: str, label: Label, between: str) -> bool:
    """Whether a line above says something in brackets, with the label in it."""
    opened = folded.rfind("(", max(label.start - 20, 0), label.start)
    inside = folded[opened : label.start]
    return opened >= 0 and not set(inside) & set(")\n") and _REMARKED.match(between) is not None


def _is_taken(zone: Zone, label: Label, place: int, between: str) -> bool:
    """Whether a telephone number or a state has taken the label, or it asks for a number that is no
    answer."""
    if turns.is_settled(between):
        return True
    asked = turns.is_asked(zone.folded, label.end)
    return turns.is_called(label.word, between) or (
        asked and not turns.is_answer(zone.folded, place)
    )


# What such a label names may have the same form as the candidate; of the others only the heading
# of the last column stands nearest.
_BY_DIGITS = frozenset(shaped(KINDS))


def _is_topic(label: Label, distance: int, between: str) -> bool:
    """Whether it is what the text is about, 「お電話の件、」, and not the name of a number.

    「…番号」 names one wherever it stands; 「電話」 or 「契約」 only right beside.
    """
    if words.identifies(label) or _NUMBER_OF.match(between):
        return False
    return (
        distance > CLOSE
        or between.count("\n") > 1
        or _PARTED.search(between) is not None
        or ("\n" in between and _NUMBER_IN.search(between.rpartition("\n")[2]) is not None)
        or _IN_BRACKETS.match(between) is not None
    )


def _heading_over(zone: Zone, found: Sequence[Label], last: Label, kind: str) -> Label | None:
    """The label of `kind` in a heading over `last`, a line of its own that leaves the kind open.

    「登録番号：」 under 「マイナンバー登録内容のお知らせ」, as letters to many have it; in
    「税理士登録番号」 a word before it tells whose register.
    """
    if not _OPEN.fullmatch(last.word) or zone.folded[last.start - 1 : last.start] not in _STARTS:
        return None
    ours = next((label for label in reversed(found) if label.kind == kind), None)
    between = zone.folded[ours.end : last.start] if ours else ""
    return ours if "\n" in between and NUMBER not in between and CARELESS not in between else None


def _together(folded: str, found: Sequence[Label], last: Label, kind: str) -> Label | None:
    """One of `kind` that names the number together with `last`, of another kind."""
    if last.kind == kind or not found or found[-1].kind != kind:
        return None
    # Of 13 or 16 digits: 「個人の方は個人番号、法人は法人番号」 leaves twelve to us.
    longer = kind == INDIVIDUAL and last.kind in ("jp.corporate_number", "card_number")
    pattern = _EITHER if longer else _TOGETHER
    return found[-1] if pattern.fullmatch(folded, found[-1].end, last.start) else None


def _own(text: str, candidate: Candidate) -> Near | None:
    """A label right before that no list of words knows."""
    word = unlisted.before(text, candidate.start)
    if not word:
        return None
    known = words.heading(word) if word.isascii() else None  # `taxMyNo=`
    if known and known.kind == INDIVIDUAL:
        return Near(known, 0, 0)
    return Near(Label(OTHER, words.fold(word), 0, 0), 0, 0)


def _is_value(folded: str, label: Label) -> bool:
    """Whether the label is what another field says: 「種別：マイナンバーについて」."""
    line = folded.rfind("\n", 0, label.start) + 1
    return ":" in folded[line : label.start] and folded[label.end : label.end + 1] not in _OWN


def _thing(
    zone: Zone, found: Sequence[Label], place: int, candidate: Candidate, kind: str
) -> Near | None:
    """A paper or thing right before a number, whose sentence has no label of `kind`."""
    if not (word := things.before(zone.text, candidate.start)):
        return None
    own = max(zone.folded.rfind(end, max(place - BEFORE, 0), place) for end in "\n。") + 1
    if any(label.kind == kind and label.start >= own for label in found):
        return None
    return Near(Label(OTHER, words.fold(word), 0, 0), 0, 0)


def after(zone: Zone, at: int, kind: str) -> Near | None:
    """The label behind candidate `at`: tightly, in what is said next, or in a caption under it."""
    place = zone.places[at]
    upto = bisect_right(zone.starts, place)
    if upto == len(zone.labels):
        return None
    label = zone.labels[upto]
    between = zone.folded[place + 1 : label.start]
    near = Near(label, len(between), between.count("\n"))
    if not near.lines:
        if label.kind != kind and _NAMES_NEXT.match(zone.folded, label.end):
            return None
        if _TIGHT.fullmatch(between):
            return near
        return near._replace(parted=True) if _SAID.fullmatch(between) else None
    return _under(zone, near, kind)


def _under(zone: Zone, near: Near, kind: str) -> Near | None:
    """The label of a line below that tells what stands above it, and not what follows.

    A caption, 「※上記12桁は個人番号です」 or 「（個人番号）」, is sure; others are `parted`.
    """
    folded, label = zone.folded, near.label
    start = folded.rfind("\n", 0, label.start) + 1
    end = folded.find("\n", label.end)
    rest = folded[label.end : end if end >= 0 else len(folded)]
    next_line = folded[end + 1 : end + 2] if end >= 0 else ""
    if _SPENT.search(rest) or NUMBER in rest or next_line in (NUMBER, CARELESS) or rest[-1:] == ":":
        return None
    caption = _CAPTION.match(folded, start)
    if caption and caption.end() <= label.start <= start + 20 and near.distance <= BEFORE:
        return near
    if label.kind == OTHER and near.distance <= AFTER and _IS_IT.fullmatch(rest):
        return None if _SPENT.search(folded, label.start - near.distance, label.start) else near
    if label.kind != kind or near.lines > 2 or near.distance > AFTER or _is_value(folded, label):
        return None
    alone = near.lines == 1 and label.start - start + len(rest) <= 4
    return near if alone else near._replace(parted=True)


def inherited(near: Near | None, previous: Near | None, between: str) -> Near | None:
    """The label of the number before, for the next of a list: a name and a comma stand between."""
    distance = len(between)
    if previous and distance <= 4 and (near is None or near.distance > distance):
        return previous._replace(distance=previous.distance + distance)  # 「箱No 1234～5678」
    if near is None and previous and distance <= 60 and not _TELLING.search(between):
        return previous._replace(distance=max(previous.distance, CLOSE + 1), lines=2)
    return near
