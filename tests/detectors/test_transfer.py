"""Transfer encodings, undone as the most tolerant reader would."""

from __future__ import annotations

import base64
import binascii
import quopri
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import loose, transfer
from detectors.transfer import File


def uu(data: bytes, name: bytes = b"a.txt") -> bytes:
    lines = (binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45))
    return b"begin 644 " + name + b"\n" + b"".join(lines) + b"`\nend\n"


def yenc(data: bytes) -> bytes:
    shifted = bytes((octet + 42) % 256 for octet in data)
    packed = b"".join(
        bytes((61, (octet + 64) % 256)) if octet in b"\x00\n\r=" else bytes((octet,))
        for octet in shifted
    )
    return b"=ybegin line=128 size=1 name=a.bin\r\n" + packed + b"\r\n=yend size=1\r\n"


def test_it_works() -> None:
    assert transfer.undo(b"MTIz\r\nNDU2\r\n", "base64") == (b"123456", ())
    assert transfer.undo(b"a=31=\r\nb", "quoted-printable") == (b"a1b", ())
    assert transfer.undo(b"plain", "7bit") == (b"plain", ())
    assert transfer.undo(b"as it stands", "x-unknown") == (b"as it stands", ())
    assert transfer.undo(uu(b"inside"), "x-uuencode") == (b"inside", ())


@given(st.binary())
def test_what_is_encoded_rightly_comes_back(data: bytes) -> None:
    assert transfer.base64(base64.encodebytes(data).replace(b"\n", b"\r\n")) == (data, ())
    assert list(transfer.uuencoded(b"text\n" + uu(data))) == (
        [File(b"a.txt", data)] if data else []
    )
    assert list(transfer.yencoded(yenc(data)))[0].data == data


@given(st.binary())
def test_quoted_printable_comes_back(data: bytes) -> None:
    data = data.replace(b"\r", b"")  # the encoder makes all line ends one
    assert transfer.quoted_printable(quopri.encodestring(data)).data == data


@pytest.mark.parametrize(
    ("data", "plain", "defects"),
    [
        (b"MTI=MzQ=", b"1234", {"base64_padding_inside"}),
        (b"MTI=\r\nMzQ=", b"1234", {"base64_padding_inside"}),
        (b"MTI=\r\n\r\n____\r\nabcd list\r\nhttp://a.example/\r\n", None, {"base64_junk"}),
        (b"MTI=\r\n____\r\nMzQ1\r\n", None, {"base64_junk", "base64_padding_inside"}),
        (b"MTI=MzQ1\r\n____\r\n", None, {"base64_junk", "base64_padding_inside"}),
        (b"MTIz\x00NDU2", b"123456", {"base64_junk"}),
        (b"MTIz-NDU2", b"123456", {"base64_junk"}),
        (b"MTIzNDU", b"12345", {"base64_truncated"}),
        (b"MTIzN", b"123", {"base64_truncated"}),
        (b"====", b"", set()),
        (b"", b"", set()),
    ],
)
def test_base64_that_is_not_strict(data: bytes, plain: bytes | None, defects: set[str]) -> None:
    undone = transfer.base64(data)
    assert plain is None or undone.data == plain
    assert set(undone.defects) - {"base64_truncated"} == defects - {"base64_truncated"}
    assert defects <= set(undone.defects)


@pytest.mark.parametrize(
    ("data", "plain", "defects"),
    [
        (b"1234= \t\r\n5678", b"12345678", ("qp_blank_after_soft_break",)),
        (b"a \t\r\nb", b"a\r\nb", ()),
        (b"=3d=3D", b"==", ()),
        (b"=zz", b"=zz", ("qp_invalid",)),
        (b"end=", b"end", ()),
        (b"=E4=\0BA=BA", b"\xe4=\0BA\xba", ("control_character", "qp_invalid")),
        (b"=4\x1f \x001", b"=4\x1f \x001", ("control_character", "qp_invalid")),
        (b"=\x1b$B8D?M", b"=\x1b$B8D?M", ("qp_invalid",)),
    ],
)
def test_quoted_printable_that_is_not_strict(
    data: bytes, plain: bytes, defects: tuple[str, ...]
) -> None:
    assert transfer.quoted_printable(data) == (plain, defects)


@pytest.mark.parametrize(
    "data", [b"no file", b"text\n" + uu(b"1"), uu(b"1") + b"text\n", uu(b"1") + uu(b"2")]
)
def test_a_uuencoded_part_that_is_not_one_file_reads_two_ways(data: bytes) -> None:
    assert transfer.undo(data, "x-uuencode").defects == ("unknown_encoding",)


def test_uuencoded_files_without_an_end_and_with_wrong_counts() -> None:
    cut = uu(b"A" * 90).partition(b"`\nend")[0]
    assert list(transfer.uuencoded(cut)) == [File(b"a.txt", b"A" * 90)]
    two = uu(b"one", b"1") + b"between\n" + uu(b"two", b"2")
    assert list(transfer.uuencoded(two)) == [File(b"1", b"one"), File(b"2", b"two")]
    assert list(transfer.uuencoded(b"begin 644 \nbegin at the beginning\n")) == []


@given(st.binary(max_size=300))
def test_any_octets_are_undone(data: bytes) -> None:
    for encoding in (*transfer.KNOWN, *transfer.UU):
        assert len(transfer.undo(data, encoding).data) <= len(data) + 1
    list(transfer.uuencoded(b"begin 644 a\n" + data))
    list(transfer.yencoded(b"=ybegin name=a\n" + data))
    list(loose.files(data))


@pytest.mark.parametrize(
    "data",
    [
        b" " * 1_000_000 + b"x", b"= " * 400_000, b"=" * 400_000, b"begin 644 a\nM\n" * 50_000,
        b"=ybegin name=a\n" * 30_000, b"A" * 2_000_000, (b"A" * 16 + b" ") * 60_000,
        b"A=41" * 200_000, b"=\r\n" * 200_000, b"QUJD\r\n" * 200_000,
    ],
)  # fmt: skip
def test_time_is_linear(data: bytes) -> None:
    started = time.process_time()
    transfer.base64(data)
    transfer.quoted_printable(data)
    assert sum(1 for _ in loose.files(data)) <= 10_100
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"no files here, only words like internationalization and telecommunications", []),
        (base64.b64encode("個人番号のお知らせ".encode()), ["個人番号のお知らせ".encode()]),
        (b"> " + base64.b64encode(b"%PDF-1.7\x00\xff" * 3), [b"%PDF-1.7\x00\xff" * 3]),
        (b"x: " + base64.encodebytes(b"12345 " * 40).replace(b"\n", b"\r\n"), [b"12345 " * 40]),
        (b"id " + base64.b64encode(bytes(range(128, 160))), []),
        (b"No: =31=32=33=34=\r\n5678", [b"12345678"]),
        (b"number 1234=\r\n5678=\r\n9=30=31 ok", [b"123456789" + b"01"]),
        (b"http://example.jp/?a=3D&b=1", []),
    ],
)
def test_files_in_running_text(text: bytes, found: list[bytes]) -> None:
    assert [file.data for file in loose.files(text)] == found


def test_a_process_without_numpy_does_not_load_it() -> None:
    asked = (
        "import base64, sys; from detectors.transfer import undo; plain = bytes(300_000);"
        "assert undo(base64.encodebytes(plain), 'base64').data == plain;"
        "assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", asked], check=True)
