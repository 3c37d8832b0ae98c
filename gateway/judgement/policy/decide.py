"""The decision: every rule is read, the demands of all that match are united.

1. What rules ask about the mail is asked once for each rule, about a recipient for each recipient.
   Rules that ask for what the mail does not have are not even read (`foregone`).
2. Safety rules look after what no rule of the file has spoken about.
3. The strictest action is the headline; demands are united; of each treatment the stronger counts.
4. What cannot be cured by taking out attachments leaves as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.checks import checked
from gateway.judgement.policy.checks.password import closed
from gateway.judgement.policy.conditions import Condition
from gateway.judgement.policy.exemptions import exceptions
from gateway.judgement.policy.foregone import Foregone, foregone
from gateway.judgement.policy.matching import Match, about_mail, about_recipient, concerns
from gateway.judgement.policy.rules import Action, Bridge, Policy, Rule, Then, Treatment
from gateway.judgement.policy.verdict import (
    Demand,
    DemandKind,
    Reason,
    Verdict,
    longest,
    united,
)

# A number elsewhere than in an attachment would leave in the cover mail. A signature breaks when a
# part is taken out; in the other three we do not know what stands where.
_WHOLE = frozenset({"signed", "encrypted", "ambiguous", "scan_incomplete"})

_STRONGEST_FIRST: tuple[Bridge, ...] = ("whole", "attachments")
_OF_FILES = {"bridge", "told_word", "opens_after", "downloads", "days", "zip", "zip_names"}


@dataclass(frozen=True, slots=True)
class Read:
    """A rule as far as the mail alone answers it; `excepted` are the exceptions that the mail
    fits, which may still ask about the recipient."""

    rule: Rule
    match: Match
    excepted: tuple[Condition, ...] = ()
    alike: bool = False
    """All recipients of one side get the same answer: so with most rules, and a thousand
    recipients need not be asked one by one."""


def decide(policy: Policy, case: Case) -> tuple[Verdict, ...]:
    """One verdict for each envelope recipient, in their order."""
    return decided(policy, checked(policy, case))


def decided(policy: Policy, case: Case) -> tuple[Verdict, ...]:
    """The same, for a case that the checks have looked at."""
    known = foregone(policy, case)
    reads = [_read(policy, case, rule) for rule in known.rules]
    matched = known.safety or any(not read.match.failed for read in reads)
    bridged = bool(matched) and _bridged(policy, case)
    return tuple(_verdict(policy, case, known, reads, bridged, r) for r in case.recipients)


def _read(policy: Policy, case: Case, rule: Rule) -> Read:
    match = about_mail(rule.when, case, policy.lists)
    if match.failed:
        about_all = not rule.when.singles_out and rule.when.facts.isdisjoint(case.facts)
        return Read(rule, match, alike=about_all)
    excepted = tuple(
        exception
        for exception in exceptions(rule, case)
        if not about_mail(exception, case, policy.lists, every=True).failed
    )
    return Read(rule, match, excepted)


def _verdict(
    policy: Policy,
    case: Case,
    known: Foregone,
    reads: list[Read],
    bridged: bool,
    recipient: Recipient,
) -> Verdict:
    answers = [(read.rule, _answer(policy, case, read, recipient)) for read in reads]
    answers += _safety(case, known.safety, answers, recipient)
    trace = known.trace(recipient.inside, [match.failed for _, match in answers])
    found = [(rule, match) for rule, match in answers if not match.failed]
    trial = tuple(_reasons((r, m) for r, m in found if r.mode == "audit_only"))
    hits = [(_answered(rule, case), m) for rule, m in found if rule.mode == "enforce"]
    if not (hits or case.chosen or case.stated("ambiguous")):
        return Verdict(recipient.address, would=trial, trace=trace)
    thens = [rule.then for rule, _ in hits]
    action: Action = max(thens, key=lambda then: then.rank).action if thens else "pass"
    stopped = action == "reject"
    return Verdict(
        recipient=recipient.address,
        action=action,
        demands=() if stopped else united(_demands(case, thens)),
        treatment=None if stopped else _treatment(case, thens, bridged, recipient),
        delay=None if stopped else longest(then.delay for then in thens),
        notify=tuple(sorted({group for then in thens for group in then.notify})),
        reasons=tuple(_reasons(hits)),
        would=trial,
        trace=trace,
        offer=() if stopped else tuple(dict.fromkeys(w for then in thens for w in then.offer)),
    )


def _answered(rule: Rule, case: Case) -> Rule:
    """A rule whose offer was taken asks for nothing more; what it does to the mail is done."""
    if case.chosen.isdisjoint(rule.then.offer):
        return rule
    left = Then(action="pass", treatment=rule.then.treatment, notify=rule.then.notify)
    return rule.model_copy(update={"then": left})


def _answer(policy: Policy, case: Case, read: Read, recipient: Recipient) -> Match:
    condition = read.rule.when
    if read.alike and concerns(condition, recipient.inside):
        return read.match
    if failed := about_recipient(condition, recipient, case, policy.lists):
        return Match(failed)
    if read.match.failed:
        return read.match
    if all(about_recipient(each, recipient, case, policy.lists) for each in read.excepted):
        return read.match
    return Match("except", read.match.evidence)


def _safety(
    case: Case, left: Sequence[Rule], answers: Iterable[tuple[Rule, Match]], recipient: Recipient
) -> Iterator[tuple[Rule, Match]]:
    if not left:
        return
    spoken = [rule for rule, match in answers if _spoke(rule, match)]
    for rule in left:
        yield rule, _unspoken(rule, spoken, case, recipient)


def _spoke(rule: Rule, match: Match) -> bool:
    """An exception speaks too: somebody decided about exactly this case. Not so for a scan that
    did not finish; that is held by whatever rule, and never let off."""
    excepted = match.failed == "except" and not rule.when.asks("scan_incomplete")
    return rule.mode == "enforce" and (excepted or not match.failed)


def _unspoken(rule: Rule, spoken: list[Rule], case: Case, recipient: Recipient) -> Match:
    if failed := about_recipient(rule.when, recipient, case, {}):
        return Match(failed)
    about = [n for other in spoken for n in other.when.noted if n.fact == rule.when.fact]
    if any(when.reason is None for when in about):
        return Match("covered")
    if not about:
        return about_mail(rule.when, case, {})
    covered = {when.reason for when in about}
    left = tuple(
        fact for fact in case.report.facts if not (fact.reason and fact.reason.code in covered)
    )
    unspoken = about_mail(rule.when, replace(case, report=replace(case.report, facts=left)), {})
    return Match("covered") if unspoken.failed else unspoken


def _demands(case: Case, thens: Iterable[Then]) -> Iterator[Demand]:
    for then in thens:
        if then.action not in ("confirm", "approve"):
            continue
        purpose = then.purpose and not case.purpose
        yield Demand(_who(case, then), retype=then.retype_domain, purpose=purpose)
        if then.approvers is not None:
            yield Demand("approve", then.approvers.group, then.approvers.need)


def _who(case: Case, then: Then) -> DemandKind:
    if then.by != "sender":
        return then.by
    # RFC 3834 section 2: nothing is sent back to a null path or an automatic sender, and a
    # machine reads no mail; its owner does.
    # Whose mailbox forwards, and who wrote to the list, are persons and are asked themselves.
    sender = case.sender
    handed_on = sender.class_ in ("forwarded", "list") and sender.person
    return "confirm" if sender.class_ in ("person", "shared") or handed_on else "owner"


def _treatment(
    case: Case, thens: Iterable[Then], bridged: bool, recipient: Recipient
) -> Treatment | None:
    asked = [then.treatment for then in thens if then.treatment]
    if case.chosen:
        asked.append(Treatment(bcc="bcc" in case.chosen, one_each="one_each" in case.chosen))
    treatment = _strongest(asked)
    if recipient.inside:
        return _copies(treatment)
    reads_two_ways = bool(case.stated("ambiguous"))
    if treatment is None:
        return Treatment(bridge="whole") if reads_two_ways else None
    registered = case.addressee("registered", recipient.address)
    if treatment.bridge and registered and registered.get("told_word"):
        treatment = treatment.model_copy(update={"told_word": True})
    if reads_two_ways or (bridged and treatment.form):
        # a ZIP too cannot take what stands in the text, nor a part out of what is signed
        return treatment.model_copy(update={"bridge": "whole", "zip": False, "zip_names": None})
    if treatment.form in ("attachments", "zip") and not _to_seal(case, treatment):
        # nothing to take out, and nothing that had to be
        left = treatment.model_dump(exclude=_OF_FILES)
        return None if left == Treatment().model_dump(exclude=_OF_FILES) else Treatment(**left)
    return treatment


def _to_seal(case: Case, treatment: Treatment) -> bool:
    """A ZIP with a password is put into no second one."""
    there = {part.path for part in case.report.attachments}
    return bool(there - closed(case.report) if treatment.zip else there)


def _copies(treatment: Treatment | None) -> Treatment | None:
    """Who is inside gets the mail as it was written: the rest would be said and not done."""
    if treatment is None or not (treatment.add_cc or treatment.add_bcc):
        return None
    return Treatment(add_cc=treatment.add_cc, add_bcc=treatment.add_bcc)


def _strongest(asked: Sequence[Treatment]) -> Treatment | None:
    if not asked:
        return None
    forms = {t.bridge for t in asked}
    bridge = next((form for form in _STRONGEST_FIRST if form in forms), None)
    zipped = bridge is None and any(t.zip for t in asked)
    return Treatment(
        bridge=bridge,
        told_word=any(t.told_word for t in asked),
        opens_after=longest(t.opens_after for t in asked),
        downloads=min((t.downloads for t in asked if t.downloads is not None), default=None),
        days=min((t.days for t in asked if t.days is not None), default=None),
        zip=zipped,
        zip_names="cp932" if zipped and any(t.zip_names for t in asked) else None,
        bcc=any(t.bcc for t in asked),
        one_each=any(t.one_each for t in asked),
        add_cc=_once(address for t in asked for address in t.add_cc),
        add_bcc=_once(address for t in asked for address in t.add_bcc),
        header="\n".join(_once(t.header for t in asked))[:4_000],
        footer="\n".join(_once(t.footer for t in asked))[:4_000],
        mark="".join(_once(t.mark for t in asked))[:40],
    )


def _once(given: Iterable[str]) -> tuple[str, ...]:
    """Each that is not empty, in the order of the rules."""
    return tuple(dict.fromkeys(filter(None, given)))


def _bridged(policy: Policy, case: Case) -> bool:
    """Whether a mail that takes the bridge at all must take it as a whole."""
    facts = case.report.facts
    return (
        any(fact.name in _WHOLE for fact in facts)
        or any(f.name == "uninspectable" and case.spot(f.part) != "attachment" for f in facts)
        or _restrained_outside(policy, case)
    )


def _restrained_outside(policy: Policy, case: Case) -> bool:
    """A finding that some rule holds mail for, at whatever place and number, stands outside the
    attachments: it must not stay behind in the mail when the attachments are taken out."""
    return any(
        case.spot(place.part) != "attachment"
        for finding in case.report.findings
        if any(
            noted.finding == finding.kind
            and (noted.confidence is None or finding.confidence in noted.confidence)
            for noted in policy.restrained
        )
        for place in finding.where
    )


def _reasons(hits: Iterable[tuple[Rule, Match]]) -> Iterator[Reason]:
    for rule, match in hits:
        yield Reason(rule.name, rule.then.action, rule.why, match.evidence)
