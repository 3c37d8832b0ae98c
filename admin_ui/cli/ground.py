"""What verbs stand on: the configuration, the language, the memory, and who is asking."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from gateway.face.i18n import Words
    from gateway.memory.config import Config
    from gateway.memory.faults import Fault
    from gateway.memory.opening import Memory
    from gateway.memory.states import Actor
    from gateway.memory.store import Tx

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT = Path("sekisho.toml")


class Problem(click.ClickException):
    """Usage or configuration: what is wrong, and what to do, in the reader's language."""

    exit_code = 2

    def __init__(self, *problems: Fault) -> None:
        super().__init__("\n".join(map(said, problems)))


class NotDone(Problem):
    """Rightly not done: the thing is not there, or may not be changed like this."""

    exit_code = 1


def finish(good: bool) -> None:
    """Exit 1 where something was found or a check failed."""
    if not good:
        raise click.exceptions.Exit(1)


def said(found: Fault) -> str:
    """In the reader's language."""
    from gateway.face.words.faults import fault

    return fault(voice().words, found)


@contextmanager
def refusing(origin: object) -> Iterator[None]:
    """What may not be done is said of what was asked for."""
    from gateway.memory.faults import Refused

    try:
        yield
    except Refused as refused:
        raise NotDone(refused.at(origin)) from None


# -- options


config_option = click.option(
    "--config",
    "path",
    envvar="SEKISHO_CONFIG",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Configuration; $SEKISHO_CONFIG, then ./sekisho.toml where it is not given.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON, one line a row.")


def acting(command: F) -> F:
    """What every verb that changes something asks for."""
    for option in (
        click.option("--reason", required=True, metavar="TEXT", help="Why; it is recorded."),
        click.option(
            "--on-behalf-of",
            "person",
            required=True,
            metavar="PERSON",
            help="Address or id of the person for whom this is done.",
        ),
    ):
        command = option(command)
    return command


# -- configuration


def configuration(path: Path | None) -> Config:
    """As the owner of its data directory, whom root becomes and others must be."""
    config = _load(path or DEFAULT)
    _become_owner(config.data_dir)
    return config


def configuration_if_any(path: Path | None) -> Config:
    """For verbs that need none: the defaults where there is no file and none was named."""
    from gateway.memory.config import Config

    return _load(path or DEFAULT) if path or DEFAULT.exists() else Config()


def _load(path: Path) -> Config:
    from gateway.memory.config import ConfigError, load

    try:
        config = load(path)
    except ConfigError as error:
        _house[0] = error.language
        raise
    _house[0] = config.language
    return config


def text(file: Path) -> str:
    from gateway.memory.faults import at

    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Problem(at(file, "not_utf8")) from None


def office_text(file: Path) -> str:
    """Of a file that some other program in the office has written."""
    from gateway.memory.exported import text_of
    from gateway.memory.faults import Refused

    try:
        return text_of(file.read_bytes())
    except Refused as refused:
        raise Problem(refused.at(file)) from None


def _become_owner(folder: Path) -> None:
    """Files that root writes into another user's directory cannot be read by the service."""
    from gateway.memory.faults import at

    try:
        owner = folder.stat()
    except FileNotFoundError:
        return
    if owner.st_uid == os.geteuid():
        return
    name = user_name(owner.st_uid)
    if os.geteuid() != 0:
        raise Problem(at(folder, "owned_by", name=name))
    operator()  # who it was is not known any more afterwards
    if name.isdigit():
        os.setgroups([])
    else:
        os.initgroups(name, owner.st_gid)
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


_operator: list[str] = []


def operator() -> str:
    """The user at the shell; behind sudo the one who called it."""
    if not _operator:
        root = os.getuid() == 0
        _operator.append(os.environ.get("SUDO_USER", "") if root else "")
        _operator[0] = _operator[0] or user_name(os.getuid())
    return _operator[0]


# -- language


Language = Literal["ja", "en"]


class Voice:
    """Says a thing in the reader's language: `voice("鍵", "keys")`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, ja: str, en: str) -> str:
        return ja if self.language == "ja" else en

    @property
    def words(self) -> Words:
        """What the pages call things; the catalogs are read for it."""
        from gateway.face.i18n import words_in

        return words_in(self.language)


_house: list[Language] = ["ja"]
"""What the installation speaks, once its file was looked at."""


def voice() -> Voice:
    """The terminal's language where it is one of ours, else the installation's."""
    return Voice(terminal() or _house[0])


def terminal() -> Language | None:
    """None where its locale is another, or says nothing (C)."""
    spoken: dict[str, Language] = {"ja": "ja", "en": "en"}
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return spoken.get(value[:2])
    return None


# -- memory


@contextmanager
def opened(path: Path | None) -> Iterator[Memory]:
    from gateway.memory.opening import open_memory

    memory = open_memory(configuration(path))
    try:
        yield memory
    finally:
        memory.close()


@contextmanager
def opened_if_any(path: Path | None) -> Iterator[tuple[Memory | None, str]]:
    """For verbs that know more with a memory and do without one: why there is none."""
    from gateway.memory.faults import Faulty, unread

    with ExitStack() as stack:
        memory, why = None, ""
        try:
            memory = stack.enter_context(opened(path))
        except Problem as problem:
            why = problem.message
        except Faulty as error:
            why = error.said(voice().words)
        except OSError as error:
            why = said(unread(error).at(error.filename or ""))
        yield memory, " ".join(why.split())


@contextmanager
def changing(memory: Memory) -> Iterator[Tx]:
    """A write transaction; refuses a database that is older than what was signed of it."""
    with memory.store.write() as tx:
        memory.ledger.open(tx.conn)
        yield tx


@contextmanager
def reading(memory: Memory) -> Iterator[Connection]:
    with memory.store.read() as session:
        yield session.connection()


def person(conn: Connection, asked: str, option: str = "--on-behalf-of") -> RowMapping:
    """By address or id. Somebody who may not act any more is nobody."""
    from gateway.judgement import people
    from gateway.memory.faults import at

    found = people.person_at(conn, asked) or people.person(conn, asked)
    if found is None or found["locked"]:
        raise Problem(at(option, "nobody", name=asked))
    return found


def address(conn: Connection, id: str) -> str:
    """Of a person; the id where nobody is known by it any more."""
    from gateway.judgement import people

    found = people.person(conn, id)
    return str(found["email"]) if found else id


def on_behalf_of(conn: Connection, asked: str) -> tuple[str, Actor]:
    """The person's id, and the operator who acts for that person."""
    from gateway.memory.states import Actor

    id = str(person(conn, asked)["id"])
    return id, Actor("operator", operator(), on_behalf_of=id)
