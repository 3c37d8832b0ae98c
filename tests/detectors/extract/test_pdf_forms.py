"""What the form of a PDF holds beside the values that its pages show."""

import io

import pypdf
import pytest
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

from tests.detectors.extract.reads import said, surfaces
from tests.samples import individual_number, pdf

NUMBER = individual_number(7)


def widget(kind: str, **more: object) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject(kind),
            NameObject("/T"): TextStringObject("番号"),
            NameObject("/Rect"): ArrayObject([FloatObject(n) for n in (50, 50, 250, 80)]),
            **{NameObject(f"/{key}"): value for key, value in more.items()},
        }
    )


def form(field: DictionaryObject | None = None, *, shown: bool = True, **more: object) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(["page"])))
    fields = ArrayObject([writer._add_object(field)] if field else [])
    if shown and fields:
        writer.pages[0][NameObject("/Annots")] = fields
    held = {NameObject(f"/{key}"): value for key, value in more.items()}
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): fields, **held}
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_what_a_list_offers_beside_what_was_chosen():
    offered = ArrayObject([TextStringObject("山田"), TextStringObject(f"佐藤 {NUMBER}")])
    data = form(widget("/Ch", V=TextStringObject("山田"), Opt=offered))
    assert f"佐藤 {NUMBER}" in said(surfaces(data), hidden=False)


@pytest.mark.parametrize("shown", [True, False])
def test_a_field_with_a_place_on_no_page_is_told_as_hidden(shown):
    found = surfaces(form(widget("/Tx", V=TextStringObject(NUMBER)), shown=shown))
    assert said(found, hidden=not shown).count(f"番号: {NUMBER}") == 1
    assert NUMBER not in said(found, hidden=shown)


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_form_of_xml_tells_the_tags_that_are_labels(pieces):
    xml = f"<data><氏名>山田</氏名><個人番号>{NUMBER}</個人番号></data>".encode()
    size = -(-len(xml) // pieces)
    streams = []
    for at in range(0, len(xml), size):
        stream = StreamObject()
        stream._data = xml[at : at + size]
        streams += [TextStringObject(f"piece {at}"), stream]
    found = said(surfaces(form(XFA=ArrayObject(streams))))
    assert f"<個人番号>{NUMBER}<" in found


def row(*values: str, gap: float = 6, write: str = "") -> bytes:
    """Fields side by side, with a value each, or with a text that is seen alone."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(["page"])))
    fields = ArrayObject()
    for at, value in enumerate(values):
        left = 50 + at * (66 + gap)
        told = {} if write else {"V": TextStringObject(value)}
        field = widget("/Tx", **told)
        field[NameObject("/T")] = TextStringObject(f"no{at}")
        field[NameObject("/Rect")] = ArrayObject(
            [FloatObject(n) for n in (left, 50, left + 66, 74)]
        )
        if write:
            field[NameObject("/AP")] = DictionaryObject(
                {NameObject("/N"): writer._add_object(_appearance(write % value))}
            )
        fields.append(writer._add_object(field))
    writer.pages[0][NameObject("/Annots")] = fields
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): fields})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _appearance(content: str) -> StreamObject:
    stream = StreamObject()
    stream._data = content.encode()
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): named})
    stream.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject([FloatObject(n) for n in (0, 0, 66, 24)]),
            NameObject("/Resources"): DictionaryObject({NameObject("/Font"): fonts}),
        }
    )
    return stream


def test_three_fields_side_by_side_share_a_number():
    groups = NUMBER[:4], NUMBER[4:8], NUMBER[8:]
    assert f"no0: {' '.join(groups)}" in said(surfaces(row(*groups)))
    assert f"no0: {groups[0]}\n" in said(surfaces(row(*groups, gap=90)))
    assert f"no0: {NUMBER[:6]} {NUMBER[6:]}" in said(surfaces(row(NUMBER[:6], NUMBER[6:])))
    assert f"no0: {NUMBER}" in said(surfaces(row(*NUMBER, gap=-60)))
    assert "no0: 2026\nno1: 11\nno2: 2027" in said(surfaces(row("2026", "11", "2027")))


def test_a_field_that_only_shows_its_value_is_read_off_the_page():
    shown = row(NUMBER, write="BT /F1 9 Tf 2 8 Td (%s) Tj ET")
    assert NUMBER in said(surfaces(shown), hidden=False)
