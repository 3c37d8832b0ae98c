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
