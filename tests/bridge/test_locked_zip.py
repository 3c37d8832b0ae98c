"""The encrypted ZIP: what is in it, what stands around it, and where its password is."""

from __future__ import annotations

import email
import io
import zipfile
from datetime import UTC, datetime
from email import policy

import pytest
import pyzipper
from sqlalchemy import select, update

from bridge import erasing, locked_zip, password, splice, zip_part
from bridge.head import Words
from bridge.packing import Content
from detectors import inspect
from gateway.judgement.dossier import CONSIGNMENT
from gateway.judgement.policy.rules import Treatment
from gateway.memory.letters import LETTER
from gateway.memory.states import Actor, State
from gateway.memory.tables import LedgerDetail, table
from tests.bridge.letters import FILE, PNG, attached, entity, mail, multipart
from tests.bridge.parcels import SATO, letter, own_mails, verbs
from tests.bridge.test_seal import (
    committer,
    consignments,
    csv,
    leaving,
    one,
    parcels,
    payroll,
    sandbox,
    sealed,
    stage,
    text_of,
)
from tests.samples import encrypted_zip, individual_number, message

__all__ = ["committer", "sandbox", "stage"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

ZIP = Treatment(zip=True)
ITO, BOSS = "ito@other.example", "boss@example.co.jp"
AT = datetime(2026, 11, 20, 14, 18, tzinfo=UTC)
HANAKO = Actor("person", "yamada")


def told(memory, id):
    with memory.store.write() as tx:
        return password.tell(tx, memory, id, HANAKO)


def attachments(raw):
    read = email.message_from_bytes(raw, policy=policy.default)
    return {part.get_filename(): part.get_content() for part in read.iter_attachments()}


def opened(data, secret):
    with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
        archive.setpassword(secret.encode())
        return {name: archive.read(name) for name in archive.namelist()}


async def test_it_works(memory, stage):
    raw = payroll()
    id = letter(memory, raw, {SATO: False, ITO: False, BOSS: True}, treatment=ZIP)
    await sealed(stage)
    (inside,) = (row["id"] for row, to in consignments(memory) if to == [BOSS])
    assert leaving(memory, inside) == raw and parcels(memory) == []
    out, (known,) = leaving(memory, id), told(memory, id)
    assert (known.name, set(known.recipients)) == (f"attachments-{id}.zip", {SATO, ITO})
    ((name, data),) = attachments(out).items()
    assert name == known.name
    assert opened(data, known.password) == {
        "一覧 2026.csv": csv(),
        "ご案内.txt": "案内です".encode(),
    }
    text = text_of(out)
    assert "お送りします。" in text and "お電話など、メール以外の方法で" in text
    assert "Windows Explorer" in text and "by telephone or another way, not by mail" in text
    assert individual_number(1).encode() not in out
    assert verbs(memory, id)[-1] == "password.shown" and "sealed" in verbs(memory, id)


async def test_the_password_is_in_no_mail_record_or_row(memory, stage):
    id = letter(memory, payroll(), {SATO: False}, treatment=ZIP)
    await sealed(stage)
    (known,) = told(memory, id)
    spellings = (known.password, " ".join(known.groups), "-".join(known.groups))
    (notice,) = own_mails(memory, "zipped")
    assert "/confirm/" in notice and "暗号化ZIP" in notice
    with memory.store.read() as session:
        details = session.connection().execute(select(table(LedgerDetail).c.details)).scalars()
        everything = [notice, text_of(leaving(memory, id)), *map(str, details)]
    assert not any(each in text for each in spellings for text in everything)
    assert known.password not in repr(known)
    assert known.password.encode() not in one(memory, id)["password"]


async def test_each_copy_has_a_password_of_its_own_and_one_notice_is_enough(memory, stage):
    each = Treatment(zip=True, one_each=True, mark="【社外】", footer="株式会社サンプル")
    id = letter(memory, payroll(), {SATO: False, ITO: False}, treatment=each)
    await sealed(stage)
    one_, other = told(memory, id)
    assert {one_.recipients, other.recipients} == {(SATO,), (ITO,)}
    assert one_.password != other.password and len(own_mails(memory, "zipped")) == 1
    mail_ = email.message_from_bytes(leaving(memory, id), policy=policy.default)
    assert mail_["Subject"].startswith("【社外】") and len(attachments(leaving(memory, id))) == 1
    assert "株式会社サンプル" in text_of(leaving(memory, id)).splitlines()[-1]


SIGNED = multipart(
    "signed",
    "s",
    multipart("mixed", "b", entity("text/plain", b"a"), attached()),
    entity("application/pgp-signature", b"x"),
)
NUMBERED = [(f"個人番号_{individual_number(4)}.csv", b"a,b\r\n")]


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (message("a number in a file's name", "本文", NUMBERED, to=SATO), "attachments"),
        (mail(SIGNED), "whole"),
        (
            mail(multipart("alternative", "b", entity("text/plain", b"a"), attached())),
            "attachments",
        ),
    ],
    ids=["a number in a file's name", "signed", "no place for a file"],
)
async def test_what_a_zip_cannot_do_is_a_link_for_each(memory, stage, raw, form):
    id = letter(memory, raw, {SATO: False, ITO: False, BOSS: True}, treatment=ZIP)
    await sealed(stage)
    assert [(row["recipient"], row["form"]) for row in parcels(memory)] == [
        (ITO, form),
        (SATO, form),
    ]
    assert told(memory, id) == () and "linked_instead" in verbs(memory, id)


