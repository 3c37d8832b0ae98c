"""Every format that is known, one line each: its octets, its names, and who reads it.

A format without a reader has a verdict instead. Of two signatures at the same offset the first one
that fits counts, so that the narrower stands before the wider. How to add one: docs/extending.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import olefile

from detectors.budget import Budget
from detectors.extract import (
    archive,
    dbase,
    emf,
    html,
    legacy,
    locked,
    macintosh,
    msg,
    odf,
    officexml,
    onenote,
    package,
    pdf,
    picture,
    plain,
    rtf,
    shortcut,
    svg,
    tnef,
    visiting,
    xps,
)
from detectors.extract.excel import biffsingle, xlsb, xlsx
from detectors.extract.powerpoint import pptx
from detectors.extract.word import docx
from detectors.surface import Source, Surface, Unread, Unreadable

Reader = Callable[[Source, Budget], Iterator[Surface]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a format that nobody reads."""

    surface: type[Unreadable] | type[Unread]
    code: str


FOREIGN = Verdict(Unreadable, "format_not_supported")
UNKNOWN_PACKING = Verdict(Unreadable, "archive_not_supported")
PART = Verdict(Unreadable, "part_of_volume")
SEALED = Verdict(Unreadable, "encrypted_mail")
LOCKED = Verdict(Unreadable, "encrypted_archive")
IMAGE = Verdict(Unread, "image")
NO_TEXT = Verdict(Unread, "no_text")


@dataclass(frozen=True, slots=True)
class Format:
    kind: str
    """As `sniff` calls it."""
    read: Reader | Verdict
    signs: tuple[tuple[int, bytes], ...] = ()
    """Octets that tell it, any of them, each with the offset where they stand."""
    names: str = ""
    """Endings of file names, for octets that tell nothing: a name makes the verdict stricter."""


_MODEL = (
    "\ufeffSTREAM_STORAGE_SIGNATURE_)!@#$%^&*(",
    "\ufeffThis backup was created using XPress9",
)
"""How the data model of Excel or Power BI begins (MS-XLDM 2.1): all rows loaded, packed."""

_WORKSHEETS = (b"\x09\0\4\0", b"\x09\0\6\0", b"\x09\2\6\0", b"\x09\4\6\0")
"""How Excel 2 to 4 begin: the record BOF with its length."""

