"""What follows from a rule: waiting with 中止 and 今すぐ配送, colleagues first, Bcc, one copy
each, a copy for the superior, a recipient left out, a refusal; by recipient, strictest wins."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from admin_ui.demo.browser import Browser
from gateway.judgement.dossier import RECIPIENT, dossier
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import CONSIGNMENT, House, until
from tests.e2e.incidents import SENDERS, Incident, fed, notice, run, tell
from tests.e2e.sink import Delivery, Sink
from tests.e2e.treated import KATO, SATO, SUZUKI, TREATED

pytestmark = pytest.mark.slow

TABLES = """
[lists."許可リスト"]
domains = ["sr-office.example", "partner.example"]
[lists."送らない宛先"]
domains = ["left-out.example"]

[[rule]]
name = "three-minutes"
why.ja = "許可リストにない宛先は3分後に送信します。"
why.en = "Who is not on the white list waits three minutes."
when = { recipient = "outside", not_in_list = "許可リスト" }
then = { action = "delay", delay = "3 min" }
[rule.except]
subject_starts = "【すぐ】"
[[rule]]
name = "four-seconds"
why.ja = "4秒後に送信します。"
why.en = "It leaves after four seconds."
when = { recipient = "outside", subject_starts = "【すぐ】" }
then = { action = "delay", delay = "4 s" }
[[rule]]
name = "third-ten-minutes"
why.ja = "この会社へは10分後に送信します。"
why.en = "Mail to this company leaves after ten minutes."
when = { recipient_domains = "third.example" }
then = { action = "delay", delay = "10 min" }
[[rule]]
name = "two-companies"
why.ja = "社外の会社が2社以上あります。"
why.en = "There are two or more outside companies."
when = { recipient = "outside", outside_companies = ">=2", subject_starts = "【2社】" }
then = { action = "confirm" }
[[rule]]
name = "five-companies"
why.ja = "5社以上の社外の宛先が見えるメールは送信できません。"
why.en = "A mail that shows five or more outside companies is not sent."
when = { recipient = "outside", outside_companies = "5..9" }
then = { action = "reject" }
[[rule]]
name = "in-bcc"
why.ja = "社外の宛先をBccに変えて送信します。"
why.en = "Outside addresses are put into Bcc."
when = { recipient = "outside", subject_starts = "【Bcc】" }
then = { action = "pass", treatment = { bcc = true } }
[[rule]]
name = "one-each"
why.ja = "1通ずつ送信します。"
why.en = "One copy each is sent."
when = { recipient = "outside", subject_starts = "【個別】" }
then = { action = "pass", treatment = { one_each = true } }
[[rule]]
name = "superior"
why.ja = "上長に写しを送ります。"
why.en = "The superior gets a copy."
when = { recipient_domains = "partner.example", attachments = ">=1" }
[rule.then]
action = "pass"
treatment = { add_cc = "boss@example.co.jp", add_bcc = "log@example.co.jp" }
[[rule]]
name = "left-out"
why.ja = "この宛先には送りません。"
why.en = "Nothing is sent there."
when = { recipient = "outside", in_list = "送らない宛先" }
then = { action = "reject" }
[[rule]]
name = "approved"
why.ja = "【承認】の印により、承認が必要です。"
why.en = "The mark asks for an approval."
when = { recipient = "outside", subject_starts = "【2社】【承認】" }
then = { action = "approve", approvers = { group = "情報管理責任者" } }
[[rule]]
name = "only-recorded"
mode = "audit_only"
why.ja = "試行中です。"
why.en = "This is on trial."
when = { recipient = "outside" }
then = { action = "reject" }
[[rule]]
name = "in-another-name"
why.ja = "代理送信です。"
why.en = "Sent for somebody else."
when = { recipient = "outside", fact = "delegated" }
then = { action = "confirm" }
"""
FIVE = [f"x@{name}.example" for name in ("one", "two", "three", "four", "five")]
TOLD = (
    Incident(
        "addresses of five companies",
        "5社以上の社外の宛先が見えるメールは送信できません。",
        "A mail that shows five or more outside companies is not sent.",
        to=FIVE,
        state="refused",
    ),
    Incident(
        "nobody is left",
        "この宛先には送りません。",
        "Nothing is sent there.",
        to="x@left-out.example",
        state="refused",
    ),
    Incident(
        "two companies, though both are on the white list",
        "社外の会社が2社以上あります。",
        "There are two or more outside companies.",
        to=[SATO, SUZUKI],
        subject="【2社】件",
    ),
    Incident(
        "in somebody else's name",
        "ほかの人の名前での送信（代理送信）です（saburo@example.co.jp として送信されています）",
        "This was sent in somebody else’s name (It was sent as saburo@example.co.jp)",
        writer="三郎 <saburo@example.co.jp>",
    ),
    Incident(
        "Outlook's mark of secrecy",
        "送信者がメールの秘密度を「社外秘」にしています。",
        "The sender has marked this mail as company confidential.",
        headers={"Sensitivity": "Company-Confidential"},
    ),
    Incident(
        "the longest of several delays",
        "この会社へは10分後に送信します。",
        "Mail to this company leaves after ten minutes.",
        to=KATO,
        state="delayed",
    ),
)


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    made = fed(build, sink, tmp_path_factory.mktemp("fed"), TABLES)
    made.start("web")
    return made


def send(
    house: House,
    to: list[str],
    subject: str = "件",
    id: str = "",
    sender: str = "hanako",
    **more: object,
) -> str:
    raw = samples.message(
        subject,
        "本文",
        sender=f"{sender}@example.co.jp",
        to=to,
        message_id=f"<{id or abs(hash((subject, *to)))}@example.co.jp>",
        **more,  # type: ignore[arg-type]
    )
    return house.send(raw, to, f"{sender}@example.co.jp")


def link_in(text: str) -> str:
    """The sender's own, or ""."""
    found = re.search(r"http\S+/confirm/\S+", text)
    return found[0] if found else ""


