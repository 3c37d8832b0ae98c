"""Mail addresses as the envelope writes them: `<local@domain>` and the parameters behind it.

Our own grammar, because an address ends in next hops' commands, in ledgers and in pages: strict in
what could be read two ways (routes, missing brackets, control characters), but with the local parts
that Japanese carriers once gave out (`a..b@docomo.ne.jp`, `.a@`, `a.@`), which RFC 5321 has not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

import idna

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\u0080-\U0010FFFF]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LOCAL = re.compile(rf"{_ATOM}|{_QUOTED}")
_PATH = re.compile(rf" *<(?P<path>(?:{_QUOTED}|[^<>\" ])*)>(?: +(?P<parameters>.*))?")
_HOST = re.compile(r"(?:(?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)*(?!-)(?!\d+$)[A-Za-z0-9-]{1,63}(?<!-)")
_XTEXT = r"(?:[!-*,-<>-~]|\+(?:[2-6][0-9A-F]|7[0-9A-E]))"
"""RFC 3461 §4, without control characters behind the `+` (`+00` broke readers before)."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
"""What nobody sees on a page: controls, marks of direction, exotic spaces, surrogates."""

MAIL_PARAMETERS = {
    "SIZE": r"\d{1,20}",
    "BODY": r"(?i:7BIT|8BITMIME)",
    "SMTPUTF8": "",
    "RET": r"(?i:FULL|HDRS)",
    "ENVID": rf"{_XTEXT}{{1,100}}",
    "AUTH": rf"<>|{_XTEXT}{{1,500}}",
}
RCPT_PARAMETERS = {
    "NOTIFY": r"(?i:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})",
    "ORCPT": rf"[A-Za-z0-9-]{{1,20}};{_XTEXT}{{1,500}}",
}


class PathError(ValueError):
    """An address or parameter we do not take; the message may go into a reply."""


class BadAddress(PathError):
    """Says what is wrong with the path."""


class BadParameter(PathError):
    """A known parameter with a value we cannot read, or one that is given twice."""


