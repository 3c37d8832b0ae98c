"""Real mail from public collections: ordinary mail is not ambiguous, broken mail never raises."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from detectors import inspect, mime
from detectors.report import Report, from_json, to_json

MAIL = Path(__file__).parents[3] / "shared" / "mail"
pytestmark = pytest.mark.skipif(not MAIL.is_dir(), reason="collections of public mail are not here")

COLLECTIONS = ("spamassassin-nice", "ruby-mail", "enmime", "mail-parser")
# Sets of mail that is broken on purpose: the names of their files say so.
BROKEN = ("malformed", "error_emails", "low-quality", "-bad", "bad-", "invalid", "similar")


@cache
def reports(collection: str) -> dict[str, tuple[bytes, Report]]:
    files = sorted(p for p in (MAIL / collection).iterdir() if p.is_file())
    return {p.name: (raw, inspect(raw)) for p in files if (raw := p.read_bytes()) is not None}


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_mail_is_read_and_its_report_comes_back(collection: str) -> None:
    found = reports(collection)
    assert len(found) > 50
    for name, (raw, report) in found.items():
        assert from_json(to_json(report)) == report, name
        assert report.parts[0].path == "", name
        for part in report.parts:
            assert 0 <= part.header.start <= part.header.end <= part.body.start, name
            assert part.body.start <= part.body.end <= len(raw), name
        assert not any(f.reason and f.reason.code == "reader_died" for f in report.facts), name


def test_ordinary_mail_is_not_ambiguous() -> None:
    found = reports("spamassassin-nice")
    ambiguous = {name for name, (_, report) in found.items() if report.has("ambiguous")}
    # A base64 body with the footer of a mailing list behind it does read two ways.
    assert ambiguous <= {"cjk__big5-base64.1"}
    assert len(ambiguous) / len(found) < 0.02


def test_ordinary_mail_of_the_other_collections_is_rarely_ambiguous() -> None:
    ordinary = {
        f"{collection}/{name}": report
        for collection in ("ruby-mail", "mail-parser")
        for name, (_, report) in reports(collection).items()
        if name.startswith(("attachment_", "plain_", "rfc", "multi_charset", "legacy"))
        and not any(word in name for word in BROKEN)
    }
    ambiguous = {name for name, report in ordinary.items() if report.has("ambiguous")}
    assert len(ordinary) > 80
    # Old Eudora's inner boundary begins with the outer one; 8bits and x-uuencode were never named.
    assert len(ambiguous) <= 12, sorted(ambiguous)


def test_broken_mail_is_named() -> None:
    found = reports("mail-parser")
    broken = {name: report for name, (_, report) in found.items() if "malformed" in name}
    named = [name for name, report in broken.items() if report.defects]
    assert len(named) / len(broken) > 0.75


def test_line_ends_do_not_change_what_is_read() -> None:
    for name in (
        "attachment_emails__attachment_pdf",
        "attachment_emails__attachment_pdf_non_ascii",
    ):
        trees = [
            mime.read((MAIL / "ruby-mail" / f"{name}{end}.eml").read_bytes()) for end in ("", "_lf")
        ]
        shapes = [[(n.path, n.media_type, n.names) for n in tree.nodes] for tree in trees]
        assert shapes[0] == shapes[1]
