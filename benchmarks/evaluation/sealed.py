"""What nobody can read without a key, whole octets or more time: it must be recognised as such."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import pypdf
from msoffcrypto.format.ooxml import OOXMLFile

from benchmarks.evaluation import containers
from benchmarks.evaluation.pdfs import page
from benchmarks.evaluation.scene import Scene
from benchmarks.evaluation.sheets import put, workbook
from tests import samples
from tests.detectors.extract import records
from tests.detectors.extract.compound import compound
from tests.detectors.extract.packing import cab, lzh
from tests.detectors.extract.rars import rar4, rar5

Build = Callable[[Scene], bytes]
Make = Callable[[Scene], bytes]
_PKCS7 = bytes.fromhex("06092a864886f70d0107")


def _book(scene: Scene) -> bytes:
    rows = scene.table(12)
    return workbook(lambda book: put(book.add_worksheet(), rows))


def _files(scene: Scene) -> dict[str, bytes]:
    return {scene.file("xlsx"): _book(scene)}


def _password(scene: Scene) -> str:
    return "".join(scene.rng.choices("abcdefghkmnpqrstuvwxyz23456789!", k=9))


def _locked_zip(aes: bool) -> Make:
    return lambda scene: samples.encrypted_zip(_files(scene), _password(scene), aes=aes)


def _one_locked(scene: Scene) -> bytes:
    """One of two members is."""
    open_, locked = {"readme.txt": b"see the other"}, samples.encrypted_zip(_files(scene), "x")
    return samples.zipped({**open_, "inner.zip": locked})


def _office(data: Callable[[Scene], bytes]) -> Make:
    def make(scene: Scene) -> bytes:
        out = io.BytesIO()
        OOXMLFile(io.BytesIO(data(scene))).encrypt(_password(scene), out)
        return out.getvalue()

    return make


def _pdf(algorithm: str) -> Make:
    def make(scene: Scene) -> bytes:
        data = page([(50, 700, f"{scene.label()}　{scene.facts.number()}")])
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
        writer.encrypt(user_password=_password(scene), algorithm=algorithm)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    return make


def _number(value: int) -> bytes:
    """Of a 7z header: up to 14 bits are enough here."""
    return bytes((value,)) if value < 0x80 else bytes((0x80 | value >> 8, value & 0xFF))


def _seven(hides_names: bool) -> Make:
    """A 7z under AES-256 (06F10701), with its directory or with its members alone locked."""

    def make(scene: Scene) -> bytes:
        packed = scene.rng.randbytes(160)
        coder = b"\x24\x06\xf1\x07\x01" + _number(18) + b"\x53\x07" + scene.rng.randbytes(16)
        streams = b"\x06" + _number(0) + b"\x01\x09" + _number(len(packed)) + b"\0"
        streams += b"\x07\x0b\x01\0\x01" + coder + b"\x0c" + _number(150) + b"\0"
        if hides_names:
            head = b"\x17" + streams + b"\0"
        else:
            name = "一覧.csv".encode("utf-16-le") + b"\0\0"
            files = b"\x05\x01\x11" + _number(len(name) + 1) + b"\0" + name + b"\0"
            head = b"\x01\x04" + streams + b"\x08\0\0" + files + b"\0"
        start = struct.pack("<QQL", len(packed), len(head), zlib.crc32(head))
        return (
            b"7z\xbc\xaf\x27\x1c\0\x04"
            + struct.pack("<L", zlib.crc32(start))
            + start
            + packed
            + head
        )

    return make


def _cut(make: Make, share: float) -> Make:
    def cut(scene: Scene) -> bytes:
        data = make(scene)
        return data[: int(len(data) * share)]

    return cut


def _damaged(make: Make) -> Make:
    """Octets in its middle are others."""

    def damage(scene: Scene) -> bytes:
        data, half = bytearray(make(scene)), 0
        half = len(data) // 3
        data[half : half + 40] = scene.rng.randbytes(40)
        return bytes(data)

    return damage


def _deep(levels: int) -> Make:
    def make(scene: Scene) -> bytes:
        name, data = containers.inside(scene)
        for _ in range(levels):
            name, data = scene.file("zip"), samples.zipped({name: data})
        return data

    return make


def _bomb(scene: Scene) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", bytes(12 << 20))
    return out.getvalue()


def _many_members(scene: Scene) -> bytes:
    """One stream of octets, claimed by four thousand members of the directory (2019)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(1 << 20))
        for at in range(4_000):
            twin = zipfile.ZipInfo(f"a{at}")
            for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(twin, field, getattr(archive.filelist[0], field))
            archive.filelist.append(twin)
        archive._didModify = True  # type: ignore[attr-defined]
    return out.getvalue()


def _entities(scene: Scene) -> bytes:
    """Billion laughs in a workbook."""
    laughs = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "1234">{laughs}]>'
    with zipfile.ZipFile(io.BytesIO(_book(scene))) as package:
        files = {name: package.read(name) for name in package.namelist()}
    strings = "xl/sharedStrings.xml"
    text = files[strings].decode().partition("?>")[2]
    files[strings] = (head + text.replace("<t>", "<t>&a11;", 1)).encode()
    return samples.zipped(files)


def _jtd(scene: Scene) -> bytes:
    text = f"{scene.label()} {scene.facts.number()}".encode("utf-16-be")
    return compound({"JSRV_SegmentInformation": bytes(99), "DocumentText": text})


def _noise(head: bytes, size: int = 2_000) -> Make:
    return lambda scene: head + scene.rng.randbytes(size)


