"""Digits in boxes of their own whose row goes on with those of the next field."""

import time

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.layout import oneline
from detectors.numbers import individual_number
from detectors.surface import Spot, Table, Text
from tests.detectors.corpus import Surfaces
from tests.detectors.test_generalise import write

BIRTH = "3550203"
LAYOUTS = (
    (("個人番号", 12), ("生年月日", 7)),
    (("本人 個人番号", 12), ("配偶者 個人番号", 12)),
    (("1.個人番号", 14), ("2.被保険者番号", 13), ("3.取得区分", 1)),
    (("帳票種別", 5), ("個人番号", 12), ("取得区分", 1)),
)


def form(layout, numbers: list[str]) -> tuple[list[str], list[str]]:
    """Headings and a row of digits under them."""
    heads: list[str] = []
    digits: list[str] = []
    left = iter(numbers)
    for heading, width in layout:
        heads += [heading, *[""] * (width - 1)]
        own = next(left) if "個人番号" in heading else (BIRTH * 3)[: max(width - 1, 1)]
        digits += [*own, *[""] * (width - len(own))]
    return heads, digits


def two() -> list[str]:
    text, _ = write("{a} {b}")
    return text.split(" ")


def table(*rows: list[str]) -> Surfaces:
    return (Table(Spot("2", ("届出.xlsx", "Sheet1")), [*rows], context=("届出.xlsx", "Sheet1")),)


def prose(text: str) -> Surfaces:
    return (Text(Spot("subject", unit=""), "ご連絡"), Text(Spot("1"), text, ("ご連絡",)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_works(layout) -> None:
    numbers = two()
    expected = set(numbers[: sum("個人番号" in heading for heading, _ in layout)])
    heads, digits = form(layout, numbers)
    assert only_high(table(heads, digits)) == expected
    lines = " ".join(filter(None, heads)), " ".join(filter(None, digits))
    found = sekisho(prose("\n".join(lines)))
    assert found == expected or (layout[0][0] == "帳票種別" and len(found) == 1)


@pytest.mark.parametrize(
    ("heads", "row"),
    [
        ("氏名 個人番号 生年 月日", "森 {a: } 1980 0401"),
        ("口座 個人番号 基礎年金番号 年齢", "9133976 {a: } 3220-973608 45"),
        (
            "伝票番号  マイナンバー  氏名  法人番号",
            "654407113767  {a:1 }  渡辺 真由美  7198536607166",
        ),
        ("ＩＤ 本人 個人番号 電話", "1234 {a: } 090 1234 5678"),
    ],
)
def test_groups_under_a_line_of_headings_are_counted(heads: str, row: str) -> None:
    text, _ = write("{a}")
    spread = row.replace("{a: }", f"{text[:4]} {text[4:8]} {text[8:]}")
    spread = spread.replace("{a:1 }", " ".join(text))
    assert sekisho(prose(f"{heads}\n{spread}")) == {text}
    other = heads.replace("個人番号", "受付番号").replace("マイナンバー", "受付番号")
    assert sekisho(prose(f"{other}\n{spread}")) == set()


@pytest.mark.parametrize("heading", ["受付番号", "個人番号の提出", ""])
def test_a_row_under_another_heading_is_none(heading: str) -> None:
    heads, digits = form((("個人番号", 12), ("生年月日", 7)), two())
    heads[0] = heading
    assert sekisho(table(heads, digits)) == set()
    assert sekisho(prose(f"{heading} 生年月日\n{' '.join(digits)}")) == set()


def test_three_cells_of_four_end_with_their_heading() -> None:
    number, _ = two()
    fours = [number[:4], number[4:8], number[8:]]
    heads = ["氏名", "個人番号", "", "", "生年", "月日"]
    row = ["森 葵", *fours, "1964", "0127"]
    assert only_high(table(heads, row)) == {number}
    assert sekisho(table(["氏名", "受付番号", "", "", "生年", "月日"], row)) == set()


def test_eleven_boxes_or_thirteen_under_the_heading_are_none() -> None:
    number, _ = two()
    for own in (number[:11], f"{number}1"):
        heads = ["個人番号", *[""] * (len(own) - 1), "生年月日"]
        assert sekisho(table(heads, [*own, *BIRTH])) == set()


def test_where_a_line_does_not_tell_where_it_begins_nothing_is_sure() -> None:
    """The mail is held; which of the digits are the number may be wrong."""
    heads, digits = form(LAYOUTS[3], two())
    text = "\n".join((" ".join(filter(None, heads)), " ".join(filter(None, digits))))
    assert only_high(prose(text)) == set()


def test_a_long_line_of_headings_takes_no_time() -> None:
    text = f"{'個人番号 ' * 200_000}\n{'1 ' * 200_000}"
    started = time.process_time()
    assert list(oneline.look(text, individual_number.named(text))) == []
    assert time.process_time() - started < 2


def test_a_long_line_of_digits_is_no_form() -> None:
    number, _ = two()
    assert sekisho(prose(f"個人番号 区分\n{' '.join(number * 9)}")) == set()
