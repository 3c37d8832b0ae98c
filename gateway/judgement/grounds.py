"""Why a mail is held, as cards in the reader's language: worst first, what rules say last."""

from __future__ import annotations

from detectors.report import Confidence, Fact
from gateway.face.i18n import Words
from gateway.face.words import MISSENT, Article, articles, fact, reason
from gateway.judgement.addressees import OTHER
from gateway.judgement.dossier import Dossier
from gateway.judgement.policy.case import TO
from gateway.judgement.policy.conditions import OWN
from gateway.judgement.policy.verdict import Verdict

_ORDER = {"bad": 0, "warn": 1, "ok": 2}
SILENT = frozenset(
    {
        *("words", "not_inspected", "auto_submitted", "signed", "salutation", "company_named"),
        *("file_names", "list_reaches"),
        *("company_known", "locked_before", "sent_last_hour"),
    }
)
_HINTS = {
    "encrypted_zip": (
        "パスワード付きZIPは中身を検査できません。パスワードを外したファイルを添付して再送信すると、"
        "受け取りページで安全にお渡しできます。",
        "A password-protected ZIP cannot be inspected. Attach the files without a password and "
        "send again: they are then handed over safely on the pick-up page.",
    ),
}
_SAME = ("encrypted_archive", "encrypted_pdf", "encrypted_office")
_ANY = (
    "パスワード付きのファイルは中身を検査できません。パスワードを外して再送信すると、"
    "受け取りページで安全にお渡しできます。",
    "A password-protected file cannot be inspected. Remove the password and send again: it is "
    "then handed over safely on the pick-up page.",
)


def grounds(words: Words, held: Dossier) -> list[Article]:
    """Findings of medium and high, facts that speak, then rules that stand on something else."""
    report = held.report
    findings = [f for f in report.findings if f.confidence is not Confidence.LOW]
    facts = [each for each in report.facts if _speaks(held, each)]
    cards = articles(words, findings, facts)
    # of a company's own words the rule says what is to be done, and the card which they are
    shipped = {f.kind for f in report.findings if not OWN.fullmatch(f.kind)}
    told = shipped | {f.name for f in facts}
    cards += [Article("warn", sentence) for sentence in _of_rules(words, held, told)]
    return sorted(cards, key=lambda card: _ORDER[card.level])


def about(words: Words, held: Dossier, address: str) -> tuple[str, ...]:
    """What was noted of one recipient alone, to be said beside it."""
    noted = noted_of(held, address)
    return tuple(reason(words, f.reason) if f.reason else fact(words, f) for f in noted)


def noted_of(held: Dossier, address: str) -> list[Fact]:
    part = f"{TO}{address.lower()}"
    return [f for f in held.report.facts if f.part == part and _speaks(held, f)]


def refusals(words: Words, held: Dossier) -> list[str]:
    """What the rules say that refuse: it tells what to do instead."""
    return [
        asked.why.said(words.language)
        for verdict in _present(held)[:1]
        for asked in verdict.reasons
        if asked.action == "reject"
    ]


def hints(words: Words, held: Dossier) -> list[str]:
    """What the sender can do about it."""
    column = 0 if words.language == "ja" else 1
    codes = {f.reason.code for f in held.report.facts if f.reason}
    found = [text[column] for code, text in _HINTS.items() if code in codes]
    return found or [_ANY[column] for code in _SAME if code in codes][:1]


def _speaks(held: Dossier, noted: Fact) -> bool:
    """What a check notes is told where a rule stands on it: on trial it says nothing. What a sender
    states against the ledger of addressees is never silent."""
    if noted.name in SILENT:
        return False
    if noted.name not in MISSENT or noted.name == OTHER:
        return True
    return any(
        evidence.name == noted.name and _concerns(noted, verdict)
        for verdict in _present(held)
        for asked in verdict.reasons
        if asked.action != "pass"
        for evidence in asked.evidence
    )


def _concerns(noted: Fact, verdict: Verdict) -> bool:
    return not noted.part.startswith(TO) or noted.part == f"{TO}{verdict.recipient.lower()}"


def _present(held: Dossier) -> list[Verdict]:
    """Of those that are still to get the mail."""
    left = {row["address"] for row in held.recipients}
    return [verdict for verdict in held.verdicts if verdict.recipient in left]


def _of_rules(words: Words, held: Dossier, told: set[str]) -> list[str]:
    sentences: dict[str, None] = {}
    for verdict in _present(held):
        for asked in verdict.reasons:
            if asked.action != "pass" and not told & {evidence.name for evidence in asked.evidence}:
                sentences[asked.why.said(words.language)] = None
    return list(sentences)
