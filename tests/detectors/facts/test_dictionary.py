"""Words with points: found as people write them, counted once, and where they stand."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import Wanted, inspect
from detectors.facts import dictionary
from detectors.facts.confidential import CONFIDENTIAL
from detectors.facts.dictionary import Dictionary, Entry
from detectors.own import Own, from_json
from detectors.report import Confidence
from detectors.surface import Spot, Table, Text
from detectors.view import view

WORDS = Dictionary(
    "案件",
    (
        Entry("個人情報", 5),
        Entry("極秘", 10),
        Entry("極秘資料", 12),
        Entry("NDA", 3),
        Entry("Project X", 7),
        Entry("ミドリ計画", 4),
        Entry("個人情報保護方針", 0),
        Entry("社外秘", 2),
        Entry("社外秘", 10, mark=True),
    ),
)


def found(said: str, part: str = "1", words: Dictionary = WORDS) -> dict[str, int]:
    return {hit.word: hit.points for hit in dictionary.look(words, view(Text(Spot(part), said)))}


def test_it_works() -> None:
    body = "ミドリ計画の個人情報です。個人情報です。".encode()
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body
    report = inspect(raw, Wanted(own=Own((WORDS,))))
    (finding,) = report.findings
    assert (finding.kind, finding.confidence) == ("dictionary.案件", Confidence.LOW)
    assert finding.unique == 9  # of 5 and 4 points, however often they stand there
    assert finding.reasons[0].params == {"label": "個人情報・ミドリ計画", "n": 9}
    assert [place.part for place in finding.where] == [""]


@pytest.mark.parametrize(
    "said",
    [
        "個人情報", "個　人　情　報", "個 人 情 報", "個人\n情報", "個\n人\n情\n報",
        "個\u200b人情報", "【個人情報】", "個\xa0人\u2003情報",
    ],
)  # fmt: skip
def test_japanese_words_are_found_through_blanks_and_line_ends(said: str) -> None:
    assert found(f"これは{said}です") == {"個人情報": 5}


@pytest.mark.parametrize(
    ("said", "hits"),
    [
        ("the NDA was", ["nda"]),
        ("ＮＤＡを締結", ["nda"]),
        ("nda", ["nda"]),
        ("Honda agenda", []),
        ("an dark", []),
        ("N D A", []),  # three letters with blanks stand in any text
        ("Project X", ["projectx"]),
        ("ＰＲＯＪＥＣＴ　Ｘ", ["projectx"]),
        ("project_x.xlsx", ["projectx"]),
        ("P r o j e c t X", ["projectx"]),
        ("Project Xylophone", []),
        ("subproject x", []),
        ("ﾐﾄﾞﾘ計画", ["ミドリ計画"]),
        ("ミト\u3099リ計画", ["ミドリ計画"]),
        ("極秘資料", ["極秘資料"]),
        ("極秘 資料、極秘", ["極秘資料", "極秘"]),
        ("個人情報保護方針", []),
        ("個人情報保護方針と個人情報", ["個人情報"]),
    ],
)
def test_widths_cases_word_ends_and_longer_words(said: str, hits: list[str]) -> None:
    assert list(found(said)) == hits


@pytest.mark.parametrize(
    ("said", "part", "points"),
    [
        ("【社外秘】お見積り", "subject", 10),
        ("お見積り（社外秘）", "subject", 10),
        ("社外秘_見積.xlsx", "name:2", 10),
        ("見積社外秘.pdf", "name:2", 10),
        ("社外秘資料の送付", "subject", 10),
        ("社外秘\n2026年度計画", "1", 10),
        ("本資料は社外秘です。", "1", 10),
        ("x\n" * 300 + "社　外　秘", "1", 10),
        ("x\n" * 300 + "© 2026 みどり商事 社外秘\n", "1", 10),
        ("x\n" * 300 + "前回の社外秘の資料は", "1", 2),
        ("社外秘解除のお知らせ", "subject", 2),
        ("社外秘文書管理規程.docx", "name:2", 2),
        ("これは社外秘ではありません", "1", 2),
        ("社外秘でないもの", "subject", 2),
    ],
)
def test_a_mark_is_told_from_a_word_by_where_it_stands(said: str, part: str, points: int) -> None:
    assert found(said, part) == {"社外秘": points}


@pytest.mark.parametrize(
    ("said", "part", "word"),
    [
        ("【極秘】", "subject", "極秘"),
        ("㊙", "subject", "秘"),
        ("Ｃｏｎｆｉｄｅｎｔｉａｌ", "subject", "confidential"),
        ("Strictly Confidential", "1", "strictlyconfidential"),
        ("x\n" * 300 + "Confidential - Midori Trading", "1", "confidential"),
        ("T O P  S E C R E T", "1", "topsecret"),
        ("取扱注意", "name:3", "取扱注意"),
        ("x\n" * 300 + "(取扱注意)", "1", "取扱注意"),
        ("持ち出し禁止", "1", "持ち出し禁止"),
    ],
)
def test_the_shipped_marks(said: str, part: str, word: str) -> None:
    assert list(found(said, part, CONFIDENTIAL)) == [word]


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("x\n" * 300 + "This e-mail is confidential and intended for the addressee.", "1"),
        ("This message may contain confidential information.", "1"),
        ("機密保持契約書.pdf", "name:2"),
        ("機密情報管理規程について", "subject"),
        ("秘密保持契約の件", "subject"),
        ("秘書室よりご連絡", "subject"),
        ("神秘です", "1"),
        ("社外秘ではありませんので", "1"),
        ("あ" * 500 + "この極秘プロジェクトは", "1"),
        ("Confidentiality Agreement", "subject"),
    ],
)
def test_what_only_speaks_of_secrecy_is_no_mark(said: str, part: str) -> None:
    assert found(said, part, CONFIDENTIAL) == {}


def test_points_of_a_word_are_the_most_of_its_places_and_survive_what_is_dropped() -> None:
    raw = (
        'Subject: =?utf-8?b?44CQ56S+5aSW56eY44CR?=\r\nContent-Type: multipart/mixed; boundary="b"'
        "\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + "あ"
        * 500
        + "社外秘のミドリ計画\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        'Content-Disposition: attachment; filename="a.txt"\r\n\r\n極秘資料\r\n--b--\r\n'
    ).encode()
    report = inspect(raw, Wanted(own=Own((WORDS,))))
    (finding,) = report.findings
    assert (finding.unique, finding.confidence) == (10 + 4 + 12, Confidence.HIGH)
    (left,) = report.without(frozenset({"2"})).findings
    assert left.unique == 14


def test_in_a_table_the_cell_is_told_and_letters_may_stand_one_a_cell() -> None:
    rows = [["件名", "区分"], ["A\n計画", "社外秘"], ["個", "人", "情", "報"]]
    sheet = Table(Spot("2", ("表.xlsx",)), rows, first_row=3, first_column=2, hidden_columns={3})
    hits = {hit.word: hit for hit in dictionary.look(WORDS, view(sheet))}
    assert hits["社外秘"].points == 10 and hits["社外秘"].stand.hidden
    box = hits["社外秘"].stand.box
    assert box and (box.top, box.left) == (4, 3)
    spread = hits["個人情報"].stand.box
    assert spread and (spread.left, spread.right) == (2, 5)


def test_own_words_travel_as_json() -> None:
    own = Own((WORDS, CONFIDENTIAL))
    assert from_json(own.json) == own
    assert own.among(["dictionary.案件"]).kinds == {"dictionary.案件"}
    assert not inspect(b"Subject: NDA\r\n\r\n", Wanted(kinds=("card_number",), own=own)).findings


@given(st.text(alphabet="社外秘密a B\n　.\x01-ＮＤＡ", max_size=60))
def test_every_text_is_read(said: str) -> None:
    for words in (WORDS, CONFIDENTIAL):
        for hit in dictionary.look(words, view(Text(Spot("1"), said))):
            assert hit.word in words.points and hit.points > 0


@pytest.mark.slow
def test_time_grows_with_the_text_only() -> None:
    rng = random.Random(4)
    letters = "社外秘極個人情報資料計画"
    many = tuple(Entry("".join(rng.choices(letters, k=rng.randint(2, 8))), 1) for _ in range(500))
    words = Dictionary("many", many)

    def spent(size: int) -> float:
        seen = view(Text(Spot("1"), "".join(rng.choices(letters + " \n", k=size))))
        started = time.process_time()
        list(dictionary.look(words, seen))
        return time.process_time() - started

    spent(1_000)
    assert spent(400_000) < 30 * max(spent(50_000), 0.01)
