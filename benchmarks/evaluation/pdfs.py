"""Numbers in PDF: the page itself, in boxes, fields, notes, and what is attached."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator

import pypdf
from pypdf.annotations import FreeText, Text
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from benchmarks.evaluation.scene import Scene
from tests import samples
from tests.detectors.corpus import grouped

Build = Callable[[Scene], bytes]
Placed = tuple[float, float, str]
Change = Callable[[pypdf.PdfWriter, str, str], None]
"""Puts a label and a number into a file."""
_BOX = (100, 100, 300, 120)
_DIGIT = 18


def page(placed: Iterable[Placed], codec: str = "utf-16-be") -> bytes:
    """A page whose Japanese font is not embedded, as accounting programs write it: the codes are
    those of `codec`, UTF-16 or Shift_JIS. Places in points from the lower left corner."""
    encoding = {"utf-16-be": "UniJIS-UCS2-H", "cp932": "90ms-RKSJ-H"}[codec]
    shown = (f"1 0 0 1 {x} {y} Tm <{text.encode(codec).hex()}> Tj" for x, y, text in placed)
    content = f"BT /F 11 Tf {' '.join(shown)} ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 842 842]/Contents 4 0 R"
        "/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        f"<</Type/Font/Subtype/Type0/BaseFont/MS-Gothic/Encoding/{encoding}"
        "/DescendantFonts[6 0 R]>>",
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/MS-Gothic/DW 1000/W[1 95 500]"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 7 0 R>>",
        "<</Type/FontDescriptor/FontName/MS-Gothic/Flags 5/FontBBox[0 -137 1000 859]"
        "/ItalicAngle 0/Ascent 859/Descent -140/CapHeight 679/StemV 80>>",
    )
    return _file(objects)


def _file(objects: Iterable[str]) -> bytes:
    out, starts = b"%PDF-1.4\n", []
    for at, body in enumerate(objects, 1):
        starts.append(len(out))
        out += f"{at} 0 obj\n{body}\nendobj\n".encode()
    index = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(starts) + 1
    head = f"xref\n0 {size}\n0000000000 65535 f \n".encode()
    tail = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n".encode()
    return out + head + index + tail


def _lines(texts: Iterable[str]) -> list[Placed]:
    return [(50, 780 - 20 * at, text) for at, text in enumerate(texts)]


def _written(codec: str) -> Build:
    def build(scene: Scene) -> bytes:
        texts = [scene.rng.choice(scene.wording.forms), scene.fill("氏名　{name}")]
        texts.append(f"{scene.label()}　{scene.facts.number()}")
        return scene.send(scene.file("pdf"), page(_lines(texts), codec))

    return build


def _embedded(scene: Scene) -> bytes:
    texts = scene.sentence(lambda n: grouped(n, " ")).split("\n")
    return scene.send(scene.file("pdf"), samples.pdf(texts))


def _table(scene: Scene) -> bytes:
    rows, placed, left = scene.table(10), [], 30.0
    for column in zip(*rows, strict=True):
        placed += [(left, 760.0 - 22 * at, cell) for at, cell in enumerate(column)]
        left += 11 * max(map(_width, column)) + 15
    in_rows = sorted(placed, key=lambda each: (-each[1], each[0]))
    return scene.send(scene.file("pdf"), page(in_rows))


def _width(text: str) -> float:
    """In letters of full width."""
    return sum(0.5 if letter.isascii() else 1 for letter in text)


def _boxes(gap: float) -> Build:
    """Digits placed one by one; `gap` points between groups of four."""

    def build(scene: Scene) -> bytes:
        number = scene.facts.number()
        placed = _lines([scene.rng.choice(scene.wording.forms), scene.fill("氏名　{name}")])
        placed.append((50, 700, scene.label()))
        placed += [(220 + _DIGIT * at + gap * (at // 4), 700, d) for at, d in enumerate(number)]
        placed.append((50, 660, scene.fill("住所　{addr}")))
        return scene.send(scene.file("pdf"), page(placed))

    return build


def _edited(scene: Scene, change: Callable[[pypdf.PdfWriter], None]) -> bytes:
    blank = page(_lines([scene.rng.choice(scene.wording.forms), scene.fill("{date}")]))
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(blank))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _with(change: Change) -> Build:
    def build(scene: Scene) -> bytes:
        label, number = scene.label(), scene.facts.number()
        data = _edited(scene, lambda writer: change(writer, label, number))
        return scene.send(scene.file("pdf"), data)

    return build


def _field(name: str, value: str, longest: int) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/Ff"): NumberObject(1 << 24),  # comb
            NameObject("/MaxLen"): NumberObject(longest),
            NameObject("/T"): TextStringObject(name),
            NameObject("/V"): TextStringObject(value),
            NameObject("/Rect"): ArrayObject([FloatObject(n) for n in _BOX]),
        }
    )


def _fields(writer: pypdf.PdfWriter, values: Iterable[tuple[str, str]]) -> None:
    made = [_field(name, value, max(len(value), 1)) for name, value in values]
    references = ArrayObject([writer._add_object(one) for one in made])
    writer.pages[0][NameObject("/Annots")] = references
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): references}
    )


def _digit_fields(writer: pypdf.PdfWriter, label: str, number: str) -> None:
    digits = [(f"{label}_{at}", digit) for at, digit in enumerate(number, 1)]
    _fields(writer, [("氏名", "山田"), *digits])


def _note(kind: type[FreeText] | type[Text]) -> Change:
    def change(writer: pypdf.PdfWriter, label: str, number: str) -> None:
        writer.add_annotation(0, kind(rect=_BOX, text=f"{label}：{number}"))

    return change


def _title(writer: pypdf.PdfWriter, label: str, number: str) -> None:
    writer.add_metadata({"/Title": f"{label} {number}"})


def _attachment(writer: pypdf.PdfWriter, label: str, number: str) -> None:
    writer.add_attachment("a.csv", f"氏名,{label}\r\n山田,{number}\r\n".encode())


def _bookmark(writer: pypdf.PdfWriter, label: str, number: str) -> None:
    writer.add_outline_item(title=f"{label} {number}", page_number=0)


def _owner(writer: pypdf.PdfWriter, label: str, number: str) -> None:
    writer.add_annotation(0, FreeText(rect=_BOX, text=f"{label} {number}"))
    writer.encrypt(user_password="", owner_password="owner", algorithm="AES-256")


def _renamed(scene: Scene) -> bytes:
    data = page(_lines([f"{scene.label()}　{scene.facts.number()}"]))
    return scene.send(scene.file("txt"), data)


def techniques() -> Iterator[tuple[str, Build]]:
    yield "PDF: fonts that are not embedded, UTF-16", _written("utf-16-be")
    yield "PDF: fonts that are not embedded, Shift_JIS", _written("cp932")
    yield "PDF: subset of an embedded font", _embedded
    yield "PDF: table", _table
    yield "PDF: digits in boxes", _boxes(0)
    yield "PDF: digits in boxes, groups apart", _boxes(14)
    yield "PDF: comb field", _with(lambda w, label, n: _fields(w, [(label, n), ("氏名", "山田")]))
    yield "PDF: a field for each digit", _with(_digit_fields)
    yield "PDF: free text", _with(_note(FreeText))
    yield "PDF: note", _with(_note(Text))
    yield "PDF: title of the document", _with(_title)
    yield "PDF: attached file", _with(_attachment)
    yield "PDF: bookmark", _with(_bookmark)
    yield "PDF: password of the owner", _with(_owner)
    yield "PDF: called .txt", _renamed
