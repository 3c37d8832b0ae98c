"""The road of one mail: what happened to it and who did it, told from the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select

from gateway.face.i18n import N_, Words
from gateway.face.words.record import Tone
from gateway.judgement.dossier import CONSIGNMENT, Dossier
from gateway.judgement.people import PERSON
from gateway.memory.ledger.append import DETAIL, ENTRY, STREAM
from gateway.memory.states import State

SENTENCES = {
    "received": N_("送信操作を受け付け"),
    "held": N_("検査して保留"),
    "delayed": N_("検査して一時保留"),
    "asked": N_("%(who)sに承認を依頼"),
    "confirmed": N_("%(who)sが宛先%(recipients)s件と添付%(attachments)s件を確認"),
    "confirmed_in_run": N_(
        "%(who)sが宛先%(recipients)s件と添付%(attachments)s件を確認"
        "（%(together)s通をまとめて確認、記録 %(run)s）"
    ),
    "recipient_dropped": N_("%(who)sが宛先 %(address)s を外す"),
    "attachment_dropped": N_("%(who)sが添付 %(name)s を外す"),
    "converted_bcc": N_("%(who)sがBccへの変換を選択"),
    "converted_one_each": N_("%(who)sが1通ずつの送信を選択"),
    "unlocked": N_("%(who)sがパスワードを入力し、検査が完了"),
    "approved": N_("%(who)sが承認"),
    "returned": N_("%(who)sが差し戻し（理由：%(why)s）"),
    "refused": N_("%(who)sが却下（理由：%(why)s）"),
    "refused_in_run": N_(
        "%(who)sが却下（理由：%(why)s、%(together)s通をまとめて却下、記録 %(run)s）"
    ),
    "refused_by_rule": N_("送信ルールにより却下"),
    "delegated": N_("%(who)sが代理に回付"),
    "escalated": N_("期限を過ぎたため代理承認者へ回付"),
    "reminded": N_("あらためてお知らせ"),
    "reported_false": N_("%(who)sが誤検知として報告"),
    "rejudged": N_("%(who)sが再検査を指示"),
    "released": N_("保留を解除し、送信を準備"),
    "queued": N_("保留を解除し、送信待ちに登録"),
    "sealed": N_("送信する内容を用意し、送信待ちに登録"),
    "sealed_bcc": N_("社外の宛先をBccに変え、送信待ちに登録"),
    "sealed_one_each": N_("1通ずつに分け、送信待ちに登録"),
    "copied": N_("%(address)s を写しの宛先に追加"),
    "sealed_in_parcel": N_("受け取りページに格納し、送信待ちに登録"),
    "sealed_in_zip": N_("暗号化ZIPに格納し、送信待ちに登録"),
    "linked_instead": N_("暗号化ZIPにできず、受け取りページに変更"),
    "password.shown": N_("%(who)sが暗号化ZIPのパスワードを表示"),
    "sealing_failed": N_("送信する内容を用意できず、保留"),
    "delivered": N_("%(address)s に配送"),
    "deferred": N_("%(address)s への配送を延期"),
    "bounced": N_("%(address)s に届かず"),
    "withdrawn": N_("%(who)sが送信を取りやめ"),
    "expired": N_("期限までに操作がなく、取り消し"),
    "observed": N_("写しを判定（試行）"),
    "erased": N_("内容を消去"),
}
TONES: Mapping[str, Tone] = {
    "held": "warn",
    "returned": "warn",
    "sealing_failed": "bad",
    "refused": "bad",
    "refused_in_run": "bad",
    "refused_by_rule": "bad",
    "bounced": "bad",
    "approved": "ok",
    "delivered": "ok",
}
DEADLINES = {
    "confirm": N_("確認の期限"),
    "owner": N_("確認の期限"),
    "admin": N_("システム管理者の確認の期限"),
    "approve": N_("承認の期限"),
}
ENDS = ("queued", "released", "refused", "withdrawn", "expired", "delayed", "rejudged")
"""What settles a held mail: after one of these nobody has to decide any more."""
ENDED = {
    **dict.fromkeys(("queued", "released", "delayed"), State.DONE),
    "withdrawn": State.WITHDRAWN,
    "refused": State.REFUSED,
    "expired": State.EXPIRED,
}
"""How a mail ended whose content is erased since: seconds after its delivery, as shipped."""


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    text: str
    tone: Tone = ""
    next: bool = False
    seq: int = 0
    verb: str = ""
    actor: str = ""
    """person id, "" where it was no person"""
    why: str = ""


def road(conn: Connection, words: Words, held: Dossier) -> tuple[Event, ...]:
    """What happened, oldest first, and the deadline that comes next."""
    entries = list(_entries(conn, held))
    names = _names(conn, entries)
    told = [*_told(words, entries, names)]
    return tuple(sorted(told, key=lambda event: event.seq)) + _coming(words, held)


def settled(events: Sequence[Event]) -> Event | None:
    """The event that last settled it."""
    return next((event for event in reversed(events) if event.verb in ENDS), None)


def shown_states(conn: Connection, states: Mapping[str, str]) -> dict[str, str]:
    """The state of each consignment; of an erased one how it ended."""
    erased = [id for id, state in states.items() if state == State.ERASED.value]
    query = select(ENTRY.c.subject, ENTRY.c.verb).where(
        ENTRY.c.stream == STREAM, ENTRY.c.subject.in_(erased), ENTRY.c.verb.in_(ENDED)
    )
    ended = {id: ENDED[verb].value for id, verb in conn.execute(query.order_by(ENTRY.c.seq))}
    return {**states, **ended}


def purpose(conn: Connection, held: Dossier) -> str:
    """What the sender gave as purpose, in the last confirmation."""
    given = [_details(row) for row in _entries(conn, held) if row["verb"] == "confirmed"]
    return str(given[-1].get("purpose", "")) if given else ""


# -- reading


def _entries(conn: Connection, held: Dossier) -> Iterator[RowMapping]:
    """Of this consignment, and of those it was split from until the split."""
    row, wanted = held.consignment, [ENTRY.c.subject == held.id]
    while row["parent_id"]:
        wanted.append(and_(ENTRY.c.subject == row["parent_id"], ENTRY.c.at <= row["created_at"]))
        parent = select(CONSIGNMENT).where(CONSIGNMENT.c.id == row["parent_id"])
        row = conn.execute(parent).mappings().one()
    query = (
        select(ENTRY, DETAIL.c.details)
        .outerjoin(DETAIL, and_(DETAIL.c.stream == ENTRY.c.stream, DETAIL.c.seq == ENTRY.c.seq))
        .where(ENTRY.c.stream == STREAM, or_(*wanted))
        .order_by(ENTRY.c.seq)
    )
    yield from conn.execute(query).mappings()


def _details(row: RowMapping) -> dict[str, Any]:
    """Empty once they were erased lawfully."""
    return json.loads(row["details"]) if row["details"] else {}


def _names(conn: Connection, entries: Iterable[RowMapping]) -> dict[str, str]:
    """By person id and by address, of everybody who acted or was asked."""
    ids = {row["actor_id"] for row in entries if row["actor_kind"] in ("person", "operator")}
    asked = {
        to
        for row in entries
        if row["verb"] == "notice.queued"
        for to in _details(row).get("to", ())
    }
    query = select(PERSON.c.id, PERSON.c.email, PERSON.c.name).where(
        or_(PERSON.c.id.in_(ids), PERSON.c.email.in_(asked))
    )
    names: dict[str, str] = {}
    for row in conn.execute(query):
        names |= {row.id: row.name, row.email: row.name}
    return names


# -- telling


def _told(words: Words, entries: Sequence[RowMapping], names: Mapping[str, str]) -> Iterator[Event]:
    for row in entries:
        details = _details(row)
        verb = row["verb"]
        if verb == "refused" and row["actor_kind"] == "system":
            verb = "refused_by_rule"
        if verb == "converted":
            verb = f"converted_{details.get('way', 'bcc')}"
        if verb in ("confirmed", "refused") and details.get("run"):
            verb = f"{verb}_in_run"
        if verb == "sealed":
            verb = _sealed(details)
        if verb in SENTENCES:
            who = _named(words, names.get(row["actor_id"], ""))
            text = words.say(SENTENCES[verb], **_values(details, who))
            why = str(details.get("why", ""))
            yield _event(row, verb, text, why)
    yield from _asked(words, entries, names)


def _sealed(details: Mapping[str, Any]) -> str:
    """By what a reader meets first."""
    if details.get("parcel"):
        return "sealed_in_parcel"
    if details.get("form") == "zip":
        return "sealed_in_zip"
    done = details.get("treated", ())
    return next((f"sealed_{way}" for way in ("one_each", "bcc") if way in done), "sealed")


def _event(row: RowMapping, verb: str, text: str, why: str = "") -> Event:
    actor = row["actor_id"] if row["actor_kind"] == "person" else ""
    return Event(row["at"], text, TONES.get(verb, ""), False, row["seq"], row["verb"], actor, why)


def _values(details: Mapping[str, Any], who: str) -> dict[str, object]:
    recipients, attachments = details.get("recipients", ()), details.get("attachments", ())
    return {
        "who": who,
        "why": details.get("why", ""),
        "recipients": len(recipients) if isinstance(recipients, list) else recipients,
        "attachments": len(attachments) if isinstance(attachments, list) else attachments,
        "address": details.get("recipient") or details.get("who", ""),
        "name": details.get("name", ""),
        "run": details.get("run", ""),
        "together": details.get("together", ""),
    }


def _asked(
    words: Words, entries: Sequence[RowMapping], names: Mapping[str, str]
) -> Iterator[Event]:
    """Approvers asked in one transaction are one line; a reminder has its own."""
    again = {row["at"] for row in entries if row["verb"] == "reminded"}
    rounds: dict[datetime, list[RowMapping]] = {}
    for row in entries:
        if row["verb"] == "notice.queued" and row["at"] not in again:
            if _details(row).get("purpose") == "approval":
                rounds.setdefault(row["at"], []).append(row)
    for rows in rounds.values():
        to = [_named(words, names.get(address, address)) for r in rows for address in _to(r)]
        verb = "asked"
        text = words.say(SENTENCES[verb], who=words.say("、").join(to))
        yield _event(rows[-1], verb, text)


def _to(row: RowMapping) -> list[str]:
    return list(_details(row)["to"])


def _named(words: Words, name: str) -> str:
    return words.say("%(name)sさん", name=name) if name else words.say("システム")


def _coming(words: Words, held: Dossier) -> tuple[Event, ...]:
    if held.state is State.DELAYED and held.consignment["due_at"]:
        return (Event(held.consignment["due_at"], words.say("自動で送信"), next=True),)
    rows = [row for row in held.demands if row["state"] == "open" and row["due_at"]]
    if held.state is not State.HELD or not rows:
        return ()
    first = min(rows, key=lambda row: row["due_at"])
    sentence = DEADLINES[first["kind"]]
    return (Event(first["due_at"], words.say(sentence), next=True),)
