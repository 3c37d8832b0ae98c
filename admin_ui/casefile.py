"""What a page shows of one held mail: findings, recipients, files, treatment, the road so far.

Everything stands on the stored report and the rows; the mail itself is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, RowMapping

from admin_ui import road
from admin_ui.enclosures import Enclosure, enclosure
from admin_ui.handing import Handing, handing
from gateway.face.i18n import N_, Words
from gateway.face.words import Article, Lookalike, compare
from gateway.judgement import judge, parties, people, treated, unlock
from gateway.judgement.addressees import OTHER, REGISTERED, purposes_of
from gateway.judgement.brief import Brief, briefs
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT, Dossier, beside
from gateway.judgement.earlier import numbers_in
from gateway.judgement.grounds import grounds, hints
from gateway.judgement.identity import domain_of
from gateway.judgement.policy import explain
from gateway.judgement.policy.case import TO
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.explain import Drop
from gateway.judgement.policy.rules import Way
from gateway.judgement.policy.verdict import Batch, Verdict

_NOT_STORED = N_("受け取りページに格納できませんでした")
_NOT_READY = N_("送信する内容を用意できませんでした")
_LEVELS = {"warning": "bad", "caution": "warn", "safe": "ok"}


@dataclass(frozen=True)
class Addressee(Brief):
    level: str
    """"bad" or "warn" where a rule speaks of this very recipient, "" elsewhere"""
    retype: bool
    """its domain is typed once more"""
    frees: bool
    """without it the rest goes at once"""
    alike: Lookalike | None
    """its domain beside the one that it looks like"""
    misspelt: bool
    """that one is known the world over (gmail.com), whether the company writes there or not"""

    @property
    def key(self) -> str:
        return f"r{self.row['id']}"

    @property
    def domain(self) -> str:
        return domain_of(self.row["address"])


@dataclass(frozen=True, slots=True)
class Choice:
    """A way of sending that a rule offers."""

    way: Way
    frees: bool
    """like that it goes at once"""
    approved: bool
    """like that somebody else has to agree all the same"""


@dataclass(frozen=True)
class Casefile:
    held: Dossier
    cards: tuple[Article, ...]
    hints: tuple[str, ...]
    addressees: tuple[Addressee, ...]
    enclosures: tuple[Enclosure, ...]
    insiders: tuple[RowMapping, ...]
    """of the same letter, who got or get theirs without waiting"""
    handing: Handing
    changes: tuple[str, ...]
    """what else is done to it"""
    choices: tuple[Choice, ...]
    delay: int
    """minutes between the last demand met and sending"""
    events: tuple[road.Event, ...]
    sender: RowMapping | None
    owner: RowMapping | None
    purpose: str
    numbers: int

    @property
    def locked(self) -> tuple[str, ...]:
        """Files that a password would open, by their way in: "資料.zip › 一覧.xlsx"."""
        ways = (" › ".join(fact.path) for fact in unlock.locked(self.held.report.facts))
        return tuple(dict.fromkeys(filter(None, ways)))

    def levels(self, level: str) -> int:
        return sum(card.level == level for card in self.cards)

    @property
    def seq(self) -> int:
        """The last event shown: what came later is what changed."""
        return max((event.seq for event in self.events), default=0)

    @property
    def companies(self) -> int:
        return len({each.domain for each in self.addressees})

    @property
    def waiting_inside(self) -> tuple[RowMapping, ...]:
        """Colleagues who wait together with the outsiders."""
        return tuple(row for row in self.held.recipients if row["inside"])

    @cached_property
    def due(self) -> datetime | None:
        dates = [row["due_at"] for row in self.open if row["due_at"]]
        first: datetime | None = min(dates, default=self.held.consignment["due_at"])
        return first

    @property
    def open(self) -> tuple[RowMapping, ...]:
        return self.held.waiting(*parties.FIRST, "approve")

    @property
    def approval_follows(self) -> bool:
        """Others come after the sender: approvers, or an administrator."""
        left = [row for row in self.held.demands if row["state"] != "met"]
        return any(row["kind"] == "approve" for row in left)

    @property
    def asks_purpose(self) -> bool:
        return any(row["params"].get("purpose") for row in self.held.waiting(*parties.FIRST))

    @property
    def purposes(self) -> tuple[str, ...]:
        """What the addressees of this mail are registered for, for the sender to choose from."""
        known = (fact for fact in self.held.report.facts if fact.name in (REGISTERED, OTHER))
        said = (fact.reason.params for fact in known if fact.reason)
        return tuple(dict.fromkeys(each for params in said for each in purposes_of(params)))

    @property
    def confirmed_at(self) -> datetime | None:
        """When the sender stood by it; None before, and again after it was returned."""
        met = {row["id"] for row in self.held.demands if row["state"] == "met"}
        times = [act["at"] for act in self.held.acts if act["demand_id"] in met]
        return max(times, default=None)

    @property
    def suspects(self) -> tuple[Addressee, ...]:
        """Recipients that a rule speaks of, where somebody else would be left."""
        found = tuple(each for each in self.addressees if each.level)
        return found if len(found) < len(self.held.recipients) else ()


def casefile(
    conn: Connection, ck: Checkpoint, words: Words, held: Dossier, now: datetime
) -> Casefile:
    freeing = _freeing(conn, ck, held, now)
    addressees = tuple(_addressees(conn, ck, words, held, freeing, now))
    batch = judge.as_decided(held)
    letter = held.letter
    return Casefile(
        held,
        tuple(_cards(words, held, addressees)),
        tuple(hints(words, held)),
        addressees,
        tuple(enclosure(words, held, part, freeing) for part in held.attachments),
        _insiders(conn, held),
        handing(ck, held),
        treated.changes(words, ck, held).beside,
        tuple(_choices(conn, ck, held, now)),
        _minutes(batch),
        road.road(conn, words, held),
        people.person(conn, letter["sender_id"]),
        people.person(conn, letter["owner_id"]),
        road.purpose(conn, held) or held.purpose,
        numbers_in(letter["summary"]),
    )


# -- findings and recipients


def _cards(words: Words, held: Dossier, addressees: Iterable[Addressee]) -> Iterator[Article]:
    """Worst first; of equal ones what is wrong with a recipient before what is in the mail."""
    about: dict[str, list[Addressee]] = {}
    for each in addressees:
        for why in each.why:
            about.setdefault(why, []).append(each)
    cards = [
        Article(
            "bad" if any(each.level == "bad" for each in named) else "warn",
            why,
            tuple(((each.row["address"],), 0) for each in named),
        )
        for why, named in about.items()
    ]
    told = about.keys()  # a card whose every word stands on another one only hides the rest
    cards += [
        card
        for card in grounds(words, held)
        if card.title not in told and not (card.why and told >= set(card.why))
    ]
    if held.consignment["reason"] == "sealing_failed":
        stored = held.treatment is not None and held.treatment.bridge is not None
        failed = _NOT_STORED if stored else _NOT_READY
        cards.insert(0, Article("bad", words.say(failed)))
    yield from sorted(cards, key=lambda card: ("bad", "warn", "ok").index(card.level))


def _addressees(
    conn: Connection,
    ck: Checkpoint,
    words: Words,
    held: Dossier,
    freeing: frozenset[Drop],
    now: datetime,
) -> Iterator[Addressee]:
    verdicts = {verdict.recipient: verdict for verdict in held.verdicts}
    retyped = held.retyped()
    for brief in briefs(conn, ck, words, held, now):
        address = brief.row["address"]
        level = explain.level(verdicts.get(address, Verdict(address)))
        alike, misspelt = _alike(words, held, address)
        yield Addressee(
            **vars(brief),
            level=_LEVELS[level] if brief.why else "",
            retype=address in retyped,
            frees=Drop(recipient=address) in freeing,
            alike=alike,
            misspelt=misspelt,
        )


def _alike(words: Words, held: Dossier, address: str) -> tuple[Lookalike | None, bool]:
    for fact in held.report.facts:
        if fact.name == "lookalike_domain" and fact.part == TO + address.lower() and fact.reason:
            usual = str(fact.reason.params["usual"])
            found = compare(words, domain_of(address), usual)
            return found, fact.reason.code == "doppelganger"
    return None, False


def _freeing(conn: Connection, ck: Checkpoint, held: Dossier, now: datetime) -> frozenset[Drop]:
    if not held.waiting(*parties.FIRST):
        return frozenset()
    case = judge.case_of(conn, ck, held, now)
    return frozenset(explain.freeing(ck.policies.active(conn).policy, case))


def _choices(conn: Connection, ck: Checkpoint, held: Dossier, now: datetime) -> Iterator[Choice]:
    if not held.offered or not held.waiting(*parties.FIRST):
        return
    case, policy = judge.case_of(conn, ck, held, now), ck.policies.active(conn).policy
    for way in held.offered:
        verdicts = decide(policy, case.without(way=way))
        approved = any(d.kind == "approve" for verdict in verdicts for d in verdict.demands)
        yield Choice(way, explain.free(verdicts), approved)


def _insiders(conn: Connection, held: Dossier) -> tuple[RowMapping, ...]:
    gone_ahead = CONSIGNMENT.c.state.in_(("queued", "done", "erased"))
    return tuple(conn.execute(beside(held, gone_ahead, RECIPIENT.c.inside.is_(True))).mappings())


def _minutes(batch: Batch | None) -> int:
    return int(batch.delay.clock.total_seconds() // 60) if batch and batch.delay else 0


def named(conn: Connection, addresses: Iterable[str]) -> Mapping[str, str]:
    """Names of our own people by address; a shared mailbox stays an address."""
    found = {address: people.person_at(conn, address) for address in addresses}
    return {address: row["name"] if row else address for address, row in found.items()}
