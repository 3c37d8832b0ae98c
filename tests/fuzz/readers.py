"""How other programs read a mail: many readers of the standard library, each lenient in its way.

None of them is right; a recipient has one of them. What any of them shows as text and Sekisho
neither finds nor doubts is a leak.
"""

from __future__ import annotations

import email
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.message import Message
from html.parser import HTMLParser

_SINGLE = re.compile(rb"(?im)^(content-(?:type|transfer-encoding|disposition))[ \t]*:")

_SAID = re.compile("個人番号|My Number:")
_NEAR = 40
"""Characters."""

Reader = Callable[[bytes], bytes]
"""What a program does to the octets before it parses them."""


def _as_it_is(raw: bytes) -> bytes:
    return raw


def _any_line_end(raw: bytes) -> bytes:
    return re.sub(rb"\r\n|\r|\n", b"\r\n", raw)


def _no_lone_return(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"")


def _no_nul(raw: bytes) -> bytes:
    return raw.replace(b"\0", b"")


def _colon_after_blank(raw: bytes) -> bytes:
    return _SINGLE.sub(rb"\1:", raw)


def _without_first_blank_lines(raw: bytes) -> bytes:
    return raw.lstrip(b"\r\n \t")


LENIENCES: tuple[Reader, ...] = (
    _as_it_is, _any_line_end, _no_lone_return, _no_nul, _colon_after_blank,
    _without_first_blank_lines,
)  # fmt: skip


def shown(raw: bytes) -> Iterator[str]:
    """Everything that one of the readers shows."""
    for lenience in LENIENCES:
        changed = lenience(raw)
        if lenience is _as_it_is or changed != raw:
            yield from _by_library(changed)


def shows(raw: bytes, number: str) -> bool:
    """Whether a person would read the number, and right before it what it is, by one reader."""
    return any(
        _SAID.search(text, max(0, at - _NEAR), at)
        for text in shown(raw)
        if (at := text.find(number)) >= 0
    )


def _by_library(raw: bytes) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            message = email.message_from_bytes(raw)
        except Exception:  # its readers raise, too
            return
        for part in message.walk():
            if part.is_multipart():
                continue
            for position in (0, -1):
                yield from _content(part, position)


def _content(part: Message, position: int) -> Iterator[str]:
    """The content of a part, by the first or the last of the fields that tell its encoding."""
    encodings = part.get_all("content-transfer-encoding") or [""]
    del part["content-transfer-encoding"]
    with suppress(Exception):
        part["content-transfer-encoding"] = str(encodings[position]).strip().lower()
        data = part.get_payload(decode=True)
        if isinstance(data, bytes):
            texts = _texts(data, str(part.get_param("charset", "")))
            is_page = part.get_content_type() == "text/html"
            yield from map(_Page.text, texts) if is_page else texts
    del part["content-transfer-encoding"]
    for encoding in encodings:
        part["content-transfer-encoding"] = encoding


class _Page(HTMLParser):
    """What a page shows: neither tags nor comments, nor scripts and styles."""

    @classmethod
    def text(cls, source: str) -> str:
        page = cls()
        page.words, page.silent = [], False
        page.feed(source)
        return "".join(page.words)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.silent = tag in ("script", "style", "template")

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(data)


def _texts(data: bytes, label: str) -> Iterator[str]:
    if data.startswith(b"PK\x03\x04"):
        with suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield re.sub("<[^>]*>", "", archive.read(name).decode("utf-8", "replace"))
    for charset in dict.fromkeys((label, "utf-8", "iso2022_jp", "cp932")):
        with suppress(LookupError, ValueError):
            yield data.decode(charset)
    yield data.decode("latin-1")
