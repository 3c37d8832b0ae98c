"""Notices to our own people: what is asked, until when, why, and one link. Never a digit.

Each is a template in both languages whose first line is the subject. What a sender can open with
a link alone is bound to the mailbox the notice goes to; all others sign in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection, RowMapping, func, select

from gateway.face.dates import local, moment
from gateway.face.i18n import Language, Words, words_in
from gateway.judgement import people, tokens
from gateway.judgement import treated as treatments
from gateway.judgement.brief import briefs
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT, Dossier, dossier
from gateway.judgement.earlier import numbers_in
from gateway.judgement.grounds import grounds, hints, refusals
from gateway.mail.outbox import Mail, one_line
from gateway.memory.letters import LETTER
from gateway.memory.store import Tx

LATE = timedelta(days=30)
_BRIEFS = 3
"""Recipients on whom a mail says more than an address; the page has all of them."""
TEMPLATE = {"confirm": "hold", "owner": "hold", "admin": "admin", "approve": "approval"}


# -- about a demand


def asked(
    tx: Tx, ck: Checkpoint, id: str, person: str, row: RowMapping, *, reminder: bool = False
) -> str:
    """To one of those who may meet the demand."""
    purpose, personal = TEMPLATE[row["kind"]], not row["mailbox"]
    more = {"due": row["due_at"], "reminder": reminder, "personal": personal}
    return _post(tx, ck, id, person, purpose, url=_url(tx, ck, id, row, person), **more)


def _url(tx: Tx, ck: Checkpoint, id: str, row: RowMapping | Mapping[str, Any], person: str) -> str:
    if row["kind"] not in ("confirm", "owner") or row["mailbox"]:
        return f"{base(ck)}/holds/{id}"
    return f"{base(ck)}/confirm/{tokens.issue(tx, 'confirm', id, lifetime(tx, ck), person)}"


def base(ck: Checkpoint) -> str:
    return ck.config.web.url.rstrip("/")


def lifetime(tx: Tx, ck: Checkpoint) -> datetime:
    """Of a link: longer than the hold, so that a late click is told what became of the mail."""
    return ck.calendar.add(tx.now, ck.config.holds.confirm_within) + LATE


# -- about an outcome


def delayed(tx: Tx, ck: Checkpoint, id: str, person: str) -> str:
    due = read(tx, ck, id).consignment["due_at"]
    url = _url(tx, ck, id, {"kind": "confirm", "mailbox": ""}, person)
    return _post(tx, ck, id, person, "delayed", due=due, url=url)


def treated(tx: Tx, ck: Checkpoint, id: str) -> None:
    """It leaves otherwise than it was written, and nobody was asked: a few words to the person who
    wrote it. Of what a rule may do to every mail (copies, links) the first of each day."""
    held = read(tx, ck, id)
    who = people.person(tx.conn, held.letter["sender_id"])
    if who is None or not held.outside:
        return
    words = _words(tx, ck, who["id"])
    done = treatments.changes(words, ck, held)
    daily = _daily(held, done.notice)
    if not done.notice or (daily and _told_today(tx, who["email"], done.notice)):
        return
    why = treatments.whys(words, ck.policies.version(tx.conn, held.policy).policy, held)
    url = _url(tx, ck, id, {"kind": "confirm", "mailbox": ""}, who["id"])
    _post(tx, ck, id, who["id"], done.notice, why=why, url=url, daily=daily)


def _daily(held: Dossier, kind: str) -> bool:
    """Not where this sender is to tell a word."""
    return kind in treatments.DAILY and not (held.treatment and held.treatment.told_word)


def _told_today(tx: Tx, address: str, kind: str) -> bool:
    midnight = local(tx.now).replace(hour=0, minute=0, second=0, microsecond=0)
    return treatments.told_since(tx.conn, address, kind, midnight)


def refusal(tx: Tx, ck: Checkpoint, id: str, person: str) -> str:
    held = read(tx, ck, id)
    policy = ck.policies.version(tx.conn, held.policy).policy
    left = treatments.others(tx.conn, held)
    nobody = not left and treatments.left_out(policy, held)
    who, why = refused_by(tx, _words(tx, ck, person), held)
    more = {"others": len(left), "nobody": nobody}
    return _post(tx, ck, id, person, "refused", who=who, why="\n　".join(why), **more)


def refused_by(tx: Tx, words: Words, held: Dossier) -> tuple[str, list[str]]:
    """Who refused it and why: a person, else the rules, whose own words come first, since they
    tell what to do instead."""
    for act in held.acts:
        if act["act"] == "refused":
            return _by(tx, words, act["person_id"]), [act["reason"]]
    why = dict.fromkeys([*refusals(words, held), *_reasons(words, held)])
    return words.say("送信ルール"), list(why)


def refused(tx: Tx, ck: Checkpoint, id: str, by: str, why: str) -> None:
    _outcome(tx, ck, id, "refused", by, why)


def returned(tx: Tx, ck: Checkpoint, id: str, by: str, why: str) -> None:
    _outcome(tx, ck, id, "returned", by, why)


def expired(tx: Tx, ck: Checkpoint, id: str, person: str) -> str:
    return _post(tx, ck, id, person, "expired")


def zipped(tx: Tx, ck: Checkpoint, id: str) -> None:
    """Where the password of an encrypted ZIP is shown; once for a letter, whose page shows all."""
    held = read(tx, ck, id)
    same = select(CONSIGNMENT.c.id).where(CONSIGNMENT.c.letter_id == held.letter["id"])
    known = select(LETTER.c.id).where(LETTER.c.purpose == "zipped", LETTER.c.about.in_(same))
    if tx.conn.execute(known.limit(1)).first():
        return
    for person, mailbox in tellers(tx.conn, held.letter):
        url = _url(tx, ck, id, {"kind": "confirm", "mailbox": mailbox}, person)
        _post(tx, ck, id, person, "zipped", url=url, personal=not mailbox)


def told(tx: Tx, ck: Checkpoint, id: str, person: str) -> str:
    """To one of a group that only wants to know."""
    return _post(tx, ck, id, person, "told")


# -- writing


def _outcome(tx: Tx, ck: Checkpoint, id: str, template: str, by: str, why: str) -> None:
    held = read(tx, ck, id)
    more = {"others": len(treatments.others(tx.conn, held)), "nobody": False}
    for person in senders(held.letter):
        said = _by(tx, _words(tx, ck, person), by)
        _post(tx, ck, id, person, template, who=said, why=why, **more)


def _by(tx: Tx, words: Words, person: str) -> str:
    who = people.person(tx.conn, person)
    return words.say("%(name)sさん", name=who["name"] if who else words.say("システム管理者"))


def _post(tx: Tx, ck: Checkpoint, id: str, person: str, template: str, **more: Any) -> str:
    held, today = read(tx, ck, id), tx.now.astimezone(ck.calendar.zone).date()

    def filled(words: Words) -> dict[str, Any]:
        due = more.get("due")
        shown = {"due": moment(due, words.language, today)} if isinstance(due, datetime) else {}
        decided = _decided(tx, ck, held, words) if template == "approval" else {}
        return {**facts(tx, ck, held, words), **decided, **more, **shown}

    return write(tx, ck, person, template, id, filled, in_reply_to=held.letter["message_id"])


def _decided(tx: Tx, ck: Checkpoint, held: Dossier, words: Words) -> dict[str, Any]:
    """What an approver wants to know first: three lines on each recipient, as on the page."""
    found = list(islice(briefs(tx.conn, ck, words, held, tx.now, file_names=False), _BRIEFS))
    return {
        "briefs": found,
        "more": len(held.outside) - len(found),
        "named": [_named(words, brief.row) for brief in found],
        "purpose": held.purpose,
        "numbers": numbers_in(held.letter["summary"]),
    }


def write(
    tx: Tx,
    ck: Checkpoint,
    person: str,
    template: str,
    about: str,
    filled: Callable[[Words], Mapping[str, Any]],
    *,
    in_reply_to: str = "",
    purpose: str = "",
    also: Sequence[str] = (),
) -> str:
    """One mail to one of our people in their own language, by the name of its template unless it
    has another `purpose`; its id, "" for somebody who is no longer known. `also` are further
    mails that it speaks of."""
    who = people.person(tx.conn, person)
    if who is None:
        return ""
    replies = ck.config.delivery.postmaster
    values = {"name": who["name"], "contact": ck.config.holds.contact, "replies": replies}
    words = words_in(cast(Language, who["language"]))
    subject, text = render(words, template, {**values, **filled(words)})
    mail = Mail(
        to=who["email"],
        to_name=who["name"],
        subject=subject,
        text=text,
        purpose=purpose or template,
        about=about,
        also=tuple(also),
        in_reply_to=in_reply_to,
    )
    return ck.outbox.post(tx, mail)


def facts(tx: Tx, ck: Checkpoint, held: Dossier, words: Words) -> dict[str, Any]:
    """What every template may say of the mail; names and subject are masked already."""
    letter, outside = held.letter, held.outside
    sender = people.person(tx.conn, letter["sender_id"])
    names = [_named(words, row) for row in outside[:1]]
    done = treatments.changes(words, ck, held)
    more = len(outside) - 1
    if more > 0:
        names.append(words.say("ほか%(num)s件", num=more))
    return {
        "subject": one_line(letter["subject"]) or words.say("（件名なし）"),
        "sent": moment(
            letter["received_at"], words.language, tx.now.astimezone(ck.calendar.zone).date()
        ),
        "outside": " ".join(names) or words.say("なし"),
        "attachments": words.many("%(num)s件", len(held.attachments)),
        "files": len(held.attachments),
        "inside": _inside(tx, held),
        "sender": _person(words, sender) if sender else letter["sender_address"],
        "reasons": _reasons(words, held),
        "hints": hints(words, held),
        "changes": [*done.handed, *done.beside],
        "reminder": False,
    }


def _reasons(words: Words, held: Dossier) -> list[str]:
    return [card.brief or card.title for card in grounds(words, held)]


def render(words: Words, template: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and text."""
    text = _environment().get_template(f"{template}.{words.language}.txt").render(values)
    subject, _, body = text.strip("\n").partition("\n")
    return subject, body.strip("\n") + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("gateway.judgement", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


def read(tx: Tx, ck: Checkpoint, id: str) -> Dossier:
    held = dossier(tx.conn, ck.letters, id)
    if held is None:
        raise LookupError(id)
    return held


def senders(letter: RowMapping) -> list[str]:
    """Who is told what became of a mail: its person, else the owner of the machine."""
    return [p for p in (letter["sender_id"] or letter["owner_id"],) if p]


def tellers(conn: Connection, letter: RowMapping) -> list[tuple[str, str]]:
    """Who opens the page of a letter as its sender, and signs in where it is a mailbox: the sender;
    of a shared mailbox, everybody who shares it (and the mailbox)."""
    if found := senders(letter):
        return [(person, "") for person in found]
    mailbox = letter["sender_address"]
    return [(person, mailbox) for person in sorted(people.sharers(conn, mailbox))]


def _words(tx: Tx, ck: Checkpoint, person: str) -> Words:
    who = people.person(tx.conn, person)
    return words_in(cast(Language, who["language"] if who else ck.config.language))


def _named(words: Words, row: RowMapping) -> str:
    domain = row["address"].rpartition("@")[2]
    if not row["name"]:
        return str(row["address"])
    return words.say("%(name)s 様（%(domain)s）", name=row["name"], domain=domain)


def _person(words: Words, row: RowMapping) -> str:
    if not row["department"]:
        return str(row["name"])
    return words.say("%(name)s（%(department)s）", name=row["name"], department=row["department"])


def _inside(tx: Tx, held: Dossier) -> int:
    """Recipients inside the company who got their copy of the same letter already."""
    query = (
        select(func.count())
        .select_from(RECIPIENT)
        .join(CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id)
        .where(
            CONSIGNMENT.c.letter_id == held.letter["id"],
            CONSIGNMENT.c.id != held.id,
            RECIPIENT.c.inside.is_(True),
            CONSIGNMENT.c.state.in_(("queued", "done", "erased")),
        )
    )
    return int(tx.conn.execute(query).scalar_one())
