"""Treatments that write into what leaves, with real scan workers; octets are compared."""

from __future__ import annotations

import email
from email import policy

import pytest
from sqlalchemy import select

from bridge import heading
from gateway.judgement.policy.rules import Treatment
from gateway.memory.tables import LedgerDetail, LedgerEntry, table
from tests.bridge.letters import attached, entity, multipart
from tests.bridge.parcels import letter, verbs
from tests.bridge.test_seal import (
    committer,
    consignments,
    leaving,
    one,
    parcels,
    sandbox,
    sealed,
    stage,
)
from tests.samples import message

__all__ = ["committer", "sandbox", "stage"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

SATO, SUZUKI, INSIDE = "sato@one.example", "suzuki@two.example", "ito@example.co.jp"
ALL = {SATO: False, SUZUKI: False, INSIDE: True}
FOOTER = "この電子メールは、宛先の方だけにお送りしています。\n総務課 03-1234-5678"
ENTRY, DETAIL = table(LedgerEntry), table(LedgerDetail)


def shown() -> bytes:
    return message("お知らせ", "本文です。\n", to=[SATO, INSIDE], cc=[SUZUKI])


def out(memory, address):
    (row,) = (row for row, to in consignments(memory) if address in to)
    return leaving(memory, row["id"])


async def test_it_works(memory, stage):
    raw = shown()
    id = letter(memory, raw, ALL, treatment=Treatment(bcc=True))
    await sealed(stage)
    copy = out(memory, SATO)
    mail = email.message_from_bytes(copy, policy=policy.default)
    assert (mail["To"], mail["Cc"]) == (INSIDE, None)
    assert copy == heading.unnamed(raw, lambda a: a == INSIDE)
    assert copy.partition(b"\r\n\r\n")[2] == raw.partition(b"\r\n\r\n")[2]
    assert sorted(sorted(to) for _, to in consignments(memory)) == [[INSIDE], [SATO, SUZUKI]]
    assert out(memory, INSIDE) == raw and one(memory, id)["state"] == "queued"
    assert parcels(memory) == []


async def test_one_copy_each_names_its_own_recipient_alone(memory, stage):
    letter(memory, shown(), ALL, treatment=Treatment(one_each=True))
    await sealed(stage)
    for who, other in ((SATO, SUZUKI), (SUZUKI, SATO)):
        header = out(memory, who).partition(b"\r\n\r\n")[0]
        assert who.encode() in header and other.encode() not in header
    assert len(consignments(memory)) == 3


async def test_an_archive_gets_a_copy(memory, stage):
    wanted = Treatment(add_bcc=("archive@example.co.jp",), add_cc=(INSIDE,))
    id = letter(memory, shown(), {SATO: False, SUZUKI: False}, treatment=wanted)
    await sealed(stage)
    sent = {to: row for row, addresses in consignments(memory) for to in addresses}
    assert set(sent) == {SATO, SUZUKI, "archive@example.co.jp", INSIDE}
    assert b"archive" not in out(memory, SATO) and INSIDE.encode() in out(memory, SATO)
    assert verbs(memory, id).count("copied") == 2
    assert sent["archive@example.co.jp"]["state"] == "queued"


@pytest.mark.parametrize("key", ["add_cc", "add_bcc"])
async def test_where_a_copy_would_go_outside_nothing_leaves(memory, stage, clock, key):
    wanted = Treatment(**{key: ("spy@else.example",)})
    id = letter(memory, shown(), {SATO: False}, treatment=wanted)
    for _ in range(3):
        await sealed(stage)
        clock.forward(minutes=2)
    held = one(memory, id)
    assert (held["state"], held["reason"]) == ("held", "sealing_failed")
    assert not any("spy@else.example" in to for _, to in consignments(memory))


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp", "shift_jis", "us-ascii"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "7bit", "8bit"])
async def test_a_footer_stands_below_every_text_in_its_own_charset(
    memory, stage, charset, encoding
):
    words = "Dear all," if charset == "us-ascii" else "各位、お世話になります。"
    if encoding == "7bit" and charset in ("utf-8", "shift_jis"):
        pytest.skip("such text is not of seven bits")
    if encoding == "8bit" and charset == "us-ascii":
        encoding = "7bit"
    plain = entity(f"text/plain; charset={charset}", f"{words}\r\n".encode(charset), encoding)
    page = f"<html><body><p>{words}</p></body></html>\r\n".encode(charset)
    html = entity(f"text/html; charset={charset}", page, encoding)
    inside = multipart("mixed", "b1", multipart("alternative", "b2", plain, html), attached())
    head = f"From: h@example.co.jp\r\nTo: {SATO}\r\nSubject: x\r\nMIME-Version: 1.0\r\n".encode()
    raw = head + inside
    id = letter(memory, raw, {SATO: False}, treatment=Treatment(footer=FOOTER, header="社外秘"))
    await sealed(stage)
    assert one(memory, id)["state"] == "queued"
    mail = email.message_from_bytes(leaving(memory, id), policy=policy.default)
    first, second, file = (part for part in mail.walk() if not part.is_multipart())
    text, page = (part.get_content().replace("\r\n", "\n") for part in (first, second))
    assert text.startswith("社外秘\n") and words in text
    assert text.rstrip().endswith(FOOTER) and text.index(words) < text.index(FOOTER)
    assert page.index(words) < page.index("&#32207;&#21209;&#35506;") < page.index("</body>")
    assert file.get_payload(decode=True) == attached_data(raw)


def attached_data(raw):
    *_, last = email.message_from_bytes(raw, policy=policy.default).walk()
    return last.get_payload(decode=True)


async def test_a_signed_mail_is_never_written_into(memory, stage):
    text = entity("text/plain; charset=utf-8", "署名付き\r\n".encode(), "base64")
    pkcs = entity("application/pkcs7-signature; name=smime.p7s", b"\x30\x82" * 40, "base64")
    body = multipart("signed", "s", text, pkcs).replace(
        b'boundary="s"', b'protocol="application/pkcs7-signature"; micalg=sha-256; boundary="s"'
    )
    head = f"From: h@example.co.jp\r\nTo: {SATO}, {SUZUKI}\r\nSubject: x\r\n".encode()
    raw = head + b"MIME-Version: 1.0\r\n" + body
    id = letter(memory, raw, {SATO: False}, treatment=Treatment(footer=FOOTER, bcc=True))
    await sealed(stage)
    sent = leaving(memory, id)
    assert one(memory, id)["state"] == "queued"
    assert sent[sent.index(b"Content-Type") :] == raw[raw.index(b"Content-Type") :]
    assert SATO.encode() not in sent and heading.NOBODY in sent
    assert '"unwritten":["footer"]' in sealed_facts(memory)


def sealed_facts(memory):
    """Details of the one entry that says that it was sealed."""
    with memory.store.read() as session:
        query = select(DETAIL).join(ENTRY, DETAIL.c.seq == ENTRY.c.seq)
        (row,) = session.connection().execute(query.where(ENTRY.c.verb == "sealed")).mappings()
    return str(dict(row))


async def test_bridge_and_conversion_go_together(memory, stage):
    raw = message("給与", "お送りします。", [("a.csv", b"x,y\r\n")], to=[SATO, SUZUKI])
    wanted = Treatment(bridge="attachments", one_each=True, mark="【社外】", footer=FOOTER)
    letter(memory, raw, {SATO: False, SUZUKI: False}, treatment=wanted)
    await sealed(stage)
    assert len(parcels(memory)) == 2
    mail = email.message_from_bytes(out(memory, SATO), policy=policy.default)
    assert mail["To"] == SATO and mail["Subject"] == "【社外】給与"
    text = mail.get_body(("plain",)).get_content()
    assert "受取番号" in text and FOOTER in text.replace("\r\n", "\n")


async def test_a_header_that_cannot_be_cut_is_held(memory, stage, clock):
    raw = shown().replace(b"Subject:", b"no field at all\r\nSubject:", 1)
    id = letter(memory, raw, {SATO: False}, treatment=Treatment(bcc=True))
    for _ in range(3):
        await sealed(stage)
        clock.forward(minutes=2)
    assert one(memory, id)["state"] == "held"