# fmt: off
FORMATS = (
    # text, told apart by its words (`magic`)
    Format("txt", plain.read),
    Format("csv", plain.read),
    Format("xml", officexml.read),
    Format("html", html.read),
    Format("svg", svg.read),
    Format("rtf", rtf.read),
    Format("ics", visiting.read),
    Format("vcf", visiting.read),
    Format("eml", FOREIGN),  # mails are read by the walk
    Format("mbox", FOREIGN),
    Format("pgp", SEALED, names=".pgp .gpg .asc"),
    Format("p7m", SEALED, names=".p7m"),
    Format("p7m-signed", FOREIGN),
    Format("p7s", NO_TEXT),
    # documents; packages and compound files are told apart by what is inside (`magic`)
    Format("pdf", pdf.read, ((0, b"%PDF-"),)),
    Format("xlsx", xlsx.read),
    Format("xlsb", xlsb.read),
    Format("docx", docx.read),
    Format("pptx", pptx.read),
    Format("odt", odf.read),
    Format("odp", odf.read),
    Format("ods", odf.read_sheets),
    Format("xls", legacy.read_xls),
    Format("xls4", biffsingle.read, tuple((0, sign) for sign in _WORKSHEETS)),
    Format("doc", legacy.read_doc),
    Format("ppt", legacy.read_ppt),
    Format("msg", msg.read),
    Format("xps", xps.read),
    Format("vsdx", package.read),
    Format("iwork", FOREIGN),
    Format("encrypted_office", locked.read),
    Format("jtd", FOREIGN, names=".jtd .jtt .jtdc .jaw .jtw"),
    Format("xdw", FOREIGN, names=".xdw .xbd .xct"),
    Format("ole", legacy.read_ole, ((0, olefile.MAGIC),)),
    Format("tnef", tnef.read, ((0, b"\x78\x9f\x3e\x22"),)),
    Format("lnk", shortcut.read, ((0, b"\x4c\0\0\0\x01\x14\x02\0"),)),
    Format("appledouble", macintosh.read, ((0, b"\0\5\x16\7\0"), (0, b"\0\5\x16\0\0"))),
    Format("ds_store", macintosh.read_store, ((0, b"\0\0\0\1Bud1"),)),
    Format("plist", shortcut.read_plist, ((0, b"bplist00"),)),
    Format("fmp", FOREIGN, ((0, b"\0\1\0\0\0\2\0\1\0\5\0\2\0\2\xc0HBAM"),)),  # FileMaker 7 to 2024
    Format("hwp", FOREIGN, ((0, b"HWP Document File"),)),
    Format("mdb", FOREIGN, ((4, b"Standard Jet DB"), (4, b"Standard ACE DB"))),
    Format("sqlite", FOREIGN, ((0, b"SQLite format 3\0"),)),
    Format("pst", FOREIGN, ((0, b"!BDN"),)),
    Format("dbx", FOREIGN, ((0, b"\xcf\xad\x12\xfe"),)),
    Format("one", onenote.read, ((0, bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")),)),
    Format("model", FOREIGN, tuple((0, begun.encode("utf-16-le")) for begun in _MODEL)),
    Format("parquet", FOREIGN, ((0, b"PAR1"),)),
    Format("orc", FOREIGN, ((0, b"ORC\x0a"),)),
    Format("avro", FOREIGN, ((0, b"Obj\x01"),)),
    Format("hdf5", FOREIGN, ((0, b"\x89HDF\r\n\x1a\n"),)),
    Format("sas", FOREIGN, ((12, bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")),)),
    Format("spss", FOREIGN, ((0, b"$FL2@(#)"), (0, b"$FL3@(#)"))),
    Format("lotus", FOREIGN, ((0, b"\0\0\x1a\0"), (0, b"\0\0\x02\0\x06\x04")), ".wk1 .wk3 .wj2"),
    Format("dbf", dbase.read, names=".dbf"),
    Format("wri", FOREIGN, ((0, b"\x31\xbe\0\0"),)),
    Format("wpd", FOREIGN, ((0, b"\xffWPC"),)),
    Format("chm", FOREIGN, ((0, b"ITSF"),)),
    Format("djvu", FOREIGN, ((0, b"AT&TFORM"),)),
    Format("eps", FOREIGN, ((0, b"\xc5\xd0\xd3\xc6"),)),
    Format("indd", FOREIGN, ((0, bytes.fromhex("0606edf5d81d46e5")),)),
    Format("mobi", FOREIGN, ((60, b"BOOKMOBI"),)),
    Format("evtx", FOREIGN, ((0, b"ElfFile\0"),)),
    Format("regf", FOREIGN, ((0, b"regf"),)),
    Format("pcap", FOREIGN, ((0, b"\xd4\xc3\xb2\xa1"), (0, b"\x0a\x0d\x0d\x0a"))),
    # archives
    Format("zip", archive.read_zip, ((0, b"PK\x03\x04"), (0, b"PK\x05\x06"))),
    Format("tar", archive.read_tar, ((257, b"ustar"),)),
    Format("gz", archive.read_gz, ((0, b"\x1f\x8b\x08"),)),
    Format("bz2", archive.read_bz2, ((0, b"BZh"),)),
    Format("xz", archive.read_xz, ((0, b"\xfd7zXZ\0"),)),
    Format("lzma", archive.packed("raw", "lzma"), ((0, b"\x5d\0\0"),)),
    Format("7z", archive.read_7z, ((0, b"7z\xbc\xaf\x27\x1c"),)),
    Format("rar", archive.read_rar, ((0, b"Rar!\x1a\x07"),)),
    Format("lzh", archive.packed("lha"), ((2, b"-lh"), (2, b"-lz"), (2, b"-pm")), ".lzh .lha"),
    Format("cab", archive.packed("cab"), ((0, b"MSCF\0\0\0\0"),)),
    Format("iso", archive.read_iso, ((32_769, b"CD001"),)),
    Format("cpio", archive.packed("cpio"), ((0, b"070701"), (0, b"070707"), (0, b"070702"))),
    Format("ar", archive.packed("ar"), ((0, b"!<arch>\n"),)),
    Format("xar", UNKNOWN_PACKING, ((0, b"xar!"),)),
    Format("zst", archive.packed("raw", "zstd"), ((0, b"\x28\xb5\x2f\xfd"),)),
    Format("lz4", archive.packed("raw", "lz4"), ((0, b"\x04\x22\x4d\x18"),)),
    Format("lzip", archive.packed("raw", "lzip"), ((0, b"LZIP"),)),
    Format("Z", archive.packed("raw", "compress"), ((0, b"\x1f\x9d"),)),
    Format("volume", PART, ((0, b"PK\x07\x08"),)),
    Format("arj", UNKNOWN_PACKING, ((0, b"\x60\xea"),)),
    Format("ace", UNKNOWN_PACKING, ((7, b"**ACE**"),)),
    Format("gca", UNKNOWN_PACKING, ((0, b"GCAX"),)),
    Format("alz", UNKNOWN_PACKING, ((0, b"ALZ\x01"), (0, b"EGGA"))),
    Format("sit", UNKNOWN_PACKING, ((0, b"StuffIt"), (0, b"SIT!"))),
    Format("wim", UNKNOWN_PACKING, ((0, b"MSWIM\0\0\0"),)),
    Format("dmg", UNKNOWN_PACKING, names=".dmg"),
    Format("disk", FOREIGN, ((0, b"vhdxfile"), (0, b"conectix"), (0, b"KDMV"), (0, b"QFI\xfb"))),
    Format("locked", LOCKED, ((0, b"AES\x02"), (0, b"Salted__"), (0, b"LUKS\xba\xbe"))),
    Format("age", LOCKED, ((0, b"age-encryption.org/v1\n"),)),
    Format("atc", LOCKED, names=".atc"),
    Format("rpmsg", LOCKED, ((0, b"\x76\xe8\x04\x60\xc4\x11\xe3\x86"),), ".rpmsg"),
    Format("keepass", LOCKED, ((0, b"\x03\xd9\xa2\x9a"),)),
    # pictures
    Format("png", picture.read, ((0, b"\x89PNG\r\n\x1a\n"),)),
    Format("jpeg", picture.read, ((0, b"\xff\xd8\xff"),)),
    Format("gif", picture.read, ((0, b"GIF8"),)),
    Format("tiff", picture.read, ((0, b"II*\0"), (0, b"MM\0*"), (0, b"II+\0"), (0, b"MM\0+"))),
    Format("bmp", picture.read),
    Format("ppm", picture.read),
    Format("webp", picture.read, ((8, b"WEBP"),)),
    Format(
        "heic",
        picture.read,
        ((4, b"ftypheic"), (4, b"ftypheix"), (4, b"ftypmif1"), (4, b"ftypavif")),
    ),
    Format("jp2", picture.read, ((0, b"\0\0\0\x0cjP  "), (0, b"\xff\x4f\xff\x51"))),
    Format("jxl", IMAGE, ((0, b"\0\0\0\x0cJXL "), (0, b"\xff\x0a"))),
    Format("wdp", IMAGE, ((0, b"II\xbc\0"), (0, b"II\xbc\1"))),
    Format("emf", emf.read, ((40, b" EMF"),)),
    Format("wmf", IMAGE, ((0, b"\xd7\xcd\xc6\x9a"),)),
    Format("ico", picture.read, ((0, b"\0\0\x01\0"),)),
    Format("psd", picture.read, ((0, b"8BPS"),)),
    Format("icns", picture.read, ((0, b"icns"),)),
    Format("pcx", picture.read, ((0, b"\x0a\x05\x01"), (0, b"\x0a\x03\x01")), ".pcx"),
    Format("tga", picture.read, names=".tga"),
    # what carries no text by nature: sound and video, drawings, programs, fonts
    Format("mp4", NO_TEXT, ((4, b"ftyp"), (4, b"moov"))),
    Format("avi", NO_TEXT, ((8, b"AVI "),)),
    Format("wav", NO_TEXT, ((8, b"WAVE"), (8, b"AIFF"))),
    Format("mp3", NO_TEXT, ((0, b"ID3"), (0, b"\xff\xfb"), (0, b"\xff\xf3"))),
    Format("aac", NO_TEXT, ((0, b"\xff\xf1"), (0, b"\xff\xf9"))),
    Format("flac", NO_TEXT, ((0, b"fLaC"),)),
    Format("ogg", NO_TEXT, ((0, b"OggS"),)),
    Format("midi", NO_TEXT, ((0, b"MThd"),)),
    Format("amr", NO_TEXT, ((0, b"#!AMR"),)),
    Format("mkv", NO_TEXT, ((0, b"\x1a\x45\xdf\xa3"),)),
    Format("wmv", NO_TEXT, ((0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),)),
    Format("mpeg", NO_TEXT, ((0, b"\0\0\x01\xba"), (0, b"\0\0\x01\xb3"))),
    Format("flv", NO_TEXT, ((0, b"FLV\x01"), (0, b"FWS"), (0, b"CWS"))),
    Format("exe", NO_TEXT, ((0, b"MZ"), (0, b"\x7fELF"), (0, b"\xcf\xfa\xed\xfe"))),
    Format("code", NO_TEXT, ((0, b"\xca\xfe\xba\xbe"), (0, b"\0asm"), (0, b"dex\n"))),
    Format("dwg", NO_TEXT, ((0, b"AC10"), (0, b"AutoCAD Binary DXF")), ".dxf"),
    Format("stl", NO_TEXT),
    Format("glb", NO_TEXT, ((0, b"glTF\2\0\0\0"),)),
    Format("jww", NO_TEXT, ((0, b"JwwData."),)),
    Format("font", NO_TEXT, ((0, b"\0\x01\0\0\0"), (0, b"OTTO\0"), (0, b"ttcf\0"))),
    Format("webfont", NO_TEXT, ((0, b"wOFF"), (0, b"wOF2"))),
)
# fmt: on
PICTURES = frozenset(format.kind for format in FORMATS if format.read is picture.read)
BY_KIND = {format.kind: format for format in FORMATS}
SIGNS = tuple((offset, sign, each.kind) for each in FORMATS for offset, sign in each.signs)
NAMES = {ending: each.kind for each in FORMATS for ending in each.names.split()}
