"""Our signatures, verified by another implementation."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.dkim import BadKey, Key, Signer, read
from gateway.memory.config import DkimSection
from tests import samples

NOW = datetime(2024, 11, 21, 5, 18, tzinfo=UTC)
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED = ed25519.Ed25519PrivateKey.generate()
HEADER = b"From: =?utf-8?b?6Iqx5a2Q?= <hanako@example.co.jp>\r\nSubject: a\r\nTo: b@c.example\r\n"


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("dkim")
    for name, key in (("rsa", RSA), ("other", OTHER), ("ed", ED)):
        (made / name).write_bytes(pem(key))
    return made


def pem(key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def section(folder: Path, file="rsa", domain="example.co.jp", selector="s1", since=""):
    return DkimSection(domain=domain, selector=selector, key=folder / file, **{"from": since})


def signed(message: bytes, *sections: DkimSection, now=NOW) -> bytes:
    return Signer(sections).sign(message, now)


def holds(message: bytes, *sections: DkimSection, index: int = 0) -> bool:
    records = {read(each).name: read(each).record for each in sections}

    def dns(name: bytes, timeout: int = 5) -> bytes | None:
        found = records.get(name.decode().rstrip("."))
        return found.encode() if found else None

    try:
        return dkim.DKIM(message).verify(idx=index, dnsfunc=dns)
    except dkim.ValidationError:
        return False


def test_it_works(folder):
    mine = section(folder)
    made = signed(samples.message("見積書", "本文です。\n"), mine)
    assert made.startswith(b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.co.jp")
    assert holds(made, mine) and made.endswith(samples.message("見積書", "本文です。\n"))
    assert max(map(len, made.split(b"\r\n"))) < 100


def test_a_domain_may_have_both_kinds_of_keys(folder):
    both = section(folder), section(folder, "ed", selector="e1")
    made = signed(HEADER + b"\r\nbody\r\n", *both)
    assert made.count(b"DKIM-Signature:") == 2
    assert holds(made, *both, index=0) and holds(made, *both, index=1)


@pytest.mark.parametrize(
    ("day", "selector"), [(20, "old"), (22, "old"), (23, "new"), (24, "new"), (29, "new")]
)
def test_the_newest_key_whose_day_has_come_in_tokyo_signs(folder, day, selector):
    keys = (
        section(folder, selector="old"),
        section(folder, "other", selector="new", since="2024-11-23"),
        section(folder, "other", selector="next", since="2025-01-01"),
    )
    made = signed(HEADER + b"\r\nbody\r\n", *keys, now=datetime(2024, 11, day, 14, 0, tzinfo=UTC))
    assert f"s={selector};".encode() in made and holds(made, *keys)


def test_at_midnight_in_tokyo_the_next_day_begins(folder):
    keys = section(folder), section(folder, "other", selector="new", since="2024-11-23")
    late = datetime(2024, 11, 22, 15, 30, tzinfo=UTC)
    assert b"s=new;" in signed(HEADER + b"\r\nbody\r\n", *keys, now=late)


@pytest.mark.parametrize(
    ("sender", "by"),
    [
        ("a@example.co.jp", "example.co.jp"),
        ("a@EXAMPLE.co.jp", "example.co.jp"),
        ("a@sales.example.co.jp", "example.co.jp"),
        ("a@x.lab.example.co.jp", "lab.example.co.jp"),
        ("a@myexample.co.jp", ""),
        ("a@example.com", ""),
    ],
)
def test_each_domain_has_its_key(folder, sender, by):
    keys = section(folder), section(folder, "other", "lab.example.co.jp")
    made = signed(f"From: {sender}\r\nSubject: a\r\n\r\nbody\r\n".encode(), *keys)
    assert (b"d=" + by.encode() + b";" in made) if by else made.startswith(b"From:")


@pytest.mark.parametrize(
    "header",
    [b"Subject: none\r\n", HEADER + b"From: x@example.co.jp\r\n",
     b"From: a@example.co.jp, b@other.example\r\n"],
)  # fmt: skip
def test_who_signs_for_nobody_in_particular_signs_not(folder, header):
    message = header + b"\r\nbody\r\n"
    assert signed(message, section(folder)) == message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"body", b"Body"),
        (b"Subject: a", b"Subject: b"),
        (b"From: =", b"From: x@evil.example\r\nFrom: ="),
        (b"Subject: a", b"Subject: new\r\nSubject: a"),
        (b"body\r\n", b"body\r\nmore\r\n"),
    ],
)
def test_what_was_changed_or_put_above_shows(folder, old, new):
    mine = section(folder)
    made = signed(HEADER + b"\r\nbody\r\n", mine)
    assert holds(made, mine)
    assert not holds(made.replace(old, new, 1), mine)


def test_the_senders_own_signature_stays_good_below_ours(folder):
    """What a mail had when it came, and the line that we add above it."""
    theirs = section(folder, "other", "sender.example", "theirs")
    mine = section(folder)
    raw = HEADER + b"\r\nbody\r\n"
    was = dkim.sign(raw, b"theirs", b"sender.example", pem(OTHER), include_headers=[b"from"])
    made = signed(b"Received: from a\r\n\tby b; now\r\n" + was + raw, mine)
    assert holds(made, mine, theirs, index=0) and holds(made, mine, theirs, index=1)


lines = st.lists(st.sampled_from([b"", b" ", b"\t a  b \t", b"x", b".", b"..", b"a" * 90, b"\xe3"]))


@settings(max_examples=60, deadline=None)
@given(lines, st.lists(st.sampled_from([b"Subject: a \t b", b"X: 1", b"To:\r\n\tb@c.example"])))
def test_whatever_the_blanks_another_reader_agrees(folder, body, header):
    mine = section(folder, "ed")
    message = b"\r\n".join([b"From: a@example.co.jp", *header, b"", *body, b""])
    assert holds(signed(message, mine), mine)


def test_a_key_that_cannot_sign_says_why(folder, tmp_path):
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    (tmp_path / "short").write_bytes(pem(short))
    assert isinstance(read(section(tmp_path, "short")), Key)
    (tmp_path / "curve").write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    (tmp_path / "text").write_text("hello")
    for name, why in (("curve", "neither"), ("text", "no private key"), ("none", "is not there")):
        with pytest.raises(BadKey, match=why):
            read(section(tmp_path, name))
