from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from bridge import handover
from bridge.handover import (
    Handover,
    Span,
    Unsatisfiable,
    disposition,
    headers_for,
    redeem,
    span,
    ticket,
)
from bridge.parcel import File
from gateway.memory.vault import CHUNK, Damaged, Opened, new_data_key

ETAG = '"9f2c"'
FILE = File(1, "扶養控除申告_2026.xlsx", "text/html", 1000, "9f2c")


def ask(field: str, **more: str) -> Span:
    return span(Headers({"range": field, **more}), 1000, ETAG)


def test_it_works() -> None:
    asked = ask("bytes=100-199")
    assert asked == Span(100, 200, 1000, partial=True)
    fields = headers_for(FILE, asked)
    assert fields["Content-Range"] == "bytes 100-199/1000"
    assert fields["Content-Length"] == "100"
    assert fields["Content-Type"] == "application/octet-stream", "not what the file says it is"


@pytest.mark.parametrize(
    ("field", "start", "end"),
    [
        *[("bytes=0-0", 0, 1), ("bytes=999-", 999, 1000), ("bytes=0-", 0, 1000)],
        *[("bytes=0-99999", 0, 1000), ("bytes=-5", 995, 1000), ("bytes=-5000", 0, 1000)],
        (f"bytes=0-{10**17}", 0, 1000),
    ],
)
def test_one_range_is_served(field, start, end) -> None:
    assert ask(field) == Span(start, end, 1000, partial=True)


@pytest.mark.parametrize(
    "field",
    [
        *["", "bytes=-", "bytes=5-1", "bytes=0-1,5-9", "lines=1-2", "bytes=a-b", "bytes=1"],
        *["bytes=²-³", "bytes=--1", "bytes=1-2-3", f"bytes=0-{10**40}"],
    ],
)
def test_what_is_no_single_range_gets_the_whole_file(field) -> None:
    assert ask(field) == Span(0, 1000, 1000, partial=False)


@pytest.mark.parametrize("field", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_outside_is_refused(field) -> None:
    with pytest.raises(Unsatisfiable):
        ask(field)


@pytest.mark.parametrize("other", ['"other"', 'W/"9f2c"', "Sat, 21 Nov 2026 05:18:00 GMT"])
def test_a_range_of_another_file_gets_the_whole(other) -> None:
    assert ask("bytes=5-9", **{"if-range": ETAG}).partial
    assert not ask("bytes=5-9", **{"if-range": other}).partial


@given(st.text(max_size=40))
def test_any_field_gives_octets_of_the_file_or_is_refused(field) -> None:
    raw = Headers(raw=[(b"range", f"bytes={field}".encode("latin-1", "replace"))])
    try:
        asked = span(raw, 1000, ETAG)
    except Unsatisfiable:
        return
    assert 0 <= asked.start < asked.end <= 1000


def test_a_ticket_is_good_for_one_session_and_one_access() -> None:
    mine = ticket("session", 17)
    assert redeem("session", mine) == 17
    number, mac = mine.split("-")
    forged = [f"18-{mac}", f"{number}-{'0' * 32}", f"{mine}0", mac, "", "-", "17", "1-é", "1" * 99]
    assert [redeem("session", each) for each in forged] == [None] * len(forged)
    assert redeem("other", mine) is None and redeem("", mine) is None


@given(st.text(max_size=300))
def test_no_name_leaves_its_header(name) -> None:
    field = disposition(name.encode("utf-8", "replace").decode())
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9 ._()+-]+\"; filename\*=UTF-8''[A-Za-z0-9._~%-]*", field
    )


@pytest.mark.parametrize(
    ("name", "older"),
    [
        *[("report (1).pdf", "report (1).pdf"), ("扶養.xlsx", "file.xlsx"), ("扶養", "file")],
        *[('a"b.txt', "file.txt"), ("a\r\nX: 1.txt", "file.txt"), ("a.txt\n", "file")],
    ],
)
def test_old_browsers_get_a_plain_name(name, older) -> None:
    assert f'filename="{older}";' in disposition(name)


# -- the octets


class Line:
    """One end of a connection: what was sent, and when the other end hangs up."""

    def __init__(self, gone_after: int = 99) -> None:
        self.messages: list[dict[str, object]] = []
        self.gone_after = gone_after
        self._gone = asyncio.Event()

    async def send(self, message) -> None:
        self.messages.append(message)
        if len(self.messages) > self.gone_after:
            self._gone.set()
        await asyncio.sleep(0)

    async def receive(self):
        await self._gone.wait()
        return {"type": "http.disconnect"}

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.messages)

    @property
    def ended(self) -> bool:
        return not self.messages[-1].get("more_body", False)


PLAIN = bytes(range(256)) * 1_000  # four chunks


@pytest.fixture
def opened(memory) -> Opened:
    key = new_data_key()
    sealed = memory.vault.seal(PLAIN, key, "parcel X 1")
    with memory.store.read() as session:
        return memory.vault.open(session.connection(), sealed.ref, key, "parcel X 1")


async def hand_over(opened, line, *, still_open=lambda: True) -> list[tuple[int, str]]:
    told: list[tuple[int, str]] = []
    asked = Span(0, opened.size, opened.size, partial=False)
    answer = Handover(
        opened, asked, headers_for(FILE, asked), still_open, lambda *said: told.append(said)
    )
    await answer({"type": "http", "method": "GET"}, line.receive, line.send)
    return told


async def test_all_octets_leave_and_are_told_once(opened) -> None:
    line = Line()
    assert await hand_over(opened, line) == [(len(PLAIN), "")]
    assert line.body == PLAIN and line.ended


async def test_who_hangs_up_is_told_with_what_had_left(opened) -> None:
    line = Line(gone_after=2)
    [(told, ended)] = await hand_over(opened, line)
    assert 0 < told < len(PLAIN) and ended == "left" and not line.ended


async def test_a_recall_cuts_off_what_is_under_way(opened, monkeypatch) -> None:
    monkeypatch.setattr(handover, "LOOK_AGAIN", -1.0)
    answers = iter([True, True, False])
    line = Line()
    assert await hand_over(opened, line, still_open=lambda: next(answers)) == [
        (2 * CHUNK, "closed")
    ]
    assert line.body == PLAIN[: 2 * CHUNK] and not line.ended


async def test_damaged_bytes_never_leave(opened, memory) -> None:
    [blob] = list(memory.vault.files())
    sealed = bytearray(blob.read_bytes())
    sealed[100_000] ^= 1  # in the second chunk
    blob.write_bytes(sealed)
    line = Line()
    with pytest.raises(ExceptionGroup, match="unhandled") as raised:
        await hand_over(opened, line)
    assert raised.group_contains(Damaged)
    assert line.body == PLAIN[:CHUNK] and not line.ended
