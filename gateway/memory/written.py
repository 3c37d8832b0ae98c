"""TOML that people write: where in it something stands, and what a model does not take of it."""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gateway.memory.faults import Fault, Path, Refused, at, near

_STATEMENT = 500
"""Lines of one statement; behind a longer one no lines are told."""
_TOML = (
    ("Invalid statement", "toml_statement"),
    ("Invalid initial character for a key part", "toml_key"),
    ("Expected '='", "toml_equals"),
    ("Invalid value", "toml_value"),
    ("Invalid date or datetime", "not_a_day"),
    ("Unclosed ", "toml_bracket"),
    ("Expected ']", "toml_heading"),
    ("Expected newline", "toml_line"),
    ("Unescaped ", "toml_backslash"),
    ("Unterminated string", "toml_string"),
    ("Illegal character", "toml_string"),
    ("Duplicate ", "toml_twice"),
    ("Cannot ", "toml_twice"),
)
"""By the words with which the parser begins."""
_POSITION = re.compile(r" \((?:at line (\d+), column (\d+)|at end of document)\)$")


def no_toml(error: tomllib.TOMLDecodeError | RecursionError, origin: str) -> Fault:
    """What the parser did not take."""
    if isinstance(error, RecursionError):
        return at(origin, "toml_depth")
    said = str(error)
    detail = _POSITION.sub("", said)
    code = next((code for begins, code in _TOML if detail.startswith(begins)), "toml")
    found = _POSITION.search(said)
    line, column = map(int, found.groups(0)) if found else (0, 0)
    return Fault((), code, {"detail": detail}, "", origin, line=line, column=column)


def explained(error: ValidationError, model: type[BaseModel]) -> Iterator[Fault]:
    """What `model` did not take; values are repeated by what refuses them only, since a secret may
    stand where something else was expected."""
    for detail in error.errors(include_url=False):
        path = detail["loc"]
        key_itself = path[-1:] == ("[key]",)
        yield _fault(path[:-1] if key_itself else path, detail, model)


def _fault(path: Path, detail: Any, model: type[BaseModel]) -> Fault:
    kind, values = detail["type"], detail.get("ctx", {})
    given = detail["input"] if isinstance(detail["input"], str) else ""
    if kind == "extra_forbidden":
        return Fault(path, "unknown_key", near=near(str(path[-1]), _keys(path[:-1], model)))
    if kind == "literal_error":
        known = re.findall(r"'([^']+)'", values["expected"]) or [values["expected"]]
        return Fault(path, "not_one_of", {"known": ", ".join(known)}, near(given, known))
    if kind == "value_error" and isinstance(refused := values["error"], Refused):
        meant = near(given, refused.known)
        return Fault(path, refused.code, refused.values, meant, file=refused.file)
    if kind.startswith("date_"):
        return Fault(path, "not_a_day")
    return Fault(path, kind, {**values, "detail": detail["msg"]})


def _keys(location: Path, model: type[BaseModel]) -> list[str]:
    """The keys that the table at this place may have."""
    here: type[BaseModel] | None = model
    for key in location:
        if here is None or isinstance(key, int):
            continue
        fields = {field.alias or name: field for name, field in here.model_fields.items()}
        if key in fields:
            here = _model(fields[key].annotation)
    return [field.alias or name for name, field in here.model_fields.items()] if here else []


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model inside `tuple[Rule, ...]`, `dict[str, AddressList]` or `Condition | None`."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) is None:
        return None
    return next((m for a in get_args(annotation) if (m := _model(a)) is not None), None)


class Written:
    """The text of a file, to say where something stands in it. It must be TOML."""

    def __init__(self, text: str, origin: str) -> None:
        self._text, self._origin = text, origin
        self.data = tomllib.loads(text)
        self._lines: dict[Path, int] = {}

    def located(self, faults: Iterable[Fault]) -> Iterator[Fault]:
        for each in faults:
            place, line = place_in(self.data, each.path), self.line(each.path)
            yield replace(each, origin=self._origin, place=place, line=line)

    def line(self, path: Path) -> int:
        """Of the value, or of the nearest table around it; 0 where that is the whole file."""
        if not self._lines:
            self._lines = {(): 0, **_lines(self._text)}
        path = _numbered(self.data, path)
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]


def place_in(here: Any, path: Path) -> str:
    """How a place in a file is shown: tables of an array count from 1 and show their name."""
    path, shown = _numbered(here, path), ""
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


def _numbered(here: Any, path: Path) -> Path:
    numbered: Path = ()
    for key in path:
        if isinstance(here, list) and isinstance(key, str):
            named = (n for n, each in enumerate(here) if _name(each) == key)
            key = next(named, key)
        here, numbered = _inside(here, key), (*numbered, key)
    return numbered


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
