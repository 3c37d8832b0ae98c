"""Readers: one file per format family, each turning a file into readable surfaces.

    for surface in read(source, budget): ...

The octets decide who reads them, the name never alone. What cannot be read is said
(`Unreadable`, `Unread`), never passed over in silence; no reader raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from detectors import charset
from detectors.budget import Budget, OverBudget
from detectors.extract import archive, behind
from detectors.extract.formats import BY_KIND, PICTURES, Verdict
from detectors.extract.magic import family, is_text, sniff
from detectors.extract.noise import is_noise
from detectors.extract.reading import Missing, Refused
from detectors.extract.strings import strings
from detectors.report import Reason
from detectors.surface import Nested, Source, Surface, Text, Unread, Unreadable

__all__ = ["is_picture", "read", "risky", "sniff"]

_HARMLESS = frozenset(("", "p7s", "p7m", "p7m-signed"))
_TEXTS = frozenset(("txt", "csv", "html", "svg", "xml"))
_SHOWN_ANYHOW = frozenset(("", *_TEXTS)) - {"xml"}
_SHOWN = frozenset(("text/plain", "text/html"))
_LOCKED = frozenset(("encrypted_zip", "encrypted_archive", "encrypted_office", "encrypted_pdf"))
_NEVER_OPENED = frozenset(("rar", "locked", "keepass"))
"""No password is tried on these."""
_BROKEN = frozenset(("ambiguous_archive", "corrupt"))
_RICH = frozenset(("text/html", "text/enriched", "text/richtext"))
"""Text with signs in angle brackets, of RFC 1896 and its forerunner too."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """All surfaces of one file; files inside come as `Nested`, for the caller to read in turn.

    `source.spot.path` ends with the file's own name; so does the spot of each `Nested`. Names of
    archive members and of sheets are given as `Text` too. A mail ("eml") is not read here.
    """
    sniffed = sniff(source.data, source.name) if source.kind is None else source.kind
    kind, last = _kind(source, sniffed), None
    if not sniffed and is_noise(source.data):
        yield Unreadable(source.spot, Reason("looks_encrypted"))
    if source.media_type.lower() in _SHOWN and charset.is_foreign(source.data, source.charset):
        yield Unreadable(source.spot, Reason("unknown_charset"))
    if sniffed in _TEXTS and archive.is_surely_volume(source.name):  # stored, not packed
        yield Unreadable(source.spot, Reason("part_of_volume"))
    for surface in _guarded(_surfaces, kind, source, budget):
        yield surface
        if isinstance(surface, Unreadable) and surface.spot == source.spot:
            yield from _more(surface.reason.code, kind, source, budget)
        elif isinstance(surface, Nested):
            last = surface.data
    yield from _guarded(_as_declared, kind, source, budget)
    yield from _guarded(partial(behind.read, last=last), kind, source, budget)


def risky(source: Source) -> bool:
    """Whether it is read by large parsers of hostile formats: in a limited child of its own."""
    if source.kind in _TEXTS:
        return source.kind == "xml"
    kind = family(source.data)
    # No parser runs for what has a verdict instead of a reader: a film, a drawing, a program.
    return kind not in _HARMLESS and not isinstance(BY_KIND[kind].read, Verdict)


def is_picture(source: Source) -> bool:
    """Whether nothing but `picture` reads it."""
    return family(source.data) in PICTURES


def _surfaces(kind: str, source: Source, budget: Budget) -> Iterator[Surface]:
    if kind not in BY_KIND:
        yield from _swept(source)
        if ending := _document(source.name):
            yield Unreadable(source.spot, Reason("corrupt", {"type": ending}))
        elif not is_noise(source.data):
            yield Unread(source.spot, Reason("unknown_type"))
        return
    reader = BY_KIND[kind].read
    if isinstance(reader, Verdict):
        yield reader.surface(source.spot, Reason(reader.code, {"type": kind}))
    else:
        yield from reader(source, budget)


def _document(name: str) -> str:
    """The kind of document that a name tells: octets that are none are a damaged one."""
    ending = name.lower().rpartition(".")[2]
    known = BY_KIND.get(ending)
    return ending if known and ending not in _TEXTS and not isinstance(known.read, Verdict) else ""


def _as_declared(kind: str, source: Source, budget: Budget) -> Iterator[Surface]:
    """What a mail program shows of octets that it is told are text, whatever else they are."""
    if kind in _SHOWN_ANYHOW or source.media_type.lower() not in _SHOWN:
        return
    if is_text(source.data):
        shown = "html" if source.media_type.lower() == "text/html" else "txt"
        yield from _surfaces(shown, source, budget)
    else:
        yield from _swept(source)


def _swept(source: Source) -> Iterator[Surface]:
    # A text with a control octet here and there is none by its look, and a person reads it.
    if swept := "\n".join(strings(source.data)):
        yield Text(source.spot, swept, source.context)


def _guarded(
    read: Callable[[str, Source, Budget], Iterator[Surface]],
    kind: str,
    source: Source,
    budget: Budget,
) -> Iterator[Surface]:
    """Whatever goes wrong, as a surface."""
    try:
        yield from read(kind, source, budget)
    except OverBudget as over:
        yield Unreadable(source.spot, Reason("over_budget", {"limit": over.code}))
    except MemoryError:
        yield Unreadable(source.spot, Reason("over_budget", {"limit": "memory"}))
    except Refused as refusal:
        yield Unreadable(source.spot, refusal.reason)
    except Missing as missing:
        yield Unread(source.spot, Reason("not_installed", {"package": missing.package}))
    except Exception:  # libraries raise anything on hostile octets, and quote them in messages
        yield Unreadable(source.spot, Reason("corrupt", {"type": kind}))


def _more(code: str, kind: str, source: Source, budget: Budget) -> Iterator[Surface]:
    """What is said and read beside a refusal."""
    if code in _LOCKED and source.passwords and kind not in _NEVER_OPENED:
        # Beside the first reason and not in its place: a wrong password may make nothing milder.
        yield Unreadable(source.spot, Reason("wrong_password"))
    if code in _BROKEN:
        yield from _guarded(archive.read_anyway, "zip", source, budget)


def _kind(source: Source, kind: str) -> str:
    """Who reads octets that look like `kind`."""
    media_type = source.media_type.lower()
    if media_type in _RICH and kind in ("txt", "csv", "svg", "xml", ""):
        return "html"
    if media_type.startswith("text/") and kind == "":
        return "txt"
    return kind
