"""From octets to text, as the mailers of Japan really write it.

Python has no CP50221, the ISO-2022-JP that Windows writes: ① and ㈱ (NEC row 13), the IBM
extensions and half-width kana are errors to every codec of the standard library, and a decoder
that stops at an error hides what stands behind it. So that codec is here.
"""

from __future__ import annotations

import codecs
import re

from detectors import linear, wide
from detectors.folding import run

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two octets
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKS = tuple(mark for mark, _ in _BOMS)
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
_IN_UTF8 = ("", "utf-8", "utf8", "us-ascii")
_LADDER = ("utf-8", "euc_jp", "euc_jis_2004", "cp932")
_SAMPLE = 1 << 16
_WEIGHED = 4_096
"""Characters beyond ASCII that a reading is judged by."""

_HALF = re.compile("[\ud800-\udfff]")
_ASCII = re.compile(run("\x00-\x7f"))
_GOOD = re.compile(run("ぁ-んァ-ヶー一-龠々가-힣、。「」０-９"))
_KANA = re.compile("[ぁ-んァ-ヶ]")
_BAD = re.compile(run("\uff61-\uff9f\ue000-\uf8ff\ufffd\x80-\x9f"))
_MOJIBAKE = re.compile("[À-ÿ][À-ÿ]+")
_MICROSOFT = "sekisho.row_13"
_WIDE = ("utf-16", "utf-32")
# Other sets than ASCII and JIS X 0208, lines that do not end in ASCII, eight bits.
_IRREGULAR = linear.octets(
    rb"\x1b(?:[^$(]|\$[^B]|\([^B]|\z|\$B[!-~]*(?:[^!-~\x1b]|\z))|[\x0e\x0f\x80-\xff]"
)
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
    if (known := utf8(data, label)) is not None:
        return (known,)
    if data.startswith(_MARKS):
        mark, name = next(each for each in _BOMS if data.startswith(each[0]))
        return _marked(data[len(mark) :], name, label)
    label = label.strip().strip("\"'").lower()[:40]
    escapes = b"\x1b" in data and (b"\x1b$" in data or b"\x1b(" in data)
    if escapes or (b"\x0e" in data and b"\x0f" in data):
        return _escaped(data, label)
    if data.isascii() and b"\x00" not in data:
        return _ascii(data, label)
    plain = _utf8(data)
    labelled = None if _is_proven(plain, label) else _strict(data, label)
    if labelled is not None and label.startswith(_WIDE) and b"\x00" not in data:
        # any octets are letters in it, and a line end or a blank of it has a zero
        return tuple(dict.fromkeys((labelled, *decode(data))))
    if b"\x00" in data or (plain is None and labelled is None):
        if name := wide.charset(data):
            shown = data.decode(name, "replace")
            labelled = _strict(data, label) if label else None
            return (shown,) if labelled in (None, shown) else (shown, labelled)
    return _guessed(data, label, plain, labelled)


def paired(text: str) -> str:
    """Halves of letters (surrogates) joined, and those without a partner replaced: they are no
    text, and cannot be written as UTF-8.

    >>> paired("\\ud83d\\ude00") == "\\U0001f600", paired("1\\ud83d2")
    (True, '1\ufffd2')
    """
    if not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _marked(data: bytes, name: str, label: str) -> tuple[str, ...]:
    """What stands behind the mark of `name`: two octets alone do not make UTF-16 of other text."""
    shown = data.decode(name, "replace")
    if name == "utf-8":
        proven = _utf8(data) is not None and b"\x1b" not in data
    else:
        proven = wide.charset(data) == name
    return (shown,) if proven else tuple(dict.fromkeys((shown, *decode(data, label))))


def is_foreign(data: bytes, label: str) -> bool:
    """Whether octets are in a charset that only its name is known of: an EBCDIC of Japan has other
    octets for digits than all that are read here. Text that shows kana was read.

    >>> is_foreign(b"\\xf1\\xf2\\xf3", "ibm-930"), is_foreign(b"123", "ibm-930")
    (True, False)
    """
    name = label.strip().strip("\"'").lower()[:40]
    if name in _CODECS or data.isascii() or name.startswith("iso-2022-jp"):
        return False
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return _utf8(data) is None and not _KANA.search(decode(data, label)[0])
    return False


def utf8(data: bytes, label: str = "") -> str | None:
    """The one reading of what is UTF-8 and is said to be, None for all else; see `decode`."""
    if label not in _IN_UTF8 and label.strip("\"' ").lower() not in _IN_UTF8:
        return None
    if b"\x1b" in data or b"\x0e" in data:
        return None
    if b"\x00" in data or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    if data.isascii():
        return None if wide.hides_utf_7(data) else data.decode("ascii")
    return _utf8(data.removeprefix(codecs.BOM_UTF8))


