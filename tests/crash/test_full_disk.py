"""A disk that somebody else has filled to its last octet: refusing, pages, releasing and erasing
still work, in the room of the ballast. On a real file system of its own."""

from __future__ import annotations

import errno
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import acts, parcel
from gateway.memory.states import Actor
from tests.crash.acts import confirm
from tests.crash.checks import sound
from tests.crash.test_matrix import numbered, plain
from tests.e2e.house import House, until
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

SMALL = "free_disk = '1MB'"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """32 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m,mode=700", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def house(disk: Path, sink: Sink) -> Iterator[House]:
    smtp = f'max_message_size = "300KB"\nlimits = {{ {SMALL} }}'
    made = House(disk, sink.hop, "[scan]\nworkers = 1", smtp)
    yield made
    made.close()


def fill(disk: Path) -> None:
    """Whoever else writes there, until nothing more fits."""
    with (disk / "others").open("ab", buffering=0) as file:
        for size in (1_000_000, 4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError as error:
                assert error.errno == errno.ENOSPC


def ballast(house: House) -> bool:
    return (house.config.data_dir / "ballast").exists()


def test_what_must_go_on_does_so_on_a_full_disk(house: House, disk: Path, sink: Sink) -> None:
    first, second = "moto@partner.example", "sei@partner.example"
    house.start("core", "web")
    held = [house.send(numbered(to), to) for to in (first, second)]
    for id in held:
        house.reaches(id, "held")
    confirm(house.path, held[0])
    sink.wait(first)
    until(lambda: ballast(house), 20)
    fill(disk)

    until(lambda: not ballast(house), 20, saying="the ballast is given up")
    refused(house)
    page = f"http://127.0.0.1:{house.web_port}/signin"
    with urllib.request.urlopen(page, timeout=10) as answer:
        assert answer.status == 200
    confirm(house.path, held[1])
    sink.wait(second, 1, 20)
    assert recalled(house, held[0]) == "recalled"
    assert house.processes["core"].poll() is None and house.processes["web"].poll() is None

    (disk / "others").unlink()
    until(lambda: ballast(house), 20, saying="it is taken again")
    house.send(plain("saigo@partner.example", 100), "saigo@partner.example")
    sink.wait("saigo@partner.example")
    house.stop()
    sound(house)


def refused(house: House) -> None:
    with house.client() as client:
        client.mail("hanako@example.co.jp")
        client.rcpt("sato@partner.example")
        code, said = client.docmd("DATA")
        assert code == 452 and b"4.3.1" in said


def recalled(house: House, letter: str) -> str:
    """What a person does who recalls a link: its key and its files are gone."""
    with house.memory() as memory, memory.store.write() as tx:
        (row,) = tx.conn.execute(
            parcel.PARCEL.select().where(parcel.PARCEL.c.letter_id == letter)
        ).mappings()
        acts.recall(tx, memory, row, Actor("person", "hanako"), "wrong recipient")
    with house.rows() as conn:
        (row,) = conn.execute(
            parcel.PARCEL.select().where(parcel.PARCEL.c.letter_id == letter)
        ).mappings()
    assert memory.parcels.is_gone(row["kek"])
    return str(row["state"])
