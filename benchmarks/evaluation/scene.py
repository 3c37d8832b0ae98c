"""One mail in the making: facts, wordings, and the numbers that must be found in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.evaluation.facts import Facts
from tests import samples

File = tuple[str, bytes]
Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Wording:
    """What people write around numbers. Templates for `Facts`; see `seen`."""

    greetings: tuple[str, ...]
    closings: tuple[str, ...]
    subjects: tuple[str, ...]
    """That say nothing."""
    covers: tuple[str, ...]
    """Of mails that only bring a file."""
    labels: tuple[str, ...]
    """Alone before a number, in a form or a cell."""
    sentences: tuple[str, ...]
    """With one number `{n}` that they name, before it."""
    afterwards: tuple[str, ...]
    """That name it behind it."""
    several: tuple[str, ...]
    """With `{n1}`, `{n2}` …"""
    lists: tuple[tuple[str, str], ...]
    """A line above, and one for each person."""
    unnamed: tuple[str, ...]
    """A line for each person, of lists that nothing names."""
    papers: tuple[str, ...]
    """Texts of forms that carry a number without naming it."""
    telling: tuple[str, ...]
    """Subjects and names of files that name what is inside."""
    bare: tuple[str, ...]
    """Bodies under such a subject."""
    machine: tuple[str, ...]
    """What programs write."""
    headings: tuple[str, ...]
    """Of tables: "heading=fact heading=fact"; `n` is the number."""
    files: tuple[str, ...]
    """Names of files that say nothing, without their endings."""
    forms: tuple[str, ...]
    """Titles of forms on which a number stands."""
    others: tuple[tuple[str, str], ...]
    """Class and body of mails with other numbers."""
    other_headings: tuple[tuple[str, str], ...]
    """Class and headings of tables with other numbers."""
    ordinary: tuple[tuple[str, str], ...]
    """Class and body of mails without anything."""


class Scene:
    """`fill` templates, write a `letter`, send it as `mail`; `numbers` must be found in it."""

    def __init__(self, rng: random.Random, wording: Wording) -> None:
        self.rng, self.wording = rng, wording
        self.facts = Facts(rng)

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(self.facts.numbers)

    def fill(self, template: str, form: Callable[[str], str] = str) -> str:
        self.facts.form = form
        return template.format_map(self.facts)

    def letter(self, body: str) -> str:
        """With greeting and signature, as most are."""
        choose = self.rng.choice
        greeting, closing = choose(self.wording.greetings), choose(self.wording.closings)
        return f"{self.fill(greeting)}\n{body}\n{self.fill(closing)}"

    def sentence(self, form: Callable[[str], str] = str) -> str:
        return self.fill(self.rng.choice(self.wording.sentences), form)

    def subject(self) -> str:
        return self.fill(self.rng.choice(self.wording.subjects))

    def cover(self) -> str:
        return self.letter(self.fill(self.rng.choice(self.wording.covers)))

    def file(self, ending: str) -> str:
        return f"{self.rng.choice(self.wording.files)}.{ending}"

    def label(self) -> str:
        return self.rng.choice(self.wording.labels)

    def table(self, count: int, form: Callable[[str], str] = str, first: str = "") -> Rows:
        """Headings, and a row for each of `count` people; numbers begin with `first`."""
        columns = [each.split("=") for each in self.rng.choice(self.wording.headings).split()]
        rows = [[heading for heading, _ in columns]]
        for _ in range(count):
            person = self.facts.again()
            person["n"] = form(person.number(first))
            rows.append([person[fact] if fact else "" for _, fact in columns])
        return rows

    def column(self, rows: Rows) -> int:
        """Where the numbers are, for those who put them there themselves."""
        return next(
            at
            for at, cell in enumerate(rows[1])
            if "".join(filter(str.isalnum, cell)) in self.numbers
        )

    def person(self) -> Facts:
        return self.facts.again()

    def mail(
        self, body: str, subject: str = "", files: Sequence[File] = (), html: str = ""
    ) -> bytes:
        sender = f"{self.fill('{name8}')} <{self.fill('{mail8}')}>"
        subject = subject or self.subject()
        written = "".join((subject, sender, body, html, *(name for name, _ in files)))
        old = self.rng.random() < 0.3 and fits(written, "iso-2022-jp")
        return samples.message(
            subject,
            body,
            files,
            sender=sender,
            charset="iso-2022-jp" if old else "utf-8",
            html=html,
            message_id=f"<{self.rng.randrange(10**9)}.{self.rng.randrange(10**5)}@example.co.jp>",
            date=datetime(2026, 11, self.rng.randint(1, 28), self.rng.randint(0, 9), tzinfo=UTC),
        )

    def send(self, name: str, data: bytes) -> bytes:
        """A mail that brings this file."""
        return self.mail(self.cover(), files=[(name, data)])


def fits(text: str, codec: str) -> bool:
    """Whether `codec` has all these letters."""
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
