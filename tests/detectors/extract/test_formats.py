"""What is said of each kind of file that is not read; the octets tell, never the name."""

from __future__ import annotations

import random
import re
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from detectors.budget import Limits
from detectors.extract import formats, magic, sniff
from detectors.extract.formats import BY_KIND, FORMATS, Format, Verdict
from detectors.surface import Unread, Unreadable
from tests.detectors.extract.compound import compound
from tests.detectors.extract.reads import nested, refusals, said, surfaces, unread
from tests.samples import zipped

NOISE = random.Random(1).randbytes(400)
NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def at(offset: int, sign: bytes) -> bytes:
    return NOISE[:offset] + sign + NOISE


# kind → octets as the programs that write it begin their files
SHOULD_BE_READ = {
    "mdb": b"\x00\x01\x00\x00Standard Jet DB\x00\x01",
    "mdb of 2007": b"\x00\x01\x00\x00Standard ACE DB\x00\x02",
    "sqlite": b"SQLite format 3\x00\x10\x00\x01\x01\x00",
    "pst": b"!BDN\x12\x34\x56\x78SM\x17\x00",
    "dbx": bytes.fromhex("cfad12fec5fd746f"),
    "parquet": b"PAR1\x15\x04\x15\x10",
    "model of Excel": "\ufeffSTREAM_STORAGE_SIGNATURE_)!@#$%^&*(".encode("utf-16-le"),
    "model of Power BI": "\ufeffThis backup was created using XPress9".encode("utf-16-le"),
    "orc": b"ORC\x0a\x03\x00",
    "avro": b"Obj\x01\x04\x16avro.schema",
    "hdf5": b"\x89HDF\r\n\x1a\n\x00",
    "lotus": b"\x00\x00\x1a\x00\x05\x10\x04\x00",
    "wri": b"\x31\xbe\x00\x00\x00\xab",
    "wpd": b"\xffWPC\x10\x00\x00\x00",
    "chm": b"ITSF\x03\x00\x00\x00",
    "djvu": b"AT&TFORM\x00\x00\x10\x00DJVM",
    "eps": b"\xc5\xd0\xd3\xc6\x20\x00\x00\x00",
    "indd": bytes.fromhex("0606edf5d81d46e5bd31efe7fe74b71d"),
    "mobi": at(60, b"BOOKMOBI"),
    "evtx": b"ElfFile\x00\x00\x00",
    "regf": b"regf\x01\x00\x00\x00",
    "pcap": b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00",
    "disk": b"vhdxfile\x4d\x00",
    "arj": b"\x60\xea\x2a\x00\x1e\x06",
    "ace": at(7, b"**ACE**\x14"),
    "gca": b"GCAX\x00\x00",
    "alz": b"ALZ\x01\x0a\x00",
    "sit": b"StuffIt (c)1997\xff",
    "wim": b"MSWIM\x00\x00\x00\xd0",
    "jtd": compound({"JSRV_SegmentInformation": b"x" * 99, "DocumentText": b"y" * 99}),
}
LOCKED = {
    "openssl": (b"Salted__\x01\x02", "encrypted_archive"),
    "keepass": (b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5", "encrypted_archive"),
    "aescrypt": (b"AES\x02\x00\x00", "encrypted_archive"),
    "luks": (b"LUKS\xba\xbe\x00\x02", "encrypted_archive"),
    "smime": (bytes.fromhex("308006092a864886f70d010703a080"), "encrypted_mail"),
    "office": (
        compound({"EncryptedPackage": b"x" * 99, "EncryptionInfo": b"y" * 99}),
        "encrypted_office",
    ),
}
WITHOUT_TEXT = {
    "mp4": b"\x00\x00\x00\x18ftypmp42", "mov": b"\x00\x00\x00\x14ftypqt  ",
    "m4a": b"\x00\x00\x00\x20ftypM4A ", "avi": b"RIFF\x24\x00\x00\x00AVI LIST",
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ", "aiff": b"FORM\x00\x00\x00\x24AIFFCOMM",
    "mp3": b"ID3\x04\x00\x00\x00", "mp3 without tags": b"\xff\xfb\x90\x44",
    "aac": b"\xff\xf1\x50\x80", "flac": b"fLaC\x00\x00\x00\x22", "ogg": b"OggS\x00\x02",
    "midi": b"MThd\x00\x00\x00\x06", "amr": b"#!AMR\n", "mkv": b"\x1a\x45\xdf\xa3\x9f",
    "wmv": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "mpeg": b"\x00\x00\x01\xba\x44",
    "flv": b"FLV\x01\x05", "exe": b"MZ\x90\x00\x03", "elf": b"\x7fELF\x02\x01",
    "macho": b"\xcf\xfa\xed\xfe\x07", "class": b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
    "wasm": b"\x00asm\x01\x00", "dex": b"dex\n035\x00", "dwg": b"AC1032\x00\x00",
    "jww": b"JwwData.\xbc\x02", "ttf": b"\x00\x01\x00\x00\x00\x12", "otf": b"OTTO\x00\x0b",
    "ttc": b"ttcf\x00\x02", "woff": b"wOFF\x00\x01", "woff2": b"wOF2\x00\x01",
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOULD_BE_READ)
@pytest.mark.parametrize("name", ["x", "写真.jpg", "表.txt"])
def test_what_should_be_read_and_has_no_reader_is_uninspectable(kind, name):
    data = SHOULD_BE_READ[kind]
    data = data if len(data) > 400 else data + NOISE
    found = refusals(surfaces(data, name))
    assert found in (["format_not_supported"], ["archive_not_supported"])


@pytest.mark.parametrize("kind", LOCKED)
def test_what_is_locked_is_uninspectable(kind):
    data, reason = LOCKED[kind]
    assert refusals(surfaces(data if len(data) > 400 else data + NOISE)) == [reason]


@pytest.mark.parametrize("kind", WITHOUT_TEXT)
def test_what_has_no_text_by_nature_is_said_to_be_unread(kind):
    found = surfaces(WITHOUT_TEXT[kind] + NOISE, "表.txt")
    assert unread(found) == ["no_text"]
    assert not refusals(found)


def signed_by_somebody(*options):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "山田 花子")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, NOON, NOON + timedelta(1))
    signing = pkcs7.PKCS7SignatureBuilder().set_data(b"Content-Type: text/plain\r\n\r\nhello\r\n")
    signing = signing.add_signer(made.sign(key, hashes.SHA256()), key, hashes.SHA256())
    return signing.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def test_a_signature_alone_holds_nothing_to_read_and_one_with_its_content_does():
    """With the certificates of who signed, as every mail program sends it."""
    alone = signed_by_somebody(pkcs7.PKCS7Options.DetachedSignature)
    assert not refusals(surfaces(alone, "smime.p7s"))
    assert refusals(surfaces(signed_by_somebody(), "smime.p7s"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.xdw", "format_not_supported"),
        ("a.XBD", "format_not_supported"),
        ("a.jtd", "format_not_supported"),
        ("a.dbf", "corrupt"),
        ("a.gpg", "encrypted_mail"),
        ("a.dmg", "archive_not_supported"),
    ],
)
def test_a_name_makes_octets_that_tell_nothing_stricter(name, reason):
    assert refusals(surfaces(NOISE, name)) == [reason]
    assert unread(surfaces(NOISE, "a.bin")) == ["unknown_type"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BZh is a name", "txt"),
        ("Rar! and MZ and ID3", "txt"),
        ("MSCF,PAR1\na,b\nc,d\n", "csv"),
        ('{"number": "1"}', "txt"),
        ("name: 山田\nnumber: 1\n", "txt"),
        ("INSERT INTO t VALUES (1);\n", "txt"),
        ("2026-11-21 12:00:00 INFO start\n", "txt"),
        ("<?xml version='1.0'?><a>1</a>", "xml"),
        ("[InternetShortcut]\r\nURL=https://example.jp/\r\n", "txt"),
        ("BEGIN:VCARD\r\nFN:a\r\nEND:VCARD\r\n", "vcf"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "ics"),
    ],
)
def test_text_is_text_whatever_it_begins_with(text, kind):
    assert sniff(text.encode(), "a.bin") == kind


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_mark_of_unicode_alone_makes_no_text(mark):
    said = "\ufeff表の中身\n" * 2_000
    assert sniff(said.encode(mark)) == "txt"
    assert sniff("\ufeff".encode(mark) + NOISE) == ""
    assert sniff(said[:2_000].encode(mark) + NOISE * 9 + said.encode(mark)[:400]) == ""


