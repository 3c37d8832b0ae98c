"""Office files in the real sandbox: no reader may need a file, a process or the network."""

from __future__ import annotations

import pytest

from tests.detectors.extract import records
from tests.detectors.extract.compound import compound
from tests.detectors.extract.test_locked import locked
from tests.gateway.judgement.test_archives_confined import inspected, places, reasons
from tests.samples import document, individual_number, message, slides, workbook

NUMBER = individual_number(72)
ROW = [["氏名", "個人番号"], ["山田", NUMBER]]


@pytest.mark.slow
def test_it_works() -> None:
    open_ones = [
        ("a.xlsx", workbook({"表": ROW})),
        ("b.docx", document([f"個人番号 {NUMBER}"])),
        ("c.pptx", slides([f"個人番号 {NUMBER}"])),
        ("d.xls", records.book(records.label(0, 0, "個人番号") + records.label(0, 1, NUMBER))),
        ("e.doc", compound(records.word(f"個人番号 {NUMBER}\r"))),
        ("f.ppt", records.presentation(f"個人番号 {NUMBER}")),
        ("g.rtf", f"{{\\rtf1 My Number {NUMBER}}}".encode()),
    ]
    shut = [
        ("h.xlsx", locked(workbook({"表": ROW}), "ひみつ")),
        ("i.xls", records.encrypted_book(records.label(0, 0, f"個人番号 {NUMBER}"), "himitsu")),
    ]
    raw = message("件名", "お送りします。", [*open_ones, *shut])
    without, with_them = inspected((raw, ()), (raw, ("himitsu", "ひみつ")))
    names = {name for name, _ in open_ones}
    assert {path[0] for path in places(without)} == names
    assert reasons(without) >= {(name, "encrypted_office") for name, _ in shut}
    assert {path[0] for path in places(with_them)} == names | {name for name, _ in shut}
    assert not reasons(with_them) & {(name, "encrypted_office") for name, _ in shut}
