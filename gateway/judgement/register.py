"""The register of the company's own numbers as a file: made from a CSV, read, dropped.

The CSV is streamed: a row is read, its number becomes a tag, the number is forgotten. What is said
of a file are counts and row numbers, never a digit; no row is quoted in any message.
"""

from __future__ import annotations

import codecs
import csv
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

from detectors import words
from detectors.numbers import ValidationError, individual_number
from detectors.register import OCTETS, Register, TooMany, build, tag_of
from gateway.memory import keys
from gateway.memory.config import Config
from gateway.memory.faults import Faulty, Refused, at

MAGIC = b"sekisho register 1\n"
_SAMPLE = 1 << 16
_SAMPLE_ROWS, _HEADING_ROWS = 500, 60
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_TOLD = 20
"""Row numbers named of those that hold no valid number."""
_SHORTEST = 8
"""Digits that are left when a spreadsheet took the zeros off."""


class Damaged(Faulty):
    """The file is not a register, or was made under another key."""


@dataclass(slots=True)
class Counts:
    """Rows of a list, told without any of their contents."""

    rows: int = 0
    valid: int = 0
    restored: int = 0
    """Valid once lost zeros were put back."""
    empty: int = 0
    invalid: int = 0
    first_invalid: list[int] = field(default_factory=list)
    """Row numbers, as a spreadsheet counts."""

    def refuse(self, row: int) -> None:
        self.invalid += 1
        if len(self.first_invalid) < _TOLD:
            self.first_invalid.append(row)


def path(config: Config) -> Path:
    return config.data_dir / "register"


def key_path(config: Config) -> Path:
    return config.data_dir / "keys" / "register"


# -- the file


def load(config: Config) -> Register | None:
    """None where there is none. Raises Damaged, keys.KeyMissing, OSError."""
    try:
        data = path(config).read_bytes()
    except FileNotFoundError:
        return None
    key = _key(config)
    head, bits, seal = data[: len(MAGIC)], data[len(MAGIC) : -32], data[-32:]
    whole = head == MAGIC and len(bits) == OCTETS
    if not whole or not hmac.compare_digest(seal, _seal(key, bits)):
        raise Damaged(at(path(config), "register_damaged"))
    return Register(key, bits)


def save(config: Config, register: Register) -> None:
    keys.write_durably(path(config), MAGIC + register.bits + _seal(register.key, register.bits))


def drop(config: Config) -> bool:
    """Both are overwritten; without its key no copy of the file tells anything. False where there
    is neither."""
    found = [each for each in (key_path(config), path(config)) if each.exists()]
    for each in found:
        each.chmod(0o600)
        keys.shred(each)
    return bool(found)


def prepare_key(config: Config) -> bytes:
    """The one key of all builds (`detectors.register` says why), made by the first of them."""
    folder = key_path(config).parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.create_secret(key_path(config))
    return _key(config)


def _key(config: Config) -> bytes:
    try:
        return key_path(config).read_bytes()
    except FileNotFoundError:
        raise keys.KeyMissing(at(key_path(config), "no_key_of_register")) from None


def _seal(key: bytes, bits: bytes) -> bytes:
    return hmac.digest(key, b"register " + bits, "sha256")


# -- the list


def made(key: bytes, list_: Path, column: str = "") -> tuple[Register, Counts]:
    """A register of the numbers in a CSV; `column` is a heading or a number from 1.

    Raises Refused, OSError.
    """
    charset, delimiter = _form(list_)
    with list_.open(encoding=charset, newline="") as file:
        start, index = _column(list(islice(_rows(file, delimiter), _SAMPLE_ROWS)), column)
    counts = Counts()
    with list_.open(encoding=charset, newline="") as file:
        # A set of tags and not of numbers, and no longer than this statement.
        tags = set(_tags(key, islice(_rows(file, delimiter), start, None), index, start, counts))
    if not counts.valid:
        raise Refused("no_numbers", column=index + 1, rows=counts.rows)
    if counts.invalid > counts.valid:
        raise Refused(
            "other_numbers",
            rows=counts.rows,
            invalid=counts.invalid,
            column=index + 1,
            listed=", ".join(map(str, counts.first_invalid[:5])),
        )
    try:
        return build(key, tags), counts
    except TooMany:
        raise Refused("too_many_numbers", count=counts.valid) from None


