"""The configuration file: one TOML, every key known, every error with its path and a hint.

Relative paths in it start at the file, wherever the command is called from.

conf/sekisho.toml documents each key with its default and is equal to these models by test.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from gateway.memory import addressbook, domainages
from gateway.memory.durations import parse
from gateway.memory.entrance import Smtp
from gateway.memory.fields import (
    Clock,
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


class ConfigError(Exception):
    """`str()` is "FILE: key.path: what is wrong (hint)", one line a problem."""


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
            raise ValueError('is for next_hop = "mx" (a server of yours: write "verify")')
        if tls == "dane" and hop.startswith("smtps:"):
            raise ValueError('is for "mx" and "smtp://" (with "smtps://": write "verify")')
        return tls

    @model_validator(mode="after")
    def _signs_in_with_both(self) -> Self:
        if self.user and not self.password:
            raise ValueError('user wants a password (write password = { file = "…" })')
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
    url: str = "sqlite"
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
    records_months: Annotated[int, Field(ge=12)] = 24
    content_days: Annotated[int, Field(ge=0, le=30)] = 0
    features_days: Annotated[int, Field(ge=0, le=366)] = 35
    """What was found in a mail, without its text, so many days from its arrival: what a draft of
    the policy is tried on."""


def _read_through(
    files: tuple[Path, ...], read: Callable[[Sequence[Path]], object]
) -> tuple[Path, ...]:
    """Once, so that what is wrong with one of them is said before anything starts."""
    for file in files:
        try:
            read([file])
        except (addressbook.BadBook, domainages.BadFeed) as error:
            raise ValueError(f"{file.name}: {error}") from None
        except OSError as error:
            raise ValueError(f"{file.name} cannot be read: {error.strerror}") from None
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
    language: Literal["ja", "en"] = "ja"
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
            raise ValueError(f'"{twice[0]}" is the name of two')
        return sections

    @model_validator(mode="after")
    def _passwords_go_to_one_they_can_trust(self) -> Config:
        if self.smtp.accounts == "next_hop" and (
            self.delivery.next_hop == "mx" or self.delivery.tls != "verify"
        ):
            raise ValueError(
                'smtp.accounts = "next_hop" hands passwords to delivery.next_hop, which must be '
                'one server with a checked certificate (set delivery.tls = "verify")'
            )
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
            raise ValueError(
                'tls = "dane" wants a resolver on this machine that validates DNSSEC '
                '(write server = "127.0.0.1:53")'
            )
        return dns

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load(path: Path) -> Config:
    """Read `path`; relative paths in it are relative to it. Raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    return read(data, str(path), path.resolve().parent)


def read(data: Mapping[str, Any], origin: str, base: Path | None = None) -> Config:
    try:
        return Config.model_validate(data, context={"base": base})
    except ValidationError as error:
        problems = [f"{origin}: {_sentence(problem)}" for problem in error.errors()]
        raise ConfigError("\n".join(problems)) from None


def _sentence(problem: Any) -> str:
    """One problem in words; the value itself is left out, since it may be a secret."""
    where = problem["loc"]
    text = str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    if problem["type"] == "missing":
        text = "missing"
    elif problem["type"] == "model_type":
        text = f"should be a table (write [{_path(where)}])"
    elif problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(where[-1]), _known(where[:-1]), 1)
        text = "unknown key" + (f' (did you mean "{near[0]}"?)' if near else "")
    place = f"{_path(where)}: " if where else ""
    return f"{place}{text[:1].lower()}{text[1:]}"


def _path(where: Sequence[str | int]) -> str:
    """
    >>> _path(("route", 0, "domains"))
    'route[1].domains'
    """
    steps = (f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in where)
    return "".join(steps).removeprefix(".")


def _known(path: Sequence[str | int]) -> list[str]:
    model: Any = Config
    for step in path:
        if isinstance(step, int):
            continue
        model = model.model_fields[step].annotation
        while getattr(model, "__args__", None):
            model = model.__args__[0]
    return [field.alias or name for name, field in model.model_fields.items()]
