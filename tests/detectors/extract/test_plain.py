from urllib.parse import quote

import pytest

from detectors.extract import sniff
from tests.detectors.extract.reads import said, surfaces, tables
from tests.samples import individual_number

NUMBER = individual_number(1)
TEXT = f"お世話になっております。\r\n個人番号は {NUMBER} です。\r\n"


@pytest.mark.parametrize(
    "charset", ["utf-8", "cp932", "euc_jp", "iso-2022-jp", "utf-16", "utf-16-le"]
)
def test_it_works(charset):
    found = surfaces(TEXT.encode(charset), "手紙.txt")
    assert f"個人番号は {NUMBER} です。" in said(found)
    assert not tables(found)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_becomes_a_table(delimiter):
    rows = [["氏名", "個人番号"], ["山田", NUMBER], ["佐藤", ""]]
    data = "\r\n".join(delimiter.join(row) for row in rows).encode("cp932")
    found = surfaces(data, "一覧.csv")
    assert [list(row) for row in tables(found)[0].rows] == rows
    assert said(found) == ""


def test_csv_quotes_excel_text_and_lost_zeros():
    data = f'名前,番号\r\n"山田, 太郎","=""{NUMBER}"""\r\n佐藤,12345678901\r\n'.encode()
    (table,) = tables(surfaces(data, "a.csv"))
    assert table.rows[1] == ["山田, 太郎", NUMBER]
    assert table.numeric == {(3, 2)}


def test_prose_with_commas_stays_text():
    data = b"Dear Mr. Sato, thank you.\nPlease find, as ever, the list, attached.\nRegards\n"
    assert sniff(data) == "txt"
    assert said(surfaces(data)) == data.decode()


def test_an_endless_quote_does_not_swallow_the_rest():
    data = ("a,b\n" * 60 + '"' + f"x,{NUMBER}\n" * 20_000).encode()
    found = surfaces(data, "a.csv")
    cells = "".join(cell for table in tables(found) for row in table.rows for cell in row)
    assert NUMBER in cells + said(found)


def test_unknown_octets_are_unread_and_not_silently_passed():
    from tests.detectors.extract.reads import unread

    assert unread(surfaces(bytes(range(256)) * 20)) == ["unknown_type"]


def test_html_that_is_labelled_as_html_is_read_as_html():
    found = surfaces(b"1234<b>5678</b>9012", media_type="text/html")
    assert "123456789012" in said(found)


@pytest.mark.parametrize("text", ['{"個人番号": "%s"}', '[{"key": "個人番号", "value": %s}]'])
def test_letters_that_json_writes_as_numbers(text):
    told = text % NUMBER
    escaped = "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in told)
    assert said(surfaces(escaped.encode(), "a.json")) == told


def test_what_an_address_escapes_is_read() -> None:
    asked = "https://example.com/f?個人番号=1&memo=100%25"
    escaped = asked.replace("個人番号", quote("個人番号"))
    assert said(surfaces(f"{escaped} 50%ES %E5%80".encode(), "a.log")) == f"{asked} 50%ES %E5%80"


def test_halves_of_a_letter_that_json_parts_are_joined():
    assert said(surfaces(b'{"a": "\\ud842\\udfb7"}', "a.json")) == '{"a": "\U00020bb7"}'


def test_a_filing_of_social_insurance_has_its_numbers_under_a_heading():
    number, office = individual_number(8), "03-1234-5678"
    filing = (
        f"20,ア,001,20261109,22007,01\r\n[kanri]\r\n,001\r\n20,ア,001,東京都港区,{office}\r\n[data]\r\n"
        f"22007,20,ア,001,1,ヤマダ,山田 太郎,5,600301,{number},,,250000\r\n"
    )
    found = surfaces(filing.encode("cp932"), "SHFD0006.CSV")
    (table,) = tables(found)
    assert (table.first_row, table.rows[0][9]) == (5, "個人番号")
    assert table.rows[1][9] == number
    assert office in said(found)
    assert not tables(surfaces(b"[kanri]\n1\n[data]\n", "a.txt"))
