"""The courier with a real peer: what becomes of each recipient, when, and who hears of it."""

from __future__ import annotations

import email
import email.policy

import pytest
from sqlalchemy import select, update

from gateway.mail.courier import Courier
from gateway.mail.loops import Marks
from gateway.mail.outbox import Outbox
from gateway.mail.queue import ATTEMPT, CONSIGNMENT, LETTER, RECIPIENT, send_by
from gateway.memory.committer import Committer
from gateway.memory.config import read
from gateway.memory.opening import open_memory
from gateway.memory.states import SYSTEM
from tests.e2e.sink import EXTENSIONS, Sink
from tests.gateway.mail.test_dkim import NOW, RSA, holds, pem, section

SATO, KATO = "sato@partner.example", "kato@partner.example"
RAW = b"From: hanako@example.co.jp\r\nMessage-ID: <1@example.co.jp>\r\nSubject: a\r\n\r\nbody\r\n"


class Desk:
    """A courier without its loop: `round` takes what is due and waits for the end of it."""

    def __init__(self, memory, peer: Sink, clock, more=None, **delivery) -> None:
        own = {"next_hop": f"smtp://{peer.hop}", "tls": "none", **delivery}
        smtp = {"hostname": "gate.example.co.jp"}
        data = {"data_dir": str(memory.config.data_dir), "delivery": own, "smtp": smtp}
        made = read({**data, **(more or {})}, "test")
        self.memory, self.clock = open_memory(made, clock=clock), clock
        self.outbox = Outbox(
            self.memory.content,
            "sekisho@example.co.jp",
            "bounce@example.co.jp",
            "postmaster@example.co.jp",
        )
        self.committer = Committer(self.memory.store)
        self.committer.start()
        self.courier = Courier(self.memory, self.committer, self.outbox, Marks(b"k"), None, "test")

    async def close(self) -> None:
        await self.courier._pool.close()
        self.committer.stop()
        self.memory.close()

    async def round(self) -> None:
        for load in await self.committer.commit(self.courier.claims.due):
            await self.courier._carry(load)

    def post(self, *to: str, notify: str = "", sender: str = "hanako@example.co.jp", **letter):
        """A mail of hanako's that is queued; its id."""
        with self.memory.store.write() as tx:
            about = {"purpose": "", "about": "", "subject": "見積書"}
            id = self.outbox.enqueue(tx, RAW, mail_from=sender, to=to, inside=False, **about)
            columns = {"origin": "client", "message_id": "<1@example.co.jp>", **letter}
            tx.conn.execute(update(LETTER).where(LETTER.c.id == id).values(**columns))
            mine = RECIPIENT.c.consignment_id == id
            tx.conn.execute(update(RECIPIENT).where(mine).values(notify=notify))
        return id

    def rows(self, query):
        with self.memory.store.read() as session:
            return session.connection().execute(query).mappings().all()

    def row(self, id):
        return self.rows(select(CONSIGNMENT).where(CONSIGNMENT.c.id == id))[0]

    def status(self, id):
        query = select(RECIPIENT).where(RECIPIENT.c.consignment_id == id)
        return {row["address"]: row["status"] for row in self.rows(query)}

    def reports(self, id) -> list[str]:
        """Purposes of the reports about `id`, in the order in which they were made."""
        query = select(LETTER.c.purpose).where(LETTER.c.about == id).order_by(LETTER.c.received_at)
        return [row["purpose"] for row in self.rows(query)]


@pytest.fixture
def peer():
    with Sink() as made:
        yield made


@pytest.fixture
async def desk(memory, peer, clock):
    made = Desk(memory, peer, clock)
    yield made
    await made.close()


def report(peer: Sink):
    """The newest report to hanako."""
    mail = peer.to("hanako@example.co.jp")[-1]
    assert mail.mail_from == ""
    return email.message_from_bytes(mail.data, policy=email.policy.default)


async def test_it_works(desk, peer):
    id = desk.post(SATO)
    await desk.round()
    assert desk.row(id)["state"] == "done" and desk.status(id) == {SATO: "delivered"}
    assert peer.to(SATO)[0].data.endswith(RAW) and desk.reports(id) == []


async def test_each_recipient_has_a_fate_of_his_own(desk, peer, clock):
    peer.answers[f"RCPT TO:<{KATO}"] = "450 4.2.2 mailbox full"
    id = desk.post(SATO, KATO)
    await desk.round()
    assert desk.status(id) == {SATO: "delivered", KATO: "waiting"}
    assert desk.row(id)["state"] == "queued"
    peer.answers.clear()
    clock.forward(minutes=2)
    await desk.round()
    assert desk.row(id)["state"] == "done"
    assert [mail.rcpt_to for mail in peer.delivered] == [(SATO,), (KATO,)]


