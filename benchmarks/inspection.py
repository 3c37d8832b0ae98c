"""How fast a mail is inspected, beside simpler things: `python -m benchmarks.inspection`.

Everything runs by turns on one core, so that what else the machine does hits both sides; only the
ratios of the medians say something. Exits 1 where one of the promises is missed: a whole inspection
takes at most a fifth of the standard library's parse, decode and one regular expression, and the
time for an octet does not grow with the mail.
"""

from __future__ import annotations

import email
import io
import os
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email import policy
from statistics import median
from typing import TypeVar

import pypdfium2
from python_calamine import CalamineWorkbook

from benchmarks import specimens
from detectors import Wanted, inspect
from detectors.digits import D, S
from detectors.text import candidates

USUAL = re.compile(r"\d{4}[- ]?\d{4}[- ]?\d{4}")
BARE_RUN = re.compile(f"[{D}][{D}{S}]{{10,}}[{D}]")
TURNS = 9
SIZES = (1 << 10, 10 << 10, 100 << 10, 1 << 20, 5 << 20, 25 << 20)
GROWTH = 1.5
"""Of the time for an octet, from 100 KB to 25 MB; below, what a mail costs at all is most of it."""
MEMORY = 6.0
"""Times the mail of 25 MB that its inspection may hold at once."""
Work = Callable[[], object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pair:
    what: str
    ours: Work
    theirs: Work
    most: float
    """Our time ÷ theirs."""
    promised: bool = True


def standard_library(raw: bytes) -> int:
    """Parse, walk, undo the encodings, decode, one expression; what most filters do."""
    message = email.message_from_bytes(raw, policy=policy.default)
    found = 0
    for part in message.walk():
        if not part.is_multipart():
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            text = data.decode(part.get_content_charset() or "utf-8", "replace")
            found += len(USUAL.findall(text))
    return found


def calamine(data: bytes) -> int:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


def pdfium(data: bytes) -> int:
    document = pypdfium2.PdfDocument(data)
    return sum(len(page.get_textpage().get_text_bounded()) for page in document)


def pairs() -> list[Pair]:
    found = []
    for name, make in specimens.MAILS.items():
        raw = make()
        ours, theirs = _of(inspect, raw), _of(standard_library, raw)
        found.append(Pair(name, ours, theirs, 0.2, not name.endswith(specimens.HARD)))
    text = specimens.prose(2_000_000)
    search = _of(lambda text: list(candidates(text)), text)
    found.append(Pair("plain text, beside the usual expression", search, _found(USUAL, text), 0.33))
    found.append(Pair("plain text, beside a bare run", search, _found(BARE_RUN, text), 1.25, False))
    sheet, pages = specimens.workbook(), specimens.document()
    read = _of(lambda data: inspect(data, Wanted(name="a.xlsx")), sheet)
    found.append(Pair("xlsx of 30,000 rows, beside calamine", read, _of(calamine, sheet), 3, False))
    read = _of(lambda data: inspect(data, Wanted(name="a.pdf")), pages)
    found.append(Pair("PDF of 200 pages, beside PDFium", read, _of(pdfium, pages), 1.5, False))
    return found


def _of(work: Callable[[T], object], argument: T) -> Work:
    return lambda: work(argument)


def _found(expression: re.Pattern[str], text: str) -> Work:
    return lambda: expression.findall(text)


def ratio(pair: Pair) -> tuple[float, float, float]:
    """Seconds of ours and of theirs, and the one ÷ the other."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(TURNS + 1):
        for work, into in zip((pair.ours, pair.theirs), times, strict=True):
            began = time.process_time()
            work()
            if turn:  # what is loaded once is no part of it
                into.append(time.process_time() - began)
    ours, theirs = map(median, times)
    return ours, theirs, ours / theirs


def growth() -> list[tuple[int, float]]:
    """(octets, nanoseconds for one of them), the median of some turns."""
    found = []
    for size in SIZES:
        raw = specimens.sized(size)
        times = []
        for _ in range(3 if size > 1 << 20 else TURNS):
            began = time.process_time()
            inspect(raw)
            times.append(time.process_time() - began)
        found.append((len(raw), median(times) / len(raw) * 1e9))
    return found


def memory() -> float:
    """What the inspection of a large mail holds at once, as a multiple of the mail."""
    raw = specimens.sized(SIZES[-1])
    tracemalloc.start()
    inspect(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / len(raw)


def main(arguments: Sequence[str] | None = None) -> int:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    missed = 0
    print(f"{'':<44}{'ours ms':>10}{'beside ms':>11}{'ratio':>8}{'at most':>9}")
    for pair in pairs():
        ours, theirs, found = ratio(pair)
        late = pair.promised and found > pair.most
        missed += late
        figures = f"{ours * 1e3:>10.2f}{theirs * 1e3:>11.2f}{found:>8.2f}{pair.most:>9.2f}"
        print(f"{pair.what:<44}{figures}{'  missed' if late else ''}", flush=True)
    octets = growth()
    print("\n" + "\n".join(f"{size:>12,} octets{each:>8.1f} ns each" for size, each in octets))
    held = memory()
    print(f"\nheld at once by a mail of {SIZES[-1] >> 20} MB: {held:.1f} times the mail")
    grown = octets[-1][1] / octets[2][1]
    return int(bool(missed) or grown > GROWTH or held > MEMORY)


if __name__ == "__main__":
    sys.exit(main())
