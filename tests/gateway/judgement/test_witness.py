"""Auditors get the signed checkpoint once a day, and it verifies outside."""

from gateway.judgement import witness
from gateway.memory.ledger import note


def mailed(office):
    with office.memory.store.write() as tx:
        return witness.mail_checkpoint(tx, office.ck, office.memory.ledger)


def test_it_works(office, clock):
    office.hire("aki", ("role", "auditor"))
    assert mailed(office) == 1
    ((purpose, to, text),) = office.notices("ledger")
    assert (purpose, to) == ("checkpoint", "aki@example.co.jp")
    signed = text.replace("\r\n", "\n").split("----\n")[1]
    assert note.read(signed, office.memory.ledger.public).size > 0


def test_once_a_day_and_not_before_people_begin(office, clock):
    office.hire("aki", ("role", "auditor"))
    assert [mailed(office), mailed(office)] == [1, 0]
    clock.forward(hours=12)  # 02:18 of the next day
    assert mailed(office) == 0
    clock.forward(hours=7)
    assert mailed(office) == 1
