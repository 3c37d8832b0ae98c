"""What a word before, behind or over a number says of it: `about`, `unlisted`, `forms`."""

import random

import pytest

from benchmarks.detection import sekisho
from detectors.context import about, forms, unlisted
from detectors.context.mail import Mail
from detectors.report import Confidence
from detectors.score import findings
from detectors.surface import Spot, Table, Text
from detectors.words import fold, fold_with_gaps, labels
from tests.detectors import corpus

RNG = random.Random(7)
N, M = corpus.person(RNG, "5"), corpus.person(RNG, "8")


def named(text: str) -> list[str]:
    folded, gaps = fold_with_gaps(text)
    return [label.word for label in labels(folded, gaps)]


def test_it_works() -> None:
    assert named("個人番号：") == ["個人番号"]
    assert unlisted.before("診察券番号：123", 6) == "診察券番号:"
    assert forms.recognised(fold("給与所得の源泉徴収票 支払を受ける者 支払金額")) == "源泉徴収票"


@pytest.mark.parametrize(
    "text",
    [
        "個人番号の照会",
        "個人番号取込処理",
        "マイナンバー管理システム",
        "マイナンバーカードケース",
        "マイナンバーカードをお持ちの方",
        "マイナンバーは記載しないでください",
        "個人番号は含まれておりません",
        "個人番号ではなく",
        "個人番号とは関係ありません",
        "個人番号(マイナンバー)とは無関係です",
        "マイナンバーのかわりに",
        "マイナンバーの収集が終わったら",
        "個人番号の登録を済ませた後、",
        "Please submit My Number via Workday (task 1",
        "he cannot enter his My Number in the portal (job 1",
        "My Number reminder",
        "Individual Number training",
    ],
)
def test_what_speaks_of_something_else_names_no_number(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "個人番号 山田太郎",
        "マイナンバーのご連絡",
        "個人番号一覧",
        "個人番号を記載していなかったので",
        "個人番号の確認が終わりましたので",
        "My Number of my wife",
    ],
)
def test_what_leads_to_a_number_names_it(text: str) -> None:
    assert len(named(text)) == 1


def test_a_denied_label_is_none() -> None:
    assert about.is_denied(fold("送り状番号ではありません"), 0, 3)
    assert not labels(fold("1234 is not My Number. I don't have My Number."))
    assert [label.kind for label in labels(fold("注文番号とは別に、個人番号"))] == [
        "jp.individual_number"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "図書カード番号：",
        "お客さま番号 ",
        "Reservation number: ",
        "B/L No. ",
        "jobid=",
        '"orderKey": "',
        "旧コード ",
    ],
)
def test_any_word_of_the_form_is_a_label(text: str) -> None:
    assert unlisted.before(text, len(text))


@pytest.mark.parametrize(
    "text", ["番号：", "この番号は", "下記番号 ", "your number ", "value=", '"v": "', "です。"]
)
def test_a_number_alone_is_none(text: str) -> None:
    assert not unlisted.before(text, len(text))


def paper(text: str) -> Text:
    return Text(Spot("2", ("書類.pdf",), unit="page:1"), text, ("書類.pdf",))


def test_a_form_is_known_without_its_title_and_not_by_talk_of_it() -> None:
    printed = "所轄税務署長 給与の支払者の名称 世帯主の氏名 あなたとの続柄 老人扶養親族"
    assert forms.recognised(fold(printed)) == "扶養控除等（異動）申告書"
    assert forms.recognised(fold("源泉徴収票と扶養控除等申告書をお送りします。")) == ""
    assert forms.recognised(fold("氏名 生年月日 住所 続柄 性別 区分 摘要 支払金額")) == ""


