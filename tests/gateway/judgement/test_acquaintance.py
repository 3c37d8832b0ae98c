"""What is learned of mail that has passed, and what it says of the next one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from detectors.report import Fact, Headers, Reason, Report
from gateway.judgement.acquaintance import learn as learning
from gateway.judgement.acquaintance import lookalike, recall
from gateway.judgement.acquaintance.feed import Fed, Feed, batches, recognised
from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.passed import Passed
from gateway.judgement.acquaintance.young import young
from gateway.judgement.policy.case import Recipient
from gateway.memory.domainages import DomainAges
from gateway.memory.faults import Refused
from gateway.memory.opening import Memory

KEYED = Keyed(b"k" * 32)
OWN = frozenset({"example.co.jp"})
NOW = datetime(2026, 11, 20, 5, 18, tzinfo=UTC)
HANAKO = "hanako@example.co.jp"


def _learn(memory: Memory, *passed: Passed, times: int = 1) -> None:
    with memory.store.write() as tx:
        learning.learn(tx.conn, KEYED, list(passed) * times)


def _mail(*to: str, sender: str = HANAKO, **more: object) -> Passed:
    boxes = tuple((part.partition("|")[0], part.partition("|")[2]) for part in to)
    return Passed(sender, boxes, NOW, **more)  # type: ignore[arg-type]


def _said(memory: Memory, *to: str, report: Report | None = None) -> list[tuple[str, str, str]]:
    """(fact, recipient, reason)"""
    recipients = [
        Recipient(part.partition("|")[0], False, "to", part.partition("|")[2]) for part in to
    ]
    with memory.store.read() as session:
        conn = session.connection()
        ties = recall.look_up(conn, recall.asked_of(KEYED, HANAKO, recipients))
        about = report or Report(), HANAKO, recipients, OWN
        found = recall.recall(conn, KEYED, ties, *about, NOW)
        return [(f.name, f.part[3:], f.reason.code if f.reason else "") for f in found]


def test_it_works(memory: Memory) -> None:
    assert _said(memory, "sato@partner.example") == [
        ("first_contact", "sato@partner.example", "first_for_company")
    ]
    _learn(memory, _mail("sato@partner.example", sender="ichiro@example.co.jp"))
    assert _said(memory, "Sato@Partner.example") == [
        ("first_contact", "sato@partner.example", "first_for_sender")
    ]
    _learn(memory, _mail("sato@partner.example"))
    assert _said(memory, "sato@partner.example") == []


def test_nothing_of_an_address_can_be_read_back(memory: Memory) -> None:
    _learn(memory, _mail("himitsu.taro@partner.example|秘密 太郎"), times=3)
    data = b"".join(path.read_bytes() for path in memory.config.data_dir.glob("sekisho.db*"))
    assert b"himitsu" not in data and "秘密".encode() not in data
    assert b"partner.example" in data


@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        ("sr-offlce.example", "one_letter_off"),
        ("sr-ofice.example", "one_letter_off"),
        ("sr-offcie.example", "one_letter_off"),
        ("sr-officee.example", "one_letter_off"),
        ("sr-0ff1ce.example", "looks_the_same"),
        ("sr-оffiсe.example", "looks_the_same"),
        (idna.encode("sr-оffice.example").decode(), "looks_the_same"),
        ("sr-office.co.jp", "other_ending"),
        ("gmai.com", "doppelganger"),
        ("exampel.co.jp", "one_letter_off"),
    ],
)
def test_a_domain_that_looks_like_one_we_write_to(memory: Memory, domain: str, reason: str) -> None:
    _learn(memory, _mail("sato@sr-office.example"), times=3)
    said = _said(memory, f"sato@{domain}")
    assert ("lookalike_domain", f"sato@{domain}", reason) in said


@pytest.mark.parametrize("domain", ["sr-office.example", "quite-other.example", "sr.example"])
def test_one_that_does_not(memory: Memory, domain: str) -> None:
    _learn(memory, _mail("sato@sr-office.example"), times=3)
    assert "lookalike_domain" not in {name for name, *_ in _said(memory, f"x@{domain}")}


def test_what_we_hardly_write_to_makes_nothing_suspect(memory: Memory) -> None:
    _learn(memory, _mail("sato@sr-office.example"), times=2)
    assert "lookalike_domain" not in {n for n, *_ in _said(memory, "x@sr-offlce.example")}


def test_a_neighbour_that_we_write_to_as_well_is_known(memory: Memory) -> None:
    _learn(memory, _mail("a@sample-1a.example"), _mail("b@sample-1b.example"), times=3)
    assert _said(memory, "b@sample-1b.example") == []


def test_short_names_and_numbered_offices_are_no_neighbours() -> None:
    assert lookalike.alike("nac.co.jp", "nec.co.jp") == ""
    assert lookalike.alike("office1.example", "office2.example") == ""


@given(st.text("abcdefghijklmnop.-", min_size=1, max_size=30))
def test_a_slip_is_found_by_its_spellings(text: str) -> None:
    domain = f"{text.strip('.-')}.example"
    stem, _ = lookalike.split(domain)
    if len(stem) < lookalike.SHORTEST:
        return
    for wrong in (f"{stem[:2]}z{stem[2:]}", f"{stem[:2]}z{stem[3:]}", stem[:2] + stem[3:]):
        other = f"{wrong}.example"
        if lookalike.alike(other, domain):
            assert lookalike.spellings(other) & lookalike.spellings(domain)


def test_the_one_who_was_never_with_the_others(memory: Memory) -> None:
    _learn(memory, _mail("a@one.example", "b@two.example"), _mail("c@three.example"))
    assert _said(memory, "a@one.example", "b@two.example", "c@three.example") == [
        ("group_outlier", "c@three.example", "never_together")
    ]
    assert _said(memory, "a@one.example", "c@three.example") == []
    _learn(memory, _mail("a@one.example", "c@three.example"))
    assert _said(memory, "a@one.example", "b@two.example", "c@three.example") == []


def test_a_domain_that_is_registered_since_yesterday_and_hardly_known(memory: Memory) -> None:
    """By the moment the mail came, so that whoever judges it later says the same."""
    ages = DomainAges({"new.example": NOW.date() - timedelta(20)}, 50)

    def said(*to: str, at: datetime = NOW) -> list[tuple[str, object]]:
        recipients = [Recipient(address, False) for address in to]
        with memory.store.read() as session:
            found = list(young(session.connection(), KEYED, ages, recipients, at))
        return [(f.part[3:], f.reason.params["n"]) for f in found if f.reason]

    assert said("A@new.example", "b@mail.new.example", "c@old.example") == [
        *(("a@new.example", 20), ("b@mail.new.example", 20)),
    ]
    assert said("a@new.example", at=NOW + timedelta(29)) == [("a@new.example", 49)]
    assert said("a@new.example", at=NOW + timedelta(30)) == []
    _learn(memory, _mail("x@new.example"), times=3)
    assert said("a@new.example", "b@mail.new.example") == [("b@mail.new.example", 20)]


def test_the_same_name_elsewhere(memory: Memory) -> None:
    _learn(memory, _mail("jsato@partner.example|佐藤 次郎", "info@partner.example"), times=3)
    said = _said(memory, "jsato@other.example", "hsato@third.example|佐藤 花子", "info@x.example")
    assert ("usual_elsewhere", "jsato@other.example", "same_local_part") in said
    assert ("usual_elsewhere", "hsato@third.example", "same_surname") in said
    assert not [each for each in said if each[:2] == ("usual_elsewhere", "info@x.example")]


def _reply(*before: str) -> Report:
    return Report(headers=Headers(references=before, message_id="<new@example.co.jp>"))


def test_a_reply_that_adds_a_domain(memory: Memory) -> None:
    key = KEYED.message("<1@example.co.jp>")
    _learn(memory, _mail("a@one.example", "b@two.example", thread=key))
    second = KEYED.message("<2@example.co.jp>")
    _learn(memory, _mail("a@one.example", thread=second, before=(key,)))
    _learn(memory, _mail("x@three.example"))
    for before in ("<1@example.co.jp>", "<2@example.co.jp>"):
        said = _said(memory, "b@two.example", "x@three.example", report=_reply(before))
        assert said == [("new_domain_in_reply", "x@three.example", "not_in_thread")]
    assert _said(memory, "x@three.example", report=_reply("<unknown@x>")) == []
    assert _said(memory, "x@three.example", report=_reply()) == []


def test_a_company_is_known_by_the_mail_that_greets_it(memory: Memory) -> None:
    key = KEYED.company("山田商事")
    _learn(memory, _mail("a@yamada.example", greeted=(key,)), times=2)
    _learn(memory, _mail("b@other.example"))
    named = Fact("company_named", "name:2", (), Reason("company_named", {"label": "山田商事"}))
    said = _said(memory, "b@other.example", report=Report(facts=(named,)))
    assert said == [("company_known", "", "company_known")]
    for domain in ("one.example", "two.example"):
        _learn(memory, _mail(f"a@{domain}", greeted=(key,)))
    assert _said(memory, "b@other.example", report=Report(facts=(named,))) == []


def test_a_locked_file_is_remembered_for_three_days(memory: Memory) -> None:
    _learn(memory, _mail("a@one.example", locked=True))
    assert _said(memory, "a@one.example") == [("locked_before", "a@one.example", "")]
    with memory.store.read() as session:
        recipient = Recipient("a@one.example", False)
        later = NOW + timedelta(days=4)
        conn = session.connection()
        ties = recall.look_up(conn, recall.asked_of(KEYED, HANAKO, [recipient]))
        found = recall.recall(conn, KEYED, ties, Report(), HANAKO, [recipient], OWN, later)
        assert list(found) == []


def test_recipients_of_an_hour_are_counted(memory: Memory) -> None:
    with memory.store.write() as tx:

        def before(sender: str, minutes: int) -> int:
            at = NOW + timedelta(minutes=minutes)
            keys = learning.hour(KEYED, sender, at)
            seen = recall.look_up(tx.conn, set(keys)).seen
            learning.touch(tx.conn, keys[0], at, 100)
            return sum(seen.values())

        assert [before(HANAKO, m) for m in (0, 30, 60, 90)] == [0, 100, 200, 200]
        assert before("ichiro@example.co.jp", 0) == 0


def test_what_is_old_is_forgotten(memory: Memory) -> None:
    _learn(memory, _mail("a@one.example|佐藤 次郎", thread=KEYED.message("<1@x>")))
    with memory.store.write() as tx:
        assert learning.forget(tx.conn, NOW - timedelta(days=1)) == 0
        assert learning.forget(tx.conn, NOW + timedelta(seconds=1)) > 3
        for each in (learning.TIE, learning.USUAL, learning.THREAD):
            assert tx.conn.execute(select(func.count()).select_from(each)).scalar() == 0


@pytest.mark.parametrize(
    ("statement", "bound"),
    [
        (recall._TIES, {"keys": [b"a", b"b"]}),
        (recall._USUAL, {"keys": [b"a", b"b"]}),
        (recall._SPELT, {"variants": [1, 2]}),
        (recall._THREADS, {"keys": [b"a", b"b"]}),
    ],
)
def test_nothing_is_gone_through_from_end_to_end(memory: Memory, statement, bound) -> None:
    """A look-up costs the same among a million pairs as among ten."""
    with memory.store.read() as session:
        conn = session.connection()
        text, values = statement.written(conn, bound)
        plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", tuple(values))
        steps = [row[3] for row in plan]
        assert steps and not [step for step in steps if step.startswith("SCAN")], steps


# -- the first day


LOG = """\
Nov 19 10:00:01 gate postfix/smtpd[11]: 4XABC12345: client=pc1[10.0.0.1]
Nov 19 10:00:01 gate postfix/cleanup[12]: 4XABC12345: message-id=<1@example.co.jp>
Nov 19 10:00:01 gate postfix/qmgr[13]: 4XABC12345: from=<hanako@example.co.jp>, size=900, nrcpt=3 (queue active)
Nov 19 10:00:02 gate postfix/smtp[14]: 4XABC12345: to=<sato@partner.example>, relay=mx[1.2.3.4]:25, delay=1, status=sent (250 ok)
Nov 19 10:00:02 gate postfix/smtp[14]: 4XABC12345: to=<bad@partner.example>, relay=mx[1.2.3.4]:25, delay=1, status=bounced (550 no)
Nov 19 10:00:02 gate postfix/local[14]: 4XABC12345: to=<suzuki@example.co.jp>, relay=local, delay=1, status=sent (delivered)
Nov 19 10:00:03 gate postfix/qmgr[13]: 4XABC12345: removed
Nov 19 10:01:00 gate postfix/qmgr[13]: 4XDEF12345: from=<someone@outside.example>, size=900, nrcpt=1 (queue active)
Nov 19 10:01:01 gate postfix/smtp[14]: 4XDEF12345: to=<x@partner.example>, relay=mx[1.2.3.4]:25, delay=1, status=sent (250 ok)
Nov 19 10:01:03 gate postfix/qmgr[13]: 4XDEF12345: removed
"""  # noqa: E501
MBOX = """\
From hanako@example.co.jp Fri Nov 20 14:18:00 2026
From: =?utf-8?b?5bGx55Sw?= <hanako@example.co.jp>
To: =?utf-8?b?5L2Q6JekIOasoemDjg==?= <sato@partner.example>,
 suzuki@example.co.jp
