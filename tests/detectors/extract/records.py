"""Records of old Office programs, for what no library writes: BIFF, PowerPoint, Word, MAPI."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import md5

from msoffcrypto.method.rc4 import DocumentRC4, _makekey

from tests.detectors.extract.compound import compound


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def bof(kind: int, version: int = 0x0600) -> bytes:
    return record(0x809, struct.pack("<4H2L", version, kind, 0x0DBB, 0x07CC, 0, 6))


def wide(text: str, length: str = "<H") -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


def label(row: int, column: int, text: str) -> bytes:
    return record(0x204, struct.pack("<3H", row, column, 0) + wide(text))


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    return record(0x203, struct.pack("<3Hd", row, column, style, value))


def small(row: int, column: int, value: int) -> bytes:
    """An RK: an integer of thirty bits."""
    return record(0x27E, struct.pack("<3HL", row, column, 0, value << 2 | 2))


def table(strings: Sequence[str], cut: int = 0) -> bytes:
    """The shared strings; `cut` letters of the last stand in the record that continues."""
    body = struct.pack("<LL", len(strings), len(strings)) + b"".join(map(wide, strings))
    if not cut:
        return record(0xFC, body)
    return record(0xFC, body[: -2 * cut]) + record(0x3C, b"\x01" + body[-2 * cut :])


def shared(row: int, column: int, index: int) -> bytes:
    return record(0xFD, struct.pack("<3HL", row, column, 0, index))


def sheets(*bodies: bytes, states: Sequence[int] = (), of_book: bytes = b"") -> bytes:
    """The stream of a workbook with the sheets 表1, 表2 …; state 1 is hidden, 2 very hidden."""
    names = [wide(f"表{at}", "<B") for at in range(1, len(bodies) + 1)]
    whole = [bof(0x10) + body + record(0x0A, b"") for body in bodies]
    head = bof(5) + of_book
    start = len(head) + sum(4 + 6 + len(name) for name in names) + 4
    for at, (name, body) in enumerate(zip(names, whole, strict=True)):
        state = states[at] if at < len(states) else 0
        head += record(0x85, struct.pack("<LBB", start, state, 0) + name)
        start += len(body)
    return head + record(0x0A, b"") + b"".join(whole)


def book(*bodies: bytes, states: Sequence[int] = (), of_book: bytes = b"") -> bytes:
    return compound({"Workbook": sheets(*bodies, states=states, of_book=of_book)})


def note(row: int, column: int, text: str) -> bytes:
    """A comment: the object, its text, and the cell it belongs to."""
    drawn = record(0x5D, struct.pack("<4H", 0x15, 0x12, 0x19, 7) + bytes(14))
    said = record(0x1B6, bytes(10) + struct.pack("<HH4x", len(text), 0))
    said += record(0x3C, b"\x01" + text.encode("utf-16-le")) + record(0x3C, bytes(16))
    return drawn + said + record(0x1C, struct.pack("<4H", row, column, 0, 7) + wide("山田") + b"\0")


def encrypted_book(body: bytes, password: str) -> bytes:
    """A workbook under the RC4 of Excel 97 ([MS-OFFCRYPTO] 2.3.6)."""
    salt, verifier = bytes(range(16)), bytes(range(16, 32))
    sealed = _rc4(password, salt, verifier + md5(verifier).digest())
    stream = sheets(body, of_book=record(0x2F, struct.pack("<3H", 1, 1, 1) + salt + sealed))
    secret = bytearray(DocumentRC4.decrypt(password, salt, _file(stream), 1024).read())
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        # Headers, beginnings, this very record and the places of sheets stay as they are.
        plain = 4 + (size if kind in (0x809, 0x2F) else 4 if kind == 0x85 else 0)
        secret[at : at + plain] = stream[at : at + plain]
        at += 4 + size
    return compound({"Workbook": bytes(secret)})


def _file(data: bytes) -> object:
    import io

    return io.BytesIO(data)


def _rc4(password: str, salt: bytes, data: bytes) -> bytes:
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher

    return Cipher(ARC4(_makekey(password, salt, 0)), mode=None).encryptor().update(data)


def atom(kind: int, body: bytes, version: int = 0) -> bytes:
    return struct.pack("<HHL", version, kind, len(body)) + body


def presentation(*texts: str, hidden: Sequence[int] = (), gone: str = "") -> bytes:
    """Slides with a text box each, found by the directory; `gone` is a slide that it has lost."""
    persists = b"".join(
        atom(0x03F3, struct.pack("<5L", at, 0, 0, 255 + at, 0)) for at in range(2, len(texts) + 2)
    )
    stream = atom(0x03E8, atom(0x0FF0, persists, 0x0F), 0x0F)
    if gone:
        stream += atom(0x03EE, _said(gone), 0x0F)
    places = []
    for at, text in enumerate(texts, start=1):
        places.append(len(stream))
        show = atom(0x03F9, bytes(10) + bytes((4 if at in hidden else 0, 0)) + bytes(4))
        stream += atom(0x03EE, show + _said(text), 0x0F)
    head = struct.pack("<L", len(texts) << 20 | 2)
    stream += atom(0x1772, head + struct.pack(f"<{len(places)}L", *places))
    return compound({"PowerPoint Document": stream})


def _said(text: str) -> bytes:
    return atom(0xF00D, atom(0x0FA0, text.encode("utf-16-le")), 0x0F)


def word(
    text: str,
    *,
    hidden: tuple[int, int] = (0, 0),
    sprm: int = 0x083C,
    left: str = "",
    body: int = 0,
    table: tuple[int, int] = (0, 0),
) -> dict[str, bytes]:
    """Streams of a Word file; text[hidden] has a property of characters, `left` stands in no
    piece, the first `body` letters are the body, and text[table] is of a table."""
    main = bytearray(0x1000)
    main[0:4] = b"\xec\xa5\xc1\x00"
    struct.pack_into("<H", main, 10, 0x0200)
    octets = text.encode("utf-16-le")
    main[0x600 : 0x600 + len(octets)] = octets
    main[0xC00 : 0xC00 + 2 * len(left)] = left.encode("utf-16-le")
    pieces = struct.pack("<2LHLH", 0, len(text), 0, 0x600, 0)
    clx = b"\x02" + struct.pack("<L", len(pieces)) + pieces
    bounds = [0x600, 0x600 + 2 * hidden[0], 0x600 + 2 * hidden[1], 0x600 + len(octets)]
    page = bytearray(512)
    struct.pack_into("<4L", page, 0, *bounds)
    page[16:19] = bytes((0, 100, 0))
    page[200:204] = struct.pack("<BHB", 3, sprm, 1)
    page[511] = 3
    main += page
    index = struct.pack("<3L", bounds[0], bounds[-1], len(main) // 512 - 1)
    struct.pack_into("<LL", main, 0x1A2, 0, len(clx))
    struct.pack_into("<LL", main, 0xFA, len(clx), len(index))
    struct.pack_into("<L", main, 0x4C, body)
    paragraphs = b""
    if table[1]:
        bounds = [0x600 + 2 * at for at in (0, *table, len(text))]
        page = bytearray(512)
        struct.pack_into("<4L", page, 0, *bounds)
        page[16 + 13] = 100
        page[200:206] = struct.pack("<BHHB", 3, 0, 0x2416, 1)
        page[511] = 3
        main += page
        paragraphs = struct.pack("<3L", bounds[0], bounds[-1], len(main) // 512 - 1)
        struct.pack_into("<LL", main, 0x102, len(clx) + len(index), len(paragraphs))
    return {"WordDocument": bytes(main), "1Table": clx + index + paragraphs}
