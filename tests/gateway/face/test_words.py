from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors import defects, numbers
from detectors.report import Confidence, Fact, Finding, Place, Reason
from gateway.face import words
from gateway.face.i18n import words_in
from gateway.face.words import findings, record
from gateway.memory.states import Event, State

JA, EN = words_in("ja"), words_in("en")
ROOT = Path(__file__).parents[3]


def test_it_works() -> None:
    found = Finding(
        "jp.individual_number",
        Confidence.HIGH,
        (Place("2", ("一覧.xlsx", "内訳"), "C5:C40", True, 36, tuple(range(36))),),
        (Reason("check_digit_ok", {"n": 36}), Reason("column_header", {"label": "個人番号"})),
    )
    article = words.article_of_finding(JA, found)
    assert article.level == "bad"
    assert article.title == "個人番号（マイナンバー）と思われる情報が36件あります"
    assert article.places == ((("一覧.xlsx", "内訳（非表示）", "C5:C40"), 36),)
    assert article.why == (
        "検査用数字が36件とも一致しています",
        "列の見出しが「個人番号」です",
    )
    english = words.article_of_finding(EN, found)
    assert english.title == "Possible Individual Number (My Number): 36 found"
    assert english.why[1] == "The column heading is “個人番号”"


@pytest.mark.parametrize(
    ("place", "ja", "en"),
    [
        (Place("1"), "本文", "Body"),
        (Place("1", range="line:12"), "本文 › 12行目", "Body › line 12"),
        (Place("1", hidden=True), "本文（非表示）", "Body (hidden)"),
        (Place("subject"), "件名", "Subject"),
        (Place("name:2"), "添付ファイル名", "Attachment name"),
        (Place("header:x-note"), "ヘッダー（x-note）", "Header (x-note)"),
        (Place("2", ("a.zip", "b.pdf"), "page:3"), "a.zip › b.pdf › 3ページ", "a.zip › b.pdf › page 3"),  # noqa: E501
        (Place("2", ("c.pptx",), "slide:2"), "c.pptx › スライド2", "c.pptx › slide 2"),
        (Place("2", ("d.txt",), "line:3-9"), "d.txt › 3–9行目", "d.txt › line 3–9"),
        (Place("2", ("e.xlsx", "一覧"), "cell:C5"), "e.xlsx › 一覧 › C5", "e.xlsx › 一覧 › C5"),
        (Place("2", ("f.bin",), "track:9"), "f.bin › track:9", "f.bin › track:9"),
    ],
)  # fmt: skip
def test_places_read_as_a_way_in(place: Place, ja: str, en: str) -> None:
    assert words.place(JA, place) == ja
    assert words.place(EN, place) == en


@pytest.mark.parametrize("kind", numbers.KINDS)
def test_every_kind_of_number_has_a_name_in_both_languages(kind: str) -> None:
    named = words.kind(JA, kind), words.kind(EN, kind)
    assert not any(kind in name for name in named) and named[0] != named[1]
    assert not named[0].isascii() and named[1].isascii() or "’" in named[1]


@pytest.mark.parametrize("words_", [JA, EN])
def test_the_one_who_was_never_with_the_others_is_named_and_nothing_is_said_twice(words_) -> None:
    part = "to:kimura@print.example"
    card = words.article_of_facts(
        words_, [Fact("group_outlier", part, (), Reason("never_together"))]
    )
    assert card.why == () and card.places == (((part[3:],), 0),)
    assert card.brief.startswith(card.title) and card.brief.count(part[3:]) == 1


def test_what_a_rule_asks_for_by_a_reason_is_no_code() -> None:
    assert words.reason_asked(JA, "transfer_link") == (
        "ファイル転送サービス（…）へのリンクがあります"
    )
    for code in findings.REASONS:
        for each in (JA, EN):
            assert code not in words.reason_asked(each, code) or code.isalpha()


def test_one_is_not_said_as_many() -> None:
    assert words.reason(JA, Reason("check_digit_ok", {"n": 1})) == "検査用数字が一致しています"


def test_facts_of_one_name_are_one_card_and_the_worst_stands_first() -> None:
    facts = [
        Fact("uninspectable", "2", ("a.zip",), Reason("encrypted_zip", {"members": 3})),
        Fact("uninspectable", "3", ("b.zip",), Reason("encrypted_zip", {"members": 1})),
        Fact("ambiguous", "", (), Reason("duplicate_boundary")),
        Fact("hidden_sheet", "4", ("c.xlsx", "内訳"), Reason("hidden_sheet", {"state": "hidden"})),
    ]
    cards = words.articles(JA, [], facts)
    assert [card.level for card in cards] == ["bad", "warn", "warn"]
    assert cards[0].why == ("本文と添付の区切りに誤りがあり、2通りに読めます",)
    assert cards[1].places == ((("a.zip",), 0), (("b.zip",), 0))
    assert cards[1].why == ("パスワード付きZIPのため、中身を検査できません",)
    assert cards[2].why == ()


