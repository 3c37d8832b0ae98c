"""A decision in words: why it was made, how grave it is, and what would make it easier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from gateway.judgement.policy.case import Case
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.rules import Policy, Treatment, Way
from gateway.judgement.policy.verdict import Demand, Reason, Verdict

Language = Literal["ja", "en"]
Level = Literal["safe", "caution", "warning"]

_MANY = 30
"""Judging again for each of more recipients and attachments would make the page wait, and nobody
finds the one to drop among so many."""

# Plain text for the command line, which must not load the catalogs of the web pages.
_WORDS: dict[str, tuple[str, str]] = {
    "pass": ("そのまま送信", "pass"),
    "delay": ("時間をおいて送信", "delay"),
    "confirm": ("確認してから送信", "confirm"),
    "approve": ("承認を得て送信", "approve"),
    "reject": ("送信しない", "reject"),
    "demand:confirm": ("送信者の確認", "the sender confirms"),
    "demand:owner": ("装置の責任者の確認", "the machine's owner confirms"),
    "demand:admin": ("システム管理者の確認", "an administrator confirms"),
    "demand:approve": ("「{group}」{need}名の承認", "{need} of {group} approve"),
    "retype": ("宛先ドメインの入力", "the domain is typed again"),
    "purpose": ("目的の記入", "a purpose is given"),
    "attachments": ("添付は受け取りページで渡す", "attachments leave by the bridge"),
    "whole": ("本文ごと受け取りページで渡す", "the whole mail leaves by the bridge"),
    "told_word": ("合言葉", "a told word"),
    "zip": (
        "添付は暗号化ZIPにする（パスワードは送信者が電話で伝える）",
        "attachments leave in an encrypted ZIP (the sender tells the password by telephone)",
    ),
    "zip_names": ("ZIPのファイル名は{value}", "names in the ZIP are {value}"),
    "bcc": ("社外の宛先をBccに変換", "outside addresses go into Bcc"),
    "one_each": ("社外へは1通ずつ", "one copy each"),
    "copied": ("{value}に写し", "a copy to {value}"),
    "mark": ("件名に「{value}」", '"{value}" before the subject'),
    "header": ("本文の前に定型文", "words above the text"),
    "footer": ("本文の後に定型文", "words below the text"),
    "opens_after": ("{value}後に公開", "opens after {value}"),
    "offer:bcc": ("Bccに変換して送信してもよい", "or sent with outside addresses in Bcc"),
    "offer:one_each": ("1通ずつ個別に送信してもよい", "or sent as one copy each"),
    "delay_for": ("{value}待つ", "waits {value}"),
    "would": ("試行中のルールに該当：{action}", "a rule on trial matched: {action}"),
    "off": ("使っていないルール", "switched off"),
    "except": ("例外に該当", "an exception applies"),
    "covered": ("ほかのルールが判断", "another rule has decided"),
    "others": ("ほか{number}件は該当せず", "{number} others: no match"),
    "failed": ("該当せず：{condition}", "no match: {condition}"),
}
_UNREAD = ("off", "except", "covered")
"""Of a rule whose conditions did not decide. Conditions are named as treatments are: "header"."""


def explain(verdicts: Iterable[Verdict], language: Language = "ja", *, whole: bool = True) -> str:
    """One block a recipient: what is asked, then every rule with ✓ and why, or ✗ and the first
    condition that did not hold. Not `whole`: how many did not apply, in one line."""
    return "\n\n".join("\n".join(_block(verdict, language, whole)) for verdict in verdicts)


def action(code: str, language: Language = "ja") -> str:
    """「確認してから送信」"""
    return _say(language, code)


def _block(verdict: Verdict, language: Language, whole: bool) -> Iterator[str]:
    colon = "：" if language == "ja" else ": "
    yield f"{verdict.recipient}{colon}{_say(language, verdict.action)}"
    for asked in (
        *(_demand(demand, language) for demand in verdict.demands),
        *_treated(verdict.treatment, language),
        *([_say(language, "delay_for", value=verdict.delay)] if verdict.delay else []),
        *(_say(language, f"offer:{way}") for way in verdict.offer),
    ):
        yield f"  → {asked}"
    reasons = {reason.rule: reason for reason in verdict.reasons}
    trials = {reason.rule: reason for reason in verdict.would}
    told = [step for step in verdict.trace if whole or step.matched]
    width = max((len(step.rule) for step in told), default=0)
    for step in told:
        why = _why(step.failed, reasons.get(step.rule), trials.get(step.rule), language)
        yield f"  {'✓' if step.matched else '✗'} {step.rule:<{width}}  {why}"
    if left := len(verdict.trace) - len(told):
        yield f"  ✗ {_say(language, 'others', number=left)}"


def _why(failed: str, reason: Reason | None, trial: Reason | None, language: Language) -> str:
    if reason is not None:
        return reason.why.said(language)
    if trial is not None:
        note = _say(language, "would", action=_say(language, trial.action))
        return f"{trial.why.said(language)} [{note}]"
    return _say(language, failed if failed in _UNREAD else "failed", condition=failed)


def _demand(demand: Demand, language: Language) -> str:
    said = [_say(language, f"demand:{demand.kind}", group=demand.group, need=demand.need)]
    said += [_say(language, key) for key in ("retype", "purpose") if getattr(demand, key)]
    return _joined(said, language)


def _treated(treatment: Treatment | None, language: Language) -> Iterator[str]:
    if treatment is None:
        return
    said = [_say(language, treatment.bridge)] if treatment.bridge else []
    said += [_say(language, key) for key in ("told_word", "zip") if getattr(treatment, key)]
    if treatment.zip_names:
        said.append(_say(language, "zip_names", value=treatment.zip_names.upper()))
    if treatment.opens_after is not None:
        said.append(_say(language, "opens_after", value=treatment.opens_after))
    said += [_say(language, key) for key in ("bcc", "one_each") if getattr(treatment, key)]
    for address in (*treatment.add_cc, *treatment.add_bcc):
        said.append(_say(language, "copied", value=address))
    if treatment.mark:
        said.append(_say(language, "mark", value=treatment.mark))
    said += [_say(language, key) for key in ("header", "footer") if getattr(treatment, key)]
    yield _joined(said, language)


def _joined(said: list[str], language: Language) -> str:
    return ("、" if language == "ja" else ", ").join(said)


def _say(language: Language, key: str, **values: object) -> str:
    return _WORDS[key][0 if language == "ja" else 1].format(**values)


def level(verdict: Verdict) -> Level:
    """安全・注意・警告: nothing is asked, the sender looks again, somebody else has to agree."""
    if verdict.action in ("approve", "reject") or any(
        demand.retype or demand.kind == "admin" for demand in verdict.demands
    ):
        return "warning"
    return "safe" if verdict.action == "pass" else "caution"


@dataclass(frozen=True, slots=True)
class Drop:
    """What the sender may take out: a recipient's address or an attachment's part path."""

    recipient: str = ""
    attachment: str = ""


def without(policy: Policy, case: Case, drop: Drop) -> tuple[Verdict, ...]:
    """What would be asked of the rest if this was dropped; from the stored report, no new scan."""
    return decide(policy, case.without(drop.recipient, drop.attachment))


def freeing(policy: Policy, case: Case) -> tuple[Drop, ...]:
    """Each single drop after which nothing at all is asked any more, so that a page can say
    「この宛先を外すと、すぐに送信できます」 and it is true."""
    drops = [Drop(recipient=r.address) for r in case.recipients if len(case.recipients) > 1]
    drops += [Drop(attachment=part.path) for part in case.report.attachments]
    if len(drops) > _MANY or free(decide(policy, case)):
        return ()
    return tuple(drop for drop in drops if free(without(policy, case, drop)))


def offered(verdicts: Iterable[Verdict]) -> tuple[Way, ...]:
    """All ways of sending that are offered to somebody, each once."""
    return tuple(dict.fromkeys(way for verdict in verdicts for way in verdict.offer))


def free(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether nothing is asked of anybody."""
    return all(verdict.action == "pass" for verdict in verdicts)
