"""One kill at each durable step, then a restart: nothing that was acknowledged is lost, nothing
unapproved leaves, and a mail goes out twice only where nobody can know, which the ledger says."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from tests import samples
from tests.crash.acts import confirm
from tests.crash.checks import daily, sound
from tests.crash.launch import KILLED
from tests.e2e.house import House, until
from tests.e2e.sink import Sink
from tests.e2e.zygote import Child, shared

pytestmark = pytest.mark.slow

_numbers = count(1)


@dataclass(frozen=True)
class Case:
    point: str
    copies: int = 1
    """how often the mail arrives after all"""
    size: int = 100
    kept: bool = True
    """whether the mail was durable when the core died"""


def named(case: Case) -> str:
    return f"{case.point}{'-big' if case.size > 65536 else ''}".replace("gateway.", "")


class Mortal(House):
    """Its core is forked, and dies where it is told to."""

    def spawn(self, role: str, argv: Sequence[str] = ("nowhere",)) -> Child:
        point = argv or ("nowhere",)
        return launched(self, [*point, role, str(self.path)], self.folder / "tmp")


def launched(house: House, argv: Sequence[str], folder: Path) -> Child:
    return shared().spawn(argv, house.stderr, folder, module="tests.crash.launch")


@pytest.fixture
def house(tmp_path: Path, sink: Sink) -> Iterator[House]:
    made = Mortal(tmp_path, sink.hop, "[scan]\nworkers = 1")
    yield made
    made.close()


@pytest.fixture
def to() -> str:
    return f"sato{next(_numbers)}@partner.example"


def plain(to: str, size: int) -> bytes:
    return samples.message("資料", "a\n" * (size // 2), to=to)


def numbered(to: str) -> bytes:
    rows = [["氏名", "個人番号"], *(["山田", n] for n in samples.individual_numbers(3, seed=9))]
    book = samples.workbook({"一覧": rows})
    return samples.message("扶養控除等申告書", "お送りします。\n", [("一覧.xlsx", book)], to=to)


def start_dying(house: House, point: str) -> None:
    house.start(argv=(point,))


def died(house: House) -> None:
    assert house.ended() == KILLED, house.said()[-3000:]


def send_to_the_dying(house: House, raw: bytes, to: str) -> str:
    """The id if it was acknowledged, else ""."""
    try:
        return house.send(raw, to)
    except (smtplib.SMTPException, OSError):
        return ""


def copies(house: House, sink: Sink, to: str, expected: int) -> None:
    """So many arrive, and not one more."""
    if expected:
        sink.wait(to, expected, 15)
    until(lambda: all(c["state"] != "queued" for c in house.consignments()), 15)
    assert len(sink.to(to)) == expected


def arrives_and_is_sound(house: House, sink: Sink, to: str, expected: int = 1) -> None:
    copies(house, sink, to, expected)
    house.stop()
    sound(house)


# -- intake and delivery of what nobody holds


INTAKE = [
    Case("gateway.mail.intake:Arrival.commit@before", 0, kept=False),
    Case("gateway.memory.vault:Sealer.finish@before", 0, kept=False),
    Case("gateway.memory.vault:Sealer.finish@before", 0, 200_000, kept=False),
    Case("gateway.memory.vault:os.fsync@before", 0, 200_000, kept=False),
    Case("gateway.memory.vault:sync_folder@before", 0, 200_000, kept=False),
    Case("gateway.memory.vault:Sealer.finish@after", 0, 200_000, kept=False),
    Case("append:received", 0, 200_000, kept=False),
    Case("append:received", 0, kept=False),
    Case("commit:received"),
    Case("publish:received"),
    Case("gateway.mail.reception:Reception.settle@after", size=200_000),
]


@pytest.mark.parametrize("case", daily(INTAKE, 0, 3, 8, 10, named=named))
def test_killed_while_a_mail_is_taken(house: House, sink: Sink, to: str, case: Case) -> None:
    start_dying(house, case.point)
    assert send_to_the_dying(house, plain(to, case.size), to) == ""
    died(house)
    assert len(house.consignments()) == case.kept
    house.start()
    if not case.kept:  # its sender was told nothing and tries again
        house.send(plain(to, case.size), to)
    arrives_and_is_sound(house, sink, to)


DELIVERY = [
    Case("append:judged"),
    Case("commit:judged"),
    Case("append:attempted"),
    Case("commit:attempted"),
    Case("publish:attempted"),
    Case("gateway.mail.hop:Pool.connect@after"),
    Case("gateway.mail.hop:Pool._data@before"),
    Case("gateway.mail.hop:Pool._data@after", 2),
    Case("append:delivered", 2),
    Case("commit:delivered"),
    Case("publish:delivered"),
]


@pytest.mark.parametrize("case", daily(DELIVERY, 1, 3, 7, 9, named=named))
def test_killed_while_a_mail_is_delivered(house: House, sink: Sink, to: str, case: Case) -> None:
    start_dying(house, case.point)
    id = send_to_the_dying(house, plain(to, case.size), to)
    died(house)
    (row,) = house.consignments()
    assert id in ("", row["id"])
    house.start()
    arrives_and_is_sound(house, sink, to, case.copies)
    warned = [f["maybe_delivered_before"] for v, f in house.verbs(row["id"]) if v == "attempted"]
    if case.copies > 1:
        assert warned == [False, True]
        assert sink.to(to)[0].data == sink.to(to)[1].data
    assert [v for v, _ in house.verbs(row["id"])].count("delivered") == 1


@pytest.mark.parametrize("point", ["append:bounced", "commit:bounced"])
def test_killed_while_a_bounce_is_written(house: House, sink: Sink, to: str, point: str) -> None:
    sink.answers[f"RCPT TO:<{to}"] = "550 5.1.1 no such user"
    start_dying(house, point)
    send_to_the_dying(house, samples.message("a", "b\n", to=to), to)
    died(house)
    house.start()
    copies(house, sink, to, 0)
    until(lambda: all(c["state"] in ("done", "erased") for c in house.consignments()), 15)
    house.stop()
    with house.rows() as conn:
        query = text("SELECT count(*) FROM letter WHERE purpose = 'dsn'")
        assert conn.execute(query).scalar() == 1
    sound(house)


# -- what is held


HOLDING = [
    "gateway.memory.keys:Ring.own@after",
    "append:judged",
    "commit:judged",
    "publish:judged",
]


@pytest.mark.parametrize("point", daily(HOLDING, 0, 2))
def test_killed_while_it_is_decided(house: House, sink: Sink, to: str, point: str) -> None:
    start_dying(house, point)
    send_to_the_dying(house, numbered(to), to)
    died(house)
    (row,) = house.consignments()[:1]
    house.start()
    house.reaches(row["id"], "held")
    assert sink.to(to) == []
    assert [v for v, _ in house.verbs(row["id"])].count("judged") == 1
    confirm(house.path, row["id"])
    arrives_and_is_sound(house, sink, to)
    leaves_sealed(sink, to)


def hold(house: House, to: str) -> str:
    house.start()
    id = house.send(numbered(to), to)
    house.reaches(id, "held")
    house.stop()
    return id


def leaves_sealed(sink: Sink, to: str) -> None:
    (mail,) = sink.to(to)
    assert b"/d/" in mail.data.replace(b"=\r\n", b"") or b"base64" in mail.data
    assert b'filename="' not in mail.data and b"spreadsheet" not in mail.data


@pytest.mark.parametrize(
    "point", daily(["append:confirmed", "commit:confirmed", "publish:confirmed"], 1)
)
def test_killed_while_it_is_released(house: Mortal, sink: Sink, to: str, point: str) -> None:
    id = hold(house, to)
    act = launched(house, [point, "confirm", id, str(house.path)], house.folder)
    assert act.wait(30) == KILLED, house.said()
    kept = not point.startswith("append")
    assert house.state(id) == ("released" if kept else "held")
    house.start()
    if not kept:
        assert sink.quiet(to)
        assert house.state(id) == "held"
        confirm(house.path, id)
    arrives_and_is_sound(house, sink, to)
    assert [v for v, _ in house.verbs(id)].count("confirmed") == 1
    leaves_sealed(sink, to)


SEALING = [
    "gateway.memory.keys:Ring.own@after",
    "bridge.packing:pack@after",
    "bridge.rendition:make@after",
    "gateway.memory.vault:Vault.seal@after#2",
    "append:sealed",
    "commit:sealed",
    "publish:sealed",
]


@pytest.mark.parametrize("point", daily(SEALING, 1, 3, 5))
def test_killed_while_it_is_sealed(house: House, sink: Sink, to: str, point: str) -> None:
    id = hold(house, to)
    confirm(house.path, id)
    house.start(argv=(point,), wait=False)
    died(house)
    assert sink.to(to) == []
    house.start()
    arrives_and_is_sound(house, sink, to)
    leaves_sealed(sink, to)
    with house.rows() as conn:
        assert conn.execute(text("SELECT count(*) FROM parcel")).scalar() == 1
