import time

import pytest

from tests.detectors.extract.reads import nested, refusals, said, spots, surfaces, tables
from tests.samples import individual_number, individual_numbers

NUMBER = individual_number(2)


def page(body: str) -> bytes:
    return f"<!doctype html><html><body>{body}</body></html>".encode()


def test_it_works():
    a, b, c = NUMBER[:4], NUMBER[4:8], NUMBER[8:]
    found = surfaces(page(f"<p>個人番号</p><p>{a}<span>{b}</span><b>{c}</b></p><p>以上</p>"))
    assert said(found, hidden=False) == f"個人番号\n\n{NUMBER}\n\n以上"


@pytest.mark.parametrize(
    "split",
    ["{a}<wbr>{b}", "{a}<!-- x -->{b}", "{a}<span></span>{b}", "<font>{a}</font><i>{b}</i>"],
)
def test_marks_inside_a_number_do_not_part_it(split):
    body = split.format(a=NUMBER[:6], b=NUMBER[6:])
    assert NUMBER in said(surfaces(page(f"<p>{body}</p>")), hidden=False)


@pytest.mark.parametrize("parted", ["<p>{a}</p><p>{b}</p>", "{a}<br>{b}", "<div>{a}</div>{b}"])
def test_lines_are_kept_apart(parted):
    body = parted.format(a=NUMBER[:6], b=NUMBER[6:])
    assert NUMBER not in said(surfaces(page(body)), hidden=False)


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display: none">{n}</div>',
        '<p style="visibility:hidden">{n}</p>',
        "<p hidden>{n}</p>",
        "<!-- {n} -->",
        "<script>var n = '{n}'</script>",
        '<img alt="{n}">',
        '<a href="https://x.example/?n={n}">x</a>',
        '<input type="hidden" value="{n}">',
        '<span style="font-size:0">{n}</span>',
        "<style>.x, p > .y {{ display: none }}</style><p class=x>{n}</p>",
        "<style>#z {{ visibility: hidden }}</style><b id=z>{n}</b>",
        "<template><p>{n}</p></template>",
        "<noscript>{n}</noscript>",
        "<table><tr><td>a<td>b<span hidden>{n}</span></table>",
        "<title>{n}</title>",
    ],
)
def test_what_the_reader_does_not_see_is_read_and_marked(hidden):
    found = surfaces(page("<p>本文</p>" + hidden.format(n=NUMBER) + "<p>後</p>"))
    assert NUMBER in said(found, hidden=True)
    assert NUMBER not in said(found, hidden=False)
    assert "後" in said(found, hidden=False)


def test_a_hidden_element_in_a_number_does_not_part_it():
    body = f'<p>{NUMBER[:6]}<span style="display:none">x</span>{NUMBER[6:]}</p>'
    assert NUMBER in said(surfaces(page(body)), hidden=False)


def test_tables_are_tables_with_their_title():
    numbers = individual_numbers(2)
    rows = "".join(f"<tr><td>社員</td><td>{n}</td></tr>" for n in numbers)
    found = surfaces(
        page(f"<p>名簿</p><table><tr><th>氏名<th>個人番号</tr>{rows}</table><p>以上</p>")
    )
    (table,) = tables(found)
    assert [list(row) for row in table.rows] == [
        ["氏名", "個人番号"],
        *(["社員", n] for n in numbers),
    ]
    assert table.context == ("名簿",)
    assert "以上" in said(found, hidden=False)


def test_spans_keep_the_columns_in_place():
    body = (
        "<table><tr><td rowspan=2>A</td><td colspan=2>B</td></tr>"
        "<tr><td>1</td><td>2</td></tr><tr><td>a</td><td>b</td><td>c</td></tr></table>"
    )
    (table,) = tables(surfaces(page(body)))
    assert table.rows == [["A", "B", ""], ["", "1", "2"], ["a", "b", "c"]]


def test_layout_tables_stay_text():
    body = (
        f"<table><tr><td><table><tr><td>番号</td><td>{NUMBER}</td></tr></table></td></tr></table>"
    )
    found = surfaces(page(body))
    assert [list(row) for row in tables(found)[0].rows] == [["番号", NUMBER]]
    assert len(tables(found)) == 1


def test_a_page_in_another_charset_than_its_label():
    data = page(f'<meta charset="shift_jis"><p>個人番号 {NUMBER}</p>').decode().encode("cp932")
    assert f"個人番号 {NUMBER}" in said(surfaces(data, charset="utf-8"), hidden=False)


@pytest.mark.parametrize(
    "tag", ["img src", "a download href", "svg><image xlink:href", "object data"]
)
def test_files_in_data_addresses_are_handed_on(tag):
    found = surfaces(page(f'<{tag}="data:image/png;base64,iVBORw0KGgo=">'))
    assert nested(found) == {"data-1": b"\x89PNG\r\n\x1a\n"}


@pytest.mark.parametrize(
    "deep", ["<div>" * 200_000, "<div></i>" * 100_000, "<b><div>" * 90_000 + "</div></b>" * 90_000]
)
def test_deep_nesting_ends_quickly(deep):
    started = time.process_time()
    assert refusals(surfaces(page(deep + NUMBER))) == ["over_budget"]
    assert time.process_time() - started < 3


def test_a_thousand_levels_and_many_open_lines_are_read():
    assert NUMBER in said(surfaces(page("<div>" * 1_000 + NUMBER)))
    assert NUMBER in said(surfaces(page("<p>a<br><li>b" * 5_000 + NUMBER)))


