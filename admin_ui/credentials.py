"""Password and authenticator of a person: the invitation, the enrolment, the check.

Only an administrator makes a person, only the person sets the password: what was mailed opens
one page once, and neither password nor secret ever was in a mail.
"""

from __future__ import annotations

import hmac
import threading
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from admin_ui import access, brakes
from bridge.proof import six_digits
from gateway.judgement import notice, people, tokens
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.people import PERSON
from gateway.memory import passwords
from gateway.memory.keys import read_secret
from gateway.memory.opening import Memory, folders
from gateway.memory.states import Actor
from gateway.memory.store import Tx
from gateway.memory.tables import Credential, table
from gateway.memory.vault import open_small, seal_small

CREDENTIAL = table(Credential)
INVITED = timedelta(days=3)
SHORTEST = 12
LONGEST = 128
STEP = 30
"""Seconds of one code (RFC 6238); the neighbours count too, since clocks of phones differ."""

_AT_ONCE = threading.BoundedSemaphore(4)
"""Each comparison takes 64 MiB: strangers at the sign-in page must not take all memory."""


def key(memory: Memory) -> bytes:
    """Seals the secrets of authenticators. Raises KeyMissing."""
    return read_secret(folders(memory.config)["keys"] / "people")


def anybody(conn: Connection) -> bool:
    """Has anybody enrolled yet?"""
    return conn.execute(select(CREDENTIAL.c.person_id).where(_set())).first() is not None


def has_password(conn: Connection, person: str) -> bool:
    query = select(CREDENTIAL.c.person_id).where(CREDENTIAL.c.person_id == person, _set())
    return conn.execute(query).first() is not None


def _set() -> ColumnElement[bool]:
    return CREDENTIAL.c.password != ""


# -- invitation


def invite(tx: Tx, ck: Checkpoint, person: str, actor: Actor, *, mail: bool = True) -> str:
    """A link with which the person sets password and authenticator; earlier ones die.

    Mailed to the person's own mailbox, or handed over by whoever asked for it (command line)."""
    who = people.person(tx.conn, person)
    if who is None:
        raise LookupError(person)
    tokens.revoke(tx, person, "enrol")
    token = tokens.issue(tx, "enrol", person, tx.now + INVITED, person, who["email"])
    url = f"{ck.config.web.url.rstrip('/')}/enrol/{token}"
    tx.record("person.invited", actor, subject=person, mailed=mail)
    if mail:
        values = {"url": url, "days": INVITED.days}
        notice.write(tx, ck, person, "enrol", person, lambda _words: values)
    return url


def invited(conn: Connection, token: str, now: datetime) -> RowMapping | None:
    """The person whom an unused link of this kind was made for."""
    row = tokens.find(conn, token, "enrol") if token else None
    if row is None or row["used_at"] or row["expires_at"] <= now:
        return None
    query = select(PERSON).where(PERSON.c.id == row["person_id"], people.active(now))
    return conn.execute(query).mappings().first()


def offered(key: bytes, token: str) -> str:
    """The authenticator's secret that belongs to an invitation, in base32.

    Derived and not stored: looking at the page, even by a mail scanner, writes nothing, and who
    has the database alone cannot make it."""
    return b32encode(
        HKDF(SHA256(), 20, None, b"totp of an invitation\n" + token.encode()).derive(key)
    ).decode()


# -- enrolment


