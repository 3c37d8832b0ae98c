"""Policies in force: a file becomes an immutable version row, and one pointer says which is active.

A policy with a failing test of its own is not activated; the one before stays in force.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, insert, select

import detectors
from detectors.own import NOTHING, Own
from detectors.score import DEFAULT_KINDS
from gateway.judgement.identity import owned
from gateway.judgement.own import configured
from gateway.judgement.policy import proving
from gateway.judgement.policy.conditions import OWN
from gateway.judgement.policy.exemptions import day_of, expired
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.judgement.policy.rules import Policy
from gateway.memory import pointers
from gateway.memory.config import Config
from gateway.memory.faults import Fault
from gateway.memory.states import Actor
from gateway.memory.store import Store, Tx
from gateway.memory.tables import PolicyVersion, table
from gateway.memory.written import Written

VERSION = table(PolicyVersion)
ACTIVE = "policy"
PROPOSED = "policy.proposed"
BYPASS = "bypass"


def default_text() -> str:
    """The shipped policy, which holds where the configuration names none."""
    return files("gateway.judgement.policy").joinpath("default.toml").read_text("utf-8")


@dataclass(frozen=True)
class InForce:
    version: int
    policy: Policy
    bypass: str = ""
    """as it is written down, "" while none is on; see `bypass.of`"""


class Policies:
    """Reads the active version; parsed once a version."""

    def __init__(self) -> None:
        self._parsed: dict[int, Policy] = {}

    def active(self, conn: Connection) -> InForce:
        """Raises LookupError where none was ever published."""
        found = pointers.several(conn, ACTIVE, BYPASS)
        if not found.get(ACTIVE):
            raise LookupError("no policy is in force (run: sekisho policy publish)")
        policy = self.version(conn, int(found[ACTIVE])).policy
        return InForce(int(found[ACTIVE]), policy, found.get(BYPASS, ""))

    def version(self, conn: Connection, version: int) -> InForce:
        if version not in self._parsed:
            text = conn.execute(select(VERSION.c.text).where(VERSION.c.id == version)).scalar_one()
            self._parsed[version] = load(text, f"policy version {version}")
        return InForce(version, self._parsed[version])


def active_version(conn: Connection) -> int | None:
    value = pointers.read(conn, ACTIVE)
    return int(value) if value else None


def known(conn: Connection, text: str) -> int | None:
    """The version of this very text, if it ever was one."""
    query = select(VERSION.c.id).where(VERSION.c.digest == _digest(text))
    return conn.execute(query).scalar()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def accept(
    text: str, origin: str, config: Config | None = None, today: date | None = None
) -> Policy:
    """The policy, proved by its own tests; raises PolicyError with every problem. With `today`,
    an exception that is over is one.

    Messages named in its tests are read from beside the file. Without a `config` there are no
    dictionaries and patterns of one's own, and where copies go to is not looked at.
    """
    base = Path(origin).parent
    read = load(text, origin)
    own = configured(config) if config else NOTHING
    problems = [*(expired(read, today) if today else ()), *unfit(read, own, config)]
    if problems:
        raise PolicyError(*Written(text, origin).located(problems))
    kinds = (*DEFAULT_KINDS, *read.kinds)
    return proving.accept(
        text,
        origin,
        inspect=lambda raw: detectors.inspect(raw, detectors.Wanted(kinds=kinds, own=own)),
        read=lambda name: (base / name).read_bytes(),
    )


def unfit(policy: Policy, own: Own, config: Config | None) -> Iterator[Fault]:
    """What does not go together with the configuration."""
    yield from _not_configured(policy, own)
    if config:
        yield from _copied_outside(policy, config.smtp.own_domains)


def _not_configured(policy: Policy, own: Own) -> Iterator[Fault]:
    """A rule that asks for another dictionary or pattern would never match."""
    known = ", ".join(sorted(own.kinds)) or "-"
    for rule in policy.rules:
        asked = {each.finding for c in rule.conditions for each in c.noted if each.finding}
        for kind in sorted(kind for kind in asked - own.kinds if OWN.fullmatch(kind)):
            yield Fault(("rule", rule.name), "not_configured", {"name": kind, "known": known})


def _copied_outside(policy: Policy, own_domains: Collection[str]) -> Iterator[Fault]:
    """A copy leaves as the mail was written, with every number in it: only for our own people."""
    for rule in policy.rules:
        treatment = rule.then.treatment
        for key in ("add_cc", "add_bcc"):
            for address in getattr(treatment, key) if treatment else ():
                if not owned(address, own_domains):
                    path = ("rule", rule.name, "then", "treatment", key)
                    yield Fault(path, "copied_outside", {"text": address})


@dataclass(frozen=True)
class Proposal:
    """A version that waits for a second person."""

    version: int
    by: str
    """the person, "" for the service that found it in the configured file"""


def proposal(conn: Connection) -> Proposal | None:
    value = pointers.read(conn, PROPOSED)
    version, _, by = (value or "").partition(" ")
    return Proposal(int(version), by) if version else None


def publish(
    store: Store,
    text: str,
    origin: str,
    actor: Actor,
    why: str = "",
    config: Config | None = None,
) -> int:
    """Make `text` the policy in force and return its version. Raises PolicyError.

    The same text again is the same version: starting a service twice changes nothing. With
    `policy.second_person` it is a `proposal` until another person publishes the same text; only
    the first policy of all needs nobody else.
    """
    with store.read() as session:
        present = active_version(session.connection())
        again = present is not None and present == known(session.connection(), text)
    # what is in force stays so when an exception in it ends: a service must start again
    accept(text, origin, config, None if again else day_of(store.clock()))
    second_person = config is not None and config.policy.second_person
    digest = _digest(text)
    with store.write() as tx:
        before, same = active_version(tx.conn), known(tx.conn, text)
        if same is not None and same == before:
            return same
        version = same or _insert(tx, digest, origin, text, actor)
        proposed = proposal(tx.conn)
        if second_person and before is not None and not _seconded(proposed, version, actor):
            _propose(tx, version, actor, why)
            return version
        pointers.put(tx, ACTIVE, str(version))
        if proposed:
            pointers.put(tx, PROPOSED, "")
        tx.record(
            "policy.published",
            actor,
            subject=f"policy {version}",
            policy=version,
            before=before,
            digest=digest,
            origin=origin,
            why=why,
            proposed_by=proposed.by if proposed and proposed.version == version else "",
        )
    return version


def _seconded(proposed: Proposal | None, version: int, actor: Actor) -> bool:
    who = actor.on_behalf_of or actor.id
    return proposed is not None and proposed.version == version and who not in ("", proposed.by)


def _propose(tx: Tx, version: int, actor: Actor, why: str) -> None:
    """A newer proposal takes the place of the one before; the same one stays whose it is."""
    before = proposal(tx.conn)
    if before and before.version == version:
        return
    pointers.put(tx, PROPOSED, f"{version} {actor.on_behalf_of or actor.id}")
    subject = f"policy {version}"
    tx.record("policy.proposed", actor, subject=subject, policy=version, why=why)


def _insert(tx: Tx, digest: str, origin: str, text: str, actor: Actor) -> int:
    row = insert(VERSION).values(
        digest=digest, origin=origin, text=text, published_at=tx.now, published_by=actor.id
    )
    return int(tx.conn.execute(row.returning(VERSION.c.id)).scalar_one())
