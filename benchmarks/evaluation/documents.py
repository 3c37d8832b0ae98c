"""Numbers in documents: Word, PowerPoint, OpenDocument, RTF, Outlook messages, calendars."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from html import escape

from benchmarks.evaluation.packages import open_document
from benchmarks.evaluation.scene import Scene
from benchmarks.evaluation.sheets import put, workbook
from benchmarks.evaluation.written import DIGITS
from tests import samples
from tests.detectors.corpus import grouped
from tests.detectors.extract import parts, records
from tests.detectors.extract.compound import compound
from tests.detectors.extract.parts import A, W, paragraph, shape

Build = Callable[[Scene], bytes]
Inside = Callable[[str, str], bytes]
"""Label and number → file."""
_BOX = "<w:txbxContent>{}</w:txbxContent>"


def _file(ending: str, inside: Inside) -> Build:
    def build(scene: Scene) -> bytes:
        return scene.send(scene.file(ending), inside(scene.label(), scene.facts.number()))

    return build


def _said(ending: str, write: Callable[[list[str]], bytes]) -> Build:
    """A sentence, in the lines of the file."""

    def build(scene: Scene) -> bytes:
        lines = [scene.rng.choice(scene.wording.forms), *scene.sentence(grouped).split("\n")]
        return scene.send(scene.file(ending), write(lines))

    return build


def _run(text: str, properties: str = "") -> str:
    return f"<w:r>{properties}<w:t xml:space='preserve'>{escape(text)}</w:t></w:r>"


def _runs(label: str, n: str) -> bytes:
    return parts.word(f"<w:p>{_run(label + ' ')}{''.join(_run(digit) for digit in n)}</w:p>")


def _word_table(scene: Scene) -> bytes:
    data = samples.document([scene.rng.choice(scene.wording.forms)], scene.table(3))
    return scene.send(scene.file("docx"), data)


def _word_form(scene: Scene) -> bytes:
    rows = [["氏名", scene.fill("{name}")], ["生年月日", scene.fill("{birth}")]]
    rows.insert(scene.rng.randint(0, 2), [scene.label(), grouped(scene.facts.number(), " ")])
    data = samples.document([scene.rng.choice(scene.wording.forms)], rows)
    return scene.send(scene.file("docx"), data)


def _word_boxes(label: str, n: str) -> bytes:
    cells = "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in (label, *n))
    return parts.word(f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>")


def _cell(text: str) -> str:
    return f"<a:tc><a:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></a:txBody></a:tc>"


_WORD: dict[str, Inside] = {
    "a run for each digit": _runs,
    "one digit a cell": _word_boxes,
    "text box": lambda label, n: parts.word(
        f"<w:p><w:r><w:pict>{_BOX.format(paragraph(f'{label} {n}'))}</w:pict></w:r></w:p>"
    ),
    "page header": lambda label, n: parts.word_part(
        "odd.xml", "header", f"<w:hdr {W}>{paragraph(f'{label} {n}')}</w:hdr>"
    ),
    "page footer": lambda label, n: parts.word_part(
        "odd.xml", "footer", f"<w:ftr {W}>{paragraph(f'{label} {n}')}</w:ftr>"
    ),
    "comment": lambda label, n: parts.word_part(
        "c.xml", "comments",
        f"<w:comments {W}><w:comment>{paragraph(f'{label}：{n}')}</w:comment></w:comments>",
    ),
    "footnote": lambda label, n: parts.word_part(
        "f.xml", "footnotes",
        f"<w:footnotes {W}><w:footnote>{paragraph(f'{label} {n}')}</w:footnote></w:footnotes>",
    ),
    "tracked deletion": lambda label, n: parts.word(
        f"<w:p><w:del w:id='1'><w:r><w:delText>{label} {n}</w:delText></w:r></w:del></w:p>"
    ),
    "tracked insertion": lambda label, n: parts.word(
        f"<w:p>{_run(label + ' ')}<w:ins w:id='1'>{_run(n)}</w:ins></w:p>"
    ),
    "hidden text": lambda label, n: parts.word(
        f"<w:p>{_run(f'{label} {n}', '<w:rPr><w:vanish/></w:rPr>')}</w:p>"
    ),
    "field code": lambda label, n: parts.word(
        f"<w:p><w:r><w:instrText> QUOTE {label} {n}</w:instrText></w:r></w:p>"
    ),
    "content control": lambda label, n: parts.word(
        f"<w:p>{_run(label)}<w:sdt><w:sdtContent>{_run(n)}</w:sdtContent></w:sdt></w:p>"
    ),
    "properties": lambda label, n: parts.linked(
        parts.word(""), "",
        {"docProps/custom.xml": ("custom-properties", f"<p><lpwstr>{label} {n}</lpwstr></p>")},
    ),
    "embedded workbook": lambda label, n: parts.word_part(
        "embeddings/b.xlsx", "package",
        workbook(lambda book: put(book.add_worksheet(), [["氏名", label], ["山田", n]])),
    ),
}  # fmt: skip
_SLIDES: dict[str, Inside] = {
    "text": lambda label, n: parts.slide(shape(f"{label} {n}")),
    "a run for each group": lambda label, n: parts.slide(
        shape("\0").replace(
            "<a:r><a:t>\0</a:t></a:r>",
            "".join(f"<a:r><a:t>{t}</a:t></a:r>" for t in (label + " ", n[:4], n[4:8], n[8:])),
        )
    ),
    "table": lambda label, n: parts.slide(
        f"<p:graphicFrame><a:graphic {A}><a:graphicData><a:tbl>"
        + "".join(
            f"<a:tr>{''.join(map(_cell, row))}</a:tr>" for row in (("氏名", label), ("山田", n))
        )
        + "</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    ),
    "group": lambda label, n: parts.slide(f"<p:grpSp>{shape(f'{label}：{n}')}</p:grpSp>"),
    "notes": lambda label, n: samples.slides(["資料"], notes={1: f"{label} {n}"}),
    "hidden slide": lambda label, n: samples.slides(["資料", f"{label} {n}"], hidden=[2]),
}


def _text_document(lines: list[str]) -> bytes:
    return open_document("text", "".join(f"<text:p>{escape(line)}</text:p>" for line in lines))


def _presentation(lines: list[str]) -> bytes:
    shown = "".join(f"<text:p>{escape(line)}</text:p>" for line in lines)
    frame = f"<draw:frame><draw:text-box>{shown}</draw:text-box></draw:frame>"
    return open_document("presentation", f"<draw:page>{frame}</draw:page>")


def rtf(lines: list[str]) -> bytes:
    """Japanese letters as octets of CP932 in hexadecimal, as Word writes them."""
    head = "{\\rtf1\\ansi\\ansicpg932{\\fonttbl{\\f0\\fcharset128 MS Gothic;}}\\f0 "
    body = "\\par\n".join("".join(map(_coded, line)) for line in lines)
    return f"{head}{body}}}".encode("ascii")


def _coded(letter: str) -> str:
    if letter.isascii():
        return letter
    return "".join(f"\\'{octet:02x}" for octet in letter.encode("cp932"))


def _rich(label: str, n: str) -> bytes:
    return rtf(["届出書", f"{label}　{DIGITS['full width'](n)}"])


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _outlook(label: str, n: str) -> bytes:
    return compound(
        {
            "__properties_version1.0": bytes(32),
            "__substg1.0_0037001F": _wide("ご連絡"),
            "__substg1.0_1000001F": _wide(f"お世話になります。\r\n{label}：{n}\r\n"),
        }
    )


def _outlook_file(label: str, n: str) -> bytes:
    attached = "__attach_version1.0_#00000000/__substg1.0_"
    book = workbook(lambda made: put(made.add_worksheet(), [["氏名", label], ["山田", n]]))
    return compound(
        {
            "__properties_version1.0": bytes(32),
            "__substg1.0_1000001F": _wide("添付します。"),
            f"{attached}3707001F": _wide("一覧.xlsx"),
            f"{attached}37010102": book,
        }
    )


def _tnef(*attributes: tuple[int, bytes]) -> bytes:
    body = b"".join(
        struct.pack("<BLL", 1, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
        for kind, data in attributes
    )
    return b"\x78\x9f\x3e\x22\x01\x00" + body


def _winmail(scene: Scene) -> bytes:
    text = f"{scene.label()}\t{scene.facts.number()}\r\n".encode("cp932")
    page, body, start, name, data = 0x069007, 0x02800C, 0x069002, 0x018010, 0x06800F
    inside = _tnef(
        (page, struct.pack("<LL", 932, 0)), (body, "添付します。".encode("cp932")),
        (start, bytes(14)), (name, b"list.txt\0"), (data, text),
    )  # fmt: skip
    return scene.send("winmail.dat", inside)


def _folded(kind: str, lines: list[str]) -> bytes:
    """RFC 5545 and 6350: a line goes on behind a blank, here in the middle of the number."""
    whole = []
    for line in lines:
        cut = len(line) - 5
        whole.append(f"{line[:cut]}\r\n {line[cut:]}" if len(line) > 20 else line)
    return "\r\n".join([f"BEGIN:{kind}", *whole, f"END:{kind}", ""]).encode()


def _calendar(label: str, n: str) -> bytes:
    event = ["SUMMARY:入社手続き", f"DESCRIPTION:持ち物は印鑑。{label} {n}"]
    return _folded("VCALENDAR", ["VERSION:2.0", "BEGIN:VEVENT", *event, "END:VEVENT"])


def _card(label: str, n: str) -> bytes:
    return _folded("VCARD", ["VERSION:3.0", "FN:山田 太郎", f"NOTE:{label} はこちら {n}"])


def techniques() -> Iterator[tuple[str, Build]]:
    yield "docx: paragraphs", _said("docx", samples.document)
    yield "docx: table", _word_table
    yield "docx: form", _word_form
    for name, inside in _WORD.items():
        yield f"docx: {name}", _file("docx", inside)
    for name, inside in _SLIDES.items():
        yield f"pptx: {name}", _file("pptx", inside)
    yield "odt: paragraphs", _said("odt", _text_document)
    yield "odp: frame", _said("odp", _presentation)
    yield "rtf: Shift_JIS in hexadecimal", _file("rtf", _rich)
    yield "doc: text", _file("doc", lambda label, n: compound(records.word(f"{label}　{n}\r")))
    yield "ppt: text", _file("ppt", lambda label, n: records.presentation(f"{label} {n}"))
    yield "msg: body", _file("msg", _outlook)
    yield "msg: attached workbook", _file("msg", _outlook_file)
    yield "winmail.dat: attached file", _winmail
    yield "ics: folded line", _file("ics", _calendar)
    yield "vcf: folded line", _file("vcf", _card)
