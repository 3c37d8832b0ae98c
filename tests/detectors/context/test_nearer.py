"""What stands nearer to a number than a label does, each beside what is nearly so."""

import pytest

from benchmarks.detection import only_high, sekisho
from detectors.evidence import is_time
from detectors.numbers.individual_number import calc_check_digit
from detectors.surface import Spot, Table, Text
from detectors.text import candidates
from tests.detectors.corpus import Surfaces
from tests.detectors.test_generalise import persons, prose, table, write


def under(subject: str, text: str) -> Surfaces:
    return (Text(Spot("subject", unit=""), subject), Text(Spot("1"), text, (subject,)))


OF_ANOTHER_ITEM = (
    "1) マイナンバーは窓口で書きます\n2) 旅費は {a} で精算しました",
    "・マイナンバーの回収は7割です\n・複写機は {a} を使っています",
    "(1) 個人番号の控え\n(2) 自転車の届け\n(1) のちほど\n(2) {a}",
)
OF_ITS_ITEM = (
    "1. 氏名 山田\n2. マイナンバー\n{a:-}\n3. 口座 みずほ",
    "> ① マイナンバー\n> ② 振込口座\n①{a}\n②みずほ 1234567",
    "・個人番号は下記のとおりです\n・山田 {a}\n・佐藤 {b}",
    "・マイナンバー\n・{a:-}",
    "1. 山田 マイナンバー {a}\n2. 佐藤 {b}",
    "12月分のマイナンバー\n11日に届いたものは {a}",
)
SETTLED = (
    "マイナンバー → 完了\n審査 → 完了\n発行 {a}",
    "個人番号：提出済\n世帯 {a}",
    "マイナンバー収集：8割\n複写機 {a}",
)
NAMED_BY_ITSELF = (
    "離職票 {a}",
    "三浦先生 封筒{a}",
    "整理券は{a}です",
    "受付【{a}】",
    "台紙：{a}",
    "セッション\n{a}",
    "Appointment {a}",
    "Your receipt is {a}.",
    "The envelope {a} left today.",
)
USED_AS_A_THING = (
    "The forms were shipped today, AWB {a} (Yamato).",
    "書類は宅配で出しました {a}",
    "会場は第2会議室 {a}",
    "{a:-} の段ボールですが、昼に着きました",
    "昨日の便は {a:-} で追跡できます",
    "説明会の札は {a} でした",
)
NAMED_BY_THE_SUBJECT = (
    "{a}",
    "{a:-} です。登録をお願いします",
    "山田 {a}",
    "山田は {a} です",
    "番号は {a} でした",
    "息子のが {a} です",
    "昨日は休みでした。{a} になります",
    "{a} のままです",
    "{a} で間違いありません",
    "Taro {a}",
    "It is {a}.",
)
MISTYPED = (
    "マイナンパー：{a}",
    "マイナソバー {a:-}",
    "マイナバー {a}",
    "個入番号 {a}",
    "固人番号：{a:-}",
    "個人番後を連絡します。\n{a}",
    "my nunber is {a}",
    "My Numebr: {a:-}",
)
NOT_MISTYPED = ("マイナーバージョン {a}", "my lumber is {a}", "個人番組 {a}", "マイナビ {a}")


def test_it_works() -> None:
    text, numbers = write("{a}")
    assert sekisho(under("マイナンバー", text)) == numbers
    assert sekisho(under("ご連絡", text)) == set()


