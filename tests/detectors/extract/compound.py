"""Writes OLE compound files (MS-CFB version 3) and BIFF8 workbooks, which no library does."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_NONE = 0xFFFFFFFF


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file; "storage/stream" makes storages."""
    tree = _tree(streams)
    mini, mini_fat, places = bytearray(), [], {}
    large = bytearray()
    fat: list[int] = []

    def chain(table: list[int], data: bytes, size: int, into: bytearray) -> int:
        first, count = len(table), -(-len(data) // size)
        table.extend([*range(first + 1, first + count), _END])
        into += data.ljust(count * size, b"\x00")
        return first

    for path, data in streams.items():
        if not data:
            places[path] = _END
        elif len(data) < _CUTOFF:
            places[path] = chain(mini_fat, data, _MINI, mini)
        else:
            places[path] = chain(fat, data, _SECTOR, large)
    root_start = chain(fat, bytes(mini), _SECTOR, large) if mini else _END
    table = struct.pack(f"<{len(mini_fat)}L", *mini_fat)
    table = table.ljust(-(-len(table) // _SECTOR) * _SECTOR, b"\xff")
    mini_start = chain(fat, table, _SECTOR, large) if table else _END
    directory = _directory(tree, streams, places, root_start, len(mini))
    directory_start = chain(fat, directory, _SECTOR, large)
    sectors = 1
    while (len(fat) + sectors) * 4 > sectors * _SECTOR:
        sectors += 1
    fat_start = len(fat)
    fat += [_FAT] * sectors
    large += struct.pack(f"<{len(fat)}L", *fat).ljust(sectors * _SECTOR, b"\xff")
    header = struct.pack(
        "<8s16s5H6x3L4x5L", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, sectors, directory_start, _CUTOFF, mini_start, len(table) // _SECTOR, _END, 0,
    )  # fmt: skip
    difat = [*range(fat_start, fat_start + sectors)]
    header += struct.pack("<109L", *difat, *[_FREE] * (109 - len(difat)))
    return header + bytes(large)


def _tree(streams: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Storage path → paths of what is in it, in the order of the format."""
    tree: dict[str, list[str]] = {"": []}
    for path in streams:
        parts = path.split("/")
        for depth in range(len(parts)):
            parent, own = "/".join(parts[:depth]), "/".join(parts[: depth + 1])
            if own not in tree.setdefault(parent, []):
                tree[parent].append(own)
    for children in tree.values():
        children.sort(key=lambda path: (len(path.split("/")[-1]), path.split("/")[-1].upper()))
    return tree


def _directory(
    tree: Mapping[str, list[str]],
    streams: Mapping[str, bytes],
    places: Mapping[str, int],
    root_start: int,
    root_size: int,
) -> bytes:
    order = [path for children in tree.values() for path in children]
    number = {path: index for index, path in enumerate(order, start=1)}
    entries = []

    def child(path: str) -> int:
        return number[tree[path][0]] if tree.get(path) else _NONE

    entries.append(_entry("Root Entry", 5, _NONE, child(""), root_start, root_size))
    for children in tree.values():
        for path, after in zip(children, [*children[1:], None], strict=True):
            right = number[after] if after is not None else _NONE
            name = path.split("/")[-1]
            if path in streams:
                start, size = places[path], len(streams[path])
                entries.append(_entry(name, 2, right, _NONE, start, size))
            else:
                entries.append(_entry(name, 1, right, child(path), 0, 0))
    data = b"".join(entries)
    return data.ljust(-(-len(data) // _SECTOR) * _SECTOR, b"\x00")


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\x00\x00"
    return struct.pack(
        "<64sHBB3L16s4x16xLQ", raw, len(raw), kind, 1, _NONE, right, child, b"", start, size
    )


def xls(sheets: Mapping[str, Sequence[Sequence[str | float]]], box: str = "") -> bytes:
    """A BIFF8 workbook; floats are numbers. `box` is the text of a text box on the last sheet."""
    bodies = []
    for rows in sheets.values():
        cells = b"".join(
            _cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row)
        )
        bodies.append(_bof(0x10) + cells)
    if box:
        text = b"\x01" + box.encode("utf-16-le")
        bodies[-1] += _record(0x1B6, bytes(10) + struct.pack("<HH4x", len(box), 0))
        bodies[-1] += _record(0x3C, text)
    bodies = [body + _record(0x0A, b"") for body in bodies]
    names = [_string(name, "<B") for name in sheets]
    start = len(_bof(5)) + sum(4 + 6 + len(name) for name in names) + 4
    head = _bof(5)
    for name, body in zip(names, bodies, strict=True):
        head += _record(0x85, struct.pack("<LBB", start, 0, 0) + name)
        start += len(body)
    return compound({"Workbook": head + _record(0x0A, b"") + b"".join(bodies)})


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<4H2L", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _string(text: str, length: str) -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def _cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<3H", row, column, 0)
    if isinstance(value, float):
        return _record(0x203, place + struct.pack("<d", value))
    return _record(0x204, place + _string(value, "<H"))