def read(mail: Delivery) -> EmailMessage:
    return email.message_from_bytes(mail.data, policy=policy.default)


def of(sink: Sink, address: str, subject: str) -> EmailMessage:
    """What this address got under that subject."""
    return until(
        lambda: next((m for m in map(read, sink.to(address)) if m["Subject"] == subject), None),
        saying=f"{subject} to {address}",
    )


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("incident", TOLD, ids=str)
def test_the_sender_reads_why(house: House, sink: Sink, incident: Incident, sender: str) -> None:
    expected = incident.ja if SENDERS[sender] == "ja" else incident.en
    said = tell(house, sink, incident, sender)
    assert expected in said, said


def test_colleagues_have_it_at_once_and_who_waits_waits_for_the_longest(
    house: House, sink: Sink
) -> None:
    """時間差配信: those who are to wait travel together, by the longest of their delays; who is on
    the white list, and colleagues, do not wait."""
    to = [SATO, KATO, "x@fifth.example", "yamamoto@example.co.jp"]
    send(house, to, "時間差")
    of(sink, "yamamoto@example.co.jp", "時間差")
    of(sink, SATO, "時間差")

    def due() -> dict[str, timedelta]:
        query = select(RECIPIENT.c.address, CONSIGNMENT.c.due_at, CONSIGNMENT.c.created_at).join(
            CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id
        )
        query = query.where(CONSIGNMENT.c.state == "delayed", RECIPIENT.c.address.in_(to))
        with house.rows() as conn:
            return {row.address: row.due_at - row.created_at for row in conn.execute(query)}

    until(lambda: len(due()) == 2)
    waits = due()
    assert {address: wait.total_seconds() for address, wait in waits.items()} == {
        KATO: 600,
        "x@fifth.example": 600,
    }


