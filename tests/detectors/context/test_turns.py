"""A label that the text has left behind, asked for, or broken, each beside what is nearly so."""

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.numbers import individual_number
from detectors.surface import Spot, Table
from tests.detectors.test_generalise import prose, table, write
from tests.detectors.test_wordings import every

IN_PROSE = {
    "asked for, and answered in a line of its own": (
        "マイナンバー送ってもらえますか？\n{a}\nこれです",
        "個人番号教えてください\n→{a:-}",
        "山田 9:12\nマイナンバーお願いします\n\n木村 9:15\n{a: }",
        "マイナンバー送って！\n{a}です。",
    ),
    "words between": (
        "マイナンバー自体は変わっておらず {a} のままです",
        "個人番号確認済み（{a}）",
        "個人番号確認済：{a}",
        "会員番号ではなく個人番号の方でしょうか。{a}です。",
        "マイナンバーカードを作り直しましたが番号は同じ{a}です。",
        "個人番号の記入漏れがありました。山田分 {a} を追記します。",
    ),
    "a sentence that is over, and the number all the same": (
        "マイナンバーが届きました。{a} です。",
        "マイナンバー、確認が終わりました。{a:-}",
        "個人番号は登録済みです。\n{a} を確認してください。",
        "マイナンバーは次の番号です。{a}",
        "別件ですが、マイナンバーは{a}です。",
        "ところで私の個人番号ですが {a} でした。",
    ),
    "something done with it, and it is the number": (
        "マイナンバーカードを確認したら {a} を記載してください",
        "マイナンバーを受け取りました。\n{a}\n間違いないでしょうか。",
        "マイナンバー届いたよ。{a}だった。",
        "個人番号の申請は完了しました。番号は{a}です。",
        "マイナンバーは提出済みですが念のため再送します。{a}",
    ),
    "as people speak of it in English": (
        "My number is {a}.",
        "my number: {a:-}",
        "My Number\n48375, Smith, {a: }",
        "My number (for the year-end adjustment) is {a}",
        "My Number card: {a}",
        "my number (the Japanese mynumber) {a}",
    ),
    "other spellings": (
        "ｺｼﾞﾝﾊﾞﾝｺﾞｳ {a}",
        "コジンバンゴウ：{a}",
        "こじんばんごう {a:-}",
        "まいなんばぁ、しらべました\n{a:1 }",
        "まいな {a}",
        "マイ・ナンバー：{a}",
        "個人番號 {a}",
        "カード(裏)の12桁 {a: }",
    ),
    "a label broken over lines": (
        "個人\n番号　{a}\n氏名 山田",
        "氏名 山田\nマイ\nナンバー\n{a:-}",
    ),
}
NOT_IN_PROSE = (
    "My number is 080-9876-5432 on weekdays.\nBuild {a} is green.",
    "You can call my number 03-9876-5432. Booking {a}",
    "My number is ext. 310.\n\nCommit {a} broke it.",
    "Reach me at my number below.\n070-1234-9876\nPO {a}",
    "My number: +81 3 1234 9876\nJob {a} finished.",
    "Thanks for my number one customer. Container {a} is late.",
    "my number is on the door. Container {a}",
    "マイナンバーの登録が済んだら {a} を起票してください。",
    "個人番号の確認が終わり次第、{a} を発送します。",
    "マイナンバーの件は承知しました。ところで{a}を使いますか。",
    "マイナンバーの件、ありがとうございました。\n別件で、{a}の納期を教えてください。",
    "個人番号カードは受け取りました。{a}の荷物は未着です。",
    "個人番号は提出済みです。次の案件（{a}）に移ります。",
    "マイナンバーは来月出します。\nデプロイ {a} は成功しました。",
    "話は変わりますが、マイナンバーの次はさておき、話が変わり {a} を見ました。",
    "個人番号カード交付通知書が届きました。照会は{a}まで。",
    "マイナンバーカードの申請が完了しました。お問合せは {a} まで",
    "マイナンバーカード、受け取りました！ 次回は{a}をご用意ください。",
    "マイナンバーを登録したら {a} を実行してください。",
    "マイナンバーは受領しました。なお、備品{a}は本日着です。",
    "マイナンバー送り状 {a}",
    "マイナンバー送ってください\n資料 {a} を使います",
    "会員区分：個人\n番号：{a}",
    "会員区分\n個人\n番号\n{a}",
    "ポイントカード裏の12桁 {a}",
)
IN_TABLES = {
    "a label in pieces": (
        "個 | 人 | 番 | 号 | {a}\n氏 | | | 名 | 山田",
        "個 | | 人 | | 番 | | 号 | {a}",
        "氏名 | 個人\n | 番号\n山田 | {a}",
        "氏名 | マイ\n | ナンバー\n山田 | {a:-}\n佐藤 | {b:-}",
    ),
}
NOT_IN_TABLES = (
    "個 | 人 | 番 | 地 | {a}",
    "種別 | 法人\n | 番号\n山田 | {a}",
    "区分 | 個人\n番号 | {a}",
)


@pytest.mark.parametrize("snippet", every(IN_PROSE))
def test_a_number_in_a_text_is_found(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize("snippet", NOT_IN_PROSE)
def test_a_number_of_something_else_in_a_text_is_not(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


@pytest.mark.parametrize("snippet", every(IN_TABLES))
def test_a_number_in_a_sheet_is_found(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(table(text)) == numbers


@pytest.mark.parametrize("snippet", NOT_IN_TABLES)
def test_a_number_of_something_else_in_a_sheet_is_not(snippet: str) -> None:
    assert sekisho(table(write(snippet)[0])) == set()


def test_what_one_says_of_a_telephone_is_never_sure() -> None:
    assert only_high(prose(write("My number is {a}.")[0])) == set()


def test_a_label_broken_inside_its_cell_is_whole() -> None:
    text, numbers = write("{a}")
    number = text.strip()
    for heading in ("個人\n番号", "マイ\nナンバー", "個\n人\n番\n号"):
        assert sekisho(_sheet([["氏名", heading], ["山田", number]])) == numbers, heading


def test_zeros_that_three_columns_have_lost_are_put_back() -> None:
    number = next(one for one in _zeroed() if individual_number.is_valid(one))
    cells = [str(int(number[at : at + 4])) for at in (0, 4, 8)]
    assert sekisho(_sheet([["氏名", "個人番号", "", ""], ["山田", *cells]])) == {number}
    assert sekisho(_sheet([["氏名", "個人番号", "数", "計"], ["山田", *cells]])) == set()
    assert sekisho(_sheet([["氏名", "会員番号", "", ""], ["山田", *cells]])) == set()


def _zeroed() -> list[str]:
    return [f"5839007{last:05}" for last in range(41_000, 41_100)]


def _sheet(rows: list[list[str]]) -> tuple[Table]:
    return (Table(Spot("2", ("a.xlsx", "1")), rows),)
