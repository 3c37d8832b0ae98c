import io
import time

import pypdf
import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw
from pypdf.annotations import FreeText, Text
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from detectors.budget import Limits
from detectors.extract import ocr
from detectors.extract.reading import Missing
from tests.detectors.extract.reads import nested, refusals, said, spots, surfaces
from tests.samples import individual_number, individual_numbers, pdf

NUMBER = individual_number(7)
RECTANGLE = (50, 50, 250, 100)


def edited(change) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(["page"])))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_it_works():
    found = surfaces(pdf(["Page one", f"No. {NUMBER}"]), "a.pdf")
    (spot,) = spots(found, NUMBER)
    assert spot.unit == "page:1"
    assert not refusals(found)


def test_japanese_text():
    lines = ["個人番号", NUMBER]
    data = pdf(lines)
    if len(data) < 3_000:
        pytest.skip("no Japanese font on this machine")
    assert "個人番号" in said(surfaces(data))


def test_pages_are_counted():
    made = FPDF()
    made.set_font("Helvetica", size=12)
    for text in ("first page of the file", f"second page {NUMBER}"):
        made.add_page()
        made.cell(0, 8, text)
    assert spots(surfaces(bytes(made.output())), NUMBER)[0].unit == "page:2"


def test_annotations_and_properties():
    a, b, title = individual_numbers(3, seed=1)

    def change(writer):
        writer.add_annotation(0, Text(rect=RECTANGLE, text=f"note {a}"))
        writer.add_annotation(0, FreeText(rect=RECTANGLE, text=b))
        writer.add_metadata({"/Title": title})

    found = surfaces(edited(change))
    assert spots(found, a)[0].unit == "page:1"
    assert spots(found, b)
    assert title in said(found, hidden=True)


def field(name: str, value: str) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/Ff"): NumberObject(1 << 24),  # comb
            NameObject("/MaxLen"): NumberObject(12),
            NameObject("/T"): TextStringObject(name),
            NameObject("/V"): TextStringObject(value),
            NameObject("/Rect"): ArrayObject([FloatObject(n) for n in RECTANGLE]),
        }
    )


def form(fields) -> bytes:
    def change(writer):
        references = ArrayObject([writer._add_object(field(*pair)) for pair in fields])
        writer.pages[0][NameObject("/Annots")] = references
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
            {NameObject("/Fields"): references}
        )

    return edited(change)


def test_comb_fields():
    found = surfaces(form([("個人番号", NUMBER), ("氏名", "山田")]))
    assert f"個人番号: {NUMBER}\n氏名: 山田" in said(found)


def test_a_field_for_each_digit():
    found = surfaces(
        form([("氏名", "山田"), *((f"n{i}", digit) for i, digit in enumerate(NUMBER))])
    )
    assert NUMBER in said(found)


def test_attached_files_are_handed_on():
    data = edited(lambda writer: writer.add_attachment("一覧.csv", NUMBER.encode()))
    assert list(nested(surfaces(data)).values()) == [NUMBER.encode()]


def test_a_password_of_the_reader_locks_and_opens():
    data = pdf([f"No. {NUMBER}"], password="himitsu")
    assert refusals(surfaces(data)) == ["encrypted_pdf"]
    wrong = refusals(surfaces(data, passwords=("wrong",)))
    assert wrong == ["encrypted_pdf", "wrong_password"]
    assert NUMBER in said(surfaces(data, passwords=("wrong", "himitsu")))


def test_a_password_of_the_owner_locks_nothing():
    def change(writer):
        writer.add_annotation(0, Text(rect=RECTANGLE, text=NUMBER))
        writer.encrypt(user_password="", owner_password="owner", algorithm="AES-256")

    found = surfaces(edited(change))
    assert "page" in said(found)
    assert NUMBER in said(found)


def picture(texts, width: float) -> bytes:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=12)
    scan = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(scan).text((40, 40), "Words on paper\nand more of them", "black", font_size=40)
    made.image(scan, x=0, y=0, w=width)
    for text in texts:
        made.cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


@pytest.mark.parametrize(
    ("texts", "width", "refused"),
    [
        ([], 210, True),
        ([], 20, False),
        (["- 1 -"], 210, True),
        (["Title"], 20, False),
        (["A page with a logo and enough text to read"], 210, False),
    ],
)
def test_pages_that_are_pictures_are_not_called_read(texts, width, refused, monkeypatch):
    """Where nothing is installed that reads pictures."""

    def none():
        raise Missing("tesserocr")

    monkeypatch.setattr(ocr, "engine", none)
    assert refusals(surfaces(picture(texts, width))) == (["picture_page"] if refused else [])


def test_pages_that_are_pictures_are_read():
    assert refusals(surfaces(picture([], 210))) == []


def test_damaged_files_are_refused():
    assert refusals(surfaces(b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"%%EOF")) == ["corrupt"]
    assert refusals(surfaces(pdf(["x"])[:400]))


def test_a_stream_bomb_ends_with_the_budget():
    data = edited(lambda writer: writer.add_attachment("zeros", bytes(30 << 20)))
    packed = io.BytesIO()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    tree = writer.root_object["/Names"]["/EmbeddedFiles"]["/Names"]
    streams = tree[1].get_object()["/EF"]
    streams[NameObject("/F")] = writer._add_object(streams["/F"].get_object().flate_encode())
    streams.pop("/UF", None)
    writer.write(packed)
    started = time.monotonic()
    assert "over_budget" in refusals(surfaces(packed.getvalue(), limits=Limits(decoded=10 << 20)))
    assert time.monotonic() - started < 5
