"""XML of office files: parsed without entities, network or DTD, walked by local name.

Local names and not namespaces: strict and transitional OOXML differ in the namespace only, and a
reader that knows one of them reads nothing in the other.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from itertools import groupby

from lxml import etree

from detectors import charset
from detectors.extract.reading import Refused
from detectors.extract.word import fields

# Words that people typed, kept in attributes: alternative texts, cached values, prompts, tags.
_SPOKEN = frozenset(
    "v name descr title alt caption string prompt promptTitle error errorTitle tooltip display "
    "displayText value tag alias author initials displayName string-value instr text c "
    "current-value label href help-message".split()
)
_SPOKEN_VAL = frozenset(
    "docVar tag alias listItem listEntry default statusText helpText lvlText".split()
)
_NO_WORDS = frozenset("d points path viewBox enhanced-path coordsize uri panose guid".split())
_NUMBER = re.compile(r"(?:\d[^\d\n]{0,2}){11}\d")
"""Digits enough for a number, in any attribute and any element: nobody knows every name."""
_CROWDED = etree.XPath("boolean(//@*[1001])")
"""An element with a thousand attributes: lxml takes the square of their number to list them."""
_DOCTYPE = re.compile(
    rb"\s*(?:<\?xml[^<>]*\?>\s*)?<!DOCTYPE\s[^\"'\[\]<>]*PUBLIC\s+"
    rb"\"-//(?:OpenOffice\.org|W3C|Apple(?: Computer)?)//DTD [^\"'\[\]<>]*\"\s+"
    rb"\"[^\"'\[\]<>]*\"\s*>"
)
"""Of a type that all readers know by its name, without declarations of its own."""
_COMMENT = re.compile(rb"<!--(.*?)-->", re.DOTALL)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
REFERENCE = re.compile(rb"&#|<!\[CDATA\[")
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-", "softHyphen": "\u00ad"}
# Not part of the line: properties, furigana, text boxes (paragraphs of their own).
_APART = frozenset(("pPr", "rPr", "rt", "txbxContent", "delInstrText", "sectPr"))
_CODES = ("{*}instrText", "{*}delInstrText")
_SAID = frozenset(("t", "delText", "instrText", "delInstrText"))
_PLACED = frozenset(
    "posOffset align pctWidth pctHeight pctPosHOffset pctPosVOffset col colOff row rowOff".split()
)
"""Where a drawing stands and how large it is: text of its element, and of nobody."""
_PLACE = 10
"""Digits that it has at most."""
_KEPT_APART = frozenset(("del", "moveFrom"))
_ADDED = frozenset(("ins", "moveTo"))


def parse(data: bytes, *, lenient: bool = False) -> etree._Element:
    """The root of an XML part. Raises Refused: "xml_doctype", "corrupt".

    `lenient` for VML, in which Excel itself writes <br> without an end.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=lenient,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        if not lenient and _lacks_names_only(data, parser):
            return parse(data, lenient=True)
        # A fresh exception: lxml's message quotes the file. A part full of entities breaks off
        # at the limit of the parser before its declaration can be seen.
        declared = b"<!DOCTYPE" in data or b"<!ENTITY" in data
        code = "xml_doctype" if declared else "corrupt"
        raise (Refused(code) if declared else Refused(code, type="xml")) from None
    if root is None:
        raise Refused("corrupt", type="xml")
    if root.getroottree().docinfo.internalDTD is not None and not _is_plain(data, root):
        # Entities in it make a file read two ways.
        raise Refused("xml_doctype")
    if _CROWDED(root):
        raise Refused("over_budget", limit="attributes")
    return root


def _lacks_names_only(data: bytes, parser: etree.XMLParser) -> bool:
    """Whether all that is wrong are prefixes whose names a known document type declares."""
    wrong = {entry.domain_name for entry in parser.error_log}
    return wrong == {"NAMESPACE"} and bool(_DOCTYPE.match(data))


def _is_plain(data: bytes, root: etree._Element) -> bool:
    """Whether a declaration only names a document type, as OpenOffice did in each of its parts."""
    head = data.removeprefix(b"\xef\xbb\xbf")
    return bool(_DOCTYPE.match(head)) and next(root.iter(etree.Entity), None) is None


def comments(data: bytes) -> list[str]:
    """What the parser leaves out, so that a comment in a number does not part it."""
    if b"<!--" not in data:
        return []
    return [found[1].decode("utf-8", "replace") for found in _COMMENT.finditer(data)]


def labelled(data: bytes) -> list[str]:
    """XML of no known kind, whose tags are the labels of its values: as it stands, tags and all,
    and once more where letters in it are written as references."""
    told = [*charset.decode(data)]
    if REFERENCE.search(data):
        with contextlib.suppress(Refused):
            told.append(written(parse(data)))
    return told


def written(root: etree._Element) -> str:
    """The same XML with its letters as letters: no references, no CDATA, no comments."""
    return str(etree.tostring(root, encoding="unicode"))