class UnknownParameter(PathError):
    """A parameter that we did not offer."""


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox. `local` stands as it was written, quotes included; so does `domain`.

    The domain is empty for `<postmaster>` only, until `Admission.mailbox` says whose that is.
    """

    local: str
    domain: str

    @property
    def text(self) -> str:
        """As it goes onto the wire, without the brackets."""
        return f"{self.local}@{self.domain}" if self.domain else self.local

    @property
    def key(self) -> str:
        """For comparing and looking up: one mailbox has one key, however it is written.

        Lower case, though RFC 5321 lets a host tell `Bob` from `bob`: none of ours does.
        """
        local = self.local
        if local.startswith('"'):
            local = re.sub(r"\\(.)", r"\1", local[1:-1])
        local = unicodedata.normalize("NFC", local).lower()
        return f"{local}@{domain_key(self.domain)}" if self.domain else local

    def __str__(self) -> str:
        return self.text


def parse_path(
    argument: str,
    known: Mapping[str, str] = MAIL_PARAMETERS,
    *,
    utf8: bool = False,
    literals: bool = False,
) -> tuple[Address | None, dict[str, str]]:
    """What stands behind `FROM:` or `TO:` as (address, parameters); None is the null path `<>`.

    `known` are the parameters that this command takes (names in upper case, a pattern for each
    value); SMTPUTF8 among those given counts as `utf8`. Raises PathError by its kinds.
    """
    match = _PATH.fullmatch(argument)
    if not match:
        raise BadAddress("the address must stand in <angle brackets>")
    parameters = _parameters(match["parameters"] or "", known)
    path = match["path"]
    if not path:
        return None, parameters
    return parse_address(path, utf8=utf8 or "SMTPUTF8" in parameters, literals=literals), parameters


def parse_address(text: str, *, utf8: bool = False, literals: bool = False) -> Address:
    """`local@domain` or `postmaster`, without brackets. Raises BadAddress."""
    if not text.isprintable() and any(_unseen(char) for char in text):
        raise BadAddress("control character")
    if text.startswith("@"):
        raise BadAddress("source routes are not accepted")
    if len(text.encode()) > 254:
        raise BadAddress("longer than 254 octets")
    if not text.isascii() and not utf8:
        raise BadAddress("not ASCII, and SMTPUTF8 was not asked for")
    if text.lower() == "postmaster":
        return Address(text, "")
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise BadAddress("not a local part, @ and a domain")
    if len(local.encode()) > 64:
        raise BadAddress("local part longer than 64 octets")
    if domain.startswith("["):
        _check_literal(domain, literals)
    else:
        domain_key(domain)
    return Address(local, domain)


@lru_cache(maxsize=4096)
def domain_key(domain: str) -> str:
    """A domain for comparing: lower case, A-labels (RFC 5890). Raises BadAddress."""
    if domain.startswith("["):
        return domain.lower()
    key = domain.lower()
    if not key.isascii():
        try:
            key = idna.encode(unicodedata.normalize("NFC", key), strict=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise BadAddress("not a domain name") from None
    if len(key) > 253 or not _HOST.fullmatch(key):
        raise BadAddress("not a domain name")
    return key


def _unseen(char: str) -> bool:
    return char != " " and unicodedata.category(char) in _UNSEEN


def domain_matches(domain: str, patterns: Iterable[str]) -> bool:
    """Whether a list names the domain: `a.jp` itself, `.a.jp` what is under it, `-…` never."""
    if not domain:
        return False
    key, found = domain_key(domain), False
    for pattern in patterns:
        name = pattern.removeprefix("-")
        stem = domain_key(name.removeprefix("."))
        if key.endswith("." + stem) if name.startswith(".") else key == stem:
            if pattern.startswith("-"):
                return False
            found = True
    return found


def is_ours(domain: str, own_domains: Sequence[str]) -> bool:
    """Whether it is a domain of ours: `a.jp` itself, `.a.jp` that and what is under it, `a-*.jp`
    with anything for the star, `-…` never. Whose mail is inside is told by
    `gateway.judgement.identity.owned` in the same words; single addresses count there alone.

    >>> own = [".a.jp", "-lab.a.jp", "a-*.example", "cpa@b.jp"]
    >>> [is_ours(domain, own) for domain in ("a.jp", "x.a.jp", "lab.a.jp", "b.jp", "a-1.example")]
    [True, True, False, False, True]
    """
    if not domain:
        return False
    key = domain_key(domain)
    domains = (own for own in own_domains if "@" not in own)
    named = [own for own in domains if _stands_for(own.removeprefix("-"), key)]
    return bool(named) and not any(own.startswith("-") for own in named)


def _stands_for(own: str, key: str) -> bool:
    if "*" in own:
        return fnmatchcase(key, own.lower())
    stem = domain_key(own.removeprefix("."))
    return key == stem or (own.startswith(".") and key.endswith(f".{stem}"))


def _parameters(text: str, known: Mapping[str, str]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for word in filter(None, text.split(" ")):
        name, equals, value = word.partition("=")
        name = name.upper()
        if name not in known:
            raise UnknownParameter("parameter not recognized")
        if name in parameters:
            raise BadParameter(f"{name} given twice")
        if bool(equals) != bool(known[name]) or not re.fullmatch(known[name], value):
            raise BadParameter(f"{name} has no value we can read")
        parameters[name] = value
    return parameters


def _check_literal(domain: str, allowed: bool) -> None:
    if not allowed:
        raise BadAddress("address literals are not accepted")
    try:
        inner = re.fullmatch(r"\[(IPv6:)?([0-9A-Fa-f.:]+)\]", domain, re.IGNORECASE)
        if not inner or bool(inner[1]) != isinstance(ip_address(inner[2]), IPv6Address):
            raise ValueError
    except ValueError:
        raise BadAddress("not an address literal") from None
