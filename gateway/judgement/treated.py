"""What is done to a mail that leaves, in its sender's words: who is named in it, who gets a copy,
what stands above and below. The same sentences before and after it has left: on the page of the
mail, and in every notice about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from detectors.report import Report
from gateway.face.i18n import Words
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT, Dossier, beside
from gateway.judgement.identity import owned
from gateway.judgement.policy.rules import Policy, Treatment
from gateway.memory.letters import LETTER

_WAYS = ("bcc", "one_each", "add_cc", "add_bcc", "mark", "header", "footer")
"""Of a treatment, what makes a mail another one than was written; the bridge is told apart."""
_TOLD = {"bcc", "one_each", "add_cc", "add_bcc", "bridge"}
CONVERTED, HANDED, COPIED = "treated", "handed", "copied"
"""Notices."""
DAILY = (HANDED, COPIED)
"""The first of each day: a rule may ask for them with every mail."""
_TEXTS = ("text/plain", "text/html")
_GONE = ("refused", "withdrawn", "expired")


def ways(treatment: Treatment | None) -> tuple[str, ...]:
    """For the ledger: names of all that is done."""
    return tuple(way for way in _WAYS if treatment and getattr(treatment, way))


@dataclass(frozen=True, slots=True)
class Changes:
    """A sentence for each, in the order in which its readers meet them."""

    handed: tuple[str, ...] = ()
    """what goes by the bridge; the pages say it with days and downloads"""
    named: tuple[str, ...] = ()
    """readers see other addresses than were written"""
    copied: tuple[str, ...] = ()
    """somebody else reads it too"""
    written: tuple[str, ...] = ()
    """what every mail of the company may bear: a mark, words above and below"""

    @property
    def beside(self) -> tuple[str, ...]:
        """What else is done to it."""
        return (*self.named, *self.copied, *self.written)

    @property
    def notice(self) -> str:
        """Of which kind its sender gets one where nothing else is asked of them; "" for none."""
        kinds = {CONVERTED: self.named, HANDED: self.handed, COPIED: self.copied}
        return next((kind for kind, said in kinds.items() if said), "")


def changes(words: Words, ck: Checkpoint, held: Dossier) -> Changes:
    treatment = held.treatment
    if treatment is None:
        return Changes()
    return Changes(
        tuple(_handed(words, held, treatment)),
        tuple(_named(words, ck, held, treatment)),
        tuple(_copied(words, held, treatment)),
        tuple(_written(words, held, treatment)),
    )


def whys(words: Words, policy: Policy, held: Dossier) -> list[str]:
    """What the rules say that change who is named or who gets it."""
    thens = {rule.name: rule.then.treatment for rule in policy.rules}
    changing = {n for n, t in thens.items() if t and any(getattr(t, way) for way in _TOLD)}
    said = (r.why for v in held.verdicts for r in v.reasons if r.rule in changing)
    return list(dict.fromkeys(why.said(words.language) for why in said))


def told_since(conn: Connection, address: str, notice: str, since: datetime) -> bool:
    """Whether this mailbox was told so already."""
    query = (
        select(LETTER.c.id)
        .join(CONSIGNMENT, CONSIGNMENT.c.letter_id == LETTER.c.id)
        .join(RECIPIENT, RECIPIENT.c.consignment_id == CONSIGNMENT.c.id)
        .where(
            RECIPIENT.c.address == address,
            LETTER.c.origin == "own",
            LETTER.c.purpose == notice,
            LETTER.c.received_at >= since,
        )
    )
    return conn.execute(query.limit(1)).first() is not None


def others(conn: Connection, held: Dossier) -> list[RowMapping]:
    """Recipients outside of the same letter that are not left out."""
    outside = RECIPIENT.c.inside.is_(False)
    return list(conn.execute(beside(held, CONSIGNMENT.c.state.not_in(_GONE), outside)).mappings())


def left_out(policy: Policy, held: Dossier) -> bool:
    """Whether the recipients were refused for who they are, and not for what the mail holds."""
    chosen = {r.name for r in policy.rules if r.then.action == "reject" and r.when.singles_out}
    names = [{r.rule for r in v.reasons if r.action == "reject"} for v in held.verdicts]
    refused = [rules for rules in names if rules]
    return bool(refused) and all(rules & chosen for rules in refused)


def _handed(words: Words, held: Dossier, treatment: Treatment) -> Iterator[str]:
    if treatment.bridge == "whole":
        yield words.say("本文と添付ファイルは、受け取りページでお渡しします。")
    elif treatment.bridge and held.attachments:
        yield words.say("添付ファイルは、受け取りページでお渡しします。")
    else:
        return
    if treatment.told_word:
        yield words.say("合言葉は、下のリンクの画面に表示します。お電話でお伝えください。")


def _named(words: Words, ck: Checkpoint, held: Dossier, treatment: Treatment) -> Iterator[str]:
    """Nothing of a mail that named nobody outside, or one alone, in the first place."""
    own = ck.config.smtp.own_domains
    shown = [box for box in held.report.headers.shown if not owned(box.address, own)]
    if treatment.one_each and (len(shown) > 1 or len(held.outside) > 1):
        yield words.say("社外の宛先には1通ずつ送ります。ほかの宛先は、受け取る方には見えません。")
    elif treatment.bcc and shown:
        yield words.say("社外の宛先をBccに変えて送ります。宛先どうしは、お互いに見えません。")
        yield _to(words, ck, held)


def _copied(words: Words, held: Dossier, treatment: Treatment) -> Iterator[str]:
    present = {box.address.lower() for box in held.report.headers.shown}
    for address in treatment.add_cc:
        if address.lower() not in present:
            yield words.say("%(address)s をCcに加え、写しを送ります。", address=address)
    for address in treatment.add_bcc:
        if address.lower() not in present:
            yield words.say("%(address)s にも、Bccで写しを送ります。", address=address)


def _to(words: Words, ck: Checkpoint, held: Dossier) -> str:
    """A mail has somebody in To: who it is now, as the sealing writes it."""
    letter, own = held.letter, ck.config.smtp.own_domains
    if any(owned(box.address, own) for box in held.report.headers.to):
        return words.say("Toには、社内の宛先だけが残ります。")
    if ck.config.delivery.bcc_to == "sender":
        sender = letter["header_from"] or letter["sender_address"] or letter["mail_from"]
        return words.say(
            "Toには、送信者ご自身のアドレス（%(address)s）を載せます。", address=sender
        )
    return words.say("Toには、宛先を載せません（undisclosed-recipients と表示されます）。")


def _written(words: Words, held: Dossier, treatment: Treatment) -> Iterator[str]:
    if treatment.mark and treatment.mark not in held.report.headers.subject:
        yield words.say("件名の先頭に「%(mark)s」を付けます。", mark=treatment.mark)
    if treatment.bridge == "whole" or not (treatment.header or treatment.footer):
        return  # the words of a cover letter are ours alone
    if not _takes_words(held.report):
        yield words.say(
            "会社で決めた文は、このメールには加えません"
            "（電子署名か暗号化があるか、本文を変えられない形式のため）。"
        )
        return
    if treatment.header:
        yield words.say("本文の前に、会社で決めた文を加えます。")
    if treatment.footer:
        yield words.say("本文の後に、会社で決めた文を加えます。")


def _takes_words(report: Report) -> bool:
    """Whether the bridge can write above and below its text: not within what is signed or
    encrypted, nor where two readers would find another text (`bridge.splice`)."""
    if report.has("ambiguous") or any(defect.structural for defect in report.defects):
        return False
    shown = (p for p in report.parts if p.media_type in _TEXTS and not p.attachment)
    first = min(shown, key=lambda part: part.header.start, default=None)
    sealed = [fact.part for fact in report.facts if fact.name in ("signed", "encrypted")]
    return first is not None and not any(
        not path or f"{first.path}.".startswith(f"{path}.") for path in sealed
    )
