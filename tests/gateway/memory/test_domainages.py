from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.memory import config, domainages
from gateway.memory.faults import Refused

FEED = """ドメイン,登録日,registrar
New.example,2026-11-02,x
"quoted.example","2026/9/1"
plain.example,20261103
# a remark

moment.example.,2026-11-04T10:00:00Z
twice.example,2001-01-01
twice.example,2026-11-05
"""


def feed(folder: Path, text: str, charset: str = "utf-8") -> Path:
    path = folder / "feed.csv"
    path.write_bytes(text.encode(charset))
    return path


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp932"])
def test_it_works(tmp_path: Path, charset: str) -> None:
    assert domainages.read([feed(tmp_path, FEED, charset)]) == {
        "new.example": date(2026, 11, 2),
        "quoted.example": date(2026, 9, 1),
        "plain.example": date(2026, 11, 3),
        "moment.example": date(2026, 11, 4),
        "twice.example": date(2026, 11, 5),
    }


@pytest.mark.parametrize(
    ("since", "young"),
    [(date(2026, 10, 4), True), (date(2026, 10, 3), False), (date(2026, 12, 1), True)],
)
def test_it_is_young_for_so_many_days_and_so_is_what_lies_below(since: date, young: bool) -> None:
    ages = domainages.DomainAges({"new.example": since}, 50)
    found = ages.young_on(("mail.new.example", "new.example", "example"), date(2026, 11, 22))
    assert found == (("new.example", since) if young else None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no domains with a day"),
        ("ドメイン,登録日\n", "holds no domains with a day"),
        ("a.example,2026-11-02\nb.example\n", "line 2 is no domain and day"),
        ("a.example,2026-11-02\nb.example,2026-13-02\n", "line 2 is no domain and day"),
        ("head,day\nsecond,line\n", "line 2 is no domain and day"),
        ("nodot,2026-11-02\n", "line 1 is no domain and day"),
        ("a b.example,2026-11-02\n", "line 1 is no domain and day"),
    ],
)
def test_a_broken_feed_is_refused_with_its_place_and_the_mend(
    tmp_path: Path, text: str, why: str
) -> None:
    said = refused(tmp_path, text)
    assert f"acquaintance.domain_feeds: feed.csv: {why}" in said and "write example.com," in said


def test_what_is_no_csv_is_refused(tmp_path: Path) -> None:
    assert "domain_feeds: feed.csv: is no CSV" in refused(tmp_path, f'"{"a" * 200_000}",x')


def refused(folder: Path, text: str) -> str:
    feed(folder, text)
    path = folder / "sekisho.toml"
    path.write_text('[acquaintance]\ndomain_feeds = ["feed.csv"]\n', "utf-8")
    with pytest.raises(config.ConfigError) as error:
        config.load(path)
    return str(error.value)


def test_a_feed_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sekisho.toml"
    path.write_text('[acquaintance]\ndomain_feeds = ["feed.csv"]\n', "utf-8")
    with pytest.raises(config.ConfigError, match=r"domain_feeds: feed\.csv: is not there"):
        config.load(path)


def test_more_than_can_be_kept_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domainages, "MOST", 3)
    with pytest.raises(Refused, match="more than 3 domains"):
        domainages.read([feed(tmp_path, FEED)])


@given(st.text())
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("f") / "feed.csv"
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        domainages.read([path])
    except Refused:
        pass
