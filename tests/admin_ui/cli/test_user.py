"""`sekisho user`: people, roles that do not go together, a link that is used once."""

import json

from gateway.judgement import tokens
from gateway.memory.tables import LedgerDetail, table


def add(site, name="山田太郎", email="taro@example.co.jp", *more):
    return site.run("user", "add", name, "--email", email, *more)


def listed(site):
    rows = map(json.loads, site.run("user", "list", "--json").stdout.splitlines())
    return {row["email"]: row for row in rows}


def test_it_works(site):
    ran = add(site, "山田太郎", "taro@example.co.jp", "--role", "approver", "--group", "人事")
    assert ran.exit_code == 0, ran.stderr
    row = listed(site)["taro@example.co.jp"]
    assert row["roles"] == ["approver"] and row["groups"] == ["人事"] and not row["locked"]


def test_the_link_is_good_once_and_stands_in_no_record(site):
    said = json.loads(add(site, "山田太郎", "taro@example.co.jp", "--json").stdout)
    base, _, token = said["link"].rpartition("/")
    assert base == "https://mail-check.example.co.jp/enrol"
    detail = table(LedgerDetail)
    with site.office.memory.store.write() as tx:
        details = tx.conn.execute(detail.select()).all()
        assert not any(token in str(row) for row in details)
        assert tokens.use(tx, token, "enrol")["person_id"] == said["id"]
        assert tokens.use(tx, token, "enrol") is None


def test_an_address_belongs_to_one_person(site):
    assert add(site).exit_code == 0
    ran = add(site, "別人")
    assert ran.exit_code == 1 and "ほかの利用者のアドレスです" in ran.stderr
    assert listed(site)["taro@example.co.jp"]["name"] == "山田太郎"


def test_roles_that_conflict_meet_in_nobody(site):
    ran = add(site, "監査", "kansa@example.co.jp", "--role", "auditor", "--role", "system_admin")
    assert ran.exit_code == 2 and "同時に付与できない権限です" in ran.stderr
    assert "kansa@example.co.jp" not in listed(site)
    add(site, "監査", "kansa@example.co.jp", "--role", "auditor")
    assert site.run("user", "role", "kansa@example.co.jp", "--add", "approver").exit_code == 2
    ran = site.run(
        "user", "role", "kansa@example.co.jp", "--remove", "auditor", "--add", "approver"
    )
    assert ran.exit_code == 0 and listed(site)["kansa@example.co.jp"]["roles"] == ["approver"]


def test_who_is_locked_acts_no_more_and_nobody_for_that_person(site):
    assert site.run("user", "lock", "hanako@example.co.jp").exit_code == 0
    assert listed(site)["hanako@example.co.jp"]["locked"]
    assert site.acting("hold", "release", "0000-XXXX").exit_code == 2


def test_a_csv_is_taken_whole_or_not_at_all(site, tmp_path):
    file = tmp_path / "people.csv"
    rows = "name,email,department,roles\n佐藤,sato@example.co.jp,人事部,approver\n"
    file.write_bytes((rows + "鈴木,suzuki,総務部,king\n").encode("cp932"))
    ran = site.run("user", "import", file)
    assert ran.exit_code == 2 and "3行目: メールアドレスが正しく" in ran.stderr
    assert "3行目: 権限の名前が正しくありません：king" in ran.stderr
    assert "sato@example.co.jp" not in listed(site)
    file.write_bytes(rows.encode("cp932"))
    assert "sato@example.co.jp" in site.run("user", "import", "--dry-run", file).stdout
    assert "sato@example.co.jp" not in listed(site)
    assert site.run("user", "import", file).exit_code == 0
    assert listed(site)["sato@example.co.jp"]["department"] == "人事部"
