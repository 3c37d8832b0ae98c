"""Numbers that are spelled out, digit by digit."""

import time

import pytest

from benchmarks.detection import sekisho
from detectors.layout import spelled
from detectors.text import mask
from tests.detectors.test_generalise import prose
from tests.samples import individual_number

NUMBER = individual_number(41)
LANGUAGES = {
    "kana": "ぜろ いち に さん よん ご ろく なな はち きゅう",
    "katakana": "ゼロ イチ ニ サン ヨン ゴ ロク ナナ ハチ キュウ",
    "old": "れい いち に さん し ご ろく しち はち く",
    "romaji": "zero ichi ni san yon go roku nana hachi kyuu",
    "English": "oh one two three four five six seven eight nine",
    "Portuguese": "zero um dois três quatro cinco meia sete oito nove",
    "Spanish": "cero uno dos tres cuatro cinco seis siete ocho nueve",
}


def said(language: str, sign: str, number: str = NUMBER) -> str:
    words = LANGUAGES[language].split()
    return sign.join(words[int(digit)] for digit in number)


@pytest.mark.parametrize("sign", ["・", "、", " ", " - "])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_works(language: str, sign: str) -> None:
    text = f"マイナンバーは\n{said(language, sign)}\nです。"
    assert sekisho(prose(text)) == {NUMBER}
    assert mask(text) == "マイナンバーは\n●●●●●●●●●●●●\nです。"


def test_kana_need_no_sign_between() -> None:
    assert sekisho(prose(f"マイナンバーは{said('kana', '')}です")) == {NUMBER}


@pytest.mark.parametrize(
    "text",
    [
        f"会議の番号は {said('English', ' ')} です",
        f"マイナンバーは {said('English', '')} です",
        f"マイナンバーは {said('kana', '・', NUMBER[:-1])} です",
        f"マイナンバーは {said('kana', '・', NUMBER[:-1] + str(9 - int(NUMBER[-1])))} です",
        f"マイナンバーは {said('kana', '・', NUMBER + '1')} です",
        f"マイナンバーは {said('kana', ' ', NUMBER[:6])} {said('English', ' ', NUMBER[6:])} です",
    ],
)
def test_other_words_are_none(text: str) -> None:
    assert NUMBER not in sekisho(prose(text))


@pytest.mark.parametrize("unit", ["さんよん、", "nine oh ", "nine oh x ", "く", "ろくz"])
def test_many_words_take_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        started = time.process_time()
        assert not list(spelled.look(unit * length))
        return time.process_time() - started

    assert seconds(40_000) < max(40 * seconds(4_000), 0.5)
