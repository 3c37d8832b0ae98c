"""Whatever is done to a file: a reader ends, does not raise, and shows no octet in a reason."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.extract import sniff
from tests.detectors.extract.compound import compound, xls
from tests.detectors.extract.reads import refusals, surfaces, unread
from tests.samples import document, encrypted_zip, individual_number, pdf, slides, workbook, zipped

NUMBER = individual_number(20)
FILES = {
    "zip": zipped({"一覧.txt": NUMBER.encode()}),
    "locked": encrypted_zip({"a.txt": b"x"}, "p"),
    "xlsx": workbook({"表": [["番号", NUMBER]]}),
    "docx": document(["番号", NUMBER]),
    "pptx": slides([NUMBER]),
    "pdf": pdf([NUMBER]),
    "xls": xls({"表": [["番号", NUMBER]]}),
    "msg": compound(
        {"__properties_version1.0": bytes(32), "__substg1.0_1000001F": NUMBER.encode("utf-16-le")}
    ),
    "html": f"<table><tr><td>番号<td>{NUMBER}</table>".encode(),
    "rtf": rb"{\rtf1\ansi \'8c\'c2 " + NUMBER.encode() + rb"\u12354?}",
}


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=4)), max_size=6),
)
def test_no_damage_makes_a_reader_raise_or_hang(kind, damages):
    data = FILES[kind]
    for place, octets in damages:
        at = int(place * len(data))
        data = data[:at] + octets + data[at + len(octets) :]
    started = time.process_time()
    for surface in surfaces(data):
        assert NUMBER not in repr(getattr(surface, "reason", ""))
    assert time.process_time() - started < 5


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=400), st.sampled_from(["", "a.csv", "a.xdw", "smime.p7m"]))
def test_no_octets_are_too_strange(data, name):
    sniff(data, name)
    surfaces(data, name)


@pytest.mark.parametrize("kind", ["zip", "xlsx", "docx", "pptx", "xls", "msg"])
def test_half_a_file_is_refused(kind):
    assert refusals(surfaces(FILES[kind][: len(FILES[kind]) // 2]))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "word/document.xml", "ppt/presentation.xml"])
def test_a_package_whose_main_part_and_types_are_broken_is_corrupt(part):
    data = zipped({"[Content_Types].xml": b"<Types/>", part: bytes(900)})
    assert refusals(surfaces(data, "a.xlsx")) == ["corrupt"]


@pytest.mark.parametrize("name", ["a.xlsx", "A.PDF", "a.zip", "a.jpeg"])
@pytest.mark.parametrize("data", [bytes(5_000), b"\x01\x02\x03\x04" * 900])
def test_octets_under_the_name_of_a_document_that_are_none_are_a_damaged_one(name, data):
    assert refusals(surfaces(data, name)) == ["corrupt"]
    assert unread(surfaces(data, "a.sav")) == ["unknown_type"]
