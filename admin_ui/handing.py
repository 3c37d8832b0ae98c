"""How a held mail will be handed over: stated on its pages, chosen by nobody."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.report import Confidence
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import Dossier
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.rules import Treatment


@dataclass(frozen=True)
class Handing:
    form: str
    """attachments | whole | zip | "" (as it is)"""
    days: int
    downloads: int
    told_word: bool
    opens_after: int
    """minutes; 0 is at once"""
    kinds: tuple[str, ...]
    """what stands in subject or body, as codes: why it leaves as a whole"""


def handing(ck: Checkpoint, held: Dossier) -> Handing:
    bridge, treatment = ck.config.bridge, held.treatment
    asked = treatment or Treatment(bridge="attachments")
    case = Case(held.report, Sender(held.letter["sender_class"]), ())
    beside_files = {
        finding.kind
        for finding in held.report.findings
        for place in finding.where
        if finding.confidence is not Confidence.LOW and case.spot(place.part) != "attachment"
    }
    return Handing(
        (treatment and treatment.form) or "",
        min(bridge.open_days, asked.days or bridge.open_days),
        min(bridge.downloads, asked.downloads or bridge.downloads),
        asked.told_word,
        int(asked.opens_after.clock.total_seconds() // 60) if asked.opens_after else 0,
        tuple(sorted(beside_files)),
    )
