"""A month of an office's mail, judged and stored: a hundred thousand decisions to look back on.

Mails as an office writes them, read by the detectors, judged by the shipped rules, and written to
the tables as the judgement writes them, only many at once: over SMTP it would take hours.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert

import detectors
from benchmarks.mails import SEED
from detectors.report import Fact, Mailbox, Reason, Report
from gateway.judgement import policies
from gateway.judgement.dossier import CONSIGNMENT, DECISION, RECIPIENT
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case, recipients_of
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.load import load
from gateway.judgement.policy.rules import Policy
from gateway.judgement.policy.verdict import grouped, to_json
from gateway.memory.config import load as configured
from gateway.memory.ids import new_id
from gateway.memory.letters import LETTER, Letters
from gateway.memory.opening import Memory, open_memory, prepare
from gateway.memory.states import SYSTEM
from gateway.memory.store import Tx
from gateway.memory.vault import new_data_key
from tests import mails, samples

BATCH = 2_000
OWN = frozenset({"example.co.jp"})
SHARES = {"plain": 70, "inside": 12, "several": 8, "file": 6, "few": 2, "many": 1, "locked": 1}
"""Of a hundred mails."""


def reports() -> dict[str, Report]:
    """One of each sort, read by the detectors."""
    locked = samples.encrypted_zip({"一覧.txt": b"x" * 900}, "himitsu")
    sheet = samples.workbook({"見積": [["品番", "数量"], ["A-1", 4]]})
    raw = {
        "plain": mails.plain(),
        "inside": mails.plain(to="bob@example.co.jp"),
        "several": samples.message("会合のご案内", "ご出欠をお知らせください。"),
        "file": samples.message("見積書", "見積書を添付いたします。", [("見積書.xlsx", sheet)]),
        "few": mails.payroll(3),
        "many": mails.payroll(36, hidden=True),
        "locked": samples.message("資料", "お送りします。", [("資料.zip", locked)]),
    }
    return {sort: detectors.inspect(each) for sort, each in raw.items()}


@dataclass(frozen=True)
class Mail:
    report: Report
    sender: str
    to: tuple[str, ...]


def office(count: int) -> Iterator[Mail]:
    """No two alike: three hundred people write to twenty thousand addresses."""
    chance, read = random.Random(SEED), reports()
    sorts = chance.choices(list(SHARES), list(SHARES.values()), k=count)
    for number, sort in enumerate(sorts):
        sender = f"person{chance.randrange(300)}@example.co.jp"
        some = chance.randrange(2, 9) if sort == "several" else 1
        to = tuple(_outside(chance) for _ in range(some))
        if sort == "inside":
            to = (f"person{chance.randrange(300)}@example.co.jp",)
        yield Mail(_addressed(read[sort], number, sender, to, chance), sender, to)


def _outside(chance: random.Random) -> str:
    company = chance.randrange(3_000)
    domain = "gmail.com" if company < 60 else f"kaisha{company}.example"
    return f"tanto{chance.randrange(7)}@{domain}"


def _addressed(
    report: Report, number: int, sender: str, to: Sequence[str], chance: random.Random
) -> Report:
    headers = replace(
        report.headers,
        subject=f"{report.headers.subject} {number % 977}",
        sender=(Mailbox("", sender),),
        to=tuple(Mailbox("", address) for address in to),
        message_id=f"<{number}@example.co.jp>",
    )
    known = [
        Fact("first_contact", f"to:{address}", reason=Reason("first_for_sender"))
        for address in to
        if chance.random() < 0.04
    ]
    return replace(report, headers=headers, facts=(*report.facts, *known))


# -- the house


def house(folder: Path, count: int) -> Path:
    """Path of its configuration."""
    file = folder / "sekisho.toml"
    file.write_text(
        f'data_dir = "{folder / "var"}"\nlanguage = "en"\n[smtp]\nown_domains = ["example.co.jp"]\n'
    )
    config = configured(file)
    prepare(config)
    memory = open_memory(config)
    with memory.store.write() as tx:
        memory.ledger.open(tx.conn)
    policies.publish(memory.store, policies.default_text(), "policy.toml", SYSTEM)
    policy, spacing = load(policies.default_text(), "policy.toml"), timedelta(days=29) / count
    coming = ((mail, spacing * number) for number, mail in enumerate(office(count)))
    while some := list(islice(coming, BATCH)):
        with memory.store.write() as tx:
            _keep(memory, policy, tx, some)
    memory.close()
    return file


def _keep(memory: Memory, policy: Policy, tx: Tx, some: Sequence[tuple[Mail, timedelta]]) -> None:
    tables = (LETTER, CONSIGNMENT, RECIPIENT, DECISION)
    rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in tables}
    for mail, ago in some:
        id, at = new_id(), tx.now - ago
        person = mail.sender.partition("@")[0]
        to = tuple(recipients_of(mail.report, mail.to, OWN))
        sender = Sender("person", mail.sender, person)
        verdicts = decide(policy, Case(mail.report, sender, to, OWN, at))
        rows[LETTER].append(_letter(memory.content, tx, id, mail) | {"received_at": at})
        rows[CONSIGNMENT].append(
            {"id": id, "letter_id": id, "state": "done", "created_at": at, "changed_at": at}
            | {"headline": grouped(verdicts)[-1].action}
        )
        rows[RECIPIENT] += [
            {"consignment_id": id, "address": r.address, "inside": r.inside, "header": r.header}
            for r in to
        ]
        rows[DECISION].append(
            {"letter_id": id, "policy_version": 1, "made_at": at, "verdicts": to_json(verdicts)}
        )
    for table, made in rows.items():
        tx.conn.execute(insert(table), made)


def _letter(letters: Letters, tx: Tx, id: str, mail: Mail) -> dict[str, Any]:
    kek, key = letters.ring.epoch((tx.now + timedelta(days=31)).date()), new_data_key()
    row = {"id": id, "kek": kek, "key": letters.ring.wrap(key, kek, id)}
    return row | {
        "report": letters.seal_report(row, mail.report),  # type: ignore[arg-type]
        "mail_from": mail.sender,
        "sender_class": "person",
        "sender_id": mail.sender.partition("@")[0],
        "sender_address": mail.sender,
        "subject": mail.report.headers.subject,
    }
