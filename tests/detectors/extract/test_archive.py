import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import time
import unicodedata
import zipfile
import zlib

import pytest

from detectors.budget import Budget, Limits, OverBudget
from detectors.extract import read
from detectors.surface import Nested, Source, Spot, Unreadable
from tests.detectors.extract.packing import packed_by
from tests.detectors.extract.reads import nested, refusals, said, surfaces, unread
from tests.samples import (
    _zip_crypto,
    encrypted_zip,
    individual_number,
    individual_numbers,
    zipped,
)

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


@pytest.mark.parametrize("aes", [True, False])
@pytest.mark.parametrize("password", ["himitsu", "ひみつ１２３"])
def test_a_password_opens_and_a_wrong_one_is_said_beside_the_reason(aes, password):
    data = encrypted_zip(FILES, password, aes=aes)
    found = surfaces(data, passwords=("wrong", password))
    assert nested(found) == FILES
    assert not refusals(found)
    wrong = [f"wrong {n}" for n in range(40)]  # some of them fit the check octet of ZipCrypto
    found = surfaces(data, passwords=wrong)
    assert nested(found) == {}
    assert refusals(found) == ["encrypted_zip", "wrong_password"]


def test_a_password_of_a_japanese_program_is_of_its_charset():
    data = _zip_crypto(zipped(FILES), "ひみつ".encode("cp932"))
    assert nested(surfaces(data, passwords=("ひみつ",))) == FILES


def test_what_is_locked_is_counted_and_what_is_open_is_read():
    data = encrypted_zip(FILES, "himitsu")
    found = surfaces(zipped({"a.txt": b"open", "b.zip": data}))
    assert nested(found)["a.txt"] == b"open"
    (locked,) = (s for s in surfaces(data) if isinstance(s, Unreadable))
    assert locked.reason.params == {"members": 2, "whole": True}


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
    "prepended": b"PM" + b"\x90\x00" * 100 + zipped(FILES),
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


@pytest.mark.parametrize("tail", [b"\r\n", bytes(512), b"\x1a"])
def test_a_line_end_or_a_filled_block_behind_an_archive_is_nothing(tail):
    found = surfaces(zipped(FILES) + tail, "a.zip")
    assert nested(found) == FILES
    assert not refusals(found)


def test_of_what_reads_two_ways_both_are_read():
    found = nested(surfaces(AMBIGUOUS["gap"], "a.zip"))
    assert found == {"a.txt": b"x", "z.txt": b"secret"}
    twice = [s.data for s in surfaces(AMBIGUOUS["duplicate"]) if isinstance(s, Nested)]
    assert twice == [b"clean", NUMBER.encode()]
    assert nested(surfaces(AMBIGUOUS["two archives"])) == {"a.txt": b"1", "b.txt": b"2"}
    inner = nested(surfaces(AMBIGUOUS["prepended"], "a"))["a.zip"]
    assert nested(surfaces(inner)) == FILES


def test_of_half_an_archive_the_members_are_read():
    found = surfaces(zipped({"a.txt": NUMBER.encode(), "b.txt": bytes(500)})[:-60])
    assert refusals(found) == ["corrupt"]
    assert nested(found)["a.txt"] == NUMBER.encode()


def test_a_self_extracting_archive_is_read():
    program = b"MZ" + b"\x90\x00" * 1_000
    found = surfaces(program + zipped(FILES), "a.exe")
    assert unread(found) == ["no_text"]
    assert not refusals(found)
    assert nested(surfaces(nested(found)["a.exe.zip"])) == FILES


def named(flag: int, name: bytes, extra: bytes = b"") -> bytes:
    """A ZIP of one stored member, with these octets for its name."""
    local = struct.pack("<5H3L2H", 20, flag, 0, 0, 0, zlib.crc32(b"x"), 1, 1, len(name), len(extra))
    entry = struct.pack("<H", 20) + local + struct.pack("<3H2L", 0, 0, 0, 0, 0) + name + extra
    head = b"PK\x03\x04" + local + name + extra + b"x"
    end = struct.pack("<4H2LH", 0, 0, 1, 1, 4 + len(entry), len(head), 0)
    return head + b"PK\x01\x02" + entry + b"PK\x05\x06" + end


def unicode_path(raw: bytes, name: str) -> bytes:
    body = struct.pack("<BL", 1, zlib.crc32(raw)) + name.encode()
    return struct.pack("<2H", 0x7075, len(body)) + body


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (named(0, "予定表.txt".encode("cp932")), "予定表.txt"),
        (named(0x800, "予定表.txt".encode()), "予定表.txt"),
        (named(0, unicodedata.normalize("NFD", "マイナンバー.txt").encode()), "マイナンバー.txt"),
        (
            named(0, b"yotei.txt", unicode_path(b"yotei.txt", "予定.txt")),
            "予定.txt",
        ),
        (named(0, b"a.txt", struct.pack("<2HBL", 0x7075, 6, 1, 7) + b"b"), "a.txt"),
    ],
)
def test_names_in_every_charset(data, name):
    found = surfaces(data)
    assert nested(found) == {name: b"x"}
    assert name in said(found)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\windows\\a", "a/../b"])
