import io
import zipfile

import pytest

from detectors.extract import sniff
from tests.detectors.extract.reads import refusals, said, surfaces, tables
from tests.samples import individual_number, individual_numbers

NUMBER = individual_number(12)
_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in [("office", "office"), ("text", "text"), ("table", "table")]
)


def opened(kind: str, body: str, **parts: str) -> bytes:
    out = io.BytesIO()
    content = f"<office:document-content {_NAMES}><office:body><office:{kind}>{body}"
    content += f"</office:{kind}></office:body></office:document-content>"
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        for name, text in parts.items():
            archive.writestr(f"{name}.xml", text)
    return out.getvalue()


def test_it_works():
    a, b, title = individual_numbers(3, seed=3)
    body = f"<text:p>番号 {a[:6]}<text:span>{a[6:]}</text:span></text:p>"
    body += f"<table:table><table:table-cell><text:p>{b}</text:p></table:table-cell></table:table>"
    data = opened("text", body, meta=f"<meta><title>{title}</title></meta>")
    assert sniff(data) == "odt"
    found = surfaces(data)
    assert f"番号 {a}" in said(found)
    assert title in said(found, hidden=True)
    assert tables(found)[0].rows == [[b]]


def test_sheets():
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{cell.format('番号')}{cell.format(n)}</table:table-row>"
        for n in (NUMBER, individual_number(13))
    )
    data = opened("spreadsheet", f'<table:table table:name="表">{rows}</table:table>')
    found = surfaces(data, "a.ods")
    (table,) = tables(found)
    assert NUMBER not in said(found)
    assert table.rows[0] == ["番号", NUMBER]
    assert table.spot.path == ("a.ods", "表")


@pytest.mark.parametrize(
    "formula",
    [
        "of:=[.A1]&amp;[.B1]",
        "of:=CONCATENATE([.$A$1:.B1];&quot;&quot;)",
        "of:=[$'内 訳'.A1]&amp;[$'内 訳'.B1]",
        "of:=&quot;" + NUMBER[:8] + "&quot;&amp;[.B1]",
    ],
)
def test_a_formula_without_a_result_is_worked_out(formula):
    pieces = "".join(
        f"<table:table-cell><text:p>{piece}</text:p></table:table-cell>"
        for piece in (NUMBER[:8], NUMBER[8:])
    )
    cells = f'{pieces}<table:table-cell table:formula="{formula}"/>'
    body = (
        f'<table:table table:name="内 訳"><table:table-row>{cells}</table:table-row></table:table>'
    )
    (table,) = tables(surfaces(opened("spreadsheet", body)))
    assert table.rows == [[NUMBER[:8], NUMBER[8:], NUMBER]]


@pytest.mark.parametrize("kind", ["text", "spreadsheet"])
def test_a_doctype_is_refused(kind):
    data = opened(kind, "", styles="<!DOCTYPE a []><a/>")
    assert refusals(surfaces(data)) == ["xml_doctype"]


def test_what_was_deleted_is_read_where_it_stood():
    old, new = individual_numbers(2, seed=4)
    body = (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion>'
        f"<text:p>{old}</text:p></text:deletion></text:changed-region></text:tracked-changes>"
        f'<text:p>個人番号 <text:change text:change-id="c1"/>{new}</text:p>'
    )
    found = surfaces(opened("text", body))
    assert said(found, hidden=False) == f"個人番号 {new}"
    assert f"個人番号 {old}\n{new}" in said(found, hidden=True)
