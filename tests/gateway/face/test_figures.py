from __future__ import annotations

import pytest

from gateway.face import figures
from gateway.face.i18n import words_in


@pytest.mark.parametrize(
    ("octets", "ja"),
    [
        *[(0, "0バイト"), (999, "999バイト"), (1_000, "1KB"), (84_000, "84KB")],
        *[(84_499, "84KB"), (1_500_000, "1.5MB"), (50_000_000, "50MB"), (2 * 10**9, "2GB")],
    ],
)
def test_it_works(octets: int, ja: str) -> None:
    assert figures.size(octets, words_in("ja")) == ja


def test_counts() -> None:
    assert figures.count(1204, words_in("ja")) == "1,204件"
    assert figures.count(1, words_in("en")) == "1 item"
    assert figures.count(1204, words_in("en")) == "1,204 items"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("satou.jirou@sr-office.example.jp", "s****@sr-office.example.jp"),
        ("a@example.jp", "a****@example.jp"),
        ('"a@b"@example.jp', '"****@example.jp'),
        ("..docomo..@docomo.example", ".****@docomo.example"),
        ("@example.jp", "****"),
        ("nobody", "****"),
        ("", "****"),
    ],
)
def test_an_address_is_masked(address: str, shown: str) -> None:
    assert figures.masked_address(address) == shown


def test_icons_of_files_are_in_the_sprite() -> None:
    from gateway.face.assets import ASSETS

    for name in ("一覧.XLSX", "a.zip", "b.pdf", "c.png", "d.eml", "noname", "e.unknown"):
        assert f'id="{figures.file_icon(name)}"'.encode() in ASSETS["icons.svg"].data
