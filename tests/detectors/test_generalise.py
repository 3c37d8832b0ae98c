"""The rules on fragments they were not made from: `snippets`, written before them."""

import random

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.numbers import individual_number
from detectors.surface import Spot, Table, Text
from tests.detectors import corpus, snippets

DAIJI = str.maketrans("0123456789", "零壱弐参四五六七八九")
SCRIPTS = {"f": corpus.FULL, "k": corpus.KANJI, "d": DAIJI}
RNG = random.Random(20261122)


class Person(str):
    """A 個人番号 that is written as the format says; see `snippets`."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        script = SCRIPTS.get(form[:1], {})
        form = form[1:] if script else form
        size, separator = (int(form[0]), form[1:]) if form[:1].isdigit() else (4, form)
        return str(corpus.grouped(self, separator, size)).translate(script)


class Group(str):
    """Four digits; `.2` is the first two of them, `.-2` the last two."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return str(self[: int(form[1:])] if form[1:] == "2" else self[2:] if form else self)


def persons() -> list[Person]:
    return [Person(corpus.person(RNG, first)) for first in "583"]


def moment() -> str:
    while not individual_number.is_valid(time := corpus.stamp(RNG)):
        pass
    return time


def write(snippet: str) -> tuple[str, frozenset[str]]:
    """The fragment with numbers, and the numbers."""
    a, b, c = persons()
    groups = dict(zip("pqr", map(Group, (a[:4], a[4:8], a[8:])), strict=True))
    text = snippet.format(a=a, b=b, c=c, t=moment(), **groups)
    held = [one for name, one in zip("abc", (a, b, c), strict=True) if f"{{{name}" in snippet]
    if "{q" in snippet:
        held.append(a)
    return text, frozenset(map(str, held))


def prose(text: str) -> corpus.Surfaces:
    return (Text(Spot("subject", unit=""), "ご連絡"), Text(Spot("1"), text, ("ご連絡",)))


def table(text: str) -> corpus.Surfaces:
    rows = [[cell.strip() for cell in line.split("|")] for line in text.split("\n")]
    return (Table(Spot("2", ("一覧.xlsx", "Sheet1")), rows, context=("一覧.xlsx", "Sheet1")),)


@pytest.mark.parametrize("snippet", snippets.PROSE)
def test_numbers_in_what_people_write_are_found(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize("snippet", snippets.TABLES)
def test_numbers_in_sheets_are_found(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(table(text)) == numbers


@pytest.mark.parametrize("snippet", snippets.NOT_IN_PROSE)
def test_other_numbers_that_pass_the_check_are_not(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


@pytest.mark.parametrize("snippet", snippets.NOT_IN_TABLES)
def test_other_numbers_in_sheets_are_not(snippet: str) -> None:
    assert sekisho(table(write(snippet)[0])) == set()


@pytest.mark.parametrize("snippet", snippets.NEVER_HIGH)
def test_what_only_may_be_one_is_never_high(snippet: str) -> None:
    assert only_high(prose(write(snippet)[0])) == set()


def test_there_are_enough_of_them() -> None:
    found = len(snippets.PROSE) + len(snippets.TABLES)
    others = len(snippets.NOT_IN_PROSE) + len(snippets.NOT_IN_TABLES) + len(snippets.NEVER_HIGH)
    assert found >= 100 and others >= 100
