"""Accounts of the next hop, proven on a real server that wants TLS first."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import aiosmtplib
import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword

from gateway.mail.elsewhere import proves
from gateway.mail.route import Hop, Host
from tests.smtpd import Peer


def _known(
    server: object, session: object, envelope: object, mechanism: str, data: object
) -> AuthResult:
    """One account, and another for which the server is out of order."""
    assert isinstance(data, LoginPassword)
    if data.login == b"busy":
        return AuthResult(success=False, handled=False, message="454 4.7.0 later")
    return AuthResult(success=(data.login, data.password) == (b"taro", b"p w"), handled=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def hop(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hop]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file: Path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    with Peer(tls_context=context, authenticator=_known).serving() as port:
        yield Hop("peer", (Host("127.0.0.1", port, "verify"),), "verify", ca_file=ca_file)


async def test_it_works(hop: Hop) -> None:
    assert await proves(hop, "gate.example.co.jp", "taro", "p w")
    assert not await proves(hop, "gate.example.co.jp", "taro", "wrong")


async def test_a_server_that_is_out_of_order_says_nothing_about_a_password(hop: Hop) -> None:
    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await proves(hop, "gate.example.co.jp", "busy", "p w")


async def test_no_password_goes_to_a_stranger(hop: Hop) -> None:
    with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError)):
        await proves(replace(hop, ca_file=None), "gate.example.co.jp", "taro", "p w")
