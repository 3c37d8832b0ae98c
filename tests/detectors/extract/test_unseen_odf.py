"""What an OpenDocument file holds that no screen shows, and what it carries along."""

from __future__ import annotations

import io
import zipfile

import pytest

import detectors

NAMES = {
    "office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing",
    "x": "x", "presentation": "presentation", "fo": "xsl-fo-compatible", "meta": "meta",
}  # fmt: skip
_DECLARED = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in NAMES.items()
)
_DECLARED += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
WHITE, DARK = 'fo:color="#ffffff"', 'fo:background-color="#1f3864"'


def opened(kind: str, body: str, styles: str = "", meta: str = "") -> bytes:
    content = f"<office:document-content {_DECLARED}><office:automatic-styles>{styles}"
    content += f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", f"{content}</office:body></office:document-content>")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("meta.xml", f"<m {_DECLARED}>{meta}</m>")
    return out.getvalue()


def style(family: str, name: str, kind: str, look: str) -> str:
    inner = f"<style:{kind}-properties {look}/>"
    return f'<style:style style:family="{family}" style:name="{name}">{inner}</style:style>'


def facts(data: bytes) -> set[tuple[str, str]]:
    """(name, or how text is hidden; where)."""
    report = detectors.inspect(data, detectors.Wanted(name="a"))
    return {(f.reason.code if f.reason else f.name, f.range) for f in report.facts}


def span(look: str, paragraph: str = "") -> bytes:
    styles = style("text", "T", "text", look) + style("paragraph", "P", "paragraph", paragraph)
    line = (
        '<text:p text:style-name="P">a<text:span text:style-name="T">原価 80</text:span></text:p>'
    )
    return opened("text", line, styles)


def cell(look: str, ground: str = "", around: str = "", text: str = "80") -> bytes:
    inner = f"<style:text-properties {look}/><style:table-cell-properties {ground}/>"
    styles = '<style:style style:family="table-cell" style:name="C">'
    content = f'<table:table-cell table:style-name="C"><text:p>{text}</text:p></table:table-cell>'
    rows = f"<table:table-row>{content}</table:table-row>" * 2
    body = f'<table:table table:name="表">{rows}{around}</table:table>'
    return opened("spreadsheet", body, f"{styles}{inner}</style:style>")


def slide(page: str) -> bytes:
    return opened("presentation", f"<draw:page>{page}</draw:page>")


NOTE = "<draw:text-box><text:p>{}</text:p></draw:text-box>"
CASES: dict[str, tuple[bytes, set[tuple[str, str]]]] = {
    "white": (span(WHITE), {("text_in_background", "paragraph:1")}),
    "hidden": (span('text:display="none"'), {("text_vanished", "paragraph:1")}),
    "one point": (span('fo:font-size="1pt"'), {("text_tiny", "paragraph:1")}),
    "white on dark": (span(WHITE, DARK), set()),
    "a hidden section": (
        opened("text", '<text:section text:display="none"><text:p>原価</text:p></text:section>'),
        {("text_vanished", "")},
    ),
    "white cells": (cell(WHITE), {("text_in_background", "A1:A2")}),
    "white cells on dark": (cell(WHITE, DARK), set()),
    "white cells of nothing": (cell(WHITE, text=" "), set()),
    "white cells that a condition colours": (cell(WHITE, "", "<x:conditional-format/>"), set()),
    "a comment": (
        opened("text", "<text:p><office:annotation>値引き可</office:annotation></text:p>"),
        {("comments", "")},
    ),
    "corrections in a sheet": (
        opened(
            "spreadsheet",
            "<table:tracked-changes><table:cell-content-change/></table:tracked-changes>",
        ),
        {("tracked_changes", "")},
    ),
    "corrections that are switched on only": (opened("text", "<text:tracked-changes/>"), set()),
    "a source elsewhere": (
        opened("spreadsheet", '<table:table-source xlink:href="file:///C:/原価.ods"/>'),
        {("external_links", "")},
    ),
    "a link to a page": (
        opened("text", '<text:p><text:a xlink:href="https://example.jp/">a</text:a></text:p>'),
        set(),
    ),
    "a note to the speaker": (
        slide(
            '<presentation:notes><draw:frame presentation:class="notes">'
            f"{NOTE.format('値引き可')}</draw:frame></presentation:notes>"
        ),
        {("speaker_notes", "slide:1")},
    ),
    "an empty note": (
        slide(
            '<presentation:notes><draw:frame presentation:class="notes">'
            f"{NOTE.format('')}</draw:frame></presentation:notes>"
        ),
        set(),
    ),
    "its author": (
        opened("text", "", meta="<meta:initial-creator>山田</meta:initial-creator>"),
        {("author", "")},
    ),
    "where its template is": (
        opened("text", "", meta='<meta:template xlink:href="file:///C:/営業/a.ott"/>'),
        {("folder_path", "")},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_tells_what_is_hidden_and_nothing_else(case: str) -> None:
    data, expected = CASES[case]
    assert facts(data) == expected
