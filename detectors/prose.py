"""Candidates in running text, with what stands around each.

Labels are looked for in zones: stretches of text around candidates, folded once. Folded positions
are used for distances only; offsets into the text come from the candidate.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import repeat

from detectors import runs, words
from detectors.context import asked, corrected, flattened, forms, items, nearest, turns, unlisted
from detectors.context.flattened import Over
from detectors.context.nearest import AFTER, BEFORE, CARELESS, Zone
from detectors.layout import apart, dictated, oneline, positions, records, spelled, told
from detectors.numbers import corporate_number, individual_number
from detectors.persons import people
from detectors.seen import Clue, Near, Seen, marked_serials
from detectors.text import Candidate, Shapes, candidates
from detectors.words import INDIVIDUAL, NUMBER

_WITHIN = 120
"""Characters from a label to a number whose form says nothing, at most."""
# One class first: the search then skips all other characters in C.
_HINT = re.compile(
    "[番マﾏまカ特nNcCpPmMbB](?:(?<=番)|(?<=[マﾏ])[イｲ]|(?<=ま)いな|(?<=カ)ード|(?<=特)定"
    "|(?<=[nN])(?:[uU][mM]|[oO])|(?<=[cC])[aA][rR][dD]|(?<=[pP])[aA][nN]|(?<=[mM])[nN]"
    "|(?<=[bB])[aA][nN][gG])"
)
"""Something of a label; a telephone number and a year need not be looked at more closely."""
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")

_GLUE_BEFORE = re.compile(
    r"(?:[A-Za-z][-_/=&%@?.]*|\(\d\d\)|\d|[#+¥$€￥＋＃@\\]|\d[-/]|::|第[ 　]?|(?:\d\d|0|\S\d)[.．]"
    # of a line of CSV a date or a flag: what stands behind is a field of its own
    r"|(?<![\d,])(?:0|\d{2,4}),)\Z"
)
_GLUE_AFTER = re.compile(
    r"[A-Za-z\d]|[-/=&%@:][A-Za-z0-9]|_[A-Za-z]|\.[A-Za-z]{2,4}(?![A-Za-z])|\.\d"
    r"|[ 　]?(?:円|号|個(?!人)|件|kg)"
)
_PAIRS = ("=&", "@@")
"""Around a field of a form as it is sent to a server, and around code in tickets."""
_COUNTED = re.compile(r"(?<![A-Za-z])N[Oo][.．]?\Z", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:https?|ftps?|file)://[^\s<>「」、。]*[^\s<>「」、。=]$|\bwww\.[^\s<>「」、。]*$|\barn:\S*$"
)
_IN_ADDRESS = re.compile(r"://|www\.|arn:")
"""What none of the above is without, and most texts are."""
_MAILBOX = re.compile(r"[\w.+-]{0,64}@[A-Za-z0-9]")
_ONE_MORE = re.compile(r"(?<!\d)(\d)[ \u3000]?$")


def look(text: str, shapes: Shapes) -> list[Seen]:
    """All candidates of a text with their labels, in order."""
    found = [
        one
        for one in candidates(text, shapes, careless=True)
        if not one.careless or _HINT.search(text, max(one.start - BEFORE, 0), one.end + AFTER)
    ]
    named = individual_number.named(text) if asked.may_be(text) else None
    if named is not None:
        found = runs.with_free(found, told.look(text))
        found = runs.with_free(found, apart.look(text, named))
    found = runs.with_free(found, records.look(text))
    if named is not None:
        found = runs.with_free(list(oneline.look(text, named)), found)
        found = runs.with_free(list(positions.look(text, named)), found)
        found = runs.with_free(*_dictated(text, found))
    if not found:
        return []
    seen = zip(clued(text, found), found, strict=True)
    return marked_serials([one for one, written in seen if _is_believed(text, written, one.clue)])


def _dictated(text: str, found: list[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """`found` and what is dictated: some of that is found as written carelessly."""
    more = [*dictated.look(text), *spelled.look(text)]
    digits = {one.digits for one in more}
    known = [replace(one, dictated=one.careless and one.digits in digits) for one in found]
    return (known, more) if more else (found, [])


def _is_believed(text: str, candidate: Candidate, clue: Clue) -> bool:
    """A careless number only right behind a label, and none that is the end of a 法人番号."""
    near = clue.before
    if clue.careless and not clue.dictated:
        own = near is not None and near.label.kind != words.OTHER and near.distance <= _WITHIN
        return own or _is_pointed_at(clue)
    if candidate.heading:
        return True
    start = candidate.start
    longer = candidate.separator in ("", " ") and _ONE_MORE.search(text, max(start - 3, 0), start)
    if not longer or (near and near.distance > 2):
        return True
    return not corporate_number.is_valid(longer[1] + candidate.digits)


def _is_pointed_at(clue: Clue) -> bool:
    """Whether a label right behind it, on its line, says what it is: 「… ←マイナンバー」."""
    after = clue.after
    return (
        after is not None and after.label.kind == INDIVIDUAL and not (after.lines or after.parted)
    )


def clued(text: str, found: list[Candidate], kind: str = INDIVIDUAL) -> list[Seen]:
    """The candidates `found` in a text with their labels; columns are read as of `kind`."""
    lines = _lines(text, found)
    blocks = list(_blocks(text, found))
    alone = (clue for zone in _zones(found) for clue in _look_at(text, zone, kind))
    mistaken = {*corrected.mistaken(text, found)}
    clues = map(_headed, found, alone, flattened.headings(text, found, blocks), repeat(kind))
    return [
        Seen(clue, line, lists=() if clue.digits in mistaken else _lists_of(clue, block))
        for clue, line, block in zip(clues, lines, blocks, strict=True)
    ]


def _headed(candidate: Candidate, clue: Clue, over: Over | None, kind: str) -> Clue:
    """With the heading over it, unless its own label is of `kind`: one in the line of headings is
    that of a column, and of another one where they differ."""
    if candidate.heading:  # nothing nearer names it
        return clue._replace(before=None, after=None, header=candidate.heading)
    near = clue.before
    if not over:
        return clue
    if near and near.label.kind == kind == over.label.kind:
        unsure = near.parted or clue.glued
        return clue._replace(before=None if unsure else near, header=over.label)
    if near and kind in (near.label.kind, over.label.kind):
        of_headings = near.lines and near.label.word in words.fold(over.line)
        if near.label.kind == kind and not of_headings:
            return clue
        clue = clue._replace(before=None if of_headings else near)
    return clue._replace(header=over.label)


def _lines(text: str, found: list[Candidate]) -> Iterator[int]:
    line, counted = 1, 0
    for candidate in found:
        line += text.count("\n", counted, candidate.start)
        counted = candidate.start
        yield line


def _blocks(text: str, found: list[Candidate]) -> Iterator[int]:
    """Numbers with an empty line or much else between them stand in different blocks."""
    block, last = 0, 0
    for candidate in found:
        far = candidate.start - last > BEFORE
        if far or _PARAGRAPH.search(text, last, candidate.start):
            block += 1
        last = candidate.end
        yield block


def _lists_of(clue: Clue, block: int) -> tuple[tuple[object, ...], ...]:
    """Numbers of the same form under the same kind of label are one list, or one in their block.

    Under other labels only those of the same word: three keys of a record are three lists. What has
    a heading over its own field is a column, and no list with what stands beside.
    """
    label = clue.before.label if clue.before else clue.header
    word = label.word if label and label.kind == words.OTHER else ""
    form = clue.grouping, clue.careless, label.kind if label else "", word, clue.header is not None
    return (*form, block), form


def _zones(found: list[Candidate]) -> Iterator[list[Candidate]]:
    zone: list[Candidate] = []
    for candidate in found:
        if zone and candidate.start - zone[-1].end > BEFORE + AFTER:
            yield zone
            zone = []
        zone.append(candidate)
    if zone:
        yield zone


def _look_at(text: str, candidates: list[Candidate], kind: str) -> Iterator[Clue]:
    zone = _folded(text, candidates)
    hr_words = words.hr_words(zone.folded)
    previous: Near | None = None
    for at, candidate in enumerate(candidates):
        place = zone.places[at]
        between = zone.folded[zone.places[at - 1] : place] if at else ""
        address = _address(text, candidate)
        used = turns.is_used(zone.folded, place)
        near = None if address else nearest.before(zone, at, candidate, kind, used)
        if not (used and previous and previous.label.kind == kind):
            near = nearest.inherited(near, previous, between)
        previous = near
        yield Clue(
            digits=candidate.digits,
            grouping=candidate.grouping,
            before=near,
            after=nearest.after(zone, at, kind),
            hr=_close(hr_words, place),
            glued=address or _glued(text, candidate),
            careless=candidate.careless,
            dictated=candidate.dictated,
            told=near is None and not used and (candidate.told or _is_told(text, candidate)),
            unclaimed=near is None and not used and _is_unclaimed(zone, at, candidate, kind),
            used=used,
        )


def _is_told(text: str, candidate: Candidate) -> bool:
    """Whether what stands before makes it the number of a person, and does not say which."""
    start, end = candidate.start, candidate.end
    return forms.is_over(text, start) or people.is_told_before(text, start, end)


def _is_unclaimed(zone: Zone, at: int, candidate: Candidate, kind: str) -> bool:
    if (candidate.careless and not candidate.dictated) or unlisted.owner(
        zone.text, candidate.start
    ):
        return False
    place = zone.places[at]
    before = zone.labels[: bisect_right(zone.starts, place)]
    if not items.is_counted(zone.folded, place) or unlisted.is_typed(zone.text, candidate.end):
        return True
    return not any(
        label.kind == kind and items.parts(zone.folded, label.start, label.end, place)
        for label in before
    )


def _address(text: str, candidate: Candidate) -> bool:
    """Whether it ends an address of the web or of a cloud, or stands in that of a mailbox."""
    end = candidate.start
    start = max(end - 200, 0)
    if _IN_ADDRESS.search(text, start, end) and _ADDRESS.search(text, start, end):
        return True
    before = text[end - 1 : end]
    return before.isascii() and before.isalpha() and bool(_MAILBOX.match(text, candidate.end))


def _folded(text: str, found: list[Candidate]) -> Zone:
    """The zone folded, each candidate one sign, and where these stand in it."""
    pieces: list[str] = []
    places: list[int] = []
    gaps: list[int] = []
    length, start = 0, max(found[0].start - BEFORE, 0)
    for candidate in found:
        piece, blanks = words.fold_with_gaps(text[start : candidate.start])
        gaps += (length + blank for blank in blanks)
        places.append(length + len(piece))
        length += len(piece) + 1
        pieces += [piece, CARELESS if candidate.careless else NUMBER]
        start = candidate.end
    piece, blanks = words.fold_with_gaps(text[start : start + BEFORE])
    gaps += (length + blank for blank in blanks)
    folded = "".join([*pieces, piece])
    labels = words.labels(folded, gaps)
    return Zone(text, folded, places, labels, [label.start for label in labels])


def _close(found: Sequence[tuple[int, str]], place: int) -> tuple[str, ...]:
    """The words of `found` within reach of `place`, each once, at most three."""
    near = found[
        bisect_left(found, (place - BEFORE, "")) : bisect_right(found, (place + BEFORE, ""))
    ]
    return tuple(dict.fromkeys(word for _, word in near[:40]))[:3]


def _glued(text: str, candidate: Candidate) -> bool:
    """Part of a path, an address, a product code, an amount, a hexadecimal string."""
    start = candidate.start
    before = text[max(start - 6, 0) : start]
    after = text[candidate.end : candidate.end + 6]
    if before[-1:] + after[:1] in _PAIRS:
        return False
    glued = _GLUE_BEFORE.search(before) and not _COUNTED.search(text, max(start - 4, 0), start)
    return bool(glued or _GLUE_AFTER.match(after))
