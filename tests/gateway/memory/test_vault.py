"""Sealed bytes come back as they were or not at all, in any pieces, whole or in ranges."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.memory.vault import (
    CHUNK,
    EARLY,
    HEADER,
    TAG,
    Damaged,
    Opened,
    Vault,
    new_data_key,
    open_small,
    seal_small,
)

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 300_001]


def body(size):
    return bytes(i * 7 % 251 for i in range(size))


@pytest.mark.parametrize("size", SIZES)
def test_it_works(memory, size):
    key = new_data_key()
    sealed = memory.vault.seal(body(size), key, "letter A")
    with memory.store.write() as tx:
        ref = memory.vault.keep(tx.conn, sealed)
        opened = memory.vault.open(tx.conn, ref, key, "letter A")
        assert opened.size == size and opened.whole() == body(size)
        assert sealed.data == b"" or size <= CHUNK


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 600_000), st.lists(st.integers(1, 90_000), max_size=6), st.data())
def test_any_pieces_and_any_range(tmp_path_factory, size, pieces, data):
    vault, key, plain = Vault(tmp_path_factory.mktemp("v")), new_data_key(), body(size)
    sealer, at = vault.sealer(key, "x"), 0
    for piece in [*pieces, size]:
        sealer.write(plain[at : at + piece])
        at += piece
    sealed = sealer.finish()
    path = vault.folder / sealed.ref.partition(":")[2]
    opened = Opened(sealed.data or path, key, "x")
    start = data.draw(st.integers(0, size))
    end = data.draw(st.integers(start, size))
    assert b"".join(opened.range(start, end)) == plain[start:end]
    blocks = list(opened.blocks())
    assert b"".join(blocks) == plain and all(blocks)


@pytest.mark.parametrize("at", [0, 5, HEADER, HEADER + CHUNK, HEADER + CHUNK + TAG + 3, -1])
def test_a_changed_octet_is_found(tmp_path, at):
    key = new_data_key()
    sealed = Vault(tmp_path).seal(body(150_000), key, "x")
    data = bytearray((tmp_path / sealed.ref.partition(":")[2]).read_bytes())
    data[at] ^= 1
    with pytest.raises(Damaged):
        Opened(bytes(data), key, "x").whole()
    with pytest.raises(Damaged):
        list(Opened(bytes(data), key, "x").blocks())


def test_a_blob_cut_to_nothing_does_not_pass_for_an_empty_one(tmp_path):
    key = new_data_key()
    sealed = Vault(tmp_path).seal(body(150_000), key, "x")
    path = tmp_path / sealed.ref.partition(":")[2]
    os.truncate(path, HEADER + TAG)
    with pytest.raises(Damaged):
        list(Opened(path, key, "x").blocks())


def test_what_is_given_to_the_disk_early_is_all_there(tmp_path):
    key, plain = new_data_key(), body(3 * EARLY + 5)
    sealed = Vault(tmp_path).seal(plain, key, "x")
    assert Opened(tmp_path / sealed.ref.partition(":")[2], key, "x").whole() == plain


def test_cut_joined_reordered_and_borrowed_blobs_do_not_open(tmp_path):
    key, size = new_data_key(), CHUNK + TAG
    sealed = Vault(tmp_path).seal(body(3 * CHUNK), key, "x")
    data = (tmp_path / sealed.ref.partition(":")[2]).read_bytes()
    head, one, two, three = (
        data[:HEADER],
        *(data[HEADER + i * size : HEADER + (i + 1) * size] for i in range(3)),
    )
    for bad in (head + one + two, head + two + one + three, data + three, head + one):
        with pytest.raises(Damaged):
            Opened(bad, key, "x").whole()
    for wrong_key, about in ((new_data_key(), "x"), (key, "y")):
        with pytest.raises(Damaged):
            Opened(data, wrong_key, about).whole()


def test_nothing_plain_is_ever_in_the_folder(tmp_path):
    vault = Vault(tmp_path)
    sealer = vault.sealer(new_data_key(), "x")
    for _ in range(40):
        sealer.write(b"TOP-SECRET-MARK " * 1000)
        assert not any(b"TOP-SECRET" in path.read_bytes() for path in tmp_path.iterdir())
    sealer.abort()
    assert list(tmp_path.iterdir()) == []


def test_small_things_do_not_open_for_another_purpose():
    key = new_data_key()
    sealed = seal_small(b"report", key, "report A")
    assert open_small(sealed, key, "report A") == b"report"
    for bad, about in ((sealed, "report B"), (sealed[:-1], "report A"), (b"", "report A")):
        with pytest.raises(Damaged):
            open_small(bad, key, about)
