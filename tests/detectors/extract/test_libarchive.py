import random
import sys
import time

import pytest

from detectors.budget import Limits
from detectors.extract import libarchive, sniff
from tests.detectors.extract.packing import cab, lzh, packed_by
from tests.detectors.extract.rars import rar4, rar5
from tests.detectors.extract.reads import nested, refusals, said, surfaces, unread
from tests.samples import individual_number

NUMBER = individual_number(31)
FILES = {"資料/予定表.txt": (NUMBER + "\n").encode() * 40, "資料/表.csv": b"a,b\n1,2\n"}
FLAT = {"a.txt": (NUMBER + "\n").encode() * 40, "b.csv": b"a,b\n1,2\n"}
BY_HAND = {
    "rar4": rar4(FILES),
    "rar5": rar5(FILES),
    "cab": cab(FILES),
    "lzh": lzh(FILES),
}
MADE = {
    "7z": ("7z", "a"),
    "7z with PPMd": ("7z", "a", "-ms=on", "-m0=PPMd"),
    "7z without compression": ("7z", "a", "-m0=Copy"),
    "iso": ("bsdtar", "--format=iso9660", "-cf"),
}


def needing(made: dict[str, tuple[str, ...]]) -> list:
    return [pytest.param(c, n.split()[0], marks=pytest.mark.needs(c[0])) for n, c in made.items()]


@pytest.mark.parametrize("kind", BY_HAND)
def test_it_works(kind):
    found = surfaces(BY_HAND[kind], f"a.{kind}")
    assert nested(found) == FILES
    assert not refusals(found)
    assert "資料/予定表.txt" in said(found)


@pytest.mark.parametrize(("command", "kind"), needing(MADE))
def test_archives_of_other_programs_are_read_whatever_they_are_called(tmp_path, command, kind):
    data = packed_by(tmp_path, FILES, f"a.{kind}", *command)
    found = surfaces(data, "x.dat")
    assert nested(found) == FILES
    assert not refusals(found)


@pytest.mark.needs("bsdtar")
def test_cpio_is_read_unless_it_is_text_all_over(tmp_path):
    files = {"a.bin": random.Random(8).randbytes(3_000), **FILES}
    data = packed_by(tmp_path, files, "a.cpio", "bsdtar", "--format=newc", "-cf")
    assert nested(surfaces(data, "a.cpio")) == files
    data = packed_by(tmp_path, FLAT, "b.cpio", "bsdtar", "--format=newc", "-cf")
    assert NUMBER in said(surfaces(data, "b.cpio"))


@pytest.mark.needs("genisoimage")
@pytest.mark.parametrize("options", [["-J"], ["-r"], []])
def test_discs_with_and_without_long_names(tmp_path, options):
    data = packed_by(tmp_path, FLAT, "a.iso", "genisoimage", "-quiet", *options, "-o")
    assert sniff(data, "x") == "iso"
    assert {name.lower(): inner for name, inner in nested(surfaces(data)).items()} == FLAT
    assert refusals(surfaces(data[:-4_000])) == ["corrupt"]


@pytest.mark.needs("genisoimage")
def test_a_disc_with_a_second_file_system_is_not_vouched_for(tmp_path):
    data = packed_by(tmp_path, FLAT, "a.iso", "genisoimage", "-quiet", "-udf", "-o")
    assert refusals(surfaces(data)) == ["archive_not_supported"]


def test_a_disc_of_zeros_is_refused():
    disc = bytearray(40 * 2_048)
    disc[16 * 2_048 : 16 * 2_048 + 7] = b"\x01CD001\x01"
    assert refusals(surfaces(bytes(disc))) == ["corrupt"]


@pytest.mark.needs("jlha")
@pytest.mark.parametrize("method", ["-a", "-ao6", "-ao7"])
def test_lzh_of_every_method_of_today(tmp_path, method):
    data = packed_by(tmp_path, FLAT, "a.lzh", "jlha", method)
    assert data[2:6] == {"-a": b"-lh5", "-ao6": b"-lh6", "-ao7": b"-lh7"}[method]
    assert nested(surfaces(data, "a.lzh")) == FLAT


@pytest.mark.needs("bsdtar")
@pytest.mark.parametrize(
    ("option", "ending"),
    [("--zstd", "zst"), ("--lz4", "lz4"), ("--lzma", "lzma"), ("-Z", "Z")],
)
def test_single_streams_under_libarchive(tmp_path, option, ending):
    data = packed_by(tmp_path, FILES, f"a.tar.{ending}", "bsdtar", option, "-cf")
    (name, inner), *_ = nested(surfaces(data, f"a.tar.{ending}")).items()
    assert name == "a.tar"
    assert nested(surfaces(inner, name)) == FILES
    if ending != "Z":  # compress(1) keeps no checksum
        assert refusals(surfaces(data[:-9], "a")) == ["corrupt"]


@pytest.mark.needs("7z")
@pytest.mark.parametrize("options", [[], ["-mhe=on"], ["-m0=Copy"], ["-m0=LZMA"], ["-m0=Deflate"]])
def test_a_password_opens_a_7z(tmp_path, options):
    data = packed_by(tmp_path, FILES, "a.7z", "7z", "a", "-pひみつ", *options)
    assert refusals(surfaces(data, "a.7z")) == ["encrypted_archive"]
    found = surfaces(data, "a.7z", passwords=("wrong", "ひみつ"))
    assert nested(found) == FILES
    assert not refusals(found)
    found = surfaces(data, "a.7z", passwords=("wrong",))
    assert nested(found) == {}
    assert refusals(found) == ["encrypted_archive", "wrong_password"]


