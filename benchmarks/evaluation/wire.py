"""Numbers in the octets of a mail: charsets, transfer encodings, header fields, odd trees."""

from __future__ import annotations

import base64
import binascii
import quopri
import textwrap
import unicodedata
from collections.abc import Callable, Iterator

from benchmarks.evaluation.facts import Facts
from benchmarks.evaluation.scene import Scene, fits
from tests.detectors.corpus import FULL, grouped

Build = Callable[[Scene], bytes]
_CRLF = b"\r\n"


def _octets(text: str) -> str:
    return "\r\n".join(text.splitlines()) + "\r\n"


def _letter(scene: Scene, codec: str = "utf-8", wide: bool = True) -> str:
    """A letter that `codec` can write, its number in full width (or not)."""
    while True:
        scene.facts = Facts(scene.rng)
        text = scene.letter(scene.sentence(lambda n: n.translate(FULL) if wide else grouped(n)))
        if fits(text, codec):
            return _octets(text)


def _message(scene: Scene, head: bytes, body: bytes, subject: bytes = b"") -> bytes:
    top = b"From: <%s>\r\nTo: <sato@partner.example>\r\n" % scene.fill("{mail8}").encode()
    top += b"Date: Sat, 21 Nov 2026 09:00:00 +0900\r\n"
    top += b"Subject: " + (subject or _word(scene.subject())) + _CRLF
    top += b"Message-ID: <%d@example.co.jp>\r\n" % scene.rng.randrange(10**12)
    return top + b"MIME-Version: 1.0\r\n" + head + _CRLF + body


def _word(text: str, codec: str = "utf-8") -> bytes:
    return b"=?%s?B?%s?=" % (codec.encode(), base64.b64encode(text.encode(codec)))


def _head(charset: str, encoding: str, kind: str = "text/plain") -> bytes:
    label = f"; charset={charset}" if charset else ""
    return f"Content-Type: {kind}{label}\r\nContent-Transfer-Encoding: {encoding}\r\n".encode()


def _base64(data: bytes, width: int = 76) -> bytes:
    lines = textwrap.wrap(base64.b64encode(data).decode(), width)
    return "\r\n".join(lines).encode() + _CRLF


def _in_charset(codec: str, label: str, mark: bytes = b"") -> Build:
    def build(scene: Scene) -> bytes:
        data = mark + _letter(scene, codec).encode(codec)
        encoding = "base64" if codec.startswith("utf-16") else "8bit"
        body = _base64(data) if encoding == "base64" else data
        return _message(scene, _head(label, encoding), body)

    return build


CHARSETS = {
    "ISO-2022-JP": ("iso-2022-jp", "ISO-2022-JP"),
    "Shift_JIS": ("cp932", "Shift_JIS"),
    "Windows-31J": ("cp932", "Windows-31J"),
    "EUC-JP": ("euc_jp", "EUC-JP"),
    "UTF-7": ("utf-7", "UTF-7"),
    "UTF-16": ("utf-16", "UTF-16"),
    "UTF-16LE": ("utf-16-le", "UTF-16LE"),
    "UTF-16BE": ("utf-16-be", "UTF-16BE"),
    "UTF-8 with a mark": ("utf-8-sig", "utf-8"),
    "no label, UTF-8": ("utf-8", ""),
    "no label, Shift_JIS": ("cp932", ""),
    "no label, EUC-JP": ("euc_jp", ""),
    "no label, ISO-2022-JP": ("iso-2022-jp", ""),
    "unknown label": ("utf-8", "x-unknown"),
    "label US-ASCII, is ISO-2022-JP": ("iso-2022-jp", "us-ascii"),
    "label US-ASCII, is UTF-8": ("utf-8", "us-ascii"),
    "label ISO-2022-JP, is Shift_JIS": ("cp932", "iso-2022-jp"),
    "label ISO-2022-JP, is UTF-8": ("utf-8", "iso-2022-jp"),
    "label UTF-8, is Shift_JIS": ("cp932", "utf-8"),
    "label UTF-8, is ISO-2022-JP": ("iso-2022-jp", "utf-8"),
    "label Shift_JIS, is EUC-JP": ("euc_jp", "shift_jis"),
    "label Shift_JIS, is UTF-8": ("utf-8", "shift_jis"),
    "label EUC-JP, is Shift_JIS": ("cp932", "euc-jp"),
    "label ISO-8859-1, is Shift_JIS": ("cp932", "iso-8859-1"),
}