@pytest.mark.parametrize("snippet", (*OF_ANOTHER_ITEM, *SETTLED))
def test_a_label_says_nothing_of_the_next_item_nor_behind_its_state(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


@pytest.mark.parametrize("snippet", OF_ITS_ITEM)
def test_a_number_in_the_item_of_its_label_is_found(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize("subject", ["マイナンバー回収", "My Number", "個人番号の件"])
@pytest.mark.parametrize("snippet", (*NAMED_BY_ITSELF, *USED_AS_A_THING))
def test_what_the_mail_is_about_names_no_paper_or_thing(subject: str, snippet: str) -> None:
    assert sekisho(under(subject, write(snippet)[0])) == set()


@pytest.mark.parametrize("snippet", NAMED_BY_THE_SUBJECT)
def test_a_number_that_nothing_nearer_names_is_what_the_subject_says(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(under("マイナンバー", text)) == numbers


@pytest.mark.parametrize(
    "snippet",
    [
        "個人番号（住民票で確認）：{a}",
        "マイナンバー通知書 {a}",
        "個人番号届出書：{a:-}",
    ],
)
def test_a_paper_between_a_label_and_its_number_takes_nothing_away(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize(
    "snippet",
    [
        "必要なもの：履歴書、マイナンバー、誓約書\n社内便 {a}",
        "Your office has my Individual Number already.\nThe other one is {a}",
        "Your personal number tag {a}",
    ],
)
def test_a_label_among_others_or_in_a_sentence_before_is_never_sure(snippet: str) -> None:
    assert only_high(prose(write(snippet)[0])) == set()


@pytest.mark.parametrize(
    "snippet",
    [
        "Here is the My Number you asked for: {a}",
        "氏名、マイナンバー、住所\n山田、{a}、東京都",
        "氏名/生年月日/マイナンバー\n山田/1985/04/01/{a}",
    ],
)
def test_what_leads_to_a_number_still_does(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


def test_two_words_of_payroll_alone_hold_nothing() -> None:
    text, _ = write("扶養と社会保険には影響ありません。\n森 {a}")
    assert sekisho(prose(text)) == set()
    text, numbers = write("扶養控除等申告書\n生年月日 S60.4.1 続柄 妻\n{a}")
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize("snippet", MISTYPED)
def test_a_mistyped_label_is_known(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize("snippet", NOT_MISTYPED)
def test_what_only_looks_like_it_is_none(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


def test_a_number_of_a_thing_is_no_persons() -> None:
    for whose, found in (("複写機", False), ("桜庭", True), ("グエン", True), ("本人", True)):
        text, numbers = write(f"{whose}の番号は {{a}}")
        assert (sekisho(under("マイナンバーカードの件", text)) == numbers) is found, whose


@pytest.mark.parametrize(
    "snippet",
    [
        "受付 {a}\n初期値は8桁です。マイナンバーの入力は不要です。",
        "マイナンバーカード（本人限定郵便）をお届けします。\n{a: }",
        "Bring the My Number form on 2026/1/5.\nPickup {a}",
    ],
)
def test_what_is_done_with_a_card_or_form_names_no_number(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


def test_a_label_with_a_state_beside_it_names_no_later_cell() -> None:
    rows = "項目 | 状況 | 控え\n個人番号カード | {} | {{a}}"
    assert sekisho(table(write(rows.format("交付準備中"))[0])) == set()
    text, numbers = write(rows.format("本人"))
    assert sekisho(table(text)) == numbers


def test_a_short_text_about_the_card_is_no_card() -> None:
    assert sekisho(prose(write("マイナンバーカード保有率 78%\n回答者 {a} さん")[0])) == set()


@pytest.mark.parametrize("snippet", ["My numberこちらです：{a}", "マイナンバー聴取 {a}"])
def test_more_ways_to_lead_to_a_number(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


def test_an_item_that_has_its_number_shares_it_with_no_thing() -> None:
    text, numbers = write("1. マイナンバーは {a} です\n2. 複写機は今週\n3. 先週の {b} を返品")
    assert sekisho(prose(text)) == {min(numbers, key=text.index)}


def test_a_label_that_another_field_says_is_never_sure() -> None:
    assert only_high(prose(write("種別：マイナンバーについて\n内容：不明\n{a}")[0])) == set()
    text, numbers = write("備考：マイナンバー：\n{a}")
    assert only_high(prose(text)) == numbers


def test_the_two_numbers_of_a_form_share_their_heading() -> None:
    text, numbers = write("個 人 番 号\n[ 基 礎 年 金 番 号 ]  {a}\n氏 名  山田")
    assert sekisho(prose(text)) == numbers


def test_a_row_with_its_number_names_nothing_that_is_glued_to_more() -> None:
    rows = "山田 | JPN-MyNumber | {a} | +{b}\n佐藤 | JPN-MyNumber | {c} | +819012345678"
    text, numbers = write(rows)
    (glued,) = (one for one in numbers if f"+{one}" in text)
    assert sekisho(table(text)) == numbers - {glued}


def test_a_list_that_passes_is_none_of_times() -> None:
    body = "202603151234"
    passing = [f"{body[:8]}{at:03}" for at in range(100)]
    some = [one + calc_check_digit(one) for one in passing]
    one = next(each for each in some if is_time(each))
    text, numbers = write("収集漏れのマイナンバー\n・札幌　{a: }\n・仙台　{b: }\n・那覇　")
    assert sekisho(prose(f"{text}{one[:4]} {one[4:8]} {one[8:]}")) == numbers | {one}


def test_a_row_that_names_a_paper_is_sure_of_the_next_cell_alone() -> None:
    rows = "手続き | 担当 | 控え\nマイナンバー届出 | {}{{a}}"
    assert only_high(table(write(rows.format("山田 | "))[0])) == set()
    assert only_high(table(write("個人番号 | 本人 | {a}")[0])) != set()


def test_a_relative_clause_is_no_heading() -> None:
    text, numbers = write("窓口で聞いた番号\n{a}")
    assert sekisho(under("個人番号", text)) == numbers


def test_what_is_added_to_a_group_is_no_number_of_its_name() -> None:
    text = write('User {a} was added to the group "My Number Administrators".')[0]
    assert sekisho(prose(text)) == set()
    text, numbers = write("{a} is Taro's My Number.")
    assert sekisho(prose(text)) == numbers


IN_PIECES = (
    "マイナンバー 1〜4桁目 {p}、5〜8桁目 {q}、9〜12桁目 {r} です。",
    "マイナンバーの前半8桁：{p}-{q}\n\n（追記）面倒になったので後半も書きます。{r}です。",
    "マイナンバーの上8桁が{p}{q}、下4桁が{r}で登録されています。",
    "残りは {r} です。\n\n> マイナンバーは2通に分けます。前半は {p} {q} です。",
    "My Number: the first eight digits are {p}{q}, the last four digits are {r}.",
    "マイナンバーの後半6桁：{q:.-2}{r}\n\n-----\nマイナンバーの前半6桁：{p}{q:.2}",
    "マイナンバーの頭の4つは {p} で、あとの8つは {q} {r} です。",
    "マイナンバーの前半が\n{p} {q}\nで、最後の4つが\n{r}\nだよ。",
    "個人番号は前4桁 {p}、真ん中4桁 {q}、後ろ4桁 {r} です。",
    "マイナンバーです。最初の4つが {p}、真ん中が {q}、終わりが {r}。",
    "はじめが{p}\nまん中{q}\nさいご{r}\n個人番号って書いてあるとこです",
    "個人番号1：{p}\n個人番号2：{q}\n個人番号3：{r}",
    "【マイナンバー（1）】 {p}\n【マイナンバー（2）】 {q}\n【マイナンバー（3）】 {r}",
    '"my_number_1": "{p}", "my_number_2": "{q}", "my_number_3": "{r}"',
    "個人番号：{p}★{q}★{r}",
    "マイナンバーは {p} → {q} → {r} です。",
    "マイナンバー①={p}{q:.2}\nマイナンバー②={q:.-2}{r}",
)
ON_A_FORM = (
    "扶養控除申告書　山田 太郎\n{a}",
    "扶養控除等（異動）申告書の控え {a}",
    "支払調書：高橋\n{a}",
)
IN_REPLY = (
    "市役所から個人番号を書くように言われ、お電話したところ {a: } と伺いました。",
    "个人番号 {a: }",
    "個人番号の収集代行です。\n受付ID 1234567 / 確認 通知カード+免許 / {a}",
    "支払調書のため、契約者様の番号をいただきました。\n\n契約者 {a: }\n受取人 {b: }(山田様)",
    "ワンストップ特例の番号欄を書き間違えました。\n正しくは {a: } です。受付番号は 12345678 です。",
    "地主さんの番号です。\n支払調書用→ {a:f}",
    "口座開設で不足だった番号です。 {a:.}\n裏に書いてある12桁です。",
    "国から振られている番号を送ります。\n{a}",
    "投資信託口座に係る番号告知の件、私のものは{a}です。\n口座は普通1234567です。",
    "遅くなりました。{a:f} です。\n\n> マイナンバー未提出の方はお急ぎください。",
    "> マイナンバーを送ってください\nはい、{a}になります。",
    "用件：マイナンバー聞き取り\n→ {a: }",
    "個人番号のご申告をいただきました。\n\nご申告番号　{a:-}",
    "生まれた子の番号がわかりました。\n{a: }\nマイナンバー通知書より",
    "帰国に伴い個人番号付与（{a}）。来月から。",
    "番号欄（個人番号）\n〔{a:1〕〔}〕",
    "FAXで届きました。森先生、{a:-}、個人番号の控えは金庫です。",
    "扶養の追加\n妻　山田花子　昭和60年4月1日生　同居　{a}",
    "> マイナンバーは記号・番号が不明の場合のみです\n\n保険証は返したので、こっちで\n{a}",
    "Dạ, my number của em là {a}.",
)


@pytest.mark.parametrize("snippet", (*IN_PIECES, *ON_A_FORM, *IN_REPLY))
def test_who_was_asked_may_name_the_number_by_little(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize(
    "snippet",
    [
        "マイナンバーの研修です。2〜5桁目 {p}、6〜9桁目 {q}、10〜13桁目 {r}",
        "会員証の前半は {p}{q}、後半は {r} です。",
        "会員番号1：{p}\n会員番号2：{q}\n会員番号3：{r}",
        "支払調書の番号は後日です。\n契約者番号 {a}",
        "ワンストップ特例の番号欄は空欄です。\n受付番号は {a} です。",
        "マイナンバー研修 {p}★{q}★{r} の評価",
        "個人番号の担当者 会員 {p}★{q}★{r}",
        "マイナンバー研修の受講者数\n1: {p}\n2: {q}\n3: {r}",
        "個人番号の件は済みです。\n在庫\n1) {p}\n2) {q}\n3) {r}",
        "マイナンバーカードの更新でした。\n複写機は {a} です。",
        "源泉徴収票を送ります。\n{a}",
        "源泉徴収、支払調書、扶養控除等申告書の経験がある方\n時給1,600円　{a}",
        "個人番号のお問い合わせは mn{a}@example.co.jp まで",
        "Merge branch feature/my-number-form\n\nrun {a} succeeded",
        "顧問料（年末調整・法定調書・扶養控除の確認）\n{a}",
        "扶養の書類、森先生の荷物は {a} で追跡できます。",
        "年末調整の用紙\n森様　{a}\nヤマトの伝票番号です。",
        "{a} です。\n\n> 年末調整ソフトのシリアルを教えてください。",
        "ビルド: {a}\nコメント: 個人番号の入力欄を広げました。",
        "個人番号の届出は済んでいます。封筒の管理は {a}。",
    ],
)
def test_what_is_only_beside_such_words_is_not(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


ASKED = (
    "講演料の源泉でマイナンバーが必要と聞きました。{a} 谷口",
    "マイナンバー変わってないです {a}",
    "育休の申請書、番号を書く所が空いていました。\n私のは {a} です。",
    "年金事務所から返戻。番号は必須とのこと。\n会長の分は下に書きます。\n\n{a: }",
    "番号法による届出、10月分です。\n01 森 葵 {a: }",
    "外注先から番号の連絡がありました。\n「{a: }」\n支払調書に使ってください。",
    "労災の請求書の件です。\nご本人の12桁は{a}と伺いました。",
    "The 12 digit number on the back of my card is {a: }. Hope this helps!",
    "番号確認：済（{a}）\n身元確認：済（運転免許証）",
    "個人番号または基礎年金番号のところですが、\n基礎年金番号がわからないので、もう一つで。\n\n{a}",
    "扶養の紙の四角が12個並んでいる所、\nカードの裏の {a} で良かったですか？",
    "12けたの ばんごう {a}\nざいりゅうかーどは あした",
    "【入社】扶養0\n番号利用法対象データ：{a}",
    "退職所得の申告書ですが、住所の下の12マスは {a} で埋めてください。",
    "乙は社会保険の手続のため、番号法に定める自己の番号「{a}」を甲に提供する。",
    "国外送金の調書です。\n告知が要る番号\n調書用番号：{a: }",
    "児童手当の請求に必要な番号です。\n\n請求者(私){a}\n配偶者   {b}\n\n口座はこれまでと同じです。",
    "まいなの番号送るね〜\n{a}\nあと通帳は信金の普通 1234567",
    "労災の特別加入です。左から 氏名／生年／番号(コジン)／日額 です。\n\n安西／昭45／{a: }／10,000",
    "税理士の先生へ\n給料の紙に のせる 国の十二けたの番号は\nきよ　{a}\nよめの和子　{b}\nです。",
    "12桁のやつこれですよね？\n{a: }\n裏面の下のほうに書いてありました。",
    "1人マイナンバー待ち\n[09:20] 佐久間: 現場に電話した\n[09:21] 佐久間: {a}",
    "更新のとき市役所で12ケタ聞かれて帰ってきました。\nお願いします\n{a}",
    "Company reported wrong my number.\nCorrect: {a:-}\nThat's the individual number.",
    "10:02 店長　マイナンバー送って〜\n10:31 グエン　{a: } です\n18:45 店長　OK👍",
    "教育・保育給付認定申請書の番号欄ですが、\n\n保護者(父)　{a:-}\n申込児童　　{b:-}",
    "奨学金のマイナンバー\n提出用IDを忘れてできませんでした。\n\nわたし　{a: }\n父　　　{b: }",
    "e-Tax入力用の番号ですが、\n {a}\nでした。",
    "個人番号の提出\n入力できませんでした（暗証番号を忘れてしまいました）。\n\n父 山田 太郎 {a: }",
    "My Number for the payment record?\n\nSure. It's {a:-}. The invoice is number 1234.",
    "届出上は {a:-}\n\n> マイナンバーの照合ができませんでした。",
)


@pytest.mark.parametrize("snippet", ASKED)
def test_where_the_mail_asks_for_it_a_number_that_nothing_claims_is_likely(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers
    assert only_high(prose(text)) == set()


@pytest.mark.parametrize(
    "snippet",
    [
        "{a}",
        "例の番号です。{a: }\n\n中央社会保険労務士事務所",
        "マイナンバーは書かないでください。\n{a}",
        "マイナンバー必要と聞きました。\n会場 {a}",
        "マイナンバー必要と聞きました。\n法人　{a}",
        "Remittance Ref.  {a}\nIndividual Number (My Number): already registered",
        "My Number is needed.\nDial-in: conference {a}",
        "要问个人番号。\n快递单号 {a}，在前台。",
        "Công ty đã nhận giấy My Number của em rồi nhé.\nMã bưu kiện của em là {a}.",
        "O número do protocolo é {a}. O My Number você escreve só no papel.",
        "問い合わせ番号です。\n\n> 個人番号のことではないですよね？\n>> {a}",
        "Vendor ID in your system: {a}\n\nMy Number is never required for this form.",
        "応接室のルーターの裏に貼ってある12桁の番号です。\n{a}",
        "Getting the juminhyo without My Number as you said.\nPNR for Friday: {a}",
        "Host: mynumber-db01\nBytes written: {a}",
        "マイナンバー必要と聞きました。\n（受付番号）\n\n{a}",
        "マイナンバー必要と聞きました。\n{a}\nこれは受付番号です。",
        "My Number is needed.\n{a} is the invoice number.",
        "マイナンバー必要と聞きました。\n{a}を起票しました。",
        "マイナンバー必要と聞きました。\n{a}\nヤマトの伝票番号です。",
        "カードの裏面のサインが薄いです。\n{a}",
        "乙は社会保険の手続を行う。番号「{a}」を甲に送付する箱に貼る。",
        "年金の書類が届きました。\n受付番号は後ほど。\n{a}",
    ],
)
def test_what_is_claimed_or_not_asked_for_is_not(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()


def test_a_caption_under_a_number_goes_before_the_topic_over_it() -> None:
    text, numbers = write(
        "組合員　北村様\nご本人 {a:f}\n奥様 {b:f}\n上記個人番号にて届出済みです。"
    )
    assert sekisho(prose(text)) == numbers
    text, numbers = write("荷物　北村様\n{a}\n上記は問い合わせ番号です。")
    assert sekisho(prose(text)) == set()


def test_a_subject_of_banks_says_nothing_of_a_number_that_is_asked_for() -> None:
    text, numbers = write("支払調書用の番号は {a} です。")
    for subject, expected in (("謝金のお振込", numbers), ("受付番号のお知らせ", set())):
        assert sekisho(under(subject, text)) == expected


def test_beside_one_that_fails_the_check_what_nothing_claims_is_not() -> None:
    text, numbers = write("マイナンバー必要と聞きました。\n{a}\n")
    (number,) = numbers
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert sekisho(prose(text)) == numbers
    assert sekisho(prose(text + wrong)) == set()


def test_letters_keyed_for_digits_are_read_behind_a_label() -> None:
    numbers = (number for number in (persons()[0] for _ in range(99)) if {"0", "1"} <= {*number})
    number = next(number for number in numbers if number.count("0") + number.count("1") < 5)
    typed = number.replace("0", "O").replace("1", "l")
    assert sekisho(prose(f"個人番号は {typed} になります。")) == {number}
    assert sekisho(prose(f"個人番号の入力には {typed} 号機を使います。")) == set()
    assert sekisho(prose(f"型番 {typed}\n個人番号")) == set()


def test_a_column_of_codes_is_none_of_numbers() -> None:
    rows = [line.split("|") for line in write("Campaign|Code\n春|{a}\n秋|{b}")[0].split("\n")]
    assert sekisho((Table(Spot("1"), rows, context=("マイナンバーの広告",)),)) == set()
    rows[0][1] = ""
    assert sekisho((Table(Spot("1"), rows, context=("マイナンバー",)),)) != set()


@pytest.mark.parametrize("sign", ["\t", "  ", " | ", "\n"])
def test_two_amounts_side_by_side_are_no_number(sign: str) -> None:
    text, numbers = write("{a}")
    one, two, three, four = (text[at : at + 3] for at in range(0, 12, 3))
    assert not list(candidates(f"{one},{two}{sign}{three},{four}", careless=True))
    assert sekisho(prose(f"マイナンバー {one},{two},{three},{four}")) == numbers


@pytest.mark.parametrize("before, held", [("000123,ﾓﾘ ｱｵｲ,1,19790612,", True), ("0,", False)])
def test_a_date_before_a_comma_is_a_field_of_its_own_and_a_fraction_is_none(
    before: str, held: bool
) -> None:
    text, numbers = write(f"「個人番号が不正です」と出ます。\n該当行:\n{before}{{a}},0,0")
    assert sekisho(prose(text)) == (numbers if held else set())


def test_a_label_whose_letters_stand_in_a_row_each_is_that_of_these_rows() -> None:
    text, numbers = write("個\n人 | {a}\n番 | {b:-}\n号\n氏名 | 山田")
    assert sekisho(table(text)) == numbers
    text, _ = write("個\n人 | 山田\n番\n号\n受付 | {a}")
    assert sekisho(table(text)) == set()


@pytest.mark.parametrize(
    "snippet",
    [
        "<個人番号_基礎年金番号>{a}</個人番号_基礎年金番号>",
        "curl -X PUT https://hr.example/staff/7/mynumber \\\n  -d 'number={a}&confirm=true'",
        "個人番号登録画面で @{a}@ と入力し保存すると",
        "UPDATE staff SET my_no = encrypt('{a}', k) WHERE code = 'A1'; the My Number is in clear",
        "bhai, main abhi site pe hun: my number - {a}. Xerox drawer mein hai.",
        "so the ward gave her a My Number. She is dependent.\n\nNumber: {a:-}\nSince: June",
        "You asked for my number for the payment record (支払調書), here you are.\n\nMaria\n{a:-}",
        "届きました。マイナンバー→{p}-{q}まで写して、\n下4けたは{r}です(紙が折れてて)",
        "マイナンバーを書くところは私が {a} で、夫の {b} を書けばいいのですよね。",
    ],
)
def test_what_leads_to_a_number_in_tickets_systems_and_other_languages(snippet: str) -> None:
    text, numbers = write(snippet)
    assert sekisho(prose(text)) == numbers


@pytest.mark.parametrize(
    "snippet",
    [
        "The number on the form, {a: }, is his Aadhaar, not a Japanese number. No My Number yet.",
        "오류 번호 {a} 가 나옵니다.\n마이넘버 등록 화면과는 상관없습니다.",
        "订单编号 {a}\n个人编号不需要。",
        "Mã số thuế {a}\nMy Number chưa cần.",
        "GET /mynumber/help.html?id={a}&x=1",
    ],
)
def test_numbers_of_other_countries_and_systems_are_none(snippet: str) -> None:
    assert sekisho(prose(write(snippet)[0])) == set()