@pytest.mark.needs("7z")
def test_a_password_that_nobody_needs_harms_nothing(tmp_path):
    data = packed_by(tmp_path, FILES, "a.7z", "7z", "a", "-m0=PPMd")
    assert nested(surfaces(data, "a.7z", passwords=("x",))) == FILES


@pytest.mark.needs("7z")
def test_a_method_without_a_reader_under_a_lock_is_said(tmp_path):
    data = packed_by(tmp_path, FILES, "a.7z", "7z", "a", "-pa", "-m0=PPMd")
    found = surfaces(data, "a.7z", passwords=("a",))
    assert set(refusals(found)) == {"archive_not_supported"}
    assert "予定表" in said(found)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (rar4(FILES, main=0x80), "encrypted_archive"),
        (rar4(FILES, member=0x4), "encrypted_archive"),
        (rar5(FILES, crypt=b"\x01" + bytes(40)), "encrypted_archive"),
        (rar5(FILES, locked=True), "encrypted_archive"),
        (rar4(FILES, main=0x1), "part_of_volume"),
        (rar5(FILES, main=0x1), "part_of_volume"),
        (b"Rar!\x1a\x07\x02" + bytes(90), "archive_not_supported"),
    ],
)
def test_locked_and_divided_rars_are_refused(data, reason):
    assert refusals(surfaces(data, "a.rar")) == [reason]
    assert refusals(surfaces(data, "a.rar", passwords=("x",))) == [reason]  # none was tried


@pytest.mark.needs("7z")
def test_the_first_of_several_volumes_is_refused(tmp_path):
    files = {"a.bin": random.Random(5).randbytes(9_000)}
    whole = packed_by(tmp_path, files, "a.7z", "7z", "a")
    assert refusals(surfaces(whole[:3_000], "a.7z.001")) == ["part_of_volume"]
    assert refusals(surfaces(whole[:3_000], "a.7z")) == ["corrupt"]


@pytest.mark.parametrize("kind", BY_HAND)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_half_an_archive_is_refused(kind, part):
    data = BY_HAND[kind]
    assert refusals(surfaces(data[: int(len(data) * part)], f"a.{kind}"))


def test_an_lzh_that_stores_a_text_is_none():
    data = lzh({"名簿.csv": "社員番号,氏名,個人番号\n1,山田,未\n".encode("cp932") * 90})
    assert list(nested(surfaces(data, "名簿.lzh"))) == ["名簿.csv"]
    assert set(refusals(surfaces(data[: len(data) // 2], "名簿.lzh"))) == {"corrupt"}
    assert not refusals(
        surfaces(b"x " + b"-lh0- is a method of LHA, as -lh5- is\r\n" * 20, "a.txt")
    )


@pytest.mark.parametrize("kind", ["rar4", "rar5", "lzh"])
def test_a_changed_octet_is_refused(kind):
    data = bytearray(BY_HAND[kind])
    data[data.index(NUMBER.encode())] ^= 1
    assert refusals(surfaces(bytes(data), f"a.{kind}")) == ["corrupt"]


@pytest.mark.parametrize("kind", BY_HAND)
def test_self_extracting_archives_are_read(kind):
    program = b"MZ" + random.Random(6).randbytes(5_000)
    found = surfaces(program + BY_HAND[kind], "setup.exe")
    assert unread(found) == ["no_text"]
    assert not refusals(found)
    (inner,) = nested(found).values()
    assert nested(surfaces(inner)) == FILES


@pytest.mark.parametrize("kind", ["rar4", "rar5", "cab", "lzh"])
def test_a_picture_with_an_archive_behind_it_reads_two_ways(kind):
    found = surfaces(b"\x89PNG\r\n\x1a\n" + bytes(50) + BY_HAND[kind], "a.png")
    assert refusals(found) == ["corrupt", "ambiguous_archive"]
    (inner,) = nested(found).values()
    assert nested(surfaces(inner)) == FILES


def test_signatures_in_a_program_are_no_archives():
    signs = b"7z\xbc\xaf\x27\x1c Rar!\x1a\x07\x00 MSCF\0\0\0\0 zz-lh5- " * 3_000
    started = time.process_time()
    found = surfaces(b"MZ\x90\0" + signs, "7z.exe")
    assert nested(found) == {}
    assert time.process_time() - started < 3


@pytest.mark.slow
@pytest.mark.needs("7z")
def test_bombs_end_quickly(tmp_path):
    data = packed_by(tmp_path, {"zeros": bytes(200 << 20)}, "a.7z", "7z", "a", "-mx=1")
    started = time.process_time()
    assert refusals(surfaces(data, "a.7z")) == ["over_budget"]
    assert time.process_time() - started < 3


@pytest.mark.needs("7z")
def test_the_budget_is_one_for_all_members(tmp_path):
    files = {f"{n}.bin": random.Random(n).randbytes(50_000) for n in range(8)}
    data = packed_by(tmp_path, files, "a.7z", "7z", "a")
    found = surfaces(data, "a.7z", Limits(decoded=200_000))
    assert refusals(found) == ["over_budget"]
    assert len(nested(found)) < 5


def test_links_and_devices_have_no_octets(tmp_path):
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "link").symlink_to("/etc/hostname")
    head = b"070701" + b"0000000100002180" + b"0" * 88
    data = head[:94] + b"00000005" + b"00000000" + b"null\0" + bytes(3)
    assert nested(surfaces(data.ljust(600, b"\xff"), "a.cpio")) == {}


def test_without_the_library_its_package_is_named(monkeypatch):
    libarchive._library.cache_clear()
    monkeypatch.setitem(sys.modules, "libarchive.ffi", None)
    found = surfaces(BY_HAND["lzh"], "a.lzh")
    libarchive._library.cache_clear()
    assert unread(found) == ["not_installed"]
    assert found[0].reason.params == {"package": "libarchive13"}
