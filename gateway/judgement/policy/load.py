"""From the text of a policy file to a `Policy`, or to a list of all that is wrong with it."""

from __future__ import annotations

import re
import tomllib
import types
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gateway.judgement.policy.check import problems
from gateway.judgement.policy.faults import Fault, Path, PolicyError, Refused, Written, near
from gateway.judgement.policy.layers import expanded
from gateway.judgement.policy.rules import Policy

DEFAULT = files(__package__).joinpath("default.toml")
"""The shipped policy, which holds where the configuration names none."""

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


def load(text: str, origin: str) -> Policy:
    """Read a policy; `origin` is the file's name as it is shown in errors.

    Its own tests are not run here: `proving.accept` does, and nothing else may activate it.
    Raises PolicyError with a line for each problem.
    """
    try:
        written = Written(text, origin)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([_no_toml(str(error), origin)]) from None
    except RecursionError:
        raise PolicyError([Fault((), "toml_depth", origin=origin)]) from None
    try:
        policy = Policy.model_validate(written.data)
    except ValidationError as error:
        raise PolicyError(written.located(_explained(error))) from None
    if wrong := list(problems(policy)):
        raise PolicyError(written.located(wrong))
    return expanded(policy)


def _no_toml(said: str, origin: str) -> Fault:
    detail = _POSITION.sub("", said)
    code = next((code for begins, code in _TOML if detail.startswith(begins)), "toml")
    found = _POSITION.search(said)
    line, column = map(int, found.groups(0)) if found else (0, 0)
    return Fault((), code, {"detail": detail}, "", origin, line=line, column=column)


def _explained(error: ValidationError) -> Iterator[Fault]:
    for detail in error.errors(include_url=False):
        path = detail["loc"]
        yield _fault(path[:-1] if path[-1:] == ("[key]",) else path, detail)  # the key itself


def _fault(path: Path, detail: Any) -> Fault:
    kind, values = detail["type"], detail.get("ctx", {})
    given = detail["input"] if isinstance(detail["input"], str) else ""
    if kind == "extra_forbidden":
        return Fault(path, "unknown_key", near=near(str(path[-1]), _keys(path[:-1])))
    if kind == "literal_error":
        known = re.findall(r"'([^']+)'", values["expected"]) or [values["expected"]]
        return Fault(path, "not_one_of", {"known": ", ".join(known)}, near(given, known))
    if kind == "value_error" and isinstance(refused := values["error"], Refused):
        return Fault(path, refused.code, refused.values, near(given, refused.known))
    if kind.startswith("date_"):
        return Fault(path, "not_a_day")
    return Fault(path, kind, {**values, "detail": detail["msg"]})


def _keys(location: Path) -> list[str]:
    """The keys that the table at this place may have."""
    model: type[BaseModel] | None = Policy
    for key in location:
        if model is None or isinstance(key, int):
            continue
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if key in fields:
            model = _model(fields[key].annotation)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model inside `tuple[Rule, ...]`, `dict[str, AddressList]` or `Condition | None`."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) is None:
        return None
    return next((m for a in get_args(annotation) if (m := _model(a)) is not None), None)
