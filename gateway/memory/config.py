"""The configuration file: one TOML, every key known, every error with its path and a hint.

conf/sekisho.toml documents each key with its default and is equal to these models by test.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from gateway.memory.durations import Duration, parse


class ConfigError(Exception):
    """`str()` is "FILE: key.path: what is wrong (hint)", one line a problem."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _size(value: Any) -> int:
    """
    >>> _size("50MB")
    50000000
    """
    if isinstance(value, int):
        return value
    units = {"GB": 10**9, "MB": 10**6, "KB": 10**3, "B": 1}
    for unit, factor in units.items():
        if str(value).upper().endswith(unit):
            return int(str(value)[: -len(unit)].strip()) * factor
    raise ValueError('a size is written like "50MB"')


def _secret(value: Any) -> str:
    """`{ file = "…" }` or `{ env = "…" }`: a secret in the file itself would be in its backups."""
    match value:
        case {"file": str(path)} if len(value) == 1:
            return Path(path).read_text("utf-8").strip()
        case {"env": str(name)} if len(value) == 1:
            if name not in os.environ:
                raise ValueError(f"the environment variable {name} is not set")
            return os.environ[name]
    raise ValueError('write a secret as { file = "…" } or { env = "…" }')


def _duration(value: Any) -> Duration:
    return value if isinstance(value, Duration) else parse(str(value))


Size = Annotated[int, BeforeValidator(_size)]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
Span = Annotated[Duration, BeforeValidator(_duration)]
Network = Annotated[
    ipaddress.IPv4Network | ipaddress.IPv6Network,
    BeforeValidator(lambda value: ipaddress.ip_network(str(value))),
]


class Tls(Section):
    certificate: Path | None = None
    key: Path | None = None


class Smtp(Section):
    listen: tuple[str, ...] = ("[::]:25",)
    hostname: str = "localhost"
    trusted_networks: tuple[Network, ...] = (
        ipaddress.ip_network("127.0.0.0/8"),
        ipaddress.ip_network("::1"),
    )
    own_domains: tuple[str, ...] = ("example.co.jp",)
    max_message_size: Size = 50_000_000
    max_recipients: int = 1_000
    max_connections: int = 500
    tls: Tls = Tls()


class Sender(Section):
    """What is not one person."""

    address: str
    class_: Annotated[Literal["person", "shared", "system"], Field(alias="class")] = "system"
    owner: str = ""
    """address of the person who answers for it"""
    name: str = ""
    networks: tuple[Network, ...] = ()


class Hop(Section):
    next_hop: str = "smtp://127.0.0.1:1025"
    user: str = ""
    password: Secret | None = None
    tls: Literal["none", "may", "verify"] = "may"
    ca_file: Path | None = None


class Delivery(Hop):
    bounce_address: str = "sekisho-bounce@example.co.jp"
    notice_from: str = "sekisho@example.co.jp"
    postmaster: str = "postmaster@example.co.jp"
    give_up_after: Span = parse("5 d")
    first_retry: Span = parse("1 min")
    connections: int = 8


class Route(Hop):
    domains: tuple[str, ...]


class StoreSection(Section):
    url: str = "sqlite"


class VaultSection(Section):
    url: Literal["file"] = "file"


class Keys(Section):
    url: Literal["file"] = "file"
    mirror: Path | None = None


class PolicySection(Section):
    file: Path | None = None


class Holds(Section):
    delay: Span = parse("5 min")
    confirm_within: Span = parse("5 business days")
    approve_within: Span = parse("4 business hours")
    reminders: tuple[Span, ...] = (parse("30 min"), parse("3 h"))
    business_hours: str = "9:00-18:00"
    holidays: tuple[str, ...] = ()
    """dates, "2026-11-23"; Saturdays and Sundays are never business days"""
    fallback_group: str = "情報管理責任者"
    """asked when approver and deputy did not answer, or when nobody else can"""
    contact: str = ""
    """told to senders: 「情報システム課（内線 1234）」"""


class Web(Section):
    listen: str = "127.0.0.1:8080"
    url: str = "http://127.0.0.1:8080"
    staff_listen: str = ""
    trusted_proxies: tuple[Network, ...] = ()


class Bridge(Section):
    listen: str = "127.0.0.1:8081"
    url: str = "http://127.0.0.1:8081"
    trusted_proxies: tuple[Network, ...] = ()
    company: str = "株式会社サンプル"
    open_days: Annotated[int, Field(ge=1, le=31)] = 7
    erase_days: Annotated[int, Field(ge=0, le=60)] = 7
    """days from closing to erasing, in which a re-issue is one click"""
    downloads: Annotated[int, Field(ge=1, le=100)] = 5
    code_valid: Span = parse("15 min")
    code_valid_unknown: Span = parse("60 min")
    """where the peer's acceptance is not known"""
    code_tries: int = 5
    remind_days: int = 2


class Retention(Section):
    records_months: Annotated[int, Field(ge=12)] = 24
    content_days: Annotated[int, Field(ge=0, le=30)] = 0


class Scan(Section):
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    seconds: Annotated[int, Field(ge=1, le=600)] = 30


class Config(Section):
    data_dir: Path = Path("var")
    language: Literal["ja", "en"] = "ja"
    timezone: Literal["Asia/Tokyo"] = "Asia/Tokyo"
    smtp: Smtp = Smtp()
    sender: tuple[Sender, ...] = ()
    delivery: Delivery = Delivery()
    route: tuple[Route, ...] = ()
    store: StoreSection = StoreSection()
    vault: VaultSection = VaultSection()
    keys: Keys = Keys()
    policy: PolicySection = PolicySection()
    holds: Holds = Holds()
    scan: Scan = Scan()
    bridge: Bridge = Bridge()
    web: Web = Web()
    retention: Retention = Retention()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def load(path: Path) -> Config:
    """Read `path`; relative paths in it are relative to it. Raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    config = read(data, str(path))
    base = path.resolve().parent
    policy = config.policy.file
    return config.model_copy(
        update={
            "data_dir": base / config.data_dir,
            "policy": PolicySection(file=base / policy if policy else None),
        }
    )


def read(data: Mapping[str, Any], origin: str) -> Config:
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        problems = [f"{origin}: {_sentence(problem)}" for problem in error.errors()]
        raise ConfigError("\n".join(problems)) from None


def _sentence(problem: Any) -> str:
    """One problem in words; the value itself is left out, since it may be a secret."""
    where = [str(step) for step in problem["loc"]]
    text = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where[-1], _known(where[:-1]), 1)
        text = "unknown key" + (f' (did you mean "{near[0]}"?)' if near else "")
    return f"{'.'.join(where)}: {text[:1].lower()}{text[1:]}"


def _known(path: list[str]) -> list[str]:
    model: Any = Config
    for step in path:
        if step.isdigit():
            continue
        model = model.model_fields[step].annotation
        while getattr(model, "__args__", None):
            model = model.__args__[0]
    return [field.alias or name for name, field in model.model_fields.items()]
