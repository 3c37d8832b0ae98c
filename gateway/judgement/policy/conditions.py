"""What a rule may ask of a mail and of its recipients: every key, every name."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from detectors.numbers import KINDS
from gateway.judgement.identity import SenderClass
from gateway.judgement.policy.case import plain
from gateway.judgement.policy.ranges import Count, Levels
from gateway.memory.faults import Refused

SOUGHT = (*KINDS, "jp.personal_list", "mail_address_list")
"""What a rule may ask to be found: a number of each module of `detectors.numbers`, and lists."""


OWN = re.compile(r"(dictionary|pattern)\.[\w-]{1,40}")
"""What the configuration adds; `policies.accept` looks whether it does."""


def _sought(kind: str) -> str:
    if kind not in SOUGHT and not OWN.fullmatch(kind):
        raise Refused("no_kind", SOUGHT, name=kind)
    return kind


Kind = Annotated[str, AfterValidator(_sought)]
FactName = Literal[
    "uninspectable",
    "not_inspected",
    "ambiguous",
    "scan_incomplete",
    "signed",
    "encrypted",
    "hidden_sheet",
    "hidden_columns",
    "hidden_slide",
    "tracked_changes",
    "comments",
    "external_links",
    "author",
    "folder_path",
    "hidden_text",
    "speaker_notes",
    "embedded_files",
    "macro",
    "executable",
    "disguised",
    "auto_submitted",
    # what the sender's own words announce
    "attachment_mentioned",
    "password_told",
    "share_link",
    # message checks
    "forgotten_attachment",
    "salutation_mismatch",
    "named_elsewhere",
    "not_named",
    "misattached",
    "kept_apart",
    "reaches_outside",
    "own_private_address",
    "password_file",
    "password_mail",
    "hidden_content",
    # acquaintance
    "first_contact",
    "known_circle",
    "not_in_book",
    "group_outlier",
    "new_domain_in_reply",
    "usual_elsewhere",
    "lookalike_domain",
    "young_domain",
    # 送付先台帳
    "addressee_registered",
    "addressee_expired",
    "addressee_other_purpose",
    "addressee_unknown",
    # the moment
    "outside_hours",
    "delegated",
]
Dictionary = Literal["individual_number", "hr", "confidential"]


def listed(value: Any) -> Any:
    """One name may be written without brackets."""
    return [value] if isinstance(value, str) else value


Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Many = Annotated[tuple[Name, ...], BeforeValidator(listed)]
Names = Annotated[Many, Field(min_length=1)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def __copy__(self) -> Self:
        """Without what was worked out of its fields: `model_copy` gives the copy other ones."""
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


ASKED = ("finding", "fact", "words")
COUNTED = ("outside_addresses", "outside_companies", "attachments", "sent_last_hour", "size")
"""What is asked of the content of a mail, in this order."""


class Noted(Closed):
    """What the inspection found or noted, all of which must hold at once."""

    finding: Kind | None = None
    confidence: Levels | None = None
    unique: Count | None = None
    """Different values of that kind (persons, cards) at that confidence and place."""
    points: Count | None = None
    """With a dictionary: points of its words at that place, each word once."""
    place: Literal["any", "body", "attachment", "subject", "header"] = "any"
    fact: FactName | None = None
    reason: Name | None = None
    """Code of the fact's reason."""
    words: (
        Annotated[tuple[Dictionary, ...], BeforeValidator(listed), Field(min_length=1)] | None
    ) = None

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Names of what it asks of the content, in the order in which it is asked."""
        known = (name for name in (*ASKED, *COUNTED) if getattr(self, name, None) is not None)
        return (*known, *(["also"] if getattr(self, "also", ()) else []))


def _also(value: Any) -> Any:
    """The name of a fact alone is short for `{ fact = name }`; one may stand without brackets."""
    each = value if isinstance(value, list | tuple) else [value]
    return [{"fact": one} if isinstance(one, str) else one for one in each]


class Condition(Noted):
    """All of what is given must hold. A condition of several names holds when one of them does."""

    also: Annotated[tuple[Noted, ...], BeforeValidator(_also), Field(max_length=9)] = ()
    """Facts and findings that must be there as well, every one of them."""
    recipient: Literal["outside", "inside", "any"] = "any"
    recipient_domains: Names | None = None
    """"example.jp", or ".example.jp" for it and everything below it."""
    recipient_addresses: Names | None = None
    in_list: Names | None = None
    not_in_list: Names | None = None
    addressee: Literal["registered", "expired", "other_purpose", "unknown"] | None = None
    """How the recipient stands in the ledger of addressees (送付先台帳)."""
    addressee_purpose: Names | None = None
    """What it is registered for; width does not count."""
    sender_class: (
        Annotated[tuple[SenderClass, ...], BeforeValidator(listed), Field(min_length=1)] | None
    ) = None
    sender_in: Names | None = None
    """A list of this file, or a group of people."""
    outside_addresses: Count | None = None
    """Different outside addresses that the readers of this mail see (To and Cc)."""
    outside_companies: Count | None = None
    """Their domains, a subdomain counted with its parent."""
    attachments: Count | None = None
    sent_last_hour: Count | None = None
    """Outside recipients that this sender has written to within an hour, this mail included."""
    subject_starts: Names | None = None
    """Marks such as 【要確認】, by which senders ask for more care; width does not count."""
    header: Names | None = None
    """Fields by which senders ask for more care: "Sensitivity: Company-Confidential"."""
    size: Count | None = None
    """Octets of the whole mail; kB, MB and GB are powers of ten."""

    @cached_property
    def marks(self) -> tuple[str, ...]:
        return tuple(map(plain, self.subject_starts or ()))

    @cached_property
    def wished(self) -> frozenset[str]:
        """Fields of the header that say so."""
        return frozenset(map(plain, self.header or ()))

    @cached_property
    def singles_out(self) -> bool:
        """Whether it asks more of the recipient than the side it is on."""
        return self.names_recipients or bool(self.addressee or self.addressee_purpose)

    @property
    def volume(self) -> bool:
        """Whether it asks how much somebody sends, and nothing of the mail itself."""
        wished = self.subject_starts or self.header
        return self.given == ("sent_last_hour",) and not (self.singles_out or wished)

    @property
    def names_recipients(self) -> bool:
        """By list, domain or address."""
        lists = self.in_list, self.not_in_list
        return any((*lists, self.recipient_domains, self.recipient_addresses))

    @cached_property
    def facts(self) -> frozenset[str]:
        """All that it asks for."""
        return frozenset(each.fact for each in self.noted if each.fact)

    @property
    def noted(self) -> tuple[Noted, ...]:
        # not cached: a condition that holds itself cannot be compared with another one
        return (self, *self.also)

    def asks(self, *facts: str) -> bool:
        return not self.facts.isdisjoint(facts)
