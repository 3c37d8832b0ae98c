"""Words of ours above or below one text: in its own charset and encoding where they hold them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bridge import fields
from bridge.inlay import CannotSplice, Edit, base64_lines, decoded, fits, inlay, wire
from detectors.charset import decode
from detectors.report import Part

# Charsets in which every ASCII octet outside an escape stands for itself, and what may be written
# in them: the part of Shift_JIS and EUC-JP that all readers agree on, not vendors' extensions.
_CODECS = {
    "us-ascii": "ascii",
    "utf-8": "utf-8",
    "iso-2022-jp": "iso2022_jp",
    "shift_jis": "shift_jis",
    "x-sjis": "shift_jis",
    "windows-31j": "cp932",
    "cp932": "cp932",
    "euc-jp": "euc_jp",
    "iso-8859-1": "ascii",
    "windows-1252": "ascii",
    "": "ascii",
}
_ESCAPED = re.compile(rb"\x1b(?!\([BJ]).*?(?=\x1b\([BJ]|[\r\n]|\Z)", re.DOTALL)
_MARK = re.compile(rb"<!--|<(script|style|title|textarea)\b|<(body)(?=[\s/>])|(</head\s*>)")
_END = re.compile(rb"<!--|<(script|style|title|textarea)\b|(</body\s*>|</html\s*>)")
_ATTRIBUTES = re.compile(rb"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_FLOWED = re.compile(rb"(?i);\s*((?:format|delsp)\s*=\s*\"?[a-z]+\"?)")
_RULE = b"_" * 48


@dataclass(frozen=True, slots=True)
class Words:
    plain: str
    """lines ended by "\\n"; none begins with "--" """
    page: str
    """the same in HTML, ASCII only"""


def at_head(raw: bytes, part: Part, words: Words) -> Edit:
    """The edit of `raw` that shows `words` above a text/plain or text/html part."""
    body = raw[part.body.start : part.body.end]
    plain = decoded(body, part.encoding)
    if part.media_type == "text/html":
        if part.charset.lower() not in _CODECS:
            raise CannotSplice("charset")
        page = b"\r\n" + wire(words.page)
        edit = inlay(body, part.encoding, _place(plain), page, filler=b" ")
    elif coded := _written(words.plain, part):
        # The rule parts the two texts, and one more "_" in it disturbs nobody (a blank at the end
        # of a line would, in format=flowed).
        edit = inlay(body, part.encoding, 0, coded + _RULE, filler=b"_")
    else:
        return _as_utf8(raw, part, plain, lambda old: words.plain + _RULE.decode() + "\n" + old)
    start, gap = part.body.start, _gap(raw, part)
    return Edit(start + edit.start, start + edit.end, gap + edit.data)


def at_foot(raw: bytes, part: Part, words: Words) -> Edit:
    """The edit of `raw` that shows `words` below a text/plain or text/html part."""
    body = raw[part.body.start : part.body.end]
    plain = decoded(body, part.encoding)
    lead = b"" if not plain or plain.endswith(b"\n") else b"\r\n"
    if part.media_type == "text/html":
        if part.charset.lower() not in _CODECS:
            raise CannotSplice("charset")
        at, data = _end(plain), b"\r\n" + wire(words.page.rstrip("\n"))
    elif (coded := _written(words.plain.rstrip("\n"), part)) and _in_ascii(plain, len(plain)):
        at, data = len(plain), lead + _RULE + b"\r\n" + coded
    else:
        tail = lead.decode().replace("\r\n", "\n") + _RULE.decode() + "\n" + words.plain
        return _as_utf8(raw, part, plain, lambda old: old + tail)
    edit = inlay(body, part.encoding, at, data, filler=b" ")
    start, gap = part.body.start, _gap(raw, part)
    return Edit(start + edit.start, start + edit.end, gap + edit.data)


def _gap(raw: bytes, part: Part) -> bytes:
    """What is missing between the header and the body of a part that has nothing under it.

    In "--b CRLF Content-Type: text/plain CRLF CRLF --b" the last line end is the delimiter's.
    """
    header = raw[part.header.start : part.header.end]
    if part.body.start > part.header.end:
        return b""
    return b"\r\n" if not header or header.endswith(b"\r\n") else b"\r\n\r\n"


def _written(words: str, part: Part) -> bytes:
    """The words in the charset of the part, or nothing where that cannot be."""
    try:
        coded = wire(words, _CODECS[part.charset.lower()])
    except (KeyError, UnicodeEncodeError):
        return b""
    return coded if fits(coded, part.encoding) else b""


def _as_utf8(raw: bytes, part: Part, plain: bytes, composed: Callable[[str], str]) -> Edit:
    """This one part written anew: its text as before, in UTF-8, with the words beside it."""
    readings = decode(plain, part.charset)
    known = plain.isascii() or part.charset.lower() in _CODECS  # else it would be a guess
    if not known or len(readings) != 1 or "\ufffd" in readings[0]:
        raise CannotSplice("charset")
    whole = wire(composed(readings[0].replace("\r\n", "\n")))
    block = raw[part.header.start : part.header.end]
    old = b"".join(
        block[f.span.start : f.span.end] for f in fields.fields(block) if f.name == "content-type"
    )
    header = fields.rewrite(
        block,
        lambda name: name in ("content-type", "content-transfer-encoding"),
        fields.text_header(*_FLOWED.findall(old)),
    )
    body = base64_lines(whole).removesuffix(b"\r\n")
    return Edit(part.header.start, part.body.end, header + b"\r\n" + body)


def _place(document: bytes) -> int:
    """Behind `<body …>`, else behind `</head>`, else the very beginning.

    What stands in a comment, a script or a two-byte run of ISO-2022-JP only looks like a tag.
    """
    document = _ESCAPED.sub(lambda run: b"x" * len(run[0]), document).lower()
    best = at = 0
    while found := _MARK.search(document, at):
        raw_text, body, head_end = found.groups()
        if body:
            if (tag := _ATTRIBUTES.match(document, found.end())) is None:
                raise CannotSplice("html")
            return tag.end()
        if head_end:
            best = at = found.end()
            continue
        close = b"</" + raw_text if raw_text else b"-->"
        from_ = found.end() if raw_text else found.start() + 2
        at = document.find(close, from_)
        if at < 0:
            raise CannotSplice("html")
    return best


def _end(document: bytes) -> int:
    """Before `</body>`, else before `</html>`, else the very end."""
    masked = _ESCAPED.sub(lambda run: b"x" * len(run[0]), document).lower()
    best, at = len(document), 0
    while found := _END.search(masked, at):
        raw_text, closing = found.groups()
        if closing:
            best = found.start()
            break
        close = b"</" + raw_text if raw_text else b"-->"
        at = masked.find(close, found.end() if raw_text else found.start() + 2)
        if at < 0:
            raise CannotSplice("html")
    if not _in_ascii(document, best):
        raise CannotSplice("charset")
    return best


def _in_ascii(text: bytes, at: int) -> bool:
    """Whether ISO-2022-JP stands in ASCII there: our words would be read as kanji elsewhere."""
    escape = text.rfind(b"\x1b", 0, at)
    return escape < 0 or text.startswith((b"\x1b(B", b"\x1b(J"), escape)
