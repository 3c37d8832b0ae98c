"""Small things shown in text: sizes, masked addresses, counts, the icon of a file."""

from __future__ import annotations

import re

from markupsafe import Markup

from gateway.face.i18n import Words

_ICONS = {
    "file-spreadsheet": ("xlsx", "xlsm", "xlsb", "xls", "csv", "tsv", "ods"),
    "file-archive": ("zip", "7z", "lzh", "rar", "tar", "gz", "tgz", "cab"),
    "file-text": ("pdf", "docx", "docm", "doc", "txt", "rtf", "odt", "pptx", "ppt", "jtd", "html"),
    "file-image": ("png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "heic", "webp"),
    "mail": ("eml", "msg"),
}
_BY_SUFFIX = {suffix: icon for icon, suffixes in _ICONS.items() for suffix in suffixes}


def size(octets: int, words: Words) -> str:
    """84KB: powers of ten, as the limits in the configuration.

    A shown zero would be read as an empty file, so what is not empty is at least 1.
    """
    if octets < 1_000:
        return words.many("%(num)sバイト", octets)
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if octets >= unit:
            return f"{octets / unit:.1f}".removesuffix(".0") + name
    return f"{round(octets / 1_000)}KB"


def count(number: int, words: Words) -> str:
    """1,204件 / 1,204 items"""
    return words.many("%(shown)s件", number, shown=f"{number:,}")


_NAMES = re.compile(r"((?:[\w.+-]+@)?[\w-]+(?:\.[\w-]+)+)", re.A)


def unbroken(sentence: str) -> Markup:
    """Domains and addresses in it stay on one line where there is room: nobody sees the one letter
    that differs in a domain that breaks at its hyphen.

    >>> unbroken("sr-ofice.example です")
    Markup('<span class="nb">sr-ofice.example</span> です')
    """
    pieces = _NAMES.split(sentence)
    for at in range(1, len(pieces), 2):
        pieces[at] = Markup('<span class="nb">%s</span>') % pieces[at]
    return Markup("").join(pieces)


def masked_address(address: str) -> str:
    """s****@sr-office.example.jp: enough to know one's own mailbox, not enough to learn another's.

    Always four stars: the length of the local part would narrow it down.
    """
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}****@{domain}" if at and local else "****"


def file_icon(name: str) -> str:
    """The sprite's symbol for a file of this name."""
    return _BY_SUFFIX.get(name.rpartition(".")[2].lower(), "file")