def _soft_break(scene: Scene) -> bytes:
    """Quoted-printable, with a soft line break in the middle of the number."""
    lines = []
    for line in _letter(scene, wide=False).encode().splitlines():
        coded = quopri.encodestring(line).replace(b"=\n", b"=\r\n")
        for number in scene.numbers:
            half = grouped(number)[:7].encode()
            coded = coded.replace(half, half + b"=\r\n")
        lines.append(coded)
    body = _CRLF.join(lines) + _CRLF
    return _message(scene, _head("utf-8", "quoted-printable"), body)


def _every_octet(scene: Scene) -> bytes:
    data = _letter(scene, wide=False).encode()
    coded = b"".join(b"=%02X" % octet for octet in data)
    lines = [coded[at : at + 72] for at in range(0, len(coded), 72)]
    return _message(scene, _head("utf-8", "quoted-printable"), b"=\r\n".join(lines) + _CRLF)


def _in_base64(width: int) -> Build:
    def build(scene: Scene) -> bytes:
        data = _letter(scene, wide=False).encode()
        return _message(scene, _head("utf-8", "base64"), _base64(data, width))

    return build


def _uu(data: bytes, name: str) -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)]
    inside = b"".join(line.rstrip(b"\n") + _CRLF for line in lines)
    return f"begin 644 {name}\r\n".encode() + inside + b"`\r\nend\r\n"


def _uu_part(scene: Scene) -> bytes:
    body = _uu(_letter(scene).encode("utf-8"), "memo.txt")
    return _message(scene, _head("utf-8", "x-uuencode"), body)


def _uu_inline(scene: Scene) -> bytes:
    text = _octets(scene.cover()).encode()
    return _message(scene, _head("utf-8", "8bit"), text + _uu(_letter(scene).encode(), "memo.txt"))


def _flowed(scene: Scene) -> bytes:
    """RFC 3676 with DelSp: a line broken in the number."""
    text = _letter(scene, wide=False)
    for number in scene.numbers:
        half = grouped(number)[:9]
        text = text.replace(half, half + " \r\n")
    head = _head('utf-8; format="flowed"; delsp="yes"', "8bit")
    return _message(scene, head, text.encode())


def _subject(kind: str) -> Build:
    def build(scene: Scene) -> bytes:
        number = scene.facts.number()
        text = f"{scene.label()} {number}"
        cut = len(text) - 6
        values = {
            "split": _word(text[:cut]) + b"\r\n " + _word(text[cut:]),
            "Q": b"=?utf-8?Q?" + b"".join(b"=%02X" % o for o in text.encode()) + b"?=",
            "raw UTF-8": text.encode(),
            "raw Shift_JIS": text.encode("cp932"),
        }
        if kind == "ISO-2022-JP":
            wide = unicodedata.normalize("NFKC", text).translate(FULL)
            values[kind] = _word(wide, "iso-2022-jp")
        body = _octets("件名のとおりです。").encode()
        return _message(scene, _head("utf-8", "8bit"), body, values[kind])

    return build


def _sender(scene: Scene) -> bytes:
    text = f"{scene.label()} {scene.facts.number()}"
    cut = len(text) - 5
    name = _word(text[:cut]) + b" " + _word(text[cut:])
    raw = scene.mail(scene.letter("ご連絡です。"))
    start = raw.index(b"From: ")
    end = raw.index(b"To: ", start)
    return raw[:start] + b"From: " + name + b" <a@example.co.jp>\r\n" + raw[end:]


def _field(scene: Scene) -> bytes:
    text = f"{scene.label()} {scene.facts.number()}"
    head = b"X-Note: " + _word(text) + _CRLF + _head("utf-8", "8bit")
    return _message(scene, head, _octets(scene.cover()).encode())


def _named(parameters: Callable[[str], bytes]) -> Build:
    def build(scene: Scene) -> bytes:
        name = f"{scene.label()}_{scene.facts.number()}.dat"
        file = b"Content-Type: application/octet-stream\r\n"
        file += b"Content-Disposition: attachment" + parameters(name) + b"\r\n\r\n\0\1\2\r\n"
        text = _head("utf-8", "8bit") + _CRLF + _octets(scene.cover()).encode()
        return _message(scene, *_multipart("mixed", text, file))

    return build


