"""`sekisho policy`: rules are tried before they hold."""

import signal

import pytest

from gateway.judgement import policies
from gateway.judgement.policy.contrast import Contrast
from tests import samples
from tests.gateway.judgement.test_holds import OUTSIDE, mail


@pytest.fixture
def policy(tmp_path):
    def write(was="", becomes=""):
        path = tmp_path / "policy.toml"
        text = policies.default_text()
        assert was in text
        path.write_text(text.replace(was, becomes) if was else text, "utf-8")
        return path

    return write


def active(site):
    with site.office.memory.store.read() as session:
        return policies.active_version(session.connection())


def test_it_works(sekisho, policy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = sekisho("policy", "test", policy())
    assert ran.code == 0 and "件合格" in ran.stdout
    assert sekisho("policy", "test").code == 0


def test_a_failing_test_is_shown_and_fails(sekisho, policy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = sekisho("policy", "test", policy("need = 2", "need = 3"))
    assert ran.code == 1 and ran.stdout.startswith("NG  ") and "情報管理責任者" in ran.stdout


def test_a_policy_that_cannot_be_read_is_named_by_its_place(sekisho, policy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = sekisho("policy", "test", policy('action = "confirm"', 'action = "confrim"'))
    assert ran.code == 2 and ran.stderr.startswith("sekisho: error: ")
    assert '行目: rule[1] "individual-number-few".then.action: 次のどれかに' in ran.stderr
    assert "（もしかして：confirm）" in ran.stderr


def test_a_refusal_speaks_the_readers_language(sekisho, policy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = policy('action = "confirm"', 'action = "confrim"')
    line = file.read_text("utf-8").split("confrim")[0].count("\n") + 1
    for verb in (("test", file), ("diff", file, file)):
        monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
        said = sekisho("policy", *verb).stderr
        assert f"{file}: line {line}: rule[1] " in said and said.isascii()
        monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
        assert f"{file}: {line}行目: rule[1] " in sekisho("policy", *verb).stderr


def test_explain_says_which_rules_matched_and_why_others_did_not(sekisho, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail.eml").write_bytes(mail(12))
    ran = sekisho("policy", "explain", "mail.eml")
    assert ran.code == 0 and ran.stdout.startswith(f"{OUTSIDE[0]}：承認を得て送信")
    assert "✓ individual-number-many" in ran.stdout and "✗ freemail" in ran.stdout
    ran = sekisho("policy", "explain", "mail.eml", "--to", "suzuki@example.co.jp")
    assert ran.stdout.startswith("suzuki@example.co.jp：そのまま送信")


def test_explain_knows_the_senders_groups_only_if_told(sekisho, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    locked = samples.encrypted_zip({"a.txt": b"x"}, "himitsu")
    raw = samples.message("資料", "送ります", [("資料.zip", locked)], to=OUTSIDE)
    (tmp_path / "mail.eml").write_bytes(raw)
    call = ("policy", "explain", "mail.eml")
    assert "✗ uninspectable-personnel" in sekisho(*call).stdout
    assert "✓ uninspectable-personnel" in sekisho(*call, "--sender-group", "人事").stdout


def test_diff_names_what_changed_and_nothing_else(sekisho, policy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old = tmp_path / "old.toml"
    old.write_text(policies.default_text(), "utf-8")
    assert sekisho("policy", "diff", old, old).stdout == ""
    ran = sekisho("policy", "diff", old, policy("need = 2", "need = 3"))
    assert ran.stdout.splitlines() == [
        '~ rule "individual-number-over-100": then.approvers.need: 2 -> 3'
    ]
    removed = policy('name = "freemail"', 'name = "free-mail"')
    assert sekisho("policy", "diff", old, removed).stdout.splitlines() == [
        '- rule "freemail"',
        '+ rule "free-mail"',
    ]


def test_replay_judges_what_is_kept_and_counts_what_is_gone(site, policy, tmp_path):
    kept, gone = (site.office.arrive(mail(3, seed=n), OUTSIDE) for n in (1, 2))
    letters = site.office.ck.letters
    with site.office.memory.store.write() as tx:
        letters.erase(tx, letters.row(tx.conn, gone), "test", 0)
    old = tmp_path / "old.toml"
    old.write_text(policies.default_text(), "utf-8")
    new = policy('unique = "1..9"', 'unique = "1..2"')
    ran = site.run("policy", "diff", old, new, "--replay", "30d")
    assert ran.exit_code == 0, ran.stderr
    assert "再判定できたメール 1通、内容を消去済みのメール 1通" in ran.stdout
    assert f"{kept}  {OUTSIDE[0]}  confirm -> pass" in ran.stdout
    assert site.run("policy", "diff", old, new, "--replay", "soon").exit_code == 2


def test_a_replay_that_is_stopped_shows_its_part_and_is_no_success(site, policy, monkeypatch):
    before = signal.getsignal(signal.SIGINT)
    for seed in range(3):
        site.office.arrive(mail(3, seed=seed), OUTSIDE)
    old, new = policies.default_text(), policy('unique = "1..9"', 'unique = "1..2"')
    (file := new.with_name("old.toml")).write_text(old, "utf-8")
    judged = Contrast.verdicts

    def interrupted(*args):
        signal.raise_signal(signal.SIGINT)
        return judged(*args)

    call = ("policy", "diff", file, new, "--replay", "30d")
    assert "3/3通" not in site.run(*call).stderr and "2/3通\n" in site.run(*call).stderr
    monkeypatch.setattr(Contrast, "verdicts", interrupted)
    ran = site.run(*call)
    assert ran.exit_code == 1 and "途中で止めました（3通のうち新しい1通）" in ran.stdout
    assert "confirm -> pass  1宛先" in ran.stdout
    assert signal.getsignal(signal.SIGINT) is before


def test_publishing_is_for_a_policy_admin_and_on_record(site, policy):
    before, file = active(site), policy("[settings]", "# same\n[settings]")
    ran = site.acting("policy", "publish", file)
    assert ran.exit_code == 1 and "（policy_admin が必要です" in ran.stderr
    assert active(site) == before
    ran = site.acting("policy", "publish", file, person="rules@example.co.jp")
    assert ran.exit_code == 0 and active(site) == before + 1
    assert site.office.verbs(f"policy {before + 1}") == ["policy.published"]


def test_a_policy_with_a_failing_test_does_not_become_active(site, policy, sekisho):
    before = active(site)
    ran = sekisho(
        *("policy", "publish", policy("need = 2", "need = 3"), "--config", site.file),
        *("--on-behalf-of", "rules", "--reason", "x"),
    )
    assert ran.code == 2 and "期待 approvers = " in ran.stderr and active(site) == before


def test_presets_are_listed_and_shown(sekisho, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    listed = sekisho("policy", "presets").stdout
    assert "two-weeks" in listed and '[[preset]] use = "上長承認"' in listed
    assert sekisho("policy", "presets", "PPAP停止").stdout.startswith("# PPAP停止")
    (tmp_path / "policy.toml").write_text(sekisho("policy", "presets", "two-weeks").stdout, "utf-8")
    assert sekisho("policy", "test", "policy.toml").code == 0
    ran = sekisho("policy", "presets", "Bcc")
    assert ran.code == 2 and "（もしかして：Bcc強制変換）" in ran.stderr


@pytest.mark.slow
def test_check_warns_of_an_exception_that_is_over(site, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text(
        """
[[rule]]
name = "outside"
why = { ja = "社外宛です", en = "to the outside" }
when = { recipient = "outside" }
then = { action = "confirm" }
[[rule.exception]]
owner = "総務部"
reason = "委託先"
until = 2020-01-31
when = { recipient_domains = "partner.example" }
""",
        "utf-8",
    )
    with site.file.open("a", encoding="utf-8") as file:
        file.write(f'\n[policy]\nfile = "{rules}"\n')
    said = site.run("check").stdout
    assert '行目: rule[1] "outside".exception[1].until: 例外は2020-01-31で終わりました' in said


@pytest.mark.slow
def test_check_says_each_fault_of_a_policy_on_its_line(site, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text(f'{OUT}[groups.x]\nja = "x"\n[lists.y]\ndomain = "z"\n', "utf-8")
    with site.file.open("a", encoding="utf-8") as file:
        file.write(f'\n[policy]\nfile = "{rules}"\n')
    said = [line for line in site.run("check").stdout.splitlines() if str(rules) in line]
    assert any(line.startswith("NG  送信ルール: ") for line in said)
    for line in said:
        assert "groups.x.en: 必要です" in line and "lists.y.domain: このキーはありません" in line
        assert "�" not in line and "unknown key" not in line


def test_settings_of_an_add_in_are_brought_along(sekisho, tmp_path):
    (tmp_path / "Whitelist.csv").write_text("@partner.example,True\r\n", "cp932")
    ran = sekisho("policy", "import", tmp_path)
    assert ran.code == 0 and "許可リスト" in ran.stdout and "partner.example" in ran.stdout
    (tmp_path / "Whitelist.csv").unlink()
    assert sekisho("policy", "import", tmp_path).code == 2


OUT = """
[[rule]]
name = "archived"
why.ja = "写しを保存します。"
why.en = "A copy is kept."
when = { recipient = "outside" }
then = { action = "pass", treatment = { add_bcc = ["a@example.co.jp", "a@archive.example"] } }
"""


def test_a_copy_for_an_address_outside_is_refused_with_its_place_and_the_mend(
    site, sekisho, tmp_path
):
    path = tmp_path / "copies.toml"
    path.write_text(OUT, "utf-8")
    before = active(site)
    own = '[smtp]\nown_domains = ["example.co.jp"]\n'
    site.file.write_text(site.file.read_text("utf-8").replace("[smtp]\n", own), "utf-8")
    tested = site.run("policy", "test", path)
    said = (
        f'NG  {path}: 7行目: rule[1] "archived".then.treatment.add_bcc: '
        "「a@archive.example」は社外のアドレスです"
    )
    assert tested.exit_code == 1 and said in tested.stdout and "a@example" not in tested.stdout
    options = ("--on-behalf-of", "rules@example.co.jp", "--reason", "x", "--config", site.file)
    refused = sekisho("policy", "publish", path, *options)
    assert "a@archive.example" in refused.stderr
    assert refused.code == 2 and active(site) == before
    path.write_text(path.read_text("utf-8").replace(', "a@archive.example"', ""), "utf-8")
    assert site.run("policy", "test", path).exit_code == 0


FIRST = """
[[rule]]
name = "new"
why.ja = "初めての宛先です。"
why.en = "A first-time recipient."
when = { recipient = "outside", fact = "first_contact" }
then = { action = "confirm" }
"""


def test_explain_knows_who_has_mailed_whom(site, sekisho, tmp_path, monkeypatch):
    (tmp_path / "mail.eml").write_bytes(mail(0))
    (tmp_path / "first.toml").write_text(FIRST, "utf-8")
    call = ("policy", "explain", tmp_path / "mail.eml", "--policy", tmp_path / "first.toml")
    first = site.run(*call)
    assert (
        first.exit_code == 0 and "✓ new" in first.stdout and "調べられなかった" not in first.stdout
    )
    rows = f"差出人,宛先,日時\nhanako@example.co.jp,{OUTSIDE[0]},2026-11-01 10:00\n"
    (tmp_path / "sent.csv").write_text(rows, "cp932")
    assert site.run("acquaintance", "import", tmp_path / "sent.csv").exit_code == 0
    assert "✗ new" in site.run(*call).stdout
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    ran = sekisho(*call)
    assert ran.code == 0 and "✗ new" in ran.stdout
    assert "当てはまらないものとして判定したこと：first_contact（" in ran.stdout


def test_explain_takes_the_rules_that_are_in_force(site, tmp_path):
    (tmp_path / "mail.eml").write_bytes(mail(0))
    (tmp_path / "first.toml").write_text(FIRST, "utf-8")
    assert "✗ individual-number-few" in site.run("policy", "explain", tmp_path / "mail.eml").stdout
    file = tmp_path / "first.toml"
    assert site.acting("policy", "publish", file, person="rules@example.co.jp").exit_code == 0
    explained = site.run("policy", "explain", tmp_path / "mail.eml").stdout
    assert "✓ new" in explained and "individual-number-few" not in explained
