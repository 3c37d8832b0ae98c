"""Tables that became running text: each number is what the heading over its own field says."""

import random
import time

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.score import findings
from detectors.surface import Spot, Text
from tests.detectors import corpus
from tests.detectors.test_generalise import moment

RNG = random.Random(20261123)
NAMES = ("山田 太郎", "佐藤花子", "田中　一郎", "鈴木 恵", "井上 蓮", "高橋 綾")


def persons(count: int) -> list[str]:
    return [corpus.person(RNG) for _ in range(count)]


def held(body: str) -> frozenset[str]:
    return frozenset(sekisho(corpus.mail(body)))


@pytest.mark.parametrize("end", ["\n", "\n\n", "\r\n", "\n \n"], ids=repr)
@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ("出荷日\t宛名\t送り状No\t個数", "11/16\t{name}\t{other}\t3"),
        ("入金日\t依頼人\t金額\t照会番号", "11/16\t{name}\t1,200\t{other}"),
        ("SKU | UPC | Qty", "A-77 | {other} | 60"),
        ("部品番号　数量", "{other}　12"),
        ("得意先CD\t担当", "{other}\t{name}"),
        ("入館カード番号", "{name} {other}"),
    ],
)
def test_a_list_under_another_heading_is_not_sure_though_all_pass(
    headings: str, row: str, end: str
) -> None:
    """A code may have the same check digit: modulus 11 with weights 2 to 7 is a common one."""
    rows = (row.format(name=name, other=one) for name, one in zip(NAMES, persons(6), strict=True))
    assert not held(end.join([headings, *rows, ""]))


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        ("氏名\t社員番号\t個人番号\t電話", "{name}\t{other}\t{ours}\t03-5555-0177"),
        ("社員CD,氏名,個人番号", "{other},{name},{ours}"),
        ("管理番号　マイナンバー　備考", "{other}　{ours}　済"),
        ("個人番号|送り状No|個数", "{ours}|{other}|3"),
        ("emp_cd|simei|kojin_no|kihonkyu", "{other}|{name}|{ours}|250000"),
    ],
)
def test_of_two_columns_each_is_what_its_own_heading_says(headings: str, row: str) -> None:
    """Those of the other one pass in the first row and the fourth."""
    ours = persons(6)
    others = [one if at % 3 == 0 else corpus.serial(RNG) for at, one in enumerate(persons(6))]
    rows = [
        row.format(name=name, ours=one, other=other)
        for name, one, other in zip(NAMES, ours, others, strict=True)
    ]
    assert held("\n".join([headings, *rows])) == frozenset(ours)


def test_a_person_whose_number_reads_as_a_time_is_found_under_its_heading() -> None:
    ours = [moment(), *persons(3)]
    rows = (f"{corpus.serial(RNG)},{name},{one}" for name, one in zip(NAMES, ours, strict=False))
    assert held("\n".join(["社員CD,氏名,個人番号", *rows])) == frozenset(ours)
    assert held(f"個人番号\n{ours[0]}") == {ours[0]}
    assert not held(f"個人番号の受付を始めました。\n{ours[0]}")


def test_at_blanks_a_name_of_two_words_does_not_lend_another_heading() -> None:
    one, other = persons(2)
    body = f"氏名 個人番号 電話番号\n山田 太郎 {one}\n佐藤花子 {other} 03-5555-0177\n"
    assert held(body) == {one, other}


def test_a_heading_goes_as_far_as_its_list() -> None:
    other, ours, last = persons(3)
    body = f"受付番号\n{other}\n個人番号の件です。番号は\n{ours}\n\nマイナ\n{last}"
    assert held(body) == {ours, last}


def test_another_label_far_off_takes_surety_from_a_list_that_passes() -> None:
    numbers = persons(8)
    body = "伝票番号と数量は下記の表のとおりですので、ご確認のほどよろしくお願い申し上げます\n"
    (found, *_) = findings(corpus.mail(body + "".join(f"{one} 山田\n" for one in numbers)))
    assert found.confidence.name == "MEDIUM"
    assert only_high(corpus.mail("".join(f"{one} 山田\n" for one in numbers))) == frozenset(numbers)


@pytest.mark.slow
@pytest.mark.parametrize("end", ["\n", "\n\n"], ids=repr)
def test_many_rows_take_linear_time(end: str) -> None:
    def seconds(rows: int) -> float:
        lines = [f"山田\t{one}\t5" for one in persons(rows)]
        text = Text(Spot("1"), end.join(["宛名\t送り状No\t個数", *lines]))
        started = time.process_time()
        findings([text])
        return time.process_time() - started

    assert seconds(8_000) < max(40 * seconds(800), 0.5)
