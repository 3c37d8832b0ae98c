"""Seeded fuzzing of everything that reads octets of strangers; `make soak` goes on for longer.

Whatever comes in: no reader raises, none goes past its budget, the same octets read the same, and
a number that some mail program shows is found or the mail is held. `SEKISHO_FUZZ_SECONDS` is what
a long run may take; what it finds is written to `kept/`, and replayed ever after.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors import Wanted, charset, extract, headers, inspect, loose, mime, parameters, transfer
from detectors.budget import Budget, Limits
from detectors.extract.reading import Refused
from detectors.extract.zips import Zip
from detectors.numbers import KINDS
from detectors.report import Report, to_json
from detectors.score import findings
from detectors.surface import Source, Spot, Table, Text
from tests.fuzz.carriers import NUMBER, carriers
from tests.fuzz.families import FAMILIES
from tests.fuzz.grammar import mutated
from tests.fuzz.readers import shows
from tests.samples import document, pdf, slides, workbook, zipped

KEPT = Path(__file__).parent / "kept"
SECONDS = float(os.environ.get("SEKISHO_FUZZ_SECONDS", "300"))
HELD = ("ambiguous", "uninspectable", "scan_incomplete", "encrypted")
seeded = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=80,
    suppress_health_check=list(HealthCheck),
)
octets = st.binary(max_size=400)
pieces = st.lists(
    st.sampled_from(
        b"=?utf-8?b? =?cp932?q? ?= \x1b$B \x1b(B =E3 = \r\n \r \n \t ; \" ( ) \\ : a=b name*0*= % '' \xe3\x81"
        b" \x82\xa0 \xff \0 begin_644_a =ybegin_name=a #86)C end QUJD == 4711 -- 123456789012"
        .replace(b"_", b" ").split(b" ")
    )
    | st.binary(max_size=3),
    max_size=40,
).map(b"".join)  # fmt: skip


# The layers, each by itself


@seeded
@given(pieces | octets)
def test_headers_and_parameters(data: bytes) -> None:
    limits = Limits()
    assert isinstance(headers.text(data, limits), str)
    found = parameters.read(data, limits)
    assert parameters.names(found, found, limits) == parameters.names(found, found, limits)


@seeded
@given(pieces | octets, st.sampled_from([*transfer.KNOWN, *transfer.UU, "x"]))
def test_transfer_decoders(data: bytes, encoding: str) -> None:
    undone = transfer.undo(data, encoding)
    assert len(undone.data) <= len(data)
    assert undone == transfer.undo(data, encoding)
    assert sum(len(file.data) for file in loose.files(data)) <= 8 * len(data)


LABELS = st.sampled_from("utf-8 iso-2022-jp cp932 euc-jp utf-16 utf-7 utf-32 x-unknown".split())


@seeded
@given(pieces | octets, LABELS | st.text(max_size=8))
def test_charsets(data: bytes, label: str) -> None:
    text = charset.decode(data, label)[0]
    assert text == charset.decode(data, label)[0]
    assert len(text) <= 4 * len(data) + 4


TEXTS = st.text("0123456789０１一○-ー 　.,:\r\n\t番号個人口座a\u200b\u0661", max_size=120)


@seeded
@given(TEXTS, st.lists(st.lists(TEXTS, max_size=4), max_size=4))
def test_numbers(text: str, rows: list[list[str]]) -> None:
    surfaces = [Text(Spot("1"), text), Table(Spot("2"), rows)]
    assert findings(surfaces, set(KINDS)) == findings(surfaces, set(KINDS))


def test_mime_trees_lie_inside_of_the_mail() -> None:
    for seed in range(300):
        raw = mutant(seed)
        tree = mime.read(raw)
        assert tree == mime.read(raw)
        for node in tree.nodes:
            assert 0 <= node.header.start <= node.header.end <= len(raw)
            assert node.header.end <= node.body.start <= node.body.end <= len(raw)


# Files, changed here and there


SAID = f"個人番号 {NUMBER}"
FILES: dict[str, Callable[[], bytes]] = {
    "a.zip": lambda: zipped({"a.txt": SAID.encode(), "b.txt": b"b" * 300}),
    "a.xlsx": lambda: workbook({"表": [["個人番号"], [NUMBER]]}),
    "a.docx": lambda: document([SAID]),
    "a.pptx": lambda: slides([SAID]),
    "a.pdf": lambda: pdf([SAID]),
    "a.rtf": lambda: b"{\\rtf1\\ansi\\ansicpg932 " + SAID.encode("cp932") + b"}",
    "a.xml": lambda: f"<?xml version='1.0'?><a><b>{SAID}</b></a>".encode(),
    "a.html": lambda: f"<html><table><tr><td>個人番号<td>{NUMBER}</table>".encode(),
    "a.csv": lambda: f"氏名,個人番号\r\n山田,{NUMBER}\r\n".encode("cp932"),
    "a.vcf": lambda: f"BEGIN:VCARD\r\nFN:a\r\nNOTE:{SAID}\r\nEND:VCARD\r\n".encode(),
}


@cache
def whole(name: str) -> bytes:
    """Made when it is wanted: a PDF with Japanese takes a second, and every worker collects."""
    return FILES[name]()


def damaged(chance: Random, data: bytes) -> bytes:
    """A few octets changed, numbers made large or small, a stretch cut, doubled or put first."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(changed) or 1), chance.choice((1, 2, 4, 8, 64))
        how = chance.randrange(5)
        if how == 0:
            changed[at : at + length] = chance.randbytes(length)
        elif how == 1:
            value = chance.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(data)))
            changed[at : at + 4] = struct.pack(chance.choice("<>") + "L", value)
        elif how == 2:
            del changed[at : at + length]
        elif how == 3:
            changed[at:at] = changed[chance.randrange(len(changed) or 1) :][:length]
        else:
            changed = changed[: max(1, at)] if chance.random() < 0.2 else changed + changed[at:]
    return bytes(changed)


