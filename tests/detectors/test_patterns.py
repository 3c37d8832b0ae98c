"""The administrator's own patterns: RE2 alone, and in a time that only the text decides."""

from __future__ import annotations

import sys
import time

import pytest

from detectors import Wanted, inspect, patterns, reveal
from detectors.own import Own, from_json
from detectors.patterns import BadPattern, Pattern, compiled
from detectors.report import Confidence
from detectors.surface import Spot, Table, Text
from detectors.view import view

STAFF = Pattern("社員番号", r"\bE[0-9]{6}\b", ("社員番号", "社員ID"), "E000000")
PLAIN = Pattern("型番", r"[A-Z]{2}-[0-9]{4}")


def seen(pattern: Pattern, surface: Text | Table | str) -> list[tuple[str, str, int]]:
    surface = Text(Spot("1"), surface) if isinstance(surface, str) else surface
    return [
        (one.value, one.confidence.value, one.stand.line)
        for one in patterns.look(pattern, view(surface))
    ]


def test_it_works() -> None:
    raw = "Subject: 社員番号 Ｅ１２３４５６\r\n\r\nE123456 and AB-1234 AB-1234".encode()
    wanted = Wanted(own=Own((), (STAFF, PLAIN)))
    found = {one.kind: one for one in inspect(raw, wanted).findings}
    staff, plain = found["pattern.社員番号"], found["pattern.型番"]
    assert (staff.unique, staff.occurrences, staff.confidence) == (1, 2, Confidence.HIGH)
    assert (plain.unique, plain.occurrences, plain.confidence) == (1, 2, Confidence.HIGH)
    assert staff.reasons[0].params == {"label": "社員番号"}
    assert reveal(raw, wanted)["pattern.型番"] == ["AB-1234"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("社員番号：E123456", [("E123456", "high", 1)]),
        ("社 員 番 号：Ｅ１２３４５６", [("E123456", "high", 1)]),
        ("一行目\r\n社員ID\r\nE123456", [("E123456", "high", 3)]),
        ("E123456（社員番号）", [("E123456", "high", 1)]),
        ("型番 E123456", [("E123456", "low", 1)]),
        ("社員番号" + "あ" * 100 + "E123456", [("E123456", "low", 1)]),
        ("社員番号 E000000", []),
        ("社員番号 XE1234567", []),
    ],
)
def test_labels_exceptions_and_widths(said: str, found: list[tuple[str, str, int]]) -> None:
    assert seen(STAFF, said) == found


def test_in_a_table_the_heading_is_a_label_and_the_cell_is_told() -> None:
    rows = [["氏名", "社員番号"], ["佐藤", "E123456"], ["鈴木", "x E654321"]]
    found = list(patterns.look(STAFF, view(Table(Spot("2"), rows))))
    assert [one.confidence for one in found] == [Confidence.HIGH] * 2
    assert [(box.top, box.left) for one in found if (box := one.stand.box)] == [(2, 2), (3, 2)]
    other = Table(Spot("2"), [["氏名", "型番"], *rows[1:]])
    assert {value[1] for value in seen(STAFF, other)} == {"low"}


def test_cells_are_parted_by_tabs() -> None:
    table = Table(Spot("2"), [["AB", "-1234"], ["AB-1234", ""]])
    assert len(seen(PLAIN, table)) == 1
    assert len(seen(Pattern("x", r"AB\t-1234"), table)) == 1


@pytest.mark.parametrize(
    ("regex", "why"),
    [
        (r"(a)\1", "invalid escape sequence"),
        (r"(?=a)b", "invalid perl operator"),
        (r"(a", r"missing \)"),
        (r"a*", "matches the empty text"),
        (r"（a）", "write full-width"),
        (r"(?:[一-龠]{1000}){1000}", "bad repetition|invalid repetition"),
        (r"(((((\pL{100}){10}){10}))", "too large|invalid repetition|missing"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(regex: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        compiled(regex)


def test_without_the_engine_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(BadPattern, match="google-re2 is not installed"):
        compiled("a")


@pytest.mark.parametrize("regex", [r"(a+)+$x", r"(?:a|aa)+b", r"(.*a){20}b", r"[^b]*[^b]*[^b]*b"])
def test_what_takes_other_engines_hours_takes_this_one_moments(regex: str) -> None:
    started = time.process_time()
    assert seen(Pattern("x", regex), "a" * 100_000) == []
    assert time.process_time() - started < 5


def test_letters_of_several_octets_and_halves_of_characters_do_not_shift_places() -> None:
    text = "𠮷野家\ud800あ\nAB-1234 ①\nCD-5678"
    assert seen(PLAIN, text) == [("AB-1234", "high", 2), ("CD-5678", "high", 3)]


def test_many_matches_end_somewhere() -> None:
    assert len(seen(Pattern("x", "a"), "a" * 50_000)) == 10_000


def test_patterns_travel_as_json() -> None:
    own = Own((), (STAFF, PLAIN))
    assert from_json(own.json) == own
