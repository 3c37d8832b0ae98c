"""Accounts of a directory, proven on a real OpenLDAP server."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
import trustme

from gateway.mail import ldap
from gateway.mail.ldap import Undecided, proves, works
from gateway.memory.entrance import Ldap
from tests.gateway.mail.slapd import ASCII, GATE, PASSWORD, PEOPLE, SECRET, Slapd

pytestmark = [pytest.mark.slow, pytest.mark.needs("slapd")]

RIGHT = PASSWORD.encode()


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with Slapd(tmp_path_factory.mktemp("slapd")) as running:
        yield running


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("LDAP_SECRET", SECRET)
    return {"env": "LDAP_SECRET"}


def section(slapd: Slapd, **changes: object) -> Ldap:
    known = {"url": slapd.tls, "ca_file": slapd.ca_file, "base": PEOPLE, "filter": "(uid={user})"}
    return Ldap.model_validate({**known, **changes})


def by_name(slapd: Slapd, **changes: object) -> Ldap:
    return section(slapd, base="", bind=f"cn={{user}},{PEOPLE}", **changes)


async def test_it_works(slapd: Slapd, secret: dict[str, str]) -> None:
    served = section(slapd, user=GATE, password=secret)
    assert await proves(served, "taro", RIGHT) == "taro@example.co.jp"
    assert await proves(served, "taro", b"wrong") is None
    assert await proves(served, "nobody", RIGHT) is None
    await works(served)


async def test_each_way_to_ask_and_to_connect(slapd: Slapd) -> None:
    for url, tls in ((slapd.tls, "verify"), (slapd.plain, "verify"), (slapd.plain, "none")):
        for asking, address in ((section, "hanako@example.co.jp"), (by_name, "hanako")):
            asked = asking(slapd, url=url, tls=tls)
            assert await proves(asked, "hanako", ASCII.encode()) == address
            assert await proves(asked, "hanako", b"wrong") is None
            await works(asked)
    assert await proves(section(slapd, address=""), "Hanako", ASCII.encode()) == "hanako"


@pytest.mark.parametrize("password", [b"", b"\0", b"\0" + RIGHT, "\u00ad".encode()])
async def test_no_password_is_no_proof(slapd: Slapd, password: bytes) -> None:
    """This server lets one in as nobody with an empty one (RFC 4513 §5.1.2), and one of a soft
    hyphen is empty to who prepares it (RFC 4013)."""
    for asked in (section(slapd), by_name(slapd)):
        assert await proves(asked, "taro", password) is None


@pytest.mark.parametrize(
    "name",
    ["", "*", "tar*", "taro)(uid=*", "*)(|(uid=*", "taro\\2a", "taro\0", "\\74aro", "(taro)",
     "taro,ou=people", "taro+sn=taro", "cn=taro", "x" * 300],
)  # fmt: skip
async def test_a_name_is_never_more_than_a_name(slapd: Slapd, name: str) -> None:
    for asked in (section(slapd), by_name(slapd)):
        assert await proves(asked, name, RIGHT) is None


@pytest.mark.parametrize("name", ["taro ", " taro", "ｔａｒｏ", "ta\u00adro", "taro\u200b"])
async def test_a_name_has_one_spelling(slapd: Slapd, name: str) -> None:
    """The directory takes some of these for the same; guesses are counted by name."""
    for asked in (section(slapd), by_name(slapd)):
        assert await proves(asked, name, RIGHT) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user": GATE, "password": {"env": "WRONG"}}, "does not let smtp.ldap.user in"),
        ({"base": "dc=other"}, "noSuchObject"),
        ({"filter": "(uid={user}"}, "LDAPInvalidFilter"),
        ({"url": "ldaps://127.0.0.1:1"}, "LDAPSocketOpen"),
        ({"bind": "{user}", "base": ""}, "invalidDNSyntax"),
    ],
)
async def test_trouble_of_the_directory_says_nothing_about_a_password(
    slapd: Slapd, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], said: str
) -> None:
    monkeypatch.setenv("WRONG", "wrong")
    for act in (proves(section(slapd, **changes), "taro", RIGHT), works(section(slapd, **changes))):
        with pytest.raises(Undecided, match=said) as told:
            await act
        assert PASSWORD not in str(told.value) and "taro" not in str(told.value)


async def test_two_entries_of_one_name_prove_nothing(slapd: Slapd) -> None:
    with pytest.raises(Undecided, match="several"):
        await proves(section(slapd), "double", RIGHT)


async def test_the_log_says_what_is_wrong_with_the_directory(
    slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Undecided):
        await proves(section(slapd), "double", RIGHT)
    assert "smtp.ldap.filter finds several entries" in caplog.text
    assert "double" not in caplog.text and PASSWORD not in caplog.text


@pytest.mark.parametrize("known", [True, False])
async def test_no_password_goes_to_a_stranger(
    slapd: Slapd, known: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither to a server of an unknown authority, nor to one with another's name."""
    other = tmp_path_factory.mktemp("ca") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    ca_file = slapd.ca_file if known else other
    for url in (slapd.tls, slapd.plain):
        if known:  # its certificate is for the address alone
            url = url.replace("127.0.0.1", "localhost")
        for asking in (section, by_name):
            with pytest.raises(Undecided, match="CERTIFICATE_VERIFY_FAILED"):
                await proves(asking(slapd, url=url, ca_file=ca_file), "taro", RIGHT)


async def test_a_server_without_tls_or_word_gets_no_password_and_holds_up_nobody(
    slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap, "ANSWER", 1)
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def listen() -> None:
            guest, _ = silent.accept()
            with guest:
                while more := guest.recv(4096):
                    heard.extend(more)

        listener = threading.Thread(target=listen)
        listener.start()
        url = f"ldap://127.0.0.1:{silent.getsockname()[1]}"
        asked = asyncio.create_task(proves(by_name(slapd, url=url), "taro", RIGHT))
        turns = 0
        while not asked.done():
            await asyncio.sleep(0.01)
            turns += 1
        with pytest.raises(Undecided):
            await asked
        listener.join(10)
    assert turns > 20
    assert b"1.3.6.1.4.1.1466.20037" in heard, "StartTLS was asked for"
    assert RIGHT not in heard and b"taro" not in heard