def _form(list_: Path) -> tuple[str, str]:
    """Charset and delimiter; the whole file is read once to be sure of the first."""
    # Here: the core imports this module, and must not load the readers of hostile files.
    from detectors.extract.plain import table_delimiter

    with list_.open("rb") as file:
        head = file.read(4)
    marked = (charset for mark, charset in _MARKS.items() if head.startswith(mark))
    charset = next(marked, "") or _charset(list_)
    with list_.open(encoding=charset, newline="") as text:
        return charset, table_delimiter(text.read(_SAMPLE)) or ","


def _charset(list_: Path) -> str:
    for charset in ("utf-8", "cp932", "euc_jp"):
        try:
            with list_.open(encoding=charset, newline="") as file:
                while file.read(_SAMPLE):
                    pass
            return charset
        except UnicodeDecodeError:
            continue
    raise Refused("no_charset_of_table")


def _rows(file: TextIO, delimiter: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader((line.replace("\0", "") for line in file), delimiter=delimiter):
            yield [_bare(cell) for cell in row]
    except csv.Error:
        raise Refused("quote_not_closed") from None


def _bare(cell: str) -> str:
    """="0123…" and '0123…, by which people keep zeros."""
    return cell.strip().removeprefix("=").strip('"').removeprefix("'")


def _column(rows: list[list[str]], asked: str) -> tuple[int, int]:
    """Index of the first row below the headings, and of the column."""
    if asked.isascii() and asked.isdigit():
        index = int(asked) - 1
        if not 0 <= index < max(map(len, rows), default=0):
            raise Refused("no_column", name=asked)
        return _below(rows, index), index
    for number, row in enumerate(rows[:_HEADING_ROWS], 1):
        for index, cell in enumerate(row):
            if words.fold(cell) == words.fold(asked) if asked else _is_heading(cell):
                return number, index
    if asked:
        raise Refused("no_column", name=asked)
    if (found := _by_content(rows)) is None:
        raise Refused("no_number_column")
    return _below(rows, found), found


def _is_heading(cell: str) -> bool:
    label = words.heading(cell)
    return label is not None and label.kind == individual_number.KIND and not _number(cell)[0]


def _below(rows: list[list[str]], index: int) -> int:
    """Rows above the first number are headings."""
    filled = ((at, row[index]) for at, row in enumerate(rows) if index < len(row))
    return next((at for at, cell in filled if _number(cell)[0]), 0)


def _by_content(rows: list[list[str]]) -> int | None:
    """The column in which most filled cells are valid numbers."""
    best, most = None, 0
    for index in range(max(map(len, rows), default=0)):
        cells = [row[index] for row in rows if index < len(row) and row[index]]
        valid = sum(bool(_number(cell)[0]) for cell in cells)
        if valid > most and 5 * valid >= 4 * (len(cells) - 1):
            best, most = index, valid
    return best


def _tags(
    key: bytes, rows: Iterator[list[str]], index: int, start: int, counts: Counts
) -> Iterator[int]:
    for number, row in enumerate(rows, start + 1):
        counts.rows += 1
        cell = row[index] if index < len(row) else ""
        digits, restored = _number(cell)
        if digits:
            counts.valid += 1
            counts.restored += restored
            yield tag_of(key, digits)
        elif cell:
            counts.refuse(number)
        else:
            counts.empty += 1


def _number(cell: str) -> tuple[str, bool]:
    """The valid number that a cell is, or "", and whether zeros were put back."""
    try:
        digits = individual_number.compact(cell.removesuffix(".0"))
    except ValidationError:
        return "", False
    padded = digits.zfill(12) if _SHORTEST <= len(digits) < 12 else digits
    return (padded, padded != digits) if individual_number.is_valid(padded) else ("", False)
