"""From the text of a policy file to a `Policy`, or to a list of all that is wrong with it."""

from __future__ import annotations

import difflib
import re
import tomllib
import types
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from gateway.judgement.policy.check import problems
from gateway.judgement.policy.layers import expanded
from gateway.judgement.policy.rules import Policy

DEFAULT = files(__package__).joinpath("default.toml")
"""The shipped policy, which holds where the configuration names none."""

Path = tuple[str | int, ...]


class PolicyError(ValueError):
    """Why a policy is refused; `problems` are whole lines, `str` is all of them."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def load(text: str, origin: str) -> Policy:
    """Read a policy; `origin` is the file's name as it is shown in errors.

    Its own tests are not run here: `proving.accept` does, and nothing else may activate it.
    Raises PolicyError with a line for each problem.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([f"{origin}: {error}"]) from None
    except RecursionError:
        raise PolicyError([f"{origin}: nested too deeply"]) from None
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        raise PolicyError(_explained(error, data, origin)) from None
    wrong = [
        f"{origin}: {_path(path, data)}: {what}{_guess(name, known)}"
        for path, what, name, known in problems(policy)
    ]
    if wrong:
        raise PolicyError(wrong)
    return expanded(policy)


def _explained(error: ValidationError, data: dict[str, Any], origin: str) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        where = _path(detail["loc"], data)
        yield f"{origin}: {where}: {_sentence(detail)}"


def _sentence(detail: Any) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    given = detail["input"] if isinstance(detail["input"], str) else ""
    if kind == "extra_forbidden":
        return "unknown key" + _guess(str(detail["loc"][-1]), _keys(detail["loc"][:-1]))
    if kind == "missing":
        return "missing"
    if kind == "literal_error":
        known = re.findall(r"'([^']+)'", context["expected"]) or [context["expected"]]
        return f"must be one of {', '.join(known)}" + _guess(given, known)
    if kind == "value_error":
        error = context["error"]
        return str(error) + _guess(given, getattr(error, "known", ()))
    if kind.startswith("date_"):
        return "must be a day, such as 2027-03-31"
    return str(detail["msg"][:1].lower() + detail["msg"][1:])


def _guess(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _path(location: Path, data: dict[str, Any]) -> str:
    """`rule[3] "name".when.confidence`: tables of an array count from 1 and show their name."""
    shown = ""
    here: Any = data
    for key in location:
        here = _inside(here, key)
        if isinstance(key, int):
            shown += f"[{key + 1}]"
            name = here.get("name") if isinstance(here, dict) else None
            shown += f' "{name[:80]}"' if isinstance(name, str) else ""
        else:
            bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
            shown += ("." if shown else "") + (key if bare else f'"{key}"')
    return shown


def _inside(here: Any, key: str | int) -> Any:
    try:
        return here[key]
    except (KeyError, IndexError, TypeError):
        return None


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
