"""A large mail leaves block by block, and arrives as it is or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.mail.content import Content
from gateway.mail.hop import Parcel, Pool
from gateway.mail.pieces import Pieces
from gateway.mail.route import Hop, Host
from gateway.memory.vault import BLOCK, CHUNK, TAG, Damaged, Opened, Vault, new_data_key
from tests.e2e.sink import Sink
from tests.gateway.mail.world import alone

TO = "sato@partner.example"
HEAD = b"Received: here\r\n"
LINES = b"x" * 62 + b"\r\n"
"""Whole blocks of them end where a block ends."""


@pytest.fixture
def peer():
    with Sink() as sink:
        yield sink


def opened(folder: Path, plain: bytes) -> Opened:
    vault, key = Vault(folder), new_data_key()
    sealed = vault.seal(plain, key, "x")
    return Opened(sealed.data or folder / sealed.ref.removeprefix("file:"), key, "x")


async def deliver(port: int, content: Content) -> tuple[str, str]:
    pool = Pool("gate.example.co.jp", 2)
    host = Host("127.0.0.1", port, "may")
    try:
        hop = Hop("smtp://peer", (host,), "may")
        parcel = Parcel("hanako@example.co.jp", (TO,), content)
        result = (await pool.send(hop, parcel, alone()))[TO]
        return result.outcome, result.reply
    finally:
        await pool.close()


def port_of(peer: Sink) -> int:
    return int(peer.hop.rpartition(":")[2])


@pytest.mark.parametrize("at", [BLOCK - 3, BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1])
@pytest.mark.parametrize("dots", [b"\r\n.\r\n", b"\r\n..\r\n", b"\r\n.x\r\n"])
async def test_it_works_wherever_a_block_ends(peer, tmp_path, at, dots):
    plain = b"y" * at + dots + LINES * 5000 + b".last line, without an end"
    content = Content.of(HEAD, opened(tmp_path, plain))
    assert (await deliver(port_of(peer), content))[0] == "delivered"
    assert peer.delivered[-1].data == HEAD + plain + b"\r\n"
    assert len(content) == len(HEAD + plain)


@pytest.mark.parametrize("at", range(-4, 3))
async def test_what_is_in_memory_leaves_as_it_came_wherever_a_piece_ends(peer, at):
    plain = LINES * 5000 + b"\r\n.x\r\n..\r\n" + LINES * 5000
    middle = plain.index(b".x") + at
    pieces = Pieces()
    for block in (plain[:middle], plain[middle:]):
        pieces.add(block)
    content = Content.at_hand(HEAD, pieces)
    assert content.whole_lines and content.isascii() and len(content) == len(HEAD + plain)
    assert (await deliver(port_of(peer), content))[0] == "delivered"
    assert peer.delivered[-1].data == HEAD + plain


@pytest.mark.parametrize(
    ("tail", "whole", "ascii"),
    [
        (b"\r\n", True, True),
        (b"\n", False, True),
        (b"\rx", False, True),
        (b"\r", False, True),
        (b"\0\r\n", False, True),
        ("本文\r\n".encode(), True, False),
    ],
)
@pytest.mark.parametrize("before", [CHUNK - 1, CHUNK, 3 * CHUNK])
def test_what_is_in_it_is_known_wherever_a_chunk_ends(tmp_path, tail, whole, ascii, before):
    content = Content.of(HEAD, opened(tmp_path, b"x" * before + tail))
    assert (content.whole_lines, content.isascii()) == (whole, ascii)


async def test_bad_line_ends_are_refused_before_a_word_of_it_is_said(peer, tmp_path):
    content = Content.of(HEAD, opened(tmp_path, LINES * 9000 + b"a\n.\r\n"))
    outcome, reply = await deliver(port_of(peer), content)
    assert outcome == "failed" and "5.6.0" in reply and not peer.delivered


async def test_of_a_blob_that_goes_bad_nothing_is_delivered(peer, tmp_path):
    body = opened(tmp_path, LINES * 20_000)
    content = Content.of(HEAD, body)
    (path,) = tmp_path.iterdir()
    octets = bytearray(path.read_bytes())
    octets[15 * (CHUNK + TAG)] ^= 1
    path.write_bytes(octets)
    with pytest.raises(Damaged):
        await deliver(port_of(peer), content)
    assert not peer.delivered


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (b"250 2.0.0 taken\r\n", "deferred"),
        (b"552 5.3.4 too much\r\n", "failed"),
        (b"", "unknown"),
    ],
)
async def test_a_peer_that_has_not_heard_the_end_has_not_taken_it(tmp_path, said, outcome):
    """It hangs up, or answers and reads no more."""

    over = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 peer\r\n")
        while (line := await reader.readline()) and not line.startswith(b"DATA"):
            writer.write(b"250 peer\r\n")
        writer.write(b"354 go on\r\n")
        await reader.readexactly(100_000)
        writer.write(said)
        if said:
            await over.wait()
        writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        content = Content.of(HEAD, opened(tmp_path, LINES * 400_000))
        port = server.sockets[0].getsockname()[1]
        found = await deliver(port, content)
        over.set()
    assert found[0] == outcome
