"""XML that is made to never end: held in seconds, whatever part of whatever file it stands in."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.detectors.extract.finds import finds
from tests.detectors.extract.parts import unzipped, word_part
from tests.detectors.extract.reads import refusals, surfaces
from tests.samples import document, individual_number, slides, workbook, zipped

NUMBER = individual_number(35)
_LAUGHS = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
BOMBS: dict[str, Callable[[str], str]] = {
    "a billion laughs": lambda root: f'<!DOCTYPE x [<!ENTITY a0 "ha">{_LAUGHS}]>{root}&a11;',
    "laughs in an attribute": lambda root: (
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{_LAUGHS}]>{root}<x y="&a11;"/>'
    ),
    "quadratic": lambda root: f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]>{root}{"&a;" * 50_000}',
    "external": lambda root: f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>{root}&a;',
    "declaration elsewhere": lambda root: f'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x">{root}',
    "deep": lambda root: root + "<x>" * 100_000 + "</x>" * 100_000,
    "wide attribute": lambda root: f'{root}<x y="{"a" * 12_000_000}"/>',
    "many attributes": lambda root: (
        root + "<x " + " ".join(f'a{at}="1"' for at in range(100_000)) + "/>"
    ),
}
PARTS = {
    "xlsx sheet": (workbook({"表": [["x"]]}), "xl/worksheets/sheet1.xml"),
    "xlsx strings": (workbook({"表": [["x"]]}), "xl/sharedStrings.xml"),
    "docx": (document(["x"]), "word/document.xml"),
    "docx property": (document(["x"]), "docProps/core.xml"),
    "pptx": (slides(["x"]), "ppt/slides/slide1.xml"),
}


# Read without a tree, or large and no more than that.
HARMLESS = {
    *((place, "wide attribute") for place in PARTS),
    *(
        (place, bomb)
        for place in ("xlsx sheet", "xlsx strings")
        for bomb in ("deep", "many attributes")
    ),
}


def planted(data: bytes, part: str, bomb: Callable[[str], str]) -> bytes:
    files = unzipped(data)
    text = files[part].decode()
    head, start, rest = text.partition("?>")
    end = rest.index(">", rest.index("<")) + 1
    files[part] = (head + start + bomb(rest[:end]) + rest[end:]).encode()
    return zipped(files)


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("place", PARTS)
def test_a_bomb_ends_in_seconds(place: str, bomb: str) -> None:
    data = planted(*PARTS[place], BOMBS[bomb])
    started = time.process_time()
    found = refusals(surfaces(data))
    assert time.process_time() - started < 5
    if (place, bomb) not in HARMLESS:
        assert found in (["xml_doctype"], ["corrupt"], ["over_budget"])


def test_what_stands_beside_a_bomb_is_read() -> None:
    data = word_part("x.xml", "unheard-of", "<!DOCTYPE x []><x/>")
    files = unzipped(data)
    files["word/header9.xml"] = f"<x>{NUMBER}</x>".encode()
    data = zipped(files)
    assert refusals(surfaces(data)) == ["xml_doctype"]
    assert finds(data, NUMBER)
