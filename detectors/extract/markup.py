"""XML of office files: parsed without entities, network or DTD, walked by local name.

Local names and not namespaces: strict and transitional OOXML differ in the namespace only, and a
reader that knows one of them reads nothing in the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from detectors.extract.reading import Refused

# Words that people typed, kept in attributes: alternative texts, cached values, prompts, tags.
_SPOKEN = frozenset(
    "v name descr title alt caption string prompt promptTitle error errorTitle tooltip display "
    "displayText value tag alias author initials displayName string-value".split()
)
_SPOKEN_VAL = frozenset(("docVar", "tag", "alias", "listItem", "default", "statusText", "helpText"))
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-", "softHyphen": "\u00ad"}
# Not part of the line: properties, furigana, text boxes (paragraphs of their own), field codes.
_APART = frozenset(("pPr", "rPr", "rt", "txbxContent", "instrText", "delInstrText", "sectPr"))


def parse(data: bytes) -> etree._Element:
    """The root of an XML part. Raises Refused: "xml_doctype", "corrupt"."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        # A fresh exception: lxml's message quotes the file.
        raise Refused("corrupt", type="xml") from None
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None:
        # No office program writes one; entities in it make a file read two ways.
        raise Refused("xml_doctype")
    return root


def local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element, name: str) -> str:
    """The attribute with this local name, "" where there is none."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def line(paragraph: etree._Element, *, original: bool = False) -> str:
    """A paragraph as its reader sees it; `original` has deleted and hidden runs too."""
    return "".join(_runs(paragraph, original))


def _runs(element: etree._Element, original: bool) -> Iterator[str]:
    for child in element:
        name = local(child)
        if name in _APART:
            continue
        if name in ("del", "moveFrom") or (name == "r" and _vanished(child)):
            if not original:
                continue
        elif name in ("ins", "moveTo") and original:
            continue
        if name in ("t", "delText"):
            yield child.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        else:
            yield from _runs(child, original)


def _vanished(run: etree._Element) -> bool:
    properties = next((child for child in run if local(child) == "rPr"), None)
    if properties is None:
        return False
    marks = (child for child in properties if local(child) in ("vanish", "webHidden"))
    return any(attribute(mark, "val") not in ("0", "false", "off") for mark in marks)


def words(element: etree._Element) -> Iterator[str]:
    """Every text of a part, a paragraph or an element a line: for parts without a reader."""
    if local(element) == "p":
        yield line(element)
        for box in element.iter("{*}txbxContent"):
            yield from words(box)
        return
    if element.text and element.text.strip():
        yield element.text.strip()
    for child in element:
        yield from words(child)
        if child.tail and child.tail.strip():
            yield child.tail.strip()


def spoken(root: etree._Element) -> Iterator[str]:
    """What people typed that stands in attributes or in field codes."""
    for element in root.iter("{*}*"):
        name = local(element)
        if name in ("instrText", "delInstrText") and element.text:
            yield element.text
        for key, value in element.attrib.items():
            bare = str(key).rpartition("}")[2]
            if bare in _SPOKEN or (bare == "val" and name in _SPOKEN_VAL):
                yield str(value)


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
    return "".join(str(text) for text in element.itertext()).strip()