@pytest.mark.parametrize(
    "said",
    [
        words.reason(JA, Reason("brand_new")),
        words.reason(JA, Reason("column_header")),  # its parameter is missing
        words.fact(JA, Fact("brand_new")),
        words.defect(JA, "brand_new"),
        words.kind(JA, "xx.brand_new"),
        words.state(JA, "brand_new"),
        words.verb(JA, "brand_new"),
        words.delivery(JA, "brand_new"),
        words.demand(JA, "brand_new"),
        words.actor(JA, "brand_new"),
        words.role(JA, "brand_new"),
    ],
)
def test_a_code_is_never_shown_alone(said: str) -> None:
    code = "column_header" if "column_header" in said else "brand_new"
    assert len(said) > len(code) + 2 and said[0] > "\u3000"


def test_what_a_parameter_says_is_not_a_format() -> None:
    assert "%(x)s %d" in words.reason(JA, Reason("column_header", {"label": "%(x)s %d"}))


@pytest.mark.parametrize(
    ("this", "usual", "marked", "ja"),
    [
        (
            "sr-offlce.example.jp",
            "sr-office.example.jp",
            (("sr-off", False), ("l", True), ("ce.example.jp", False)),
            "7文字目が i（アイ）ではなく l（エル）です。",
        ),
        (
            "gmai.com",
            "gmail.com",
            (("gmai.com", False),),
            "5文字目の前で l（エル）が抜けています。",
        ),
        (
            "exampplle.jp",
            "example.jp",
            (("examp", False), ("pl", True), ("le.jp", False)),
            "6文字目に plが余分にあります。",
        ),
        (
            "exarnple.jp",
            "example.jp",
            (("exa", False), ("rn", True), ("ple.jp", False)),
            "4文字目が mではなく rnです。",
        ),
    ],
)
def test_the_differing_letter_is_marked_and_named(this, usual, marked, ja) -> None:
    found = words.compare(JA, this, usual)
    assert (found.this, found.sentence) == (marked, ja)


def test_what_is_missing_is_marked_in_the_usual_one() -> None:
    found = words.compare(JA, "gmai.com", "gmail.com")
    assert found.usual == (("gmai", False), ("l", True), (".com", False))


def _codes_in_detectors() -> Iterator[tuple[str, str]]:
    """What is written as `Reason("code"`, `Refused("code"`, `Note(spot, "name"` in the readers."""
    for path in sorted((ROOT / "detectors").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            at = {"Reason": 0, "Refused": 0, "Note": 1, "Fact": 0}.get(node.func.id)
            if at is None or len(node.args) <= at:
                continue
            code = node.args[at]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield node.func.id, code.value


def test_every_code_of_the_detectors_has_its_sentence() -> None:
    facts = findings.FACTS.keys()
    known = {"Note": facts, "Fact": facts}
    unknown = {
        (kind, code)
        for kind, code in _codes_in_detectors()
        if code not in known.get(kind, findings.REASONS.keys() | facts)
    }
    assert unknown == set()


def test_every_way_to_hide_text_has_its_sentence_and_stands_in_the_policy_page() -> None:
    ways = re.compile(r'"(text_[a-z_]+|shape_hidden|note_hidden|cell_shows_nothing)"')
    readers = (ROOT / "detectors" / "extract").rglob("*.py")
    emitted = {code for path in readers for code in ways.findall(path.read_text())}
    page = (ROOT / "docs" / "policy.md").read_text()
    assert {"text_in_background", "text_covered"} < emitted
    assert emitted <= findings.REASONS.keys()
    assert all(f"`{code}`" in page for code in emitted)


def test_a_fact_says_where_in_its_file() -> None:
    fact = Fact("hidden_text", "2", ("資料.pptx",), Reason("text_off_slide"), "slide:3")
    (card,) = findings.articles(JA, (), [fact])
    assert card.places == ((("資料.pptx", "スライド3"), 0),)
    assert (
        card.brief == "添付ファイルに、画面に見えない文字があります（スライドの外に文字があります）"
    )


def test_every_defect_has_its_sentence() -> None:
    named = defects.STRUCTURAL | defects.HARMLESS | defects.LIMITS
    assert named - findings.DEFECTS.keys() == set()


def test_every_state_and_its_acts_have_names() -> None:
    assert {state.value for state in State} - record.STATES.keys() == set()
    assert {event.value for event in Event} - record.VERBS.keys() == set()


def _recorded_acts() -> Iterator[str]:
    """What is written as `tx.record("verb", …)` on any floor."""
    for floor in ("gateway", "bridge", "admin_ui"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record":
                    verb = node.args[0] if node.args else None
                    if isinstance(verb, ast.Constant) and isinstance(verb.value, str):
                        yield verb.value


def test_every_recorded_act_has_a_name() -> None:
    assert set(_recorded_acts()) - record.VERBS.keys() == set()


def test_several_of_a_kind_are_joined_as_the_language_does() -> None:
    params = {"label": "山田事務所", "purpose": "税務、社会保険", "purposes": "税務\n社会保険"}
    found = Reason("addressee_registered", params)
    assert "税務、社会保険" in words.reason(JA, found)
    assert "税務, 社会保険" in words.reason(EN, found)


def test_acts_have_different_names_in_english() -> None:
    """An auditor must be able to tell them apart and to filter by them."""
    english = [words.verb(EN, code) for code in record.VERBS]
    assert len(set(english)) == len(english)
    japanese = [words.verb(JA, code) for code in record.VERBS]
    assert len(set(japanese)) == len(japanese)