def test_a_name_that_leads_elsewhere_is_only_a_name(name):
    found = surfaces(named(0x800, name.encode()))
    assert [*nested(found).values()] == [b"x"]


@pytest.mark.needs("7z")
@pytest.mark.parametrize(
    ("method", "refused"),
    [("Copy", []), ("Deflate", []), ("BZip2", []), ("LZMA", []), ("PPMd", []),
     ("Deflate64", ["archive_not_supported"])],
)  # fmt: skip
def test_methods_of_7zip(tmp_path, method, refused):
    data = packed_by(tmp_path, {"a.txt": b"one two " * 50}, "a.zip", "7z", "a", f"-mm={method}")
    found = surfaces(data)
    assert refusals(found) == refused
    assert nested(found) == ({} if refused else {"a.txt": b"one two " * 50})


def test_one_of_several_volumes_is_refused():
    data = bytearray(zipped(FILES))
    at = data.index(b"PK\x05\x06")
    data[at + 4 : at + 6] = b"\x01\x00"  # the number of this disk
    assert refusals(surfaces(bytes(data), "a.zip"))[0] == "part_of_volume"
    assert refusals(surfaces(b"PK\x07\x08" + zipped(FILES), "a.z01"))[0] == "part_of_volume"
    noise = random.Random(3).randbytes(500)
    for name in ("a.z02", "a.7z.002", "a.zip.003", "a.r00"):
        assert refusals(surfaces(noise, name)) == ["part_of_volume"]


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
    started = time.process_time()
    assert "over_budget" in refusals(surfaces(bomb))
    assert time.process_time() - started < 3


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
    started = time.process_time()
    found = all_the_way(data, Budget(Limits(decoded=2 << 20)))
    assert "over_budget" in found
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.txt.gz", gzip.compress), ("a.txt.bz2", bz2.compress), ("a.txt.xz", lzma.compress)],
)
def test_single_streams(name, pack):
    data = pack(NUMBER.encode())
    assert nested(surfaces(data, name)) == {"a.txt": NUMBER.encode()}
    assert refusals(surfaces(data[:-6], name)) == ["corrupt"]


def test_the_name_and_the_comment_that_a_gzip_tells():
    packed = gzip.compress(b"x")
    extra, name, comment = b"\2\0ab", "個人番号.txt".encode("cp932"), NUMBER.encode()
    data = packed[:3] + b"\x1c" + packed[4:10] + extra + name + b"\0" + comment + b"\0"
    found = surfaces(data + packed[10:], "a.gz")
    assert said(found) == f"個人番号.txt\n{NUMBER}"
    assert nested(found) == {"a": b"x"}
    assert not refusals(found)


def test_comments_and_links_of_a_tar():
    out = io.BytesIO()
    told = {"comment": f"全体 {NUMBER}"}
    with tarfile.open(
        fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers=told
    ) as archive:
        link = tarfile.TarInfo("a")
        link.type, link.linkname = tarfile.SYMTYPE, "社員/鈴木"
        link.pax_headers = {"comment": "一人"}
        archive.addfile(link)
    assert said(surfaces(out.getvalue())).split("\n") == [
        "a",
        "社員/鈴木",
        f"全体 {NUMBER}",
        "一人",
    ]


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


def test_tar_of_the_time_before_posix():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    data = bytearray(out.getvalue())
    data[257:345] = bytes(88)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert nested(surfaces(bytes(data))) == {"a.txt": b"x"}


def test_what_stands_behind_the_end_of_a_tar_is_read_and_held():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    found = surfaces(out.getvalue() + NUMBER.encode(), "a.tar")
    assert refusals(found) == ["ambiguous_archive"]
    assert nested(found)["a.tar"] == NUMBER.encode()


def overlapping(count: int, size: int) -> bytes:
    """Members that quote each other's headers and share one stream (Fifield 2019)."""
    packer = zlib.compressobj(9, wbits=-15)
    kernel = packer.compress(bytes(size)) + packer.flush()
    body, headers = kernel, []
    for number in reversed(range(count)):
        name = f"{number:04}".encode()
        head = b"PK\x03\x04" + struct.pack("<5H3L2H", 20, 0, 8, 0, 0, 0, len(body), size, 4, 0)
        quoted = head + name
        headers.append(number)
        block = struct.pack("<B2H", 0, len(quoted), len(quoted) ^ 0xFFFF)
        body = block + quoted + body
    return body[5:]


@pytest.mark.slow
def test_overlapping_members_end_quickly():
    started = time.process_time()
    found = all_the_way(overlapping(200, 30 << 20), Budget())
    assert "over_budget" in found
    assert time.process_time() - started < 8


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


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_comments_of_a_zip_and_of_its_members(encoding):
    a, b = individual_numbers(2, seed=5)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("a.txt")
        info.comment = f"個人番号 {a}".encode(encoding)
        archive.writestr(info, "x")
        archive.comment = f"個人番号 {b}".encode(encoding)
    told = said(surfaces(out.getvalue(), "a.zip"))
    assert f"個人番号 {a}" in told and f"個人番号 {b}" in told
