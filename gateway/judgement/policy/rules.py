"""The closed vocabulary of a policy: what a rule may ask, and what it may demand.

Closed on purpose. A misspelt condition that is silently ignored makes a rule match more or never,
and either is found out only by an incident; so every key and every name is known or refused.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from detectors.facts import companies
from gateway.judgement.identity import SenderClass
from gateway.judgement.policy.case import Spot
from gateway.judgement.policy.conditions import (
    Closed,
    Condition,
    Dictionary,
    FactName,
    Kind,
    Many,
    Name,
    Names,
    Noted,
    listed,
)
from gateway.judgement.policy.ranges import Clock
from gateway.memory.faults import Refused

Action = Literal["pass", "delay", "confirm", "approve", "reject"]
ACTIONS: tuple[Action, ...] = get_args(Action)
"""From the mildest to the strictest; the strictest of all matching rules is the headline."""

Who = Literal["sender", "owner", "admin"]
Bridge = Literal["attachments", "whole"]
Form = Bridge | Literal["zip"]
"""In which attachments leave sealed."""
Way = Literal["bcc", "one_each"]
"""Of sending, that whoever confirms may choose; each is a treatment of that name."""
Builtin = Literal["freemail"]


class Sentence(Closed):
    """What people read, in both languages; one without the other is not accepted."""

    ja: Name
    en: Name

    def said(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


class Approvers(Closed):
    group: Name
    need: Annotated[StrictInt, Field(ge=1, le=9)] = 1


def _worded(text: str) -> str:
    text = text.replace("\r\n", "\n").strip("\n")
    if any(line.startswith("--") for line in text.split("\n")):
        raise Refused("boundary_line")
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in text.replace("\n", "")):
        raise Refused("control_character")
    return text


Text = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(_worded)]


def _formed(pattern: str, code: str) -> AfterValidator:
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise Refused(code, text=text[:80])
        return text

    return AfterValidator(check)


Mark = Annotated[
    str, StringConstraints(max_length=40), _formed(r"[^\x00-\x1f\x7f-\x9f]*", "control_character")
]
Copied = Annotated[
    str,
    StringConstraints(max_length=200),
    _formed(r"[!#-'*+\-./0-9=?A-Z^-~]+@[A-Za-z0-9\-.]+", "no_address"),
]
Copies = Annotated[tuple[Copied, ...], BeforeValidator(listed)]


class Treatment(Closed):
    """What is done to a mail that leaves. None leaves a number to the bridge's own setting.

    All of it is for recipients outside; who is inside gets the mail as it was written."""

    bridge: Bridge | None = None
    told_word: StrictBool = False
    """A word that the sender tells by telephone is asked as well."""
    opens_after: Clock | None = None
    downloads: Annotated[StrictInt, Field(ge=1, le=100)] | None = None
    days: Annotated[StrictInt, Field(ge=1, le=31)] | None = None
    zip: StrictBool = False
    """All attachments in one encrypted ZIP, for organisations that open no links. No ZIP can be
    called back, so where the bridge is asked for as well, the bridge it is."""
    zip_names: Literal["cp932"] | None = None
    """How file names are written in it; without it in UTF-8, which an old Windows does not read."""
    bcc: StrictBool = False
    """Outside addresses leave To and Cc; the envelope stays (Bcc強制変換)."""
    one_each: StrictBool = False
    """One copy each, in which nobody outside but its own recipient is named."""
    add_cc: Copies = ()
    add_bcc: Copies = ()
    """Addresses inside that get a copy; an archive is not named in the mail, a superior may be."""
    header: Text = ""
    footer: Text = ""
    """Written above or below each text, but never into what is signed or encrypted."""
    mark: Mark = ""
    """Before the subject, unless it is there already."""

    @property
    def form(self) -> Form | None:
        return self.bridge or ("zip" if self.zip else None)


class Then(Closed):
    action: Action
    by: Who = "sender"
    """Who confirms: the sender, the owner of a machine (else the postmaster), or an administrator
    (for what is our own fault). Machines cannot confirm, so their owner does in any case."""
    approvers: Approvers | None = None
    delay: Clock | None = None
    retype_domain: StrictBool = False
    purpose: StrictBool = False
    treatment: Treatment | None = None
    offer: Annotated[tuple[Way, ...], BeforeValidator(listed)] = ()
    """Whoever confirms may choose one of these instead: the mail leaves like that, and this rule
    asks for nothing more."""
    notify: Many = ()
    """Groups that are told when a mail is held by this rule."""

    @property
    def rank(self) -> int:
        return ACTIONS.index(self.action)


class Exemption(Closed):
    """An exception that somebody answers for, until a day."""

    owner: Name
    reason: Name
    until: date
    """The last day, in Japan."""
    when: Condition


Slug = Annotated[str, _formed(r"[a-z0-9][a-z0-9:_-]{0,63}", "no_slug")]
Key = Literal["mode", "action", "delay", "retype_domain", "purpose", "approvers"]


class Rule(Closed):
    name: Slug
    title: Sentence | None = None
    why: Sentence
    mode: Literal["enforce", "audit_only", "off"] = "enforce"
    when: Condition
    then: Then
    except_: Condition | None = Field(default=None, alias="except")
    exemptions: tuple[Exemption, ...] = Field(default=(), alias="exception")
    unlocked: Annotated[tuple[Key, ...], BeforeValidator(listed)] = ()
    """What a layer may change of this rule; everything else is locked."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        exempt = (exemption.when for exemption in self.exemptions)
        return (self.when, *([self.except_] if self.except_ else []), *exempt)