def is_japanese(data: bytes) -> bool:
    """Whether octets are text in one of the usual charsets, and not by chance."""
    return any((text := _by(name, data)) is not None and _sound(text) for name in _LADDER)


def iso_2022_jp(data: bytes) -> str:
    """CP50221 and what else is switched by escapes: JIS X 0208, 0212, 0213, GB 2312, KS X 1001.

    >>> iso_2022_jp(b"\\x1b$B-!-j\\x1b(B 1")
    '①㈱ 1'
    """
    if not _IRREGULAR.search(data):
        return data.decode("iso2022_jp", _MICROSOFT)
    return _by_segments(data)


def _row_13(error: UnicodeError) -> tuple[str, int]:
    """What the codec of the standard library does not know, as an error handler of it."""
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    pair = pair if len(pair) == 2 and pair[1] > 0x20 else pair[:1]
    return _microsoft(pair), error.start + len(pair)


codecs.register_error(_MICROSOFT, _row_13)


def _by_segments(data: bytes) -> str:
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
    if label.startswith("iso-2022-jp"):
        return (best,)
    # Other readers show what the escapes turn into kanji: an escape itself is not seen.
    if data.isascii():
        return tuple(dict.fromkeys((best, data.decode("ascii"))))
    readings = (*_guessed(data, label, _utf8(data), _strict(data, label)), best)
    return tuple(dict.fromkeys(readings if label else reversed(readings)))


def _ascii(data: bytes, label: str) -> tuple[str, ...]:
    plain = data.decode("ascii")
    name = label if "utf-7" in label or (label.startswith("hz") and "~{" in plain) else ""
    if wide.hides_utf_7(data):
        name = "utf-7"
    if name:
        codec = _CODECS.get(name, (name,))[0]
        hidden = paired(_strict(data, name) or data.decode(codec, "replace"))
        return (plain,) if hidden == plain else (hidden, plain)
    if label.startswith(_WIDE) and (text := _strict(data, label)):
        return (plain, text)
    return (plain,)


def _is_proven(utf8: str | None, label: str) -> bool:
    """Eight-bit text is not valid UTF-8 by chance."""
    return utf8 is not None and label in _IN_UTF8


def _guessed(data: bytes, label: str, utf8: str | None, labelled: str | None) -> tuple[str, ...]:
    """`utf8` and `labelled`: the octets read as such, None where they are not."""
    if utf8 is not None and _is_proven(utf8, label):
        return (utf8,)
    if labelled is not None and _sound(labelled):
        # Any octets are kanji in UTF-16 and in Chinese sets; not so in those of Japan.
        told = _CODECS.get(label, (label,))[0] in _LADDER
        others = (utf8,) if told else (_by(name, data) for name in _LADDER)
        sound = [t for t in others if t is not None and _sound(t)]
        return tuple(dict.fromkeys((labelled, *sound))) if sound else (labelled,)
    readings: list[str] = []
    for text in (*(_by(name, data) for name in _LADDER), labelled):
        if text is not None and text not in readings:  # no set, which would hash all of it
            readings.append(text)
    ranked = sorted(((_score(text), text) for text in readings), reverse=True)
    if not ranked:
        return (_damaged_utf8(data) or _forced(data, label),)
    (best, likeliest), *less = ranked
    if best < 0 and (damaged := _damaged_utf8(data)):
        return (damaged, likeliest)
    rest = [t for score, t in less if score > best // 2 or (t == labelled and score >= 0)]
    if utf8 is not None and any(text == utf8 for _, text in less):
        rest = [utf8]  # any octets are text in some charsets that a label may name
    return (likeliest, *rest[:1])


def _sound(text: str) -> bool:
    """Japanese with next to nothing that does not belong there."""
    good, bad = _weights(text)
    return good > 0 and bad * 20 <= good


def _score(text: str) -> int:
    good, bad = _weights(text)
    return good - 3 * bad


def _weights(text: str) -> tuple[int, int]:
    sample = _foreign(text[:_SAMPLE])
    good, bad, mojibake = (
        sum(map(len, pattern.findall(sample))) for pattern in (_GOOD, _BAD, _MOJIBAKE)
    )
    return good, bad + mojibake


def _foreign(text: str) -> str:
    """As much of what is beyond ASCII as is weighed, blanks between."""
    for much in (_WEIGHED + 1_000, 4 * _WEIGHED, _SAMPLE):
        found = _ASCII.sub(" ", text[:much]).lstrip(" ")
        if len(found) >= _WEIGHED or much >= len(text):
            break
    return found[:_WEIGHED]


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
