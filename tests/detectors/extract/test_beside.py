"""What Office files carry along, told as facts."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment

import detectors
from tests import samples


def noted(name: str, data: bytes) -> set[str]:
    report = detectors.inspect(data, detectors.Wanted(name=name))
    return {fact.name for fact in report.facts} & {"comments", "external_links", "author"}


def sheet(*, comment: str = "", formula: str = "", author: str = "") -> bytes:
    made = openpyxl.Workbook()
    made.properties.creator, made.properties.lastModifiedBy = author or None, None
    cell = made.active["A1"]
    cell.value = formula or "値"
    cell.comment = Comment(comment, "山田") if comment else None
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet())) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            new.writestr(item, old.read(item))
        new.writestr(
            "xl/externalLinks/externalLink1.xml", "<externalLink><externalBook/></externalLink>"
        )
    return out.getvalue()


def plain() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        made.add_worksheet().write(0, 0, "値")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.xlsx", sheet(), set()),
        ("a.xlsx", plain(), set()),
        ("a.xlsx", sheet(comment="値引き可"), {"comments"}),
        ("a.xlsx", sheet(author="山田"), {"author"}),
        ("a.xlsx", linked(), {"external_links"}),
        ("a.docx", samples.document(["本文"]), {"author"}),
        ("a.docx", samples.document(["本文"], comment="値引き可"), {"author", "comments"}),
        ("a.zip", samples.zipped({"a.xlsx": sheet(comment="値引き可")}), {"comments"}),
    ],
)
def test_it_works(name: str, data: bytes, expected: set[str]) -> None:
    assert noted(name, data) == expected
