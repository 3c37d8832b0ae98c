"""Archives: members become files to be read in turn; nothing is ever written to a disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.reading import Refused, drain, within
from detectors.extract.zips import MEMBERS, Zip
from detectors.report import Reason
from detectors.surface import Nested, Source, Spot, Surface, Text, Unreadable

_SUFFIXES = {".tgz": ".tar", ".tbz": ".tar", ".txz": ".tar", ".gz": "", ".bz2": "", ".xz": ""}


def read_zip(source: Source, budget: Budget) -> Iterator[Surface]:
    archive = Zip(source.data)
    yield from _names([member.name for member in archive.members], source)
    locked = 0
    for member in archive.members:
        if member.info.is_dir():
            continue
        spot = within(source.spot, member.name)
        data: bytes | None
        try:
            if member.encrypted:
                data = archive.unlock(member, budget, source.passwords)
            else:
                data = archive.read(member, budget)
        except Refused as refusal:  # this member only
            yield Unreadable(spot, refusal.reason)
            continue
        if data is None:
            locked += 1
        else:
            yield Nested(spot, member.name, data)
    if locked:
        yield Unreadable(source.spot, Reason("encrypted_zip", {"members": locked}))


def read_tar(source: Source, budget: Budget) -> Iterator[Surface]:
    try:
        with tarfile.open(fileobj=io.BytesIO(source.data), mode="r:") as archive:
            for count, member in enumerate(archive):
                budget.time()
                if count >= MEMBERS:
                    raise Refused("over_budget", limit="members")
                yield from _names([_visible(member.name)], source)
                stream = archive.extractfile(member) if member.isreg() else None
                if stream is not None:
                    name = _visible(member.name)
                    data = drain(stream.read, budget)
                    yield Nested(within(source.spot, name), name, data)
    except (tarfile.TarError, EOFError):
        raise Refused("corrupt", type="tar") from None


def read_gz(source: Source, budget: Budget) -> Iterator[Surface]:
    yield _single(gzip.GzipFile(fileobj=io.BytesIO(source.data)), source, budget)


def read_bz2(source: Source, budget: Budget) -> Iterator[Surface]:
    yield _single(bz2.BZ2File(io.BytesIO(source.data)), source, budget)


def read_xz(source: Source, budget: Budget) -> Iterator[Surface]:
    yield _single(lzma.LZMAFile(io.BytesIO(source.data)), source, budget)


def _single(stream: io.BufferedIOBase, source: Source, budget: Budget) -> Nested:
    try:
        data = drain(stream.read, budget, packed=len(source.data))
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        raise Refused("corrupt") from None
    name = _inner(source.name)
    return Nested(within(source.spot, name), name, data)


def _inner(name: str) -> str:
    for suffix, inner in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            return name[: -len(suffix)] + inner
    return name


def _visible(name: str) -> str:
    """tarfile keeps octets that are no UTF-8 as surrogates; old Japanese tars are CP932."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        return name.encode("utf-8", "surrogateescape").decode("cp932", "replace")


def _names(names: list[str], source: Source) -> Iterator[Surface]:
    """Names of members and folders are read by people as well."""
    spot = source.spot
    if names:
        yield Text(Spot(spot.part, spot.path, spot.hidden, ""), "\n".join(names), source.context)
