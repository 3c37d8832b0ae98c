"""The sieve lets through whatever a close look would find: proven on the corpus, made long."""

from __future__ import annotations

import base64
import csv
import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import score, sieve
from detectors.budget import Budget
from detectors.digits import D, S
from detectors.extract import html
from detectors.extract.delimited import Rows, rows_of
from detectors.persons import addresslist, running
from detectors.report import Place
from detectors.surface import Source, Spot, Table, Text
from detectors.text import mask
from tests.detectors.corpus import Sample, person, samples
from tests.samples import individual_number

FILLER = "本日の打ち合わせの議事録を別紙のとおりまとめました。ご確認ください。\n" * 50
PROSE = [
    (sample, surface)
    for sample in samples(seed=5, rounds=1)
    for surface in sample.surfaces
    if isinstance(surface, Text) and surface.spot.part == "1"
]
SHEETS = [
    (sample, surface)
    for sample in samples(seed=6, rounds=1)
    for surface in sample.surfaces
    if isinstance(surface, Table) and not surface.hidden_columns
]


def placed(surface: Text | Table) -> list[tuple[str, str, tuple[Place, ...]]]:
    found = score.findings([surface])
    return [(one.kind, one.confidence.value, one.where) for one in found]


def named(pairs: list[tuple[Sample, Text]] | list[tuple[Sample, Table]]) -> list[str]:
    return [f"{number}-{sample.technique}" for number, (sample, _) in enumerate(pairs)]


@pytest.mark.parametrize(("sample", "surface"), PROSE, ids=named(PROSE))
def test_it_works_on_every_technique_in_running_text(sample: Sample, surface: Text) -> None:
    whole = f"{FILLER}\n{surface.text}\n\n{FILLER}"
    short = sieve.excerpts(whole.encode(), whole)
    assert len(short.text) < len(whole)
    unsifted = replace(surface, text=whole)
    assert placed(replace(unsifted, telling=short)) == placed(unsifted)


@pytest.mark.parametrize(("sample", "table"), SHEETS, ids=named(SHEETS))
def test_tables_that_came_as_text(sample: Sample, table: Table) -> None:
    if any(mark in cell for row in table.rows for cell in row for mark in '",\n'):
        pytest.skip("is written otherwise in a file")
    width = max(map(len, table.rows))
    rows = [[*row, *[""] * (width - len(row))] for row in table.rows]
    rows += [["", *["済"] * (width - 1)]] * 1_500
    sifted = rows_of("".join(",".join(row) + "\r\n" for row in rows), ",")
    assert isinstance(sifted, Rows)
    assert len(sifted.telling) < len(rows)
    numeric = frozenset(
        (r, c) for r, row in enumerate(rows, 1) for c, cell in enumerate(row, 1) if cell.isdigit()
    )
    every = replace(table, rows=rows, numeric=numeric)
    assert placed(replace(every, rows=sifted, telling=sifted.telling)) == placed(every)


SIGNS = st.text(st.sampled_from(D + S.replace("\\", "") + "aあ:番号<>\U000e0041"), max_size=40)
GLUE = st.sampled_from(["", "-", " ", "・", "\n> ", "<b>", "<!-- x -->", "<br>", "\u200b", "の"])


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), SIGNS, GLUE, st.integers(1, 11), SIGNS)
def test_no_number_is_lost_among_any_signs(
    seed: int, before: str, glue: str, at: int, behind: str
) -> None:
    number = person(random.Random(seed))
    whole = f"{FILLER}{before} 個人番号 {number[:at]}{glue}{number[at:]} {behind}\n{FILLER}"
    unsifted = Text(Spot("1"), whole)
    short = sieve.excerpts(whole.encode(), whole)
    known = [values for kind, values in score.revealed([unsifted]).items() if values]
    sifted = score.revealed([replace(unsifted, telling=short)])
    assert [values for kind, values in sifted.items() if values] == known


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), GLUE, st.integers(1, 11), st.lists(GLUE, max_size=3))
def test_no_number_is_lost_in_a_page(seed: int, glue: str, at: int, around: list[str]) -> None:
    number = person(random.Random(seed))
    body = f"{''.join(around)}<p>個人番号 <b>{number[:at]}</b>{glue}{number[at:]}</p>"
    source = Source(Spot("1"), "", f"<html><body>{body}</body></html>".encode(), "text/html")
    said = "".join(one.text for one in html.read(source, Budget()) if isinstance(one, Text))
    tree = html._walk(source.data.decode(), Budget())
    shown = "".join(block for block in tree.blocks if isinstance(block, str))
    assert (number in said) == (number in shown)


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 200_000, "12345678901x" * 80_000, "1" + " " * 1_000_000, "123456789012 " * 30_000,
        "12345\r\n" * 60_000, "番号 12345678 " * 30_000, "〒" * 100_000, "a" * 1_000_000,
        "1\u200b" * 200_000, "\n" * 1_000_000, "090-1 " * 60_000,
    ],
)  # fmt: skip
def test_time_is_linear(text: str) -> None:
    started = time.process_time()
    sieve.excerpts(text.encode(), text)
    assert time.process_time() - started < 3


