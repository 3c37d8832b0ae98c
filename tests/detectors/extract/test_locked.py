"""Files with a password: opened with the right one, in memory, and never without end."""

from __future__ import annotations

import io
import tempfile
import time

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from tests.detectors.extract import records
from tests.detectors.extract.compound import compound
from tests.detectors.extract.finds import Found, finds
from tests.detectors.extract.parts import beside_sheet
from tests.detectors.extract.reads import refusals, surfaces, tables
from tests.samples import document, individual_number, slides, workbook

pytestmark = pytest.mark.slow

NUMBER = individual_number(34)
FILES = {
    "xlsx": workbook({"表": [[NUMBER]]}),
    "docx": document([NUMBER]),
    "pptx": slides([NUMBER]),
}


def locked(data: bytes, password: str) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()


def old(password: str) -> bytes:
    return records.encrypted_book(records.label(0, 0, NUMBER), password)


@pytest.mark.parametrize("kind", FILES)
def test_it_works(kind: str) -> None:
    data = locked(FILES[kind], "ひみつ")
    assert refusals(surfaces(data)) == ["encrypted_office"]
    assert finds(data, NUMBER, passwords=("ちがう", "ひみつ"))


def test_no_password_fits() -> None:
    found = refusals(surfaces(locked(FILES["docx"], "a"), passwords=("b",)))
    assert "encrypted_office" in found
    assert "wrong_password" in found


def test_old_workbooks(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("plain text on the disk")

    monkeypatch.setattr(tempfile, "TemporaryFile", never)
    assert refusals(surfaces(old("secret"))) == ["encrypted_office"]
    assert finds(old("secret"), NUMBER, passwords=("secret",)) == [Found(("a", "表1"), "A1", False)]


def test_the_password_of_excel_itself_needs_nobody() -> None:
    assert finds(old("VelvetSweatshop"), NUMBER) == [Found(("a", "表1"), "A1", False)]


def test_protection_against_changes_is_no_encryption() -> None:
    data = beside_sheet('<sheetProtection algorithmName="SHA-512" sheet="1" objects="1"/>')
    assert tables(surfaces(data))[0].rows == [["x"]]
    assert not refusals(surfaces(data))


def test_an_encrypted_presentation_is_not_taken_for_an_empty_one() -> None:
    user = bytes(12) + b"\xdf\xc4\xd1\xf3" + bytes(8)
    data = compound({"PowerPoint Document": b"\x99" * 600, "Current User": user})
    assert refusals(surfaces(data)) == ["encrypted_office"]


def test_a_key_that_takes_too_many_rounds_is_refused_at_once() -> None:
    data = locked(FILES["docx"], "a")
    slow = data.replace(b'spinCount="100000"', b'spinCount="9999999"'[:-1] + b'"')
    assert slow != data
    started = time.process_time()
    assert refusals(surfaces(slow[: len(data)], passwords=("a",)))[0] == "over_budget"
    assert time.process_time() - started < 2


@pytest.mark.slow
def test_many_passwords_are_not_all_tried() -> None:
    started = time.process_time()
    passwords = tuple(f"wrong{at}" for at in range(500))
    assert "encrypted_office" in refusals(surfaces(locked(FILES["docx"], "a"), passwords=passwords))
    assert time.process_time() - started < 15
