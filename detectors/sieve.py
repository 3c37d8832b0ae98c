"""Where in a long text numbers can stand at all: one pass over its octets, at the speed of memory.

What it lets through is looked at closely (`detectors.prose`, `detectors.cells`); it is sure only of
what it holds back, and must never hold back what those would take.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from detectors import linear
from detectors.digits import INVISIBLE, D, S
from detectors.linear import Expression
from detectors.numbers import KINDS, shaped
from detectors.surface import Excerpts

LONG = 4_096
"""Octets from which on it pays."""
_AROUND = 3_600, 1_200
"""Octets before and behind a number in which its labels are looked for, line ends aside."""
_LABELLED = 320
"""Octets behind a label in which a number may be written in groups of any length."""
_MANY = 1_000
"""Numbers from which on all the rest is looked at."""
_CROWD, _EACH = 60, 200
"""The same where there are fewer, one in so many octets: most of them would be looked at anyway."""
# Blanks, line ends and quote marks: inside of a group of digits where a program broke the line.
_BROKEN = r"[\s\x{3000}]*[\r\n][\s\x{3000}>＞]*"
_LABEL = (
    r"番[\s\x{3000}]*号|[ナﾅな][ンﾝん](?:バ|ﾊﾞ|ば)|カード|ｶｰﾄﾞ|免[\s\x{3000}]*許|登録"
    r"|(?i:number|bango|card|licen)"
)
_FILE = r"[A-Za-z0-9+/]{16,}|\nbegin |\n=ybegin |-----BEGIN PGP "
# What gives persons and their lists away (`persons.running`): telephones, addresses, days of birth,
# headings of forms.
_DIGIT, _DASH = "[0-9０-９]", r"[-‐－ー()（]"
_PERSON = "|".join(
    (
        rf"[0０]{_DIGIT}{{1,3}}{_DASH}\s?{_DIGIT}|[0０][789７８９][0０]{_DIGIT}{{8}}|[@＠]\S",
        r"[都道府県][^\s0-9]{1,4}[市区郡町村]|[昭平大][和成正]?[\s\x{3000}]?[0-9０-９元]|〒",
        rf"[SHTＳＨＴ]{_DIGIT}{{1,2}}[./年]|19[3-9][0-9][-/.年]|氏[\s\x{{3000}}]?名|名[\s\x{{3000}}]?前",
        r"姓名|芳名|ame\s?[:：]|BEGIN:VCARD",
    )
)
_FEWEST = 5
"""Traces of persons from which on there may be a list of them."""


def _class(escaped: str) -> str:
    """The inside of a character class of `re`, as RE2 reads it.

    >>> _class(r"ab\\-")
    '\\\\x{2d}-\\\\x{2d}\\\\x{61}-\\\\x{62}'
    """
    codes = sorted(set(map(ord, escaped.replace("\\", ""))))
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(codes), 1) if b - a > 1), len(codes)]
    return "".join(f"\\x{{{codes[a]:x}}}-\\x{{{codes[b - 1]:x}}}" for a, b in pairwise(cuts))


def _run(digits: int) -> str:
    return f"{_ANY}(?:{_BETWEEN}*{_ANY}){{{digits - 1}}}"


_ANY, _BETWEEN = f"[{_class(D)}\\x{{10000}}-\\x{{1ffff}}]", rf"[{_class(S)}\x{{e0000}}-\x{{e01ef}}]"
_INSIDE = rf"(?:[{_class(INVISIBLE)}\x{{e0000}}-\x{{e01ef}}]*|{_BROKEN})"
_FORMS = {shape for kind in shaped(KINDS).values() for shape in kind.SHAPES}
_NUMBER = "|".join(
    f"{_BETWEEN}+".join(f"{_ANY}(?:{_INSIDE}{_ANY}){{{n - 1}}}" for n in shape)
    for shape in sorted(_FORMS)
)
_RUN = _run(8)
"""What `text.mask` covers."""
_EIGHT, _TRACE = linear.utf8(_RUN), linear.utf8(_PERSON)


def excerpts(data: bytes, whole: str) -> Excerpts:
    """What of a text in UTF-8 has to be looked at; `whole` is the same as text.

    >>> text = "合計は12,800円です。" * 1_000
    >>> excerpts(text.encode(), text)
    Excerpts(text='', lines=(), named=False, persons=False, files=False, digits=False)
    """
    look = Sieve()
    found = _zones(data, look.hits(data))
    if 5 * sum(end - start for start, end in found) > 4 * len(data):
        return Excerpts(whole, ((1, 1),), look.named, look.persons, look.files, look.digits)
    pieces, lines = [], []
    line = counted = shown = 0
    for start, end in found:
        line += data.count(b"\n", counted, start)
        counted = start
        lines.append((shown + 1, line + 1))
        pieces.append(data[start:end].decode("utf-8", "replace"))
        shown += pieces[-1].count("\n") + 2
    text = "\n\n".join(pieces)
    return Excerpts(text, tuple(lines), look.named, look.persons, look.files, look.digits)


def _zones(data: bytes, hits: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches that a number may stand in, with the lines around; none overlap."""
    found: list[tuple[int, int]] = []
    for start, end in hits:
        before = data.rfind(b"\n", 0, max(start - _AROUND[0], 0)) + 1
        behind = data.find(b"\n", end + _AROUND[1])
        behind = len(data) if behind < 0 else behind + 1
        if found and before <= found[-1][1]:
            before = found.pop()[0]
        found.append((before, behind))
    return found


