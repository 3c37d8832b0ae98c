"""The configuration file: one TOML, every key known, every error with its path and a hint.

Relative paths in it start at the file, wherever the command is called from.

conf/sekisho.toml documents each key with its default and is equal to these models by test.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from gateway.face.i18n import LANGUAGES, Language
from gateway.memory import addressbook, domainages
from gateway.memory.durations import parse
from gateway.memory.entrance import Smtp
from gateway.memory.faults import Faulty, Refused, about, at, unread
from gateway.memory.fields import (
    Clock,
    Database,
    Day,
    HostName,
    Hours,
    Listen,
    ListenOrNone,
    Network,
    NextHop,
    Place,
    Secret,
    Section,
    ServerOrNone,
    Size,
    Span,
    WebAddress,
    endpoint,
)
from gateway.memory.sought import DictionarySection, PatternSection
from gateway.memory.written import explained, no_toml, place_in


class ConfigError(Faulty):
    """`str()` is "FILE: key.path: what is wrong (hint)", one line a problem."""

    language: Language = "ja"
    """what the file says of it, as far as it can be read"""


class Sender(Section):
    """What is not one person."""

    address: str
    class_: Annotated[Literal["person", "shared", "system"], Field(alias="class")] = "system"
    owner: str = ""
    """address of the person who answers for it"""
    name: str = ""


class Hop(Section):
    next_hop: NextHop = "smtp://127.0.0.1:1025"
    user: str = ""
    password: Secret | None = None
    tls: Literal["none", "may", "verify", "dane", "sts", "dane+sts"] = "may"
    ca_file: Place | None = None
    dkim: Literal["mx", "always", "never"] = "mx"

    @field_validator("tls")
    @classmethod
    def _known_to_whom(cls, tls: str, info: ValidationInfo) -> str:
        hop = str(info.data.get("next_hop", "mx"))
        if "sts" in tls and hop != "mx":
            raise Refused("sts_to_a_server")
        if tls == "dane" and hop.startswith("smtps:"):
            raise Refused("dane_over_tls")
        return tls

    @model_validator(mode="after")
    def _signs_in_with_both(self) -> Self:
        if self.user and not self.password:
            raise Refused("user_no_password")
        return self


class Delivery(Hop):
    bounce_address: str = "sekisho-bounce@example.co.jp"
    notice_from: str = "sekisho@example.co.jp"
    postmaster: str = "postmaster@example.co.jp"
    bcc_to: Literal["undisclosed", "sender"] = "undisclosed"
    """who stands in To where a Bcc conversion took everybody out of it"""
    give_up_after: Clock = parse("5 d")
    delay_warning: Clock = parse("4 h")
    first_retry: Clock = parse("1 min")
    connections: int = 8


class Route(Hop):
    domains: tuple[str, ...]


class DkimSection(Section):
    """A key that signs for a domain and what is below it."""

    domain: HostName
    selector: HostName
    key: Place
    from_: Annotated[Day | Literal[""], Field(alias="from")] = ""
    """the day on which it begins; the newest that has begun signs"""


class Dns(Section):
    server: ServerOrNone = ""


class StoreSection(Section):
    url: Database = "sqlite"
    password: Secret | None = None
    ballast: Size = 64_000_000


class VaultSection(Section):
    url: Literal["file"] = "file"


class Keys(Section):
    url: Literal["file"] = "file"
    mirror: Place | None = None


class PolicySection(Section):
    file: Place | None = None
    second_person: bool = False
    """what one person publishes another one puts into force"""
    report_to: str = ""
    """group that is mailed each Friday what the rules did; "" for nobody"""


class Holds(Section):
    delay: Clock = parse("5 min")
    confirm_within: Span = parse("5 business days")
    approve_within: Span = parse("4 business hours")
    reminders: tuple[Clock, ...] = (parse("30 min"), parse("3 h"))
    business_hours: Hours = "9:00-18:00"
    holidays: tuple[Day, ...] = ()
    """dates, "2026-11-23"; Saturdays and Sundays are never business days"""
    fallback_group: str = "情報管理責任者"
    """asked when approver and deputy did not answer, or when nobody else can"""
    together: Annotated[int, Field(ge=0, le=100)] = 50
    """mails that one list is for, its sender's or of a burst; 0: each by itself"""
    contact: str = ""
    """told to senders: 「情報システム課（内線 1234）」"""


class Web(Section):
    listen: Listen = "127.0.0.1:8080"
    url: WebAddress = "http://127.0.0.1:8080"
    staff_listen: ListenOrNone = ""
    trusted_proxies: tuple[Network, ...] = ()


class Bridge(Section):
    listen: Listen = "127.0.0.1:8081"
    url: WebAddress = "http://127.0.0.1:8081"
    trusted_proxies: tuple[Network, ...] = ()
    company: str = "株式会社サンプル"
    open_days: Annotated[int, Field(ge=1, le=31)] = 7
    erase_days: Annotated[int, Field(ge=0, le=60)] = 7
    """days from closing to erasing, in which a re-issue is one click"""
    downloads: Annotated[int, Field(ge=1, le=100)] = 5
    code_valid: Clock = parse("15 min")
    code_valid_unknown: Clock = parse("60 min")
    """where the peer's acceptance is not known"""
    code_tries: int = 5
    remind_days: int = 2


class Retention(Section):
    records_months: Annotated[int, Field(ge=12, le=1200)] = 24
    content_days: Annotated[int, Field(ge=0, le=30)] = 0
    features_days: Annotated[int, Field(ge=0, le=366)] = 35
    """What was found in a mail, without its text, so many days from its arrival: what a draft of
    the policy is tried on."""


