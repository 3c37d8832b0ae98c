"""What somebody pressed on the page of a mail, done once, and every refusal in words.

Both faces of a mail post here: the sender's page behind a link, and the desk after sign-in.
Nothing is decided here about who may do what; the acts ask the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from gateway.face.forms import Form, Problem, Problems
from gateway.face.i18n import N_, Words
from gateway.judgement import acts, refusals, unlock
from gateway.judgement.acts import Confirmation
from gateway.judgement.checkpoint import Checkpoint
from gateway.memory.states import Actor, Overtaken
from gateway.memory.store import Tx


class Deed(Form):
    """One pressed button with everything that was filled in around it."""

    act: str = ""
    """"send", "drop:r12", "detach:a2", "approve-without:r12", "return" …"""
    seen: str = ""
    since: int = 0
    """the last event that was shown: what came later is told when this page was too old"""
    ok: tuple[str, ...] = ()
    whose: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    """one for each of `whose`, in its order"""
    purpose: str = Field(default="", max_length=200)
    other_purpose: str = Field(default="", max_length=200)
    """typed where none of those to choose from is meant"""
    reason: str = Field(default="", max_length=1_000)
    password: str = Field(default="", max_length=1_000, repr=False)
    """of encrypted attachments, one a line; for this one request"""

    @property
    def verb(self) -> str:
        return self.act.partition(":")[0]

    @property
    def object(self) -> str:
        """The row or part that the button belongs to, without its letter."""
        return self.act.partition(":")[2][1:]

    @property
    def domains(self) -> dict[str, str]:
        return dict(zip(self.whose, self.domain, strict=False))


NOTHING = Deed()


@dataclass(frozen=True)
class Hand:
    """All that an act needs."""

    tx: Tx
    ck: Checkpoint
    id: str
    person: str
    actor: Actor
    deed: Deed

    @property
    def known(self) -> tuple[Tx, Checkpoint, str, str]:
        return self.tx, self.ck, self.id, self.person

    @property
    def row(self) -> int:
        text = self.deed.object
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _send(d: Hand) -> object:
    return acts.confirm(*d.known, d.deed.seen, _filled(d.deed), d.actor)


def _filled(deed: Deed) -> Confirmation:
    purpose = deed.purpose or deed.other_purpose
    return Confirmation(frozenset(deed.ok), deed.domains, purpose)


ACTS: Mapping[str, Callable[[Hand], object]] = {
    "send": _send,
    "drop": lambda d: acts.drop_recipient(*d.known, d.deed.seen, d.row, d.actor),
    "detach": lambda d: acts.drop_attachment(*d.known, d.deed.seen, d.deed.object, d.actor),
    "convert": lambda d: acts.choose(
        *d.known, d.deed.seen, d.deed.act.partition(":")[2], _filled(d.deed), d.actor
    ),
    "withdraw": lambda d: acts.withdraw(*d.known, d.actor),
    "now": lambda d: acts.send_now(*d.known, d.actor),
    "report": lambda d: acts.report_false_alarm(*d.known, d.actor),
    "approve": lambda d: acts.approve(*d.known, d.deed.seen, d.actor),
    "approve-without": lambda d: acts.approve(*d.known, d.deed.seen, d.actor, without=d.row),
    "return": lambda d: acts.give_back(*d.known, d.deed.seen, d.deed.reason, d.actor),
    "reject": lambda d: acts.refuse(*d.known, d.deed.seen, d.deed.reason, d.actor),
    "delegate": lambda d: acts.pass_on(*d.known, d.deed.seen, d.actor),
    "rejudge": lambda d: acts.rejudge(*d.known, d.deed.seen, d.actor),
}
SENDERS = frozenset(
    {"send", "convert", "drop", "detach", "withdraw", "now", "report", "unlock", "password"}
)
"""What a link in a notice can do; all else needs a sign-in."""

DONE = {
    "drop": N_("宛先を外しました。メールはまだ送信されていません。"),
    "detach": N_("添付を外しました。メールはまだ送信されていません。"),
    "unlock": N_("パスワードで開いて検査しました。パスワードは保存していません。"),
    "report": N_("誤検知として報告しました。メールの状態は変わっていません。"),
    "approve": N_("承認を記録しました。"),
    "approve-without": N_("宛先を外し、承認を記録しました。"),
    "return": N_("送信者に差し戻しました。"),
    "delegate": N_("代理承認者に判断を依頼しました。"),
}
"""Told on the page that follows, where the state of the mail alone does not say it."""


_SHUT = N_(
    "このパスワードでは開けないか、開いたあとも検査できないファイルでした。"
    "先に開いたファイルがあるときは、そのパスワードも一緒に入力してください。"
)


@dataclass(frozen=True)
class Refusal:
    """Why nothing was done, in words, and what to correct."""

    status: Literal[403, 404, 409, 422]
    title: str
    problems: Problems
    changed: bool = False
    """the page was too old: what has happened since is listed"""
    settled: bool = False


def perform(tx: Tx, ck: Checkpoint, id: str, person: str, actor: Actor, deed: Deed) -> None:
    """Raises one of the refusals of `acts`, or Overtaken."""
    act = ACTS.get(deed.verb)
    if act is None:
        raise refusals.Unknown(id)
    act(Hand(tx, ck, id, person, actor, deed))


def refusal(words: Words, deed: Deed, error: refusals.Refused | Overtaken) -> Refusal:
    none = Problems(())
    match error:
        case refusals.Incomplete():
            found = Problems(tuple(_missing(words, error)))
            title = words.many(
                "未確認の項目が%(num)s件あるため、送信していません", len(found.found)
            )
            return Refusal(422, title, found)
        case refusals.ReasonNeeded():
            needed = Problem(f"reason-{deed.verb}", words.say("理由を入力してください"))
            return Refusal(422, words.say("理由が入力されていません"), Problems((needed,)))
        case refusals.Settled():
            return Refusal(409, "", none, settled=True)
        case refusals.Stale() | Overtaken():
            title = words.say("画面を開いている間に内容が変わったため、操作は行われませんでした")
            return Refusal(409, title, none, changed=True)
        case unlock.StillLocked():
            shut = Problem("password", words.say(_SHUT))
            return Refusal(422, words.say("ファイルを開けませんでした"), Problems((shut,)))
        case refusals.NotYours():
            return Refusal(403, _not_yours(words, deed), none)
    return Refusal(404, "", none)


def _missing(words: Words, error: refusals.Incomplete) -> list[Problem]:
    recipient = words.say("宛先を確認し、チェックを入れてください")
    file = words.say("ファイルを確認し、チェックを入れてください")
    domain = words.say("この宛先のドメインと一致しません。宛先をもう一度ご確認ください")
    found = [Problem(key, recipient if key[0] == "r" else file) for key in error.unticked]
    found += [Problem(f"domain-{key}", domain) for key in error.mistyped]
    found += [Problem("purpose", words.say("目的を入力してください"))] if error.purpose else []
    return found


def _not_yours(words: Words, deed: Deed) -> str:
    if deed.verb in ("approve", "approve-without", "return", "reject", "delegate"):
        return words.say(
            "このメールの承認は、ほかの方が行います。送信者ご本人とその代理の方、"
            "すでに判断した方は承認できません。"
        )
    return words.say("この操作は、このメールの送信者または担当の方だけが行えます。")


def unreadable(words: Words, found: Problems) -> Refusal:
    """What was typed cannot be taken as it is."""
    return Refusal(422, words.say("入力内容をご確認ください"), found)