def letters_of(text: str) -> str:
    """Undoes ST_Xstring (ECMA-376 part 1, 22.9.2.19).

    >>> letters_of("_x0031__x005F_x0032_")
    '1_x0032_'
    """
    if "_x" not in text:
        return text
    return charset.paired(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str:
    """The attribute with this local name, "" where there is none."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def is_on(mark: etree._Element) -> bool:
    """Whether a property such as <w:vanish/> holds."""
    return attribute(mark, "val") not in ("0", "false", "off", "none")


def line(
    paragraph: etree._Element,
    *,
    original: bool = False,
    vanishing: frozenset[str] = frozenset(),
) -> str:
    """A paragraph as its reader sees it; `original` has deleted and hidden runs too.

    `vanishing` are the styles whose text is hidden.
    """
    out: list[str] = []
    if not original and vanishing and _style_of(paragraph, "pPr", "pStyle") in vanishing:
        return ""
    _take(paragraph, out, original, vanishing)
    text = "".join(out)
    return fields.resolved(text) if fields.FIELD in text or fields.CODE in text else text


def _take(
    element: etree._Element, out: list[str], original: bool, vanishing: frozenset[str]
) -> None:
    for child in element:
        name = local(child)
        if name in ("t", "delText"):
            text = child.text or ""
            out.append(text.replace(fields.CODE, "") if fields.CODE in text else text)
        elif name == "instrText":
            out.append(f"{fields.CODE}{child.text or ''}{fields.END}")
        elif name in _APART:
            continue
        elif name == "fldChar":
            out.append(fields.FIELD)
            if original:  # what a field of a form holds before somebody fills it in
                out += [f"{attribute(mark, 'val')} " for mark in child.iter("{*}default")]
        elif name in _BREAKS:
            out.append(_BREAKS[name])
        elif name == "sym":
            out.append(_symbol(attribute(child, "char")))
        elif name in _KEPT_APART or (name == "r" and _vanished(child, vanishing)):
            if original:
                _take(child, out, original, vanishing)
        elif not (original and name in _ADDED) and len(child):
            _take(child, out, original, vanishing)


def _vanished(run: etree._Element, vanishing: frozenset[str]) -> bool:
    if not len(run) or local(run[0]) != "rPr":
        return False
    if any(is_on(mark) for mark in run[0] if local(mark) in ("vanish", "webHidden")):
        return True
    return bool(vanishing) and _style_of(run, "rPr", "rStyle") in vanishing


def _style_of(element: etree._Element, properties: str, name: str) -> str:
    own = next((child for child in element if local(child) == properties), ())
    return next((attribute(mark, "val") for mark in own if local(mark) == name), "")


def _symbol(code: str) -> str:
    """Of a symbol font: F031 is the 1 of a font that has its signs in the private area."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    sign = chr(number & 0xFF if number >> 8 == 0xF0 else number & 0xFFFF)
    return sign if sign >= " " else ""


def words(element: etree._Element) -> Iterator[str]:
    """Every text of a part, a paragraph or an element a line: for parts without a reader."""
    if local(element) == "p" and next(element.iter("{*}t", "{*}delText"), None) is not None:
        yield line(element)
        for box in element.iter("{*}txbxContent"):
            yield from words(box)
        return
    if any(child.tail and child.tail.strip() for child in element):
        # Text with marks in between (<cp/> in drawings of Visio): one line.
        yield "".join(str(text) for text in element.itertext()).strip()
        return
    if element.text and (text := element.text.strip()):
        if len(text) > _PLACE or local(element) not in _PLACED:
            yield text
    for child in element:
        yield from words(child)


def spoken(root: etree._Element) -> Iterator[str]:
    """What people typed that stands in attributes, in field codes or where no text should be."""
    for element in root.iter("{*}*"):
        for key, value in element.attrib.items():
            bare = str(key).rpartition("}")[2]
            if (
                bare in _SPOKEN
                or (bare == "val" and local(element) in _SPOKEN_VAL)
                or (len(value) > 11 and bare not in _NO_WORDS and _NUMBER.search(str(value)))
            ):
                yield str(value)
    yield from _codes(root)


def strays(root: etree._Element) -> Iterator[str]:
    """Numbers in elements that are no text of a paragraph."""
    for element in root.iter("{*}*"):
        text = element.text
        if text and len(text) > 11 and _NUMBER.search(text) and local(element) not in _SAID:
            yield text


def numbers(root: etree._Element) -> Iterator[str]:
    """What looks like a number, and nothing else: for parts that hold styles and settings."""
    yield from strays(root)
    for element in root.iter("{*}*"):
        for key, value in element.attrib.items():
            if len(value) > 11 and str(key) not in _NO_WORDS and _NUMBER.search(str(value)):
                yield str(value)


def _codes(root: etree._Element) -> Iterator[str]:
    """Field codes, one to a paragraph however many runs they are cut into."""
    codes = root.iter(*_CODES)
    for _, run in groupby(codes, lambda code: next(code.iterancestors("{*}p"), None)):
        yield "".join(code.text or "" for code in run)


def single(root: etree._Element) -> etree._Element:
    """Drops the older twin of a drawing (mc:Fallback) where it says the same, so that a number
    in a text box counts once. A twin that differs stays: some program shows it."""
    for fallback in list(root.iter("{*}Fallback")):
        parent = fallback.getparent()
        if parent is None:
            continue
        said = _said(fallback)
        if any(local(twin) == "Choice" and _said(twin) == said for twin in parent):
            parent.remove(fallback)
    return root


def _said(element: etree._Element) -> str:
    told = (part.text or "" for part in element.iter("{*}*") if local(part) not in _PLACED)
    return "".join("".join(told).split())
