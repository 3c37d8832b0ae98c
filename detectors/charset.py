"""From octets to text, as the mailers of Japan really write it.

Python has no CP50221, the ISO-2022-JP that Windows writes: ① and ㈱ (NEC row 13), the IBM
extensions and half-width kana are errors to every codec of the standard library, and a decoder
that stops at an error hides what stands behind it. So that codec is here.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two octets
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODECS = {
    "": (),
    "us-ascii": (),
    "ascii": (),
    "unknown-8bit": (),
    "8bit": (),
    "binary": (),
    "shift_jis": ("cp932",),
    "shift-jis": ("cp932",),
    "sjis": ("cp932",),
    "x-sjis": ("cp932",),
    "windows-31j": ("cp932",),
    "ms_kanji": ("cp932",),
    "ms932": ("cp932",),
    "euc-jp": ("euc_jp", "euc_jis_2004"),  # the second knows row 13
    "x-euc-jp": ("euc_jp", "euc_jis_2004"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "cp51932": ("euc_jp", "euc_jis_2004"),
    "iso-8859-1": ("cp1252", "latin-1"),
    "latin1": ("cp1252", "latin-1"),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "ks_c_5601-1987": ("cp949",),
    "euc-kr": ("cp949",),
    "unicode-1-1-utf-7": ("utf-7",),
}
# Text codecs that no mail may name: quadratic (punycode) or not charsets at all.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_LADDER = ("utf-8", "euc_jp", "euc_jis_2004", "cp932")
_SAMPLE = 1 << 16
_WEIGHED = 4_096
"""Characters beyond ASCII that a reading is judged by."""

_FOREIGN = re.compile("[^\x00-\x7f]+")
_GOOD = re.compile("[ぁ-んァ-ヶー一-龠々가-힣、。「」０-９]+")
_BAD = re.compile("[\uff61-\uff9f\ue000-\uf8ff\ufffd\x80-\x9f]+")
_MOJIBAKE = re.compile("[À-ÿ]{2,}")
_ESCAPE = re.compile(rb"\x1b(\$\([A-Z]|\$[@AB]|\([A-Z])|([\x0e\x0f])|(\n)")
_HIGH = bytes(octet | 0x80 for octet in range(256))
_SETS = {
    b"$@": "jis",
    b"$B": "jis",
    b"$(D": "jis x 0212",
    b"$(O": "euc_jis_2004",
    b"$(Q": "euc_jis_2004",
    b"$A": "gb2312",
    b"$(C": "euc_kr",
    b"(I": "kana",
    b"\x0e": "kana",
}


def decode(data: bytes, label: str = "") -> tuple[str, ...]:
    """All readings of `data` that a person may be shown, the likeliest first; never empty.

    A label that lies ("UTF-8" over CP932) has two: what the label makes of it and what it is.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return (data[len(mark) :].decode(name, "replace"),)
    label = label.strip().strip("\"'").lower()[:40]
    if b"\x1b$" in data or b"\x1b(" in data or (b"\x0e" in data and b"\x0f" in data):
        return _escaped(data, label)
    if data.isascii() and b"\x00" not in data:
        return _ascii(data, label)
    if not label and (wide := _wide(data)):
        return (data.decode(wide, "replace"),)
    return _guessed(data, label)


def iso_2022_jp(data: bytes) -> str:
    """CP50221 and what else is switched by escapes: JIS X 0208, 0212, 0213, GB 2312, KS X 1001.

    >>> iso_2022_jp(b"\\x1b$B-!-j\\x1b(B 1")
    '①㈱ 1'
    """
    out = []
    current, at = "", 0
    for found in _ESCAPE.finditer(data):
        out.append(_segment(data[at : found.start()], current))
        escape, shift, newline = found.groups()
        if newline:  # RFC 1468: every line starts in ASCII
            out.append("\n")
            current = ""
        else:
            current = _SETS.get(escape or shift, "")
        at = found.end()
    out.append(_segment(data[at:], current))
    return "".join(out)


def _segment(data: bytes, charset: str) -> str:
    if not data:
        return ""
    if not charset:
        return data.decode("cp932", "replace")  # eight bits here are half-width kana (CP50220)
    if charset == "kana":
        return data.translate(_HIGH).decode("cp932", "replace")
    if charset == "jis x 0212":
        pairs = (b"\x8f" + data[i : i + 2].translate(_HIGH) for i in range(0, len(data), 2))
        return b"".join(pairs).decode("euc_jp", "replace")
    if charset != "jis":
        return data.translate(_HIGH).decode(charset, "replace")
    try:
        return data.translate(_HIGH).decode("euc_jp")
    except UnicodeDecodeError:
        return "".join(_microsoft(data[i : i + 2]) for i in range(0, len(data), 2))


