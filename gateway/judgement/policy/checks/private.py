"""The sender's own address at a free mail provider: work that is taken home."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.report import Fact, Reason
from gateway.judgement.identity import domain_of
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.freemail import FREEMAIL
from gateway.judgement.policy.rules import Policy

_SHORTEST = 4
"""Letters that two local parts must share: "info" and "k" belong to everybody."""


def own(case: Case, policy: Policy) -> Iterator[Fact]:
    free = [r for r in case.recipients if not r.inside and domain_of(r.address) in FREEMAIL]
    if not free:
        return
    written = case.report.headers.sender
    names = {_plain(box.name) for box in written} - {""}
    locals_ = {_letters(case.sender.address), *(_letters(box.address) for box in written)} - {""}
    for recipient in free:
        if _plain(recipient.name) in names or _alike(_letters(recipient.address), locals_):
            said = Reason("own_name_at_freemail")
            yield Fact("own_private_address", f"to:{recipient.address.lower()}", (), said)


def _alike(local: str, ours: set[str]) -> bool:
    """taro.yamada and yamada-taro1980 have the same letters, so do yamadataro and yamada.taro."""
    if len(local) < _SHORTEST:
        return False
    return any(
        len(mine) >= _SHORTEST and (local == mine or (len(mine) >= 6 and mine in local))
        for mine in ours
    )


def _letters(address: str) -> str:
    """Of the local part, words in order of the alphabet."""
    words = re.findall(r"[a-z]+", address.rpartition("@")[0].lower())
    return "".join(sorted(words))


def _plain(name: str) -> str:
    return re.sub(r"[\s　様さま]", "", name).lower()
