"""Header fields: unfolding, encoded words (RFC 2047) as they are really written, addresses.

Our own, since the standard library puts a space between encoded words of addresses (which splits
a number in two) and takes 3.3 GiB for 20,000 of them.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from detectors import charset
from detectors.budget import Limits
from detectors.report import Headers, Mailbox

_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_WORD = re.compile(
    rb"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?"
    rb"(?:([bB])\?([A-Za-z0-9+/=_\- \t]*)|[qQ]\?([^?\r\n]*))\?="
)
_PLAIN_BASE64 = bytes.maketrans(b"-_", b"+/")
# Closed or not, each token consumes what it begins: linear on 16 KiB of quotes.
_ADDRESS_TOKEN = re.compile(
    r'(?P<quoted>"(?P<inside>(?:[^"\\]|\\.)*+)"?)|(?P<angle><[^>]*+>?)|(?P<paren>[()])|(?P<stop>[,;])'
    r"|(?P<group>:)|(?P<plain>[^\"<>(),;:]++|>)",
    re.S,
)
_ESCAPED = re.compile(r"\\(.)", re.S)
_ID = re.compile(r"<[^<>\s]{1,998}>")

MACHINE = frozenset(
    b"received message-id references in-reply-to date return-path delivered-to mime-version "
    b"content-type content-transfer-encoding content-disposition content-id content-language "
    b"dkim-signature domainkey-signature authentication-results received-spf thread-index "
    b"arc-seal arc-message-signature arc-authentication-results x-mailer user-agent "
    b"x-received x-google-dkim-signature x-gm-message-state x-google-smtp-source "
    b"x-ms-exchange-crosstenant-network-message-id x-originatororg autocrypt".split()
)
"""Fields that machines fill for machines: stamps and ids, twelve digits by the dozen."""


class Field(NamedTuple):
    """One header field: `name` in lower case, `value` as it stands, folds and all.

    `name` is empty for a line that is no field at all.
    """

    name: bytes
    value: bytes
    offset: int = 0


def unfold(value: bytes) -> bytes:
    """
    >>> unfold(b" a\\r\\n\\tb\\r\\n")
    b'a\\tb'
    """
    return (_FOLD.sub(b"", value) if b"\n" in value else value).strip(b" \t\r\n")


def text(value: bytes, limits: Limits) -> str:
    """What a reader sees: encoded words undone, raw eight-bit and ISO-2022-JP text decoded.

    Neighbouring words of one charset are joined as octets first: many mailers cut a character,
    or a number, in two. What is over `limits.header` or `limits.encoded_words` stays as it is.

    >>> text(b"=?utf-8?q?12345678?= =?utf-8?q?9018?= ok", Limits())
    '123456789018 ok'
    """
    if not value:
        return ""
    value = unfold(value[: limits.header])
    if b"=?" not in value:
        return charset.decode(value)[0]
    out: list[str] = []
    run: list[bytes] = []
    label, at = "", 0
    for count, word in enumerate(_WORD.finditer(value)):
        if count >= limits.encoded_words:
            break
        between = value[at : word.start()]
        apart = bool(between.strip())
        named = word[1].decode("latin-1").lower()
        if run and (named != label or apart):
            out.append(_said(b"".join(run), label))
            run = []
        if apart:
            out.append(charset.decode(between)[0])
        run.append(_octets(word))
        label, at = named, word.end()
    out.append(_said(b"".join(run), label))
    if at < len(value):
        out.append(charset.decode(value[at:])[0])
    return "".join(out)


def _said(octets: bytes, label: str) -> str:
    """Both readings of escapes that the label does not speak of: one of them may be a number."""
    readings = charset.decode(octets, label)
    told = b"\x1b" not in octets or label.startswith("iso-2022")
    return readings[0] if told else " ".join(readings)


def _octets(word: re.Match[bytes]) -> bytes:
    if not word[2]:
        return binascii.a2b_qp(word[4], header=True)
    packed = word[3].translate(_PLAIN_BASE64, b" \t=")
    packed = packed[:-1] if len(packed) % 4 == 1 else packed
    return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))


def mailboxes(value: bytes, limits: Limits) -> tuple[Mailbox, ...]:
    """The addresses of a list, for showing; recipients are taken from the envelope, never here.

    Takes what people really write: groups, comments, encoded words in quotes, and the
    `a..b.@docomo.ne.jp` of Japanese carriers.
    """
    if not value:
        return ()
    raw = unfold(value[: limits.header])
    found: list[Mailbox] = []
    for name, address in _split_addresses(charset.decode(raw)[0]):
        if name or address:
            shown = text(name.encode(), limits) if "=?" in name else name
            found.append(Mailbox(shown.strip()[:1_000], address.strip()[:1_000]))
        if len(found) >= limits.addresses:
            break
    return tuple(found)


def _split_addresses(value: str) -> Iterator[tuple[str, str]]:
    """Pairs (display name, address)."""
    words: list[str] = []
    comment: list[str] = []
    address, depth = "", 0
    for token in _ADDRESS_TOKEN.finditer(value):
        kind, piece = token.lastgroup, token[0]
        if kind == "paren":
            depth = depth + 1 if piece == "(" else max(0, depth - 1)
        elif depth:
            comment.append(piece)
        elif kind == "stop":
            yield _mailbox(words, comment, address)
            words, comment, address = [], [], ""
        elif kind == "group" and not address:
            words = []
        elif kind == "angle":
            address = address or piece.strip("<>")
        else:
            words.append(_ESCAPED.sub(r"\1", token["inside"]) if kind == "quoted" else piece)
    yield _mailbox(words, comment, address)


def _mailbox(words: list[str], comment: list[str], address: str) -> tuple[str, str]:
    name = " ".join("".join(words).split())
    if not address and "@" in name:
        return "".join(comment), name.replace(" ", "")
    return name or "".join(comment).strip(), address


_PLAIN = re.compile(r"[^\s<>,;:()@\"]{1,64}@[\w.-]{1,255}")
FORWARDED = (
    b"x-ms-exchange-inbox-rules-loop",
    b"x-forwarded-for",
    b"x-sieve-redirected-from",
    b"resent-from",
)
"""In which a server notes whose mail it hands on (Exchange, Gmail, Sieve, RFC 5322 §3.6.6)."""


TO_US = ("x-sekisho", "x-sekisho-purpose")
"""What programs and templates say to us, and to nobody else: how a mail is to be treated, and what
it is sent for."""
WISHES = ("sensitivity", *TO_US)
"""With 秘密度 of Outlook (RFC 4021 §2.1.55)."""


def read(
    fields: Iterable[Field],
    limits: Limits,
    mask: Callable[[str], str],
    said: Callable[[bytes], str],
) -> Headers:
    """The few fields that the floors above need. `mask` hides the digits of numbers, `said` is
    `text`, or knows what it said before."""
    first: dict[bytes, bytes] = {}
    for field in fields:
        first.setdefault(field.name, field.value)

    def shown(name: bytes) -> str:
        return mask(said(first[name]))[:1_000] if name in first else ""

    def people(name: bytes) -> tuple[Mailbox, ...]:
        boxes = mailboxes(first[name], limits) if name in first else ()
        together = ";".join([part for box in boxes for part in (box.name, box.address)])
        if mask(together) == together:  # in one go: nothing joins two numbers over a ";"
            return boxes
        return tuple(Mailbox(mask(b.name)[:1_000], mask(b.address)[:1_000]) for b in boxes)

    def named(name: bytes) -> str:
        # Gmail writes two addresses side by side: whose mail it was, and where it goes
        found = _PLAIN.search(shown(name)) if name in first else None
        return found[0] if found else ""

    def ids(name: bytes) -> tuple[str, ...]:
        value = first.get(name)
        return tuple(_ID.findall(unfold(value).decode("latin-1")))[-100:] if value else ()

    return Headers(
        subject=shown(b"subject"),
        sender=people(b"from"),
        to=people(b"to"),
        cc=people(b"cc"),
        message_id=next(iter(ids(b"message-id")), ""),
        in_reply_to=next(iter(ids(b"in-reply-to")), ""),
        references=ids(b"references"),
        date=shown(b"date"),
        auto_submitted=shown(b"auto-submitted").split(";")[0].strip().lower(),
        list_id=shown(b"list-id"),
        list_post=named(b"list-post"),
        wishes=tuple(f"{name}: {wish}" for name in WISHES if (wish := shown(name.encode()))),
        forwarded_by=next(filter(None, map(named, FORWARDED)), ""),
    )