_FILES: dict[str, tuple[str, Make]] = {
    "zip with a password (ZipCrypto)": ("zip", _locked_zip(False)),
    "zip with a password (AES)": ("zip", _locked_zip(True)),
    "zip with a password in a zip": ("zip", _one_locked),
    "zip with a password, called .doc": ("doc", _locked_zip(False)),
    "7z, names locked": ("7z", _seven(True)),
    "7z, members locked": ("7z", _seven(False)),
    "rar 4, names locked": ("rar", lambda scene: rar4(_files(scene), main=0x80)),
    "rar 4, members locked": ("rar", lambda scene: rar4(_files(scene), member=0x4)),
    "rar 5, names locked": ("rar", lambda scene: rar5(_files(scene), locked=True)),
    "rar 5, members locked": (
        "rar", lambda scene: rar5(_files(scene), crypt=b"\x01\0\0\x0f" + bytes(32))
    ),
    "xlsx with a password": ("xlsx", _office(_book)),
    "docx with a password": ("docx", _office(lambda scene: samples.document([scene.sentence()]))),
    "pptx with a password": ("pptx", _office(lambda scene: samples.slides([scene.sentence()]))),
    "xls with a password": (
        "xls", lambda scene: records.encrypted_book(records.label(0, 0, scene.label()), "k")
    ),
    "PDF with a password (RC4)": ("pdf", _pdf("RC4-128")),
    "PDF with a password (AES)": ("pdf", _pdf("AES-256")),
    "OpenSSL": ("csv.enc", _noise(b"Salted__")),
    "PGP file": ("pgp", _noise(b"\x85\x01\x0c\x03")),
    "S/MIME file": ("p7m", _noise(b"\x30\x82\x08\0" + _PKCS7 + b"\x03")),
    "zip, cut off": ("zip", _cut(lambda scene: samples.zipped(_files(scene)), 0.6)),
    "xlsx, cut off": ("xlsx", _cut(_book, 0.5)),
    "docx, cut off": ("docx", _cut(lambda scene: samples.document([scene.sentence()]), 0.7)),
    "PDF, cut off": ("pdf", _cut(lambda scene: page([(50, 700, scene.subject())]), 0.4)),
    "gz, cut off": ("gz", _cut(lambda scene: zlib.compress(_book(scene), wbits=31), 0.5)),
    "7z, cut off": ("7z", _cut(lambda s: containers.by_libarchive("7zip")(_files(s)), 0.5)),
    "lzh, cut off": ("lzh", _cut(lambda scene: lzh(_files(scene)), 0.5)),
    "cab, cut off": ("cab", _cut(lambda scene: cab(_files(scene)), 0.5)),
    "zip, octets changed": ("zip", _damaged(lambda scene: samples.zipped(_files(scene)))),
    "xls, sectors of noise": ("xls", _noise(bytes.fromhex("d0cf11e0a1b11ae1"))),
    "jtd": ("jtd", _jtd),
    "jtd, sectors of noise": ("jtd", _noise(bytes.fromhex("d0cf11e0a1b11ae1"))),
    "xdw": ("xdw", _noise(b"\x60\x0e\x82")),
    "gca": ("gca", _noise(b"GCAX")),
    "ace": ("ace", _noise(bytes(7) + b"**ACE**")),
    "part of a split archive": ("zip.001", _noise(b"PK\x07\x08PK\x03\x04")),
    "bomb of zeros": ("zip", _bomb),
    "bomb of members that overlap": ("zip", _many_members),
    "bomb of XML entities": ("xlsx", _entities),
    "zips in each other, 9 deep": ("zip", _deep(9)),
    "zips in each other, 60 deep": ("zip", _deep(60)),
}  # fmt: skip


def _file(ending: str, make: Make) -> Build:
    return lambda scene: scene.send(scene.file(ending), make(scene))


def _in_a_mail(scene: Scene) -> bytes:
    inner = scene.send(scene.file("zip"), _locked_zip(False)(scene))
    return scene.send(scene.file("eml"), inner)


def _retyped(raw: bytes, kind: str, body: str) -> bytes:
    """A mail whose own type and body are these."""
    head = raw.partition(b"Content-Type:")[0]
    return head + f"Content-Type: {kind}\r\n{body}".replace("\n", "\r\n").encode()


_ARMOUR = "-----BEGIN PGP MESSAGE-----\n\nhQEMA5vJ8kqW0mZ1AQf/\n=abcd\n-----END PGP MESSAGE-----\n"


def _pgp_mime(scene: Scene) -> bytes:
    kind = 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="=_pgp"'
    body = "\n--=_pgp\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
    body += f"--=_pgp\nContent-Type: application/octet-stream\n\n{_ARMOUR}--=_pgp--\n"
    return _retyped(scene.mail(scene.cover()), kind, body)


def _smime(kind: str) -> Build:
    def build(scene: Scene) -> bytes:
        type_ = f"application/pkcs7-mime; smime-type={kind}; name=smime.p7m"
        body = "Content-Transfer-Encoding: base64\n\nMIIBogYJKoZIhvcNAQcDoIIBkzCCAY8=\n"
        return _retyped(scene.mail(scene.cover()), type_, body)

    return build


def _partial(scene: Scene) -> bytes:
    kind = 'message/partial; id="a@example.co.jp"; number=1; total=3'
    return _retyped(scene.mail(scene.cover()), kind, f"\nSubject: x\n\n{scene.label()}\n")


def techniques() -> Iterator[tuple[str, Build]]:
    for name, (ending, make) in _FILES.items():
        yield name, _file(ending, make)
    yield "zip with a password in an attached mail", _in_a_mail
    yield "PGP in the text", lambda scene: scene.mail(f"{scene.cover()}\n{_ARMOUR}")
    yield "PGP/MIME", _pgp_mime
    yield "S/MIME, enveloped", _smime("enveloped-data")
    yield "S/MIME, enveloped with authentication", _smime("authEnveloped-data")
    yield "a third of a mail", _partial
