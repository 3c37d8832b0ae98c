"""Archives and passwords in the real sandbox: a library of the system, loaded before it shuts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from detectors.report import Report
from gateway.judgement.sandbox import Sandbox
from tests.detectors.extract.packing import cab, lzh, packed_by
from tests.detectors.extract.rars import rar4, rar5
from tests.samples import encrypted_zip, individual_number, message

NUMBER = individual_number(71)
FILES = {"資料/予定表.txt": f"個人番号 {NUMBER}\n".encode()}


def inspected(*mails: tuple[bytes, tuple[str, ...]]) -> list[Report]:
    async def run() -> list[Report]:
        sandbox = await Sandbox.start(workers=1)
        try:
            return [await sandbox.inspect(raw, passwords=words) for raw, words in mails]
        finally:
            await sandbox.stop()

    return asyncio.run(run())


def reasons(report: Report) -> set[tuple[str, str]]:
    return {
        (fact.path[0], fact.reason.code)
        for fact in report.facts
        if fact.name in ("uninspectable", "not_inspected") and fact.reason
    }


def places(report: Report) -> set[tuple[str, ...]]:
    return {place.path for finding in report.findings for place in finding.where}


@pytest.mark.needs("7z")
@pytest.mark.slow
def test_it_works(tmp_path: Path) -> None:
    open_ones = [
        ("a.rar", rar4(FILES)),
        ("b.rar", rar5(FILES)),
        ("c.cab", cab(FILES)),
        ("d.lzh", lzh(FILES)),
        ("e.7z", packed_by(tmp_path, FILES, "e.7z", "7z", "a")),
    ]
    shut = [
        ("f.zip", encrypted_zip(FILES, "ひみつ", aes=True)),
        ("g.zip", encrypted_zip(FILES, "himitsu")),
        ("h.7z", packed_by(tmp_path, FILES, "h.7z", "7z", "a", "-pひみつ", "-mhe=on")),
    ]
    # A password that stands in the mail is nobody's to use: only the sender's own entry counts.
    raw = message("件名", "パスワードは himitsu です。", [*open_ones, *shut])
    without, with_them = inspected((raw, ()), (raw, ("himitsu", "ひみつ")))
    inside = "資料/予定表.txt"
    assert places(without) == {(name, inside) for name, _ in open_ones}
    assert reasons(without) == {
        ("f.zip", "encrypted_zip"),
        ("g.zip", "encrypted_zip"),
        ("h.7z", "encrypted_archive"),
    }
    assert places(with_them) == {(name, inside) for name, _ in (*open_ones, *shut)}
    assert reasons(with_them) == set()
    assert NUMBER not in repr(without) + repr(with_them)
