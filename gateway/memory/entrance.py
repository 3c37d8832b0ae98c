"""The way in, as the configuration writes it: listeners, trust, proof of tenant, limits."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from gateway.memory.durations import parse
from gateway.memory.faults import Refused
from gateway.memory.fields import (
    Clock,
    ListenSmtp,
    Network,
    Place,
    RateOrNone,
    Secret,
    Section,
    Size,
    network,
    parse_rate,
)
from gateway.memory.providers import PUBLISHED, shared

_HARD_TO_GUESS = re.compile(r"[!-~]{16,200}")


class Tls(Section):
    certificate: Place | None = None
    key: Place | None = None


def _tenant_id(value: Any) -> str:
    text = str(value).lower()
    if text and not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text):
        raise Refused("no_tenant_id")
    return text


def _ldap(value: Any) -> str:
    url = urlsplit(value) if isinstance(value, str) else None
    try:
        fits = url and url.scheme in ("ldap", "ldaps") and url.hostname and (url.port or True)
    except ValueError:
        fits = False
    if value != "" and (not fits or not url or url.path or url.query or "@" in url.netloc):
        raise Refused("no_directory")
    return str(value)


def _is_here(url: str) -> bool:
    try:
        return ipaddress.ip_address(urlsplit(url).hostname or "").is_loopback
    except ValueError:  # a name is what DNS says it is
        return False


def _shared_networks(value: Any) -> Any:
    """Names of providers become their published networks."""
    if not isinstance(value, list | tuple):
        raise Refused("tuple_type")
    found: list[Any] = []
    for entry in value:
        found += PUBLISHED[entry] if entry in PUBLISHED else [network(entry)]
    return tuple(found)


_OWN = re.compile(r"-?(?:(?P<local>[^@\s\[\]?]+)@|\.?)(?P<domain>[\w*-]+(?:\.[\w*-]+)*)")
_ANYBODY = re.compile(r"\*[^.]*$|\.\*(\.(co|ne|or|ac|go|ad|ed|gr|lg))?\.[^.]*$")
"""A star for the registered name itself, or in the top-level domain."""


class Tenant(Section):
    """Proof that what comes from addresses which many share is ours. All that is given must hold:
    the secret in its header, and the tenant's id where `microsoft_tenant` names it."""

    networks: Annotated[tuple[Network, ...], BeforeValidator(_shared_networks)] = ()
    header: Annotated[str, Field(pattern=r"^X-[A-Za-z0-9-]{1,60}$")] = "X-Sekisho-Tenant"
    secret: Secret | None = None
    microsoft_tenant: Annotated[str, BeforeValidator(_tenant_id)] = ""

    @field_validator("secret")
    @classmethod
    def _hard_to_guess(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not _HARD_TO_GUESS.fullmatch(_value(secret)):
            raise Refused("weak_secret")
        return secret

    @model_validator(mode="after")
    def _provable(self) -> Tenant:
        if self.networks and not (self.secret or self.microsoft_tenant):
            raise Refused("tenant_unproved")
        if self.microsoft_tenant and "google" in shared(self.networks):
            raise Refused("tenant_of_google")
        return self


class Ldap(Section):
    """Where accounts live. Either `bind` makes the name to sign in with, or `base` and `filter`
    find the entry that has it."""

    url: Annotated[str, BeforeValidator(_ldap)] = ""
    tls: Literal["verify", "none"] = "verify"
    """with "ldap://" by StartTLS; "none" is for this machine only"""
    ca_file: Place | None = None
    bind: str = ""
    base: str = ""
    filter: str = "(&(objectClass=person)(mail={user}))"
    address: str = "mail"
    """attribute with the address that the account stands for; "" for none"""
    user: str = ""
    """who may search; "" for anybody"""
    password: Secret | None = None

    @property
    def encrypted(self) -> bool:
        return self.tls == "verify" or self.url.startswith("ldaps:")

    @model_validator(mode="after")
    def _asks_in_one_way(self) -> Ldap:
        if self.url and bool(self.bind) == bool(self.base):
            raise Refused("ldap_two_ways")
        if "{user}" not in (self.bind or self.filter):
            raise Refused("ldap_no_user")
        if self.user and not self.password:
            raise Refused("ldap_nobody")
        if not self.encrypted and not _is_here(self.url):
            raise Refused("ldap_in_clear")
        return self


class Limits(Section):
    """What one client, sender or account may take of us, and when nobody gets any more."""

    client_connections: RateOrNone = None
    client_mails: RateOrNone = None
    sender_recipients: RateOrNone = None
    user_recipients: RateOrNone = parse_rate("2000 per hour")
    wrong_passwords: RateOrNone = parse_rate("10 per hour")
    connections_per_client: Annotated[int, Field(ge=1)] = 100
    silence: Clock = parse("5 min")
    session: Clock = parse("2 h")
    waiting_mails: Annotated[int, Field(ge=1)] = 100_000
    free_disk: Size = 200_000_000
    memory: Size = 2_000_000_000


def _value(secret: SecretStr | str) -> str:
    return secret if isinstance(secret, str) else secret.get_secret_value()


class Smtp(Section):
    listen: tuple[ListenSmtp, ...] = ("[::]:25",)
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
    tenant: Tenant = Tenant()
    accounts: Literal["people", "next_hop", "ldap"] = "people"
    """where a password is proven: by our own people, by the next hop, or by a directory"""
    ldap: Ldap = Ldap()
    legacy_line_ends: tuple[ListenSmtp, ...] = ()
    """those of `listen` on which bare line ends are mended instead of refused"""
    proxies: tuple[Network, ...] = ()
    limits: Limits = Limits()

    @field_validator("own_domains")
    @classmethod
    def _ours(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        for entry in entries:
            written = _OWN.fullmatch(entry)
            if written is None:
                raise Refused("own_unread", text=entry[:80])
            if written["local"] == "*":
                raise Refused("own_whole", text=entry[:80])
            if _ANYBODY.search(f".{written['domain']}"):
                raise Refused("own_anybody", text=entry[:80])
        return entries

    @field_validator("legacy_line_ends")
    @classmethod
    def _is_listened_on(cls, named: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if unknown := [entry for entry in named if entry not in info.data.get("listen", named)]:
            raise Refused("not_listened_on", text=unknown[0])
        return named

    @property
    def places(self) -> tuple[str, ...]:
        """ "host:port" of each entry of `listen`."""
        return tuple(entry.partition("/")[0] for entry in self.listen)

    @model_validator(mode="after")
    def _knows_the_directory(self) -> Smtp:
        if self.accounts == "ldap" and not self.ldap.url:
            raise Refused("ldap_nowhere")
        return self
