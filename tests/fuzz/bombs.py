"""Files that are small on the wire and endless to whoever believes them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping

from tests.detectors.extract.compound import compound
from tests.detectors.extract.parts import W, unzipped
from tests.samples import document, workbook, zipped

MIB = 1 << 20


def zeros(size: int) -> bytes:
    """What `size` zeros are in gzip, without ever being in memory."""
    packer, out = zlib.compressobj(9, wbits=31), []
    for _ in range(size // MIB):
        out.append(packer.compress(bytes(MIB)))
    return b"".join([*out, packer.flush()])


def tree_of_zips() -> bytes:
    """42.zip: sixteen archives of sixteen archives …, five levels down to 4 GiB of zeros."""
    data = zipped({"0.dll": bytes(4 * MIB)})
    for level in range(5):
        data = zipped({f"lib {level}{n:x}.zip": data for n in range(16)})
    return data


def overlapping_zip(count: int = 250, size: int = 20 * MIB) -> bytes:
    """Members that quote each other's local headers and share one stream (Fifield 2019)."""
    packer = zlib.compressobj(9, wbits=-15)
    body = packer.compress(bytes(size)) + packer.flush()
    crc, unpacked = zlib.crc32(bytes(size)), size
    headers: list[tuple[bytes, int, int]] = []
    for number in range(count):
        name = f"{number:05}".encode()
        if number:  # a stored block that holds the header of the one behind
            body = struct.pack("<B2H", 0, len(head), len(head) ^ 0xFFFF) + head + body  # noqa: F821
            unpacked += len(head)  # noqa: F821
        fields = struct.pack("<5H3L2H", 20, 0, 8, 0, 0, crc, len(body), unpacked, len(name), 0)
        head = b"PK\x03\x04" + fields + name
        headers.append((name, len(body), unpacked))
    data, directory = head + body, b""
    for name, packed, size in headers:
        at = len(data) - packed - len(head)
        directory += b"PK\x01\x02" + struct.pack(
            "<6H3L5H2L", 20, 20, 0, 8, 0, 0, crc, packed, size, len(name), 0, 0, 0, 0, 0, at
        ) + name  # fmt: skip
    end = struct.pack("<4H2LH", 0, 0, count, count, len(directory), len(data), 0)
    return data + directory + b"PK\x05\x06" + end


def zip_in_itself(levels: int = 60) -> bytes:
    data = b"x"
    for level in range(levels):
        data = zipped({f"{level}.zip": data})
    return data


def zip_of_nothing(members: int = 60_000) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(members):
            archive.writestr(f"{number}", b"")
    return out.getvalue()


