"""Proof of tenant: ours gets in and loses its proof, another tenant's does not get in."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.listener import Refusal
from gateway.mail.tenant import LONGEST_HEADER, Tenant

SECRET = b"correct-horse-battery"
OURS, THEIRS = "0f3c1a52-7d4b-4f19-9a3e-2b6f0c8d9e11", "99999999-0000-4000-8000-000000000000"
SHARED = (ip_network("40.92.0.0/15"),)
BY_SECRET = Tenant(SHARED, "X-Sekisho-Tenant", SECRET)
BY_ID = Tenant(SHARED, microsoft=OURS)
BOTH = Tenant(SHARED, "X-Sekisho-Tenant", SECRET, OURS)
GIVEN = b"X-Sekisho-Tenant: " + SECRET + b"\r\n"
STAMP = f"X-MS-Exchange-CrossTenant-Id: {OURS.upper()}\r\n".encode()
FOREIGN = f"X-MS-Exchange-CrossTenant-Id: {THEIRS}\r\n".encode()
REST = b"Subject: a\r\n b\r\n\r\nX-Sekisho-Tenant: stays in a body\r\n"
MICROSOFT = "40.92.3.4"


def passed(tenant: Tenant, raw: bytes, step: int = 0, client: str = MICROSOFT) -> bytes:
    """What is kept of `raw`, handed over in blocks of `step` octets."""
    opening = tenant.opening(client, None)
    assert opening
    blocks = [raw[at : at + step] for at in range(0, len(raw), step)] if step else [raw]
    return b"".join([*map(opening.feed, blocks), opening.end()])


def test_it_works() -> None:
    assert passed(BY_SECRET, b"From: a\r\n" + GIVEN + REST) == b"From: a\r\n" + REST


@pytest.mark.parametrize(
    ("tenant", "header"),
    [
        (BY_SECRET, GIVEN),
        (BY_SECRET, b"x-sekisho-tenant\t:\r\n " + SECRET + b"\r\n"),
        (BY_SECRET, GIVEN + GIVEN),
        (BY_ID, STAMP),
        (BY_ID, STAMP + STAMP),
        (BOTH, STAMP + GIVEN),
    ],
)
def test_proven(tenant: Tenant, header: bytes) -> None:
    kept = passed(tenant, header + REST)
    assert kept.endswith(REST) and SECRET not in kept
    assert kept.count(b"CrossTenant-Id") == header.count(b"CrossTenant-Id")


@pytest.mark.parametrize(
    ("tenant", "header"),
    [
        (BY_SECRET, b""),
        (BY_SECRET, b"X-Sekisho-Tenant: " + SECRET[:-1] + b"\r\n"),
        (BY_SECRET, b"X-Sekisho-Tenant: " + SECRET + b"x\r\n"),
        (BY_SECRET, b"X-Sekisho-Tenant:\r\n"),
        (BY_SECRET, b"X-Sekisho-Tenants: " + SECRET + b"\r\n"),
        (BY_SECRET, b"X-Other: X-Sekisho-Tenant: " + SECRET + b"\r\n"),
        (BY_SECRET, b"X-Other: a\r\n X-Sekisho-Tenant: " + SECRET + b"\r\n"),
        (BY_SECRET, GIVEN + b"X-Sekisho-Tenant: guess\r\n"),
        (BY_SECRET, STAMP),
        (BY_ID, b""),
        (BY_ID, FOREIGN),
        (BY_ID, FOREIGN + STAMP),
        (BY_ID, STAMP + FOREIGN),
        (BY_ID, GIVEN),
        (BOTH, STAMP),
        (BOTH, GIVEN),
        (BOTH, GIVEN + FOREIGN),
    ],
)
def test_not_proven(tenant: Tenant, header: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        passed(tenant, header + REST)
    assert (refused.value.reply.code, refused.value.reply.status) == (550, "5.7.1")


@pytest.mark.parametrize("raw", [b"\r\n" + GIVEN, REST + b"\r\n" + GIVEN])
def test_a_proof_in_the_body_is_none(raw: bytes) -> None:
    with pytest.raises(Refusal):
        passed(BY_SECRET, raw)


def test_others_need_no_proof_but_the_secret_is_taken_out_all_the_same() -> None:
    assert passed(BY_SECRET, GIVEN + REST, client="192.0.2.9") == REST
    assert BY_ID.opening("192.0.2.9", None) is None
    assert BY_SECRET.opening("::ffff:40.92.3.4", None)
    signed_in = BY_SECRET.opening(MICROSOFT, "taro@example.co.jp")
    assert signed_in and signed_in.feed(REST) == REST


def test_a_copy_needs_no_secret_where_the_id_is_known() -> None:
    copy = BOTH.opening(MICROSOFT, None, copy=True)
    assert copy and copy.feed(STAMP + REST) == STAMP + REST
    for tenant, header in ((BOTH, FOREIGN), (BOTH, b""), (BY_SECRET, STAMP)):
        opening = tenant.opening(MICROSOFT, None, copy=True)
        assert opening
        with pytest.raises(Refusal):
            opening.feed(header + REST)


def test_a_header_without_end_is_refused() -> None:
    opening = BY_SECRET.opening(MICROSOFT, None)
    assert opening
    with pytest.raises(Refusal, match="header longer"):
        for _ in range(LONGEST_HEADER // 1000 + 2):
            opening.feed(b"X: " + b"a" * 1000 + b"\r\n")


def test_a_mail_of_header_alone() -> None:
    assert passed(BY_SECRET, GIVEN + b"Subject: a\r\n") == b"Subject: a\r\n"


_LINES = st.lists(
    st.sampled_from([GIVEN, STAMP, b"A: b\r\n", b" fold\r\n", b"\r\n", b"no field\r\n", b":\r\n"])
)


@given(lines=_LINES, step=st.integers(1, 60))
def test_however_it_is_cut_only_the_proof_is_missing(lines: list[bytes], step: int) -> None:
    raw = b"".join(lines)
    kept = passed(BY_SECRET, raw, step, "192.0.2.9")
    assert kept == passed(BY_SECRET, raw, 0, "192.0.2.9")
    if raw.startswith(b"\r\n"):
        assert kept == raw
        return
    body = raw.partition(b"\r\n\r\n")[2]
    assert kept.endswith(body) and SECRET not in kept[: len(kept) - len(body)]
    assert set(kept.split(b"\r\n")) <= set(raw.split(b"\r\n"))
