"""The assertion over what we made: nothing but what was allowed to stay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.cover import cover_letter
from bridge.link_part import words
from bridge.recheck import NotClean, compare, recheck
from bridge.splice import take_out
from detectors import inspect
from detectors.report import Confidence, Defect, Fact, Finding, Part, Place, Reason, Report, Span
from tests.bridge.letters import NOTICE, attached, entity, mail, multipart

KIND = "jp.individual_number"
RAW = mail(
    multipart("mixed", "b", entity("text/plain", b"a\r\n"), attached("x"), attached("y", b"other"))
)
OUT = take_out(RAW, inspect(RAW), frozenset({"2"}), words(NOTICE))
TAKEN = frozenset({"2"})


def my_number(body: str = "12345678901") -> str:
    """Synthetic, with the check digit of the ordinance (平成26年総務省令第85号 第5条)."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, body, strict=True))
    return body + str(-total % 11 % 10)


def listed(*numbers: str) -> bytes:
    return "".join(f"個人番号,{number}\r\n" for number in numbers).encode()


def found(*parts: str, confidence: Confidence = Confidence.HIGH, count: int = 1) -> Finding:
    return Finding(KIND, confidence, tuple(Place(part, count=count) for part in parts))


def before(*findings: Finding) -> Report:
    return replace(inspect(RAW), findings=findings)


def after(*findings: Finding) -> Report:
    return replace(inspect(OUT), findings=findings)


@pytest.mark.parametrize(
    ("allowed", "seen"),
    [
        ((), ()),
        ((found("2"),), ()),
        ((found("2", "3"),), (found("2"),)),  # y has moved up to the place of x
        ((found("name:3"),), (found("name:2"),)),
        ((found("1", count=2),), (found("1", count=2),)),
        ((found("subject"),), (found("subject"),)),
        ((found("1", confidence=Confidence.LOW),), (found("1", confidence=Confidence.MEDIUM),)),
        ((), (found("1", confidence=Confidence.LOW),)),
    ],
)
def test_it_works(allowed: tuple[Finding, ...], seen: tuple[Finding, ...]) -> None:
    compare(after(*seen), before(*allowed), TAKEN)


@pytest.mark.parametrize(
    ("allowed", "seen"),
    [
        ((), (found("1", confidence=Confidence.MEDIUM),)),
        ((found("2"),), (found("2"),)),  # allowed in what was taken, seen in what stays
        ((found("3"),), (found("1"),)),
        ((found("1"),), (found("1", count=2),)),
        ((found("1"),), (found("subject"),)),
        ((found("3"),), (found("name:2"),)),
        ((replace(found("1"), kind="jp.other"),), (found("1"),)),
    ],
)
def test_a_finding_that_was_not_allowed_stops_it(
    allowed: tuple[Finding, ...], seen: tuple[Finding, ...]
) -> None:
    with pytest.raises(NotClean, match="finding"):
        compare(after(*seen), before(*allowed), TAKEN)


def test_a_part_that_was_taken_and_is_still_there_stops_it() -> None:
    with pytest.raises(NotClean, match="taken_part"):
        compare(inspect(RAW), before(), TAKEN)


def test_a_mail_that_reads_two_ways_stops_it() -> None:
    types = b"Content-Type: text/html\r\nContent-Type: text/plain"
    broken = inspect(OUT.replace(b"Content-Type: text/plain", types, 1))
    with pytest.raises(NotClean, match="structure"):
        compare(broken, before(), TAKEN)


@pytest.mark.parametrize("fact", ["scan_incomplete", "uninspectable"])
def test_what_could_not_be_read_proves_nothing(fact: str) -> None:
    unread = replace(after(), facts=(Fact(fact),))
    with pytest.raises(NotClean, match="unreadable"):
        compare(unread, before(), TAKEN)
    with pytest.raises(NotClean, match="unreadable"):  # it was in what was taken
        compare(unread, replace(before(), facts=(Fact(fact, "2"),)), TAKEN)
    compare(unread, replace(before(), facts=(Fact(fact, "3"),)), TAKEN)


@pytest.mark.parametrize(
    "wrong",
    [{"findings": (found("1"),)}, {"defects": (Defect("no_boundary", structural=True),)}],
)
def test_of_a_whole_mail_nothing_is_excused(wrong: dict[str, object]) -> None:
    old = replace(before(), **wrong)  # type: ignore[arg-type]
    cover = inspect(mail(entity("text/plain", b"cover")))
    compare(cover, old, frozenset({""}))
    with pytest.raises(NotClean):
        compare(replace(cover, **wrong), old, frozenset({""}))  # type: ignore[arg-type]
    with pytest.raises(NotClean, match="taken_part"):
        compare(inspect(RAW), before(), frozenset({""}))


TAX = mail(
    multipart(
        "mixed",
        "b",
        entity(
            "text/plain; charset=iso-2022-jp", "お送りします。\r\n".encode("iso2022_jp"), "7bit"
        ),
        attached("list.csv", listed(my_number())),
    )
)


def test_a_mail_whose_numbers_went_into_the_parcel_is_clean() -> None:
    report = inspect(TAX)
    assert [place.part for f in report.findings for place in f.where] == ["2"]
    recheck(take_out(TAX, report, TAKEN, words(NOTICE)), report, TAKEN)


def test_a_number_that_was_left_behind_stops_it() -> None:
    report = inspect(TAX)
    with pytest.raises(NotClean, match="taken_part"):
        recheck(TAX, report, TAKEN)
    left = take_out(TAX, report, TAKEN, words(replace(NOTICE, sender=f"個人番号 {my_number()}")))
    with pytest.raises(NotClean, match="finding"):
        recheck(left, report, TAKEN)


def test_a_cover_letter_is_clean() -> None:
    raw = mail(entity("text/plain; charset=utf-8", listed(my_number()), "8bit"))
    report = inspect(raw)
    assert report.findings
    cover = cover_letter(
        report,
        replace(NOTICE, whole=True, files=0),
        report.headers.sender[0],
        report.headers.to,
        report.headers.subject,
        message_id="<new@example.co.jp>",
        now=NOTICE.closes_at,
    )
    recheck(cover, report, frozenset({""}))
    with pytest.raises(NotClean, match="taken_part"):
        recheck(raw, report, frozenset({""}))


def test_a_file_that_a_password_opened_may_stay_locked() -> None:
    locked = Fact("uninspectable", "2", ("資料.zip",), Reason("encrypted_zip"))
    file = Part("2", "application/zip", Span(0, 1), Span(1, 9), sha256="ab", size=8)
    before = Report(parts=(file,), facts=(replace(locked, name="opened"),))
    after = Report(parts=(replace(file, path="1"),), facts=(replace(locked, part="1"),))
    compare(after, before, frozenset())
    with pytest.raises(NotClean):
        compare(after, replace(before, facts=()), frozenset())
    other = replace(after, parts=(replace(file, path="1", sha256="cd"),))
    with pytest.raises(NotClean):
        compare(other, before, frozenset())
