"""One mail of 20 MB, and the small ones beside it: `python -m benchmarks.large`.

Taken in beside aiosmtpd, which throws it away; brought through beside Postfix with rspamd. Then
small mails are timed while large ones pass, and while scanned pages do, ten at once: none of them
may wait for what another one needs.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median, quantiles

from benchmarks.goals import missed
from benchmarks.load import accepted_in, pour, write
from benchmarks.mails import RECIPIENT, SEED, SENDER, mail
from benchmarks.peers import Missing, Sekisho, folder_on_disk
from benchmarks.scanning import Scanned
from benchmarks.turns import timed
from tests import samples
from tests.detectors.ocr_corpus import pictures
from tests.e2e.house import free_port, until

TURNS = 9
SMALL = 200
"""Small mails whose acceptance is timed, alone and beside large ones."""
PAGES = 10
TAKEN_IN, THROUGH, BESIDE = 5.0, 1.2, 3.0
"""What is to be reached: octets a second, seconds, and the slowest of the small ones."""


def main() -> int:
    raw, late = mail("20 MB"), 0
    with ExitStack() as stack:
        folder = stack.enter_context(folder_on_disk())
        ours = stack.enter_context(closing(Sekisho(folder / "sekisho")))
        plain = stack.enter_context(_aiosmtpd())
        until(lambda: _answers(plain), 30, saying="aiosmtpd does not answer")
        taken, thrown = _taken_in(ours, plain, raw)
        late += missed("taken in, octets a second ÷ aiosmtpd", thrown / taken, least=TAKEN_IN)
        try:
            scanned = stack.enter_context(closing(Scanned(_made(folder / "scanned"))))
            late += missed(
                "through, ÷ Postfix + rspamd", _through(ours, scanned, raw), most=THROUGH
            )
        except Missing as what:
            print(f"left out: this machine has no {what}")
        alone = _slowest(ours)
        with _poured(ours, write(folder, "20 MB", raw), 1):
            beside = _slowest(ours)
        late += missed("a small one beside, p99 ÷ alone", beside / alone, most=BESIDE)
        with _poured(ours, write(folder, "page", _page()), PAGES):
            beside = _slowest(ours)
        late += missed("a small one beside pages, p99 ÷ alone", beside / alone, most=BESIDE)
    return int(bool(late))


def _taken_in(ours: Sekisho, plain: int, raw: bytes) -> tuple[float, float]:
    """Seconds until the 250, ours and aiosmtpd's."""
    found = [(_one(ours, raw)[0] / 1000, accepted_in(plain, raw)) for _ in range(TURNS)]
    return median(a for a, _ in found), median(b for _, b in found)


def _through(ours: Sekisho, scanned: Scanned, raw: bytes) -> float:
    found = [(_one(ours, raw)[1], _one(scanned, raw)[1]) for _ in range(TURNS)]
    return median(a for a, _ in found) / median(b for _, b in found)


def _one(peer: Sekisho | Scanned, raw: bytes) -> tuple[float, float]:
    accepted, through = timed(peer, raw, 1)
    return accepted[0], through[0]


def _slowest(ours: Sekisho) -> float:
    """The 99th of a hundred small mails, one after the other."""
    small = mail("2 KB")
    times = [accepted_in(ours.port, small) for _ in range(SMALL)]
    return quantiles(times, n=100, method="inclusive")[98]


def _page() -> bytes:
    """What a copier sends: a picture, of which some words are read in a second or two."""
    scan = next(pictures(SEED))
    return samples.message("スキャン", "", [(scan.name, scan.data)], sender=SENDER, to=RECIPIENT)


@contextmanager
def _poured(ours: Sekisho, file: Path, at_once: int) -> Iterator[None]:
    """Without a pause."""
    enough = threading.Event()

    def keep_on() -> None:
        while not enough.is_set():
            pour(ours.port, file, at_once, at_once)

    thread = threading.Thread(target=keep_on)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


@contextmanager
def _aiosmtpd() -> Iterator[int]:
    """The port of one that throws away what it is given."""
    port = free_port()
    where = ("-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink")
    process = subprocess.Popen([sys.executable, "-m", "aiosmtpd", "-n", *where])
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return accepted_in(port, mail("2 KB")) > 0
    except OSError:
        return False


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
