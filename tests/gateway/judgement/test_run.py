"""Which mails are alike, and what is not like the others."""

from __future__ import annotations

import pytest
from sqlalchemy import true

from gateway.judgement import run
from gateway.memory.states import State
from tests import samples
from tests.gateway.judgement.test_holds import OUTSIDE, mail
from tests.mails import numbers
from tests.merges import invoice

HANAKO = "hanako@example.co.jp"
LARGE = b"x" * 20_000


def found(office, person: str = "hanako") -> list[run.Found]:
    with office.memory.store.read() as session:
        return run.found(session.connection(), office.ck, person, true())


def read(office, most: int = 50) -> run.Run:
    (one,) = found(office)
    with office.memory.store.read() as session:
        return run.read(session.connection(), office.ck, one, most)


def arrive(office, number: int, **changes) -> str:
    office.memory.store.clock.forward(seconds=1)
    return office.arrive(*invoice(number, sender=HANAKO, **changes))


@pytest.fixture
def ids(office) -> list[str]:
    return [arrive(office, number) for number in range(1, 9)]


def test_it_works(office, ids) -> None:
    (one,) = found(office)
    assert list(one.ids) == ids
    shown = read(office)
    assert [held.id for held in shown.mails] == ids and shown.apart == ()
    assert (len(shown.addresses), shown.domains, shown.files, shown.left) == (8, 8, 8, 0)


def test_no_more_than_can_be_looked_through(office, ids) -> None:
    shown = read(office, most=5)
    assert [held.id for held in shown.mails] == ids[:5] and shown.left == 3


def test_a_few_mails_are_no_run(office) -> None:
    for number in range(run.LEAST - 1):
        arrive(office, number)
    assert found(office) == []


@pytest.mark.parametrize(
    ("changes", "unlike"),
    [
        ({"files": []}, "files"),
        ({"files": [("請求書_9.csv", b"a,b")]}, "types"),
        ({"files": [("社員名簿.txt", b"secret")]}, "names"),
        ({"files": [("請求書_9.txt", LARGE)]}, "large"),
        ({"files": [("請求書_9.txt", "請求書 第1号".encode())]}, "same_file"),
        ({"to": "keiri@company1.example"}, "repeated"),
        ({"subject": "ご請求書の送付（会社 御中）"}, "subject"),
    ],
)
def test_what_is_unlike_the_others_stands_apart(office, ids, changes, unlike) -> None:
    odd = arrive(office, 9, **changes)
    shown = read(office)
    apart = {held.id: names for held, names in shown.apart}
    assert unlike in apart[odd]
    assert odd not in {held.id for held in shown.mails}
    # the mail whose file or recipient it repeats is as odd as itself
    assert set(apart) <= {odd, ids[0]} and len(shown.mails) >= 7


def test_one_other_domain_among_equal_ones_stands_apart(office) -> None:
    for number in range(1, 9):
        arrive(office, number, to=f"tencho{number}@partner.example")
    odd = arrive(office, 9, to="tencho9@partners.example")
    assert [(held.id, names[0]) for held, names in read(office).apart] == [(odd, "domain")]


def test_other_work_of_the_same_sender_is_a_run_of_its_own(office, ids) -> None:
    more = [
        arrive(office, n, subject=f"アンケートご協力のお願い {n}")
        for n in range(20, 20 + run.LEAST)
    ]
    assert [list(each.ids) for each in found(office)] == [ids, more]


def test_a_number_of_high_confidence_is_never_in_a_run(office) -> None:
    for _ in range(run.LEAST + 1):
        office.arrive(mail(3), OUTSIDE)
    assert found(office) == []


def test_what_reads_two_ways_is_never_in_a_run(office) -> None:
    for number in range(1, 8):
        raw, to = invoice(number, sender=HANAKO)
        odd = raw.replace(b"Content-Type:", b"Content-Type: text/plain\r\nContent-Type:", 1)
        id = office.arrive(odd, to)
        assert office.read(id).report.has("ambiguous") and office.read(id).state is State.HELD
    assert found(office) == []


def test_what_somebody_else_has_to_approve_is_never_in_a_run(office) -> None:
    for number in range(1, 8):
        rows = [["個人番号"], *[[n] for n in numbers(12, number)]]
        book = samples.workbook({"一覧": rows})
        arrive(office, number, files=[(f"一覧_{number}.xlsx", book)])
    assert found(office) == []


def test_nobody_else_finds_it(office, ids) -> None:
    assert found(office, "ichiro") == [] and found(office, "root") == []


def test_a_change_of_any_mail_is_another_thing_seen(office, ids) -> None:
    before = read(office).seen
    assert read(office).seen == before
    arrive(office, 10)
    assert read(office).seen != before
