import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import time
import zipfile

import pytest

from detectors.budget import Budget, Limits, OverBudget
from detectors.extract import read, sniff
from detectors.surface import Nested, Source, Spot, Unreadable
from tests.detectors.extract.reads import nested, refusals, said, surfaces, unread
from tests.samples import encrypted_zip, individual_number, zipped

NUMBER = individual_number(6)
FILES = {"一覧.txt": NUMBER.encode(), "資料/表.csv": b"a,b\n1,2\n"}


@pytest.mark.parametrize("cp932", [True, False])
def test_it_works(cp932):
    found = surfaces(zipped(FILES, cp932=cp932), "資料.zip")
    assert nested(found) == FILES
    (first, *_) = (surface for surface in found if isinstance(surface, Nested))
    assert first.spot.path == ("資料.zip", "一覧.txt")
    assert not refusals(found)


def test_names_of_members_and_folders_are_text():
    found = surfaces(zipped({f"{NUMBER}/": b"", "a.txt": b"x"}))
    assert NUMBER in said(found)
    assert nested(found) == {"a.txt": b"x"}


@pytest.mark.parametrize("aes", [True, False])
def test_locked_members_are_refused(aes):
    assert refusals(surfaces(encrypted_zip(FILES, "ひみつ", aes=aes))) == ["encrypted_zip"]


def test_a_password_opens_zipcrypto():
    data = encrypted_zip(FILES, "himitsu")
    assert nested(surfaces(data, passwords=("wrong", "himitsu"))) == FILES
    assert refusals(surfaces(data, passwords=("wrong",))) == ["encrypted_zip"]


def test_a_password_is_not_shown():
    source = Source(Spot("2"), "a.zip", b"", passwords=("himitsu",))
    assert "himitsu" not in repr(source)


