"""Every place of a presentation in which a My Number was ever hidden, one line each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.detectors.extract.finds import Found, finds
from tests.detectors.extract.parts import (
    A,
    P,
    R,
    changed,
    linked,
    shape,
    slide,
    slide_part,
)
from tests.samples import individual_number, slides

NUMBER = individual_number(31)
SHEET = ("a", "表")
Build = Callable[[str], bytes]


def _notes(n: str) -> bytes:
    return slides(["前", "後"], notes={2: n})


POINT: dict[str, tuple[Build, str, bool]] = {
    # name: (how it is built, where, whether it is hidden)
    "shape": (lambda n: slide(shape(n)), "slide:1", False),
    "shape in a group": (
        lambda n: slide(f"<p:grpSp><p:nvGrpSpPr/>{shape(n)}</p:grpSp>"),
        "slide:1",
        False,
    ),
    "hidden shape": (lambda n: slide(shape(n, 'hidden="1"')), "", True),
    "alternative text": (lambda n: slide(shape("x", f'descr="{n}"')), "", True),
    "notes": (_notes, "slide:2", False),
    "hidden slide": (lambda n: slides(["前", n], hidden=[2]), "slide:2", True),
    "comment": (
        lambda n: slide_part(
            "c.xml", "comments", f"<p:cmLst {P}><p:cm><p:text>{n}</p:text></p:cm></p:cmLst>"
        ),
        "slide:1",
        False,
    ),
    "comment of new programs": (
        lambda n: slide_part(
            "c.xml",
            "comments",
            f"<cm {A}><txBody><a:p><a:r><a:t>{n}</a:t></a:r></a:p></txBody></cm>",
        ),
        "slide:1",
        False,
    ),
    "diagram": (
        lambda n: slide_part(
            "d.xml", "diagramData", f"<d {A}><a:p><a:r><a:t>{n}</a:t></a:r></a:p></d>"
        ),
        "slide:1",
        False,
    ),
    "chart": (lambda n: slide_part("c.xml", "chart", f"<c><v>{n}</v></c>"), "slide:1", False),
    "tag": (
        lambda n: slide_part("t.xml", "tags", f"<tagLst><tag name='x' val='{n}'/></tagLst>"),
        "slide:1",
        True,
    ),
    "layout": (
        lambda n: changed(
            slides(["x"]),
            "ppt/slideLayouts/slideLayout1.xml",
            "</p:spTree>",
            shape(n) + "</p:spTree>",
        ),
        "",
        False,
    ),
    "master": (
        lambda n: changed(
            slides(["x"]),
            "ppt/slideMasters/slideMaster1.xml",
            "</p:spTree>",
            shape(n) + "</p:spTree>",
        ),
        "",
        False,
    ),
    "slide that is in no list": (
        lambda n: linked(
            slides(["前"]),
            "ppt/presentation.xml",
            {"ppt/x.xml": ("slide", f"<p:sld {P} {A} {R}>{shape(n)}</p:sld>")},
        ),
        "",
        True,
    ),
}


@pytest.mark.parametrize("place", POINT)
def test_powerpoint(place: str) -> None:
    build, where, hidden = POINT[place]
    assert set(finds(build(NUMBER), NUMBER)) == {Found(("a",), where, hidden)}
