import random

import pytest

from detectors import inspect
from detectors.extract.picture.cardface import is_face
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