Cc: ito@third.example
Date: Thu, 19 Nov 2026 14:18:00 +0900
Message-ID: <2@example.co.jp>
References: <1@example.co.jp>

From: nobody
body

From hanako@example.co.jp Fri Nov 20 14:19:00 2026
From: hanako@example.co.jp
To: suzuki@example.co.jp

inside only
"""


def _feed(tmp_path: Path, name: str, data: bytes) -> tuple[list[Passed], Fed]:
    path, fed = tmp_path / name, Fed()
    path.write_bytes(data)
    feed = Feed(KEYED, OWN, NOW)
    return [mail for some in batches(feed.read(path), fed) for mail in some], fed


def test_a_log_of_postfix_is_read(tmp_path: Path) -> None:
    (mail,), fed = _feed(tmp_path, "mail.log", LOG.encode())
    assert (mail.sender, mail.recipients) == (HANAKO, (("sato@partner.example", ""),))
    assert mail.thread == KEYED.message("<1@example.co.jp>")
    assert mail.at.month == 11 and mail.at <= NOW
    assert (fed.mails, fed.skipped, fed.domains) == (1, 1, {"partner.example"})


def test_a_sent_folder_is_read(tmp_path: Path) -> None:
    (mail,), fed = _feed(tmp_path, "sent", MBOX.encode())
    assert mail.recipients == (("sato@partner.example", "佐藤 次郎"), ("ito@third.example", ""))
    assert mail.at == datetime(2026, 11, 19, 5, 18, tzinfo=UTC)
    assert mail.before == (KEYED.message("<1@example.co.jp>"),)
    assert fed.skipped == 1


@pytest.mark.parametrize("charset", ["cp932", "utf-8-sig"])
def test_a_csv_of_sent_mail_is_read(tmp_path: Path, charset: str) -> None:
    text = "差出人,宛先,日時\nhanako@example.co.jp,佐藤 <sato@partner.example>; a@b.example,2026/11/01 10:00\n"  # noqa: E501
    (mail,), _ = _feed(tmp_path, "sent.csv", text.encode(charset))
    assert mail.recipients == (("sato@partner.example", "佐藤"), ("a@b.example", ""))


def test_a_list_of_addresses_is_known_to_all(memory: Memory, tmp_path: Path) -> None:
    passed, _ = _feed(tmp_path, "取引先.csv", "氏名,email\n佐藤,sato@partner.example\n".encode())
    _learn(memory, *passed)
    assert _said(memory, "sato@partner.example") == [
        ("first_contact", "sato@partner.example", "first_for_sender")
    ]
    assert "lookalike_domain" in {n for n, *_ in _said(memory, "x@partnar.example")}


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"a,b\n1,2\n"])
def test_what_is_no_record_of_mail_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Refused):
        _feed(tmp_path, "x", data)


def test_forms_are_told_by_their_content(tmp_path: Path) -> None:
    for data, form in ((LOG, "postfix"), (MBOX, "mbox"), ("to\na@b.example\n", "csv")):
        (tmp_path / "f").write_text(data)
        assert recognised(tmp_path / "f") == form
