"""People by CSV: what a file changes, on which day, and what it may not."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.judgement import people, personnel, roster
from gateway.memory.exported import text_of
from gateway.memory.states import Actor

ROOT = Actor("person", "root", "192.0.2.7")
HEAD = "name,email,department,addresses,shared,roles,groups,deputy,from,until\n"


def read(memory, text: str) -> roster.Plan:
    with memory.store.read() as session:
        return roster.import_csv(session.connection(), text, memory.store.clock())


def take(memory, text: str) -> int:
    with memory.store.write() as tx:
        return roster.apply(tx, roster.import_csv(tx.conn, text, tx.now), ROOT)


def ask(memory, question, *args):
    with memory.store.read() as session:
        return question(session.connection(), *args, memory.store.clock())


def person(memory, address: str):
    with memory.store.read() as session:
        return people.person_at(session.connection(), address)


def changes(plan: roster.Plan) -> list[tuple[int, str, str]]:
    return [(each.row, each.what, each.value) for each in plan.changes]


ONE = HEAD + (
    "山田 花子,Hanako.Y@example.co.jp,総務課,hanako@example.co.jp,soumu@example.co.jp,,,,,\n"
    "鈴木 一郎,ichiro@example.co.jp,総務部,,soumu@example.co.jp,承認者 handler,"
    "情報管理責任者,hanako.y@example.co.jp,2026-12-01,2027-03-31\n"
)


def test_it_works(memory, clock) -> None:
    plan = read(memory, ONE)
    assert plan.faults == ()
    assert changes(plan) == [
        (2, "person", "山田 花子"),
        (2, "department", "総務課"),
        (2, "address", "hanako@example.co.jp"),
        (2, "shared", "soumu@example.co.jp"),
        (3, "person", "鈴木 一郎"),
        (3, "department", "総務部"),
        (3, "until", "2027-03-31"),
        (3, "shared", "soumu@example.co.jp"),
        (3, "role", "approver"),
        (3, "role", "handler"),
        (3, "group", "情報管理責任者"),
        (3, "deputy", "hanako.y@example.co.jp"),
    ]
    assert take(memory, ONE) == 12
    hanako, ichiro = (person(memory, f"{n}@example.co.jp") for n in ("hanako", "ichiro"))
    assert hanako["name"] == "山田 花子" and hanako["department"] == "総務課"
    # nothing of the second row before its day, all of it from then to the last day
    for days, roles in ((0, set()), (9, set()), (1, {"approver", "handler"})):
        clock.forward(days=days)
        assert ask(memory, people.granted, ichiro["id"], "role") == roles
    assert ask(memory, people.deputies, [ichiro["id"]]) == {hanako["id"]}
    assert ask(memory, people.members, "情報管理責任者") == {ichiro["id"]}
    clock.forward(days=121)
    assert ask(memory, people.members, "情報管理責任者") == frozenset()


def test_reading_it_again_changes_nothing(memory, clock) -> None:
    take(memory, ONE)
    assert changes(read(memory, ONE)) == []
    clock.forward(days=20)
    assert changes(read(memory, ONE)) == []


def test_a_move_to_another_post_takes_effect_on_its_day(office, memory, clock) -> None:
    text = "name,email,roles,from\nIchiro,ichiro@example.co.jp,auditor,2026-12-01\n"
    assert [c[1:] for c in changes(read(memory, text))] == [
        ("role-", "approver"),
        ("role", "auditor"),
    ]
    take(memory, text)
    assert ask(memory, people.granted, "ichiro", "role") == {"approver"}
    assert ask(memory, people.members, "情報管理責任者") == {"ichiro", "saburo"}  # no such column
    clock.forward(days=10)
    assert ask(memory, people.granted, "ichiro", "role") == {"auditor"}


def test_an_end_is_never_put_off(office, memory, clock) -> None:
    with memory.store.write() as tx:
        (role, *_) = personnel.grants(tx.conn, "ichiro", tx.now)
        personnel.revoke(tx, "ichiro", role["id"], ROOT, tx.now.replace(day=25))
    take(memory, "name,email,roles,from\nIchiro,ichiro@example.co.jp,,2026-12-24\n")
    clock.forward(days=10)
    assert ask(memory, people.granted, "ichiro", "role") == frozenset()


def test_empty_means_none_and_missing_means_as_it_is(office, memory) -> None:
    assert changes(read(memory, "name,email\nIchiro,ichiro@example.co.jp\n")) == []
    assert {
        c[1] for c in changes(read(memory, HEAD + "Ichiro,ichiro@example.co.jp" + "," * 8))
    } == {
        "role-",
        "group-",
        "deputy-",
    }


def test_who_is_not_in_the_file_stays(office, memory) -> None:
    take(memory, "name,email,roles\nIchiro,ichiro@example.co.jp,\n")
    assert person(memory, "hanako@example.co.jp")["locked"] is False
    assert ask(memory, people.granted, "saburo", "role") == {"approver"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",a@example.co.jp,,,,,,,,", "name"),
        ("A,,,,,,,,,", "email"),
        ("A,nonsense,,,,,,,,", "email"),
        ("A,a@example.co.jp,,nonsense,,,,,,", "address"),
        ("A,a@example.co.jp,,,nonsense,,,,,", "address"),
        ("A,a@example.co.jp,,,,emperor,,,,", "role"),
        ("A,a@example.co.jp,,,,auditor approver,,,,", "conflict"),
        ("A,a@example.co.jp,,,,handler;system_admin,,,,", "conflict"),
        ("A,a@example.co.jp,,,,,,,tomorrow,", "day"),
        ("A,a@example.co.jp,,,,,,,2026-02-30,", "day"),
        ("A,a@example.co.jp,,,,,,,2026-12-02,2026-12-01", "days"),
        ("A,a@example.co.jp,,saburo@example.co.jp,,,,,,", "taken"),
        ("A,a@example.co.jp,,,saburo@example.co.jp,,,,,", "mailbox"),
        ("A,team@example.co.jp,,,,,,,,", "mailbox"),
        ("A,a@example.co.jp,,,,,,nobody@example.co.jp,,", "deputy"),
        ("A,a@example.co.jp,,,,,,a@example.co.jp,,", "self"),
        ("A,a@example.co.jp,,,,,,,,\nB,A@example.co.jp,,,,,,,,", "twice"),
        (
            "A,a@example.co.jp,,c@example.co.jp,,,,,,\nB,b@example.co.jp,,c@example.co.jp,,,,,,",
            "twice",
        ),
        ("A,a@example.co.jp,,,,,,,,\nB,b@example.co.jp,,,a@example.co.jp,,,,,", "mailbox"),
        ('"A', "columns"),
    ],
)
def test_a_row_that_cannot_be_taken(office, memory, row: str, code: str) -> None:
    office.hire("mona", shared="team@example.co.jp")
    plan = read(memory, HEAD + row + "\n")
    assert code in {fault.code for fault in plan.faults}
    assert plan.changes == ()
    with pytest.raises(roster.Faulty), memory.store.write() as tx:
        roster.apply(tx, plan, ROOT)


def test_faults_name_their_rows(memory) -> None:
    plan = read(
        memory, HEAD + "A,a@example.co.jp,,,,,,,,\n,b@example.co.jp,,,,,,,,\n,,,,,,,,,\nC,c\n"
    )
    assert [(fault.row, fault.code) for fault in plan.faults] == [(3, "name"), (5, "email")]


@pytest.mark.parametrize(
    "head", ["", "name\n", "email,roles\n", "name,email,salary\n", "name,email,email\n"]
)
def test_headings_are_checked(memory, head: str) -> None:
    assert [fault.code for fault in read(memory, head).faults] == ["columns"]


def test_every_change_is_on_record(office, memory) -> None:
    take(memory, "name,email,roles\nIchiro K,ichiro@example.co.jp,auditor\n")
    assert office.verbs("ichiro") == ["person.changed", "role.revoked", "role.granted"]


def test_ten_thousand_rows_and_no_more(memory) -> None:
    rows = "".join(f"N,n{number}@example.co.jp\n" for number in range(10_001))
    assert [fault.code for fault in read(memory, "name,email\n" + rows).faults] == ["rows"]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.text(max_size=200))
def test_any_text_gets_a_plan(memory, text: str) -> None:
    for head in ("", HEAD):
        read(memory, head + text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_files_of_excel_are_read(encoding: str) -> None:
    assert text_of("氏名,髙﨑①".encode(encoding)) == "氏名,髙﨑①"


def test_other_bytes_are_no_text() -> None:
    with pytest.raises(ValueError):
        text_of(b"\x81")
