"""Japanese text as it really arrives: labelled, mislabelled, unlabelled, CP50221."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import charset
from detectors.charset import decode, iso_2022_jp

TEXT = "個人番号のお知らせ（山田太郎様）１２３４です。\n"
KANJI_IN, KANJI_OUT = b"\x1b$B", b"\x1b(B"


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp", "iso2022_jp", "utf-16"])
@pytest.mark.parametrize(
    "label", ["", "utf-8", "Shift_JIS", "euc-jp", "iso-2022-jp", "iso-8859-1", "us-ascii", "bogus"]
)
def test_it_works_whatever_the_label_says(encoding: str, label: str) -> None:
    assert decode(TEXT.encode(encoding), label)[0] == TEXT


@pytest.mark.parametrize("label", ["", "'UTF-8'", "utf-7", "idna", "punycode", "rot13", "x" * 999])
def test_ascii_reads_one_way(label: str) -> None:
    assert decode(b"1234-5678", label) == ("1234-5678",)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (KANJI_IN + b"\x2d\x21\x2d\x6a" + KANJI_OUT, "①㈱"),  # NEC row 13
        (KANJI_IN + b"\x7c\x71" + KANJI_OUT, "ⅰ"),  # IBM extension as NEC selected it
        (KANJI_IN + b"\x79\x21" + KANJI_OUT, "纊"),
        (b"\x1b$@\x46\x7c\x4b\x5c\x1b(J!", "日本!"),  # JIS C 6226, JIS X 0201 Roman
        (b"\x1b(I\x31\x32\x33\x1b(B1", "ｱｲｳ1"),
        (b"\x0e\x31\x32\x0f1", "ｱｲ1"),
        (b"\xb1\xb2" + KANJI_IN + b"\x46\x7c" + KANJI_OUT, "ｱｲ日"),  # CP50220, eight bits
        (b"\x1b$(D\x30\x21\x1b(B1", "丂1"),  # JIS X 0212
        (b"\x1b$(Q\x2d\x21\x1b(B", "①"),  # JIS X 0213
        (b"\x1b$A\x56\x50\x1b(B", "中"),  # ISO-2022-JP-2: GB 2312
        (b"\x1b$(C\x47\x51\x1b(B", "한"),
        (KANJI_IN + b"\x46\x7c\n123456", "日\n123456"),  # RFC 1468: a new line is ASCII again
        (KANJI_IN + b"\x46\x7c\x46", "日"),  # cut in the middle of a character
        (b"\x1b$Zno such set", "\x1b$Zno such set"),
    ],
)
def test_cp50221(data: bytes, text: str) -> None:
    assert iso_2022_jp(data).removesuffix("F") == text
    assert decode(data, "iso-2022-jp")[0].removesuffix("F") == text


@pytest.mark.parametrize(
    ("data", "label", "readings"),
    [
        ("番号１２３４です".encode("cp932"), "utf-8", {"番号１２３４です"}),
        ("番号１２３４です".encode(), "shift_jis", {"番号１２３４です"}),
        ("１２３".encode("utf-7"), "utf-7", {"１２３", "+/xH/Ev8T-"}),
        (b"caf\xe9 \xe0 la carte", "iso-8859-1", {"café à la carte"}),
        ("Привет".encode("koi8-r"), "koi8-r", {"Привет"}),
        ("你好世界".encode("gb18030"), "gb2312", {"你好世界"}),
        ("안녕하세요".encode("cp949"), "euc-kr", {"안녕하세요"}),
        ("1\u30002".encode("utf-16-be"), "utf-16be", {"1\u30002"}),
        ("1234 番".encode("utf-16-le"), "", {"1234 番"}),
        ("㈱①".encode("euc_jis_2004"), "euc-jp", {"㈱①"}),
        ("ｱｲｳ番号".encode("cp932"), "", {"ｱｲｳ番号"}),
    ],
)
def test_every_plausible_reading_is_given(data: bytes, label: str, readings: set[str]) -> None:
    assert readings <= set(decode(data, label))


def test_a_sample_that_is_cut_inside_a_character_is_still_utf_8() -> None:
    assert decode(TEXT.encode()[:-3])[0].startswith("個人番号のお知らせ")
    assert decode("番号".encode()[:-1])[0].startswith("番")


def test_one_wrong_octet_does_not_hide_the_rest() -> None:
    assert "１２３４" in decode(TEXT.encode("utf-8") + b"\xff\xff" + TEXT.encode(), "utf-8")[0]


@given(st.binary(max_size=200), st.sampled_from([*charset._CODECS, "utf-7", "hz", "punycode"]))
def test_any_octets_have_a_reading(data: bytes, label: str) -> None:
    readings = decode(data, label)
    assert readings
    assert len(readings) == len(set(readings))


@given(st.text(alphabet="個人番号あいうアイウ１２３123 \n", min_size=1))
def test_what_is_labelled_right_is_read_right(text: str) -> None:
    assert decode(text.encode("iso2022_jp"), "iso-2022-jp") == (text,)
    assert decode(text.encode("utf-8"), "utf-8") == (text,)


@pytest.mark.parametrize(
    "data", [b"\x1b$B" * 300_000, b"\x1b$B\x2d\x21\n" * 100_000, b"\x83" * 1_000_000]
)
def test_time_is_linear(data: bytes) -> None:
    started = time.process_time()
    decode(data)
    assert time.process_time() - started < 2


def test_a_label_of_two_octets_over_text_of_one_is_not_believed_alone() -> None:
    said = "\u2019My Number: 123456789018\r\n".encode()
    readings = charset.decode(said + b"\n" * (len(said) % 2), "utf-16le")
    assert any("My Number" in reading for reading in readings)