def _read_through(
    files: tuple[Path, ...], read: Callable[[Sequence[Path]], object]
) -> tuple[Path, ...]:
    """Once, so that what is wrong with one of them is said before anything starts."""
    for file in files:
        with about(file):
            read([file])
    return files


class Acquaintance(Section):
    keep_months: Annotated[int, Field(ge=1, le=120)] = 24
    """after the last mail to somebody, as long as it is remembered that there was one"""
    address_books: tuple[Place, ...] = ()
    domain_feeds: tuple[Place, ...] = ()
    young_days: Annotated[int, Field(ge=1, le=366)] = 50
    """after its registration, in which a domain of `domain_feeds` is young"""

    @field_validator("address_books")
    @classmethod
    def _readable(cls, files: tuple[Path, ...]) -> tuple[Path, ...]:
        return _read_through(files, addressbook.read)

    @field_validator("domain_feeds")
    @classmethod
    def _understood(cls, files: tuple[Path, ...]) -> tuple[Path, ...]:
        return _read_through(files, domainages.read)

    @cached_property
    def ages(self) -> domainages.DomainAges:
        return domainages.DomainAges(domainages.read(self.domain_feeds), self.young_days)

    @cached_property
    def book(self) -> frozenset[str]:
        """Addresses and "@domain", lower case; empty where the company keeps none."""
        return addressbook.read(self.address_books)

    @property
    def kept(self) -> timedelta:
        return timedelta(days=self.keep_months * 365 // 12)


class Scan(Section):
    workers: Annotated[int, Field(ge=1, le=64)] | None = None
    seconds: Annotated[int, Field(ge=1, le=600)] = 30

    @property
    def width(self) -> int:
        """Mails with files that are read at once: as many as there are processors for us, unless
        the file says. One worker more is there for those without."""
        return self.workers or len(os.sched_getaffinity(0))


class BypassSection(Section):
    longest: Clock = parse("8 h")
    individual_numbers: Literal["hold", "pass"] = "hold"


class Metrics(Section):
    listen: ListenOrNone = ""


class Log(Section):
    form: Literal["text", "json"] = "text"


class Config(Section):
    data_dir: Place = Field(default=Path("var"), validate_default=True)
    language: Language = "ja"
    timezone: Literal["Asia/Tokyo"] = "Asia/Tokyo"
    smtp: Smtp = Smtp()
    sender: tuple[Sender, ...] = ()
    delivery: Delivery = Delivery()
    route: tuple[Route, ...] = ()
    dkim: tuple[DkimSection, ...] = ()
    dns: Dns = Field(default=Dns(), validate_default=True)
    store: StoreSection = StoreSection()
    vault: VaultSection = VaultSection()
    keys: Keys = Keys()
    policy: PolicySection = PolicySection()
    holds: Holds = Holds()
    scan: Scan = Scan()
    dictionary: tuple[DictionarySection, ...] = ()
    pattern: tuple[PatternSection, ...] = ()
    bridge: Bridge = Bridge()
    web: Web = Web()
    retention: Retention = Retention()
    acquaintance: Acquaintance = Acquaintance()
    bypass: BypassSection = BypassSection()
    metrics: Metrics = Metrics()
    log: Log = Log()

    @field_validator("dictionary", "pattern")
    @classmethod
    def _named_once(cls, sections: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [section.name for section in sections]
        if twice := [name for name in names if names.count(name) > 1]:
            raise Refused("named_twice", name=twice[0])
        return sections

    @model_validator(mode="after")
    def _passwords_go_to_one_they_can_trust(self) -> Config:
        if self.smtp.accounts == "next_hop" and (
            self.delivery.next_hop == "mx" or self.delivery.tls != "verify"
        ):
            raise Refused("passwords_exposed")
        return self

    @model_validator(mode="after")
    def _each_address_has_one_listener(self) -> Config:
        webs = (self.web.listen, self.web.staff_listen, self.bridge.listen, self.metrics.listen)
        places = [place for place in (*self.smtp.places, *webs) if place and endpoint(place)[1]]
        if twice := [place for place in places if places.count(place) > 1]:
            raise Refused("listened_on_twice", place=twice[0])
        return self

    @field_validator("dns")
    @classmethod
    def _validates(cls, dns: Dns, info: ValidationInfo) -> Dns:
        """DANE without a resolver that validates would be no more than "may", unsaid."""
        hops: tuple[Hop, ...] = (
            info.data.get("delivery", Delivery()),
            *info.data.get("route", ()),
        )
        local = dns.server and ipaddress.ip_address(endpoint(dns.server)[0]).is_loopback
        if any("dane" in hop.tls for hop in hops) and not local:
            raise Refused("dane_unvalidated")
        return dns

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load(path: Path) -> Config:
    """Read `path`; relative paths in it are relative to it. Raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(at(path, "no_config")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(unread(error).at(path)) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(no_toml(error, str(path))) from None
    return read(data, str(path), path.resolve().parent)


def read(data: Mapping[str, Any], origin: str, base: Path | None = None) -> Config:
    try:
        return Config.model_validate(data, context={"base": base})
    except ValidationError as error:
        refused = ConfigError(
            *(
                replace(each, origin=origin, place=place_in(data, each.path))
                for each in explained(error, Config)
            )
        )
        if data.get("language") in LANGUAGES:
            refused.language = data["language"]
        raise refused from None
