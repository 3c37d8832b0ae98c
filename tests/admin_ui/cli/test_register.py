"""`sekisho register` as people call it, and what it leaves behind: no digit anywhere."""

from __future__ import annotations

import json

import pytest

from tests import samples
from tests.e2e import traces

NUMBERS = samples.individual_numbers(30, seed=61)
STAFF = "社員番号,氏名,マイナンバー\n" + "".join(
    f"E{i:06},社員{i},{number}\n" for i, number in enumerate(NUMBERS)
)


@pytest.fixture
def staff(tmp_path):
    folder = tmp_path / "from-personnel"
    folder.mkdir()
    (folder / "従業員.csv").write_bytes(STAFF.encode("cp932"))
    return folder / "従業員.csv"


def test_it_works(site, staff):
    ran = site.run("register", "build", staff)
    assert ran.exit_code == 0, ran.stderr
    assert "30件を登録しました（30行、空欄 0、番号でない行 0）" in ran.stdout
    said = json.loads(site.run("register", "status", "--json").stdout)
    assert said["present"] and said["size"] == 1024 and said["rate"] == 1024 / 2**20
    assert site.run("register", "drop").exit_code == 0
    assert json.loads(site.run("register", "status", "--json").stdout) == {"present": False}
    assert site.run("register", "drop").exit_code == 1


def test_no_digit_is_left_in_any_file_of_the_installation(site, staff):
    ran = site.run("register", "build", staff)
    assert traces.in_folder(site.data, set(NUMBERS)) == {}
    assert traces.numbers_in(ran.stdout + ran.stderr, set(NUMBERS)) == set()
    data = (site.data / "register").read_bytes()
    assert "社員1".encode() not in data and len(data) < 132_000
    record = site.run("audit", "search", "--json").stdout
    assert "register.built" in record and traces.numbers_in(record, set(NUMBERS)) == set()


def test_rows_without_a_number_are_told_by_their_row(site, staff):
    lines = STAFF.splitlines()
    lines[3] = "E000002,社員2,123456789012"
    lines[5] = "E000004,社員4,"
    staff.write_text("\n".join(lines), "utf-8")
    ran = site.run("register", "build", staff)
    assert "28件を登録しました（30行、空欄 1、番号でない行 1）" in ran.stdout
    assert "番号でない行: 4\n" in ran.stdout and "123456789012" not in ran.output


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("氏名,部署\n佐藤,総務\n", (), "個人番号の列がありません（--column で指定してください）"),
        (STAFF, ("--column", "番号"), "列「番号」がありません"),
        ("個人番号\n1\n2\n", (), "列1に有効な個人番号がありません（2行）"),
    ],
)
def test_what_holds_no_numbers_is_refused_and_the_old_register_stays(
    site, staff, sekisho, text, options, said
):
    site.run("register", "build", staff)
    before = (site.data / "register").read_bytes()
    staff.write_text(text, "utf-8")
    ran = sekisho("register", "build", staff, *options, "--config", site.file)
    assert ran.code == 2 and ran.stderr == f"sekisho: error: {staff}: {said}\n"
    assert (site.data / "register").read_bytes() == before


def test_a_damaged_register_is_an_error_of_the_installation(site, staff, sekisho):
    site.run("register", "build", staff)
    (site.data / "register").write_bytes(b"x")
    ran = sekisho("register", "status", "--config", site.file)
    assert ran.code == 2 and "壊れているか、別の鍵で作られています" in ran.stderr


def test_scan_looks_for_what_is_configured(site, staff, sekisho, tmp_path):
    site.run("register", "build", staff)
    (tmp_path / "projects.toml").write_text('[words]\n"ミドリ計画" = 12\n', "utf-8")
    settings = (
        '[[dictionary]]\nname = "案件"\nfile = "projects.toml"\n'
        '[[pattern]]\nname = "社員番号"\nregex = "E[0-9]{6}"\n'
    )
    site.file.write_text(site.file.read_text("utf-8") + settings, "utf-8")
    file = tmp_path / "memo.txt"
    file.write_text(f"ミ ド リ 計 画\nＥ１２３４５６\n\n{NUMBERS[3]}\n", "utf-8")

    def found(*options):
        ran = sekisho("scan", "--json", file, *options)
        (line,) = map(json.loads, ran.stdout.splitlines())
        return {each["kind"]: (each["confidence"], each["unique"]) for each in line["findings"]}

    assert found() == {"jp.individual_number": ("low", 1)}
    assert found("--config", site.file) == {
        "jp.individual_number": ("medium", 1),
        "dictionary.案件": ("high", 12),
        "pattern.社員番号": ("high", 1),
    }
    shown = sekisho("scan", file, "--config", site.file).stdout
    assert "辞書「案件」の言葉" in shown and "12点" in shown and "「社員番号」" in shown
