"""Two languages: Japanese is the source and needs no catalog, English is read from `en.po`. Only
what `--help` says is written in English, and its Japanese read from a `ja.po`.

Catalogs are read from text when they are first asked for. There is no build step whose forgotten
run would show yesterday's words.

Strings are marked where they stand: `words.say("…")` and `words.many("%(num)s件", n)` in Python,
`_("…")` and `ngettext(…)` in templates, `N_("…")` and `NN_("…")` in tables that are looked up
later. A literal per cent sign is written twice, as in gettext everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LOCALE = Path(__file__).parent / "locale"
"""The words of the gateway; the floors above name their own folder as well."""


def N_(sentence: str) -> str:
    """Mark for extraction; translated where it is shown, with `say`."""
    return sentence


NN_ = N_
"""The same for a sentence that counts; shown with `many`."""


@dataclass(frozen=True)
class Words:
    """One language's catalog, merged over floors."""

    language: Language
    catalog: NullTranslations

    def say(self, sentence: str, /, **values: object) -> str:
        """The sentence in this language with its `%(name)s` filled."""
        return self.catalog.gettext(sentence) % values

    def many(self, sentence: str, num: int, /, **values: object) -> str:
        """`say` for a sentence with `%(num)s`: Japanese has one form, English two."""
        return self.catalog.ngettext(sentence, sentence, num) % {"num": num, **values}


def words_in(language: Language, *folders: Path) -> Words:
    """The words of the gateway and of the floors whose `locale` folders are named.

    >>> words_in("ja").say("承認する")
    '承認する'
    """
    return _words(language, folders)


@cache
def _words(language: Language, folders: tuple[Path, ...]) -> Words:
    merged = _read(language, LOCALE)
    for folder in folders:
        upper = _read(language, folder)
        upper.add_fallback(merged)
        merged = upper
    return Words(language, merged)


@cache
def catalog(language: Language, folder: Path) -> NullTranslations:
    """What one folder says in a language, by itself; nothing where it has no catalog of it."""
    return _read(language, folder)


def _read(language: Language, folder: Path) -> NullTranslations:
    path = folder / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    # Babel is a large import and the command line must not pay for it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as po:
        catalog = read_po(po, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)
