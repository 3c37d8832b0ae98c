"""How a mail stands when nothing is asked of the reader: sent, waiting, stopped, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from admin_ui import road, transfers
from admin_ui.casefile import Casefile
from admin_ui.frame import Visit
from admin_ui.rights import Part
from bridge import parcel, password
from gateway.face import dates
from gateway.face.i18n import N_, Words
from gateway.judgement.acts import ATTEMPT
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT, Dossier
from gateway.memory.keys import KeyGone
from gateway.memory.states import State

_SENT = N_("送信しました。")
_SAID: dict[State, tuple[str, str]] = {
    State.RECEIVED: (N_("もう一度検査しています"), N_("まだ送信されていません。")),
    State.DELAYED: (
        N_("まもなく自動で送信します"),
        N_("取りやめる場合は、それまでに「中止」を選んでください。"),
    ),
    State.RELEASED: (_SENT, N_("送信の準備をしています。終わりしだい配送します。")),
    State.QUEUED: (_SENT, N_("配送を待っています。")),
    State.DONE: (_SENT, ""),
    State.WITHDRAWN: (
        N_("送信を取りやめました。"),
        N_(
            "社外の宛先には届いていません。あらためて送る場合は、送信済みアイテムから再送信してください。"
        ),
    ),
    State.REFUSED: (N_("このメールは却下されました"), N_("社外の宛先には届いていません。")),
    State.EXPIRED: (
        N_("期限までに操作がなかったため、取り消しました"),
        N_("社外の宛先には届いていません。必要な場合は、送信済みアイテムから再送信してください。"),
    ),
    State.TAPPED: (N_("写しを検査しています"), N_("写しからは何も送信されません。")),
    State.OBSERVED: (
        N_("写しを判定しました（試行）"),
        N_("メールは通常どおり配送されています。Sekishoを経由していた場合の判定です。"),
    ),
    State.ERASED: (
        N_("このメールの取り扱いは終わりました"),
        N_("内容は消去しました。経過だけが記録に残っています。"),
    ),
}
_IN_PARCEL = N_("受け取りページを準備しています。終わりしだい配送します。")
_WAITING = {
    "confirm": N_("送信者の確認を待っています"),
    "owner": N_("担当者の確認を待っています"),
    "admin": N_("システム管理者の確認を待っています"),
    "approve": N_("承認を待っています"),
}
_ENDINGS = {
    "queued": N_("送信"),
    "released": N_("送信"),
    "delayed": N_("一時保留"),
    "withdrawn": N_("取りやめ"),
    "refused": N_("却下"),
    "expired": N_("期限切れ"),
    "rejudged": N_("再検査"),
}
_TONES = {State.REFUSED: "bad", State.EXPIRED: "warn", State.HELD: "warn", State.DELAYED: "warn"}


@dataclass(frozen=True, slots=True)
class Told:
    """A word that the sender tells by telephone."""

    recipient: str
    word: str
    """"" once its parcel is closed for good"""


def settled_sentence(words: Words, case: Casefile) -> str:
    """「このメールは11月20日 14:31に処理済みです（送信）。」"""
    last = road.settled(case.events)
    at = last.at if last else case.held.consignment["changed_at"]
    return words.say(
        "このメールは%(when)sに処理済みです（%(how)s）。",
        when=dates.moment(at, words.language),
        how=words.say(_ENDINGS.get(last.verb if last else "", N_("処理済み"))),
    )


def outcome(visit: Visit, conn: Connection, case: Casefile, part: Part) -> dict[str, Any]:
    held, say = case.held, visit.words.say
    ended = _ended(case)
    title, lead = _said(held, ended)
    if held.state is State.DELAYED and not part.sends:
        lead = ""  # the button stands on the sender's page alone
    gone = say(_SAID[State.ERASED][1]) if ended is not held.state else ""
    parcels = _parcels(conn, held)
    reasons = [event.why for event in case.events if event.verb in ("refused", "returned")]
    return {
        "title": say(title),
        "lead": " ".join(filter(None, (lead and say(lead), gone))),
        "ended": ended,
        "tone": _TONES.get(ended, "ok"),
        "reason": reasons[-1] if ended is State.REFUSED and reasons else "",
        "deliveries": _deliveries(conn, held),
        "parcels": transfers.lines(conn, parcels, visit.now),
        "told": _told(visit, parcels) if part.sends else (),
        "word_comes": part.sends and held.state is State.RELEASED and case.handing.told_word,
        "zips": len(password.kept(conn, held.letter["id"])) if part.sends else 0,
        "zip_comes": part.sends and held.state is State.RELEASED and case.handing.form == "zip",
        "can_withdraw": part.sends and _can_withdraw(conn, held),
    }


def _ended(case: Casefile) -> State:
    """Its state; of an erased one how it ended, for content goes seconds after the delivery."""
    last = road.settled(case.events)
    if case.held.state is State.ERASED and last:
        return road.ENDED.get(last.verb, State.ERASED)
    return case.held.state


def _said(held: Dossier, ended: State) -> tuple[str, str]:
    if held.state is State.HELD:
        kinds = [row["kind"] for row in held.demands if row["state"] == "open"]
        return _WAITING[kinds[0] if kinds else "admin"], N_("まだ送信されていません。")
    if held.state is State.RELEASED and held.treatment and held.treatment.bridge and held.outside:
        return _SENT, _IN_PARCEL
    return _SAID[ended]


def _deliveries(conn: Connection, held: Dossier) -> list[dict[str, Any]]:
    """Every outside recipient of the letter, those that were split off or left out as well."""
    query = (
        select(RECIPIENT, CONSIGNMENT.c.state)
        .join(CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id)
        .where(CONSIGNMENT.c.letter_id == held.letter["id"], RECIPIENT.c.inside.is_(False))
        .order_by(RECIPIENT.c.id)
    )
    rows = conn.execute(query).mappings().all()
    states = road.shown_states(conn, {row["consignment_id"]: row["state"] for row in rows})
    return [{**row, "state": states[row["consignment_id"]]} for row in rows]


def _parcels(conn: Connection, held: Dossier) -> tuple[RowMapping, ...]:
    table = parcel.PARCEL
    query = select(table).where(table.c.letter_id == held.letter["id"])
    return tuple(conn.execute(query.order_by(table.c.created_at, table.c.id)).mappings())


def _told(visit: Visit, parcels: tuple[RowMapping, ...]) -> tuple[Told, ...]:
    """For the sender's eyes only, and of links that can still be opened."""
    return tuple(
        Told(row["recipient"], _word(visit, row))
        for row in parcels
        if row["word"] and row["state"] in ("open", "stopped") and row["closes_at"] > visit.now
    )


def _word(visit: Visit, row: RowMapping) -> str:
    try:
        return parcel.word(visit.office.memory, row)
    except KeyGone:
        return ""


def _can_withdraw(conn: Connection, held: Dossier) -> bool:
    """As the act will see it: not once it may be on its way."""
    if held.state in (State.HELD, State.DELAYED):
        return True
    tried = select(ATTEMPT.c.id).where(ATTEMPT.c.consignment_id == held.id).limit(1)
    return held.state is State.QUEUED and conn.execute(tried).first() is None
