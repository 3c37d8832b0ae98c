"""Numbers parted over two to four columns, and columns side by side that are none."""

import random
from collections.abc import Sequence

import pytest

from benchmarks.detection import sekisho
from detectors.surface import Spot, Table
from tests.detectors import corpus

RNG = random.Random(20261125)
PERSONS = [corpus.person(RNG, first) for first in ("5", "0", "3")]
HALVES, THIRDS = (6, 6), (3, 3, 3, 3)


def cut(number: str, shape: Sequence[int]) -> list[str]:
    ends = [sum(shape[:at]) for at in range(len(shape) + 1)]
    return [number[start:end] for start, end in zip(ends, ends[1:], strict=False)]


def sheet(headings: Sequence[str], shape: Sequence[int], stored: bool = False) -> corpus.Surfaces:
    """With `stored` as numbers, which lose their zeros."""
    cells = [cut(one, shape) for one in PERSONS]
    rows = [[str(int(cell)) if stored else cell for cell in row] for row in cells]
    table = [["氏名", *headings, "部署"], *(["森 葵", *row, "総務"] for row in rows)]
    return (Table(Spot("2", ("一覧.xlsx", "Sheet1")), table, context=("一覧.xlsx", "Sheet1")),)


@pytest.mark.parametrize(
    ("headings", "shape"),
    [
        (["個人番号(前半)", "個人番号(後半)"], HALVES),
        (["マイナンバー上8桁", "マイナンバー下4桁"], (8, 4)),
        (["個人番号", ""], (4, 8)),
        (["個人番号1", "個人番号2", "個人番号3", "個人番号4"], THIRDS),
        (["マイナンバー", "", "", ""], THIRDS),
        (["個", "人", "番", "号"], THIRDS),
    ],
)
def test_it_works(headings: list[str], shape: tuple[int, ...]) -> None:
    assert sekisho(sheet(headings, shape)) == set(PERSONS)


def test_zeros_that_the_sheet_has_dropped_are_put_back() -> None:
    headings = ["個人番号①", "個人番号②", "個人番号③", "個人番号④"]
    for shape in (HALVES, (4, 4, 4), THIRDS):
        assert sekisho(sheet(headings[: len(shape)], shape, stored=True)) == set(PERSONS)


@pytest.mark.parametrize(
    "headings",
    [
        ["社員番号", "内線"],
        ["個人番号", "届出番号"],
        ["個人番号の提出", "内線"],
        ["個人別売上", ""],
    ],
)
def test_columns_of_something_else_are_none(headings: list[str]) -> None:
    assert sekisho(sheet(headings, HALVES)) == set()


def test_what_does_not_pass_is_none() -> None:
    (found,) = sheet(["個人番号(前半)", "個人番号(後半)"], HALVES)
    assert isinstance(found, Table)
    rows = [[*row[:2], row[2][:-1] + str((int(row[2][-1]) + 1) % 10), ""] for row in found.rows[1:]]
    assert sekisho((Table(found.spot, [found.rows[0], *rows]),)) == set()


def test_a_heading_with_blanks_between_its_letters_ends_the_boxes_below() -> None:
    rows = [["区分", "個\u3000人\u3000番\u3000号", *[""] * 11, "所得の見積額"]]
    rows += [["配偶者", *one, "0", "東京都"] for one in PERSONS]
    assert sekisho((Table(Spot("2", ("申告書.xlsx", "R8")), rows),)) == set(PERSONS)
