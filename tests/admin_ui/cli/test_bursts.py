"""`sekisho hold` on a burst: listed as one line, decided by one command."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from gateway.judgement import overdue
from gateway.memory.states import State
from tests.admin_ui.cli.test_hold import entries
from tests.merges import counting, invoice

NUMBER = 7


@pytest.fixture
def ids(site) -> list[str]:
    counting(site.office)
    sender = "hanako@example.co.jp"
    return [site.office.arrive(*invoice(n, sender=sender)) for n in range(1, NUMBER + 1)]


def test_it_works(site, ids):
    (row,) = map(json.loads, site.run("hold", "bursts", "--json").stdout.splitlines())
    assert sorted(row["ids"]) == sorted(ids) and row["recipients"] == NUMBER
    listed = site.run("hold", "bursts").stdout
    assert row["ids"][0] in listed and "Hanako" in listed
    ran = site.acting("hold", "refuse", ids[3], "--burst", NUMBER, person="root")
    assert ran.exit_code == 0, ran.stderr
    assert {site.office.read(id).state for id in ids} == {State.REFUSED}
    (entry,) = entries(site, ids[2], "refused")
    assert entry["actor"]["kind"] == "operator" and entry["actor"]["for"] == "root"
    assert "7通に実行し、0通は残しました" in ran.stderr
    assert site.run("hold", "bursts", "--json").stdout == ""


def test_what_is_let_on_still_waits_for_its_sender(site, ids):
    ran = site.acting("hold", "release", ids[0], "--burst", NUMBER, person="root")
    assert ran.exit_code == 0, ran.stderr
    for id in ids:
        held = site.office.read(id)
        assert held.state is State.HELD
        assert [row["kind"] for row in held.demands if row["state"] == "open"] == ["confirm"]


def test_what_is_not_like_the_others_is_left(site, ids):
    sender = "hanako@example.co.jp"
    odd = site.office.arrive(*invoice(60, sender=sender, files=[("社員名簿.txt", b"names")]))
    ran = site.acting("hold", "release", odd, "--burst", NUMBER + 1, person="root")
    assert ran.exit_code == 1 and "7通に実行し、1通は残しました" in ran.stderr
    assert len([row for row in site.office.read(odd).demands if row["state"] == "open"]) == 2


def test_so_many_of_them_and_no_more(site, ids):
    (row,) = map(json.loads, site.run("hold", "bursts", "--json").stdout.splitlines())
    assert site.acting("hold", "refuse", ids[0], "--burst", 5, person="root").exit_code == 0
    states = [site.office.read(id).state for id in row["ids"]]
    assert states == [State.REFUSED] * 5 + [State.HELD] * 2


def test_the_sender_is_told_by_whom_and_why_of_one_alone_too(site, ids):
    (row,) = map(json.loads, site.run("hold", "bursts", "--json").stdout.splitlines())
    first = row["ids"][0]
    assert site.acting("hold", "refuse", first, "--burst", 1, person="root").exit_code == 0
    with site.office.memory.store.write() as tx:
        tx.now += timedelta(minutes=1)
        overdue.sweep(tx, site.office.ck)
    purpose, to, text = site.office.notices(first)[-1]
    assert (purpose, to) == ("refused", "hanako@example.co.jp")
    assert "Rootさんにより却下された" in text and "電話で確認" in text


@pytest.mark.parametrize("verb", ["release", "refuse"])
@pytest.mark.parametrize(
    ("number", "person"), [(NUMBER + 1, "root"), (NUMBER, "hanako"), (NUMBER, "ichiro")]
)
def test_more_than_there_are_and_who_has_no_right_do_nothing(site, ids, verb, number, person):
    ran = site.acting("hold", verb, ids[0], "--burst", number, person=person)
    assert ran.exit_code == 1 and "sekisho hold bursts" in ran.stderr
    assert {site.office.read(id).state for id in ids} == {State.HELD}
    assert all(len(site.office.read(id).waiting("admin", "confirm")) == 2 for id in ids)


def test_no_more_are_let_on_than_can_be_looked_through(site, ids):
    ran = site.acting("hold", "release", ids[0], "--burst", 51, person="root")
    assert ran.exit_code == 1 and "50通まで" in ran.stderr
