"""`sekisho addressee`: 送付先台帳 from the command line, by two people."""

import json

import pytest


@pytest.fixture
def keepers(site):
    for name, role in (("hana", "handler"), ("paul", "policy_admin"), ("bob", "approver")):
        site.office.hire(name, ("role", role))
    return site


def by(person):
    return ("--on-behalf-of", f"{person}@example.co.jp", "--reason", "契約")


def add(site, address="sr.example", person="hana", *more):
    entry = ("--name", "山田社労士事務所", "--purpose", "社会保険", *more)
    return site.run("addressee", "add", address, *entry, *by(person))


def listed(site):
    return [
        json.loads(line) for line in site.run("addressee", "list", "--json").stdout.splitlines()
    ]


def test_it_works(keepers):
    assert add(keepers, "sr.example", "hana", "--until", "2099-03-31").exit_code == 0
    assert listed(keepers)[0]["standing"] == "waiting"
    assert "承認待ち" in keepers.run("addressee", "list").stdout
    assert keepers.run("addressee", "approve", 1, *by("paul")).exit_code == 0
    assert listed(keepers)[0]["standing"] == "registered"
    assert keepers.run("addressee", "end", 1, *by("hana")).exit_code == 0
    assert listed(keepers)[0]["standing"] == "expired"
    shown = keepers.run("addressee", "list").stdout
    assert "山田社労士事務所" in shown and "終了" in shown and "expired" not in shown


def test_what_is_refused_says_why(keepers):
    for ran, said in (
        (add(keepers, "gmail.com"), "gmail.com: フリーメールは"),
        (add(keepers, "sr.example", "bob"), "（handler, policy_admin が必要です"),
        (add(keepers, "sr.example", "hana", "--until", "春"), "--until: 日付で書いて"),
        (keepers.run("addressee", "approve", 7, *by("paul")), "7: この登録は、すでに"),
    ):
        assert ran.exit_code in (1, 2) and said in ran.stderr, ran.stderr
    add(keepers)
    ran = keepers.run("addressee", "approve", 1, *by("hana"))
    assert ran.exit_code == 1 and "登録した本人は承認できません" in ran.stderr


def test_a_csv_is_taken_whole_or_not_at_all(keepers, tmp_path):
    file = tmp_path / "送付先.csv"
    file.write_text("宛先,名称,目的\nsr.example,山田,社会保険\ngmail.com,佐藤,税務\n", "cp932")
    ran = keepers.run("addressee", "import", file, *by("hana"))
    assert ran.exit_code == 2 and "3行目: gmail.com" in ran.stderr and not listed(keepers)
    file.write_text("宛先,名称,目的\nsr.example,山田,社会保険\n", "cp932")
    assert keepers.run("addressee", "import", file, *by("hana")).exit_code == 0
    assert [row["name"] for row in listed(keepers)] == ["山田"]
