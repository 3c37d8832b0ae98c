"""Domains that look like another: typed with a slip, drawn alike, or ending otherwise.

All is compared on the stem, without the ending (".co.jp", ".com"), and found by look-up: each
known domain stands under all spellings of its stem with one letter left out, and so does the one
that is asked for (deletion neighbourhood, Garbe 2012). 100,000 known domains cost what ten do.
"""

from __future__ import annotations

import hashlib
import unicodedata

import idna

SHORTEST = 5
"""Letters of a stem in which one may differ: nec and nac are two companies."""
LONGEST = 63

_SECOND_LEVEL = frozenset(
    """co.jp or.jp ne.jp ac.jp ad.jp ed.jp go.jp gr.jp lg.jp co.uk org.uk ac.uk com.cn net.cn
    com.tw com.hk co.kr com.sg com.au co.th co.in com.br com.my co.nz""".split()
)
# Drawn alike in the fonts of mail programs; two letters first.
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("1iı|ӏіｌ", "l"),
        **dict.fromkeys("0οо", "o"),
        **dict(zip("5аеорсхуѕјԁһνκτց", "saeopcxysjdhvktg", strict=True)),
        **dict.fromkeys("-_", ""),
    }
)
_DOPPELGANGERS = {
    "gmail.com": """gmai.com gmeil.com gmial.com gmaul.com gmali.com gamil.com gnail.com gmaill.com
        gmail.co gmail.cm gmail.om gmail.con gmail.co.jp gmail.jp gmail.ne.jp gmsil.com gmaip.com
        gmal.com gmil.com ggmail.com gmaio.com gmauil.com gmailc.om googlemail.co""",
    "yahoo.co.jp": """yahooo.co.jp yaho.co.jp yahoo.co.jo yahoo.cojp yahho.co.jp yhoo.co.jp
        yafoo.co.jp yahoo.jp yahoo.ne.jp yahoo.or.jp yahu.co.jp yahoo.co yahoo.c.jp yahooo.jp""",
    "yahoo.com": "yaho.com yahooo.com yahoo.con yahoo.cm yhoo.com yahho.com",
    "hotmail.com": "hotmai.com hotmial.com hotmal.com hotmil.com homail.com hotmail.con",
    "hotmail.co.jp": "hotmai.co.jp hotmial.co.jp hotmail.jp",
    "outlook.com": "outlok.com outllok.com outlook.con outloook.com outook.com",
    "outlook.jp": "outlok.jp outlook.co.jp outloook.jp",
    "icloud.com": "iclod.com icoud.com icloud.co iclould.com icloud.con icloud.jp icluod.com",
    "docomo.ne.jp": "docomo.co.jp docomo.ne.jo dokomo.ne.jp docom.ne.jp docomo.jp docomo.or.jp",
    "ezweb.ne.jp": "ezeb.ne.jp ezweb.co.jp ezwab.ne.jp ezweb.ne.jo eweb.ne.jp ezweb.jp",
    "softbank.ne.jp": "sofbank.ne.jp softbank.co.jo sotbank.ne.jp softbnk.ne.jp",
    "nifty.com": "nfty.com nifty.con nifity.com niftiy.com",
}
KNOWN_SLIPS = {wrong: right for right, all_ in _DOPPELGANGERS.items() for wrong in all_.split()}
"""Registered by others and waiting for mail: gmai.com had thousands of a university's."""


def alike(this: str, usual: str) -> str:
    """Why `this` may be meant for `usual`, as a reason code; "" where they are no neighbours.

    >>> alike("sr-offlce.example", "sr-office.example"), alike("exarnple.jp", "example.jp")
    ('one_letter_off', 'looks_the_same')
    >>> alike("sample.com", "sample.co.jp"), alike("nac.co.jp", "nec.co.jp")
    ('other_ending', '')
    """
    (stem, ending), (theirs, other) = split(this), split(usual)
    if this == usual or not stem:
        return ""
    if stem == theirs:
        return "other_ending"
    drawn_alike = skeleton(stem) == skeleton(theirs)
    if drawn_alike and not stem.isascii():  # nobody sees the letter that differs
        return "looks_the_same"
    if len(theirs) >= SHORTEST and ending == other and _one_slip(stem, theirs):
        return "one_letter_off"
    return "looks_the_same" if drawn_alike else ""


def spellings(domain: str) -> set[int]:
    """Under which a domain is found: of its stem, with each letter left out, and as it is drawn."""
    stem, _ = split(domain)
    if not stem:
        return set()
    texts = {f"e {stem}", f"s {skeleton(stem)}"}
    if SHORTEST - 1 <= len(stem) <= LONGEST:
        texts |= {f"e {stem[:at]}{stem[at + 1 :]}" for at in range(len(stem))}
    return {_number(text) for text in texts}


def split(domain: str) -> tuple[str, str]:
    """
    >>> split("mail.sample.co.jp"), split("sample.jp"), split("xn--eckwd4c7c.jp")
    (('mail.sample', 'co.jp'), ('sample', 'jp'), ('ドメイン', 'jp'))
    """
    labels = _shown(domain).split(".")
    cut = 2 if ".".join(labels[-2:]) in _SECOND_LEVEL else 1
    return ".".join(labels[:-cut]), ".".join(labels[-cut:])


def skeleton(stem: str) -> str:
    """Alike for all that is drawn alike.

    >>> skeleton("exarnple") == skeleton("еxample"), skeleton("g00gle") == skeleton("google")
    (True, True)
    """
    plain = unicodedata.normalize("NFKD", stem)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = plain.translate(_ALIKE)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def _shown(domain: str) -> str:
    return ".".join(_label(label) for label in domain.lower().rstrip(".").split("."))


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return unicodedata.normalize("NFKC", label)
    try:
        return idna.ulabel(label)
    except (idna.IDNAError, UnicodeError):
        return label


def _one_slip(one: str, other: str) -> bool:
    """One letter more, less, another, or two changed places; two figures that differ are two
    offices of one house."""
    if len(one) < len(other):
        one, other = other, one
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
    if len(one) == len(other):
        swapped = one[at : at + 2] == other[at : at + 2][::-1]
        if swapped and one[at + 2 :] == other[at + 2 :]:
            return True
        numbered = one[at].isdigit() and other[at].isdigit()
        return not numbered and one[at + 1 :] == other[at + 1 :]
    return len(one) == len(other) + 1 and one[at + 1 :] == other[at:] and not one[at].isdigit()


def _number(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