class Change(Closed):
    """What a layer makes of a rule; what is not given stays."""

    mode: Literal["enforce", "audit_only", "off"] | None = None
    action: Action | None = None
    delay: Clock | None = None
    retype_domain: StrictBool | None = None
    purpose: StrictBool | None = None
    approvers: Approvers | None = None


class Layer(Closed):
    """Rules as they are for some senders; a user's layer stands over a department's."""

    name: Slug
    level: Literal["department", "user"] = "department"
    sender_in: Names
    rules: Annotated[dict[Slug, Change], Field(min_length=1)]


class Preset(Closed):
    """A shipped set of rules, for everybody or for some senders."""

    use: Name
    name: Annotated[str, _formed(r"[a-z0-9-]{0,20}", "no_short_slug")] = ""
    """Tells two uses of one set apart."""
    sender_in: Many = ()
    approvers: Name | None = None
    """The group that approves, where the set asks for one."""


class AddressList(Closed):
    """Outside (or inside) addresses that rules speak of by one name."""

    domains: tuple[Name, ...] = ()
    addresses: tuple[Name, ...] = ()
    builtin: Builtin | None = None
    outside: StrictBool = False
    """Inside addresses behind which outsiders stand (a mailing list with customers in it, a mailbox
    that is forwarded): mail to them is mail to the outside."""

    @cached_property
    def known(self) -> frozenset[str]:
        """All that is listed, lower case: lists grow to thousands and every recipient asks."""
        return frozenset(each.lower() for each in (*self.addresses, *self.domains))

    @cached_property
    def above(self) -> frozenset[str]:
        """Of these, what stands for all domains below one as well."""
        return frozenset(each for each in self.known if each.startswith("."))


class Company(Closed):
    """Whom a name stands for: it is compared with text, subject, file names and recipients."""

    domains: Names
    names: Many = ()
    """Other spellings; 株式会社 and the like do not count."""
    customer_ids: Many = ()
    """By which our own documents name them (お客様番号, 顧客コード)."""


class Apart(Closed):
    """混載禁止: lists whose members never stand in one mail."""

    lists: Annotated[Names, Field(min_length=2)]


class SketchedFinding(Closed):
    """Stands for `unique` different numbers (points of a dictionary), so that tests need no real
    ones. What stands in an attachment stands in the first one."""

    kind: Kind
    confidence: Literal["low", "medium", "high"]
    unique: Annotated[StrictInt, Field(ge=1, le=100_000)] = 1
    place: Spot = "attachment"


class SketchedFact(Closed):
    name: FactName
    reason: str = ""
    place: Spot = "attachment"
    recipient: Name | None = None
    """It is about this recipient alone."""
    purpose: str = ""
    """With `addressee_registered`: what the ledger says that the addressee is registered for."""