@pytest.mark.parametrize(
    ("sender", "act", "state", "button"),
    [
        ("hanako", "withdraw", "withdrawn", "中止"),
        ("hanako", "now", "done", "今すぐ配送"),
        ("ichiro", "withdraw", "withdrawn", "Stop"),
        ("ichiro", "now", "done", "Deliver now"),
    ],
)
def test_what_waits_is_stopped_or_sent_at_once(
    house: House, sink: Sink, sender: str, act: str, state: str, button: str
) -> None:
    subject, id = f"保留 {act} {sender}", f"{act}.{sender}"
    mail = send(house, ["x@fifth.example"], subject, id, sender=sender)
    text = until(lambda: notice(sink, f"{sender}@example.co.jp", f"<{id}@example.co.jp>"))
    Browser(language=SENDERS[sender]).get(link_in(text)).press(button, tick=False)
    house.reaches(mail, state)
    arrived = [m for m in map(read, sink.to("x@fifth.example")) if m["Subject"] == subject]
    assert len(arrived) == (act == "now")


@pytest.mark.parametrize(
    ("sender", "by_itself", "inside"),
    [
        ("hanako", "に自動で送信します。", "社内の宛先（1件）には配送済みです。"),
        ("ichiro", "This mail will be sent at ", "delivered to 1 recipient(s) inside the company"),
    ],
)
def test_what_waits_leaves_by_itself_and_colleagues_have_it_before(
    house: House, sink: Sink, sender: str, by_itself: str, inside: str
) -> None:
    subject, id = f"【すぐ】{sender}", f"itself.{sender}"
    to = ["x@fifth.example", "yamamoto@example.co.jp"]
    mail = send(house, to, subject, id, sender=sender)
    said = until(lambda: notice(sink, f"{sender}@example.co.jp", f"<{id}@example.co.jp>"))
    assert by_itself in said and inside in said, said
    of(sink, to[1], subject)
    assert not [m for m in map(read, sink.to(to[0])) if m["Subject"] == subject]
    house.reaches(mail, "done", seconds=20)
    of(sink, to[0], subject)


@pytest.mark.parametrize(
    ("sender", "counted"),
    [("hanako", "警告1件、注意2件"), ("ichiro", "warnings: 1 item, cautions: 2 items")],
)
def test_the_page_says_how_grave_it_is_and_gives_no_score(
    house: House, sink: Sink, sender: str, counted: str
) -> None:
    """安全・注意・警告 follows from what was found: a hidden sheet, and the name of another."""
    book = samples.workbook({"表": [["a"]], "原価": [["b"]]}, hidden=["原価"])
    grave = Incident(
        "two findings",
        "",
        "",
        body="営業部　田中様\n\nお世話になっております。",
        files=[("表.xlsx", book)],
    )
    link = link_in(tell(house, sink, grave, sender))
    shown = Browser(language=SENDERS[sender]).get(link).content.decode()
    heading = re.search(r'id="h-find">(.*?)</h2>', shown)
    assert heading is not None and counted in heading[1], heading


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("incident", TREATED, ids=str)
def test_the_sender_reads_what_was_done(
    house: House, sink: Sink, incident: Incident, sender: str
) -> None:
    incident = replace(incident, subject=incident.subject.format(sender=sender), state="")
    expected = incident.ja if SENDERS[sender] == "ja" else incident.en
    said = tell(house, sink, incident, sender)
    assert expected in said, said
    if link := link_in(said):  # of what is refused there is nothing to look at
        shown = Browser(language=SENDERS[sender]).get(link).text
        assert all(re.sub(r"^\W+", "", line) in shown for line in expected.split("\n")), shown


def test_bcc_leaves_a_to(house: House, sink: Sink) -> None:
    send(house, [SATO, SUZUKI], "【Bcc】件")
    got = of(sink, SATO, "【Bcc】件")
    assert (got["To"], got["Cc"]) == ("undisclosed-recipients:;", None)
    of(sink, SUZUKI, "【Bcc】件")