class Sieve:
    """One pass over a text; `more` is looked for besides numbers, and taken for one."""

    def __init__(self, more: str = "", *, prose: bool = True) -> None:
        self.named = False
        """A label of some kind of number stands in it."""
        self.files = False
        """There may be a file in it (`detectors.loose`): words as long as a line of base64."""
        self.persons = False
        """It may be a list of persons; told of prose."""
        self.digits = False
        """There may be something to mask: eight digits in a run; told of prose."""
        self._more, self._prose = more, prose

    def hits(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Numbers in the groups they are written in; and in any groups, if behind a label.

        Where there is a great deal of either, the last of them is all the rest.
        """
        number, file, label, digits = _expressions(self._more)
        count = traces = at = 0
        many, covered, anything = False, False, self._anything
        while match := anything.search(data, at):
            start, at = match.start(), match.start() + 1  # what stands before may take its head
            if number.match(data, start):
                at, count = match.end(), count + 1
                self.files |= data[at : at + 1].isalpha()
                self.digits, traces = True, traces + 1  # one may stand in it
                many = count >= _MANY or (count >= _CROWD and at < _EACH * count)
                yield start, len(data) if many else at
            elif file.match(data, start):
                self.files, self.digits, at = True, True, match.end()
            elif label.match(data, start):
                self.named, count = True, count + 1
                many = count >= _MANY
                if many or digits.search(data, match.end(), match.end() + _LABELLED):
                    yield start, len(data) if many else match.end()
            else:
                self.digits |= _EIGHT.match(data, start) is not None
                traces += _TRACE.match(data, start) is not None
            if self.persons < (traces >= _FEWEST) or self.digits > covered:
                self.persons, covered = traces >= _FEWEST, self.digits
                anything = self._anything
            if many:
                self.named = self.files = self.persons = self.digits = True
                return

    @property
    def _anything(self) -> Expression:
        """What is still looked for: of persons one trace more tells nothing."""
        return _anything(
            self._more, self._prose and not self.persons, self._prose and not self.digits
        )


@cache
def _anything(more: str, persons: bool, digits: bool) -> Expression:
    asked = (_NUMBER, more, _FILE, _LABEL, _PERSON if persons else "", _RUN if digits else "")
    return linear.utf8("|".join(filter(None, asked)))


@cache
def _expressions(more: str) -> tuple[Expression, ...]:
    """A number or `more`; what a file may begin with; a label; digits in any groups."""
    number = "|".join(filter(None, (_NUMBER, more)))
    return tuple(map(linear.utf8, (number, _FILE, _LABEL, _run(min(map(sum, _FORMS))))))
