"""Kinds of values in the configuration file: each reads one written form and says what it wants.

What is refused never repeats the value: a secret may stand where something else was expected.
"""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationInfo

from gateway.memory.durations import Duration, parse
from gateway.memory.faults import Refused, unread

_UNITS = {"GB": 10**9, "MB": 10**6, "KB": 10**3, "B": 1}
_PERIODS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86_400.0}
_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:/ ]+):(\d{1,5})")
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
KINDS = ("submission", "tls", "tap")


class Section(BaseModel):
    """A table of the file: every key known, nothing changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _size(value: Any) -> int:
    """
    >>> _size("50MB")
    50000000
    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    if written := re.fullmatch(r"(\d{1,9}) *([KMG]?B)", str(value).upper()):
        return int(written[1]) * _UNITS[written[2]]
    raise Refused("no_size")


def place(value: Any, base: Path | None) -> Path:
    """A path as written; a relative one starts at the configuration file."""
    if not isinstance(value, str | Path):
        raise Refused("no_path")
    return base / value if base else Path(value)


def _base(info: ValidationInfo) -> Path | None:
    return (info.context or {}).get("base")


def _place(value: Any, info: ValidationInfo) -> Path:
    return place(value, _base(info))


def _secret(value: Any, info: ValidationInfo) -> str:
    """`{ file = "…" }` or `{ env = "…" }`: a secret in the file itself would be in its backups."""
    name, text = _told_where(value, info)
    if not text:
        raise Refused("empty_secret", name=name)
    return text


def _told_where(value: Any, info: ValidationInfo) -> tuple[str, str]:
    match value:
        case {"file": str(path)} if len(value) == 1:
            try:
                return path, place(path, _base(info)).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise unread(error, path) from None
        case {"env": str(name)} if len(value) == 1:
            if name not in os.environ:
                raise Refused("no_variable", name=name)
            return name, os.environ[name]
    raise Refused("no_secret")


def _duration(value: Any) -> Duration:
    return value if isinstance(value, Duration) else parse(str(value))


def _span(value: Any) -> Duration:
    try:
        return _duration(value)
    except Refused as refused:
        raise Refused("no_span", **refused.values) from None


def clock(value: Any) -> Duration:
    """No business time. Raises Refused."""
    span = _duration(value)
    if span.unit != "seconds":
        raise Refused("business_time")
    return span


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: float

    def __str__(self) -> str:
        period = next(name for name, length in _PERIODS.items() if length == self.seconds)
        return f"{self.count} per {period}"


def parse_rate(value: Any) -> Rate | None:
    """
    >>> parse_rate("600 per minute")
    Rate(count=600, seconds=60.0)
    """
    if value is None or value == "unlimited" or isinstance(value, Rate):
        return value if isinstance(value, Rate) else None
    written = re.fullmatch(r"([1-9]\d{0,8}) per (second|minute|hour|day)", str(value))
    if not written:
        raise Refused("no_rate")
    return Rate(int(written[1]), _PERIODS[written[2]])


def network(value: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(str(value))
    except ValueError:
        raise Refused("no_network") from None


def _listen(value: Any) -> str:
    written = _LISTEN.fullmatch(str(value))
    if not written or int(written[2]) > 65_535:
        raise Refused("no_listen")
    return str(value)


def _listen_or_none(value: Any) -> str:
    return "" if value == "" else _listen(value)


def endpoint(listen: str) -> tuple[str, int]:
    """
    >>> endpoint("[::1]:53")
    ('::1', 53)
    """
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def _server_or_none(value: Any) -> str:
    try:
        ipaddress.ip_address(endpoint(_listen(value))[0] if value else "::")
    except ValueError:
        raise Refused("no_server") from None
    return str(value)


def _host_name(value: Any) -> str:
    if not _HOST.fullmatch(str(value)):
        raise Refused("no_host")
    return str(value).lower()


def _listen_smtp(value: Any) -> str:
    """
    >>> _listen_smtp("[::]:587/submission")
    '[::]:587/submission'
    """
    address, slash, kind = str(value).partition("/")
    if slash and kind not in KINDS:
        raise Refused("no_listener", kind=kind[:20], known=", ".join(KINDS))
    _listen(address)
    return str(value)


def _hop(value: Any) -> str:
    if value == "mx":
        return "mx"
    url = urlsplit(value) if isinstance(value, str) else None
    try:
        fits = url and url.scheme in ("smtp", "smtps") and url.hostname and (url.port or True)
    except ValueError:
        fits = False
    if not fits or not url or url.path or url.query or "@" in url.netloc:
        raise Refused("no_hop")
    return str(value)


def _web(value: Any) -> str:
    url = urlsplit(value) if isinstance(value, str) else None
    if not url or url.scheme not in ("http", "https") or not url.hostname:
        raise Refused("no_web")
    return str(value)


def _database(value: Any) -> str:
    """A password stands by itself, where it may be a secret."""
    url = urlsplit(value) if isinstance(value, str) else None
    if not url or (value != "sqlite" and url.scheme != "postgresql+psycopg"):
        raise Refused("no_database_url")
    if url.password is not None or "password" in parse_qs(url.query):
        raise Refused("password_in_url")
    return str(value)


def _hours(value: Any) -> str:
    try:
        opens, closes = (time.fromisoformat(part.zfill(5)) for part in str(value).split("-"))
        if opens < closes:
            return str(value)
    except ValueError:
        pass
    raise Refused("no_hours")


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Refused("not_a_day") from None


Size = Annotated[int, BeforeValidator(_size)]
Place = Annotated[Path, BeforeValidator(_place)]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
Span = Annotated[Duration, BeforeValidator(_span)]
Clock = Annotated[Duration, BeforeValidator(clock)]
Network = Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(network)]
RateOrNone = Annotated[Rate | None, BeforeValidator(parse_rate)]
Listen = Annotated[str, BeforeValidator(_listen)]
ListenOrNone = Annotated[str, BeforeValidator(_listen_or_none)]
HostName = Annotated[str, BeforeValidator(_host_name)]
ServerOrNone = Annotated[str, BeforeValidator(_server_or_none)]
ListenSmtp = Annotated[str, BeforeValidator(_listen_smtp)]
NextHop = Annotated[str, BeforeValidator(_hop)]
WebAddress = Annotated[str, BeforeValidator(_web)]
Database = Annotated[str, BeforeValidator(_database)]
Hours = Annotated[str, BeforeValidator(_hours)]
Day = Annotated[str, BeforeValidator(_day)]