async def test_what_breaks_before_it_is_written_down_is_made_again(
    memory, stage, clock, monkeypatch
):
    id = letter(memory, payroll(), {SATO: False}, treatment=ZIP)
    with monkeypatch.context() as broken:
        broken.delattr("gateway.judgement.notice.zipped")
        await sealed(stage)
    row = one(memory, id)
    assert (row["state"], row["rendition"], row["password"]) == ("released", "", None)
    clock.forward(seconds=6)
    await sealed(stage)
    (known,) = told(memory, id)
    assert set(opened(attachments(leaving(memory, id))[known.name], known.password))


async def test_where_nobody_would_see_the_password_it_is_a_link_each(memory, stage):
    id = letter(memory, payroll(), {SATO: False, ITO: False}, treatment=ZIP)
    with memory.store.write() as tx:
        nobody = {"sender_id": "", "sender_address": "unknown@example.co.jp"}
        tx.conn.execute(update(LETTER).where(LETTER.c.id == id).values(**nobody))
    await sealed(stage)
    assert [(row["recipient"], row["form"]) for row in parcels(memory)] == [
        (ITO, "attachments"),
        (SATO, "attachments"),
    ]
    assert attachments(leaving(memory, id)) == {} and "linked_instead" in verbs(memory, id)


async def test_a_zip_with_a_password_is_put_into_no_second_one(memory, stage):
    locked = encrypted_zip({"a.txt": b"secret"}, "himitsu")
    raw = message("件", "本文", [("先.zip", locked), ("表.csv", b"a,b\r\n")], to=SATO)
    id = letter(memory, raw, {SATO: False}, treatment=ZIP)
    await sealed(stage)
    (known,) = told(memory, id)
    left = attachments(leaving(memory, id))
    assert left.pop("先.zip") == locked and set(left) == {known.name}
    assert opened(left[known.name], known.password) == {"表.csv": b"a,b\r\n"}


@pytest.mark.parametrize("left", [True, False])
async def test_the_password_outlives_the_content_and_goes_with_its_day(memory, stage, clock, left):
    id = letter(memory, payroll(), {SATO: False}, treatment=ZIP)
    await sealed(stage)
    ended = State.DONE if left else State.WITHDRAWN
    with memory.store.write() as tx:
        tx.conn.execute(update(CONSIGNMENT).values(state=ended.value))
    clock.forward(minutes=1)
    with memory.store.write() as tx:
        assert erasing.due_letters(tx, memory) == 2  # the mail, and its notice
    assert len(told(memory, id)) == left
    clock.forward(days=memory.config.bridge.open_days + 1)
    with memory.store.write() as tx:
        erasing.past_epochs(tx, memory)
    assert told(memory, id) == () and one(memory, id)["password"] is None


# -- names


