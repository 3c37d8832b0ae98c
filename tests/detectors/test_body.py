from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import body
from detectors.budget import Limits
from detectors.clear import Clear, from_json, to_json
from tests.samples import individual_number, message


def clear(raw: bytes) -> Clear:
    return body.read(raw, Limits())


def test_it_works() -> None:
    number = individual_number(1)
    name = f"一覧 {individual_number(2)}.csv"
    read = clear(message("件名", f"番号は {number} です。", [(name, b"a,b")]))
    assert read.body.strip() == f"番号は {number} です。"  # nothing is masked
    assert read.names == {"2": name}
    assert number not in repr(read)
    assert from_json(to_json(read)) == read


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-jp"])
def test_of_an_alternative_the_plain_text_is_shown(charset: str) -> None:
    read = clear(message("件名", "平文", charset=charset, html="<p>飾り</p>"))
    assert read.body.strip() == "平文"


def test_html_alone_is_turned_into_text_without_what_is_hidden() -> None:
    raw = message("a", "平文", html="<p>見える</p><p style='display:none'>隠れた</p>")
    raw = raw.replace(b"text/plain", b"application/x-none", 1)
    read = clear(raw)
    assert "見える" in read.body and "隠れた" not in read.body


def test_a_long_body_is_cut_and_says_so() -> None:
    read = clear(message("a", "x" * (body.LONGEST + 1)))
    assert len(read.body) == body.LONGEST and read.cut


@given(st.binary(max_size=2_000))
def test_no_octets_raise(raw: bytes) -> None:
    clear(raw)


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"body": 1}', b'{"names": {"1": 2}}'])
def test_another_form_is_refused(answer: bytes) -> None:
    with pytest.raises(ValueError):
        from_json(answer)