def test_where_numbers_crowd_all_the_rest_is_looked_at() -> None:
    lines = [f"{individual_number(at)}\n".encode() for at in range(200)]
    found = list(sieve.Sieve().hits(b"".join(lines)))
    assert 2 < len(found) < 100
    assert found[-1][1] == len(b"".join(lines))


def test_where_numbers_are_far_apart_each_is_looked_at_by_itself() -> None:
    lines = [f"{individual_number(at)}\n{'在庫' * 200}\n".encode() for at in range(200)]
    assert len(list(sieve.Sieve().hits(b"".join(lines)))) == 200


def sifted(text: str) -> Text:
    return Text(Spot("1"), text, (), sieve.excerpts(text.encode(), text))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*D[:30], *"-‐・,/ 年\u200b\n", "あ", "a", "１２"]), max_size=60))
def test_what_needs_no_mask_is_told(signs: list[str]) -> None:
    text = f"{FILLER}{''.join(signs)}\n"
    assert sifted(text).telling.digits or mask(text) == text  # type: ignore[union-attr]


ENTRIES = (
    "u{i}@1-2.jp|u{i}＠example.jp|u{i}@-a.b|佐藤{n} 090-1234-56{i}|田中{n} 昭和60年4月{i}日"
    "|高橋{n} 1985/4/{i}|伊藤{n} 東京都港区芝5-{i}|渡辺{n} 〒105-00{i} 大阪市北区{i}"
    "|高橋{n} 1234 5678 9018 1985/4/{i}|氏名：山本 {n}\n電話：03-12{i}-5678"
    "|BEGIN:VCARD\nFN:中村 {n}\nTEL:0312345{i}\nEND:VCARD"
).split("|")


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("number", ["", "1234 5678 9018 ", "123456789018 ", "{i}2345-678901 "])
@pytest.mark.parametrize("count", [5, 14])
def test_no_list_is_lost(entry: str, number: str, count: int) -> None:
    lines = [
        (entry + number).format(i=10 + at, n="健花次美翔葵誠由大亮真修恵望"[at])
        for at in range(count)
    ]
    text = FILLER + "\n".join(lines) + f"\n{FILLER}"
    for rows, fewest in ((running.rows, 5), (addresslist.rows, 10)):
        found = rows(Text(Spot("1"), text))
        if len({row.key for row in found}) >= fewest:
            assert rows(sifted(text)) == found


@pytest.mark.parametrize(
    "hidden",
    [
        "begin 644 a.txt\n#,3(S\n`\nend\n", "=ybegin line=128 size=3 name=a\nabc\n=yend size=3\n",
        base64.b64encode(b"number 123456789018").decode() + "\n",
        "> -----BEGIN PGP MESSAGE-----\n", "-----BEGIN PGP SIGNED MESSAGE-----\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", ["", FILLER, "個人番号 1234 5678 9018\n", "090-1234-5678\n"])
def test_no_file_in_a_text_is_lost(before: str, hidden: str) -> None:
    text = f"{FILLER}{before}{hidden}{FILLER}"
    telling = sifted(text).telling
    assert telling and telling.files
    assert not sieve.excerpts((FILLER + before).encode(), FILLER + before).files


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*'a1,\t あ=\x0b\u2028"', "\r\n", "\n"]), max_size=40))
def test_rows_are_cut_as_the_parser_of_csv_cuts_them(signs: list[str]) -> None:
    text = "".join(signs)
    rows = list(csv.reader(text.removesuffix("\n").split("\n"))) if text else []
    if '"' not in text:
        assert list(Rows(text, ",", text.encode())) == rows


@pytest.mark.parametrize("line", ["{},品\n", "品,{}\r\n", '品,\n"{}",品\n'])
@pytest.mark.parametrize("above", range(100, 112))
def test_digits_down_a_column_are_found_wherever_they_begin(above: int, line: str) -> None:
    down = "".join(map(line.format, individual_number(3)))
    other = "部品,取引先\n"
    text = other * above + down + other * 500
    rows = rows_of(text, ",")
    assert isinstance(rows, Rows)
    assert set(rows.telling) == set(range(above, above + down.count("\n")))
