"""Mail that nobody hands in: what a mailbox forwards by itself, and what a list gives to its
members. Its recipients outside are outside, and whose mailbox or mail it is reads why it waits."""

from __future__ import annotations

import smtplib

import pytest

from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, until
from tests.e2e.incidents import SENDERS, Incident, fed, tell
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

TABLES = """
[lists."顧客のML"]
addresses = ["project@example.co.jp"]
outside = true
"""
SRS = "SRS0=ab=cd=customer.example={sender}@example.co.jp"
NUMBERED = [["氏名", "個人番号"], ["佐藤", samples.individual_number(31)]]
NUMBER = {
    "ja": "個人番号（マイナンバー）と思われる情報が1件あります",
    "en": "Possible Individual Number (My Number): 1 found",
    "files": [("届出.xlsx", samples.workbook({"表": NUMBERED}))],
}
HANDED_ON = (
    Incident(
        "an automatic answer that gives a My Number away",
        **NUMBER,
        headers={"Auto-Submitted": "auto-replied"},
    ),
    Incident("a bounce that returns a My Number", **NUMBER, envelope=""),
    Incident(
        "a forwarding with one wrong letter ran for ten months",
        "いつもの宛先とよく似た、別のドメインがあります（gmai.com は "
        "gmail.com の打ち間違いとして知られるドメインです）",
        "A domain looks like one you usually write to, but is another"
        " (gmai.com is a well-known misspelling of gmail.com)",
        to="{sender}@example.co.jp",
        rcpt=["private@gmai.com"],
        writer="田中 <tanaka@customer.example>",
        envelope=SRS,
        headers={"X-Forwarded-For": "{sender}@example.co.jp private@gmai.com"},
    ),
    Incident(
        "a mailbox forwards everything",
        "自動転送により、社外の宛先に送られようとしています。転送先をご確認ください。",
        "A mailbox forwards this to the outside by itself. Please check where it goes.",
        to="{sender}@example.co.jp",
        rcpt=["kato@third.example"],
        writer="田中 <tanaka@customer.example>",
        envelope=SRS,
        headers={"X-MS-Exchange-Inbox-Rules-Loop": "{sender}@example.co.jp"},
    ),
    Incident(
        "a list gives something confidential to a member outside",
        "「社外秘」などの表示があります。社外に送ってよいものかご確認ください。",
        "There is a mark such as “社外秘” (confidential). Please check that this may leave",
        to="project@example.co.jp",
        rcpt=["sato@sr-office.example"],
        subject="【社外秘】来期の価格",
        envelope="project-bounces@example.co.jp",
        headers={"List-Id": "<project.example.co.jp>"},
    ),
    Incident(
        "an address of ours that reaches customers",
        "社外の人にも届く社内のアドレスが宛先にあります（「顧客のML」の一つで、その先に社外の人がいます）",
        "A recipient is an address of ours that also reaches people outside"
        " (It is one of “顧客のML”, behind which people outside stand)",
        to=["project@example.co.jp"],
    ),
)


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    return fed(build, sink, tmp_path_factory.mktemp("fed"), TABLES)


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("incident", HANDED_ON, ids=str)
def test_who_answers_for_it_reads_why(
    house: House, sink: Sink, incident: Incident, sender: str
) -> None:
    expected = incident.ja if SENDERS[sender] == "ja" else incident.en
    assert expected in tell(house, sink, incident, sender).replace("\n　", "")


MEMBERS = Incident(
    "a list that has customers in it",
    "社外の人にも届く社内のアドレスが宛先にあります（このメーリングリストから、社外の人に届いたことがあります）",
    "A recipient is an address of ours that also reaches people outside"
    " (This mailing list has handed mail to people outside)",
    to="learned@example.co.jp",
)


@pytest.mark.parametrize("sender", SENDERS)
def test_a_list_is_known_from_its_own_copies(house: House, sink: Sink, sender: str) -> None:
    copy = samples.message(
        "議事録",
        "議事録です。",
        to="learned@example.co.jp",
        sender="saburo@example.co.jp",
        headers={
            "List-Id": "<learned.example.co.jp>",
            "List-Post": "<mailto:learned@example.co.jp>",
        },
    )
    id = house.send(copy, "sato@sr-office.example", "learned-bounces@example.co.jp")
    house.reaches(id, "done")
    said = tell(house, sink, MEMBERS, sender)
    assert (MEMBERS.ja if SENDERS[sender] == "ja" else MEMBERS.en) in said, said


def test_a_list_with_nobody_outside_stays_inside(house: House, sink: Sink) -> None:
    copy = samples.message(
        *("件", "本文"),
        to="inner@example.co.jp",
        sender="saburo@example.co.jp",
        headers={"List-Id": "<i.example.co.jp>", "List-Post": "<mailto:inner@example.co.jp>"},
    )
    house.reaches(house.send(copy, "ito@example.co.jp", "inner-bounces@example.co.jp"), "done")
    house.reaches(house.send(samples.message("件", "本文"), "inner@example.co.jp"), "done")


def test_members_inside_do_not_wait_and_are_asked_nothing(house: House, sink: Sink) -> None:
    raw = samples.message(
        "議事録",
        "議事録です。\n",
        to="team@example.co.jp",
        sender="hanako@example.co.jp",
        headers={"List-Id": "<team.example.co.jp>"},
        message_id="<team@example.co.jp>",
    )
    to = ["saburo@example.co.jp", "sato@sr-office.example"]
    id = house.send(raw, to, "team-bounces@example.co.jp")
    house.reaches(id, "done")
    assert {address for address in to if sink.to(address)} == set(to)
    (judged,) = [facts for verb, facts in house.verbs(id) if verb == "judged"]
    assert judged["rules"] == ["list-outside"]


def test_a_bounce_and_an_answer_to_a_meeting_wait_for_nobody(house: House, sink: Sink) -> None:
    """A null sender cannot confirm (RL14): such mail passes, and what is found in it is its
    owner's."""
    raw = samples.message(
        "不在通知",
        "【社外秘】佐藤様\n\n別紙を添付いたします。\n",
        sender="hanako@example.co.jp",
        to="x@stranger.example",
        headers={"Auto-Submitted": "auto-replied"},
        message_id="<away@example.co.jp>",
    )
    answer = raw.replace(b"Auto-Submitted: auto-replied\r\n", b"").replace(
        b"Content-Type: text/plain", b"Content-Type: text/calendar; method=REPLY", 1
    )
    for mail, envelope in (
        (raw, ""),
        (raw, "hanako@example.co.jp"),
        (answer, "hanako@example.co.jp"),
    ):
        id = house.send(mail, ["x@stranger.example"], envelope)
        house.reaches(id, "done")
    until(lambda: len(sink.to("x@stranger.example")) == 3)


def test_a_notice_that_is_forwarded_to_the_outside_with_its_link_is_refused(
    house: House, sink: Sink
) -> None:
    mine, about = "hanako@example.co.jp", "<held.1@example.co.jp>"
    held = samples.message(
        *("ご案内", "お送りします。"),
        sender=mine,
        to=["private@gmai.com"],
        message_id=about,
    )
    house.reaches(house.send(held, "private@gmai.com", mine), "held")
    notice = until(lambda: [m for m in sink.to(mine) if about.encode() in m.data])[0]
    onwards = b"Received: from mailbox by mailbox; now\r\n" + notice.data
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        house.send(onwards, "private@third.example", mine)
    assert refused.value.smtp_code == 554 and b"5.4.6" in refused.value.smtp_error
