import random

import pytest

from detectors import inspect
from detectors.extract.picture.cardface import is_back, is_face, is_on
from detectors.report import Confidence
from tests.detectors.extract.drawn import page, saved
from tests.samples import individual_number, individual_numbers, message

NUMBER = individual_number(7)
FOURS = f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}"
OTHER = f"{NUMBER[:-1]}{(int(NUMBER[-1]) + 1) % 10}"


def test_it_works():
    assert is_face(f"個人番号カード\n{FOURS}\n山田 太郎")


@pytest.mark.parametrize(
    "text",
    [
        f"人カード\n{NUMBER}\n橋本",
        f"個和ガ ァー ド\n{FOURS}\n福田拓也",
        f"『 ュ\n{FOURS}\n中島健一\n馬 コ",
        f"{FOURS}\n氏名 佐々木健一",
    ],
)
def test_a_title_that_was_misread_or_lost(text):
    assert is_face(text)


@pytest.mark.parametrize(
    "text",
    [
        f"会員カード\n{FOURS}\n渋谷店",
        f"個人番号カード\n{OTHER}\n山田太郎",
        f"個人番号カード\n{'  '.join(individual_numbers(2))}",
        f"{NUMBER}\n山田太郎",
        f"個人番号カード\n{FOURS}\n"
        + "本人確認の手続を進めるために必要な書類の写しを添えて送ってください" * 2,
        "個人番号カードの写しを送ります",
        "",
    ],
)
def test_what_is_no_card(text):
    assert not is_face(text)


@pytest.mark.parametrize(
    "text",
    [
        f"人人番号 {FOURS}\nse 棚橋 隆之\n昭和50年12月5日生",
        f"| 舞み秋委 {individual_number(8)} だ\n千葉県船橋市2 2219\n1生年月日 明和58年8月日",
    ],
)
def test_the_side_with_the_number(text):
    assert is_back(text)


@pytest.mark.parametrize(
    "text",
    [
        f"第 {NUMBER} 号\n氏名 山田 太郎 昭和50年12月5日生\n運転免許証",
        f"会員番号 {FOURS}\n生年月日",
        f"{FOURS}\n山田 太郎",
        f"昭和50年12月5日生 {OTHER}",
        f"昭和50年12月5日生 {FOURS} {individual_number(8)}",
    ],
)
def test_sides_of_other_cards(text):
    assert not is_back(text)


def test_a_code_of_squares_says_the_number_beside_it():
    born = "昭和50年12月5日生"
    assert is_on(f"〇O1 {NUMBER[4:8]} {NUMBER[8:]} {born}", NUMBER)
    assert is_on(f"個人番号{NUMBER}\n{born}", NUMBER)
    assert not is_on(f"整理番号 {NUMBER}", NUMBER)
    assert not is_on("昭和50年12月5日生", NUMBER)
    assert not is_on(FOURS, f"{NUMBER}0")
    assert not is_on(OTHER, OTHER)


@pytest.mark.slow
def test_a_photo_of_a_card_is_held():
    pytest.importorskip("tesserocr")
    data = saved(page("個人番号カード", FOURS, "山田 太郎", size=30))
    report = inspect(message("写真", "お送りします。", [("IMG_1.png", data)]))
    (found,) = (f for f in report.findings if f.kind == "jp.individual_number")
    assert found.confidence in (Confidence.MEDIUM, Confidence.HIGH)


def test_random_digits_with_a_name_are_seldom_a_card():
    draw = random.Random(9)
    faces = [" ".join(f"{draw.randrange(10_000):04}" for _ in range(3)) for _ in range(200)]
    assert sum(is_face(f"{digits}\n山田 太郎") for digits in faces) < 40
