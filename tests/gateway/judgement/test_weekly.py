"""The board reads each Friday what the rules did, in its own language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from gateway.judgement import weekly
from gateway.judgement.people import PERSON
from tests.gateway.judgement.test_holds import OUTSIDE, mail


@pytest.fixture
def board(office, clock):
    """On a Friday, 14:18, a day after a mail was held and one seen by the tap."""
    object.__setattr__(office.ck.config.policy, "report_to", "役員")
    office.hire("shacho", ("group", "役員"))
    clock.forward(days=5)
    office.arrive(mail(3), OUTSIDE)
    office.arrive(mail(3, seed=2), OUTSIDE, state="tapped")
    clock.forward(days=1)
    yield office
    object.__setattr__(office.ck.config.policy, "report_to", "")


def mailed(office):
    with office.memory.store.write() as tx:
        return weekly.mail_week(tx, office.ck)


def told(office):
    return [text for purpose, _, text in office.notices("policy") if purpose == "weekly"]


def test_it_works(board):
    assert mailed(board) == 1
    (text,) = told(board)
    for line in (
        "判定したメール　　　　2通",
        "保留したメール　　　　1通",
        "試行中のルールに該当　1通",
    ):
        assert line in text, line
    assert "/policy/weekly?from=2026-11-20" in text


def test_weeks_lie_edge_to_edge(board, clock):
    week = weekly.week_of(board.ck.calendar, clock())
    assert week == weekly.week(board.ck.calendar, date(2026, 11, 27))
    assert week.since == datetime(2026, 11, 26, 23, 45, tzinfo=UTC)
    assert weekly.week_of(board.ck.calendar, week.until - timedelta(seconds=1)) == week
    assert weekly.week_of(board.ck.calendar, week.until).since == week.until


def test_in_the_readers_language(board):
    with board.memory.store.write() as tx:
        tx.conn.execute(update(PERSON).where(PERSON.c.id == "shacho").values(language="en"))
    mailed(board)
    assert "Mails judged           2" in told(board)[0]


def test_once_a_week_and_to_nobody_unless_configured(board, clock):
    assert [mailed(board), mailed(board)] == [1, 0]
    clock.forward(days=1)
    assert mailed(board) == 0
    clock.forward(days=6)
    assert mailed(board) == 1
    object.__setattr__(board.ck.config.policy, "report_to", "")
    clock.forward(days=7)
    assert mailed(board) == 0
