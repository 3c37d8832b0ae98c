from __future__ import annotations

import pytest

from detectors.report import Headers, Part, Report, Span
from gateway.judgement.identity import Directory, Entry, Sender, identify

HANAKO = Entry("hanako@example.co.jp", "person", "p-hanako", groups=("総務課",))
ICHIRO = Entry("ichiro@example.co.jp", "person", "p-ichiro")
INFO = Entry("info@example.co.jp", "shared", owner="p-ichiro")
COPIER = Entry("copier@example.co.jp", "system", owner="p-ichiro")
OWN = frozenset({"example.co.jp", ".group.example"})
DIRECTORY = Directory(
    {entry.address: entry for entry in (HANAKO, ICHIRO, INFO, COPIER)} | {"hanako": HANAKO}, OWN
)


def of(
    envelope: str = "", auth: str = "", header: str = "", report: Report | None = None
) -> Sender:
    return identify(envelope, auth, header, DIRECTORY, report or Report())


def auto(value: str) -> Report:
    return Report(headers=Headers(auto_submitted=value))


def test_it_works() -> None:
    assert of("hanako@example.co.jp", "", "hanako@example.co.jp") == Sender(
        "person", "hanako@example.co.jp", "p-hanako", "", (HANAKO,)
    )


@pytest.mark.parametrize(
    ("envelope", "auth", "header", "person"),
    [
        ("ichiro@example.co.jp", "hanako", "ichiro@example.co.jp", "p-hanako"),
        ("ichiro@example.co.jp", "HANAKO@example.co.jp", "", "p-hanako"),
        ("bounce-7@newsletter.example", "", "ichiro@example.co.jp", "p-ichiro"),
        ("Hanako@EXAMPLE.co.jp", "", "ichiro@example.co.jp", "p-hanako"),
    ],
    ids=["who signed in", "sign-in by address", "From, when the envelope is foreign", "case"],
)
def test_the_harder_to_forge_comes_first(
    envelope: str, auth: str, header: str, person: str
) -> None:
    assert of(envelope, auth, header).person == person


@pytest.mark.parametrize(
    ("envelope", "header", "class_", "address"),
    [
        ("copier@example.co.jp", "hanako@example.co.jp", "person", "hanako@example.co.jp"),
        ("hanako@example.co.jp", "info@example.co.jp", "person", "hanako@example.co.jp"),
        ("copier@example.co.jp", "info@example.co.jp", "shared", "info@example.co.jp"),
        ("copier@example.co.jp", "copier@example.co.jp", "system", "copier@example.co.jp"),
        ("copier@example.co.jp", "unknown@example.co.jp", "person", "unknown@example.co.jp"),
    ],
)
def test_the_strictest_class_is_judged(
    envelope: str, header: str, class_: str, address: str
) -> None:
    sender = of(envelope, "", header)
    assert (sender.class_, sender.address) == (class_, address)
    assert len(sender.candidates) == len({envelope, header})


def test_an_unknown_address_of_ours_counts_as_a_person() -> None:
    for address in ("new@example.co.jp", "x@sub.group.example", "x@group.example"):
        sender = of(address)
        assert (sender.class_, sender.person, sender.address) == ("person", "", address)


def test_a_foreign_sender_is_no_candidate_and_is_judged_as_a_person() -> None:
    sender = of("x@other.example", "", "x@notexample.co.jp")
    assert (sender.class_, sender.address, sender.candidates) == ("person", "x@other.example", ())


def test_a_null_path_goes_to_the_postmaster_where_nobody_is_known() -> None:
    sender = of("", "", "mailer-daemon@example.co.jp")
    assert (sender.class_, sender.owner, sender.person) == ("null", "", "")


def test_a_null_path_goes_to_the_owner_where_one_is_known() -> None:
    assert of("", "", "hanako@example.co.jp").owner == "p-hanako"
    machine = of("", "copier@example.co.jp")
    assert (machine.class_, machine.owner) == ("null", "p-ichiro")


@pytest.mark.parametrize("value", ["auto-replied", "Auto-Generated; x=y", "meeting"])
def test_automatic_mail_goes_to_the_person_who_let_it_be_sent(value: str) -> None:
    sender = of("hanako@example.co.jp", report=auto(value))
    assert (sender.class_, sender.owner, sender.person) == ("automatic", "p-hanako", "")


@pytest.mark.parametrize("value", ["", "no", " NO ; reason=x"])
def test_what_says_it_is_not_automatic_is_a_persons(value: str) -> None:
    assert of("hanako@example.co.jp", report=auto(value)).class_ == "person"


def test_a_delivery_report_is_automatic() -> None:
    top = Part("", "multipart/report", Span(0, 9), Span(9, 99))
    inner = Part("1", "multipart/report", Span(0, 9), Span(9, 99))
    assert of("hanako@example.co.jp", report=Report(parts=(top,))).class_ == "automatic"
    assert of("hanako@example.co.jp", report=Report(parts=(inner,))).class_ == "person"


def test_a_registered_machine_stays_one_when_it_marks_its_mail() -> None:
    sender = of("copier@example.co.jp", report=auto("auto-generated"))
    assert (sender.class_, sender.owner) == ("system", "p-ichiro")
