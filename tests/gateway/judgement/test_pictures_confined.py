"""Pictures through the real sandbox: no files, no processes, limited memory."""

import io

import pytest
import pytest_asyncio
from fpdf import FPDF

from gateway.judgement.sandbox import Sandbox
from tests.detectors.extract.drawn import page, saved
from tests.samples import individual_number

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
NUMBER = individual_number(11)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox():
    pytest.importorskip("tesserocr")
    started = await Sandbox.start(workers=1)
    yield started
    await started.stop()


def scanned(pages: int) -> bytes:
    made = FPDF()
    picture = saved(page(f"個人番号 {NUMBER}", size=40), "JPEG")
    for _ in range(pages):
        made.add_page()
        made.image(io.BytesIO(picture), x=0, y=0, w=210)
    return bytes(made.output())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("card.png", lambda: saved(page(f"個人番号 {NUMBER}"))),
        ("card.jpg", lambda: saved(page(f"個人番号 {NUMBER}").rotate(90, expand=True), "JPEG")),
        ("card.avif", lambda: saved(page(f"個人番号 {NUMBER}"), "AVIF")),
        ("card.heic", lambda: saved(page(f"個人番号 {NUMBER}"), "HEIF")),
        ("scan.pdf", lambda: scanned(2)),
    ],
    ids=["png", "jpeg", "avif", "heic", "pdf"],
)
async def test_it_works(sandbox, name, data):
    report = await sandbox.inspect(data(), name=name)
    assert [finding.kind for finding in report.findings] == ["jp.individual_number"]
    assert not report.has("uninspectable")
    assert not report.has("not_inspected")


async def test_a_logo_is_read_once(sandbox):
    logo = saved(page("株式会社みどり商事"))
    first = await sandbox.inspect(logo, name="logo.png")
    again = await sandbox.inspect(logo, name="logo.png")
    assert not first.findings + again.findings
    assert again.elapsed_ms < 50


async def test_more_pages_than_time_are_held_and_the_first_are_read(sandbox):
    report = await sandbox.inspect(scanned(120), name="scan.pdf", limit_seconds=8)
    assert report.findings
    (fact,) = [fact for fact in report.facts if fact.name == "uninspectable"]
    assert fact.reason.code == "over_budget"
