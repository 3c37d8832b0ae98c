"""What is wrong with a policy: codes and values here, sentences in `gateway.face.words.faults`."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.face.i18n import words_in
from gateway.face.words.faults import fault

Path = tuple[str | int, ...]
"""Keys from the top of a file; a table of an array is named by its number or by its `name`."""

_STATEMENT = 500
"""Lines of one statement; behind a longer one no lines are told."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `path` is where it stands; the file's own `Written` makes `place`
    and `line` of it."""

    path: Path
    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    near: str = ""
    """the known name that was probably meant"""
    origin: str = ""
    place: str = ""
    """as it is shown: `rule[3] "name".when.confidence`"""
    line: int = 0
    """counts from 1; 0 where there is none"""
    column: int = 0

    @property
    def of_a_test(self) -> bool:
        """Whether the rules are well written and do not what a test of theirs expects."""
        return self.code in ("test_failed", "test_failed_by_no_rule")


class Refused(ValueError):
    """Of a validator; `known` are the names that would have been understood."""

    def __init__(self, code: str, known: Iterable[str] = (), /, **values: object) -> None:
        super().__init__(code)
        self.code, self.known, self.values = code, tuple(known), values


class PolicyError(ValueError):
    """Why a policy is refused. `str` is English, for logs; whoever shows it to a person says each
    of `problems` in that person's language."""

    def __init__(self, problems: Iterable[Fault]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(fault(words_in("en"), each) for each in self.problems)


def near(name: str, known: Iterable[str]) -> str:
    """The one of `known` that looks most like it, "" where none does."""
    return next(iter(difflib.get_close_matches(name, list(known), 1)), "")


class Written:
    """The text of a policy, to say where something stands in it. It must be TOML."""

    def __init__(self, text: str, origin: str) -> None:
        self._text, self._origin = text, origin
        self.data = tomllib.loads(text)
        self._lines: dict[Path, int] = {}

    def located(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        for each in faults:
            place, line = self._place(self._numbered(each.path)), self.line(each.path)
            yield replace(each, origin=self._origin, place=place, line=line)

    def line(self, path: Path) -> int:
        """Of the value, or of the nearest table around it; 0 where that is the whole file."""
        if not self._lines:
            self._lines = {(): 0, **_lines(self._text)}
        path = self._numbered(path)
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _numbered(self, path: Path) -> Path:
        here: Any = self.data
        numbered: Path = ()
        for key in path:
            if isinstance(here, list) and isinstance(key, str):
                named = (n for n, each in enumerate(here) if _name(each) == key)
                key = next(named, key)
            here, numbered = _inside(here, key), (*numbered, key)
        return numbered

    def _place(self, path: Path) -> str:
        """Tables of an array count from 1 and show their name."""
        shown = ""
        here: Any = self.data
        for key in path:
            before, here = here, _inside(here, key)
            if isinstance(key, int):
                name = _name(here)
                shown += f"[{key + 1}]" + (f' "{name[:80]}"' if name else "")
            elif isinstance(before, list):  # written out by a layer or a preset
                shown += f' "{key}"'
            else:
                bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
                shown += ("." if shown else "") + (key if bare else f'"{key}"')
        return shown


def _name(here: Any) -> str:
    name = here.get("name") if isinstance(here, dict) else None
    return name if isinstance(name, str) else ""


def _inside(here: Any, key: str | int) -> Any:
    try:
        return here[key]
    except (KeyError, IndexError, TypeError):
        return None


def _lines(text: str) -> dict[Path, int]:
    """On which line each key stands. A statement ends where what was gathered is TOML by itself."""
    lines: dict[Path, int] = {}
    arrays: dict[Path, int] = {}
    table: Path = ()
    gathered: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        gathered.append(line)
        try:
            said = tomllib.loads("\n".join(gathered))
        except tomllib.TOMLDecodeError:
            if len(gathered) == _STATEMENT:
                break
            continue
        first = number - len(gathered) + 1
        if gathered[0].lstrip().startswith("["):
            table = _heading(said, arrays)
            for end in range(1, len(table) + 1):
                lines.setdefault(table[:end], first)
        else:
            for path in _paths(said, table):
                lines.setdefault(path, first)
        gathered.clear()
    return lines


def _heading(said: Any, arrays: dict[Path, int]) -> Path:
    """`[[rule]]` begins the next one, `[rule.when]` belongs to the last; `arrays` counts them."""
    path: Path = ()
    while said:
        ((key, said),) = said.items()
        path = (*path, key)
        if isinstance(said, list):
            arrays[path] = arrays.get(path, 0) + 1
            (said,) = said
        if path in arrays:
            path = (*path, arrays[path] - 1)
    return path


def _paths(said: Any, at: Path) -> Iterator[Path]:
    """All that stands in a statement below the table `at`."""
    inner = said.items() if isinstance(said, dict) else enumerate(said)
    for key, value in inner:
        yield (*at, key)
        if isinstance(value, dict | list):
            yield from _paths(value, (*at, key))