def test_no_format_has_two_lines():
    assert len({each.kind for each in FORMATS}) == len(FORMATS)


def on_the_page(mark: str) -> str:
    """The code between two marks of docs/extending.md."""
    page = (Path(__file__).parents[3] / "docs" / "extending.md").read_text("utf-8")
    found = re.search(rf"<!-- {mark} -->\n```python\n(.*?)```\n<!-- /{mark} -->", page, re.S)
    assert found
    return found[1]


@pytest.fixture
def memo(monkeypatch):
    """The reader of docs/extending.md, added as it says there: one file and one line."""
    module = ModuleType("memo")
    exec(compile(on_the_page("format example"), "memo.py", "exec"), module.__dict__)  # noqa: S102
    scope = {"memo": module, "Format": Format}
    (line,) = eval(on_the_page("format line"), scope)  # noqa: S307
    signs = tuple((offset, sign, line.kind) for offset, sign in line.signs)
    monkeypatch.setitem(BY_KIND, line.kind, line)
    monkeypatch.setattr(magic, "INDEX", magic.indexed((*formats.SIGNS, *signs)))


def page(kind: int, data: bytes) -> bytes:
    return struct.pack("<BL", kind, len(data)) + data


def test_a_stranger_adds_a_format_with_one_file_and_one_line(memo):
    data = b"MEMO" + page(1, "個人番号".encode("cp932")) + page(2, b"%PDF-")
    found = surfaces(data, "a.jpg")
    assert said(found) == "個人番号"
    assert nested(found) == {"inside": b"%PDF-"}
    assert refusals(surfaces(data[:-2], "a")) == ["corrupt"]
    assert refusals(surfaces(data[:-8], "a")) == ["corrupt"]
    assert refusals(surfaces(data, "a", Limits(decoded=3))) == ["over_budget"]
    assert nested(surfaces(zipped({"a": data}))) == {"a": data}


def test_verdicts_are_of_two_kinds():
    given = {each.read.surface for each in FORMATS if isinstance(each.read, Verdict)}
    assert given == {Unread, Unreadable}
