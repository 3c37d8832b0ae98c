"""Whether any number can be in a page at all, without building its tree.

Most mails say everything twice, in plain text and in HTML. To parse the second costs ten times as
much as all the rest, so that only those pages are parsed that may hold a number. What a tree would
show otherwise than this does (hidden elements, entities, quotes with a ">" in them) counts as may.
"""

from __future__ import annotations

import re
from dataclasses import replace

from detectors import linear, sieve
from detectors.surface import Excerpts

_ALONE = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<style\b.*?(?:</style\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_BLOCKS = ("<p", "<div", "<br", "<li", "<h", "<P", "<DIV", "<BR", "<LI", "<H")
_WIDEST = 500
_SHOWN = (("&nbsp;", " "), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&"))
_TEXT = re.compile(r">([^<]+)")
# Tags that change how the rest is read, what may hide text or stand for a digit, pictures of one
# too. Of the entities only those that mails are full of are known here.
_DIFFICULT = linear.utf8(
    r"(?i)<(?:[^a-z/!?]|t(?:able|body|d|emplate|extarea|foot|h|head|itle|r)\b|(?:script|noscript|xmp"
    r"|iframe|plaintext|noembed|noframes|rt|rp|datalist|math|svg|input|param|object|embed)\b)"
    r"|&(?:#|[a-fh-km-pr-z]|a[^m]|am[^p]|g[^t]|l[^t]|q[^u]|(?:amp|gt|lt|quot)[^;])"
    r"|hidden|display|visibility|opacity|font-size\s*:\s*(?:\.|0|[01](?:\.[0-9]*)?p)|indent\s*:\s*-"
    r"|left\s*:\s*-|data:|white|transparent|#fff|rgba?\(\s*255"
    r"|\balt\s*=\s*[\"']?\pN[^\"'<>]{0,5}[\"'\s>]"
)


def text_without_numbers(page: str, octets: bytes) -> tuple[str, Excerpts] | None:
    """The text of a page in which no number can stand; None where it has to be read in earnest.

    `octets`: the same in UTF-8.

    >>> text_without_numbers('<p>合計 <b>12</b>円</p>', '<p>合計 <b>12</b>円</p>'.encode())[0]
    '\\n合計 12円'
    >>> text_without_numbers('<p>123456<b>789012</b></p>', b'<p>123456<b>789012</b></p>')
    """
    if b"&" in octets:
        octets = octets.replace(b"&nbsp;", b" ").replace(b"&gt;", b">")
    whole = sieve.Sieve(prose=False)
    if _DIFFICULT.search(octets) or any(whole.hits(octets)):
        return None
    page = _ALONE.sub("", page)
    if page.count("\n") * _WIDEST < len(page):  # its own lines are those of its source, else
        for block in _BLOCKS:
            page = page.replace(block, "\n" + block)
    text = "".join([page.partition("<")[0], *_TEXT.findall(page)])
    for written, shown in _SHOWN:
        text = text.replace(written, shown)
    short = sieve.excerpts(text.encode("utf-8", "replace"), text)
    # A quote in the text may be the end of an attribute with a ">" in it.
    if '"' in text or "'" in text or short.text:
        return None
    return text, replace(short, files=short.files or whole.files)
