"""A notice that bounces reaches somebody else: the fallback group, and nobody twice."""

from sqlalchemy import select

from gateway.judgement import undelivered
from gateway.judgement.dossier import RECIPIENT
from gateway.mail.hop import Result
from gateway.memory.letters import LETTER
from tests.gateway.judgement.test_holds import OUTSIDE, confirm, mail

REFUSED = Result("failed", "550 5.1.1 no such user")
LATER = Result("deferred", "451 4.2.0 try later")


def bounce(office, purpose, result=REFUSED):
    """The courier's hook for the newest notice of this purpose."""
    with office.memory.store.write() as tx:
        query = select(LETTER).where(LETTER.c.purpose == purpose).order_by(LETTER.c.id)
        letter = tx.conn.execute(query).mappings().first()
        to = select(RECIPIENT).where(RECIPIENT.c.consignment_id == letter["id"])
        recipient = tx.conn.execute(to).mappings().one()
        undelivered.hooks(office.ck)[purpose](tx, letter, recipient, result)


def asked(office, id):
    return [to for purpose, to, _ in office.notices(id) if purpose == "hold"]


def test_it_works(office):
    """The sender's mailbox is gone: the fallback may decide what becomes of the mail."""
    id = office.arrive(mail(3), OUTSIDE)
    bounce(office, "hold")
    fallback = {"ichiro@example.co.jp", "saburo@example.co.jp"}
    assert asked(office, id)[0] == "hanako@example.co.jp"
    assert set(asked(office, id)[1:]) == fallback
    assert "escalated" in office.verbs(id)


def test_the_fallback_is_asked_once(office):
    id = office.arrive(mail(3), OUTSIDE)
    bounce(office, "hold")
    count = len(asked(office, id))
    bounce(office, "hold")
    assert len(asked(office, id)) == count


def test_what_may_still_arrive_changes_nothing(office):
    id = office.arrive(mail(3), OUTSIDE)
    bounce(office, "hold", LATER)
    assert asked(office, id) == ["hanako@example.co.jp"]


def test_a_mail_that_was_decided_meanwhile_asks_nobody(office):
    id = office.arrive(mail(3), OUTSIDE)
    confirm(office, id)
    bounce(office, "hold")
    assert asked(office, id) == ["hanako@example.co.jp"]
