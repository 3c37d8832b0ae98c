"""A mail in memory is what came, in few pieces, and is forgotten with the last who holds it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.pieces import SMALL, Pieces, Shelf


def pieces(*blocks: bytes) -> Pieces:
    made = Pieces()
    for block in blocks:
        made.add(block)
    return made


def test_it_works() -> None:
    made = pieces(b"a" * 20_000, b"b" * 300_000, b"c")
    assert [len(each) for each in made] == [20_000, 300_000, 1] and len(made) == 320_001
    assert made.first(20_001) == b"a" * 20_000 + b"b"


@given(st.lists(st.binary(max_size=40)), st.integers(0, 400))
def test_it_is_what_came(blocks: list[bytes], octets: int) -> None:
    made, whole = pieces(*blocks), b"".join(blocks)
    assert (b"".join(made), len(made)) == (whole, len(whole))
    assert made.first(octets) == whole[:octets]


def test_what_trickles_in_is_a_few_pieces() -> None:
    made = pieces(*[b"x"] * 100_000)
    assert len(list(made)) < 10 and len(made) == 100_000


def test_its_octets_are_told_to_nobody() -> None:
    assert "secret" not in repr(pieces(b"secret"))


def test_a_shelf_takes_so_many_and_forgets_what_nobody_holds() -> None:
    shelf, one, two = Shelf(1), pieces(bytes(SMALL + 1)), pieces(bytes(SMALL + 1))
    assert shelf.takes(one) and shelf.takes(one) and not shelf.takes(two)
    del one
    assert shelf.takes(two)


def test_what_is_small_needs_no_place() -> None:
    shelf = Shelf(0)
    assert shelf.takes(pieces(bytes(SMALL))) and not shelf.takes(pieces(bytes(SMALL + 1)))