async def test_waits_double_up_to_an_hour_and_no_two_are_equal(desk, peer, clock):
    peer.answers["MAIL"] = "451 4.7.1 greylisted"
    id, waits = desk.post(SATO), []
    for _ in range(9):
        await desk.round()
        waits.append((desk.row(id)["due_at"] - clock.now).total_seconds())
        clock.now = desk.row(id)["due_at"]
    for wait, middle in zip(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600], strict=True):
        assert 0.8 * middle <= wait <= 1.2 * middle
    assert len(set(waits)) == 9


async def test_a_late_mail_is_announced_once_and_given_up_after_five_days(desk, peer, clock):
    peer.answers[f"RCPT TO:<{SATO}"] = "451 4.7.1 greylisted"
    id = desk.post(SATO)
    await desk.round()
    for _ in range(3):
        clock.forward(hours=5)
        await desk.round()
        await desk.round()
    assert desk.reports(id) == ["dsn_delayed"] and "配送遅延" in report(peer)["Subject"]
    clock.forward(days=5)
    await desk.round()
    await desk.round()
    assert desk.reports(id) == ["dsn_delayed", "dsn"]
    status = report(peer).get_payload(1).get_payload()[1]
    assert status["Status"] == "5.4.7" and "greylisted" in status["Diagnostic-Code"]
    assert status["Diagnostic-Code"].startswith("smtp; 550 5.4.7 ")
    assert desk.row(id)["state"] == "done"


async def test_a_report_that_cannot_be_delivered_ends_there(desk, peer, clock):
    peer.answers["RCPT"] = "550 5.1.1 no such user"
    id = desk.post(SATO)
    await desk.round()
    await desk.round()
    (made,) = desk.rows(select(LETTER).where(LETTER.c.about == id))
    assert desk.row(made["id"])["state"] == "done"
    assert desk.reports(made["id"]) == []


@pytest.mark.parametrize(
    ("notify", "sender", "made"),
    [
        ("", "hanako@example.co.jp", ["dsn"]),
        ("FAILURE,DELAY", "hanako@example.co.jp", ["dsn"]),
        ("SUCCESS", "hanako@example.co.jp", []),
        ("NEVER", "hanako@example.co.jp", []),
        ("FAILURE", "", []),
    ],
)
async def test_a_failure_is_reported_to_who_asked_and_never_to_nobody(
    desk, peer, notify, sender, made
):
    peer.answers["RCPT"] = "550 5.1.1 no such user"
    id = desk.post(SATO, notify=notify, sender=sender)
    await desk.round()
    assert desk.reports(id) == made


@pytest.mark.parametrize(("knows", "made"), [(True, []), (False, ["dsn_relayed"])])
async def test_success_is_reported_by_us_where_the_peer_will_not(desk, peer, knows, made):
    peer.extensions = [each for each in EXTENSIONS if knows or each != "DSN"]
    id = desk.post(SATO, notify="SUCCESS", envid="QQ1", ret="HDRS")
    await desk.round()
    assert desk.reports(id) == made
    assert ("ENVID=QQ1" in peer.delivered[0].options) is knows


async def test_a_peer_that_is_gone_costs_its_mails_one_attempt(memory, clock):
    with Sink() as gone:
        pass
    desk = Desk(memory, gone, clock)
    try:
        for _ in range(3):
            desk.post(SATO)
        await desk.round()
        assert {row["outcome"] for row in desk.rows(select(ATTEMPT))} == {"deferred"}
        assert len(desk.courier._pool._down) == 1
    finally:
        await desk.close()


async def test_what_leaves_as_configured_is_signed_and_else_passes_untouched(
    memory, peer, clock, tmp_path
):
    clock.now = NOW  # a signature of tomorrow would be refused by who verifies it
    (tmp_path / "rsa").write_bytes(pem(RSA))
    key = {"domain": "example.co.jp", "selector": "s1", "key": str(tmp_path / "rsa")}
    for dkim, signed in (("always", True), ("mx", False)):
        desk = Desk(memory, peer, clock, more={"dkim": [key]}, dkim=dkim)
        try:
            desk.post(SATO)
            await desk.round()
        finally:
            await desk.close()
        assert holds(peer.delivered[-1].data, section(tmp_path)) is signed
        assert peer.delivered[-1].data.endswith(RAW)


async def test_a_mail_that_was_moved_goes_by_the_other_hop_and_under_its_conditions(
    memory, peer, clock
):
    """A route without domains is a spare: nothing takes it by itself."""
    with Sink() as spare:
        way = f"smtp://{spare.hop}"
        route = {"domains": [], "next_hop": way, "tls": "none"}
        desk = Desk(memory, peer, clock, more={"route": [route]})
        try:
            moved = desk.post(SATO)
            desk.post(KATO)
            with desk.memory.store.write() as tx:
                send_by(tx, moved, SYSTEM, "because", way, [way])
            await desk.round()
        finally:
            await desk.close()
        assert [mail.rcpt_to for mail in spare.delivered] == [(SATO,)]
        assert [mail.rcpt_to for mail in peer.delivered] == [(KATO,)]
