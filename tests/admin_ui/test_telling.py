"""Who is shown the password of an encrypted ZIP, where, and what is written down of it."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bridge import password
from gateway.judgement import notice, policies
from gateway.judgement.dossier import CONSIGNMENT
from gateway.memory.states import SYSTEM
from tests import samples
from tests.admin_ui.test_confirm import hidden, link_of
from tests.mails import SATO

SECRET = "HJ2K3LM4R5UW6XY78H"
RULES = """
[groups."情報管理責任者"]
ja = "承認する人"
en = "approvers"
[[rule]]
name = "zip"
why.ja = "暗号化ZIPにして送ります。"
why.en = "It leaves in an encrypted ZIP."
when = { recipient = "outside" }
then = { ACTION, treatment = { zip = true } }
"""


def ruled(office, action: str, sender: str = "alice@example.co.jp") -> str:
    """A mail under a policy that asks for a ZIP after `action`."""
    policies.publish(office.memory.store, RULES.replace("ACTION", action), "zip", SYSTEM)
    files = [("見積.txt", b"x")]
    raw = samples.message("資料", "本文", files, sender=sender, to=SATO)
    return office.arrive(raw, [SATO])


@pytest.fixture
def sent(office) -> str:
    return zipped(office, ruled(office, 'action = "pass"'))


def zipped(office, id: str) -> str:
    """As the sealing stage leaves it."""
    with office.memory.store.write() as tx:
        columns = password.columns(office.memory, tx, id, SECRET)
        mine = update(CONSIGNMENT).where(CONSIGNMENT.c.id == id)
        tx.conn.execute(mine.values(state="done", **columns))
        notice.zipped(tx, office.ck, id)
    return id


def shown(text: str) -> bool:
    return "<span>HJ2</span><span>K3L</span><span>M4R</span>" in text


def test_it_works(client, office, sent) -> None:
    page = client.get(link_of(office, sent, "zipped")).text
    assert "パスワードを表示する" in page and "HJ2" not in page
    assert "password.shown" not in office.verbs(sent)
    for times in (1, 2):
        answer = client.post(f"/confirm/{sent}", data={**hidden(page), "act": "password"})
        assert shown(answer.text) and SATO in answer.text
        assert office.verbs(sent).count("password.shown") == times
    assert "HJ2" not in client.get(f"/confirm/{sent}").text
    assert "Aliceさんが暗号化ZIPのパスワードを表示" in client.get(f"/confirm/{sent}").text


@pytest.mark.parametrize(
    ("who", "status"), [("audrey", 403), ("root", 403), ("bob", 404), ("alice", 200)]
)
def test_it_is_for_its_sender_alone(client, come_in, office, sent, who, status) -> None:
    come_in(client, who)
    page = client.get(f"/holds/{sent}")
    assert ("パスワードを表示する" in page.text) == (who == "alice")
    answer = client.post(f"/holds/{sent}", data={"act": "password"})
    assert answer.status_code == status and shown(answer.text) == (who == "alice")
    assert office.verbs(sent).count("password.shown") == (who == "alice")


def test_of_a_shared_mailbox_it_is_for_all_who_share_it(client, come_in, office) -> None:
    for who in ("chieko", "dan"):
        office.hire(who, shared="soumu@example.co.jp")
    id = zipped(office, ruled(office, 'action = "pass"', "soumu@example.co.jp"))
    told = {to: text for kind, to, text in office.notices(id) if kind == "zipped"}
    assert set(told) == {"chieko@example.co.jp", "dan@example.co.jp"}
    assert all("/holds/" in text and "サインインが必要です" in text for text in told.values())
    come_in(client, "dan")
    assert shown(client.post(f"/holds/{id}", data={"act": "password"}).text)


def test_after_its_last_day_nothing_is_left_to_show(client, office, sent) -> None:
    path = link_of(office, sent, "zipped")
    kek = office.read(sent).consignment["password_kek"]
    office.memory.content.ring.destroy(kek, "its day is over")
    page = client.get(path).text
    answer = client.post(f"/confirm/{sent}", data={**hidden(page), "act": "password"})
    assert answer.status_code == 200 and not shown(answer.text)
    assert "password.shown" not in office.verbs(sent)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "暗号化ZIPにして送ります。パスワードは"),
        ("en", "sent in an encrypted ZIP. The password"),
    ],
)
def test_sender_and_approver_are_told_before(client, new_client, come_in, office, language, said):
    asked = 'action = "approve", approvers = { group = "情報管理責任者" }'
    id = ruled(office, asked)
    client.headers["accept-language"] = language
    page = client.get(link_of(office, id)).text
    assert said in page
    ticked = [f"r{row['id']}" for row in office.read(id).outside] + ["a2"]
    client.post(f"/confirm/{id}", data={**hidden(page), "act": "send", "ok": ticked})
    approver = new_client()
    approver.headers["accept-language"] = language
    come_in(approver, "bob")
    theirs = approver.get(f"/holds/{id}").text
    assert said in theirs
