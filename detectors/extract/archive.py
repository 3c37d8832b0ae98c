"""Archives: members become files to be read in turn; nothing is ever written to a disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator

from detectors import charset, filename
from detectors.budget import Budget
from detectors.extract import libarchive, rar, sevenzip, zips
from detectors.extract.libarchive import MEMBERS, Item
from detectors.extract.reading import Refused, drain, visible, within
from detectors.report import Reason
from detectors.surface import Nested, Source, Spot, Surface, Text, Unreadable

_SUFFIXES = {
    ".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".tzst": ".tar",
    ".taz": ".tar", ".svgz": ".svg", ".emz": ".emf",
    **dict.fromkeys((".gz", ".bz2", ".xz", ".lzma", ".zst", ".lz4", ".lz", ".z"), ""),
}  # fmt: skip
_VOLUME = re.compile(r"\.(?:[0-9]{3}|[zr][0-9]{2}|part[0-9]+\.(?:rar|exe)|7z\.[0-9]+)\Z", re.I)
_SURE_VOLUME = re.compile(r"\.(?:part[0-9]+\.rar|(?:7z|zip)\.[0-9]{3})\Z", re.I)
_GZ_HEAD, _GZ_LONGEST = 10, 64 << 10
_GZ_EXTRA, _GZ_NAME, _GZ_COMMENT = 4, 8, 16
_SECTOR = 2048
_DESCRIPTORS = range(16, 32)
"""Sectors of a disc that tell what file systems it has."""
_SPACE = 16 * _SECTOR + 80
"""Where a disc says how many sectors it has (ECMA-119 8.4.8)."""


def is_volume(name: str) -> bool:
    """Whether it is named as one of several files that make an archive together."""
    return bool(_VOLUME.search(name))


def is_surely_volume(name: str) -> bool:
    """Whether nothing else is named so, even where its octets look like a text of their own."""
    return bool(_SURE_VOLUME.search(name))


def read_zip(source: Source, budget: Budget) -> Iterator[Surface]:
    archive = zips.Zip(source.data)
    yield from _names((member.name for member in archive.members), source)
    yield from _names((text for one in archive.comments for text in charset.decode(one)), source)
    locked = 0
    files = [member for member in archive.members if not member.info.is_dir()]
    for member in files:
        spot = within(source.spot, member.name)
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
        whole = locked == len(files)
        yield Unreadable(source.spot, Reason("encrypted_zip", {"members": locked, "whole": whole}))


def read_anyway(_: str, source: Source, budget: Budget) -> Iterator[Surface]:
    """Whatever some unzipper could find in octets that are no proper ZIP."""
    for name, data in zips.members_anywhere(source.data, budget):
        yield from _names([name], source)
        yield Nested(within(source.spot, name), name, data)


def read_7z(source: Source, budget: Budget) -> Iterator[Surface]:
    if sevenzip.is_cut(source.data):
        raise Refused("part_of_volume" if is_volume(source.name) else "corrupt", type="7z")
    if source.passwords and (opened := sevenzip.unlock(source.data, source.passwords, budget)):
        yield from _members(opened, source)
    else:
        yield from _members(libarchive.items(source.data, budget, ("7zip",)), source)


def read_rar(source: Source, budget: Budget) -> Iterator[Surface]:
    shape = rar.look(source.data)
    if shape.locked:
        raise Refused("encrypted_archive", type="rar")
    items = libarchive.items(source.data, budget, ("rar", "rar5"))
    try:
        yield from _members(_checked(items, shape.members), source)
    except Refused:
        if not shape.volume:
            raise
    if shape.volume or shape.cut:
        raise Refused("part_of_volume" if shape.volume else "corrupt", type="rar")


def _checked(items: Iterable[Item], told: list[rar.Member]) -> Iterator[Item]:
    """Members as the headers told them: locked, and of this CRC. Raises Refused."""
    members = iter(told)
    for item in items:
        member = next(members, rar.Member(False, None))
        trouble = item.trouble
        if member.locked:
            trouble = "encrypted_archive"
        elif item.data and member.crc not in (None, zlib.crc32(item.data)):
            trouble = "corrupt"
        yield Item(item.name, item.folder, None if trouble else item.data, trouble)
    if next(members, None):
        raise Refused("corrupt", type="rar")


def read_iso(source: Source, budget: Budget) -> Iterator[Surface]:
    yield from _members(libarchive.items(source.data, budget, ("iso9660",)), source)
    if int.from_bytes(source.data[_SPACE : _SPACE + 4], "little") * _SECTOR > len(source.data):
        raise Refused("corrupt", type="iso")
    if any(source.data.startswith(b"NSR0", sector * _SECTOR + 1) for sector in _DESCRIPTORS):
        # Windows burns UDF beside a disc of 1988 that may be empty but for a note.
        raise Refused("archive_not_supported", type="udf")


def packed(form: str, *filters: str) -> Callable[[Source, Budget], Iterator[Surface]]:
    """A reader of what libarchive calls `form`; "raw" is a single file under its filters."""

    def read(source: Source, budget: Budget) -> Iterator[Surface]:
        members = libarchive.items(source.data, budget, (form,), filters)
        if form == "raw":
            members = (Item(_inner(source.name), False, m.data, m.trouble) for m in members)
        yield from _members(members, source)

    return read


def read_tar(source: Source, budget: Budget) -> Iterator[Surface]:
    try:
        with tarfile.open(fileobj=io.BytesIO(source.data), mode="r:") as archive:
            for count, member in enumerate(archive):
                budget.time()
                if count >= MEMBERS:
                    raise Refused("over_budget", limit="members")
                name = _visible(member.name)
                comments = (archive.pax_headers.get("comment"), member.pax_headers.get("comment"))
                beside = dict.fromkeys(filter(None, (member.linkname, *comments)))
                yield from _names([name, *map(_visible, beside)], source)
                stream = archive.extractfile(member) if member.isreg() else None
                if stream is not None:
                    data = drain(stream.read, budget)
                    yield Nested(within(source.spot, name), name, data)
            rest = source.data[archive.offset :]
    except (tarfile.TarError, EOFError):
        raise Refused("corrupt", type="tar") from None
    if rest.strip(b"\0"):  # `tar --ignore-zeros` reads on behind the end
        yield Nested(source.spot, source.name, rest.lstrip(b"\0"))
        raise Refused("ambiguous_archive", what="appended data")


def _visible(name: str) -> str:
    return visible(name.encode("utf-8", "surrogateescape"))


def read_gz(source: Source, budget: Budget) -> Iterator[Surface]:
    told = (text for octets in _gz_texts(source.data) for text in charset.decode(octets))
    yield from _names(told, source)
    yield _single(gzip.GzipFile(fileobj=io.BytesIO(source.data)), source, budget)


def _gz_texts(data: bytes) -> Iterator[bytes]:
    """The name and the comment in the header (RFC 1952, 2.3.1)."""
    flags = data[3] if len(data) > _GZ_HEAD else 0
    at = _GZ_HEAD
    if flags & _GZ_EXTRA:
        at += 2 + int.from_bytes(data[at : at + 2], "little")
    for flag in (_GZ_NAME, _GZ_COMMENT):
        if flags & flag:
            octets = data[at : at + _GZ_LONGEST].partition(b"\0")[0]
            yield octets
            at += len(octets) + 1


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


def _members(items: Iterable[Item], source: Source) -> Iterator[Surface]:
    """Surfaces of members; those that are locked are said once, for the archive."""
    closed = 0
    for item in items:
        yield from _names([item.name], source)
        spot = within(source.spot, item.name)
        if item.trouble == "encrypted_archive":
            closed += 1
        elif item.trouble:
            yield Unreadable(spot, Reason(item.trouble))
        elif item.data is not None:
            yield Nested(spot, item.name, item.data)
    if closed:
        raise Refused("encrypted_archive", members=closed)


def _names(names: Iterable[str], source: Source) -> Iterator[Surface]:
    """Names of members and folders are read by people as well."""
    spot = source.spot
    if text := "\n".join(map(filename.as_text, names)):
        yield Text(Spot(spot.part, spot.path, spot.hidden, ""), text, source.context)
