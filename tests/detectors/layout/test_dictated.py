"""Numbers of which each group stands alone, and groups that are none of one number."""

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.layout import dictated
from detectors.numbers.individual_number import calc_check_digit
from detectors.text import mask
from tests.detectors.test_generalise import prose, write

DICTATED = (
    'マイナンバー\n"{p}" "{q}" "{r}"',
    "担当：カードの番号を左からお願いします。\nお客様：{p}、\n担当：はい。\nお客様：{q}、\n"
    "担当：はい。\nお客様：{r}、です。\n担当：マイナンバーは以上で登録いたします。",
    "[00:55] OP: マイナンバーをどうぞ。\n[00:59] CU: {p}、\n[01:02] OP: はい。\n"
    "[01:03] CU: {q}の、\n[01:06] CU: {r}です。",
    "マイナンバーは改行します。\n1/3 {p}\n2/3 {q}\n3/3 {r}",
    "受贈者のマイナンバーが必要\n- 「たしか頭が{p}で、{q}、しっぽが{r}」",
    "・頼まれたマイナンバー、今言うから控えてくれとのこと\n・{p}、{q}、{r} (復唱済)",
    "あとの8つは {q} {r} です。\n頭の4つは昨日電話で {p} と伝えました。\n"
    "マイナンバーカードが見つかったので。",
    "マイナンバーのはがき\n　{p}\n　ここで休けい\n　{q}\n　あと四つ\n　{r}\n　会員番号 1234",
    "マイナンバーです\nさいしょが {p} で、電話が入ったので切れます\nはい続き、真ん中が {q} です\n"
    "で最後なんですけど聞き直したら {r} で間違いないそうです",
    "[2026/12/02 9:11] 大島: 千葉さんのマイナンバー待ちです\n[2026/12/02 9:42] 千葉: {p}\n"
    "[2026/12/02 9:42] 千葉: {q}\n[2026/12/02 9:43] 千葉: {r}\n[2026/12/02 9:45] 大島: OKです",
    "えーとマイナンバーなんですけど言いますね{p}それから{q}最後が{r}です間違ってたら電話ください",
    "僕のマイナンバー言いますね\n{p} そのあと {q} で最後 {r} です\nこれで社会保険の手続きを",
    "個人番号、\n{p}、くり返します{p}、\nつぎ{q}、\nさいご{r}。\n以上です。",
    "the paper 個人番号通知書. It says I am {p} (then a gap) {q} (another gap) {r}. That's it?",
    "上8桁が {p} {q} で、聞かれた下四桁は {r} です。\n\n> マイナンバーが8桁しかありません。",
)


@pytest.mark.parametrize("snippet", DICTATED)
def test_it_works(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) >= numbers  # beside 「2/3」 others may pass by chance
    assert only_high(prose(text)) == set()


@pytest.mark.parametrize(
    "snippet",
    [
        '"{p}" "{q}" "{r}"',
        "マイナンバーは書かないでください。\n「{p}」「{q}」「{r}」",
        "マイナンバーが必要です。\n内線 {p}\n内線 {q}\n内線 {r}",
        "マイナンバーが必要です。\n会議室 {p}、{q}、{r}",
        "マイナンバーが必要です。\n暗証番号は {p} です。受付番号は {q} です。伝票は {r} です。",
        "マイナンバーが必要です。\n「{p}」「{q}」「{r}」「1234」",
        "マイナンバーが必要です。\n{p}円、{q}円、{r}円",
        "マイナンバーが必要です。\n{p}年\n{q}年\n{r}年",
        "マイナンバーが必要です。\n「{p}」 " + "長" * 60 + "「{q}」「{r}」",
    ],
)
def test_other_groups_are_none(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


def test_years_in_a_row_are_none() -> None:
    years = next(
        (first, second, third)
        for first in range(1990, 2030)
        for second in range(1990, 2030)
        for third in range(1990, 2030)
        if calc_check_digit(f"{first}{second}{third}"[:-1]) == str(third)[-1]
    )
    assert list(dictated.look("、".join(map(str, years)))) == []


def test_groups_that_fail_the_check_are_none() -> None:
    text, numbers = write("「{p}」「{q}」「{r}」")
    (number,) = numbers
    wrong = text.replace(number[8:], number[8:11] + str((int(number[-1]) + 1) % 10))
    assert list(dictated.look(text)) != [] and list(dictated.look(wrong)) == []


def test_nothing_whole_is_kept_of_what_is_dictated() -> None:
    text, numbers = write("マイナンバーです。\n「{p}」\n「{q}」\n「{r}」")
    (number,) = numbers
    assert number[8:] in text and number[8:] not in mask(text)
