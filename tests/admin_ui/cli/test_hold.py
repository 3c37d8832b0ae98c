"""`sekisho hold`: an operator acts on behalf of a person, and never as the third party."""

import json
import re

import pytest
from sqlalchemy import select

from admin_ui.cli.printing import plain
from gateway.judgement import acts
from gateway.memory.states import State
from gateway.memory.tables import Act, LedgerEntry, table
from tests import samples
from tests.gateway.judgement.test_holds import OUTSIDE, everything, mail, who

ENTRY, ACT = table(LedgerEntry), table(Act)


def entries(site, id, verb):
    with site.office.memory.store.read() as session:
        query = select(ENTRY.c.entry).where(ENTRY.c.subject == id, ENTRY.c.verb == verb)
        return [json.loads(each) for each in session.connection().execute(query).scalars()]


def approve(site, id, person):
    office = site.office
    with office.memory.store.write() as tx:
        acts.approve(tx, office.ck, id, person, office.read(id).seen, who(person))


def confirm(site, id):
    office = site.office
    held = office.read(id)
    with office.memory.store.write() as tx:
        acts.confirm(tx, office.ck, id, "hanako", held.seen, everything(held), who("hanako"))


def test_it_works(site):
    id = site.office.arrive(mail(3), OUTSIDE)
    ran = site.acting("hold", "release", id)
    assert ran.exit_code == 0, ran.stderr
    assert site.office.read(id).state is State.RELEASED
    (entry,) = entries(site, id, "confirmed")
    assert entry["actor"]["kind"] == "operator" and entry["actor"]["for"] == "hanako"
    assert entry["actor"]["id"]


def test_an_approval_is_a_third_partys_own(site):
    id = site.office.arrive(mail(12), OUTSIDE)
    for person in ("hanako", "ichiro"):
        ran = site.acting("hold", "release", id, person=f"{person}@example.co.jp")
        assert ran.exit_code == 1
        assert "情報管理責任者 1名" in ran.stderr and "運用者は承認できません" in ran.stderr
    held = site.office.read(id)
    assert held.state is State.HELD and not held.acts and not entries(site, id, "confirmed")


def test_once_the_third_party_has_approved_there_is_nothing_left_to_release(site):
    id = site.office.arrive(mail(12), OUTSIDE)
    confirm(site, id)
    assert site.acting("hold", "release", id).exit_code == 1
    approve(site, id, "ichiro")
    ran = site.acting("hold", "release", id)
    assert ran.exit_code == 1 and "すでに決定されています（送信の準備中）" in ran.stderr


@pytest.mark.parametrize("person", ["rules@example.co.jp", "ichiro"])
def test_who_has_no_right_gives_none(site, person):
    id = site.office.arrive(mail(3), OUTSIDE)
    for verb in ("release", "refuse", "withdraw"):
        ran = site.acting("hold", verb, id, person=person)
        assert ran.exit_code == 1, ran.stdout
    assert site.office.read(id).state is State.HELD


def test_nobody_acts_for_somebody_unknown_or_without_a_reason(site):
    id = site.office.arrive(mail(3), OUTSIDE)
    ran = site.acting("hold", "release", id, person="nobody@example.co.jp")
    assert ran.exit_code == 2 and "「nobody@example.co.jp」という利用者はいません" in ran.stderr
    ran = site.run("hold", "release", id, "--on-behalf-of", "hanako")
    assert ran.exit_code == 2 and "--reason" in ran.stderr


def test_refusing_is_an_administrators_too_and_the_sender_is_told(site):
    id = site.office.arrive(mail(3), OUTSIDE)
    ran = site.acting("hold", "refuse", id, person="root")
    assert ran.exit_code == 0 and site.office.read(id).state is State.REFUSED
    assert site.office.notices(id)[-1][:2] == ("refused", "hanako@example.co.jp")