def test_absurd_spans():
    found = surfaces(page(f"<table><tr><td colspan={'9' * 5_000}>a</td><td>{NUMBER}</td></table>"))
    assert spots(found, NUMBER)


@pytest.mark.parametrize(
    "faint",
    [
        '<span style="color:#ffffff">x</span>',
        '<span style="color: WHITE">x</span>',
        '<font color="#FFF">x</font>',
        '<span style="font-size:1px">x</span>',
        '<i style="position:absolute;left:-9999px">x</i>',
        "<style>.x {color: rgb(255, 255, 255)}</style><i class=x>x</i>",
    ],
)
def test_what_may_be_seen_or_not_is_read_both_ways(faint):
    found = surfaces(page(f"<p>{NUMBER[:6]}{faint}{NUMBER[6:]}</p>"))
    assert f"{NUMBER[:6]}x{NUMBER[6:]}" in said(found, hidden=False)
    assert NUMBER in said(found, hidden=False)


def test_a_hidden_element_in_a_cell_does_not_part_a_number():
    cell = f"{NUMBER[:6]}<span style='display:none'>x</span>{NUMBER[6:]}"
    found = surfaces(page(f"<table><tr><td>番号<td>{cell}</table>"))
    assert tables(found)[0].rows == [["番号", NUMBER]]


def test_a_digit_in_each_cell_and_in_each_field():
    cells = "".join(f"<td>{digit}</td>" for digit in NUMBER)
    found = surfaces(page(f"<table><tr><th>個人番号</th>{cells}</tr></table>"))
    assert tables(found)[0].rows == [["個人番号", *NUMBER]]
    fields = "".join(f'<input maxlength=4 value="{NUMBER[at : at + 4]}">' for at in (0, 4, 8))
    found = surfaces(page(f"<p>個人番号 {fields}</p>"))
    assert f"{NUMBER[:4]}\n\n{NUMBER[4:8]}\n\n{NUMBER[8:]}" in said(found, hidden=True)


def test_fields_of_a_form_are_read_beside_their_labels():
    digits = "".join(f"<input size=1 value={digit}>" for digit in NUMBER)
    boxes = said(surfaces(page(f"<label>個人番号</label>{digits}")), hidden=False)
    assert boxes.replace(" ", "") == f"個人番号{NUMBER}"
    cells = f"<table><tr><td>個人番号<td><input value={NUMBER}><tr><td>氏名<td>山田</table>"
    assert [table.rows[0][1] for table in tables(surfaces(page(cells)))] == [NUMBER]


@pytest.mark.parametrize(
    "field",
    [
        "<input type=hidden name=my_number value={n}>",
        "<select id=my_number><option value={n}>山田</select>",
    ],
)
def test_what_a_form_sends_unseen_has_the_name_of_its_field(field):
    found = said(surfaces(page(field.format(n=NUMBER))), hidden=True)
    assert f"my_number={NUMBER}" in found


def test_cells_that_nobody_closed_are_cells():
    digits = "".join(f"<td>{digit}" for digit in NUMBER)
    found = surfaces(page(f"<table><tr><th rowspan=2>個人番号{digits}<tr><td>1</table>"))
    assert [table.rows[0] for table in tables(found)] == [["個人番号", *NUMBER]]


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("sign", ["", "\ufe0f\u20e3"])
def test_pictures_of_digits_are_read_in_their_line(size, sign):
    groups = [NUMBER[at : at + size] for at in range(0, 12, size)]
    images = "".join(f'<img class="gmail_emoji" alt="{g}{sign}" src="{g}.png">' for g in groups)
    found = said(surfaces(page(f"<p>個人番号 {images}</p>")), hidden=False)
    assert f"個人番号 {NUMBER}" in found.replace(sign or "\0", "")


def test_pictures_part_lines_where_they_are_no_letters():
    image = '<img src="x.png" alt="山田さんの写真です">'
    found = said(surfaces(page(f"<p>{NUMBER[:6]}{image}{NUMBER[6:]}</p>")), hidden=False)
    assert NUMBER not in found.replace(" ", "")


@pytest.mark.parametrize(
    "kept", ['x:num="{n}"', 'sdval="{n}" sdnum="1041;"', 'data-sheets-value=\'{{"1":3,"3":{n}}}\'']
)
def test_the_whole_number_behind_a_short_one_is_in_its_cell(kept):
    cell = f"<td {kept.format(n=NUMBER)}>{NUMBER[0]}.{NUMBER[1:6]}E+11</td>"
    (table,) = tables(
        surfaces(page(f"<table><tr><th>氏名<th>個人番号<tr><td>森</td>{cell}</table>"))
    )
    assert NUMBER in table.rows[1][1].split("\n")


def test_a_number_that_a_cell_shows_is_not_said_twice():
    shown = f"{NUMBER[:4]}-{NUMBER[4:8]}-{NUMBER[8:]}"
    rows = f'<table><tr><td>番号</td><td x:num="{NUMBER}">{shown}</td></table>'
    (table,) = tables(surfaces(page(rows)))
    assert table.rows == [["番号", shown]]


@pytest.mark.parametrize("held", ['<p data-value="{n}">a</p>', '<p id="mynumber-{n}">a</p>'])
def test_numbers_in_attributes_of_any_name_are_read(held):
    assert NUMBER in said(surfaces(page(held.format(n=NUMBER))), hidden=True)


def test_a_page_within_an_attribute_is_a_page():
    found = surfaces(page(f'<iframe srcdoc="&lt;p&gt;個人番号 {NUMBER}&lt;/p&gt;"></iframe>'))
    assert nested(found) == {"data-1": f"<p>個人番号 {NUMBER}</p>".encode()}
