"""Dictionaries, patterns and the register: from the configuration to the workers, and the file
of the register by itself."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from detectors.own import Own
from detectors.report import Confidence, Report
from gateway.judgement import own as watching
from gateway.judgement import policies, register
from gateway.judgement.own import Watched, configured
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.judgement.register import Damaged
from gateway.judgement.sandbox import Sandbox
from gateway.memory.config import Config, read
from gateway.memory.faults import Refused
from gateway.memory.keys import KeyMissing
from tests import samples
from tests.e2e import traces

NUMBERS = samples.individual_numbers(40, seed=51)
NAMES = [f"社員{i}" for i in range(len(NUMBERS))]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "projects.csv").write_bytes("語,点数\nミドリ計画,8\nNDA,4\n".encode("cp932"))
    return read(
        {
            "data_dir": "var",
            "dictionary": [
                {"name": "案件", "file": "projects.csv"},
                {"name": "秘密区分", "builtin": "confidential"},
            ],
            "pattern": [{"name": "社員番号", "regex": "E[0-9]{6}", "labels": ["社員番号"]}],
        },
        "sekisho.toml",
        tmp_path,
    )


def as_csv(rows: Iterable[Iterable[object]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def staff(numbers: list[str] = NUMBERS) -> list[list[str]]:
    rows = zip(NAMES, numbers, strict=False)
    return [["No", "氏名", "個人番号"], *([str(i), n, m] for i, (n, m) in enumerate(rows, 1))]


def built(config: Config, folder: Path, text: str = "", charset: str = "utf-8") -> register.Counts:
    file = folder / "staff.csv"
    file.write_bytes((text or as_csv(staff())).encode(charset))
    made, counts = register.made(register.prepare_key(config), file)
    register.save(config, made)
    return counts


def mail(body: str, subject: str = "ご連絡") -> bytes:
    return samples.message(subject, body)


# -- the file of the register


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_it_works(config: Config, tmp_path: Path, charset: str, delimiter: str) -> None:
    counts = built(config, tmp_path, as_csv(staff(), delimiter), charset)
    assert (counts.rows, counts.valid, counts.invalid, counts.empty) == (40, 40, 0, 0)
    found = register.load(config)
    assert found is not None and all(found.knows(number) for number in NUMBERS)
    assert register.path(config).stat().st_mode & 0o777 == 0o600
    assert register.key_path(config).stat().st_mode & 0o777 == 0o400


WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    "rows",
    [
        [["社員情報", "", ""], ["", "", ""], *staff()],
        [["氏名", "マイナンバー（12桁）"], *([n, m] for n, m in zip(NAMES, NUMBERS, strict=True))],
        [["name", "my_number"], *([n, m] for n, m in zip(NAMES, NUMBERS, strict=True))],
        [[n, m] for n, m in zip(NAMES, NUMBERS, strict=True)],
        [["a", "b"], *([n, f'="{m}"'] for n, m in zip(NAMES, NUMBERS, strict=True))],
        [["個人番号"], *([f"{m[:4]}-{m[4:8]}-{m[8:]}"] for m in NUMBERS)],
        [["個人番号"], *([m.translate(WIDE)] for m in NUMBERS)],
    ],
    ids=["title", "heading", "english", "none", "formula", "grouped", "wide"],
)
def test_the_column_is_found_by_its_heading_or_by_its_numbers(
    config: Config, tmp_path: Path, rows: list[list[str]]
) -> None:
    assert built(config, tmp_path, as_csv(rows)).valid == 40
    found = register.load(config)
    assert found is not None and all(found.knows(number) for number in NUMBERS)


def test_zeros_that_a_spreadsheet_took_are_put_back(config: Config, tmp_path: Path) -> None:
    zeros = [n for n in samples.individual_numbers(400, seed=52) if n[0] != "0"][:3]
    lost = "0" + zeros[0][1:-1]
    from detectors.numbers import individual_number

    whole = lost + individual_number.calc_check_digit(lost)
    rows = [["個人番号"], *([n] for n in zeros), [whole.lstrip("0")]]
    counts = built(config, tmp_path, as_csv(rows))
    found = register.load(config)
    assert counts.restored == 1 and found is not None and found.knows(whole)


def test_what_is_wrong_is_told_by_row_and_never_by_digit(config: Config, tmp_path: Path) -> None:
    wrong = NUMBERS[0][:-1] + str((int(NUMBERS[0][-1]) + 1) % 10)
    rows = staff([*NUMBERS[:10], wrong, "", "1.23457E+11", *NUMBERS[13:]])
    counts = built(config, tmp_path, as_csv(rows))
    assert (counts.valid, counts.invalid, counts.empty) == (37, 2, 1)
    assert counts.first_invalid == [12, 14]  # as a spreadsheet counts them
    assert wrong not in repr(counts)


@pytest.mark.parametrize(
    ("rows", "column", "said"),
    [
        ([["氏名", "部署"], *([n, "総務"] for n in NAMES)], "", "no column of 個人番号"),
        (
            [["氏名", "個人番号"], *([n, "12345"] for n in NAMES)],
            "",
            "no valid 個人番号 in 40 rows",
        ),
        (staff(), "社員番号", 'no column "社員番号"'),
        (staff(), "9", 'no column "9"'),
        (staff(), "氏名", "no valid 個人番号"),
        ([], "", "no column of 個人番号"),
    ],
)
def test_a_list_without_numbers_is_refused(
    config: Config, tmp_path: Path, rows: list[list[str]], column: str, said: str
) -> None:
    (tmp_path / "a.csv").write_text(as_csv(rows), "utf-8")
    with pytest.raises(Refused, match=said):
        register.made(bytes(32), tmp_path / "a.csv", column)


def test_a_column_of_other_numbers_is_refused_with_the_rows(tmp_path: Path) -> None:
    rng = random.Random(9)
    rows = [["個人番号"], *([f"{rng.randrange(10**12):012}"] for _ in range(60)), [NUMBERS[0]]]
    (tmp_path / "a.csv").write_text(as_csv(rows), "utf-8")
    with pytest.raises(Refused, match=r"is it another column\?") as refused:
        register.made(bytes(32), tmp_path / "a.csv")
    assert traces.numbers_in(str(refused.value), {row[0] for row in rows}) == set()


@pytest.mark.parametrize("column", ["3", "個人番号", "個 人 番 号"])
def test_the_column_may_be_named(config: Config, tmp_path: Path, column: str) -> None:
    (tmp_path / "a.csv").write_text(as_csv(staff()), "utf-8")
    _, counts = register.made(bytes(32), tmp_path / "a.csv", column)
    assert counts.valid == 40


def test_the_same_list_is_the_same_file_and_its_key_stays(config: Config, tmp_path: Path) -> None:
    built(config, tmp_path)
    before, key = register.path(config).read_bytes(), register.key_path(config).read_bytes()
    built(config, tmp_path, as_csv([staff()[0], *reversed(staff()[1:])]))
    assert register.path(config).read_bytes() == before
    assert register.key_path(config).read_bytes() == key


def test_a_file_that_is_not_ours_is_refused(config: Config, tmp_path: Path) -> None:
    assert register.load(config) is None
    built(config, tmp_path)
    whole = register.path(config).read_bytes()
    changed = bytearray(whole)
    changed[-40] ^= 1
    for data in (whole[:-1], b"x" * len(whole), bytes(changed)):
        register.path(config).write_bytes(data)
        with pytest.raises(Damaged):
            register.load(config)
    register.path(config).write_bytes(whole)
    register.key_path(config).unlink()
    with pytest.raises(KeyMissing):
        register.load(config)


def test_dropped_means_file_and_key(config: Config, tmp_path: Path) -> None:
    built(config, tmp_path)
    assert register.drop(config) and not register.drop(config)
    assert not register.path(config).exists() and not register.key_path(config).exists()


# -- kept up to date


@pytest.fixture(autouse=True)
def looking_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK", 0.0)


def test_the_register_is_read_again_when_it_changes(config: Config, tmp_path: Path) -> None:
    watched = Watched(config)
    first = watched.current()
    assert first.kinds == {"dictionary.案件", "dictionary.秘密区分", "pattern.社員番号"}
    assert first.register is None and watched.current() is first
    built(config, tmp_path)
    second = watched.current()
    assert second.register is not None and watched.current() is second
    register.drop(config)
    assert watched.current().register is None


def test_a_damaged_register_is_said_and_stops_nothing(
    config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    built(config, tmp_path)
    register.path(config).write_bytes(b"x")
    watched = Watched(config)
    assert watched.current().register is None and watched.current().kinds
    assert caplog.text.count("the register is not used") == 1


# -- in the policy

RULE = """
[groups."情報管理責任者"]
ja = "x"
en = "x"
[[rule]]
name = "projects"
why.ja = "案件の名前があります。"
why.en = "There are names of projects."
when = { recipient = "outside", finding = "dictionary.案件", points = ">=10" }
then = { action = "confirm" }
[[rule]]
name = "staff-numbers"
why.ja = "社員番号があります。"
why.en = "There are staff numbers."
when = { recipient = "outside", finding = "pattern.社員番号", confidence = "high", unique = ">=2" }
then = { action = "approve", approvers = { group = "情報管理責任者" } }
"""


def test_a_rule_asks_for_points_and_for_patterns(config: Config) -> None:
    tests = "".join(
        f'[[test]]\nname = "{name}"\nmail = {{ to = ["a@x.example"], {mail_} }}\n'
        f'expect = {{ "a@x.example" = "{action}" }}\n'
        for name, mail_, action in [
            ("few points", 'body = "ミドリ計画"', "pass"),
            ("points", 'subject = "NDA", body = "ミ ド リ 計 画"', "confirm"),
            ("one", 'body = "社員番号 E123456"', "pass"),
            ("two", 'body = "社員番号 E123456, E654321"', "approve"),
            ("no label", 'body = "E123456, E654321"', "pass"),
            (
                "drawn",
                'findings = [{ kind = "dictionary.案件", confidence = "high", unique = 12 }]',
                "confirm",
            ),
        ]
    )
    policy = policies.accept(RULE + tests, "policy.toml", config)
    assert len(policy.tests) == 6
    with pytest.raises(PolicyError) as refused:
        policies.accept(RULE + tests, "policy.toml")
    assert 'rule[1] "projects": "dictionary.案件" is not in the configuration (there: -)' in str(
        refused.value
    )


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('finding = "dictionary.案件", unique = "3"', 'not with a dictionary (use "points")'),
        ('finding = "card_number", points = "3"', 'only with a dictionary (use "unique")'),
        ('points = "3"', 'only together with "finding"'),
        ('finding = "dictionry.案件"', "no kind of finding"),
    ],
)
def test_points_belong_to_dictionaries(when: str, said: str) -> None:
    text = RULE.replace('finding = "dictionary.案件", points = ">=10"', when)
    with pytest.raises(PolicyError) as refused:
        load(text, "policy.toml")
    assert said in str(refused.value)


# -- through a real worker


def kinds(report: Report) -> dict[str, tuple[Confidence, int]]:
    return {each.kind: (each.confidence, each.unique) for each in report.findings}


BODY = f"社員番号 E123456 ミドリ計画 NDA\n\n{NUMBERS[5]}\n"


@pytest.mark.slow
async def test_a_worker_looks_for_it_and_learns_of_changes(config: Config, tmp_path: Path) -> None:
    watched = Watched(config)
    sandbox = await Sandbox.start(1, watched.current)
    try:
        raw = mail(BODY, "【社外秘】ご連絡")
        number = "jp.individual_number"
        plain = kinds(await sandbox.inspect(raw))
        assert plain == {number: (Confidence.LOW, 1)}
        found = kinds(await sandbox.inspect(raw, kinds=sandbox.own_kinds))
        assert found == {
            number: (Confidence.LOW, 1),
            "dictionary.案件": (Confidence.HIGH, 12),
            "dictionary.秘密区分": (Confidence.HIGH, 10),
            "pattern.社員番号": (Confidence.HIGH, 1),
        }
        built(config, tmp_path)
        assert kinds(await sandbox.inspect(raw)) == {number: (Confidence.MEDIUM, 1)}
        book = samples.workbook({"一覧": [["値"], [NUMBERS[7]]]})
        attached = samples.message("資料", "送ります", [("表.xlsx", book)])
        assert kinds(await sandbox.inspect(attached)) == {number: (Confidence.MEDIUM, 1)}
        register.drop(config)
        assert kinds(await sandbox.inspect(raw)) == plain
    finally:
        await sandbox.stop()
    assert traces.in_folder(tmp_path / "var", set(NUMBERS)) == {}


@pytest.mark.slow
async def test_a_new_worker_is_told_as_well(config: Config) -> None:
    own: Own = configured(config)
    sandbox = await Sandbox.start(2, lambda: own)
    try:
        for _ in range(4):
            found = await sandbox.inspect(mail("NDA"), kinds=own.kinds)
            assert kinds(found) == {"dictionary.案件": (Confidence.LOW, 4)}
    finally:
        await sandbox.stop()
