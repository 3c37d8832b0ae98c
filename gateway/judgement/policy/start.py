"""Whole policies to start from: for the first day, and for after two weeks of seeing.

The second is the first with what was on trial put into force, so that they cannot drift apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from gateway.judgement.policy.load import DEFAULT

AFTER_TWO_WEEKS = frozenset(
    {
        *("first-contact-file", "first-contact-personal-data", "own-private-address"),
        *("password-file", "transfer-link", "individual-number-addressee-unknown"),
    }
)
"""Everything else on trial becomes "enforce" only where the record shows that it is heeded."""
_TRIAL = re.compile(r'^(name = "([^"]+)"\n)mode = "audit_only"\n', re.M)


@dataclass(frozen=True)
class Start:
    ja: str
    en: str
    text: Callable[[], str]


def _default() -> str:
    return DEFAULT.read_text("utf-8")


def enforced(names: Collection[str], facts: Collection[str], shown: str) -> str:
    """The first day's rules with these in force. Tests that show their facts on trial make room for
    `shown`, which show them hold."""
    rules, mark, tests = _default().partition("[[test]]")
    rules = _TRIAL.sub(lambda m: m[1] if m[2] in names else m[0], rules)
    blocks = re.split(r"(?=^\[\[test\]\]\n)", mark + tests, flags=re.M)
    return rules + "".join(b for b in blocks if not any(f in b for f in facts)) + shown


def _after_two_weeks() -> str:
    return enforced(AFTER_TWO_WEEKS, _FACTS, _TESTS)


_FACTS = (
    *("first_contact", "own_private_address", "encrypted_", "password_file", "transfer_link"),
    "addressee_unknown",
)
_TESTS = """
[[test]]
name = "two weeks: a file with a password is not sent"
[test.mail]
to = "sato@sr-office.example"
facts = [{ name = "uninspectable", reason = "encrypted_zip", place = "attachment" }]
[test.expect]
"sato@sr-office.example" = "reject"

[[test]]
name = "two weeks: a file to a first-time recipient waits"
[test.mail]
to = "sato@sr-office.example"
attachments = "資料.pdf"
facts = [{ name = "first_contact", recipient = "sato@sr-office.example" }]
[test.expect]
"sato@sr-office.example" = { action = "delay", rules = ["first-contact-file"] }

[[test]]
name = "two weeks: a number to somebody who is not in the ledger is approved"
[test.mail]
to = "sato@sr-office.example"
findings = [{ kind = "jp.individual_number", confidence = "high", unique = 1 }]
facts = [{ name = "addressee_unknown", recipient = "sato@sr-office.example" }]
[test.expect]
"sato@sr-office.example" = { action = "approve", approvers = { "情報管理責任者" = 1 } }
"""


STARTS = {
    "default": Start(
        "1日目から: 個人番号は件数に応じて確認・承認し、宛先の注意は記録だけします",
        "from day one: individual numbers are confirmed or approved, mis-sends only recorded",
        _default,
    ),
    "two-weeks": Start(
        "2週間後から: 初めての宛先、個人アドレス、PPAP、転送サービス、台帳にない宛先も止めます",
        "after two weeks: first contacts, private addresses, PPAP, transfer links, the ledger too",
        _after_two_weeks,
    ),
}
