import pytest

from detectors.extract import sniff
from tests.detectors.extract.reads import said, surfaces
from tests.samples import individual_number

NUMBER = individual_number(21)
A, B, C = NUMBER[:4], NUMBER[4:8], NUMBER[8:]


def drawn(letters: str) -> bytes:
    return f"<svg xmlns='http://www.w3.org/2000/svg'><text>個人番号</text>{letters}</svg>".encode()


def test_it_works():
    data = drawn(f"<text x='1'><tspan>{A}</tspan> <tspan>{B}</tspan> <tspan>{C}</tspan></text>")
    assert sniff(data) == "svg"
    assert f"{A} {B} {C}" in said(surfaces(data), hidden=False)


@pytest.mark.parametrize("head", ["<?xml version='1.0'?>\n", "<!-- made by hand -->", "\ufeff"])
def test_it_is_known_by_its_first_element(head):
    assert sniff(head.encode() + drawn("")) == "svg"
    assert sniff(head.encode() + b"<html><body>" + drawn("")) != "svg"


def test_letters_with_places_of_their_own_are_one_number():
    letters = "".join(f"<tspan x='{at}'>{digit}</tspan>" for at, digit in enumerate(NUMBER))
    assert NUMBER in said(surfaces(drawn(f"<text>{letters}</text>")), hidden=False)


def test_what_stands_in_attributes_is_read_too():
    assert NUMBER in said(surfaces(drawn(f"<g data-id='{NUMBER}'/>")))
