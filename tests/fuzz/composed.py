"""Well-formed mails in all the dresses that mail programs give them; the same for the same chance.

What a relay could be tempted to touch is in them: dots, blanks at line ends, long and empty lines,
8-bit text, odd folding, fields in any order and case.
"""

from __future__ import annotations

import base64
import quopri
from random import Random

_WORDS = (
    "お世話になっております。", "資料をお送りします。", "見積書", "ご確認ください", "Regards,", "From here",
    "株式会社関所", "山田", "a", "the", "quick", "brown", "fox", "ｶﾀｶﾅ", "①", "～", "é", "price: 100", "=", "=3D",
    "--", "- ", ">", "> quoted", "\t", "  ", "http://example.jp/?a=b", "%", "\\", '"', "(", "<b>", "&amp;",
)  # fmt: skip
_STARTS = (b".", b"..", b"...", b".a", b". ", b"From ", b" ", b"\t", b">From ", b"--", b"")
_ENDS = (b"", b"", b"", b" ", b"\t", b"   ", b".", b"=")
_FOLDS = (b"", b"", b"\r\n ", b"\r\n\t", b"\r\n   ")


def composed(chance: Random) -> bytes:
    """One mail; CRLF throughout, no line longer than 998 octets (RFC 5322 §2.1.1)."""
    kind = chance.randrange(4)
    fields, body = _simple(chance) if kind < 2 else _multipart(chance, nested=kind == 3)
    head = [
        b"From: yamada@example.co.jp",
        b"To:" + chance.choice(_FOLDS) + b" sato@partner.example",
        _subject(chance),
        b"Date: Fri, 20 Nov 2026 14:18:00 +0900",
        b"Message-ID: <%x@example.co.jp>" % chance.getrandbits(64),
        b"MIME-Version: 1.0",
        *(b"X-Field-%d: " % n + _token(chance) for n in range(chance.randrange(4))),
        *fields,
    ]
    chance.shuffle(head)
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def _subject(chance: Random) -> bytes:
    text = "".join(chance.choices(_WORDS, k=3)).replace("\t", " ")
    for charset in chance.sample(("utf-8", "iso-2022-jp", "cp932"), 3):
        try:
            coded = base64.b64encode(text.encode(charset))
        except UnicodeEncodeError:
            continue
        return b"Subject: =?" + charset.encode() + b"?B?" + coded + b"?="
    return b"Subject: " + _token(chance)


def _simple(chance: Random) -> tuple[list[bytes], bytes]:
    charset = chance.choice(("utf-8", "utf-8", "iso-2022-jp", "cp932", "euc_jp"))
    text = _text(chance, charset)
    how = chance.choice((b"8bit", b"8bit", b"quoted-printable", b"base64"))
    if charset == "iso-2022-jp":
        how = b"7bit"
    name = {"cp932": b"Shift_JIS", "euc_jp": b"EUC-JP"}.get(charset, charset.encode())
    quote = chance.choice((b"", b'"'))
    kind = (
        b"Content-Type: text/plain;" + chance.choice(_FOLDS) + b" charset=" + quote + name + quote
    )
    return [kind, b"Content-Transfer-Encoding: " + how], _coded(how, text)


def _multipart(chance: Random, nested: bool) -> tuple[list[bytes], bytes]:
    boundary = b"=_%x" % chance.getrandbits(48)
    parts = [_part(*_simple(chance)), *(_file(chance) for _ in range(chance.randrange(1, 4)))]
    if nested:
        parts[0] = _part(*_multipart(chance, nested=False))
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    sub = chance.choice((b"mixed", b"mixed", b"alternative"))
    kind = b"Content-Type: multipart/" + sub + b'; boundary="' + boundary + b'"'
    return [kind], body + b"--" + boundary + b"--\r\n"


def _part(fields: list[bytes], body: bytes) -> bytes:
    return b"\r\n".join(fields) + b"\r\n\r\n" + body


def _file(chance: Random) -> bytes:
    lines = b"".join(
        b"%x,%x\r\n" % (n, chance.getrandbits(20)) for n in range(chance.randrange(60))
    )
    name = b'"%x.csv"' % chance.getrandbits(16)
    fields = [
        b"Content-Type: text/csv; name=" + name,
        b"Content-Disposition: attachment; filename=" + name,
        b"Content-Transfer-Encoding: base64",
    ]
    return _part(fields, _coded(b"base64", lines))


def _coded(how: bytes, text: bytes) -> bytes:
    if how == b"base64":
        return base64.encodebytes(text).replace(b"\n", b"\r\n")
    if how == b"quoted-printable":
        return quopri.encodestring(text.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    return text


def _text(chance: Random, charset: str) -> bytes:
    lines = []
    for _ in range(chance.randrange(1, 40)):
        words = "".join(chance.choices(_WORDS, k=chance.choice((0, 1, 3, 8, 30))))
        line = (
            words.encode(charset, "ignore")[:900]
            if charset != "iso-2022-jp"
            else (words[:200].encode(charset, "ignore"))
        )
        line = line.decode(charset, "ignore").encode(charset)
        lines.append(chance.choice(_STARTS) + line + chance.choice(_ENDS))
    return b"\r\n".join(lines) + b"\r\n" * chance.choice((1, 1, 2, 5))


def _token(chance: Random) -> bytes:
    return b" ".join(b"%x" % chance.getrandbits(24) for _ in range(chance.randrange(1, 12)))