def _percent(text: str) -> bytes:
    return b"".join(b"%%%02X" % octet for octet in text.encode())


def _continued(name: str) -> bytes:
    """RFC 2231, cut inside the number."""
    cut = len(name) - 9
    first, second = _percent(name[:cut]), _percent(name[cut:])
    return b";\r\n filename*0*=utf-8''" + first + b";\r\n filename*1*=" + second


def _multipart(
    kind: str, *parts: bytes, before: bytes = b"", after: bytes = b""
) -> tuple[bytes, bytes]:
    # As no part of it holds.
    mark = b"----=_%s_%d" % (kind.encode(), sum(map(len, parts)))
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n' % (kind.encode(), mark)
    inside = b"".join(b"--" + mark + _CRLF + part + _CRLF for part in parts)
    return head, before + inside + b"--" + mark + b"--\r\n" + after


def _part(text: str, kind: str = "text/plain") -> bytes:
    return _head("utf-8", "8bit", kind) + _CRLF + text.encode()


def _alternative(scene: Scene) -> bytes:
    """The HTML says nothing of the number."""
    plain, html = _part(_letter(scene)), _part("<p>HTMLメールです。</p>\r\n", "text/html")
    return _message(scene, *_multipart("alternative", plain, html))


def _around(place: str) -> Build:
    def build(scene: Scene) -> bytes:
        text = _letter(scene, wide=False).encode()
        part = _part(_octets(scene.cover()))
        before, after = (text, b"") if place == "before" else (b"", text)
        return _message(scene, *_multipart("mixed", part, before=before, after=after))

    return build


def _forwarded(depth: int) -> Build:
    def build(scene: Scene) -> bytes:
        raw = _message(scene, _head("utf-8", "8bit"), _letter(scene).encode())
        for _ in range(depth):
            inner = b"Content-Type: message/rfc822\r\n\r\n" + raw
            cover = _part(_octets(scene.cover()))
            raw = _message(scene, *_multipart("mixed", cover, inner))
        return raw

    return build


def _attached_text(encoding: str) -> Build:
    def build(scene: Scene) -> bytes:
        data = _letter(scene, encoding).encode(encoding)
        return scene.send(scene.file("txt"), data)

    return build


def techniques() -> Iterator[tuple[str, Build]]:
    for name, (codec, label) in CHARSETS.items():
        mark = b"\xff\xfe" if name == "UTF-16LE" else b"\xfe\xff" if name == "UTF-16BE" else b""
        yield f"charset: {name}", _in_charset(codec, label, mark)
    yield "transfer: soft break in the number", _soft_break
    yield "transfer: every octet as =XX", _every_octet
    yield "transfer: base64", _in_base64(76)
    yield "transfer: base64 in short lines", _in_base64(16)
    yield "transfer: uuencoded part", _uu_part
    yield "transfer: uuencoded file in the text", _uu_inline
    yield "transfer: flowed text", _flowed
    yield "header: encoded words cut in the number", _subject("split")
    yield "header: Q-encoded subject", _subject("Q")
    yield "header: subject in ISO-2022-JP", _subject("ISO-2022-JP")
    yield "header: raw UTF-8 subject", _subject("raw UTF-8")
    yield "header: raw Shift_JIS subject", _subject("raw Shift_JIS")
    yield "header: name of the sender", _sender
    yield "header: a field of one's own", _field
    yield "file name: RFC 2231, continued", _named(_continued)
    yield "file name: encoded word", _named(lambda n: b'; filename="' + _word(n) + b'"')
    yield "file name: raw Shift_JIS", _named(lambda n: b'; filename="' + n.encode("cp932") + b'"')
    yield "tree: only in the plain alternative", _alternative
    yield "tree: before the first boundary", _around("before")
    yield "tree: behind the last boundary", _around("after")
    for depth in (1, 2, 4):
        yield f"tree: attached mail, {depth} deep", _forwarded(depth)
    for codec in ("utf-8", "cp932", "euc_jp", "iso-2022-jp", "utf-16"):
        yield f"text file: {codec}", _attached_text(codec)
