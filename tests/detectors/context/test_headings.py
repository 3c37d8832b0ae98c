"""Labels in pieces over rows of a table: they are the label of all of these, and of the column."""

import random
import time

import pytest

from detectors.report import Confidence
from detectors.score import findings
from tests.detectors.corpus import person, sheet

RNG = random.Random(20261124)
N, M = person(RNG), person(RNG)
STACKS = [
    ["個人", "番号"],
    ["マイ", "ナンバー"],
    ["マイ", "ナン", "バー"],
    ["ﾏｲ", "ﾅﾝﾊﾞｰ"],
    ["個 人", "番　号"],
    list("個人番号"),
]
EACH_ROW = [(stack, row) for stack in STACKS for row in range(len(stack))]


def best(rows: list[list[str]]) -> list[Confidence]:
    return [one.confidence for one in findings([sheet(rows)])]


@pytest.mark.parametrize("cells", [list(N), [N]], ids=["a digit a cell", "whole"])
@pytest.mark.parametrize(("stack", "at"), EACH_ROW, ids=str)
def test_a_label_over_several_rows_is_the_label_of_each(
    stack: list[str], at: int, cells: list[str]
) -> None:
    rows = [[piece, *(cells if row == at else [])] for row, piece in enumerate(stack)]
    assert best([["届"], *rows, ["氏名", "阿部 恵"]]) == [Confidence.HIGH]


@pytest.mark.parametrize("cells", [list(N), [N]], ids=["a digit a cell", "whole"])
@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_a_label_over_several_rows_heads_the_column_below(
    stack: list[str], cells: list[str]
) -> None:
    rows = [["氏名" if not row else "", piece] for row, piece in enumerate(stack)]
    assert best([*rows, ["阿部 恵", *cells]]) == [Confidence.HIGH]


def test_pieces_of_two_fields_are_no_label() -> None:
    for rows in (
        [["会員区分", "区分"], ["個人", "12"], ["番号", N]],
        [["種別", "契約"], ["法人", M], ["個人", N], ["番号", "9"]],
        [["個人", "山田"], ["個人", N], ["名称", M]],
    ):
        assert not {*best(rows)} & {Confidence.HIGH, Confidence.MEDIUM}


def test_what_stands_below_such_a_label_has_its_own() -> None:
    rows = [["個", "", "", "性別"], ["人"], ["番"], ["号", N], ["送り状番号", M]]
    (found,) = findings([sheet(rows)])
    assert (found.confidence, found.unique) == (Confidence.HIGH, 1)


@pytest.mark.slow
def test_a_long_column_of_first_pieces_takes_linear_time() -> None:
    def seconds(rows: int) -> float:
        table = sheet([["区分", "番号"], *(["個人", person(RNG)] for _ in range(rows))])
        started = time.process_time()
        findings([table])
        return time.process_time() - started

    assert seconds(20_000) < max(20 * seconds(2_000), 0.5)


@pytest.mark.parametrize("heading", ["マイナンバー", "個人番号"])
def test_a_whole_heading_over_an_empty_cell_is_none_of_its_row(heading: str) -> None:
    rows = [["氏名", heading, "携帯"], ["森", "", N], ["林", "", M[:-1] + "x"]]
    found = findings([sheet(rows)], {"jp.individual_number"})
    assert Confidence.HIGH not in {one.confidence for one in found}
    assert not any("row_header" == why.code for one in found for why in one.reasons)