def tar_of_nothing(members: int = 1_000_000) -> bytes:
    header = tarfile.TarInfo("a.txt").tobuf()
    packer, out = zlib.compressobj(1, wbits=31), []
    for _ in range(members // 1_000):
        out.append(packer.compress(header * 1_000))
    return b"".join([*out, packer.flush()])


def seven_zip(size: int) -> bytes:
    import libarchive

    out = io.BytesIO()
    with libarchive.custom_writer(lambda data: out.write(data) or len(data), "7zip") as archive:
        archive.add_file_from_memory("zeros.txt", size, (bytes(MIB) for _ in range(size // MIB)))
    return out.getvalue()


# Office


def laughing_docx() -> bytes:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return _with_document(f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>', "&a11;")


def quadratic_docx() -> bytes:
    return _with_document(f'<!DOCTYPE x [<!ENTITY a "{"a" * 90_000}">]>', "&a;" * 90_000)


def deep_docx(depth: int = 200_000) -> bytes:
    return _with_document("", "<w:p>" * depth + "</w:p>" * depth)


def wide_docx(paragraphs: int = 400_000) -> bytes:
    return _with_document(
        "", "".join(f"<w:p><w:r><w:t>{n}</w:t></w:r></w:p>" for n in range(paragraphs))
    )


def _with_document(declaration: str, body: str) -> bytes:
    files = unzipped(document(["x"]))
    text = f"<?xml version='1.0'?>{declaration}<w:document {W}><w:body>{body}</w:body></w:document>"
    return zipped({**files, "word/document.xml": text.encode()})


def sparse_xlsx() -> bytes:
    """A sheet that calls itself 17 thousand million cells large, and has two at its corners."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row>'
    cells += '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    return _with_sheet(f'<dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData>')


def merged_xlsx() -> bytes:
    merges = '<mergeCell ref="A1:XFD1048576"/>' * 1_000
    return _with_sheet(f'<sheetData/><mergeCells count="1000">{merges}</mergeCells>')


def quoting_xlsx(cells: int = 1_000_000) -> bytes:
    """One string of 32 KiB that every cell refers to: 30 GiB for who writes it out."""
    rows = "".join(
        f'<row r="{n + 1}">' + f'<c r="A{n + 1}" t="s"><v>0</v></c>' * 100 + "</row>"
        for n in range(cells // 100)
    )
    files = unzipped(_with_sheet(f"<sheetData>{rows}</sheetData>"))
    text = "あ" * 32_000
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    shared = f'<sst xmlns="{main}" count="1" uniqueCount="1"><si><t>{text}</t></si></sst>'
    return zipped({**files, "xl/sharedStrings.xml": shared.encode()})


def _with_sheet(inside: str) -> bytes:
    files = unzipped(workbook({"表": [["x"]]}))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<?xml version="1.0"?><worksheet xmlns="{main}">{inside}</worksheet>'
    return zipped({**files, "xl/worksheets/sheet1.xml": sheet.encode()})


def cyclic_ole() -> bytes:
    """A compound file whose table of sectors leads back to its beginning."""
    data = bytearray(compound({"WordDocument": bytes(200_000), "1Table": bytes(9_000)}))
    fat_at = 512 * (1 + struct.unpack_from("<L", data, 76)[0])
    for sector in range(64):
        struct.pack_into("<L", data, fat_at + 4 * sector, 0)
    return bytes(data)


def nested_msg(levels: int = 60) -> bytes:
    """Outlook messages in each other, as storages of one file."""
    streams: dict[str, bytes] = {}
    folder = ""
    for level in range(levels):
        streams[f"{folder}__properties_version1.0"] = bytes(32)
        streams[f"{folder}__substg1.0_1000001F"] = f"level {level}".encode("utf-16-le")
        folder += "__attach_version1.0_#00000000/__substg1.0_3701000D/"
    streams[f"{folder}__properties_version1.0"] = bytes(32)
    return compound(streams)


def rtf_in_msg(size: int = 40 * MIB) -> bytes:
    """Compressed RTF ([MS-OXRTFCP]) of nothing but references to the octet before."""
    start = 207  # of the ring that a reader begins with
    body = b"\x00" + b"{\\rtf1 A"
    places = [start + 8 + 17 * n - 1 for n in range(4_096)]
    pairs = [struct.pack(">H", (place % 4_096) << 4 | 15) for place in places]
    circle = b"".join(b"\xff" + b"".join(pairs[n : n + 8]) for n in range(0, 4_096, 8))
    body += circle * (size // (17 * 4_096))
    head = struct.pack("<4L", len(body) + 12, size, 0x75465A4C, 0)
    return compound({"__properties_version1.0": bytes(32), "__substg1.0_10090102": head + body})


# PDF


def pdf(*objects: bytes) -> bytes:
    """Objects from number 1 on; the first is the catalogue."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF"
    return bytes(out + trailer % (len(objects) + 1, start))


_CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"


def _stream(data: bytes, filters: bytes = b"/FlateDecode", more: bytes = b"") -> bytes:
    head = b"<</Length %d/Filter[%b]%b>>" % (len(data), filters, more)
    return head + b"\nstream\n" + data + b"\nendstream"


def _one_page(content: bytes, box: bytes = b"0 0 595 842", more: bytes = b"") -> tuple[bytes, ...]:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<<%b>>>>" % (box, more)
    return _CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content


def pdf_of_objects(count: int = 300_000) -> bytes:
    return pdf(*_one_page(_stream(zlib.compress(b"BT ET"))), *[b"<</A 1>>"] * count)


def pdf_of_filters(size: int = 400 * MIB) -> bytes:
    """Zeros, packed and packed again."""
    return pdf(
        *_one_page(_stream(zlib.compress(zeros_in_zlib(size), 9), b"/FlateDecode/FlateDecode"))
    )


def zeros_in_zlib(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(b" " * MIB) for _ in range(size // MIB)), packer.flush()])


def pdf_of_filter_names(count: int = 100_000) -> bytes:
    return pdf(*_one_page(_stream(zlib.compress(b"BT ET"), b"/FlateDecode" * count)))


def pdf_of_pages(count: int = 60_000) -> bytes:
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    pages = [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"] * count
    return pdf(_CATALOGUE, b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count), *pages)


def pdf_in_circles() -> bytes:
    return pdf(_CATALOGUE, b"<</Type/Pages/Kids[2 0 R 2 0 R 2 0 R]/Count 1000000>>")


def pdf_of_forms(levels: int = 12) -> bytes:
    """Drawings that draw the next one ten times: 10^12 times the last."""
    forms = []
    for level in range(levels):
        inner = b"/Resources<</XObject<</X %d 0 R>>>>/Subtype/Form/BBox[0 0 9 9]" % (level + 6)
        forms.append(_stream(zlib.compress(b"/X Do " * 10), more=inner))
    last = _stream(zlib.compress(b"BT (x) Tj ET"), more=b"/Subtype/Form/BBox[0 0 9 9]")
    return pdf(
        *_one_page(_stream(zlib.compress(b"/X Do")), more=b"/XObject<</X 5 0 R>>"), *forms, last
    )


def pdf_of_a_huge_page() -> bytes:
    """A page of five metres, all picture."""
    size = 20_000
    packed = zeros_in_zlib(size * size // MIB * MIB)
    kind = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray"
    )
    picture = _stream(packed, more=kind % (size, size))
    content = _stream(zlib.compress(b"14400 0 0 14400 0 0 cm /I Do"))
    return pdf(*_one_page(content, b"0 0 14400 14400", b"/XObject<</I 5 0 R>>"), picture)


# Pictures


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        )

    head = struct.pack(">2L5B", width, height, 1, 0, 0, 0, 0)
    data = zeros_in_zlib((width // 8 + 1) * height // MIB * MIB)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff_in_circles() -> bytes:
    """A directory of pages that leads back to itself."""
    entries = (
        (256, 3, 1, 9_000),
        (257, 3, 1, 9_000),
        (258, 3, 1, 1),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
    )
    body = b"".join(struct.pack("<2H2L", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + body + struct.pack("<L", 8) + bytes(99)


def tiff_of_strips() -> bytes:
    """60,000 dots a side, in one strip of nothing."""
    values = {256: 60_000, 257: 60_000, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 60_000, 279: 9}
    body = b"".join(struct.pack("<2H2L", tag, 4, 1, value) for tag, value in values.items())
    return b"II*\0" + struct.pack("<LH", 8, len(values)) + body + bytes(4)


def gif_of_frames(frames: int = 20_000) -> bytes:
    """Frames of a dot on a screen of 30,000 by 30,000."""
    frame = b"\x2c" + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    head = b"GIF89a" + struct.pack("<2H3B", 30_000, 30_000, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + frame * frames + b"\x3b"


FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "tree of zips": ("42.zip", tree_of_zips),
    "overlapping zip": ("a.zip", overlapping_zip),
    "zip in itself": ("a.zip", zip_in_itself),
    "zip of nothing": ("a.zip", zip_of_nothing),
    "zip of zeros": ("a.zip", lambda: zipped({"zeros.txt": bytes(300 * MIB)})),
    "gz of zeros": ("a.gz", lambda: zeros(1_000 * MIB)),
    "gz of gz": ("a.gz", lambda: gzip.compress(gzip.compress(zeros(1_000 * MIB)))),
    "bz2 of zeros": ("a.bz2", lambda: bz2.compress(bytes(300 * MIB))),
    "xz of zeros": ("a.xz", lambda: lzma.compress(bytes(300 * MIB), preset=0)),
    "7z of zeros": ("a.7z", lambda: seven_zip(300 * MIB)),
    "tar of nothing": ("a.tar.gz", tar_of_nothing),
    "laughing docx": ("a.docx", laughing_docx),
    "quadratic docx": ("a.docx", quadratic_docx),
    "deep docx": ("a.docx", deep_docx),
    "wide docx": ("a.docx", wide_docx),
    "sparse xlsx": ("a.xlsx", sparse_xlsx),
    "merged xlsx": ("a.xlsx", merged_xlsx),
    "quoting xlsx": ("a.xlsx", quoting_xlsx),
    "cyclic OLE": ("a.doc", cyclic_ole),
    "nested msg": ("a.msg", nested_msg),
    "RTF in msg": ("a.msg", rtf_in_msg),
    "pdf of objects": ("a.pdf", pdf_of_objects),
    "pdf of filters": ("a.pdf", pdf_of_filters),
    "pdf of names of filters": ("a.pdf", pdf_of_filter_names),
    "pdf of pages": ("a.pdf", pdf_of_pages),
    "pdf in circles": ("a.pdf", pdf_in_circles),
    "pdf of forms": ("a.pdf", pdf_of_forms),
    "pdf of a huge page": ("a.pdf", pdf_of_a_huge_page),
    "png": ("a.png", lambda: png(60_000, 60_000)),
    "tiff in circles": ("a.tif", tiff_in_circles),
    "tiff of strips": ("a.tif", tiff_of_strips),
    "gif of frames": ("a.gif", gif_of_frames),
    "deep rtf": ("a.rtf", lambda: b"{\\rtf1 " + b"{" * 1_000_000),
    "deep html": ("a.html", lambda: b"<html>" + b"<div>" * 100_000),
    "wide html": ("a.html", lambda: b"<table>" + b"<tr><td rowspan=9999 colspan=9999>1" * 9_000),
    "one line of csv": ("a.csv", lambda: b"1," * 12_000_000),
    "quotes of csv": ("a.csv", lambda: b'a,"' * 8_000_000),
}