def test_withdrawing_is_the_senders(site):
    id = site.office.arrive(mail(3), OUTSIDE)
    ran = site.acting("hold", "withdraw", id.lower(), "--json")
    assert ran.exit_code == 0 and json.loads(ran.stdout)["state"] == "withdrawn"
    assert entries(site, id, "withdrawn")[0]["actor"]["for"] == "hanako"


def test_the_list_says_who_is_waited_for_without_a_digit_of_a_number(site):
    id = site.office.arrive(mail(12), OUTSIDE)
    (row,) = map(json.loads, site.run("hold", "list", "--json").stdout.splitlines())
    assert row["id"] == id and row["to"] == OUTSIDE
    assert row["waiting"] == ["confirm", "approve:情報管理責任者"]
    listed = site.run("hold", "list").stdout
    assert id in listed and "保留中" in listed
    assert "送信者の確認、承認者の承認(情報管理責任者)" in listed and "approve:" not in listed


def test_show_leaves_the_rules_that_did_not_apply_to_who_asks_for_them(site):
    id = site.office.arrive(mail(12), OUTSIDE)
    brief = site.run("hold", "show", id).stdout
    whole = site.run("hold", "show", id, "--rules").stdout
    assert "件は該当せず" in brief and "該当せず：" not in brief
    assert whole.count("該当せず：") > 20 and len(brief.splitlines()) < len(whole.splitlines()) / 2


def test_show_tells_what_was_found_and_which_rules_matched(site):
    id = site.office.arrive(mail(12), OUTSIDE)
    said = json.loads(site.run("hold", "show", id, "--json").stdout)
    assert said["findings"] == {"jp.individual_number:high": 12}
    assert said["attachments"] == [{"part": "2", "name": "一覧.xlsx"}]
    shown = site.run("hold", "show", id).stdout
    assert "✓ individual-number-many" in shown
    assert "検出        個人番号（マイナンバー）と思われる情報が12件あります" in shown
    assert "+00:00" in said["received_at"] and "+00:00" not in shown  # read by people: in Japan
    whole = site.run("hold", "show", id, "--rules").stdout
    assert not re.search(r"✗ \S+ +(?! |該当せず|使って|例外|ほかの)", whole)
    assert site.run("hold", "show", "0000-XXXX").exit_code == 1


def test_show_names_persons_and_says_what_the_pages_say(site, monkeypatch):
    id = site.office.arrive(mail(12), OUTSIDE)
    confirm(site, id)
    shown = site.run("hold", "show", id).stdout
    assert "必要なこと: 送信者の確認" in shown and "対応済み" in shown
    assert "必要なこと: 承認者の承認  情報管理責任者 1名  未対応" in shown
    assert re.search(r"操作: 送信者が確認  \S.* <hanako@example.co.jp>", shown)
    assert f"宛先: {OUTSIDE[0]}  社外  配送待ち" in shown
    assert not re.search(r"person_id|jp\.individual|\bheld\b|\bopen\b|\bconfirm", shown)
    machine = json.loads(site.run("hold", "show", id, "--json").stdout)
    assert machine["acts"][0]["person_id"] == "hanako" and machine["state"] == "held"
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    english = site.run("hold", "show", id).stdout.partition("✓")[0]
    assert "asked: Confirmation by the sender  Hanako <hanako@" in english


def test_what_a_stranger_wrote_moves_no_terminal(site):
    """A name with ESC, a C1 control and a mark that turns the line around."""
    evil = "\x1b[2J\x9b2Jabc\u202exslx.exe"
    raw = samples.message("x", "y", [(evil, b"MZ")], to=OUTSIDE)
    id = site.office.arrive(raw, OUTSIDE)
    shown = site.run("hold", "show", id).stdout
    named = json.loads(as_json := site.run("hold", "show", id, "--json").stdout)
    name = named["attachments"][0]["name"]
    assert "\x9b" in name or "\u202e" in name  # nothing is lost to a machine
    for said in (shown, as_json):
        assert not any(c != "\n" and plain(c) != c for c in said)
