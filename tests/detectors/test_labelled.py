"""Kinds that have no form of their own: told by their labels, and by nothing else."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import numbers, score, words
from detectors.report import Confidence, Finding
from detectors.surface import Spot, Table, Text
from tests.detectors.test_numbers import MAKERS

ROOT = Path(__file__).parents[2]
WRITTEN = tuple(numbers.written(numbers.KINDS))
NAMES = {
    "jp.invoice_number": "登録番号",
    "jp.pension_number": "基礎年金番号",
    "jp.resident_code": "住民票コード",
    "jp.insurer_number": "保険者番号",
    "jp.health_insurance": "保険証の記号・番号",
    "jp.employment_insurance": "雇用保険被保険者番号",
    "jp.residence_card": "在留カード番号",
    "jp.passport": "旅券番号",
    "jp.bank_account": "口座番号",
    "jp.telephone": "電話番号",
}
ALL = frozenset(WRITTEN)
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})


def found(*said: str | list[list[str]], kinds: frozenset[str] | None = ALL) -> list[Finding]:
    surfaces = [
        Text(Spot("1"), one) if isinstance(one, str) else Table(Spot("2"), one) for one in said
    ]
    return list(score.findings(surfaces, kinds))


def told(*said: str | list[list[str]]) -> set[str]:
    return {one.kind for one in found(*said) if one.confidence is not Confidence.LOW}


def some(kind: str, seed: int = 1) -> str:
    """One number of `kind` as it is printed."""
    return numbers.number(kind).format(MAKERS[kind](random.Random(seed)))


def test_it_works() -> None:
    first, second = some("jp.pension_number", 1), some("jp.pension_number", 2)
    text = f"お疲れさまです。\n基礎年金番号：{first}\nまた、年金番号は {second} と {first} です。"
    (one,) = found(text)
    assert (one.kind, one.confidence) == ("jp.pension_number", Confidence.HIGH)
    assert (one.unique, one.occurrences, one.masked) == (2, 3, "●●●●-●●●●●●")
    assert [place.range for place in one.where] == ["line:2", "line:3"]
    assert one.reasons[0].code == "nearest_label"
    assert "check_digit_ok" not in {reason.code for reason in one.reasons}


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_number_under_its_label_is_found_as_people_write_it(kind: str) -> None:
    number, name = some(kind), NAMES[kind]
    assert told(f"{name}：{number}") == {kind}
    assert told(f"{name}は、{number.translate(WIDE)}です。") == {kind}
    assert told(f"【{name}】\r\n  {number}\r\n") == {kind}
    if "-" in number:
        assert told(f"{name} {number.replace('-', '‐')}") == {kind}
        assert told(f"{name} {number.replace('-', 'ー').translate(WIDE)}") == {kind}


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_number_under_its_heading_is_found_in_tables(kind: str) -> None:
    column = [["氏名", NAMES[kind], "備考"], *(["山田", some(kind, i), "x"] for i in range(5))]
    (one,) = found(column)
    assert (one.kind, one.unique, one.where[0].range) == (kind, 5, "B2:B6")
    assert one.reasons[-1].code == "column_header"
    assert told([["氏名", "山田 太郎"], [NAMES[kind], some(kind).translate(WIDE)]]) == {kind}
    assert told([["備考"], [f"{NAMES[kind]}は {some(kind)} とのこと"]]) == {kind}


@pytest.mark.parametrize("kind", WRITTEN)
def test_without_its_label_it_is_no_such_number(kind: str) -> None:
    number = some(kind)
    assert told(f"下記の通りです。\n{number}\n以上") == set()
    assert told(f"伝票番号：{number}") == set()
    assert told(f"{NAMES[kind]}を{'よく' * 25}ご確認ください。{number}") == set()
    assert told([["商品コード"], *([some(kind, i)] for i in range(9))]) == set()


@pytest.mark.parametrize("kind", WRITTEN)
def test_nothing_is_looked_for_that_nobody_asks_for(kind: str) -> None:
    text, table = f"{NAMES[kind]}：{some(kind)}", [[NAMES[kind]], [some(kind)]]
    assert kind not in score.DEFAULT_KINDS
    assert found(text, table, kinds=None) == []
    assert found(text, table, kinds=ALL - {kind}) == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("TEL03-1234-5678 FAX 03(1234)5679", {"jp.telephone"}),
        ("TEL/FAX：03-1234-5678/03-1234-5679", {"jp.telephone"}),
        ("携帯：＋81 90-1234-5678", {"jp.telephone"}),
        ("電話番号（代表）:0120-123-456", {"jp.telephone"}),
        ("みずほ銀行 丸の内支店 普通 1234567", {"jp.bank_account"}),
        ("振込先：みどり銀行　本店（普）1234567 カ）ミドリ", {"jp.bank_account"}),
        ("本店（普）口座番号 0001-001-1234567", {"jp.bank_account"}),
        ("ゆうちょ銀行 記号10170 番号12345671", {"jp.bank_account"}),
        ("健康保険証：記号1234 番号56（枝番01）", {"jp.health_insurance"}),
        ("登録番号：T5835678256246", {"jp.invoice_number"}),
        ("法人番号 5835678256246", set()),
        ("保険者番号 33120016", set()),
        ("電話でお申し込みください。注文番号 0312345678", set()),
        ("ご請求額 1234567円 口座番号は別途", set()),
        ("口座番号のご案内（残高 1234567円）", set()),
        ("保険証をお持ちください。受付は10-12時です。", set()),
        ("電話 2026-04-01", set()),
        ("口座番号 12345678", set()),
        ("旅券番号 ABTR1234567", set()),
        ("パスポート申請 2026年 http://example.jp/TR1234567a", set()),
    ],
)
def test_hard_cases(text: str, kinds: set[str]) -> None:
    assert told(text) == kinds


def test_a_list_under_one_label_is_found_to_its_end_and_no_further() -> None:
    kind = "jp.pension_number"
    lines = [f"社員{'甲乙丙丁戊'[i % 5]} {some(kind, i)}" for i in range(20)]
    text = "\n".join(["基礎年金番号一覧", *lines, "", "ご" * 80, some(kind, 99)])
    (one,) = found(text)
    assert one.unique == 20


def test_columns_of_a_table_that_became_text_keep_their_headings() -> None:
    rows = [f"山田 {some('jp.pension_number', i)} {some('jp.telephone', i)}" for i in range(3)]
    pension, telephone = found("\n".join(["氏名　基礎年金番号　電話番号", *rows]))
    assert (pension.kind, pension.unique) == ("jp.pension_number", 3)
    assert (telephone.kind, telephone.unique) == ("jp.telephone", 3)


def test_labels_begin_with_a_plain_character_so_that_texts_are_skipped_over() -> None:
    slow = [word for _, word in words._WORDS if not re.match(r"\w", word) or "|" in _bare(word)]
    assert slow == []


def _bare(word: str) -> str:
    """`word` without what stands in brackets."""
    while word != (word := re.sub(r"\([^()]*\)|\[[^\]]*\]", "", word)):
        pass
    return word


PIECES = st.sampled_from(
    [*"0123456789- ()+・　ー：\n", "TEL", "口座番号", "記号", "番号", "AB", "T"]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(PIECES, max_size=200).map("".join))
def test_any_text_is_read_and_what_is_found_is_valid(text: str) -> None:
    revealed = score.revealed([Text(Spot("1"), text), Table(Spot("2"), [[text]])], WRITTEN)
    assert all(numbers.number(kind).is_valid(v) for kind, vs in revealed.items() for v in vs)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["0", "03-", "1-", "記号1 ", "+81", "AB1", "(0", "10170 ", "T1-"])
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    """A pattern that backtracks would take a hundred times as long for ten times the text."""
    import time

    def seconds(repeat: int) -> float:
        start = time.process_time()
        found("電話 " + unit * repeat, kinds=frozenset(WRITTEN))
        return time.process_time() - start

    seconds(100)
    short = min(seconds(4_000) for _ in range(3))
    assert seconds(40_000) < 40 * max(short, 0.01)


# -- one file and one line


TRIAL = """
from detectors.numbers import KINDS, number
from detectors.score import findings
from detectors.surface import Spot, Table, Text
from gateway.judgement.policy.load import load
from gateway.face.i18n import words_in
from gateway.face.words import kind

