"""What cannot be read is held, whatever it is called; what everybody reads alike is not."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

import pytest

from detectors import inspect
from detectors.extract import program, risky, sniff
from detectors.extract.formats import BY_KIND, SIGNS, Verdict
from detectors.surface import Source, Spot, Surface
from detectors.wanted import Reader, Wanted
from tests.detectors.extract.compound import compound
from tests.detectors.extract.packing import cab
from tests.detectors.extract.parts import unzipped
from tests.detectors.extract.reads import nested, refusals, said, surfaces, unread
from tests.samples import document, individual_number, message, workbook, zipped

NUMBER = individual_number(77)
NOISE = random.Random(2).randbytes(6_000)
TYPE = "application/vnd.oasis.opendocument.text"
CONTENT = f'<a:document-content xmlns:a="urn:a"><a:p>{NUMBER}</a:p></a:document-content>'
MANIFEST = f'<m:manifest xmlns:m="urn:m"><m:file-entry m:media-type="{TYPE}" m:full-path="/">%s'
MANIFEST += "</m:file-entry></m:manifest>"
OPENOFFICE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE manifest:manifest PUBLIC '
    '"-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd">\n'
)


def packed(files: dict[str, bytes | str], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def odt(content: bytes | str | None = CONTENT, manifest: str = MANIFEST % "") -> bytes:
    files: dict[str, bytes | str] = {"mimetype": TYPE, "META-INF/manifest.xml": manifest}
    return packed(files if content is None else {**files, "content.xml": content})


def arj() -> bytes:
    head = b"\x1e\x0b\x01\x00\x10\x00\x02" + bytes(23) + b"a.arj\0\0"
    return b"\x60\xea" + struct.pack("<H", len(head)) + head + struct.pack("<L", zlib.crc32(head))


def pe(inside: bytes = bytes(512)) -> bytes:
    """A program of one section, with a whole header."""
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<L", 64)
    head = b"PE\0\0" + struct.pack("<2H3L2H", 0x14C, 1, 0, 0, 0, 0, 0)
    at = len(dos) + len(head) + 40
    return (
        dos
        + head
        + struct.pack("<8s6L2HL", b".text", 0, 0, len(inside), at, 0, 0, 0, 0, 0)
        + inside
    )


ENCRYPTED = MANIFEST % "<m:encryption-data/>"
PPT = (
    struct.pack("<HHL", 0x0F, 1000, 20)
    + struct.pack("<HHL", 0, 0x0FBA, 12)
    + "山田太郎です".encode("utf-16-le")
)
EMF = struct.pack("<2L", 1, 60) + bytes(32) + b" EMF" + bytes(16)
HEX = NOISE[:200].hex().encode()
REFUSED = {
    "odt, encrypted": (odt(NOISE, ENCRYPTED), "encrypted_office"),
    "odt, encrypted as a whole": (odt(None, ENCRYPTED), "encrypted_office"),
    "odt, cut": (odt(CONTENT[:60]), "corrupt"),
    "odt, no XML": (odt(NOISE), "corrupt"),
    "odt, without its content": (odt(None), "corrupt"),
    "docx, cut": (zipped({**unzipped(document(["x"])), "word/document.xml": b"<w:doc"}), "corrupt"),
    "docx, no XML": (zipped({**unzipped(document(["x"])), "word/document.xml": NOISE}), "corrupt"),
    "ppt, damaged": (compound({"PowerPoint Document": NOISE[:512] + PPT}), "corrupt"),
    "project": (compound({"Props": NOISE, "Var2Data": NOISE}), "format_not_supported"),
    "visio": (compound({"VisioDocument": NOISE}), "format_not_supported"),
    "filemaker": (b"\0\1\0\0\0\2\0\1\0\5\0\2\0\2\xc0HBAM7" + NOISE, "format_not_supported"),
    "a container": (NOISE, "looks_encrypted"),
    "a container with a heading": (b"KEY1" + bytes(60) + NOISE, "looks_encrypted"),
    "a container called a text": (NOISE, "looks_encrypted"),
    "emf, garbage": (EMF[:44] + NOISE, "corrupt"),
    "emf, cut": (EMF, "corrupt"),
    "rtf, garbage in it": (b"{\\rtf1{\\object{\\objdata " + HEX + b"}}}", "corrupt"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_held(what: str) -> None:
    data, reason = REFUSED[what]
    text = "text/plain" if "text" in what else ""
    assert reason in refusals(surfaces(data, "a.dat", media_type=text))


@pytest.mark.parametrize("what", ["odt, cut", "docx, cut"])
def test_what_is_left_of_a_broken_document_is_read(what: str) -> None:
    assert nested(surfaces(REFUSED[what][0]))


INSIDE = {
    "arj": (arj(), "arj"),
    "rar, whole": (b"Rar!\x1a\x07\x01\x00" + NOISE, "rar"),
    "rar, damaged": (b"Rar!\x1a\x07\x00" + bytes(99), "rar"),
}


@pytest.mark.parametrize("what", INSIDE)
def test_archives_behind_a_program_are_found(what: str) -> None:
    archive, kind = INSIDE[what]
    (inner,) = nested(surfaces(pe() + archive, "setup.exe")).values()
    assert inner == archive
    assert sniff(inner) == kind
    assert refusals(surfaces(inner))


def test_letters_inside_a_program_are_no_archive() -> None:
    assert nested(surfaces(pe(b"Rar!\x1a\x07\x01\x00" + bytes(504)), "unrar.exe")) == {}
    assert program.end(pe()) == len(pe())


def test_more_signs_than_anybody_looks_at_are_held() -> None:
    assert refusals(surfaces(pe(b"MSCF\0\0\0\0" * 2_000), "a.exe")) == ["over_budget"]


def test_a_stored_volume_is_read_and_held() -> None:
    found = surfaces(f"番号 {NUMBER}\n".encode() * 9, "a.7z.002")
    assert refusals(found) == ["part_of_volume"]
    assert NUMBER in said(found)


NATURE = {
    "stl": b"solid".ljust(80, b" ") + struct.pack("<L", 60) + NOISE[:3_000],
    "msi": compound({"\u4840\u3f7f\u4164": NOISE}),
    "inventor": compound({"RSeDb": NOISE}),
    "solidworks": compound({"SwDocContentMgr": NOISE, "Preview": NOISE}),
    "wdp": b"II\xbc\x01" + NOISE,
}


@pytest.mark.parametrize("what", NATURE)
def test_what_has_no_text_by_nature_is_not_held(what: str) -> None:
    found = surfaces(NATURE[what])
    assert unread(found)
    assert refusals(found) == []


def test_short_keys_and_orderly_octets_are_not_held() -> None:
    for data in (NOISE[:300], bytes(range(256)) * 20, bytes(5_000) + NOISE[:500]):
        assert refusals(surfaces(data)) == []


def test_texts_of_a_drawing_are_read() -> None:
    text = "個人番号".encode("utf-16-le")
    record = struct.pack("<2L", 84, 76 + len(text)) + bytes(36) + struct.pack("<2L", 4, 76)
    record = record.ljust(76, b"\0") + text
    found = surfaces(EMF + record + struct.pack("<5L", 14, 20, 0, 0, 20))
    assert said(found) == "個人番号"
    assert unread(found) == ["image"]
    assert refusals(found) == []


XPS = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
    'Extension="fpage" ContentType="application/vnd.ms-package.xps-fixedpage+xml"/></Types>'
)


def ar(name: bytes, data: bytes) -> bytes:
    head = b"%-16b%-12d%-6d%-6d%-8b%-10d`\n" % (name + b"/", 0, 0, 0, b"100644", len(data))
    return b"!<arch>\n" + head + data + b"\n" * (len(data) % 2)


BOOK = workbook({"表": [["番号"], [NUMBER]]})
READ_ALIKE = {
    "xps": packed(
        {"[Content_Types].xml": XPS, "1.fpage": f'<P><Glyphs UnicodeString="{NUMBER}"/></P>'},
        zipfile.ZIP_STORED,
    ),
    "odt of OpenOffice": odt(manifest=OPENOFFICE + MANIFEST % ""),
    "odt of OpenOffice without names": odt(
        manifest=OPENOFFICE + f'<m:manifest><m:file-entry m:media-type="{TYPE}"/></m:manifest>'
    ),
    "template of styles": packed({"mimetype": TYPE, "styles.xml": "<a/>"}),
    "cab": cab({"a.txt": b"x", "a.xlsx": BOOK}),
    "cab in blocks": cab(
        {"a.txt": b"x", "a.zip": packed({"a.dat": bytes(70_000)}, zipfile.ZIP_STORED)}
    ),
    "ar": ar(b"a.xlsx", BOOK),
    "ar of a stored zip": ar(b"a.zip", packed({"a.txt": NUMBER * 2}, zipfile.ZIP_STORED)),
}


@pytest.mark.parametrize("what", READ_ALIKE)
def test_it_is_not_held(what: str) -> None:
    assert refusals(surfaces(READ_ALIKE[what], "a.dat")) == []


def test_a_zip_behind_an_archive_reads_two_ways_all_the_same() -> None:
    behind = packed({"a.txt": NUMBER})
    for data in (cab({"a.txt": b"x"}), ar(b"a.txt", b"xx")):
        found = surfaces(data + behind)
        assert "ambiguous_archive" in refusals(found)
        assert behind in nested(found).values()


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY b "1">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">',
        '<!-- <!DOCTYPE a PUBLIC "-//W3C//DTD a" "b"> --><!DOCTYPE a [<!ENTITY b "1">]>',
        '<!DOCTYPE a PUBLIC "-//W3C//DTD a" "b" [<!ENTITY b "1">]>',
    ],
)
def test_declarations_are_refused(declared: str) -> None:
    assert refusals(surfaces(odt(declared + CONTENT))) == ["xml_doctype"]


def test_large_parsers_run_in_a_child_those_of_xml_too() -> None:
    asked = []

    def confine(reader: Reader, source: Source) -> list[Surface]:
        asked.append(source.name)
        return reader(source)

    files = [("a.xml", b"<?xml version='1.0'?><a/>"), ("a.txt", b"text"), ("a.xlsx", BOOK)]
    inspect(message("件名", "本文", files), Wanted(confine=confine))
    assert asked == ["a.xml", "a.xlsx"]


def test_xml_is_risky_and_plain_text_is_not() -> None:
    for kind, data in (("xml", b"<?xml version='1.0'?><a/>"), ("txt", b"a"), ("html", b"<html>")):
        assert sniff(data) in (kind, "html")
        assert risky(Source(Spot("1"), "", data, kind=kind)) == (kind == "xml")


def test_what_nobody_reads_needs_no_child_and_all_else_does() -> None:
    for offset, sign, kind in SIGNS:
        data = bytes(offset) + sign + bytes(40)
        if sniff(data) == kind:
            unread = isinstance(BY_KIND[kind].read, Verdict)
            assert risky(Source(Spot("1"), "", data, kind=kind)) != unread, kind


def test_halves_of_letters_are_joined_or_replaced() -> None:
    """An emoji of two halves broke what carries the surfaces to the worker."""
    found = surfaces(b"{\\rtf1 A\\u-10179?\\u-8704?B\\u-10179?C}")
    assert "A\U0001f600B" in said(found)
    assert said(found).encode()
