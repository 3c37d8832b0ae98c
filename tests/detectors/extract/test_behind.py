from hypothesis import given
from hypothesis import strategies as st

from detectors.extract import behind

BITS = (
    *(b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\2", b"MSCF\0\0\0\0"),
    *(b"\x60\xea\1\5", b"\x60\xea\1\x55", b"-lh0-", b"-lh5-", b"-lz5-", b"-pm1-", b"-lh"),
    *(b"\x60", b"\xea", b"\x13\0", b" a", b"\n", b"x", b"-"),
)


@given(st.lists(st.sampled_from(BITS), max_size=12).map(b"".join))
def test_every_sign_is_found_where_one_expression_finds_it(data: bytes) -> None:
    alone = [(found.start(), found[0]) for found in behind._SIGNS.finditer(data, 1)]
    assert [(found.start(), found[0]) for found in behind._signs(data)] == alone
