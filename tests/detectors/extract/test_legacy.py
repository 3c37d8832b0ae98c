import struct

import pytest

from detectors.extract import risky, sniff
from detectors.surface import Source, Spot
from tests.detectors.extract import records
from tests.detectors.extract.compound import compound, xls
from tests.detectors.extract.reads import nested, notes, refusals, said, spots, surfaces, tables
from tests.samples import individual_number, individual_numbers, pdf, workbook, zipped

NUMBER = individual_number(8)


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def atom(kind: int, body: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHL", version, kind, len(body)) + body


def doc(first: str, second: bytes, flags: int = 0x0200) -> dict[str, bytes]:
    """Streams of a Word file whose text lies in two pieces: UTF-16 and one octet a letter."""
    main = bytearray(2_048)
    main[0:2] = b"\xec\xa5"
    main[10:12] = struct.pack("<H", flags)
    main[0x400 : 0x400 + 2 * len(first)] = utf16(first)
    main[0x600 : 0x600 + len(second)] = second
    pieces = struct.pack("<3L", 0, len(first), len(first) + len(second))
    pieces += struct.pack("<HLHHLH", 0, 0x400, 0, 0, 0x600 * 2 | 0x40000000, 0)
    table = b"\x02" + struct.pack("<L", len(pieces)) + pieces
    struct.pack_into("<LL", main, 0x1A2, 0, len(table))
    return {"WordDocument": bytes(main), "1Table": table}


MESSAGE = {
    "__properties_version1.0": bytes(32),
    "__substg1.0_0037001F": utf16(f"件名 {NUMBER}"),
    "__substg1.0_1000001F": utf16("本文です"),
    "__recip_version1.0_#00000000/__substg1.0_3001001F": utf16("佐藤 花子"),
}
ATTACHED = "__attach_version1.0_#00000000/"


def test_it_works():
    rows = [["氏名", "個人番号"], ["山田", NUMBER], ["佐藤", float(individual_number(9))]]
    found = surfaces(xls({"社員": rows, "二": [["x"]]}, box="箱の中"), "a.xls")
    first = tables(found)[0]
    assert first.rows == [*rows[:2], ["佐藤", individual_number(9)]]
    assert first.spot.path == ("a.xls", "社員")
    assert first.numeric == {(3, 2)}
    assert "箱の中" in said(found)


def test_doc_in_pieces():
    found = surfaces(compound(doc(f"個人番号 {NUMBER[:5]}", NUMBER[5:].encode() + b"\r")))
    assert f"個人番号 {NUMBER}" in said(found)


def test_doc_without_its_table_is_swept():
    streams = doc(f"個人番号 {NUMBER}", b"")
    assert NUMBER in said(surfaces(compound({"WordDocument": streams["WordDocument"]})))


def test_ppt():
    inner = atom(0x0FA0, utf16(f"番号 {NUMBER}")) + atom(0x0FA8, b"ascii") + atom(0x0F9F, b"\0" * 4)
    data = compound({"PowerPoint Document": atom(0x03E8, inner, 0xF)})
    assert said(surfaces(data)) == f"番号 {NUMBER}\nascii"


def test_msg():
    found = surfaces(compound(MESSAGE), "a.msg")
    assert NUMBER in said(found)
    assert "本文です" in said(found)
    assert "佐藤 花子" in said(found)


def test_msg_with_attachments():
    data = compound(
        {
            **MESSAGE,
            ATTACHED + "__substg1.0_3707001F": utf16("一覧.txt"),
            ATTACHED + "__substg1.0_37010102": NUMBER.encode() * 1_000,
        }
    )
    assert nested(surfaces(data)) == {"一覧.txt": NUMBER.encode() * 1_000}


def test_msg_in_msg():
    inner = individual_number(11)
    storage = ATTACHED + "__substg1.0_3701000D/"
    data = compound(
        {
            **MESSAGE,
            ATTACHED + "__substg1.0_3001001F": utf16("転送"),
            storage + "__properties_version1.0": bytes(24),
            storage + "__substg1.0_1000001F": utf16(f"内側 {inner}"),
        }
    )
    assert spots(surfaces(data, "a.msg"), inner)[0].path == ("a.msg", "転送")


def test_msg_with_html_or_rtf_alone():
    page = {"__properties_version1.0": bytes(32), "__substg1.0_10130102": f"<p>{NUMBER}".encode()}
    body = rb"{\rtf1\ansi\ansicpg932 \'8c\'c2\'90l " + NUMBER.encode() + b"}"
    packed = struct.pack("<LL4sL", len(body) + 12, len(body), b"MELA", 0) + body
    rich = {"__properties_version1.0": bytes(32), "__substg1.0_10090102": packed}
    assert NUMBER in said(surfaces(compound(page)))
    assert f"個人 {NUMBER}" in said(surfaces(compound(rich)))


def test_compressed_rtf_of_the_specification():
    """[MS-OXRTFCP] 4.1.1."""
    from detectors.budget import Budget
    from detectors.extract.lzfu import unpack

    data = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpack(data, Budget()) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_rtf():
    full = "".join(chr(ord(digit) + 0xFEE0) for digit in NUMBER)
    octets = "".join(f"\\'{octet:02x}" for octet in full.encode("cp932"))
    letters = "".join(f"\\u{ord(digit)}?" for digit in full)
    data = rb"{\rtf1\ansi\ansicpg932{\fonttbl{\f0 MS 999;}}{\pict 00112233}"
    data += f"\\f0 {octets}\\par {letters}\\par {{\\v {NUMBER}}}}}".encode()
    found = surfaces(data)
    assert said(found, hidden=False).split() == [full, full]
    assert NUMBER in said(found, hidden=True)


def tnef(*attributes: tuple[int, bytes]) -> bytes:
    body = b"".join(
        struct.pack("<BLL", 1, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
        for number, data in attributes
    )
    return b"\x78\x9f\x3e\x22\x01\x00" + body


def properties(*values: tuple[int, int, bytes]) -> bytes:
    body = b"".join(
        struct.pack("<HHLL", kind, tag, 1, len(data)) + data.ljust(-(-len(data) // 4) * 4, b"\0")
        for kind, tag, data in values
    )
    return struct.pack("<L", len(values)) + body


def test_winmail():
    a, b, c = individual_numbers(3, seed=2)
    rich = rb"{\rtf1 " + a.encode() + b"}"
    packed = struct.pack("<LL4sL", len(rich) + 12, len(rich), b"MELA", 0) + rich
    data = tnef(
        (0x018004, f"件名 {b}\0".encode("cp932")),
        (0x069003, properties((0x0102, 0x1009, packed), (0x001F, 0x0037, utf16("題\0")))),
        (0x069002, bytes(14)),
        (0x018010, "一覧~1.txt\0".encode("cp932")),
        (0x06800F, c.encode()),
        (0x069005, properties((0x001F, 0x3707, utf16("一覧表.txt\0")))),
    )
    found = surfaces(data, "winmail.dat")
    assert a in said(found)
    assert b in said(found)
    assert nested(found) == {"一覧表.txt": c.encode()}
    assert refusals(surfaces(data[:-4])) == ["corrupt"]


def test_embedded_objects():
    native = struct.pack("<LH", 0, 2) + "表.txt\0C:\\x\0".encode("cp932") + b"\0\0\3\0"
    native += struct.pack("<L", 4) + b"C:\\\0" + struct.pack("<L", 12) + NUMBER.encode()
    assert nested(surfaces(compound({"\x01Ole10Native": native}))) == {"表.txt": NUMBER.encode()}
    assert nested(surfaces(compound({"CONTENTS": b"%PDF-1.4" + bytes(9)}))).keys() == {"CONTENTS"}


def test_macros_are_noted():
    assert notes(surfaces(compound({**doc("x", b""), "Macros/VBA/dir": b"x"}))) == ["macro"]


@pytest.mark.parametrize(
    ("streams", "reason"),
    [
        ({"EncryptedPackage": b"x" * 5_000, "EncryptionInfo": b"y"}, "encrypted_office"),
        (doc("x", b"", flags=0x0300), "encrypted_office"),
        ({"PowerPoint Document": b"", "EncryptedSummary": b"x"}, "encrypted_office"),
        ({"DocumentText": b"x" * 100}, "format_not_supported"),
    ],
)
def test_what_is_locked_or_foreign_is_refused(streams, reason):
    assert refusals(surfaces(compound(streams))) == [reason]


@pytest.mark.parametrize("size", [600, 1_500, 2_000])
def test_damaged_files_are_refused(size):
    assert refusals(surfaces(xls({"a": [["x" * 100]] * 40})[:size]))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (xls({"a": [["x"]]}), "xls"),
        (compound(doc("x", b"")), "doc"),
        (compound(MESSAGE), "msg"),
        (workbook({"a": [["x"]]}), "xlsx"),
        (zipped({"a": b"x"}), "zip"),
        (pdf(["x"]), "pdf"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"Received: from a\r\nSubject: x\r\n\r\nbody", "eml"),
        ("個人番号".encode("cp932"), "txt"),
        (b"<html>", "html"),
        (b"", "txt"),
    ],
)
def test_sniffing_and_what_is_read_in_a_child(data, kind):
    assert sniff(data, "wrong.name") == kind
    assert risky(Source(Spot("1"), "a", data)) == (kind not in ("eml", "txt", "html"))


def test_numbers_are_not_in_any_refusal():
    numbers = individual_numbers(3)
    data = compound({**MESSAGE, "__substg1.0_0037001F": utf16(numbers[0])})
    for cut in range(600, len(data), 701):
        for surface in surfaces(data[:cut]):
            if hasattr(surface, "reason"):
                assert numbers[0] not in repr(surface.reason)


def test_a_wide_row_ends_where_no_paragraph_is_of_its_table():
    """Its properties stand in another stream; an empty box before its end is no end of it."""
    boxes = "".join(f"{digit}\x07" for digit in NUMBER[:11])
    before, row, after = "個人番号\r", f"{boxes}\x07", "\x07氏名 山田\r"
    place = (len(before), len(before + row))
    found = surfaces(compound(records.word(before + row + after, table=place)))
    (table,) = tables(found)
    assert table.rows == [[*NUMBER[:11], ""]]
    assert said(found, hidden=False).split() == ["個人番号", "氏名", "山田"]


@pytest.mark.parametrize(
    "end", [b"", b"\\par\r\n", b"{\\b x", b"{\\field{\\*\\fldinst HYPERLINK x"]
)
def test_an_rtf_whose_groups_are_not_closed_is_read_as_it_stands(end):
    found = surfaces(b"{\\rtf1\\ansi No. " + NUMBER.encode() + end)
    assert NUMBER in said(found) and not refusals(found)


@pytest.mark.parametrize("end", [b"{\\pict 0123", b"{\\fonttbl{\\f0 Arial;} No."])
def test_an_rtf_that_ends_inside_of_what_is_no_text_is_damaged(end):
    assert refusals(surfaces(b"{\\rtf1\\ansi " + end)) == ["corrupt"]
