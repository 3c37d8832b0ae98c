"""The queue: why a mail waits, and the acts of an administrator on it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from admin_ui import queue_acts
from bridge import packing, parcel, sweep
from bridge.packing import Content
from bridge.parcel import PARCEL, Manifest
from gateway.mail import queue
from gateway.mail.queue import ATTEMPT, CONSIGNMENT, RECIPIENT
from gateway.memory import recovery
from tests import samples

TO = "jiro.sato@sr-office.example.jp"
LATER = "451 4.7.1 greylisted, try again later"


@pytest.fixture
def waiting(office) -> str:
    """A plain mail of alice that is to be delivered."""
    raw = samples.message("見積書の送付", "ご確認ください。", sender="alice@example.co.jp", to=[TO])
    return office.arrive(raw, [TO])


@pytest.fixture
def root(waiting, client, come_in):
    come_in(client, "root")
    return client


def _tried(office, id, reply=LATER):
    """As the courier leaves it after a peer said to come back."""
    with office.memory.store.write() as tx:
        tx.conn.execute(
            insert(ATTEMPT).values(
                consignment_id=id,
                hop="mx:sr-office.example.jp",
                started_at=tx.now,
                ended_at=tx.now,
                outcome="deferred",
            )
        )
        mine = RECIPIENT.c.consignment_id == id
        tx.conn.execute(update(RECIPIENT).where(mine).values(reply=reply, mx="mx1.example.jp"))
        later = {"attempts": 1, "due_at": tx.now + timedelta(minutes=40)}
        tx.conn.execute(update(CONSIGNMENT).where(CONSIGNMENT.c.id == id).values(**later))


def _row(office, id):
    with office.memory.store.read() as session:
        query = select(CONSIGNMENT).where(CONSIGNMENT.c.id == id)
        return session.connection().execute(query).mappings().one()


def test_it_works(root, office, waiting):
    page = root.get("/queue").text
    assert f'href="/queue/{waiting}"' in page and "順番待ち" in page
    _tried(office, waiting)
    page = root.get("/queue").text
    assert "再送待ち" in page and LATER in page
    page = root.get(f"/queue/{waiting}").text
    assert LATER in page and "mx1.example.jp" in page and "mx:sr-office.example.jp" in page


@pytest.mark.parametrize("person", ["alice", "bob", "charlie", "audrey", "paul", "hana"])
def test_it_is_for_who_runs_the_system(person, office, waiting, client, come_in):
    come_in(client, person)
    for path in ("/queue", "/queue.csv", f"/queue/{waiting}"):
        assert client.get(path).status_code == 404
    for act in ("retry", "withdraw", "give-back", "move"):
        answer = client.post(f"/queue/{waiting}/{act}", data={"reason": "because"})
        assert answer.status_code == 404
    answer = client.post("/queue/all", data={"act": "give_back", "reason": "because"})
    assert answer.status_code == 404
    assert _row(office, waiting)["state"] == "queued"


def test_it_shows_neither_subject_nor_whole_addresses(root, office, waiting):
    for path in ("/queue", f"/queue/{waiting}"):
        page = root.get(path).text.replace("<wbr>", "")
        assert "見積書" not in page and TO not in page and "j****@sr-office.example.jp" in page


def test_a_retry_makes_it_due_now_and_is_on_record(root, office, waiting):
    _tried(office, waiting)
    page = root.post(f"/queue/{waiting}/retry").text
    assert "すぐに試すように指示しました" in page
    assert _row(office, waiting)["due_at"] <= office.memory.store.clock()
    assert office.verbs(waiting)[-1] == "retried"


def test_what_is_under_way_is_left_alone(root, office, waiting):
    with office.memory.store.write() as tx:
        lease = {"lease_owner": "core:1", "lease_until": tx.now + timedelta(minutes=5)}
        tx.conn.execute(update(CONSIGNMENT).where(CONSIGNMENT.c.id == waiting).values(**lease))
    for act in ("retry", "withdraw"):
        answer = root.post(f"/queue/{waiting}/{act}", data={"reason": "because"})
        assert answer.status_code == 409 and "ちょうど処理中" in answer.text
    assert "処理中" in root.get("/queue?why=under_way").text


def test_a_withdrawal_says_why_and_tells_the_sender(root, office, waiting):
    refused = root.post(f"/queue/{waiting}/withdraw", data={"reason": ""})
    assert refused.status_code == 422 and "入力してください" in refused.text
    page = root.post(f"/queue/{waiting}/withdraw", data={"reason": "宛先の会社から依頼"}).text
    assert "取り消して、送信者に知らせました" in page
    assert _row(office, waiting)["state"] == "withdrawn"
    ((purpose, to, text),) = office.notices(waiting)
    assert (purpose, to) == ("refused", "alice@example.co.jp")
    assert "Root" in text and "宛先の会社から依頼" in text
    assert office.verbs(waiting)[-1] in ("withdrawn", "notice.queued")


def test_what_was_tried_cannot_be_withdrawn(root, office, waiting):
    _tried(office, waiting)
    assert f"/queue/{waiting}/withdraw" not in root.get(f"/queue/{waiting}").text
    answer = root.post(f"/queue/{waiting}/withdraw", data={"reason": "because"})
    assert answer.status_code == 409 and "相手に届いている可能性" in answer.text
    assert _row(office, waiting)["state"] == "queued"


def test_a_link_that_nobody_was_told_of_ends_with_its_mail(root, office, waiting):
    memory = office.memory
    blank = Manifest((), "attachments", "株式会社サンプル", "Alice", "", "ja", "見積書の送付")
    packed = packing.pack(
        memory, blank, [Content("見積.pdf", "application/pdf", b"%PDF")], told_word=False
    )
    with memory.store.write() as tx:
        made = packing.create(
            tx,
            memory,
            packed,
            parcel.terms(memory.config, None, tx.now),
            letter=memory.content.row(tx.conn, waiting),
            consignment_id=waiting,
            recipient=TO,
        )
    root.post(f"/queue/{waiting}/withdraw", data={"reason": "because"})
    with memory.store.write() as tx:
        sweep.end_unsent(tx, memory)
    with memory.store.read() as session:
        query = select(PARCEL.c.state).where(PARCEL.c.id == made.id)
        assert session.connection().execute(query).scalar() == "recalled"
    assert memory.parcels.is_gone(packed.kek)


def test_a_restored_row_waits_for_a_person(root, office, waiting):
    with office.memory.store.write() as tx:
        recovery.lay_leases(tx)
    assert "復元後の確認待ち" in root.get("/queue?why=recovery").text
    assert "バックアップから復元した" in root.get(f"/queue/{waiting}").text
    root.post(f"/queue/{waiting}/retry")
    assert _row(office, waiting)["lease_owner"] is None


def test_filters_and_csv_speak_of_the_same_rows(root, office, waiting):
    assert waiting in root.get("/queue?q=SR-Office").text
    assert "条件に合うものはありません" in root.get("/queue?why=again").text
    csv = root.get("/queue.csv?why=again").text.splitlines()
    assert len(csv) == 1 and csv[0].lstrip("\ufeff").startswith("待ち始め,受付番号")
    assert waiting in root.get("/queue.csv?q=sr-office").text


def test_what_left_the_queue_says_what_became_of_it(root, office, waiting):
    root.post(f"/queue/{waiting}/withdraw", data={"reason": "because"})
    page = root.get(f"/queue/{waiting}").text
    assert "取り消し" in page and f"/queue/{waiting}/retry" not in page
    assert root.post(f"/queue/{waiting}/retry").status_code == 409
    assert root.get("/queue/NONE-SUCH").status_code == 404


def test_a_mail_that_was_tried_can_be_given_back_with_the_reason(root, office, waiting):
    _tried(office, waiting)
    refused = root.post(f"/queue/{waiting}/give-back", data={"reason": ""})
    assert refused.status_code == 422 and "入力してください" in refused.text
    page = root.post(f"/queue/{waiting}/give-back", data={"reason": "先方が廃業"}).text
    assert "送信者に返しました" in page and _row(office, waiting)["state"] == "done"
    ((purpose, to, text),) = office.notices(waiting)
    assert (purpose, to) == ("dsn", "alice@example.co.jp")
    assert "given_back" in office.verbs(waiting)
    assert root.post(f"/queue/{waiting}/give-back", data={"reason": "a"}).status_code == 409


def test_a_mail_goes_another_way_only_by_one_of_the_configuration(root, office, waiting):
    _tried(office, waiting)
    hop = office.memory.config.delivery.next_hop
    for wanted, status in ((hop, 200), ("smtp://elsewhere.example:25", 409), ("", 200)):
        answer = root.post(f"/queue/{waiting}/move", data={"hop": wanted})
        assert answer.status_code == status
    assert office.verbs(waiting).count("rerouted") == 2
    assert _row(office, waiting)["next_hop"] == ""


def test_all_that_the_filters_show_can_be_acted_on_at_once(root, office, waiting):
    raw = samples.message("別件", "a", sender="alice@example.co.jp", to=["x@other.example"])
    other = office.arrive(raw, ["x@other.example"])
    for id in (waiting, other):
        _tried(office, id)
    page = root.get("/queue?reply=greylisted").text
    assert waiting in page and other in page and "/queue/all?reply=greylisted" in page
    done = {"act": "retry", "reason": "先方が復旧"}
    page = root.post("/queue/all?q=sr-office", data=done).text
    assert "1件に実行しました" in page
    assert _row(office, waiting)["due_at"] <= office.memory.store.clock()
    assert _row(office, other)["due_at"] > office.memory.store.clock()
    assert root.post("/queue/all", data={**done, "act": "withdraw"}).status_code == 422
    with office.memory.store.write() as tx:
        lease = {"lease_owner": "core:1", "lease_until": tx.now + timedelta(minutes=5)}
        tx.conn.execute(update(CONSIGNMENT).where(CONSIGNMENT.c.id == other).values(**lease))
    page = root.post("/queue/all", data={**done, "act": "give_back"}).text
    assert "1件に実行しました" in page and "1件は処理中" in page
    assert _row(office, waiting)["state"] == "done" and _row(office, other)["state"] == "queued"


def test_a_domain_is_that_of_the_recipients_alone(root, office, waiting):
    """Acts on many go by it: neither a domain that ends alike, nor one's own as the sender's."""
    to = "x@other-office.example.jp"
    raw = samples.message("別件", "本文", sender="alice@example.co.jp", to=[to])
    other = office.arrive(raw, [to])
    for asked in ("sr-office.example.jp", "@SR-office.example.jp"):
        page = root.get("/queue", params={"domain": asked}).text
        assert waiting in page and other not in page
    for asked in ("office.example.jp", "example.co.jp"):
        assert waiting not in root.get("/queue", params={"domain": asked}).text
    root.post(
        "/queue/all?domain=other-office.example.jp", data={"act": "give_back", "reason": "閉鎖"}
    )
    assert _row(office, other)["state"] == "done" and _row(office, waiting)["state"] == "queued"


def test_what_waits_for_a_server_is_found_by_its_name(root, office, waiting):
    _tried(office, waiting)
    assert waiting in root.get("/queue?reply=mx1.example.jp").text
    assert waiting not in root.get("/queue?reply=mx2.example.jp").text


def test_what_takes_longer_than_a_browser_waits_goes_on_where_it_stopped(
    root, office, waiting, monkeypatch
):
    monkeypatch.setattr(queue, "TURN", 0.0)
    monkeypatch.setattr(queue_acts, "LONGEST", -1.0)
    raw = samples.message("別件", "a", sender="alice@example.co.jp", to=[TO])
    ids = [waiting, *(office.arrive(raw, [TO]) for _ in range(2))]
    for id in ids:
        _tried(office, id)
    form = {"act": "give_back", "reason": "先方が廃業"}
    for did, more in ((1, "まだ2件"), (2, "まだ1件")):
        page = root.post("/queue/all?q=sr-office", data=form).text
        assert f"{did}件に実行しました" in page and "続けて実行" in page and more in page
        banner = page.partition("続けて実行")[0]
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', banner))
    page = root.post("/queue/all?q=sr-office", data=form).text
    assert "3件に実行しました" in page and "続けて実行" not in page
    assert [_row(office, id)["state"] for id in ids] == ["done"] * 3


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("451 4.7.1 Greylisting in action", "初めての送信元を一度待たせています"),
        ("421 too busy", "一時的に受け付けていません"),
        ("451 4.4.1 mx:a.example: Connection refused", "接続を断られました"),
    ],
)
def test_an_answer_is_said_in_words_with_the_servers_own_beside(said, meant, root, office, waiting):
    _tried(office, waiting, said)
    for path in ("/queue", f"/queue/{waiting}", "/queue.csv"):
        page = root.get(path).text
        assert meant in page and said in page
