"""Rules that hold where a policy says nothing: what could not be read is not sent.

They are rules like any other, so that trace and pages show them. Each steps back only from what
a rule of the file has spoken about, recipient by recipient and fact by fact.
"""

from __future__ import annotations

from gateway.judgement.policy.conditions import Condition
from gateway.judgement.policy.rules import Rule, Sentence, Then, Treatment

PREFIX = "sekisho:"
"""Kept from the names that a file may give."""

SAFETY: tuple[Rule, ...] = (
    Rule(
        name=f"{PREFIX}scan-incomplete",
        why=Sentence(
            ja="検査が最後まで終わらなかったため、管理者が確認するまで送信しません。",
            en="The scan did not finish, so nothing is sent until an administrator has looked.",
        ),
        when=Condition(fact="scan_incomplete"),
        then=Then(action="confirm", by="admin"),
    ),
    Rule(
        name=f"{PREFIX}uninspectable",
        why=Sentence(
            ja="中身を検査できない部分があります。",
            en="Part of this mail could not be inspected.",
        ),
        when=Condition(fact="uninspectable", recipient="outside"),
        then=Then(action="confirm", treatment=Treatment(bridge="attachments")),
    ),
    Rule(
        name=f"{PREFIX}ambiguous",
        why=Sentence(
            ja="メールソフトによって内容が変わって見える書き方が含まれています。",
            en="This mail is written in a way that different mail programs read differently.",
        ),
        when=Condition(fact="ambiguous", recipient="outside"),
        then=Then(action="confirm", treatment=Treatment(bridge="whole")),
    ),
)
