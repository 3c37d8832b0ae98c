"""Compatibility forms made alike run by run: the same as of the whole text."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.digits import without_astral
from detectors.folding import nfkc

# What joins, what has another form, what is plain, and what stands beyond U+FFFF.
LETTERS = st.sampled_from(
    "かハﾊﾞﾟ゛\u3099\u309aａ①㈱e\u0301\u0327\uac00ㄱﾡﾪ\u11a8あ、a \n漢😀𠮷𝟏🅰🈁🏻"
)


def test_it_works() -> None:
    assert nfkc("番号：１２ ﾊﾞｰ 😀") == "番号:12 バー 😀"
    assert without_astral("番号 𝟏𝟐😀") == "番号 12😀"


@settings(max_examples=1_000)
@given(st.text(LETTERS | st.characters(), max_size=12))
def test_runs_made_alike_are_the_whole_text_made_alike(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)