KIND = "example.member_number"
text = Text(Spot("1"), "お世話になります。\\n労組員番号：ＭＢ-１２３４５５ です。MB123455")
table = Table(Spot("2"), [["氏名", "労組員No."], ["山田", "MB123455"], ["佐藤", "MC654320"]])
wrong = Text(Spot("3"), "会員番号 MB123455")
rule = '''
[[rule]]
name = "members"
why = { ja = "組合員", en = "members" }
when = { finding = "example.member_number" }
then = { action = "confirm" }
'''
(found,) = findings([text, table, wrong], load(rule, "policy.toml").kinds)
print(found.kind, found.confidence, found.unique, found.masked)
print(*[place.range for place in found.where], *[reason.code for reason in found.reasons])
print(kind(words_in("ja"), KIND))
assert findings([text, table, wrong]) == ()
"""


def test_a_stranger_adds_a_kind_by_one_file_and_one_line(tmp_path: Path) -> None:
    """The very file that docs/extending.md shows, in a copy of the detectors."""
    page = (ROOT / "docs" / "extending.md").read_text("utf-8")
    (example,) = re.findall(r"<!-- example -->\n```python\n(.*?)```", page, re.S)
    package = shutil.copytree(ROOT / "detectors", tmp_path / "detectors")
    (package / "numbers" / "member_number.py").write_text(example, "utf-8")
    listed = package / "numbers" / "__init__.py"
    line = '    "example.member_number": "member_number",\n'
    before = listed.read_text("utf-8")
    listed.write_text(
        before.replace('    "card_number": "card",\n', line + '    "card_number": "card",\n')
    )
    assert listed.read_text("utf-8").count("\n") == before.count("\n") + 1
    search = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]\n"
    ran = subprocess.run(
        [sys.executable, "-c", search + TRIAL], capture_output=True, text=True, cwd=tmp_path
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "example.member_number high 2 ●●-●●●●●●",
        "line:2 B2:B3 check_digit_ok nearest_label column_header",
        "番号（種類：example.member_number）",
    ]
    tried = subprocess.run(
        [sys.executable, "-m", "doctest", package / "numbers" / "member_number.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert (tried.returncode, tried.stdout) == (0, "")
