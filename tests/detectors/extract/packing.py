"""Archives as the programs of other people write them, and two that we write by hand."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path


def packed_by(folder: Path, files: Mapping[str, bytes], name: str, *command: str) -> bytes:
    """What `command ARCHIVE FILE…` makes of these files."""
    base = folder / "packed"
    for path, data in files.items():
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_bytes(data)
    target = folder / name
    tops = sorted({path.split("/")[0] for path in files})
    subprocess.run(
        [*command, str(target), *tops], cwd=base, check=True, capture_output=True, timeout=60
    )
    return target.read_bytes()


def cab(files: Mapping[str, bytes]) -> bytes:
    """A cabinet without compression ([MS-CAB]); names in CP932."""
    whole = b"".join(files.values())
    entries, at = b"", 0
    for name, data in files.items():
        entries += struct.pack("<2L4H", len(data), at, 0, 0x5D75, 0, 0x20)
        entries += name.replace("/", "\\").encode("cp932") + b"\0"
        at += len(data)
    start = 36 + 8 + len(entries)
    cuts = [whole[i : i + 0x8000] for i in range(0, len(whole), 0x8000)]
    folder = struct.pack("<L2H", start, len(cuts), 0)
    block = b"".join(struct.pack("<L2H", 0, len(cut), len(cut)) + cut for cut in cuts)
    head = struct.pack(
        "<4s5L2B5H", b"MSCF", 0, start + len(block), 0, 44, 0, 3, 1, 1, len(files), 0, 1, 0
    )
    return head + folder + entries + block


def lzh(files: Mapping[str, bytes]) -> bytes:
    """An LHA of level 0 without compression; names in CP932, as LHa for DOS wrote them."""
    out = b""
    for name, data in files.items():
        raw = name.encode("cp932")
        body = b"-lh0-" + struct.pack("<3L2B", len(data), len(data), 0, 0x20, 0)
        body += bytes((len(raw),)) + raw + struct.pack("<H", _crc16(data))
        out += bytes((len(body), sum(body) & 0xFF)) + body + data
    return out + b"\0"


def _crc16(data: bytes) -> int:
    crc = 0
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
