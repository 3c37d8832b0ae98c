"""One number, hidden from one reader or another: found, or held as read two ways; never clean.

The catalogue of MIME differentials, charset confusions and header tricks: what a mail program at
the other end may show is what counts, not what one parser makes of it.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri

import pytest

from detectors import inspect
from detectors.report import Confidence, Report
from tests.samples import individual_number

NUMBER = individual_number(7)
DASHED = f"{NUMBER[:4]}-{NUMBER[4:8]}-{NUMBER[8:]}"
TEXT = f"個人番号：{DASHED}\r\nよろしくお願いいたします。\r\n"
PLAIN = f"My Number: {NUMBER}\r\n".encode()
UTF8 = TEXT.encode()
BASE64 = base64.encodebytes(UTF8).replace(b"\n", b"\r\n")
QP = quopri.encodestring(PLAIN).replace(b"\n", b"\r\n")
DECOY = b"Content-Type: text/plain\r\n\r\nhello\r\n"
HEAD = b"From: a@example.co.jp\r\nTo: b@example.com\r\nSubject: hello\r\nMIME-Version: 1.0\r\n"
CT, CTE = b"Content-Type: ", b"Content-Transfer-Encoding: "
PART = CT + b"text/plain; charset=utf-8\r\n" + CTE + b"base64\r\n\r\n" + BASE64


def mail(*lines: bytes, body: bytes) -> bytes:
    return HEAD + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def parts(*bodies: bytes, mark: bytes = b"b", close: bytes = b"--\r\n") -> bytes:
    return (
        b"".join(b"--" + mark + b"\r\n" + body + b"\r\n" for body in bodies) + b"--" + mark + close
    )


def mixed(boundary: bytes, *bodies: bytes, mark: bytes = b"b", after: bytes = b"") -> bytes:
    return mail(CT + b"multipart/mixed; " + boundary, body=parts(*bodies, mark=mark) + after)


def labelled(charset: str, data: bytes, encoding: str = "8bit") -> bytes:
    if encoding == "base64":
        data = base64.encodebytes(data).replace(b"\n", b"\r\n")
    label = f'text/plain; charset="{charset}"' if charset else "text/plain"
    return mail(CT + label.encode(), CTE + encoding.encode(), body=data)


def named(parameters: str) -> bytes:
    head = f"Content-Disposition: attachment; {parameters}\r\n".encode()
    kind = f"Content-Type: text/plain; {parameters}\r\n".encode()
    return mixed(b"boundary=b", head + kind + b"\r\nx")


def text(charset: str, label: str | None = None, encoding: str = "8bit") -> bytes:
    return labelled(charset if label is None else label, TEXT.encode(charset), encoding)


def jis(escape: bytes, pairs: str = TEXT) -> bytes:
    """ISO-2022-JP by another way into JIS X 0208."""
    return pairs.encode("iso2022_jp").replace(b"\x1b$B", escape)


def utf7(plain: str) -> bytes:
    """With the digits encoded, as RFC 2152 allows."""
    return b"+" + base64.b64encode(plain.encode("utf-16-be")).rstrip(b"=") + b"-"


def uu(data: bytes, name: bytes = b"a.txt") -> bytes:
    lines = (binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45))
    return (
        b"begin 644 " + name + b"\r\n" + b"".join(lines).replace(b"\n", b"\r\n") + b"`\r\nend\r\n"
    )


def yenc(data: bytes) -> bytes:
    packed = bytes((octet + 42) % 256 for octet in data)
    return b"=ybegin line=128 size=9 name=a.txt\r\n" + packed + b"\r\n=yend size=9\r\n"


FULL = DASHED.translate(str.maketrans("0123456789-", "０１２３４５６７８９−"))
KANA = b"\xcf\xb2\xc5\xdd\xca\xde\xb0 "  # ﾏｲﾅﾝﾊﾞｰ in the right half of JIS X 0201
SEVEN_BIT_KANA = KANA.translate(bytes(o & 0x7F if o > 0x80 else o for o in range(256)))
HZ = b"~{" + "个人番号".encode("gb2312").translate(bytes(o & 0x7F for o in range(256))) + b"~} "

DISGUISES: dict[str, bytes] = {
    # Which field counts?
    "two types, the first a leaf": mail(
        CT + b"text/plain", CT + b"multipart/mixed; boundary=b", body=parts(PART)
    ),
    "two types, the last a leaf": mail(
        CT + b"multipart/mixed; boundary=b", CT + b"text/plain", body=parts(PART)
    ),
    "two encodings": mail(CTE + b"7bit", CTE + b"base64", body=BASE64),
    "two encodings, base64 first": mail(CTE + b"base64", CTE + b"7bit", body=UTF8),
    "space before the colon": mail(b"Content-Transfer-Encoding : base64", body=BASE64),
    "tab before the colon": mail(b"Content-Type\t: multipart/mixed; boundary=b", body=parts(PART)),
    "header begins with a blank": b" x\r\n" + mail(CTE + b"base64", body=BASE64),
    "a line that is no field": mail(b"no field", CTE + b"base64", body=BASE64),
    "a line of blanks in the header": mail(b" ", CTE + b"base64", body=BASE64),
    "NUL in the field name": mail(b"Content-\0Transfer-Encoding: base64", body=BASE64),
    "bare CR before the field": HEAD + b"X: y\r" + CTE + b"base64\r\n\r\n" + BASE64,
    "bare LF ends the header": HEAD + CTE + b"base64\n\n" + BASE64,
    "encoding folded away": mail(CTE, b" base64", body=BASE64),
    # What type is it?
    "comment in the type": mail(CT + b"multi(x)part/mixed; boundary=b", body=parts(PART)),
    "type in an encoded word": mail(
        CT + b"=?utf-8?q?multipart/mixed?=; boundary=b", body=parts(PART)
    ),
    "multipart without a subtype": mail(CT + b"multipart; boundary=b", body=parts(PART)),
    "unknown multipart": mail(CT + b"multipart/x-mine; boundary=b", body=parts(PART)),
    "text declared as a picture": mail(CT + b"image/png", CTE + b"base64", body=BASE64),
    "text declared as octets": mail(CT + b"application/octet-stream", CTE + b"base64", body=BASE64),
    "boundary of a leaf": mail(CT + b"text/plain; boundary=b", body=parts(PART)),
    "multipart called a leaf by case": mail(CT + b"MULTIPART/Mixed; BOUNDARY=b", body=parts(PART)),
    "message in base64": mail(
        CT + b"message/rfc822", CTE + b"base64", body=base64.encodebytes(mail(body=UTF8))
    ),
    "multipart in base64": mail(
        CT + b"multipart/mixed; boundary=b", CTE + b"base64", body=base64.encodebytes(parts(PART))
    ),
    "partial message": mail(CT + b'message/partial; id="x"; number=1; total=2', body=PART),
    # Where do its parts begin and end?
    "boundary in quotes with a blank": mixed(b'boundary="b b"', PART, mark=b"b b"),
    "boundary with a blank, no quotes": mixed(b"boundary=b b", PART, mark=b"b"),
    "boundary with a blank at its end": mixed(b'boundary="b "', PART, mark=b"b "),
    "boundary twice, the first is right": mixed(b"boundary=b; boundary=c", PART),
    "boundary twice, the second is right": mixed(b"boundary=c; boundary=b", PART),
    "boundary by RFC 2231": mixed(b"boundary*=us-ascii''b", PART),
    "boundary in continuations": mixed(b"boundary*0=b; boundary*1=c", PART, mark=b"bc"),
    "boundary in an encoded word": mixed(b'boundary="=?us-ascii?q?b?="', PART),
    "boundary with an escape": mixed(b'boundary="\\b"', PART),
    "boundary in half a quote": mixed(b'boundary="b', PART),
    "boundary with a comment": mixed(b"boundary=b(c)", PART),
    "boundary is a prefix of another": mixed(b"boundary=b", PART, mark=b"bb"),
    "inner boundary as the outer one": mixed(
        b"boundary=b", CT + b"multipart/mixed; boundary=b\r\n\r\n" + parts(PART)
    ),
    "part after the last one": mixed(b"boundary=b", DECOY, after=parts(PART)),
    "part in the preamble": mail(
        CT + b"multipart/mixed; boundary=b", body=PART + b"\r\n" + parts(DECOY)
    ),
    "part in the epilogue": mixed(b"boundary=b", DECOY, after=PART),
    "text in the epilogue": mixed(b"boundary=b", DECOY, after=UTF8),
    "text in the preamble": mail(CT + b"multipart/mixed; boundary=b", body=UTF8 + parts(DECOY)),
    "base64 in the epilogue": mixed(b"boundary=b", DECOY, after=BASE64),
    "never closed": mail(CT + b"multipart/mixed; boundary=b", body=parts(PART, close=b"")),
    "delimiter after a bare CR": mail(
        CT + b"multipart/mixed; boundary=b", body=b"x\r--b\r" + PART + b"\r--b--\r\n"
    ),
    "delimiter with something behind": mail(
        CT + b"multipart/mixed; boundary=b", body=parts(PART).replace(b"--b\r\n", b"--b x\r\n")
    ),
    # How is it encoded?
    "comment in the encoding": mail(CTE + b"base(x)64", body=BASE64),
    "encoding with a parameter": mail(CTE + b"base64; x=y", body=BASE64),
    "encoding in quotes": mail(CTE + b'"base64"', body=BASE64),
    "unknown encoding, base64 in truth": mail(CTE + b"x-base64", body=BASE64),
    "gzip64": mail(CTE + b"gzip64", body=base64.encodebytes(codecs.encode(UTF8, "zlib"))),
    "uuencode declared": mail(CTE + b"x-uuencode", body=uu(UTF8)),
    "uuencode in the text": mail(body=b"hello\r\n" + uu(UTF8)),
    "yEnc in the text": mail(body=b"hello\r\n" + yenc(PLAIN)),
    "base64 without its header": mail(body=BASE64),
    "base64 in base64": mail(CTE + b"base64", body=base64.encodebytes(BASE64)),
    "base64 with junk": mail(
        CTE + b"base64", body=BASE64.replace(b"\r\n", b"!\r\n").replace(b"5", b"5.", 1)
    ),
    "base64 after a padding": mail(CTE + b"base64", body=b"aGVsbG8=\r\n" + BASE64),
    "base64 one letter a line": mail(
        CTE + b"base64", body=b"\r\n".join(bytes((o,)) for o in BASE64 if o > 32)
    ),
    "base64 said, plain in truth": mail(CTE + b"base64", body=b"-- " + UTF8),
    "quoted-printable without its header": mail(
        body=b"No. " + b"".join(b"=%02X" % o for o in PLAIN)
    ),
    "quoted-printable in the digits": mail(
        CTE + b"quoted-printable",
        body=PLAIN.replace(NUMBER.encode(), b"=\r\n".join(bytes((o,)) for o in NUMBER.encode())),
    ),
    "soft break with a blank": mail(
        CTE + b"quoted-printable",
        body=PLAIN.replace(NUMBER[5:].encode(), b"= \r\n" + NUMBER[5:].encode()),
    ),
    "soft break with a bare CR": mail(
        CTE + b"quoted-printable", body=b"x=\r" + PLAIN.rstrip() + b"\n"
    ),
    "quoted-printable in lower case": mail(
        CTE + b"quoted-printable", body=b"".join(b"=%02x" % o for o in PLAIN)
    ),
    # In which letters is it written?
    "UTF-7": labelled("utf-7", b"My Number: " + utf7(DASHED)),
    "UTF-7 without a label": labelled("", b"My Number: " + utf7(DASHED)),
    "UTF-7 said to be UTF-8": labelled("utf-8", b"My Number: " + utf7(DASHED)),
    "UTF-16 with its mark": text("utf-16", encoding="base64"),
    "UTF-16 without its mark, little": text("utf-16-le", "utf-16", "base64"),
    "UTF-16 without its mark, big": text("utf-16-be", "", "base64"),
    "UTF-16, big, by the label without an order": text("utf-16-be", "utf-16", "base64"),
    "UTF-16 said to be UTF-8": text("utf-16-le", "utf-8", "base64"),
    "UTF-32 without a label": text("utf-32-le", "", "base64"),
    "UTF-16, kana and kanji only": labelled(
        "utf-16le", f"個人番号は{FULL}でございます".encode("utf-16-le"), "base64"
    ),
    "CP932 said to be UTF-8": text("cp932", "utf-8"),
    "CP932 said to be ISO-2022-JP": text("cp932", "iso-2022-jp"),
    "EUC-JP said to be Shift_JIS": text("euc_jp", "shift_jis"),
    "UTF-8 said to be ISO-8859-1": text("utf-8", "iso-8859-1"),
    "no such charset": text("utf-8", "x-no-such"),
    "ISO-2022-JP": text("iso2022_jp", "iso-2022-jp", "7bit"),
    "ISO-2022-JP said to be UTF-8": text("iso2022_jp", "utf-8", "7bit"),
    "ISO-2022-JP, JIS of 1978": labelled("iso-2022-jp", jis(b"\x1b$@")),
    "ISO-2022-JP, never back to ASCII": labelled(
        "iso-2022-jp", f"個人番号{FULL}".encode("iso2022_jp").removesuffix(b"\x1b(B")
    ),
    "ISO-2022-JP with digits in JIS": labelled(
        "iso-2022-jp", f"個人番号 {FULL}".encode("iso2022_jp")
    ),
    "ISO-2022-JP-2004": labelled("iso-2022-jp-2004", jis(b"\x1b$(Q", f"個人番号{FULL} ")),
    "ISO-2022-JP-3": labelled("iso-2022-jp-3", jis(b"\x1b$(O", f"個人番号{FULL} ")),
    "CP50221, row 13 before it": labelled("iso-2022-jp", b"\x1b$B-!-j\x1b(B " + jis(b"\x1b$B")),
    "CP50221, kana by its escape": labelled(
        "iso-2022-jp", b"\x1b(I" + SEVEN_BIT_KANA.strip() + b"\x1b(B " + DASHED.encode()
    ),
    "kana by SO and SI": labelled(
        "iso-2022-jp", b"\x0e" + SEVEN_BIT_KANA.strip() + b"\x0f " + DASHED.encode()
    ),
    "kana in eight bits": labelled("iso-2022-jp", KANA + DASHED.encode()),
    "CP932 with ① and ㈱": labelled("shift_jis", f"①㈱髙島\r\n{TEXT}".encode("cp932")),
    "EUC-JP with row 13": labelled("euc-jp", b"\xad\xa1\xad\xea " + TEXT.encode("euc_jp")),
    "EUC-JP with three octets": labelled("euc-jp", b"\x8f\xb0\xa1 " + TEXT.encode("euc_jp")),
    "HZ": labelled("hz-gb-2312", HZ + DASHED.encode() + b" My Number"),
    "HZ with digits in it": labelled(
        "hz-gb-2312",
        b"My Number ~{"
        + "".join(chr(o & 0x7F) for o in FULL.replace("−", "").encode("gb2312")).encode()
        + b"~}",
    ),
    "escape to nowhere": labelled("utf-8", b"\x1b$Z " + UTF8),
    "a damaged octet before it": labelled("utf-8", b"\xff " + UTF8),
    "EBCDIC by its label": labelled("cp037", f"My Number: {NUMBER}".encode("cp037"), "base64"),
    # In the header
    "in the subject": mail(body=b"x").replace(b"hello", f"My Number {NUMBER}".encode()),
    "between two encoded words": mail(body=b"x").replace(
        b"hello", f"=?utf-8?q?My_Number_{NUMBER[:5]}?=\r\n =?utf-8?q?{NUMBER[5:]}?=".encode()
    ),
    "in a name, words side by side": mail(
        f'Cc: "=?utf-8?q?My_Number_{NUMBER[:5]}?= =?utf-8?q?{NUMBER[5:]}?=" <c@x.jp>'.encode(),
        body=b"x",
    ),
    "a character cut between two words": mail(
        b"X-Note: =?utf-8?b?"
        + base64.b64encode(UTF8[:4])
        + b"?= =?utf-8?b?"
        + base64.b64encode(UTF8[4:40])
        + b"?=",
        body=b"x",
    ),
    "in raw ISO-2022-JP": mail(b"X-Note: " + f"個人番号 {DASHED}".encode("iso2022_jp"), body=b"x"),
    "in a comment of an address": mail(
        f"Reply-To: a@example.jp (My Number {NUMBER})".encode(), body=b"x"
    ),
    "in a file name by RFC 2231": named(
        f'filename*0="My Number {NUMBER[:4]}"; filename*1="{NUMBER[4:]}.txt"'
    ),
    "in the second file name": named(f'filename=a.txt; name="My Number {NUMBER}.txt"'),
    "in the first of two file names": named(f'filename="My Number {NUMBER}"; filename=a.txt'),
    "in the description": mixed(
        b"boundary=b", b"Content-Description: My Number " + NUMBER.encode() + b"\r\n" + DECOY
    ),
    "header in the body": mail(
        body=b"Content-Type: text/plain\r\n" + CTE + b"base64\r\n\r\n" + BASE64
    ),
}


def is_found(report: Report) -> bool:
    return any(
        finding.kind == "jp.individual_number" and finding.confidence is not Confidence.LOW
        for finding in report.findings
    )


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_is_found_or_held(name: str) -> None:
    report = inspect(DISGUISES[name])
    assert is_found(report) or report.has("ambiguous") or report.has("uninspectable")
