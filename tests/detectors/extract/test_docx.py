import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from detectors.extract import sniff
from tests.detectors.extract.parts import changed, linked
from tests.detectors.extract.reads import nested, notes, refusals, said, spots, surfaces, tables
from tests.samples import document, individual_number, individual_numbers, workbook, zipped

NUMBER = individual_number(4)


def saved(made) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_body(xml: str) -> bytes:
    """A document with this markup in its first paragraph."""
    made = docx.Document()
    made.add_paragraph("前")._p.append(
        parse_xml(f"<w:wrap {nsdecls('w', 'wp', 'a')}>{xml}</w:wrap>")
    )
    return saved(made)


def test_it_works():
    found = surfaces(document(["名簿", NUMBER], [["氏名", "個人番号"], ["山田", NUMBER]]), "a.docx")
    assert said(found, hidden=False).startswith(f"名簿\n{NUMBER}")
    assert [list(row) for row in tables(found)[0].rows] == [["氏名", "個人番号"], ["山田", NUMBER]]
    assert not refusals(found)


def test_runs_are_one_text():
    made = docx.Document()
    paragraph = made.add_paragraph()
    for digit in NUMBER:
        paragraph.add_run(digit).bold = int(digit) % 2 == 0
    assert NUMBER in said(surfaces(saved(made)), hidden=False)


def test_headers_footers_comments_and_properties():
    numbers = header, footer, title, comment = individual_numbers(4, seed=4)
    made = docx.Document()
    run = made.add_paragraph("本文").runs[0]
    made.sections[0].header.paragraphs[0].text = header
    made.sections[0].footer.paragraphs[0].text = footer
    made.core_properties.title = title
    made.add_comment(run, text=comment, author="山田")
    text = said(surfaces(saved(made)))
    assert [number for number in numbers if number not in text] == []


def test_deletions_and_hidden_runs_are_hidden_text():
    deleted, vanished = individual_numbers(2, seed=5)
    data = with_body(
        f"<w:del w:id='1'><w:r><w:delText>{deleted}</w:delText></w:r></w:del>"
        f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>{vanished}</w:t></w:r>"
    )
    found = surfaces(data)
    assert notes(found) == ["tracked_changes", "hidden_text"]
    for number in (deleted, vanished):
        assert number in said(found, hidden=True)
        assert number not in said(found, hidden=False)


