"""Accounts that live in an LDAP directory: a password is proven there by signing in with it.

It goes to the server as the client sent it, over TLS with a checked certificate, and is kept
nowhere. What the directory did not clearly refuse or accept raises: the client is then told to
come again, and never that its password is wrong.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from gateway.memory.entrance import Ldap

log = logging.getLogger(__name__)

CONNECT, ANSWER = 5, 10
"""Whole seconds, as ldap3 wants them; a directory stands in the house."""
PATIENCE = 30.0
"""Seconds for all of it: a server that answers octet by octet is none that answers."""
_AT_ONCE = 4
_REFUSED = {19, 32, 48, 49, 53}
"""Results of a bind that speak of the account (RFC 4511 §A.2): constraintViolation and
unwillingToPerform for one that is locked, noSuchObject, inappropriateAuthentication for one
without a password, invalidCredentials. All others are the server's trouble, or ours."""
_IN_A_DN = re.compile(r'[\\,+"<>;=#\x20\x00]')

_threads = ThreadPoolExecutor(_AT_ONCE, "ldap")
"""Of its own: those that everything else shares write mail to the disk, and a directory that does
not answer must not stop them."""


class Undecided(Exception):
    """The directory said neither yes nor no; `str()` says why, and holds no name or password."""


class _Checked(ldap3.Tls):  # type: ignore[misc]
    """TLS by the standard library's own rules; ldap3 checks no host name while it shakes hands,
    and afterwards by rules of its own."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = context

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        host = connection.server.host
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=host)


async def proves(section: Ldap, user: str, password: bytes) -> str | None:
    """The address of the account that these prove, lower case; its name where it has none, or
    none is asked for. None where they prove nothing. Raises Undecided."""
    try:
        return await _apart(_proves, section, user, password)
    except Undecided as why:
        log.error("the directory says neither yes nor no: %s", why)
        raise


async def works(section: Ldap) -> None:
    """Nobody's password is refused, and in so many words. Raises Undecided."""
    if await _apart(_proves, section, "sekisho-check", b"nobody's") is not None:
        raise Undecided("it lets in whoever comes")


async def _apart(act: Any, *arguments: Any) -> str | None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE):
            found: str | None = await loop.run_in_executor(_threads, act, *arguments)
            return found
    except TimeoutError:
        raise Undecided("no answer in time") from None


def _proves(section: Ldap, user: str, password: bytes) -> str | None:
    """An empty password proves nothing: with one a bind succeeds as nobody (RFC 4513 §5.1.2), and
    a NUL would make one empty to a server that reads C strings."""
    if not _plain(user) or not password or b"\0" in password:
        return None
    with _connected(section) as connection:
        if section.bind:
            return (
                user.lower() if _bound(connection, _named(section.bind, user), password) else None
            )
        entry = _entry(connection, section, user)
        if entry is None or not _bound(connection, entry["dn"], password):
            return None
        values = entry["attributes"].get(section.address) if section.address else None
        found = values[0] if isinstance(values, list) and values else values or user
        return str(found).lower()


def _plain(user: str) -> bool:
    """Whether it is written as names are. A directory folds width, case and blanks (RFC 4518), and
    each of the spellings would have tries of its own."""
    folded = " ".join(unicodedata.normalize("NFKC", user).split())
    return user == folded and user.isprintable() and 0 < len(user) <= 256


def _named(template: str, user: str) -> str:
    """Escaped where the template is a distinguished name (RFC 4514 §2.4).

    >>> _named("uid={user},dc=example", "taro,ou=x")
    'uid=taro\\\\2cou\\\\3dx,dc=example'
    >>> _named("{user}@example.co.jp", "taro")
    'taro@example.co.jp'
    """
    if "=" in template:
        user = _IN_A_DN.sub(lambda found: f"\\{ord(found[0]):02x}", user)
    return template.replace("{user}", user)


def _entry(connection: Any, section: Ldap, user: str) -> Any:
    """The one entry of that name, or None. Raises Undecided where several have it: whose password
    would be asked for?"""
    if section.user and not _bound(connection, section.user, _secret(section)):
        raise Undecided("the directory does not let smtp.ldap.user in")
    wanted = section.filter.replace("{user}", escape_filter_chars(user))
    attributes = [section.address] if section.address else []
    try:
        connection.search(section.base, wanted, attributes=attributes, size_limit=2)
    except LDAPException as error:
        raise Undecided(_words(error)) from None
    if connection.result["result"] not in (0, 4):  # success, sizeLimitExceeded
        raise Undecided(f"{connection.result['description']} in a search below smtp.ldap.base")
    entries = [each for each in connection.response if each["type"] == "searchResEntry"]
    if len(entries) > 1:
        raise Undecided("smtp.ldap.filter finds several entries for one name")
    return entries[0] if entries else None


def _secret(section: Ldap) -> bytes:
    return section.password.get_secret_value().encode() if section.password else b""


def _bound(connection: Any, name: str, password: bytes) -> bool:
    try:
        connection.rebind(name, password, read_server_info=False)
    except LDAPException as error:
        raise Undecided(_words(error)) from None
    if (result := connection.result["result"]) and result not in _REFUSED:
        raise Undecided(f"{connection.result['description']} in answer to a bind")
    return not result


@contextmanager
def _connected(section: Ldap) -> Iterator[Any]:
    """Referrals are not followed: ldap3 would hand the password to whomever they name."""
    context = ssl.create_default_context(cafile=section.ca_file)
    server = ldap3.Server(
        section.url, get_info=ldap3.NONE, connect_timeout=CONNECT, tls=_Checked(context)
    )
    connection = ldap3.Connection(
        server, auto_referrals=False, receive_timeout=ANSWER, check_names=False
    )
    try:
        connection.open(read_server_info=False)
        if section.encrypted and not server.ssl:
            connection.start_tls(read_server_info=False)
        if section.encrypted and not isinstance(connection.socket, ssl.SSLSocket):
            raise Undecided("no TLS")
        yield connection
    except LDAPException as error:
        raise Undecided(_words(error)) from None
    finally:
        connection.strategy.close()
        if connection.socket:  # left open where it could not connect
            connection.socket.close()


def _words(error: LDAPException) -> str:
    """Its kind and the first line of what it says."""
    said = str(error.args[0] if error.args else "").partition("\n")[0]
    return f"{type(error).__name__}: {said}"
