"""libarchive, spoken to through its C interface: the members of one archive, from memory.

The high-level reader of the binding takes a checksum that fails for data (its loop ends on 0, and
a warning is -20), and its log quotes names of members; so only its declarations are used. Formats
and filters are named one by one: "all" would start programs of the machine (lrzip, grzip).
"""

from __future__ import annotations

import ctypes
import errno
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import Any

from detectors.budget import Budget
from detectors.extract.reading import Missing, Refused, drain, visible, whole

PACKAGE = "libarchive13"
MEMBERS = 10_000
_END, _WARNING = 1, -20
_KIND, _FOLDER, _FILE = 0o170000, 0o040000, 0o100000
_POINTER = ctypes.c_void_p
_CALLS: tuple[tuple[str, str, Any, tuple[Any, ...]], ...] = (
    ("next_header", "archive_read_next_header2", ctypes.c_int, (_POINTER, _POINTER)),
    ("data", "archive_read_data", ctypes.c_ssize_t, (_POINTER, _POINTER, ctypes.c_size_t)),
    ("set_options", "archive_read_set_options", ctypes.c_int, (_POINTER, ctypes.c_char_p)),
)
_PAIR = re.compile(rb"([\x81-\x9f\xe0-\xfc])(.)", re.DOTALL)
"""A letter of two octets in CP932."""
# The rest (links, devices, pipes) has no octets of its own. RAR 5 sets no kind at all on files.
_WITH_DATA = (_FILE, 0)


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    folder: bool
    data: bytes | None = None
    """None: a folder or a link, or it could not be read."""
    trouble: str = ""
    """Why it could not be read, as a reason code."""


def items(
    data: bytes,
    budget: Budget,
    formats: tuple[str, ...],
    filters: tuple[str, ...] = (),
    password: bytes = b"",
) -> Iterator[Item]:
    """The members one after the other. Raises Missing, Refused; OverBudget on the way."""
    lib = _library()
    with _opened(lib, data, formats, filters, password) as (archive, raw_names):
        entry = lib.entry_new()
        try:
            for count in range(MEMBERS + 1):
                budget.time()
                code = lib.next_header(archive, entry)
                if code == _END:
                    return
                if code < _WARNING:
                    raise Refused(_trouble(lib, archive))
                if count == MEMBERS:
                    raise Refused("over_budget", limit="members")
                name = _name(lib, entry, raw_names)
                yield _item(lib, archive, entry, name, budget, len(data))
        finally:
            lib.entry_free(entry)


def _item(lib: Any, archive: int, entry: int, name: str, budget: Budget, packed: int) -> Item:
    kind = lib.entry_filetype(entry) & _KIND
    if kind not in _WITH_DATA:
        return Item(name, kind == _FOLDER)
    try:
        return Item(name, False, drain(partial(_read, lib, archive), budget, packed))
    except _Stopped:
        locked = lib.entry_is_encrypted(entry) == 1
        return Item(name, False, None, "encrypted_archive" if locked else _trouble(lib, archive))


class _Stopped(Exception):
    pass


def _read(lib: Any, archive: int, size: int) -> bytes:
    buffer = ctypes.create_string_buffer(size)
    got = lib.data(archive, buffer, size)
    if got < 0:
        raise _Stopped
    return buffer.raw[:got]


def _name(lib: Any, entry: int, raw_names: bool) -> str:
    name = (lib.entry_pathname_utf8(entry) or b"").decode("utf-8", "replace")
    if not raw_names:
        return whole(name or visible(lib.entry_pathname(entry) or b""))
    try:
        raw = name.encode("latin-1")
        return whole(raw.decode("utf-8"))
    except UnicodeEncodeError:  # the archive itself has told its charset
        return whole(name)
    except UnicodeDecodeError:
        # In CP932 the second octet of 表 and 予 is a backslash, of which a slash was made.
        return visible(_PAIR.sub(lambda pair: pair[1] + pair[2].replace(b"/", b"\\"), raw))


def _trouble(lib: Any, archive: int) -> str:
    """A reason code. Of the message only known words are looked at: it may quote a name."""
    if lib.errno(archive) == errno.ENOMEM:
        raise Refused("over_budget", limit="memory")
    message = (lib.error_string(archive) or b"").lower()
    # Not by archive_read_has_encrypted_entries: it crashes where no format was recognised.
    if b"encrypt" in message or b"passphrase" in message:
        return "encrypted_archive"
    if b"not supported" in message or b"unsupported" in message or b"support unavail" in message:
        return "archive_not_supported"
    return "corrupt"


@contextmanager
def _opened(
    lib: Any, data: bytes, formats: tuple[str, ...], filters: tuple[str, ...], password: bytes
) -> Iterator[tuple[int, bool]]:
    """(the archive, whether its names come as the octets that they are)."""
    archive = lib.read_new()
    try:
        for name in formats:
            lib.get_read_format_function(name)(archive)
        for name in filters:
            lib.get_read_filter_function(name)(archive)
        # A name that its charset does not have would end the reading: Latin-1 has every octet.
        raw_names = lib.set_options(archive, b"hdrcharset=ISO-8859-1") == 0
        if password:
            lib.read_add_passphrase(archive, password)
        try:
            lib.read_open_memory(archive, data, len(data))
        except Exception:
            raise Refused(_trouble(lib, archive)) from None
        yield archive, raw_names
    finally:
        lib.read_free(archive)


@cache
def _library() -> Any:
    """The declarations of libarchive-c, with those that it leaves out."""
    logging.getLogger("libarchive").setLevel(logging.CRITICAL + 1)
    try:
        lib = import_module("libarchive.ffi")
        entry = [lib.c_archive_entry_p]
        lib.ffi("entry_pathname_utf8", entry, ctypes.c_char_p)
        lib.ffi("entry_is_encrypted", entry, ctypes.c_int)
        # Prototypes of our own, since those of the binding raise, log and let warnings pass.
        for name, call, result, arguments in _CALLS:
            setattr(lib, name, ctypes.CFUNCTYPE(result, *arguments)((call, lib.libarchive)))
        return lib
    except (ImportError, OSError, AttributeError, TypeError):
        raise Missing(PACKAGE) from None
