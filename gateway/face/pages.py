"""Pages: templates of a floor over the shared layouts, one environment for each language.

A language is a property of the environment and not of a request's context: macros that are
imported without context (and cached) then speak it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway.face import dates, figures, words
from gateway.face.assets import asset
from gateway.face.forms import NO_PROBLEMS
from gateway.face.i18n import LANGUAGES, Language, Words, words_in
from gateway.face.language import language_of

TEMPLATES = Path(__file__).parent / "templates"
Context = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NavItem:
    """One line of the navigation; `count` 0 shows none."""

    href: str
    icon: str
    label: str
    count: int = 0


def _nothing(request: Request, said: Words) -> Context:
    return {}


class Pages:
    """The pages of one web: its templates, its words, and what all of its layouts need.

    `common(request, words)` gives what every page of this web shows: nav, person, company …
    """

    def __init__(
        self,
        templates: Sequence[Path] = (),
        locales: Sequence[Path] = (),
        *,
        language: Language = "ja",
        common: Callable[[Request, Words], Context] = _nothing,
    ) -> None:
        self.language = language
        self.common = common
        self._words = {each: words_in(each, *locales) for each in LANGUAGES}
        folders = (*templates, TEMPLATES)
        self._environments = {each: _environment(folders, self._words[each]) for each in LANGUAGES}

    def words(self, request: Request) -> Words:
        """In the language of the reader."""
        return self._words[language_of(request, self.language)]

    def render(
        self,
        request: Request,
        name: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: object,
    ) -> HTMLResponse:
        """The page `name`. A variable that it needs and does not get is an error, never a gap."""
        said = self.words(request)
        template = self._environments[said.language].get_template(name)
        shared: dict[str, object] = {"request": request, "problems": NO_PROBLEMS}
        page = template.render({**shared, **self.common(request, said), **context})
        answer = HTMLResponse(page, status_code=status, headers=headers)
        answer.headers["Content-Language"] = said.language
        return answer


@cache
def _environment(folders: tuple[Path, ...], said: Words) -> Environment:
    """One for all pages of these folders: to compile a template takes longer than to render it."""
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    extended: Any = environment  # the extension adds this method at run time
    extended.install_gettext_translations(said.catalog, newstyle=True)
    environment.globals.update(asset=asset, language=said.language, words=said)
    environment.filters.update(_filters(said))
    return environment


def _filters(said: Words) -> dict[str, Callable[..., object]]:
    """Everything that turns a value into text, bound to one language."""

    def until(at: datetime) -> str:
        return dates.remaining(at, datetime.now(UTC), said)

    def ago(at: datetime) -> str:
        return dates.ago(at, datetime.now(UTC), said)

    spoken = ("kind", "confidence", "reason", "fact", "defect", "place", "pieces")
    recorded = ("state", "verb", "delivery", "demand", "actor", "role", "reply")
    return {
        "jst": lambda at: dates.moment(at, said.language),
        "jdate": lambda at: dates.day(at, said.language),
        "jtime": dates.clock,
        "stamp": dates.stamp,
        "attribute": dates.attribute,
        "until": until,
        "ago": ago,
        "size": lambda octets: figures.size(octets, said),
        "count": lambda number: figures.count(number, said),
        "masked_address": figures.masked_address,
        "file_icon": figures.file_icon,
        "unbroken": figures.unbroken,
        "tone": words.tone,
        "places": lambda found: [words.place(said, each) for each in found],
        **{name: partial(getattr(words, name), said) for name in (*spoken, *recorded)},
    }
