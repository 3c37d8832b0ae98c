"""The link part at the head of one text: in its own charset and encoding where they can hold it."""

from __future__ import annotations

import re

from bridge import fields
from bridge.inlay import CannotSplice, Edit, base64_lines, decoded, fits, inlay, wire
from bridge.link_part import LinkNotice, html, text
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
_ATTRIBUTES = re.compile(rb"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_FLOWED = re.compile(rb"(?i);\s*((?:format|delsp)\s*=\s*\"?[a-z]+\"?)")
_RULE = b"_" * 48


def at_head(raw: bytes, part: Part, notice: LinkNotice) -> Edit:
    """The edit of `raw` that shows `notice` above a text/plain or text/html part."""
    body = raw[part.body.start : part.body.end]
    plain = decoded(body, part.encoding)
    if part.media_type == "text/html":
        if part.charset.lower() not in _CODECS:
            raise CannotSplice("charset")
        words = b"\r\n" + wire(html(notice))
        edit = inlay(body, part.encoding, _place(plain), words, filler=b" ")
    elif words := _written(text(notice), part):
        # The rule parts the two texts, and one more "_" in it disturbs nobody (a blank at the end
        # of a line would, in format=flowed).
        edit = inlay(body, part.encoding, 0, words + _RULE, filler=b"_")
    else:
        return _as_utf8(raw, part, plain, text(notice))
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


def _as_utf8(raw: bytes, part: Part, plain: bytes, words: str) -> Edit:
    """This one part written anew: its text as before, in UTF-8, below the words."""
    readings = decode(plain, part.charset)
    known = plain.isascii() or part.charset.lower() in _CODECS  # else it would be a guess
    if not known or len(readings) != 1 or "\ufffd" in readings[0]:
        raise CannotSplice("charset")
    whole = wire(words) + _RULE + b"\r\n" + readings[0].encode()
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
