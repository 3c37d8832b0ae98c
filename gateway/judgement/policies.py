"""Policies in force: a file becomes an immutable version row, and one pointer says which is active.

A policy with a failing test of its own is not activated; the one before stays in force.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, insert, select

import detectors
from detectors.own import NOTHING, Own
from detectors.score import DEFAULT_KINDS
from gateway.judgement.policy import proving
from gateway.judgement.policy.conditions import OWN
from gateway.judgement.policy.exemptions import day_of, expired
from gateway.judgement.policy.load import PolicyError, load
from gateway.judgement.policy.rules import Policy
from gateway.memory import pointers
from gateway.memory.states import Actor
from gateway.memory.store import PolicyVersion, Store, Tx, table

VERSION = table(PolicyVersion)
ACTIVE = "policy"
PROPOSED = "policy.proposed"


def default_text() -> str:
    """The shipped policy, which holds where the configuration names none."""
    return files("gateway.judgement.policy").joinpath("default.toml").read_text("utf-8")


@dataclass(frozen=True)
class InForce:
    version: int
    policy: Policy


class Policies:
    """Reads the active version; parsed once a version."""

    def __init__(self) -> None:
        self._parsed: dict[int, Policy] = {}

    def active(self, conn: Connection) -> InForce:
        """Raises LookupError where none was ever published."""
        version = active_version(conn)
        if version is None:
            raise LookupError("no policy is in force (run: sekisho policy publish)")
        return self.version(conn, version)

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


def accept(text: str, origin: str, own: Own = NOTHING, today: date | None = None) -> Policy:
    """The policy, proved by its own tests; raises PolicyError with every problem. With `today`,
    an exception that is over is one.

    Messages named in its tests are read from beside the file. `own` are the dictionaries and
    patterns of the configuration: a rule that asks for another would never match.
    """
    base = Path(origin).parent
    read = load(text, origin)
    if today and (over := list(expired(read, today))):
        raise PolicyError(f"{origin}: {each}" for each in over)
    asked = read.kinds
    if unknown := sorted(kind for kind in asked - own.kinds if OWN.fullmatch(kind)):
        known = ", ".join(sorted(own.kinds)) or "none"
        raise PolicyError(
            f"{origin}: {kind}: not in the configuration (there: {known})" for kind in unknown
        )
    kinds = (*DEFAULT_KINDS, *asked)
    return proving.accept(
        text,
        origin,
        inspect=lambda raw: detectors.inspect(raw, detectors.Wanted(kinds=kinds, own=own)),
        read=lambda name: (base / name).read_bytes(),
    )


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
    own: Own = NOTHING,
    second_person: bool = False,
) -> int:
    """Make `text` the policy in force and return its version. Raises PolicyError.

    The same text again is the same version: starting a service twice changes nothing. With
    `second_person` it is a `proposal` until another person publishes the same text; only the first
    policy of all needs nobody else.
    """
    with store.read() as session:
        present = active_version(session.connection())
        again = present is not None and present == known(session.connection(), text)
    # what is in force stays so when an exception in it ends: a service must start again
    accept(text, origin, own, None if again else day_of(store.clock()))
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