def test_one_copy_each_names_nobody_else(house: House, sink: Sink) -> None:
    send(house, [SATO, SUZUKI, "yamamoto@example.co.jp"], "【個別】件")
    for own, other in ((SATO, SUZUKI), (SUZUKI, SATO)):
        written = str(of(sink, own, "【個別】件")["To"])
        assert own in written and other not in written


def test_the_superior_gets_a_copy_of_what_leaves_with_a_file(house: House, sink: Sink) -> None:
    """The sender is told of it once a day and not of each mail."""
    file = [("a.txt", b"a")]
    send(house, [SUZUKI], "上長", attachments=file)
    assert "boss@example.co.jp" in str(of(sink, SUZUKI, "上長")["Cc"])
    of(sink, "boss@example.co.jp", "上長")
    assert "log@example.co.jp" not in str(of(sink, "log@example.co.jp", "上長"))
    again = send(house, [SUZUKI], "上長2", "again", attachments=file)
    of(sink, "boss@example.co.jp", "上長2")
    assert not notice(sink, "hanako@example.co.jp", "<again@example.co.jp>")
    assert "copied" in dict(house.verbs(again))
    send(house, ["yamamoto@example.co.jp"], "社内だけ", attachments=file)
    of(sink, "yamamoto@example.co.jp", "社内だけ")
    assert "社内だけ" not in [read(mail)["Subject"] for mail in sink.to("boss@example.co.jp")]


def test_who_is_left_out_gets_nothing_and_the_others_the_mail(house: House, sink: Sink) -> None:
    send(house, [SATO, "x@left-out.example"], "除外", "left-out")
    of(sink, SATO, "除外")
    assert not sink.to("x@left-out.example")


def test_a_reply_to_a_notice_does_nothing_and_the_notice_says_so(house: House, sink: Sink) -> None:
    """A From can be forged: 「中止」 is pressed on the page. What is answered reaches a person."""
    id = send(house, ["x@fifth.example"], "返信", "reply")
    mine = "hanako@example.co.jp"
    said = until(lambda: notice(sink, mine, "<reply@example.co.jp>"))
    assert "「中止」などと返信しても、操作にはなりません" in said
    (got,) = [m for m in map(read, sink.to(mine)) if m["In-Reply-To"] == "<reply@example.co.jp>"]
    assert got["Reply-To"] == "postmaster@example.co.jp"
    answer = samples.message("Re: 返信", "中止", sender=mine, to="postmaster@example.co.jp")
    house.reaches(house.send(answer, "postmaster@example.co.jp", mine), "done")
    assert house.state(id) == "delayed"


def test_the_strictest_wins_and_what_is_on_trial_is_only_recorded(house: House, sink: Sink) -> None:
    """All rules are read: delay, confirm and approve together are an approval, and a rule on trial
    that would refuse is in the record."""
    id = send(house, [KATO, SUZUKI], "【2社】【承認】件", "strict")
    house.reaches(id, "held")
    explained = run(house, "hold", "show", id)
    assert "情報管理責任者" in explained
    (judged,) = [facts for verb, facts in house.verbs(id) if verb == "judged"]
    assert set(judged["actions"].values()) == {"approve"}
    assert "only-recorded" not in judged["rules"]
    with house.checkpoint() as ck, house.rows() as conn:
        would = {r.rule for v in dossier(conn, ck.letters, id).verdicts for r in v.would}
    assert would == {"only-recorded"}


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("saburo", "1時間に200件を超える社外の宛先に送信しています。"),
        ("root", "More than 200 outside recipients were written to within an hour."),
    ],
)
def test_two_hundred_recipients_an_hour_are_asked_about(
    house: House, sink: Sink, sender: str, expected: str
) -> None:
    address, id = f"{sender}@example.co.jp", f"<mass.{sender}@example.co.jp>"
    raw = samples.message("ご案内", "本文", sender=address, to=address, message_id=id)
    sent = house.send(raw, [f"a{n}@sr-office.example" for n in range(201)], address)
    house.reaches(sent, "held")
    said = until(lambda: notice(sink, address, id))
    assert expected in said, said