def test_a_number_on_a_form_is_likely_and_says_why() -> None:
    text = f"健康保険 厚生年金保険 被保険者資格取得届\n事業所整理記号 01\n{N}\n報酬月額 250"
    (finding,) = findings([paper(text)])
    assert finding.confidence == Confidence.MEDIUM
    (reason,) = (one for one in finding.reasons if one.code == "form_fingerprint")
    assert reason.params == {"form": "健康保険・厚生年金保険 被保険者資格取得届"}
    assert sekisho([paper(f"健康保険の加入者の方\n{N}")]) == set()  # type: ignore[arg-type]


def test_words_of_a_form_may_stand_in_other_pieces_of_its_file() -> None:
    spot = Spot("2", ("票.docx",))
    words = Text(spot, "給与所得の源泉徴収票 支払を受ける者 給与所得控除後の金額")
    box = Table(spot, [["", N]])
    assert Mail([words, box]).form(box) == "源泉徴収票"
    assert Mail([words, box]).form(Table(Spot("3", ("他.docx",)), [["", N]])) == ""


@pytest.mark.parametrize("label", ["送り状番号", "注文番号", "受給者番号"])
def test_on_a_form_too_the_nearest_label_decides(label: str) -> None:
    text = f"給与所得の源泉徴収票 支払を受ける者 支払金額 源泉徴収税額\n{label} {N}"
    assert sekisho([paper(text)]) == set()  # type: ignore[arg-type]


def test_three_keys_of_a_record_are_three_lists() -> None:
    rows = "\n".join(f'{{"orderId": "{corpus.person(RNG)}"}},' for _ in range(4))
    assert all(f.confidence != Confidence.HIGH for f in findings([paper(rows)]))


def test_a_staff_number_on_the_next_line_makes_no_card_of_it() -> None:
    text = f"個人番号\n10:{corpus.grouped(N)}\n4021,山田,{corpus.grouped(M)}"
    assert sekisho([paper(text)]) == {N, M}  # type: ignore[arg-type]


def _sure(text: str) -> list[Confidence]:
    return [one.confidence for one in findings([Text(Spot("1"), text)], {"jp.individual_number"})]


@pytest.mark.parametrize(
    "said",
    [
        "My number is 03-1234-5678.\n\nInvoice {} is attached.",
        "Call my number 080 1111 2222. Flight booking {} confirmed.",
        "You can reach me at my number below.\n090-1234-5678\nPO {}",
        "My number is +81 90 1234 5678 and the order {} is still open.",
        "My number is ext. 4521.\n\nCommit {} was reverted.",
    ],
)
def test_my_number_may_be_a_telephone(said: str) -> None:
    assert not {Confidence.HIGH, Confidence.MEDIUM} & {*_sure(said.format(N))}


@pytest.mark.parametrize(
    "said", ["My Number is {}.", "My Number {}, tel. 03-1234-5678", "My Number:\n{}\n090-1234-5678"]
)
def test_my_number_beside_a_telephone_is_one(said: str) -> None:
    assert _sure(said.format(N)) == [Confidence.HIGH]


@pytest.mark.parametrize(
    "said",
    [
        "Please pick up your My Number card. Appointment {}.",
        "Please see article {} about Individual Numbers.",
        "Submit My Number via Workday (task {}).",
    ],
)
def test_an_english_word_of_its_own_names_the_number(said: str) -> None:
    assert not sekisho(corpus.mail(said.format(N)))


@pytest.mark.parametrize(
    "said",
    ["My Number in the file is {}.", "My Number to register: {}", "My Number card. It is {}"],
)
def test_what_is_said_to_be_the_number_is_one(said: str) -> None:
    assert sekisho(corpus.mail(said.format(N))) == {N}


@pytest.mark.parametrize(
    "said", ["年末調整に必要な番号は{}です。", "扶養に入る家族です。\n花子 {}\n一郎 {}"]
)
def test_where_payroll_asks_for_it_a_number_needs_no_name(said: str) -> None:
    body = said.format(N, M)
    assert sekisho(corpus.mail(body)) == {one for one in (N, M) if one in body}
    assert not sekisho(corpus.mail(body.replace("年末調整", "見積").replace("扶養", "名簿")))