def weakness(password: str, email: str) -> str:
    """ "" for a password that may be set, else why not: short | long | simple | personal."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    if len(set(password)) < 5:
        return "simple"
    return "personal" if email.partition("@")[0].lower() in password.lower() else ""


def enrol(tx: Tx, key: bytes, token: str, phc: str, step: int, ip: str) -> str | None:
    """Use up the invitation and put password and secret in force; whoever was signed in as this
    person is out. None where the invitation was used or ran out meanwhile."""
    row = tokens.use(tx, token, "enrol")
    if row is None:
        return None
    person = str(row["person_id"])
    actor = Actor("person", person, ip)
    sealed = seal_small(offered(key, token).encode(), key, f"totp {person}")
    tx.conn.execute(delete(CREDENTIAL).where(CREDENTIAL.c.person_id == person))
    tx.conn.execute(
        insert(CREDENTIAL).values(person_id=person, password=phc, totp=sealed, totp_step=step)
    )
    tx.record("person.enrolled", actor, subject=person)
    access.end_others(tx, person, "", actor)
    return person


def change_password(tx: Tx, person: str, phc: str, session: str, actor: Actor) -> None:
    tx.conn.execute(update(CREDENTIAL).where(CREDENTIAL.c.person_id == person).values(password=phc))
    tx.record("password.changed", actor, subject=person)
    access.end_others(tx, person, session, actor)


def matching_step(secret: str, typed_code: str, now: datetime) -> int:
    """The time step that this code belongs to, 0 for none."""
    typed = six_digits(typed_code).encode()
    totp = pyotp.TOTP(secret, interval=STEP)
    here = totp.timecode(now)
    steps = (here, here - 1, here + 1)
    # the HOTP of a step (RFC 6238 §4), each compared in constant time
    codes = {each: totp.generate_otp(each).encode() for each in steps}
    fitting = [each for each, code in codes.items() if hmac.compare_digest(code, typed)]
    return fitting[0] if fitting else 0


# -- the check


@dataclass(frozen=True, slots=True)
class Entered:
    cookie: str


@dataclass(frozen=True, slots=True)
class TooSoon:
    until: datetime


def sign_in(
    memory: Memory, name: str, password: str, code: str, ip: str, agent: str
) -> Entered | TooSoon | None:
    """None for every kind of wrong, after the same work: nobody learns what was right."""
    with memory.store.write() as tx:
        if until := brakes.press(tx, name, ip):
            return TooSoon(until)
        known = _known(tx, name)
        now = tx.now
    right = fits(password, known["password"] if known else "")
    step = matching_step(_secret(memory, known), code, now)
    with memory.store.write() as tx:
        if known and right and _use_step(tx, known["id"], step):
            brakes.release(tx, name, ip)
            tx.record("login.ok", Actor("person", known["id"], ip), subject=known["id"])
            return Entered(access.enter(tx, known["id"], ip, agent))
        tx.record("login.failed", Actor("client", ip=ip), subject=known["id"] if known else "")
    return None


def fits(password: str, phc: str) -> bool:
    with _AT_ONCE:
        return passwords.fits(password, phc)


def password_fits(memory: Memory, person: access.Visitor, password: str, ip: str) -> bool | TooSoon:
    """The present password, asked again before it is changed: behind the same brakes."""
    with memory.store.write() as tx:
        if until := brakes.press(tx, person.email, ip):
            return TooSoon(until)
        query = select(CREDENTIAL.c.password).where(CREDENTIAL.c.person_id == person.id)
        phc = tx.conn.execute(query).scalar() or ""
    if not fits(password, phc):
        return False
    with memory.store.write() as tx:
        brakes.release(tx, person.email, ip)
    return True


def _known(tx: Tx, name: str) -> RowMapping | None:
    query = (
        select(PERSON.c.id, CREDENTIAL.c.password, CREDENTIAL.c.totp)
        .join(CREDENTIAL, CREDENTIAL.c.person_id == PERSON.c.id)
        .where(func.lower(PERSON.c.email) == name.lower(), _set(), people.active(tx.now))
    )
    return tx.conn.execute(query).mappings().first()


def _secret(memory: Memory, known: RowMapping | None) -> str:
    if known is None:
        return offered(key(memory), "nobody")
    return open_small(known["totp"], key(memory), f"totp {known['id']}").decode()


def _use_step(tx: Tx, person: str, step: int) -> bool:
    """A code works once (RFC 6238 §5.2): whoever read it over a shoulder comes too late."""
    used = tx.conn.execute(
        update(CREDENTIAL)
        .where(CREDENTIAL.c.person_id == person, CREDENTIAL.c.totp_step < step)
        .values(totp_step=step)
    )
    return used.rowcount == 1
