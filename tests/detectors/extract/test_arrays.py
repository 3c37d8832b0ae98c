"""Tables written as JSON or XML, by the place of their cells."""

import json

import pytest

from detectors import Wanted, inspect, reveal
from detectors.extract import arrays
from tests.mails import numbers

KIND = "jp.individual_number"
HEADS = ["氏名", "伝票番号", "個人番号", "口座番号"]
OWN = numbers(3, 7)
SLIPS = numbers(3, 8)
ROWS = [
    HEADS,
    *(["森 葵", slip, own, "0123456"] for slip, own in zip(SLIPS, OWN, strict=True)),
]


def as_json(rows: list[list[str]]) -> bytes:
    return json.dumps(rows).encode()


def as_xml(rows: list[list[str]]) -> bytes:
    lines = ("".join(f"<c>{cell}</c>" for cell in row) for row in rows)
    body = "".join(f"<r>{line}</r>" for line in lines)
    return f'<?xml version="1.0" encoding="Shift_JIS"?><l>{body}</l>'.encode("cp932")


def held(data: bytes, name: str) -> set[str]:
    wanted = Wanted(name=name)
    found = [one for one in inspect(data, wanted).findings if one.kind == KIND]
    assert all(one.confidence.value == "high" for one in found)
    return set(reveal(data, wanted).get(KIND, []))


@pytest.mark.parametrize(("write", "name"), [(as_json, "a.json"), (as_xml, "a.xml")])
def test_it_works(write, name) -> None:
    """What stands in the column of another heading passes the check as well, and is not found."""
    assert held(write(ROWS), name) == set(OWN)


def test_numbers_are_read_as_they_are_written() -> None:
    found = arrays.parted('[["個人番号", "x"], [012, null], [1.50, true]]')
    assert found is None  # no JSON: a number begins with no zero
    found = arrays.parted('[["個人番号", "x"], [100000000000000000001, null], [1.50, true]]')
    assert found and found.tables == [
        [["個人番号", "x"], ["100000000000000000001", ""], ["1.50", "True"]]
    ]


def test_what_stands_beside_the_rows_is_kept() -> None:
    text = json.dumps({"題": "台帳", "行": [["個人番号", "氏名"], ["1", "森"]]}, ensure_ascii=False)
    found = arrays.parted(text)
    assert found and found.rest.split("\n") == ["題: 台帳", "行"]
    found = arrays.parted(
        "<l><t>台帳</t><m><r><c>個人番号</c><c>氏名</c></r><r><c>1</c><c>森</c></r></m></l>"
    )
    assert found and found.rest == "台帳"


@pytest.mark.parametrize(
    "beside",
    [
        "<l>{}<r><c>個人番号</c><c>氏名</c></r><r><c>1</c><c>森</c></r></l>",
        "<l><m><r><c>個人番号</c><c>氏名</c></r><r><c>1</c><c>森</c></r></m>{}</l>",
        "<l><m><r><c>個人番号</c><c>氏名</c></r>{}<r><c>1</c><c>森</c></r></m></l>",
        "<l><m><r><c>個人番号</c><c>氏名</c>{}</r><r><c>1</c><c>森</c></r></m></l>",
        "<l><r><c>個人番号</c>{}<c>氏名</c></r><r><c>1</c><c>森</c></r></l>",
        "<l><?a {}?><r><c>個人番号</c><c>氏名</c></r><r><c>1</c><c>森</c></r></l>",
        '<l xmlns="urn:{}"><r><c>個人番号</c><c>氏名</c></r><r><c>1</c><c>森</c></r></l>',
    ],
)
def test_no_text_between_the_rows_is_lost(beside: str) -> None:
    (own,) = numbers(1, 9)
    found = arrays.parted(beside.format(own))
    assert found is None or own in found.rest


def test_both_values_of_one_name_are_read() -> None:
    (own,) = numbers(1, 9)
    text = f'{{"控": "{own}", "控": "なし", "行": [["個人番号", "氏名"], ["1", "森"]]}}'
    found = arrays.parted(text)
    assert found and own in found.rest


def test_rows_without_a_heading_keep_the_names_of_their_elements() -> None:
    own = numbers(2, 9)
    rows = "".join(f"<r><mynumber>{one}</mynumber><mynumber>{one}</mynumber></r>" for one in own)
    assert held(f"<l>{rows}</l>".encode(), "a.xml") == set(own)


@pytest.mark.parametrize(
    "text",
    [
        "[個人番号] は後日です",
        '{"個人番号": "1", "氏名": "森"}',
        '[["個人番号", "氏名"], ["1", "森"]',
        '[["番", "氏名"], ["1", "森"]]',
        "<l><r><c>個人番号</c><c>氏名</c></r><r><c>1</c></l>",
        '<l><r a="1"><c>個人番号</c><c>氏名</c></r><r><c>1</c><c>森</c></r></l>',
        '<!DOCTYPE l [<!ENTITY a "b">]><l><r><c>個人番号</c><c>a</c></r><r><c>1</c><c>b</c></r>'
        "</l>",
        "[" * 100_000 + "個人番号",
    ],
)
def test_anything_else_is_read_as_the_text_that_it_is(text: str) -> None:
    assert arrays.parted(text) is None
