"""A posted form becomes a checked model, or problems that say in words what to do.

The server checks everything again: the browser's `required` is a courtesy to the person in front
of it and stops nobody else. Nothing that was typed appears in an exception or a log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from starlette.datastructures import FormData
from starlette.requests import Request

from gateway.face.i18n import N_, Words

OCTETS = 512_000
"""For `max_body_size` of the webs: our largest form is a list of 1,000 ticked recipients."""
FIELDS = 2_500
TEXT = 4_000
"""Characters in one field, unless its model says less."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Nobody types these. NUL is refused by PostgreSQL; direction marks turn a shown name around."""

_SENTENCES = {
    "missing": N_("入力してください"),
    "string_too_short": N_("入力してください"),
    "too_short": N_("1つ以上選んでください"),
    "string_too_long": N_("%(max_length)s文字以内で入力してください"),
    "too_long": N_("%(max_length)s件以内にしてください"),
    "string_pattern_mismatch": N_("形式が正しくありません"),
    "int_parsing": N_("数字で入力してください"),
    "greater_than_equal": N_("%(ge)s以上にしてください"),
    "less_than_equal": N_("%(le)s以下にしてください"),
    "date_from_datetime_parsing": N_("日付の形式が正しくありません"),
    "date_parsing": N_("日付の形式が正しくありません"),
    "literal_error": N_("選択肢の中から選んでください"),
    "enum": N_("選択肢の中から選んでください"),
    "control": N_("使えない文字が含まれています"),
}
_OTHERWISE = N_("入力内容をご確認ください")


class Form(BaseModel):
    """Base of all forms. `extra` stays ignored: a button's name and value come along too."""

    model_config = ConfigDict(
        frozen=True,
        str_strip_whitespace=True,
        str_max_length=TEXT,
        hide_input_in_errors=True,
    )


@dataclass(frozen=True, slots=True)
class Problem:
    field: str
    sentence: str


@dataclass(frozen=True)
class Problems:
    """Why a form was not taken, and what was typed, so that nobody has to type it twice."""

    found: tuple[Problem, ...]
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)

    def of(self, name: str) -> str:
        """The first sentence for this field, "" when it is fine."""
        return next((each.sentence for each in self.found if each.field == name), "")

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)

    def __bool__(self) -> bool:
        return bool(self.found)


NO_PROBLEMS = Problems(())
F = TypeVar("F", bound=Form)


async def read_form(request: Request, model: type[F], words: Words) -> F | Problems:
    """The posted form as `model`, or what is wrong with it.

    Files are not taken here: a form parser would lay them in a temporary file in the clear.
    Raises starlette's HTTPException 400 when there are more fields than a form of ours has.
    """
    posted = await request.form(max_files=0, max_fields=FIELDS, max_part_size=OCTETS)
    gathered = _gather(posted, model)
    typed = {name: value for name, value in gathered.items() if isinstance(value, str)}
    if odd := [name for name, value in gathered.items() if _odd(value)]:
        return Problems(tuple(_problem(words, name, "control", {}) for name in odd))
    try:
        return model.model_validate(gathered)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    return Problems(tuple(_explain(words, detail) for detail in details), typed)


def _gather(posted: FormData, model: type[Form]) -> dict[str, Any]:
    """Every field of the model that was posted; those that hold several values as lists."""
    gathered: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        texts = [_text(value) for value in posted.getlist(key) if isinstance(value, str)]
        if get_origin(info.annotation) in (list, tuple, set, frozenset):
            gathered[key] = texts
        elif texts:
            gathered[key] = texts[-1]
    return gathered


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _odd(value: str | list[str]) -> bool:
    return any(_CONTROL.search(text) for text in ([value] if isinstance(value, str) else value))


def _explain(words: Words, detail: ErrorDetails) -> Problem:
    name = str(detail["loc"][0]) if detail["loc"] else ""
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":  # a validator of the form itself, with a marked sentence
        return Problem(name, words.say(str(context["error"])))
    return _problem(words, name, detail["type"], context)


def _problem(words: Words, name: str, code: str, context: Mapping[str, object]) -> Problem:
    return Problem(name, words.say(_SENTENCES.get(code, _OTHERWISE), **context))
