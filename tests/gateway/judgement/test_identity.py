from __future__ import annotations

import pytest

from detectors.report import Headers, Part, Report, Span
from gateway.judgement.identity import Directory, Entry, Sender, identify, owned, writes_as_ours
from gateway.mail.address import is_ours

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


SRS = "SRS0=x=yz=customer.example=taro@example.co.jp"


def forwarded(by: str) -> Report:
    return Report(headers=Headers(forwarded_by=by))


def test_what_a_mailbox_forwards_is_asked_of_whose_mailbox_it_is() -> None:
    sender = of(SRS, "", "taro@customer.example", forwarded("hanako@example.co.jp"))
    assert (sender.class_, sender.address, sender.person) == (
        *("forwarded", "hanako@example.co.jp", "p-hanako"),
    )
    assert sender.candidates[0] == HANAKO


def test_a_forwarder_elsewhere_is_none_of_ours() -> None:
    sender = of("hanako@example.co.jp", report=forwarded("taro@customer.example"))
    assert sender.class_ == "person"


def test_who_signs_in_hands_it_in_himself() -> None:
    assert of("", "hanako", "x@y.example", forwarded("hanako@example.co.jp")).class_ == "null"
    sender = of("hanako@example.co.jp", "hanako", "", forwarded("hanako@example.co.jp"))
    assert sender.class_ == "person"


LIST = Report(headers=Headers(list_id="<project.example.co.jp>"))
BOUNCES = "project-bounces@example.co.jp"


@pytest.mark.parametrize(
    ("envelope", "header", "class_", "address", "person"),
    [
        (BOUNCES, "ichiro@example.co.jp", "list", "ichiro@example.co.jp", "p-ichiro"),
        (BOUNCES, "taro@customer.example", "list", BOUNCES, ""),
        ("ichiro@example.co.jp", "Ichiro@example.co.jp", "person", "ichiro@example.co.jp", None),
        ("list@other.example", "ichiro@example.co.jp", "person", "ichiro@example.co.jp", None),
    ],
    ids=["our writer", "another's writer", "a person's own envelope", "another's list"],
)
def test_a_list_is_one_that_sends_in_a_name_of_its_own(
    envelope: str, header: str, class_: str, address: str, person: str | None
) -> None:
    sender = of(envelope, "", header, LIST)
    assert (sender.class_, sender.address) == (class_, address)
    assert person is None or sender.person == person


def test_the_list_of_a_registered_machine_is_its_owners() -> None:
    sender = of("copier@example.co.jp", "", "taro@customer.example", LIST)
    assert (sender.class_, sender.owner) == ("list", "p-ichiro")


def test_a_bounce_that_is_forwarded_stays_automatic() -> None:
    headers = Headers(forwarded_by="hanako@example.co.jp", auto_submitted="auto-replied")
    assert of(SRS, report=Report(headers=headers)).class_ == "automatic"


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("a@example.co.jp", True),
        ("a@sub.example.co.jp", True),
        ("a@guest.example.co.jp", False),
        ("a@x.guest.example.co.jp", True),
        ("a@x.lab.example.co.jp", False),
        ("a@badexample.co.jp", False),
        ("nobody", False),
    ],
)
def test_a_domain_that_is_taken_out_is_outside_at_the_door_and_behind_it(address, ours) -> None:
    own = (".example.co.jp", "-guest.example.co.jp", "-.lab.example.co.jp")
    assert owned(address, own) is ours
    assert is_ours(address.rpartition("@")[2] if "@" in address else "", own) is ours


@pytest.mark.parametrize(
    ("address", "inside", "sends"),
    [
        ("a@branch-tokyo.example", True, True),
        ("a@x.branch-1.example", False, False),
        ("CPA@partner.example", True, False),
        ("b@partner.example", False, False),
        ("temp.3@example.co.jp", False, True),
        ("x@branch-old.example", False, False),
    ],
)
def test_a_star_and_single_addresses_say_who_is_inside(address, inside, sends) -> None:
    """Who sends as us is told by the domain alone: one auditor of another company is none of our
    senders, and a colleague who counts as outside is one all the same."""
    own = (
        *("example.co.jp", "branch-*.example", "-branch-old.example"),
        *("cpa@partner.example", "-temp.*@example.co.jp"),
    )
    assert owned(address, own) is inside
    assert is_ours(address.rpartition("@")[2], own) is writes_as_ours(address, own) is sends
