"""What a PDF says of shapes and pictures, and what its scripts type into fields."""

import io

import pypdf
import pytest
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from tests.detectors.extract.reads import refusals, said, surfaces
from tests.samples import individual_number, pdf

NUMBER = individual_number(7)
SCRIPT = f'fill("個人番号", ("{NUMBER}"));'


def written(change, password: str | None = None) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(["page"])))
    change(writer)
    if password is not None:
        writer.encrypt("", password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def shapes(writer: pypdf.PdfWriter, text: bytes) -> None:
    """A page whose letters are shapes, their text kept beside."""
    content = StreamObject()
    content._data = b"/Span <</ActualText " + text + b">> BDC 9 9 99 9 re f EMC"
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content.flate_encode())


def described(writer: pypdf.PdfWriter) -> None:
    figure = {"/Type": "/StructElem", "/S": "/Figure"}
    element = DictionaryObject({NameObject(key): NameObject(name) for key, name in figure.items()})
    element[NameObject("/Alt")] = TextStringObject(f"個人番号 {NUMBER}")
    tree = DictionaryObject({NameObject("/K"): ArrayObject([writer._add_object(element)])})
    writer.root_object[NameObject("/StructTreeRoot")] = writer._add_object(tree)


def scripted(writer: pypdf.PdfWriter, script: object) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})
    action[NameObject("/JS")] = script
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)


def script_in_a_stream(writer: pypdf.PdfWriter) -> None:
    stream = StreamObject()
    stream._data = SCRIPT.encode("utf-8-sig")
    scripted(writer, writer._add_object(stream.flate_encode()))


WAYS = {
    "shapes": lambda writer: shapes(writer, f"({NUMBER})".encode()),
    "shapes, in hexadecimal": lambda writer: shapes(
        writer, f"<FEFF{NUMBER.encode('utf-16-be').hex()}>".encode()
    ),
    "shapes, digits by their code": lambda writer: shapes(
        writer, "".join(("(", *(f"\\{ord(digit):03o}" for digit in NUMBER), ")")).encode()
    ),
    "a picture's description": described,
    "a script": lambda writer: scripted(writer, TextStringObject(SCRIPT)),
    "a script in a stream": script_in_a_stream,
}


@pytest.mark.parametrize("password", [None, "owner"])
@pytest.mark.parametrize("way", WAYS)
def test_what_is_said_and_not_shown_is_read(way, password):
    found = surfaces(written(WAYS[way], password))
    assert NUMBER in said(found)
    assert not refusals(found)


def test_brackets_in_a_script_do_not_end_it():
    script = TextStringObject(f"f(g(h(1), k(2)), '(', ')'); x = {NUMBER}")
    assert NUMBER in said(surfaces(written(lambda writer: scripted(writer, script))))


def test_a_text_across_two_pieces_of_a_long_stream_is_read():
    def change(writer: pypdf.PdfWriter) -> None:
        content = StreamObject()
        spoken = f"/Span <</ActualText ({NUMBER})>> BDC EMC "
        content._data = (b"0 0 m " * 43_000)[: (4 << 16) - 40] + b" n " + spoken.encode()
        writer.pages[0][NameObject("/Contents")] = writer._add_object(content.flate_encode())

    assert NUMBER in said(surfaces(written(change)))
