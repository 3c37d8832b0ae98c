"""What verbs stand on: the configuration, the language, the memory, and who is asking."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from gateway.face.i18n import Words
    from gateway.judgement.policy.faults import Fault
    from gateway.memory.config import Config
    from gateway.memory.opening import Memory
    from gateway.memory.states import Actor
    from gateway.memory.store import Tx

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT = Path("sekisho.toml")


class Problem(click.ClickException):
    """Usage or configuration: what is wrong, and what to do."""

    exit_code = 2


class NotDone(Problem):
    """Rightly not done: the thing is not there, or may not be changed like this."""

    exit_code = 1


def finish(good: bool) -> None:
    """Exit 1 where something was found or a check failed."""
    if not good:
        raise click.exceptions.Exit(1)


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
    from gateway.memory.config import load

    config = load(path or DEFAULT)
    _become_owner(config.data_dir)
    return config


def configuration_if_any(path: Path | None) -> Config:
    """For verbs that need none: the defaults where there is no file and none was named."""
    from gateway.memory.config import Config, load

    return load(path or DEFAULT) if path or DEFAULT.exists() else Config()


def text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Problem(f"{file}: is not UTF-8") from None


def _become_owner(folder: Path) -> None:
    """Files that root writes into another user's directory cannot be read by the service."""
    try:
        owner = folder.stat()
    except FileNotFoundError:
        return
    if owner.st_uid == os.geteuid():
        return
    name = user_name(owner.st_uid)
    if os.geteuid() != 0:
        raise Problem(f"{folder}: belongs to {name} (run this as {name}, or as root)")
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


def voice(config: Config) -> Voice:
    """The terminal's locale where it is one of ours, else the installation's language."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            spoken: dict[str, Language] = {"ja": "ja", "en": "en"}
            return Voice(spoken.get(value[:2], config.language))
    return Voice(config.language)


@contextmanager
def worded(config: Config) -> Iterator[None]:
    """What is wrong with a policy is said in the reader's language."""
    from gateway.judgement.policy.faults import PolicyError

    try:
        yield
    except PolicyError as error:
        raise Problem("\n".join(faults(config, error.problems))) from None


def faults(config: Config, found: Iterable[Fault]) -> Iterator[str]:
    from gateway.face.words.faults import fault

    words = voice(config).words
    return (fault(words, each) for each in found)


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
    from gateway.memory.config import ConfigError
    from gateway.memory.keys import KeyMissing
    from gateway.memory.opening import NotReady

    with ExitStack() as stack:
        memory, why = None, ""
        try:
            memory = stack.enter_context(opened(path))
        except (Problem, ConfigError, NotReady, KeyMissing, OSError) as error:
            why = " ".join(str(error).split())
        yield memory, why


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

    found = people.person_at(conn, asked) or people.person(conn, asked)
    if found is None or found["locked"]:
        raise Problem(f"{option}: nobody here is {asked} (see: sekisho user list)")
    return found


def on_behalf_of(conn: Connection, asked: str) -> tuple[str, Actor]:
    """The person's id, and the operator who acts for that person."""
    from gateway.memory.states import Actor

    id = str(person(conn, asked)["id"])
    return id, Actor("operator", operator(), on_behalf_of=id)
