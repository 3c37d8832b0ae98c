"""Mails that name no 個人番号 and ask for one all the same."""

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.context.asked import asks
from tests.detectors.test_generalise import prose, write

ASKING = (
    "奥様の分の、裏面の数字です。{a}\nこれで申告書の配偶者の欄は埋まりますか。",
    "税務署提出用に伺っていた数字です。\n 蜂谷委員 {a}",
    "株主様は法人ではないので下の12桁を国税の書類にお使いください。\n{a}",
    "廃業届を出すので、番号(12けたの枠)は {a} です。",
    "ワンストップの申請書の、右上の枠です。\n右上の枠: {a}\n整理番号: 453423236079",
    "個人を特定する12桁、これです：{a}\n医籍登録番号は第567937号。",
    "地方公共団体情報システム機構から届いた紙の、12桁のほうは {a} です。",
    "口座を作るとき国に出すNISAのカードを見て写します。\n{a}",
    "税務署がうるさいから送るわ\n{a}\nカードは財布に入れっぱなし。息子のもいる?",
    "基礎年金番号：7643-304612\nもう一方の番号（簡易書留で家族全員に届いた紙のもの）:{a}",
    "年金の件、領収書番号213849625533です。\n\nご依頼の番号は前と同じです。どうも。\n{a} です。",
)


@pytest.mark.parametrize("snippet", ASKING)
def test_it_works(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers
    assert only_high(prose(text)) == set()


@pytest.mark.parametrize(
    "snippet",
    [
        "会員カードの裏の数字は {a} です。妻の分もお願いします。",
        "免許証の裏の数字をカードを見て写します。妻のは {a} です。",
        "数字をまとめました。\n{a}",
        "市役所で妻が待っています。\n{a}",
        "カードの番号です。\n{a}",
        "税務署に行きます。会員番号は {a} です。",
        "申告書の件、契約番号は {a} です。",
        "ふるさと納税の数字です。お礼の品の追跡は {a}。",
    ],
)
def test_less_is_not_enough_and_what_has_a_name_is_what_it_says(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


def test_hints_of_several_texts_count_together() -> None:
    assert asks(["廃業届の書き方", "番号(12けたの枠)"])
    assert not asks(["廃業届の書き方"])
    assert not asks(["番号(12けたの枠)"])


@pytest.mark.parametrize(
    ("snippet", "found"),
    [
        ("支払調書用の番号を間違えました。\n誤 {wrong}\n正 {right}", True),
        ("支払調書用の番号です。\n{wrong}\n{right}", False),
        ("支払調書用の番号を間違えました。\n誤 {other}\n正 {right}", False),
    ],
)
def test_what_is_taken_back_says_nothing_of_what_is_right(snippet: str, found: bool) -> None:
    right, wrong, other = "414745892905", "414745899205", "980112374460"
    text = snippet.format(right=right, wrong=wrong, other=other)
    assert sekisho(prose(text)) == ({right} if found else set())


@pytest.mark.parametrize(
    "snippet",
    [
        "免許　308302065428\n嫁さん　{a} です。まいなんばーです",
        "毎ナンバーは {a} です",
        "さっきのmynumver、{a} です",
    ],
)
def test_a_word_of_its_own_is_nearer_than_the_number_above(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


def test_what_was_taken_for_one_is_none() -> None:
    text = "届いた{a}、マイナンバーだと思って登録しましたが、よく聞いたら受付番号でした。"
    assert sekisho(prose(write(text)[0])) == set()