def files(*names):
    return [Content(name, "text/plain", b"x") for name in names]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (("../../一覧.xlsx", "/etc/passwd", "C:\\a.txt"), None),
        (("a\0.txt", "\u202exslx.exe", "..", " . "), None),
        (("nul", "CON.txt", "console.txt"), ["_nul", "_CON.txt", "console.txt"]),
        (("一覧.xlsx",) * 3, ["一覧.xlsx", "一覧 (2).xlsx", "一覧 (3).xlsx"]),
        (("A.txt", "a.TXT", "a (2).TXT"), ["A.txt", "a (2).TXT", "a (2) (2).TXT"]),
        (("か\u3099.txt", ""), ["が.txt", "2"]),
    ],
)
async def test_no_name_leads_elsewhere_or_hides_another(given, written):
    names = [file.name for file in locked_zip.named(files(*given))]
    assert len({name.casefold() for name in names}) == len(given)
    assert written is None or names == written
    assert not any(set(name) & set("/\\:\0\u202e") or name.strip(". ") == "" for name in names)


@pytest.mark.parametrize("cp932", [False, True])
async def test_names_are_written_as_the_recipient_reads_them(cp932):
    data = locked_zip.lock(files("一覧表.xlsx", "a.txt", "𠮷野.txt"), "AHJK", AT, cp932=cp932)
    infos = zipfile.ZipFile(io.BytesIO(data)).infolist()
    written = [
        info.filename if info.flag_bits & 0x800 else info.filename.encode("cp437").decode("cp932")
        for info in infos
    ]
    assert written == ["一覧表.xlsx", "a.txt", "𠮷野.txt"]
    assert [bool(info.flag_bits & 0x800) for info in infos] == [not cp932, False, True]
    assert all(info.flag_bits & 1 and info.CRC == 0 for info in infos)  # AE-2
    assert {fact.reason.params["whole"] for fact in facts_of(data)} == {True}


def facts_of(data):
    read = inspect(message("件", "本文", [("a.zip", data)]))
    assert not read.has("ambiguous")
    return [fact for fact in read.facts if fact.name == "uninspectable"]


async def test_a_password_is_told_easily_and_never_a_number():
    made = [password.new() for _ in range(300)]
    assert len(set(made)) == 300 and {len(each) for each in made} == {18}
    assert not set("".join(made)) & set("01ABCDEFGINOPQSTVZ")
    assert all(not each[at : at + 3].isdigit() for each in made for at in range(0, 18, 3))


# -- its place in the mail

NOTE = Words("読んでください\n", "<p>note</p>\n")
PART = zip_part.part("z.zip", FILE)
TEXT = entity("text/plain; charset=utf-8", "本文\r\n".encode(), "8bit")
INLINE = entity("image/png", PNG, "base64", "Content-ID: <1>", "Content-Disposition: inline")


@pytest.mark.parametrize(
    ("raw", "kinds"),
    [
        (mail(multipart("mixed", "b", TEXT, attached(), attached("y"))), "text zip"),
        (mail(multipart("mixed", "b", attached(), TEXT)), "zip text"),
        (mail(attached()), "text zip"),
        (mail(multipart("mixed", "b", attached(), attached("y"))), "text zip"),
        (
            mail(multipart("mixed", "b", multipart("related", "r", TEXT, INLINE), attached())),
            "text png zip",
        ),
        (mail(multipart("related", "r", TEXT, INLINE, attached())), "text png zip"),
    ],
)
async def test_the_zip_stands_where_the_files_stood(raw, kinds):
    report = inspect(raw)
    taken = frozenset(part.path for part in report.attachments)
    out = splice.take_out(raw, report, taken, NOTE, PART)
    after = inspect(out)
    assert not after.defects
    read = [p for p in email.message_from_bytes(out).walk() if not p.is_multipart()]
    assert [p.get_content_type().rpartition("/")[2].replace("plain", "text") for p in read] == (
        kinds.split()
    )
    (locked,) = (p for p in read if p.get_content_subtype() == "zip")
    assert locked.get_payload(decode=True) == FILE and locked.get_filename() == "z.zip"
    (text,) = (p for p in read if p.get_content_maintype() == "text")
    assert text.get_payload(decode=True).decode().startswith("読んでください")