def read_whole(data: bytes, name: str) -> list[object]:
    """As the readers see it; pictures are drawn by nobody. Nothing may raise."""
    limits = Limits(seconds=5)
    source = Source(Spot("1", (name,)), name, data)
    return list(extract.read(source, Budget(limits)))


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_damaged_files(name: str) -> None:
    for seed in range(25):
        read_whole(damaged(Random(seed), whole(name)), name)


@pytest.mark.parametrize("seed", range(4))
def test_zip_directories(seed: int) -> None:
    for number in range(100):
        data = damaged(Random(f"{seed} {number}"), whole("a.zip"))
        try:
            members = Zip(data).members
        except Refused:
            continue
        assert len({member.name for member in members}) == len(members)


# Whole mails


def mutant(seed: int | str) -> bytes:
    chance = Random(seed)
    return mutated(chance, chance.choice([*carriers().values()]))


def judged(raw: bytes) -> Report:
    """The report, once it is sure that it is always the same and was made in time."""
    limits = Limits(seconds=10)
    report = inspect(raw, Wanted(limits=limits))
    assert report.elapsed_ms < 1_500 * limits.seconds
    assert len(to_json(report)) < 64 << 20
    return report


def assert_found_or_held(raw: bytes) -> None:
    report = judged(raw)
    found = any(f.kind == "jp.individual_number" and f.confidence != "low" for f in report.findings)
    if not found and not any(map(report.has, HELD)):
        assert not shows(raw, NUMBER)


def test_a_number_in_an_unbroken_mail_is_found() -> None:
    for name, raw in carriers().items():
        found = [f for f in judged(raw).findings if f.kind == "jp.individual_number"]
        assert found and found[0].confidence != "low", name
        assert shows(raw, NUMBER) or name in ("csv", "xlsx", "uuencoded", "docx"), name


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_number_that_anybody_shows_is_found_or_the_mail_is_held(seed: int) -> None:
    for number in range(40):
        assert_found_or_held(mutant(f"{seed} {number}"))


@pytest.mark.slow
def test_the_same_mail_reads_the_same() -> None:
    for seed in range(30):
        raw = mutant(f"again {seed}")
        first, second = judged(raw), judged(raw)
        assert (first.findings, first.facts) == (second.findings, second.facts)


# Sizes


def seconds(raw: bytes, rounds: int) -> float:
    def once() -> float:
        started = time.process_time()
        inspect(raw)
        return time.process_time() - started

    return min(once() for _ in range(rounds))


def assert_no_worse_when_larger(name: str, small: int, doublings: int) -> None:
    """Four times the size takes at most nine times as long, once it takes a tenth of a second."""
    family = FAMILIES[name]
    before = seconds(family(small), 2)
    for step in range(1, doublings + 1):
        raw = family(small << (2 * step))
        now = seconds(raw, 1)
        if now > max(9 * before, 0.1):
            now, before = seconds(raw, 2), seconds(family(small << (2 * step - 2)), 3)
            assert now < max(9 * before, 0.1), (name, len(raw), now, before)
        before = now


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize("name", Random(1).sample([*FAMILIES], 48))
def test_time_does_not_grow_with_size(name: str) -> None:
    assert_no_worse_when_larger(name, 4_096, 1)


# For hours


def keep(raw: bytes, ending: str) -> Path:
    KEPT.mkdir(exist_ok=True)
    path = KEPT / (hashlib.sha256(raw).hexdigest()[:16] + ending)
    path.write_bytes(raw)
    return path


def hunt(check: Callable[[bytes], object], make: Callable[[int], bytes], ending: str) -> None:
    """Until the time is over, with other seeds each day."""
    seed, until = int(time.time()), time.monotonic() + SECONDS / 3
    bad: list[str] = []
    while time.monotonic() < until:
        seed += 1
        raw = make(seed)
        try:
            check(raw)
        except Exception as error:  # the class only: a message may quote the input
            bad.append(f"{keep(raw, ending).name} {type(error).__name__}")
    assert not bad, bad


@pytest.mark.long
def test_long_mails() -> None:
    hunt(assert_found_or_held, mutant, ".eml")


@pytest.mark.long
def test_long_files() -> None:
    def make(seed: int) -> bytes:
        return damaged(Random(seed), whole([*FILES][seed % len(FILES)]))

    hunt(lambda data: read_whole(data, "a.dat"), make, ".bin")


@pytest.mark.long
@pytest.mark.parametrize("name", FAMILIES)
def test_long_sizes(name: str) -> None:
    assert_no_worse_when_larger(name, 16_384, 3)


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.*")), ids=lambda path: path.name)
def test_what_was_found_once_stays_mended(path: Path) -> None:
    if path.suffix == ".eml":
        assert_found_or_held(path.read_bytes())
    else:
        read_whole(path.read_bytes(), "a.dat")
