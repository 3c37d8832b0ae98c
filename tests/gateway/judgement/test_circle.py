"""The very same people in To and Cc: known to each other, and never by Bcc."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from detectors.report import Headers, Mailbox, Report
from gateway.judgement.acquaintance.feed import Feed
from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.learn import learn
from gateway.judgement.acquaintance.learner import PLACE
from gateway.judgement.acquaintance.recall import asked_of, look_up, recall
from gateway.judgement.policy.case import Recipient
from gateway.memory.opening import Memory
from tests import samples
from tests.office import Office

OWN = frozenset({"example.co.jp"})
NOW = datetime(2026, 11, 20, 5, 18, tzinfo=UTC)
HANAKO = "hanako@example.co.jp"
KEYED = Keyed(b"k" * 32)
TWELVE = [f"a{n}@one.example" for n in range(6)] + [f"b{n}@two.example" for n in range(6)]
HEADER = "From: hanako@example.co.jp\nDate: Fri, 20 Nov 2026 05:18:00 +0000\n"


def known(memory: Memory, shown: list[str]) -> bool:
    report = Report(headers=Headers(to=tuple(Mailbox("", address) for address in shown)))
    recipients = [Recipient(address, False, "to") for address in shown]
    with memory.store.read() as session:
        conn = session.connection()
        ties = look_up(conn, asked_of(KEYED, HANAKO, recipients))
        found = recall(conn, KEYED, ties, report, HANAKO, recipients, OWN, NOW)
        return any(fact.name == "known_circle" for fact in found)


def fed(memory: Memory, path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    with memory.store.write() as tx:
        learn(tx.conn, KEYED, list(Feed(KEYED, OWN, NOW).read(path)))


def mbox(field: str, times: int) -> str:
    mail = f"From x Fri Nov 20 05:18:00 2026\n{HEADER}{field}: {', '.join(TWELVE)}\n\nx\n\n"
    return mail * times


def test_it_works(memory: Memory, tmp_path: Path) -> None:
    fed(memory, tmp_path / "mbox", mbox("To", 2))
    assert not known(memory, TWELVE)
    fed(memory, tmp_path / "mbox", mbox("Cc", 1))
    assert known(memory, [*reversed(TWELVE), HANAKO])


@pytest.mark.parametrize("others", [TWELVE[1:], [*TWELVE, "c@three.example"], TWELVE[:9]])
def test_one_more_or_one_less_is_another_one(
    memory: Memory, tmp_path: Path, others: list[str]
) -> None:
    fed(memory, tmp_path / "mbox", mbox("To", 9))
    assert not known(memory, others)


def test_who_was_hidden_so_far_is_not_known_to_the_others(memory: Memory, tmp_path: Path) -> None:
    """The newsletter that went out in Bcc, and today in To: the incident itself."""
    fed(memory, tmp_path / "mbox", mbox("Bcc", 9))
    assert not known(memory, TWELVE)


@pytest.mark.parametrize(("heading", "told"), [("宛先", True), ("recipients", False)])
def test_a_column_of_recipients_may_hold_bcc(
    memory: Memory, tmp_path: Path, heading: str, told: bool
) -> None:
    row = f'{HANAKO},"{"; ".join(TWELVE)}"\n'
    fed(memory, tmp_path / "sent.csv", f"差出人,{heading}\n" + row * 3)
    assert known(memory, TWELVE) is told


def test_what_is_kept_of_a_mail_tells_it(office: Office) -> None:
    """A digest in the summary, from which the learner counts it when the mail has passed."""
    raw = samples.message("件", "本文", sender=HANAKO, to=TWELVE[:6], cc=TWELVE[6:])
    letter = office.read(office.arrive(raw, TWELVE)).letter
    assert letter["summary"][PLACE]["circle"] == office.ck.keyed.circle(TWELVE).hex()
    alone = samples.message("件", "本文", sender=HANAKO, to=TWELVE[0])
    assert "circle" not in str(office.read(office.arrive(alone, TWELVE)).letter["summary"])