class Sketch(Closed):
    """A mail in a few words, or a file; with `eml` or `body` it is really inspected, and what is
    sketched comes on top."""

    eml: str = ""
    """Path of a message; relative ones start at the policy file."""
    subject: str = ""
    body: str | None = None
    from_: Name = Field(default="sender@example.co.jp", alias="from")
    to: Many = ()
    cc: Many = ()
    bcc: Many = ()
    attachments: Many = ()
    header: Many = ()
    size: Annotated[StrictInt, Field(ge=0)] = 1_000
    findings: tuple[SketchedFinding, ...] = ()
    facts: tuple[SketchedFact, ...] = ()
    sent_last_hour: Annotated[StrictInt, Field(ge=0)] = 0
    words: Annotated[tuple[Dictionary, ...], BeforeValidator(listed)] = ()
    sender_class: SenderClass = "person"
    """Of the From address, which is also the envelope's."""
    sender_groups: Many = ()


def _mail(value: Any) -> Any:
    return {"eml": value} if isinstance(value, str) else value


def _expected(value: Any) -> Any:
    return {"action": value} if isinstance(value, str) else value


class Expect(Closed):
    """What a test insists on; what is not given is not looked at."""

    action: Action
    bridge: Literal["attachments", "whole", "none"] | None = None
    told_word: StrictBool | None = None
    zip: StrictBool | None = None
    bcc: StrictBool | None = None
    one_each: StrictBool | None = None
    by: tuple[Literal["confirm", "owner", "admin"], ...] | None = None
    approvers: dict[Name, StrictInt] | None = None
    """Group to number of approvals."""
    rules: tuple[Name, ...] | None = None
    """Exactly these enforced rules matched."""


class Test(Closed):
    name: Name
    mail: Annotated[Sketch, BeforeValidator(_mail)]
    """A path alone is short for `{ eml = path }`."""
    expect: Annotated[
        dict[Name, Annotated[Expect, BeforeValidator(_expected)]], Field(min_length=1)
    ]


class Settings(Closed):
    format: Literal[1] = 1
    """Version of this vocabulary."""
    own_names: Many = ()
    """Names of our own company, which stand in every mail."""
    test_own_domains: tuple[Name, ...] = ("example.co.jp",)
    """Own domains while the tests of the file run; in service those of the configuration hold."""


class Policy(Closed):
    settings: Settings = Settings()
    groups: dict[Name, Sentence] = {}
    """Groups of people that rules speak of; who is in them is kept with the people."""
    lists: dict[Name, AddressList] = {}
    companies: dict[Name, Company] = {}
    apart: tuple[Apart, ...] = ()
    rules: tuple[Rule, ...] = Field(default=(), alias="rule")
    layers: tuple[Layer, ...] = Field(default=(), alias="layer")
    presets: tuple[Preset, ...] = Field(default=(), alias="preset")
    tests: tuple[Test, ...] = Field(default=(), alias="test")

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Of numbers that any rule asks for."""
        noted = [each for rule in self.rules for c in rule.conditions for each in c.noted]
        return frozenset(each.finding for each in noted if each.finding)

    @cached_property
    def facts(self) -> frozenset[str]:
        """That any rule asks for."""
        conditions = [c for rule in self.rules if rule.mode != "off" for c in rule.conditions]
        asked: set[str] = {each.fact for c in conditions for each in c.noted if each.fact}
        asked |= {f"addressee_{c.addressee}" for c in conditions if c.addressee}
        counted = {"sent_last_hour"} if any(c.sent_last_hour for c in conditions) else set()
        return frozenset(asked | counted)

    @cached_property
    def restrained(self) -> tuple[Noted, ...]:
        """What mail is held for."""
        held = (r.when for r in self.rules if r.mode == "enforce" and r.then.action != "pass")
        return tuple(noted for when in held for noted in when.noted)

    @cached_property
    def outside_lists(self) -> dict[str, AddressList]:
        return {name: listed for name, listed in self.lists.items() if listed.outside}

    @cached_property
    def domains_by_name(self) -> dict[str, tuple[str, ...]]:
        """Core of each name of a company to the company's domains."""
        return {
            core: company.domains
            for name, company in self.companies.items()
            for each in (name, *company.names)
            if (core := companies.core(each))
        }

    @cached_property
    def domains_by_customer(self) -> dict[str, tuple[str, ...]]:
        known = self.companies.values()
        return {id.upper(): each.domains for each in known for id in each.customer_ids}

    @cached_property
    def own_names(self) -> frozenset[str]:
        return frozenset(map(companies.core, self.settings.own_names))
