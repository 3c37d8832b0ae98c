"""The table of strings that the cells of a workbook share."""

from __future__ import annotations

import re

from lxml import etree

from detectors.extract import markup
from detectors.extract.excel.cellrows import Strings, said
from detectors.extract.markup import letters_of, local

_ITEM = re.compile(
    r"<si><t(?: xml:space=\"preserve\")?>([^<]*)</t></si>|<si>(.*?)</si>|<si/>", re.S
)
_READING = re.compile(r"<rPh\b.*?</rPh>", re.DOTALL)
_TEXT = re.compile(r"<t(?: [^<>]*)?>([^<]*)</t>")


def read(data: bytes) -> tuple[Strings, list[str]]:
    """(the strings, their furigana). Raises Refused: "xml_doctype", "corrupt"."""
    return _usual(data) or _any(data)


def _usual(data: bytes) -> tuple[Strings, list[str]] | None:
    """By expressions, where every item is written as programs write it; else None."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    found = _ITEM.findall(text)
    items = text.count("</si>") + text.count("<si/>")
    if "<!" in text or ":si" in text or text.count("<?") > 1 or not 0 < items == len(found):
        return None
    texts, readings = [], []
    for plain, rich in found:
        if rich:
            readings += [said(t) for part in _READING.findall(rich) for t in _TEXT.findall(part)]
            plain = "".join(_TEXT.findall(_READING.sub("", rich)))
        texts.append(said(plain))
    return Strings(texts), readings


def _any(data: bytes) -> tuple[Strings, list[str]]:
    texts, readings = [], []
    for item in markup.parse(data) if data else ():
        pieces = [(t.text or "", _is_reading(t)) for t in item.iter("{*}t")]
        texts.append(letters_of("".join(text for text, reading in pieces if not reading)))
        readings += [letters_of(text) for text, reading in pieces if reading]
    return Strings(texts), readings


def _is_reading(text: etree._Element) -> bool:
    parent = text.getparent()
    return parent is not None and local(parent) == "rPh"
