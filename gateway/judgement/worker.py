"""A scan worker: it reads hostile mail and holds nothing that is worth stealing.

Forked by the `nursery`, with an empty environment and one thread; no keys, no database, no network
(the key of the register's tags opens nothing and gives no number back: `detectors.register`). It
answers requests one after the other: a mail is read here, each risky document in it by a forked
child (`forked`). It ends with its parent.

Request:  u32 length, JSON `Request`, then `size` octets of mail.
Answers:  u32 length, JSON. First {"network": …} once, when it is ready; then for each request the
report, or the mail in the clear where that was asked for (`detectors.clear`).

Imports nothing but the standard library and `detectors`: `gateway` only for what lies beside it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import struct
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial

import detectors
from detectors import Wanted, clear, inspect, report
from detectors.budget import Limits
from detectors.own import from_json
from gateway.judgement import confine, pages
from gateway.judgement.forked import fork_limited
from gateway.judgement.logos import Logos

LENGTH = struct.Struct(">I")

PRELOADED = (
    "libarchive", "lxml.etree", "lxml.html", "olefile", "pypdf", "pypdfium2",
    "regex", "zxingcpp", "selectolax.lexbor", "zipfile", "encodings.cp932", "encodings.euc_jp",
    "encodings.idna", "encodings.iso2022_jp", "encodings.iso2022_jp_ext",
    "encodings.shift_jis_2004",
)  # fmt: skip
"""What readers import on their first document: paid once in the nursery, not in each child."""


@dataclass(frozen=True, slots=True)
class Request:
    size: int
    """Octets of mail that follow."""
    seconds: float
    """How long documents may take together; the parent waits a little longer."""
    name: str | None = None
    passwords: tuple[str, ...] = field(default=(), repr=False)
    kinds: tuple[str, ...] = ()
    """Of numbers that the policy asks for beside the usual ones."""
    journal: bool = False
    """It may be a journal report: then the original in it is what is inspected."""
    clear: bool = False
    """Body and file names as they are, for the parcel; no report."""
    own: str | None = field(default=None, repr=False)
    """Dictionaries, patterns and register, where they changed: they stay for what comes after."""


class Stream:
    """Whole frames over two descriptors."""

    def __init__(self, requests: int, answers: int) -> None:
        # Small: what is larger than it is read to where it stays.
        self._in = os.fdopen(requests, "rb", buffering=1 << 16)
        self._out = os.fdopen(answers, "wb", buffering=0)

    def request(self) -> tuple[Request, bytes] | None:
        """The next one with its mail; None at the end of the input."""
        head = self._in.read(LENGTH.size)
        if len(head) < LENGTH.size:
            return None
        request = Request(**json.loads(self._in.read(*LENGTH.unpack(head))))
        raw = self._in.read(request.size)
        return (request, raw) if len(raw) == request.size else None

    def answer(self, data: bytes) -> None:
        rest = memoryview(LENGTH.pack(len(data)) + data)
        while rest:
            rest = rest[self._out.write(rest) :]


def serve(parent: int) -> None:
    """Until the end of the input; `parent` is the nursery."""
    stream = _own_streams()
    confinement = confine.worker(_packages(), parent)
    stream.answer(json.dumps(asdict(confinement)).encode())
    logos = Logos()
    while taken := stream.request():
        request, raw = taken
        if request.own is not None:
            logos = Logos(from_json(request.own))
        stream.answer(_report(request, raw, logos))


def _own_streams() -> Stream:
    """Move the pipes away from 0 and 1, so that no library can print into an answer."""
    stream = Stream(os.dup(0), os.dup(1))
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return stream


def preload() -> None:
    """All that workers have in common; once, before the first is forked."""
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except Exception:  # ImportError, or what a binding raises without its library
            continue  # an optional reader that is not installed says so itself, per document
    for module in pkgutil.walk_packages(detectors.__path__, "detectors."):
        importlib.import_module(module.name)
    _warm()
    gc.collect()
    gc.freeze()  # the collector would write to, and so copy, every page in every worker and reader
    pages.collapse()


def _warm() -> None:
    """Load what takes a quarter of a second on the first picture."""
    from detectors.extract import picture
    from detectors.extract.picture import ocr
    from detectors.extract.reading import Missing

    picture.formats()
    with suppress(Missing):
        ocr.engines()


def _packages() -> tuple[str, ...]:
    # Not the folder above `detectors`: in a source checkout `var/` with its keys may lie there.
    system = ("/usr/lib", "/lib", "/lib64", "/proc/self")
    return (sys.prefix, sys.base_prefix, *detectors.__path__, *system)


def _report(request: Request, raw: bytes, logos: Logos) -> bytes:
    if request.clear:
        from detectors import body  # with every reader: not before `preload`

        return clear.to_json(body.read(raw, Limits(seconds=request.seconds)))
    from detectors import journal
    from detectors.score import DEFAULT_KINDS

    copy = journal.opened(raw) if request.journal else None
    read = partial(fork_limited, deadline=time.monotonic() + request.seconds)
    wanted = Wanted(
        kinds=(*DEFAULT_KINDS, *request.kinds),
        name=request.name,
        passwords=tuple(request.passwords),
        own=logos.own,
        limits=Limits(seconds=request.seconds),
        confine=logos.spared(read),
    )
    found = inspect(copy.original if copy else raw, wanted)
    return report.to_json(replace(found, envelope=copy.envelope) if copy else found)
