"""Ordinary mail is let through: real mail of a public collection, and what the demo's office sends,
after the first day's feed. The other collections beside it are there because they are broken."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

import detectors
from admin_ui.demo import office as demo
from admin_ui.demo import past
from gateway.judgement.acquaintance.feed import Feed
from gateway.judgement.acquaintance.learn import learn
from gateway.judgement.policy.explain import level
from tests.office import Office

MAIL = Path(__file__).parents[4] / "shared" / "mail" / "spamassassin-nice"
HANAKO = "hanako@example.co.jp"
PASSES = (
    "番号のないメールはそのまま届きます",
    "注文番号の一覧：12桁でも、個人番号ではないので止まりません",
)
"""What the demo shows because it is not held."""
QUIET = 0.97


def _ordinary() -> list[tuple[str, bytes]]:
    found = [(path.name, path.read_bytes()) for path in sorted(MAIL.rglob("*")) if path.is_file()]
    now = datetime.now(UTC)
    let_through = [each for each in demo.samples(now) if each.title in PASSES]
    assert len(let_through) == len(PASSES)
    morning = [(f"morning {n}", each.data) for n, each in enumerate(past.morning(now))]
    return [*found, *((each.title, each.data) for each in let_through), *morning]


def _to(raw: bytes) -> list[str]:
    headers = detectors.inspect(raw, detectors.Wanted()).headers
    found = dict.fromkeys(b.address for b in (*headers.to, *headers.cc) if "@" in b.address)
    return list(found) or ["sato@partner.example"]


def _fed(office: Office, mails: dict[str, tuple[bytes, list[str]]], file: Path) -> None:
    """The mail log of the months before: the same people, in mails of their own."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["差出人", "宛先", "日時"])
        for _, to in mails.values():
            rows.writerows([[HANAKO, "; ".join(to), "2026-10-01 10:00"]] * 3)
    feed = Feed(office.ck.keyed, frozenset({"example.co.jp"}), office.memory.store.clock())
    with office.memory.store.write() as tx:
        learn(tx.conn, office.ck.keyed, list(feed.read(file)))


@pytest.mark.slow
@pytest.mark.skipif(not MAIL.is_dir(), reason="the collections of mail are not here")
def test_nothing_is_raised_for_97_of_100(office, tmp_path, capsys):
    mails = {name: (raw, _to(raw)) for name, raw in _ordinary()}
    _fed(office, mails, tmp_path / "sent.csv")
    raised: dict[str, set[str]] = {}
    trials: set[str] = set()
    for name, (raw, to) in mails.items():
        held = office.read(office.arrive(raw, to, HANAKO))
        if any(level(verdict) != "safe" for verdict in held.verdicts):
            raised[name] = {r.rule for v in held.verdicts for r in v.reasons if r.action != "pass"}
        if any(verdict.would for verdict in held.verdicts):
            trials.add(name)
    quiet = 1 - len(raised) / len(mails)
    strict = 1 - len(raised.keys() | trials) / len(mails)
    with capsys.disabled():
        print(
            f"\nordinary mail: {len(mails)} mails, quiet {quiet:.1%}, "
            f"with all rules on trial enforced {strict:.1%}; raised: {raised}"
        )
    assert len(mails) >= 50
    assert quiet >= QUIET