def test_a_deleted_row_keeps_the_heading_of_its_table():
    made = docx.Document()
    table = made.add_table(3, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "氏名", "個人番号"
    table.cell(2, 0).text, table.cell(2, 1).text = "山田", "@"
    data = changed(
        saved(made),
        "word/document.xml",
        "<w:r><w:t>@</w:t></w:r>",
        f"<w:del w:id='1'><w:r><w:delText>{NUMBER}</w:delText></w:r></w:del>",
    )
    found = tables(surfaces(data))
    assert [table.spot.hidden for table in found] == [False, True]
    assert found[1].rows == [["氏名", "個人番号"], [], ["山田", NUMBER]]


def test_a_deletion_inside_a_number_does_not_part_it():
    data = with_body(
        f"<w:r><w:t>{NUMBER[:6]}</w:t></w:r>"
        "<w:del w:id='1'><w:r><w:delText>99</w:delText></w:r></w:del>"
        f"<w:ins w:id='2'><w:r><w:t>{NUMBER[6:]}</w:t></w:r></w:ins>"
    )
    assert NUMBER in said(surfaces(data), hidden=False)


def test_text_boxes_count_once():
    box = f"<w:txbxContent><w:p><w:r><w:t>{NUMBER}</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    data = with_body(
        f"<w:r><mc:AlternateContent {mc}><mc:Choice Requires='wps'>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert said(surfaces(data)).count(NUMBER) == 1


def test_boxes_at_places_of_their_own_count_once():
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    boxes = "".join(
        f"<w:r><mc:AlternateContent {mc}><mc:Choice Requires='wps'><wp:anchor><wp:positionH>"
        f"<wp:posOffset>{9144 * at}</wp:posOffset></wp:positionH></wp:anchor>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
        for at, digit in enumerate(NUMBER)
        for box in [f"<w:txbxContent><w:p><w:r><w:t>{digit}</w:t></w:r></w:p></w:txbxContent>"]
    )
    text = said(surfaces(with_body(f"<w:r><w:t>個人番号</w:t></w:r>{boxes}")), hidden=False)
    assert "\n".join(NUMBER) in text


def test_a_fallback_that_says_something_else_is_read():
    a, b = individual_numbers(2, seed=6)
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    data = with_body(
        f"<w:r><mc:AlternateContent {mc}><mc:Choice Requires='wps'><w:t>{a}</w:t></mc:Choice>"
        f"<mc:Fallback><w:t> {b}</w:t></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert spots(surfaces(data), a)
    assert spots(surfaces(data), b)


def test_field_codes_and_alternative_texts():
    a, b = individual_numbers(2, seed=7)
    data = with_body(
        f"<w:r><w:instrText> QUOTE {a} </w:instrText></w:r>"
        f"<w:r><w:drawing><wp:docPr id='1' name='図' descr='{b}'/></w:drawing></w:r>"
    )
    text = said(surfaces(data), hidden=True)
    assert a in text
    assert b in text


def test_no_text_passes_for_the_code_of_a_field():
    (number,) = individual_numbers(1, seed=9)
    marks = ("<w:sym w:char='F001'/>", "<w:sym w:char='0002'/>")
    data = with_body(
        f"<w:r><w:t>{number[:4]}</w:t>{marks[0]}<w:t>{number[4:]}</w:t>{marks[1]}</w:r>"
    )
    assert number in said(surfaces(data), hidden=False)


def test_what_a_form_field_holds_stands_beside_its_label():
    (number,) = individual_numbers(1, seed=8)
    data = with_body(
        "<w:r><w:t>マイナンバー：</w:t></w:r><w:r><w:fldChar w:fldCharType='begin'><w:ffData>"
        f"<w:textInput><w:default w:val='{number}'/></w:textInput></w:ffData></w:fldChar></w:r>"
        "<w:r><w:instrText> FORMTEXT </w:instrText></w:r>"
        "<w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>\u3000</w:t></w:r>"
        "<w:r><w:fldChar w:fldCharType='end'/></w:r>"
    )
    assert f"マイナンバー：{number}" in said(surfaces(data), hidden=True)
    assert number not in said(surfaces(data), hidden=False)


def test_a_digit_a_cell_and_tables_in_tables():
    made = docx.Document()
    outer = made.add_table(1, 2)
    outer.cell(0, 0).text = "個人番号"
    inner = outer.cell(0, 1).add_table(1, 12)
    for column, digit in enumerate(NUMBER):
        inner.cell(0, column).text = digit
    (table,) = tables(surfaces(saved(made)))
    assert table.rows[0][0] == "個人番号"
    assert "\t".join(NUMBER) in table.rows[0][1]


def test_embedded_workbooks_and_links():
    inner = workbook({"a": [[NUMBER]]})
    with zipfile.ZipFile(io.BytesIO(document(["x"]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    rels = files["word/_rels/document.xml.rels"].decode()
    link = f'Id="rId99" Type="x/hyperlink" Target="https://x.example/{NUMBER}"'
    linked = f'<Relationship {link} TargetMode="External"/></Relationships>'
    files["word/_rels/document.xml.rels"] = rels.replace("</Relationships>", linked).encode()
    found = surfaces(zipped({**files, "word/embeddings/sheet.xlsx": inner}))
    assert nested(found)["sheet.xlsx"] == inner
    assert NUMBER in said(found, hidden=True)


def test_known_by_content_types_even_with_other_part_names():
    with zipfile.ZipFile(io.BytesIO(document([NUMBER]))) as archive:
        files = {
            n.replace("word/document", "odd/name"): archive.read(n) for n in archive.namelist()
        }
    for name in ("[Content_Types].xml", "_rels/.rels"):
        files[name] = files[name].replace(b"word/document", b"odd/name")
    data = zipped(files)
    assert sniff(data) == "docx"
    assert NUMBER in said(surfaces(data), hidden=False)


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.999])
def test_truncated_files_are_refused(cut):
    data = document([NUMBER])
    assert refusals(surfaces(data[: int(len(data) * cut)], "a.docx"))


def test_deep_markup_is_refused_and_not_a_crash():
    data = with_body("<w:r>" * 200 + "x" + "</w:r>" * 200)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    text = files["word/document.xml"].decode()
    files["word/document.xml"] = text.replace(
        "x</w:r>", "<w:r>" * 5_000 + "</w:r>" * 5_001
    ).encode()
    assert refusals(surfaces(zipped(files))) == ["corrupt"]


def test_the_lines_right_over_a_table_are_its_title():
    made = docx.Document()
    for text in ("提出先", "個人番号記入用紙", "下の枠に記入", ""):
        made.add_paragraph(text)
    made.add_table(rows=1, cols=2).cell(0, 0).text = "氏名"
    (table,) = tables(surfaces(saved(made), "a.docx"))
    assert table.context[-2:] == ("個人番号記入用紙", "下の枠に記入")


@pytest.mark.parametrize(
    ("part", "kind", "content"),
    [
        ("docProps/custom.xml", "custom-properties", "<p name='個人番号'><lpwstr>{}</lpwstr></p>"),
        ("customXml/item1.xml", "customXml", "<社員><個人番号>{}</個人番号></社員>"),
        ("customXml/item1.xml", "customXml", "<x><t>個人&#x756a;号</t><t>{}</t></x>"),
    ],
)
def test_data_that_people_named_keep_their_names(part, kind, content):
    data = linked(document([""]), "", {part: (kind, content.format(NUMBER))})
    told = said(surfaces(data, "a.docx"), hidden=True)
    assert "個人番号" in told[: told.rindex(NUMBER)]
