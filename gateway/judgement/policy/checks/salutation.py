"""宛名: 「佐藤様」 at the top of a mail that goes to nobody of that name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.report import Fact, Reason
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.rules import Policy

_JAPANESE = re.compile(r"[一-龠々ァ-ヴぁ-ん]")


def mismatch(case: Case, policy: Policy) -> Iterator[Fact]:
    """Only where every recipient is known by a Japanese name: somebody who stands there as a bare
    address, or in Latin letters, may be the one who is greeted."""
    greeted = [str(f.reason.params["label"]) for f in case.stated("salutation") if f.reason]
    if not greeted:
        return
    headers = case.report.headers
    names = [box.name for box in headers.shown]
    blind = any(recipient.header == "bcc" for recipient in case.recipients)
    if blind or not names or not all(_JAPANESE.search(name) for name in names):
        return
    together = "\n".join(re.sub(r"[\s　]", "", name) for name in names)
    for name in greeted:
        if _JAPANESE.search(name) and name not in together:
            yield Fact("salutation_mismatch", reason=Reason("nobody_of_name", {"label": name}))
