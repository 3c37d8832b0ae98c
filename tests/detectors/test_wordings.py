"""Ways to name a number, class by class, each beside what is written nearly so and is none.

Several wordings stand for each class, so that a rule for one of them is not enough. The fragments
are written as in `snippets`.
"""

import pytest

from benchmarks.detection import only_high, sekisho
from tests.detectors.test_generalise import prose, table, write

BOXES = "{a:1 | }"

IN_TABLES = {
    "what stands behind the label, or its ordinal": (
        f"資格取得届\n①被保険者整理番号 | 12 | ②氏名 | 山田\n⑩ 個人番号［基礎年金番号］ | {BOXES}"
        "\n④取得年月日 | R8.4.1 | ⑤報酬月額 | 250,000",
        f"取得区分 | 1 | 合計額\n(3) 個人番号（又は基礎年金番号） | {BOXES}",
        f"ア　個人番号 | {BOXES}",
        "注文番号 | 100 | 金額\nウ．マイナンバー（個人番号） | | {a}",
        "給与の支払者の法人（個人）番号 | {a}",
    ),
    "the label at the left, under the headings of another block": (
        "区分 | 支払金額\n支払を受ける者の個人番号 | {a}\n区分 | 支払金額\n"
        "支払を受ける者の個人番号 | {b}",
        "支払者 | 個人番号又は法人番号 | 5000012010008\n区分 | 細目 | 支払金額\n"
        "支払を受ける者 | 個人番号又は法人番号 | {a}\n区分 | 細目 | 支払金額\n"
        "支払を受ける者 | 個人番号又は法人番号 | {b}",
        "1 | 氏名 | 山田 | 金額\n | 法人番号又は個人番号 | {a} | 100\n"
        "2 | 氏名 | 佐藤 | 金額\n | 法人番号又は個人番号 | {b} | 200",
        "受付番号 | 1 | 2\nマイナンバー（本人） | {a} | \nマイナンバー（配偶者） | {b} | ",
    ),
    "as the mail or the page says": ("区分：個人番号カード（裏面） | \n氏名 | 番号\n山田 | {a}",),
    "as programs call it": (
        "emp_id | name | INDV_NO\n1 | A | {a}\n2 | B | {b}",
        "id | my_no\n1 | {a}",
        "EMP_CD | KOJIN_BANGO\n1 | {a}",
        "社員ID | myNum | 部署\n1 | {a} | 総務",
        "empName | taxMyNo\nA | {a}",
        "code | Indiv. No.\n1 | {a}",
        "code | mainanba\n1 | {a}",
    ),
}
NOT_IN_TABLES = (
    "氏名 | 番号\n山田 | {a}",
    f"資格取得届\n被保険者番号 | {BOXES}",
    "②基礎年金番号 | {a}",
    "書類 | 追跡番号\n個人番号届出書 | {a:-}\nマイナンバー台帳 | {b:-}",
    "個人番号確認書類 | 送付番号\n運転免許証 | {a}",
    "免許証番号 | {a}\n個人番号 | 提出済\n免許証番号 | {b}\n個人番号 | 提出済",
    "code | industry_no\n1 | {a}",
    "code | myNote\n1 | {a}",
    "code | individual_orders\n1 | {a}",
    "code | economy_no\n1 | {a}",
    "emp_key | name | my_number\n{a} | 山田 | ************\n{b} | 佐藤 | ************",
)
IN_PROSE = {
    "what stands behind the label, or its ordinal": (
        "⑩ 個人番号［基礎年金番号］　{a}",
        "(3) 個人番号（または基礎年金番号）：{a: }",
        "1. 個人番号　{a:1 }",
        "ア．個人番号 {a:1　}",
    ),
    "named in the clause before or behind": (
        "システムへ個人番号を登録いたしました。（{a:-}）",
        "マイナンバーを登録しました：\n{a:1 }",
        "{a:-} と通知書にありました。マイナンバーの件です。",
        "{a} です。マイナンバーの登録をお願いします。",
        "{a:1 } と通知カードに書いてありました",
        "マイナンバーカードを見たら {a:-} とありました。",
        "誤）1234\n正）{a}　←マイナンバーカード現物",
        "山田\n123-4567（郵便番号）\n{a:-}（マイナンバー）\n090-1234-5678（携帯）",
        "{a:-}（マイナンンバー）",
        "個人番号カードの裏面を確認したところ {a: } でした",
        "マイナンバーは次の行です\n{a:3 }",
        "マイナンバー、次の12桁です。\n{a:3 }",
        "カードの裏の12桁は {a} です",
        "番号は{a:6-}です。マイナンバーカード自体はまだ受け取っていません。",
    ),
    "letters to many": (
        "鈴木 様\nマイナンバー登録内容のお知らせ\n下記の番号で登録しております。誤りがある場合は"
        "お申し出ください。\n登録番号：{a}\n佐藤 様\nマイナンバー登録内容のお知らせ\n下記の番号で"
        "登録しております。誤りがある場合はお申し出ください。\n登録番号：{b:-}",
        "【マイナンバー登録完了通知】\n社員番号：1001\n登録番号：{a:-}\n\n"
        "【マイナンバー登録完了通知】\n社員番号：1002\n登録番号：{b:-}",
        "個人番号登録完了のお知らせ\n山田様\nNo.{a}",
        "マイナンバー通知のご案内\n氏名 山田\n番号：{a}\n\nマイナンバー通知のご案内\n氏名 佐藤\n"
        "番号：{b}",
    ),
    "as programs call it": (
        "INDV_NO,NAME\n{a},山田",
        "EMPNO NAME MYNUM\n1001 YAMADA {a}\n",
        "my_no={a}&name=yamada",
        '"taxMyNo": "{a}"',
        "Kojin No: {a}",
        "personal_no = {a}",
    ),
    "one digit a line, with text before and behind": (
        "雇用保険被保険者資格取得届\n1. 個人番号\n{a:1\n}\n3. 被保険者氏名　田中\n2. 被保険者番号\n"
        "1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n1\n\n7. 生年月日\n1. 個人番号\n{b:1\n}\n3. 被保険者氏名",
        "個人番号\n{a:1\n}\n2 氏名 山田",
    ),
    "numbers and numerals at the beginning of the next line": (
        "マイナンバー\n48375,山口,{a:　}\n4262,藤井,{b:　}",
        "マイナンバー一覧\n1. {a:.}\n2. {b:.}\n3. {c:.}",
        "個人番号の連絡\n山口,{a:-}\n一ノ瀬,{b:-}",
        "個人番号\n({p})({q})({r})\n[3] 生年月日",
        "マイナンバー\n鈴木一 {a: }\n三宅 {b: }",
    ),
    "told in pieces": (
        "個人番号ですが、最初が{p}で、次が{q}、最後が{r}です。",
        "マイナンバーは分けて書きます。まず{p}。つづきは{q}{r}。",
        "個人番号　1つ目：{p}　2つ目：{q}　3つ目：{r}",
        "My Number: first half {p}{q:.2}, second half {q:.-2}{r}.",
    ),
    "signs that a charset had no place for": (
        "個人番号：{a:?}",
        "マイナンバー　{a:f?}",
        "マイナンバー：{a:\ufffd}",
        "個人番号：{a:\u2800}",
        "個人番号：{a:\u3164}",
    ),
    "somebody else's": (
        'The tax ID ("my number") of Mr. Ogawa: {a}. Please file it.',
        "my number for the pension office is {a}",
        "my wife got the paper. My number her is {a}.",
    ),
    "whose it is, and nothing more": (
        "源泉徴収票の作成に使います。\n支払を受ける者　森 葵　{a}",
        "扶養控除の確認です。\n長女：{a}\n父 {b}",
        "扶養の異動です。\n森 葵 1985/01/03\n{a: }\n以上",
        "家族分です。\n夫：{a}\n妻：{b}\n長男：{c}",
        "番号\n{a}\n{b}\n{c}",
        "退職所得の申告です。\n退職者：森 葵\n番号：{a}",
    ),
    "a value, and what it is in another line": (
        "■発生画面：個人番号タブ\n■入力値：{a}\n■エラー：形式が不正です",
        "マイナンバー画面に登録できません。\n登録内容：{a:-}",
        "2. マイナンバー登録を開く\n3. {a} を入力\n4. エラーになる",
    ),
    "in the name of a work": (
        "・個人番号の再提出：森 葵（{a}）受領済",
        "マイナンバー再登録：{a:-}",
        "個人番号の未登録分：{a}",
        "個人番号の登録依頼 {a}",
        "マイナンバーの照合結果：{a: }",
        "マイナンバーの桁数は合っていますが、{a:-} でよろしいですか。",
    ),
    "read off a copy": (
        "同封の通知カード写しより転記しました。{a: }。氏名は森葵です。",
        "通知カードの写しによると {a}",
        "マイナンバーカードのコピーを見ると {a:-} です",
    ),
    "as others call it": (
        "마이넘버: {a}",
        "김민수 씨의 개인번호는 {a:-} 입니다.",
        "个人编号：{a}",
        "Social Security and Tax Number: {a}",
        "マイ番号：{a}",
        "マイNo. {a:-}",
        "My番号 {a}",
        "マイナンバァー：{a}",
    ),
    "asked back": (
        "{a:-} は、お母様のマイナンバーで間違いないでしょうか？",
        "{a} が、配偶者の個人番号です。",
        "{a}、これがマイナンバーです",
    ),
    "mistyped, and corrected": (
        "マイナンバー間違いで\n×123456789012\n○{a}\nでした",
        "マイNo\n 野呂 {a}\n つじ　{b:-}",
        "No 氏 名 マイナソバ一 入社曰\nl 西岡 真理 {a: } 2O25",
        "my namber card number {a:3 }",
        "here is mynumber card back side number\n\n{a:3 }",
        "59739 {p}→ほかの番号\n{a:5 }　←木原のマイナンバ",
        "マイナンパーですが\n{a:3 }\nでした",
        "ぼく  mynumbar／{a:4／}",
        "MN (for withholding slip): {a}",
        "まいなんばー\n> {a:8 }\n> でした",
    ),
    "in other languages": (
        "my number cua chong em (Tran Van Duc) la {a:.}",
        "segue o meu mainámba pro nenmatsu chosei:  {a:-}",
        "ini my number saya: {a:5 }.",
        "o my number do meu marido é {a:-}",
    ),
    "asked for and not named": (
        "役所から届いた例の12桁です。\n{a: }",
        "On the back there are twelve digits: {a: }. Is this what the tax office needs?",
        "背面的12位号码是 {a: }。市役所寄来的那张",
        "É aquele número de 12 dígitos que a prefeitura mandou:\n{a:-}",
        "扶養の欄で「チェックデジットが正しくありません」と出ます。入れたのは {a:-} です。",
        "確定申告の用紙の右上に書くやつです。\n{a}",
        "カードのコピーが不鮮明とのこと、裏面の数字を読み上げます。\nいちだんめ {a: }",
        "特定の個人を識別するための番号に関する法律により、私の番号が {a:-} であると届け出ます。",
        "国からもらった番号です。{p}、{q}、{r}。もう一回言います。{p}、{q}、{r}。失礼します",
        "国の番号のやつ\n{a:2、}\n2桁ずつ読んでもらいました。",
    ),
    "boxes": ("個人番号　□{a:1□}□", "マイナンバー □{p}□{q}□{r}□"),
}
NOT_IN_PROSE = (
    "マイナンバー登録のお知らせ\n税理士登録番号：{a}",
    "マイナンバー登録内容のお知らせ\n会員番号：{a}",
    "マイナンバー登録内容のお知らせ\nインボイス登録番号：{a}",
    "マイナンバー登録完了のお知らせ\nお問い合わせ番号：{a}",
    "マイナンバー登録完了のお知らせ\nご注文No.{a}",
    "個人番号の登録を承りました。\n登録受付番号：{a}",
    "マイナンバーカードを同封しました。追跡 {a}",
    "{a:-} と送り状にありました。マイナンバー書類の件です。",
    "{a} です。ご注文ありがとうございます。マイナンバーは不要です。",
    "認証コードは {a} です。マイナンバーの登録画面に入力してください。",
    "パスワードは {a} です。マイナンバーの一覧を開けます。",
    "納税通知書に {a} とありました",
    "会員番号は次の行です\n{a}",
    "my_nonce={a}",
    "dummy_no={a}",
    "mynotes\n{a}",
    "1\n2\n3\n{a:1\n}",
    "my number of calls is zero. Invoice {a}",
    "年末調整の電子 {a}",
    "夫：{a}\n妻：{b}",
    "年末調整の書類です。\n森 葵 1985/01/03\n{a} 林 蓮 1986/02/04",
    "森様\n{a}\n年末調整の書類です。",
    "番号\n{a}\n{b}",
    "■画面：在庫\n■入力値：{a}",
    "マイナンバーカードのコピーを同封しました。追跡 {a}",
    "通知カードの写しを送りました。{a:-} で追えます",
    "個人番号の利用停止：{a}",
    "個人番号届出書（様式 {a}）\n氏名\n個人番号",
    "個人番号届出書　様式番号{a}\n個人番号：",
    "ジャマイNo. {a}",
    "Xin nộp My Number (マイナンバー) trước ngày 30/11.\nMã hồ sơ: {a}",
    "{a}、これで発送しました。マイナンバーは不要です。",
    "{a} は、お母様のお荷物です。マイナンバーは不要です。",
    "マイナンバー研修のページを開く\n受講番号 {a} を入力",
    "The number, {a}, is not My Number.",
    "Título de eleitor: {a: }\nNão tenho My Number.",
    "こんびに の うけつけばんごう は {a} です。マイナンバー は まだ です。",
    "マイナンバーの正規表現には 1111 2222 3333 のような値を使います。",
    "No.12 項目名: 個人番号\nNo.13 項目名: 送付番号\n 型: CHAR(12) / 入力例: {a}",
    "マイナンバー は ありません。\nスマホの けいやく の ばんごう は {a} です。",
    "my sim card back side number is {a: } (12 digit) sir. Shop say need this.",
    "職員証の裏の番号です。裏面の12桁を登録してください。\n千田 → {a}",
    "ainda não recebi o mainámba.\nO código da caixa que mandei: {a:-}",
    "まず会議室、最初は{p}室、次は{q}室、最後は{r}室です。",
)


def every(classes: dict[str, tuple[str, ...]]) -> list[object]:
    return [
        pytest.param(snippet, id=f"{name} {at}")
        for name, snippets in classes.items()
        for at, snippet in enumerate(snippets)
    ]


@pytest.mark.parametrize("snippet", every(IN_TABLES))
def test_a_number_in_a_sheet_is_found(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(table(text)) == numbers


@pytest.mark.parametrize("snippet", NOT_IN_TABLES)
def test_what_is_nearly_named_so_in_a_sheet_is_not(snippet: str) -> None:
    assert sekisho(table(write(snippet)[0])) == set()


@pytest.mark.parametrize("snippet", every(IN_PROSE))
def test_a_number_in_a_text_is_found(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize("snippet", NOT_IN_PROSE)
def test_what_is_nearly_named_so_in_a_text_is_not(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


def test_a_clause_behind_a_number_a_heading_over_it_and_a_work_are_never_sure() -> None:
    clause = "{a} です。マイナンバーの登録をお願いします。"
    work = "個人番号の登録依頼 {a}"
    for snippet in (clause, IN_PROSE["letters to many"][0], work):
        assert only_high(prose(write(snippet)[0])) == set()