def _microsoft(pair: bytes) -> str:
    """One JIS pair by way of CP932, which has row 13 and the IBM extensions."""
    if len(pair) < 2 or not (0x21 <= pair[0] <= 0x7E and 0x21 <= pair[1] <= 0x7E):
        return "".join(chr(octet) if octet < 0x80 else "\ufffd" for octet in pair)
    row, cell = pair
    lead = ((row - 0x21) >> 1) + 0x81
    lead += 0x40 if lead > 0x9F else 0
    trail = cell + 0x7E if not row & 1 else cell + 0x1F + (cell >= 0x60)
    return bytes((lead, trail)).decode("cp932", "replace")


def _escaped(data: bytes, label: str) -> tuple[str, ...]:
    best = iso_2022_jp(data)
    if label.startswith("iso-2022-jp") or data.isascii() or not label:
        return (best,)
    readings = [text for text in (_strict(data, label),) if text is not None]
    return (*readings, best)


def _ascii(data: bytes, label: str) -> tuple[str, ...]:
    plain = data.decode("ascii")
    if ("utf-7" in label and "+" in plain) or (label.startswith("hz") and "~{" in plain):
        hidden = _strict(data, label)
        return (plain,) if hidden is None or hidden == plain else (hidden, plain)
    if label.startswith(("utf-16", "utf-32")) and (wide := _strict(data, label)):
        return (plain, wide)
    return (plain,)


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: every second octet of what is ASCII in it is zero."""
    head = data[:_SAMPLE]
    half = max(1, len(head) // 2)
    if head[1::2].count(0) * 5 > half * 2 and head[0::2].count(0) * 20 < half:
        return "utf-16-le"
    if head[0::2].count(0) * 5 > half * 2 and head[1::2].count(0) * 20 < half:
        return "utf-16-be"
    return ""


def _guessed(data: bytes, label: str) -> tuple[str, ...]:
    utf8 = _utf8(data)
    if utf8 is not None and label in ("", "utf-8", "utf8", "us-ascii"):
        return (utf8,)  # eight-bit text is not valid UTF-8 by chance
    labelled = _strict(data, label)
    if labelled is not None and _sound(labelled):
        return (labelled,) if utf8 is None else (labelled, utf8)
    readings = {text for name in _LADDER if (text := _by(name, data)) is not None}
    if labelled is not None:
        readings.add(labelled)
    ranked = sorted(readings, key=lambda text: (_score(text), text), reverse=True)
    if not ranked:
        return (_damaged_utf8(data) or _forced(data, label),)
    if _score(ranked[0]) < 0 and (damaged := _damaged_utf8(data)):
        return (damaged, ranked[0])
    enough = _score(ranked[0]) // 2
    rest = [t for t in ranked[1:] if _score(t) > enough or (t == labelled and _score(t) >= 0)]
    return (ranked[0], *rest[:1])


def _sound(text: str) -> bool:
    """Japanese with next to nothing that does not belong there."""
    good, bad = _weights(text)
    return good > 0 and bad * 20 <= good


def _score(text: str) -> int:
    good, bad = _weights(text)
    return good - 3 * bad


def _weights(text: str) -> tuple[int, int]:
    sample = " ".join(_FOREIGN.findall(text[:_SAMPLE]))[:_WEIGHED]
    good, bad, mojibake = (
        sum(map(len, pattern.findall(sample))) for pattern in (_GOOD, _BAD, _MOJIBAKE)
    )
    return good, bad + mojibake


def _strict(data: bytes, label: str) -> str | None:
    if label.startswith("iso-2022-jp"):
        return None  # no escape in it, or `_escaped` had taken it
    for name in _CODECS.get(label, (label,)):
        if (text := _by(name, data)) is not None:
            return text
    return None


def _utf8(data: bytes) -> str | None:
    """Strictly, but for a last character that was cut."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = 0 < len(data) - 3 <= error.start and error.reason == "unexpected end of data"
        return data.decode("utf-8", "replace") if cut else None


def _by(name: str, data: bytes) -> str | None:
    try:
        if codecs.lookup(name).name.replace("-", "_") in _REFUSED:
            return None
        return data.decode(name)
    except (LookupError, ValueError):
        return None


def _damaged_utf8(data: bytes) -> str:
    """UTF-8 with errors in it, "" where it is not: whole characters of it are never chance."""
    text = data.decode("utf-8", "replace")
    good, bad = _weights(text)
    return text if good > bad else ""


def _forced(data: bytes, label: str) -> str:
    """Not valid in any charset: the one that loses least, rather than nothing."""
    names = [*_CODECS.get(label, ()), *_LADDER[1:]]
    texts = [data.decode(name, "replace") for name in names]
    return max(texts, key=_score)