def one_header_twice() -> bytes:
    """Two directory entries over one local header (CVE-2024-0450)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"x" * 100)
        archive.writestr("b.txt", b"y" * 100)
        archive.getinfo("b.txt").header_offset = archive.getinfo("a.txt").header_offset
    return out.getvalue()


def same_name_twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"clean")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", NUMBER)
    return out.getvalue()


def local_name_differs() -> bytes:
    return zipped({"a.txt": b"x"}).replace(b"a.txt", b"b.txt", 1)


def hidden_between() -> bytes:
    """A member that the directory does not name, before the others."""
    inner = zipped({"z.txt": b"secret"})
    local = inner[: inner.index(b"PK\x01\x02")]
    data = zipped({"a.txt": b"x"})
    start = data.index(b"PK\x01\x02")
    body, tail = data[:start], data[start:]
    tail = bytearray(tail)
    end = tail.index(b"PK\x05\x06")
    struct.pack_into("<L", tail, end + 16, start + len(local))
    return body + local + bytes(tail)


AMBIGUOUS = {
    "prepended": b"MZ" + b"\x90\x00" * 100 + zipped(FILES),
    "prepended to a picture": b"\x89PNG\r\n\x1a\n" + bytes(64) + zipped(FILES),
    "appended": zipped(FILES) + b"tail",
    "two archives": zipped({"a.txt": b"1"}) + zipped({"b.txt": b"2"}),
    "overlap": one_header_twice(),
    "duplicate": same_name_twice(),
    "local name": local_name_differs(),
    "gap": hidden_between(),
    "zero in a name": zipped({"aXb.txt": b"x"}).replace(b"aXb", b"a\x00b"),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_reads_two_ways_is_refused(case):
    found = surfaces(AMBIGUOUS[case], "a.zip")
    assert "ambiguous_archive" in refusals(found)
    assert nested(found) == {}


def test_ordinary_archives_of_other_writers_are_read():
    streamed = io.BytesIO()
    with zipfile.ZipFile(_Unseekable(streamed), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    large = io.BytesIO()
    with (
        zipfile.ZipFile(large, "w") as archive,
        archive.open("a.txt", "w", force_zip64=True) as out,
    ):
        out.write(b"x")
    commented = io.BytesIO(zipped({"a.txt": b"x"}))
    with zipfile.ZipFile(commented, "a") as archive:
        archive.comment = b"made by hand"
    assert nested(surfaces(streamed.getvalue())) == FILES
    assert nested(surfaces(large.getvalue())) == {"a.txt": b"x"}
    assert nested(surfaces(commented.getvalue())) == {"a.txt": b"x"}


class _Unseekable(io.RawIOBase):
    def __init__(self, out: io.BytesIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        return self._out.write(data)


def all_the_way(data: bytes, budget: Budget) -> list[str]:
    """Refusals of a file and of everything inside it, as the caller of `read` goes down."""
    found: list[str] = []
    waiting = [Nested(Spot("2", ("a",)), "a", data)]

    def down(file: Nested) -> None:
        for surface in read(Source(file.spot, file.name, file.data), budget):
            if isinstance(surface, Unreadable):
                found.append(surface.reason.code)
            if isinstance(surface, Nested):
                try:
                    with budget.deeper():
                        down(surface)
                except OverBudget as over:
                    found.append(over.code)

    down(waiting[0])
    return found


@pytest.mark.parametrize(
    "bomb",
    [
        zipped({"zeros.txt": bytes(10 << 20)}),
        gzip.compress(bytes(10 << 20)),
        bz2.compress(bytes(10 << 20)),
        lzma.compress(bytes(10 << 20)),
        zipped({f"{n}.txt": bytes(900 << 10) for n in range(300)}),
    ],
    ids=["zip", "gz", "bz2", "xz", "many"],
)
def test_bombs_end_quickly(bomb):
    started = time.monotonic()
    assert "over_budget" in refusals(surfaces(bomb))
    assert time.monotonic() - started < 3


def test_matryoshkas_end_at_the_depth():
    data = NUMBER.encode()
    for level in range(60):
        data = zipped({f"{level}.zip": data})
    assert all_the_way(data, Budget()) == ["depth"]


def test_a_tree_of_archives_ends_with_the_budget():
    """42.zip in small: each level holds the level below sixteen times."""
    data = zipped({"a.txt": random.Random(1).randbytes(2_000)})
    for _ in range(4):
        data = zipped({f"{n}.zip": data for n in range(16)})
    started = time.monotonic()
    found = all_the_way(data, Budget(Limits(decoded=2 << 20)))
    assert "over_budget" in found
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.txt.gz", gzip.compress), ("a.txt.bz2", bz2.compress), ("a.txt.xz", lzma.compress)],
)
def test_single_streams(name, pack):
    data = pack(NUMBER.encode())
    assert nested(surfaces(data, name)) == {"a.txt": NUMBER.encode()}
    assert refusals(surfaces(data[:-6], name)) == ["corrupt"]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar(form):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert nested(surfaces(out.getvalue())) == FILES
    assert nested(surfaces(gzip.compress(out.getvalue()), "a.tgz")) == {"a.tar": out.getvalue()}


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"7z\xbc\xaf'\x1c", "7z"),
        (b"Rar!\x1a\x07\x01\x00", "rar"),
        (b"!!-lh5-", "lzh"),
        (b"MSCF", "cab"),
    ],
)
def test_archives_without_a_reader_are_refused(start, kind):
    data = start + bytes(100)
    assert sniff(data) == kind
    assert refusals(surfaces(data)) == ["archive_not_supported"]


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"\xff\xd8\xff\xe0", "image"),
        (b"\x00\x00\x00\x18ftypmp42", "no_text"),
        (b"MZ\x90\x00\x03", "no_text"),
    ],
)
def test_what_has_no_text_is_said_to_be_unread(start, reason):
    assert unread(surfaces(start + bytes(200))) == [reason]


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"-----BEGIN PGP MESSAGE-----\n\nabc\n", "a.txt", "encrypted_mail"),
        (random.Random(2).randbytes(300), "a.gpg", "encrypted_mail"),
        (bytes(range(256)) * 4, "a.xdw", "format_not_supported"),
        (
            bytes.fromhex("308006092a864886f70d010703a080") + bytes(90),
            "smime.p7m",
            "encrypted_mail",
        ),
    ],
)
def test_what_is_sealed_or_foreign_is_refused(data, name, reason):
    assert refusals(surfaces(data, name)) == [reason]
