"""Dumps of databases as SQL: the rows of INSERT as tables under the names of their columns.

mysqldump names the columns once, in CREATE TABLE, and then writes thousands of rows without them;
the comment of a column says in words what its name shortens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from detectors.budget import Budget

_WORDS = (("INSERT ", "VALUES"), ("insert ", "values"))
_NAME = r"([^\s(),;]{1,200}+)\s*+"
_STATEMENT = re.compile(
    rf"\b(?:CREATE\s++TABLE\s++(?:IF\s++NOT\s++EXISTS\s++)?{_NAME}(?=\()"
    rf"|INSERT\s++(?:IGNORE\s++)?(?:INTO\s++)?{_NAME}(\([^()]*+\))?\s*+VALUES\s*+(?=\())",
    re.IGNORECASE,
)
_TEXT = r"'(?:[^'\\]|''|\\.)*+'"
_CELL = re.compile(rf"\s*+(?:[NnEe]?({_TEXT})|([^',()]*+(?:\([^()]*+\))?))\s*+([,)])", re.DOTALL)
_NEXT_ROW = re.compile(r"\s*+,?\s*+\(")
_COLUMN = re.compile(rf"(?:[^',()]++|{_TEXT}|\((?:[^'()]++|{_TEXT})*+\))++", re.DOTALL)
_COMMENT = re.compile(rf"\bCOMMENT\s+({_TEXT})", re.IGNORECASE)
_LONG = re.compile(r"\d{4}[^\d',]{0,3}\d{4}[^\d',]{0,3}\d")
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)
_QUOTES = '`"[]'
_NOT_COLUMNS = frozenset(
    "primary key unique constraint index foreign check fulltext spatial exclude".split()
)


@dataclass(slots=True)
class Inserted:
    """The rows that go into one table, the first of them the names of its columns."""

    name: str
    rows: list[list[str]]
    telling: list[int] = field(default_factory=list)
    """Indices of the rows that a number may stand in."""


def rows_apart(text: str, budget: Budget) -> tuple[str, list[Inserted]]:
    """The text with line ends where rows stood, and the rows; (text, []) where none are."""
    # Of every text: a sign is looked for fifty times as fast as a word.
    if "(" not in text or not any(one in text and other in text for one, other in _WORDS):
        return text, []
    columns: dict[str, list[str]] = {}
    tables: dict[tuple[str, ...], Inserted] = {}
    rest, at = [], 0
    for found in _STATEMENT.finditer(text):
        budget.time()
        if found.start() < at:  # a value that looks like a statement
            continue
        if found[1]:
            columns[_bare(found[1])] = [*_columns(text, found.end())]
            continue
        name = _bare(found[2])
        heading = _listed(found[3]) if found[3] else columns.get(name, [])
        table = tables.setdefault((name, *heading), Inserted(name, [heading]))
        rest.append(text[at : found.end()])
        at = _take(text, found.end(), table)
        rest.append("\n" * text.count("\n", found.end(), at))
    return "".join((*rest, text[at:])), [*tables.values()]


def _take(text: str, at: int, table: Inserted) -> int:
    """Where the rows of a statement end."""
    while row := _NEXT_ROW.match(text, at):
        cells, end = [], row.end()
        while cell := _CELL.match(text, end):
            cells.append(_said(cell[1]) if cell[1] else cell[2].strip())
            end = cell.end()
            if cell[3] == ")":
                break
        else:
            break  # cut off, or no row of values
        if _LONG.search(text, at, end):
            table.telling.append(len(table.rows))
        table.rows.append(cells)
        at = end
    return at


def _columns(text: str, at: int) -> Iterator[str]:
    """Names and comments out of the brackets of CREATE TABLE."""
    at += 1
    while found := _COLUMN.match(text, at):
        at = found.end()
        words = found[0].split(None, 1)
        if words and (name := words[0].strip(_QUOTES)).lower() not in _NOT_COLUMNS:
            comment = _COMMENT.search(found[0])
            yield f"{name} {_said(comment[1])}" if comment else name
        if text[at : at + 1] != ",":
            return
        at += 1


def _listed(columns: str) -> list[str]:
    return [name.strip().strip(_QUOTES) for name in columns[1:-1].split(",")]


def _bare(name: str) -> str:
    """A table's name without that of its database.

    >>> _bare("`jinji`.`社員`")
    '社員'
    """
    return re.sub(r'[`"\[\]]', "", name).rpartition(".")[2].lower()


def _said(literal: str) -> str:
    return _ESCAPED.sub(lambda found: found[1] or "'", literal[1:-1])
