"""What an operator at the shell gets told of a database that is a server's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from admin_ui.cli import check, ground, main
from admin_ui.cli.promises import Broken, Site, place
from gateway.memory import pointers
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House
from tests.postgresql.server import Server

Command = Callable[..., tuple[object, str]]
pytestmark = [pytest.mark.slow, pytest.mark.needs("postgresql")]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Its exit code and all that it said."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")

    def call(house: House, *arguments: object) -> tuple[object, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments), "--config", str(house.path)])
        said = capsys.readouterr()
        return ended.value.code, said.out + said.err

    return call


def back(folder: Path) -> tuple[object, ...]:
    return "restore", folder, "--on-behalf-of", "root@example.co.jp", "--reason", "trial"


def test_it_works(build: Build, command: Command, server: Server, tmp_path: Path) -> None:
    """A backup, what came after it, and back; on its way nothing moves by itself."""
    house = build("127.0.0.1:9", url=server.database("commands"))
    assert command(house, "db", "upgrade")[0] == 0
    house.start()
    id = house.send(samples.message("件", "本文"))
    house.reaches(id, "queued")
    code, said = command(house, "backup", tmp_path / "b")
    assert code == 0 and "entries, 0 files" in said, said
    later = house.send(samples.message("件", "本文"))
    house.reaches(later, "queued")
    code, said = command(house, *back(tmp_path / "b"))
    assert code == 75, said  # it is served
    house.stop()
    code, said = command(house, *back(tmp_path / "b"))
    assert code == 0 and "1 mails on their way wait" in said, said
    assert [row["lease_owner"] for row in house.consignments()] == ["recovery"]
    assert house.verify().whole
    aside = server.tell("SELECT count(*) FROM information_schema.schemata "
                        "WHERE schema_name LIKE 'before-restore-%'", "commands")  # fmt: skip
    assert aside == [(1,)]


def test_a_backup_that_is_damaged_changes_nothing(
    build: Build, command: Command, server: Server, tmp_path: Path
) -> None:
    house = build("127.0.0.1:9", url=server.database("damaged"))
    code, said = command(house, "backup", tmp_path / "b")
    assert code == 0, said
    with house.memory() as memory, memory.store.write() as tx:
        pointers.put(tx, "gate", "open")
    dump = tmp_path / "b" / "sekisho.dump"
    dump.write_bytes(dump.read_bytes()[:-900])
    code, said = command(house, *back(tmp_path / "b"))
    assert code == 2 and "is damaged" in said, said
    dump.unlink()
    code, said = command(house, *back(tmp_path / "b"))
    assert code == 2 and "no sekisho.dump" in said, said
    with house.memory() as memory, memory.store.read() as session:
        assert pointers.read(session.connection(), "gate") == "open"


def test_without_its_programs_it_is_said(
    build: Build, command: Command, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    house = build("127.0.0.1:9", url=server.database("bare"))
    code, said = command(house, "backup", tmp_path / "b")
    assert code == 2 and "pg_dump" in said and "postgresql-client" in said, said


def test_check_says_what_the_server_does_not_promise(build: Build, server: Server) -> None:
    house = build("127.0.0.1:9", url=server.database("checked"))
    with house.memory() as memory, pytest.raises(Broken, match="fsync is off"):
        place.database(Site(house.config, memory, ground.voice(), served=False))


def test_a_server_that_is_away_is_named(build: Build, command: Command, mortal: Server) -> None:
    house = build("127.0.0.1:9", url=mortal.url())
    mortal.kill()
    for verb in (("db", "upgrade"), ("backup", mortal.folder / "b"), ("queue", "list")):
        code, said = command(house, *verb)
        assert code == 75 and said.startswith("sekisho: error: connection"), said
        assert str(mortal.folder) in said
    memory, why = check._open(house.config)
    assert memory is None and why.startswith("connection is bad: ")
