"""Streams of a PDF that are damaged, or bombs, whatever they are packed in."""

import base64
import io
import time
import zlib

import pypdf
import pytest
from pypdf.generic import ArrayObject, NameObject, StreamObject

from tests.detectors.extract.reads import refusals, said, surfaces
from tests.samples import individual_number, pdf

NUMBER = individual_number(7)
SHOWN = f"BT /F1 12 Tf 60 700 Td (No. {NUMBER}) Tj ET\n".encode() * 40


def packed(content: bytes, *filters: str) -> bytes:
    """A page with this content, packed as its dictionary says."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(["page"])))
    stream = StreamObject()
    stream[NameObject("/Filter")] = ArrayObject(NameObject(name) for name in filters)
    stream._data = content
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes(octet ^ 0x15 for octet in data[at : at + 20]) + data[at + 20 :]


def letters(data: bytes) -> bytes:
    return base64.a85encode(data) + b"~>"


@pytest.mark.parametrize("at", [2, 20, 60])
def test_a_page_that_cannot_be_unpacked_to_its_end_is_not_called_read(at):
    content = zlib.compress(SHOWN)
    assert not refusals(surfaces(packed(content, "/FlateDecode")))
    assert "corrupt" in refusals(surfaces(packed(flipped(content, at), "/FlateDecode")))


def test_the_same_of_one_written_in_letters():
    content = letters(zlib.compress(SHOWN))
    both = ("/ASCII85Decode", "/FlateDecode")
    good, bad = surfaces(packed(content, *both)), surfaces(packed(flipped(content, 20), *both))
    assert NUMBER in said(good) and not refusals(good)
    assert "corrupt" in refusals(bad)


def lzw(data: bytes) -> bytes:
    """As codes of nine bits, begun anew before they would grow."""
    codes: list[int] = []
    for at in range(0, len(data), 200):
        codes += [256, *data[at : at + 200]]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def runs(data: bytes) -> bytes:
    pieces = (data[at : at + 100] for at in range(0, len(data), 100))
    return b"".join(bytes([len(piece) - 1]) + piece for piece in pieces) + b"\x80"


def hexadecimal(data: bytes) -> bytes:
    return data.hex().encode() + b">"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("/LZWDecode", lzw(SHOWN), lzw(SHOWN)[: len(SHOWN) // 2]),
        ("/LZWDecode", lzw(SHOWN), b"\x80\x7f" * 200),
        ("/RunLengthDecode", runs(SHOWN), runs(SHOWN)[: len(SHOWN) // 2]),
        ("/ASCIIHexDecode", hexadecimal(SHOWN), hexadecimal(SHOWN)[:99] + b"zyx" * 9 + b">"),
        ("/ASCII85Decode", letters(SHOWN), letters(SHOWN)[:99] + b"\xff{|}" * 9 + b"~>"),
    ],
)
def test_the_same_of_the_other_filters(name, good, bad):
    found = surfaces(packed(good, name))
    assert NUMBER in said(found) and not refusals(found)
    assert "corrupt" in refusals(surfaces(packed(bad, name)))


def test_the_same_of_zlib_inside_of_another_filter():
    both = ("/ASCIIHexDecode", "/FlateDecode")
    found = surfaces(packed(hexadecimal(zlib.compress(SHOWN)), *both))
    assert NUMBER in said(found) and not refusals(found)
    assert "corrupt" in refusals(surfaces(packed(hexadecimal(SHOWN), *both)))


def test_a_checksum_that_does_not_fit_hides_no_text():
    content = zlib.compress(SHOWN)[:-4] + bytes(4)
    found = surfaces(packed(content, "/FlateDecode"))
    assert NUMBER in said(found) and not refusals(found)


def test_an_attached_text_that_begins_like_something_packed_is_not_called_damaged():
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(["page"])))
    writer.add_attachment("a.txt", b"x\x9c is how zlib begins")
    out = io.BytesIO()
    writer.write(out)
    assert not refusals(surfaces(out.getvalue()))


def test_a_bomb_written_in_letters_ends_before_it_is_drawn():
    content = letters(zlib.compress(zlib.compress(b"(1) Tj " * 2_000_000)))
    filters = ("/ASCII85Decode", "/FlateDecode", "/FlateDecode")
    assert "over_budget" in refusals(surfaces(packed(content, *filters)))


def raw_deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush()


@pytest.mark.parametrize(
    ("content", "filters"),
    [
        (raw_deflate(SHOWN), ["/FlateDecode"]),
        (SHOWN, ["/FlateDecode"]),
        (SHOWN, ["/OfSomebodysOwn"]),
        (zlib.compress(SHOWN), ["/FlateDecode", "/OfSomebodysOwn"]),
    ],
    ids=["no header", "not packed", "unknown", "unknown inside"],
)
def test_a_page_that_is_packed_as_no_viewer_knows_is_not_called_read(content, filters):
    assert "corrupt" in refusals(surfaces(packed(content, *filters)))


def test_a_page_that_grows_a_hundredfold_is_looked_at_once():
    started = time.process_time()
    found = surfaces(packed(zlib.compress(b" " * 600_000 + SHOWN), "/FlateDecode"))
    assert NUMBER in said(found) and not refusals(found)
    assert time.process_time() - started < 4


def test_an_empty_page_is_not_called_damaged():
    assert not refusals(surfaces(packed(b"", "/FlateDecode")))


def test_pages_packed_together_with_other_objects_that_are_damaged_are_not_called_read():
    numbers = b" ".join(b"%d %d" % (10 + at, 3 * at) for at in range(60))
    objects = zlib.compress(numbers + b" " + b"99 " * 60)
    dictionary = b"<</Type/ObjStm/N 60/First %d/Filter/FlateDecode/Length %d>>" % (
        len(numbers) + 1,
        len(objects),
    )
    body = b"9 0 obj\n" + dictionary + b"\nstream\n"
    good = pdf(["page"]) + body + objects + b"\nendstream\nendobj\n"
    bad = pdf(["page"]) + body + flipped(objects, 20) + b"\nendstream\nendobj\n"
    assert "corrupt" not in refusals(surfaces(good))
    assert "corrupt" in refusals(surfaces(bad))
