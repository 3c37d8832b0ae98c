"""What is wrong with what somebody wrote or asked for: codes and values here, sentences in
`gateway.face.words.faults`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from gateway.face.i18n import Words, words_in

Path = tuple[str | int, ...]
"""Keys from the top of a file; a table of an array is named by its number or by its `name`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `path` is where it stands in a file; `gateway.memory.written` makes
    `place` and `line` of it."""

    path: Path
    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    near: str = ""
    """the known name that was probably meant"""
    origin: str = ""
    """the file, or what was asked for: an option, the number of a mail"""
    place: str = ""
    """as it is shown: `rule[3] "name".when.confidence`"""
    line: int = 0
    """counts from 1; 0 where there is none"""
    column: int = 0
    file: str = ""
    """another one, which is named there and is what is wrong"""


def at(origin: object, code: str, **values: object) -> Fault:
    """Of something that is no place in a file."""
    return Fault((), code, values, origin=str(origin))


class Refused(ValueError):
    """Of a validator; `known` are the names that would have been understood."""

    def __init__(
        self, code: str, known: Iterable[str] = (), /, *, file: str = "", **values: Any
    ) -> None:
        super().__init__(code)
        self.code, self.known, self.file, self.values = code, tuple(known), file, values

    def at(self, origin: object) -> Fault:
        return Fault((), self.code, self.values, origin=str(origin), file=self.file)

    def __str__(self) -> str:
        return str(Faulty(self.at("")))


class Faulty(Exception):
    """Why something is refused. `str` is English, for logs; whoever shows it to a person has it
    said in that person's language."""

    def __init__(self, *problems: Fault) -> None:
        super().__init__(*problems)
        self.problems = problems

    def said(self, words: Words) -> str:
        """A line for each problem."""
        # Here: the words of faults are a catalog, and what goes well needs none.
        from gateway.face.words.faults import fault

        return "\n".join(fault(words, each) for each in self.problems)

    def __str__(self) -> str:
        return self.said(words_in("en"))


def unread(error: OSError | UnicodeDecodeError, file: str = "") -> Refused:
    """Why a file could not be read."""
    match error:
        case FileNotFoundError():
            return Refused("no_file", file=file)
        case PermissionError():
            return Refused("no_permission", file=file)
        case UnicodeDecodeError():
            return Refused("not_utf8", file=file)
    return Refused("unreadable", file=file, detail=error.strerror or type(error).__name__)


@contextmanager
def about(file: PurePath) -> Iterator[None]:
    """Whatever is refused in here is wrong with that file."""
    try:
        yield
    except Refused as refused:
        known, values = refused.known, refused.values
        raise Refused(refused.code, known, file=file.name, **values) from None
    except OSError as error:
        raise unread(error, file.name) from None


def near(name: str, known: Iterable[str]) -> str:
    """The one of `known` that looks most like it, "" where none does."""
    return next(iter(difflib.get_close_matches(name, list(known), 1)), "")
