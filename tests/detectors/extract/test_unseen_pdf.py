"""What a PDF holds that no screen shows, and what it carries along."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from fpdf import FPDF
from PIL import Image

import detectors

Change = Callable[[FPDF], object]


def told(change: Change) -> set[tuple[str, str]]:
    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=12)
    made.text(20, 20, "seen")
    change(made)
    report = detectors.inspect(bytes(made.output()), detectors.Wanted(name="a.pdf"))
    return {(f.reason.code if f.reason else f.name, f.range) for f in report.facts}


def _white(made: FPDF, text: str = "cost 80") -> None:
    made.set_text_color(255)
    made.text(20, 40, text)


def _over(ground: Change) -> Change:
    def change(made: FPDF) -> None:
        ground(made)
        _white(made)

    return change


def _filled(shade: int, top: int = 30) -> Change:
    def change(made: FPDF) -> None:
        made.set_fill_color(shade)
        made.rect(10, top, 100, 20, style="F")

    return change


def _over_it(cover: Change) -> Change:
    def change(made: FPDF) -> None:
        made.text(20, 40, "cost 80")
        cover(made)

    return change


def _picture(made: FPDF) -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 20), "white").save(out, "PNG")
    made.image(out, 10, 30, 100, 20)


def _unpainted(made: FPDF) -> None:
    with made.local_context(text_mode="INVISIBLE"):
        made.text(20, 40, "cost 80")


def _read_off_a_picture(made: FPDF) -> None:
    _picture(made)
    _unpainted(made)


def _remark(text: str) -> Change:
    return lambda made: made.text_annotation(20, 40, text)


CASES: dict[str, tuple[Change, set[tuple[str, str]]]] = {
    "white": (_white, {("text_in_background", "page:1")}),
    "white on white": (_over(_filled(255)), {("text_in_background", "page:1")}),
    "white above a dark box": (_over(_filled(0, top=100)), {("text_in_background", "page:1")}),
    "never painted": (_unpainted, {("text_unpainted", "page:1")}),
    "under a black box": (_over_it(_filled(0)), {("text_covered", "page:1")}),
    "under a grey box": (_over_it(_filled(200)), set()),
    "beside a black box": (_over_it(_filled(0, top=100)), set()),
    "a remark": (_remark("80?"), {("comments", "page:1")}),
    "a file in it": (
        lambda made: made.embed_file(bytes=b"80", basename="cost.txt"),
        {("embedded_files", "")},
    ),
    "its author": (lambda made: made.set_author("Yamada"), {("author", "")}),
    "its folder": (lambda made: made.set_title(r"C:\sales\a.docx"), {("folder_path", "")}),
    "its name": (lambda made: made.set_title("Microsoft Word - a.docx"), set()),
    "an empty remark": (_remark(" "), set()),
    "white on a dark box": (_over(_filled(0)), set()),
    "white on a picture": (_over(_picture), set()),
    "white dots": (lambda made: _white(made, ". . ."), set()),
    "read off a picture": (_read_off_a_picture, set()),
}


@pytest.mark.parametrize("case", CASES)
def test_it_tells_what_is_hidden_and_nothing_else(case: str) -> None:
    change, expected = CASES[case]
    assert {fact for fact in told(change) if fact[0] != "no_text"} == expected


def test_a_remark_that_is_not_shown() -> None:
    made = FPDF()
    made.add_page()
    made.text_annotation(20, 40, "80?")
    data = bytes(made.output()).replace(b"/F 0", b"/F 2").replace(b"/F 4", b"/F 2")
    report = detectors.inspect(data, detectors.Wanted(name="a.pdf"))
    assert [f.reason.code for f in report.facts if f.reason] == ["note_hidden"]
