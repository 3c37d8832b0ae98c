"""The one door: wherever a mail hides a number, the report says so, and never says the number."""

from __future__ import annotations

import base64
import binascii
import io
import quopri
import random
import sys
import time
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import Limits, Report, Wanted, inspect, reveal
from detectors.budget import OverBudget
from detectors.numbers import individual_number
from detectors.report import Confidence, from_json, to_json
from detectors.surface import Source, Surface

KIND = "jp.individual_number"


def made(seed: int) -> str:
    """A synthetic My Number: eleven digits by chance, and their check digit."""
    body = "".join(random.Random(seed).choices("0123456789", k=11))
    return body + individual_number.calc_check_digit(body)


NUMBER = made(7)
SENTENCE = f"山田様の個人番号は {NUMBER} です。\r\n"
WIDE = NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def mail(
    body: bytes = b"Hello.\r\n",
    *,
    subject: bytes = b"hello",
    content_type: bytes = b"text/plain; charset=utf-8",
    extra: bytes = b"",
) -> bytes:
    return (
        b"From: a@example.co.jp\r\nTo: b@example.jp\r\nSubject: " + subject
        + b"\r\nMessage-ID: <20261121123456.1@example.co.jp>\r\nMIME-Version: 1.0\r\nContent-Type: "
        + content_type + b"\r\n" + extra + b"\r\n" + body
    )  # fmt: skip


def part(head: bytes, body: bytes) -> bytes:
    return head + b"\r\n\r\n" + body


def parts(*inside: bytes, kind: bytes = b"mixed", **more: bytes) -> bytes:
    body = b"".join(b"--=_b\r\n" + one + b"\r\n" for one in inside) + b"--=_b--\r\n"
    return mail(body, content_type=b"multipart/" + kind + b'; boundary="=_b"', **more)


def attached(
    data: bytes, name: bytes = b"a.bin", kind: bytes = b"application/octet-stream"
) -> bytes:
    head = b"Content-Type: " + kind + b"\r\nContent-Transfer-Encoding: base64\r\n"
    head += b'Content-Disposition: attachment; filename="' + name + b'"'
    return part(head, base64.encodebytes(data).replace(b"\n", b"\r\n"))


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def word(text: str, charset: str = "utf-8") -> bytes:
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?=".encode()


def found(report: Report) -> list[str]:
    """The places of numbers that policy acts on."""
    return [
        place.part
        for finding in report.findings
        if finding.kind == KIND and finding.confidence is not Confidence.LOW
        for place in finding.where
    ]


def facts(report: Report) -> set[tuple[str, str]]:
    return {(fact.name, fact.reason.code if fact.reason else "") for fact in report.facts}


def uu(data: bytes) -> bytes:
    lines = (binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45))
    return b"begin 644 list.txt\n" + b"".join(lines) + b"`\nend\n"


TEXT = SENTENCE.encode()
HIDING: dict[str, tuple[bytes, str]] = {
    "body": (mail(TEXT), ""),
    "subject": (mail(subject=word(f"個人番号 {NUMBER}")), "subject"),
    "subject in two words": (
        mail(subject=word(f"個人番号 {NUMBER[:5]}") + b"\r\n " + word(NUMBER[5:])), "subject",
    ),
    "raw subject": (mail(subject=f"個人番号 {NUMBER}".encode("cp932")), "subject"),
    "display name": (
        mail(extra=b"Cc: " + word(f"個人番号 {NUMBER}") + b" <x@example.jp>\r\n"), "header:cc",
    ),
    "other field": (mail(extra=f"X-Note: 個人番号 {NUMBER}\r\n".encode()), "header:x-note"),
    "base64": (
        mail(base64.encodebytes(TEXT), extra=b"Content-Transfer-Encoding: base64\r\n"), "",
    ),
    "quoted-printable": (
        mail(quopri.encodestring(TEXT), extra=b"Content-Transfer-Encoding: Quoted-Printable\r\n"),
        "",
    ),
    "soft break inside": (
        mail(
            f"=E5=80=8B=E4=BA=BA=E7=95=AA=E5=8F=B7 {NUMBER[:6]}=\r\n{NUMBER[6:]}\r\n".encode(),
            extra=b"Content-Transfer-Encoding: quoted-printable\r\n",
        ), "",
    ),
    "iso-2022-jp": (
        mail(SENTENCE.encode("iso2022_jp"), content_type=b"text/plain; charset=iso-2022-jp"), "",
    ),
    "full width": (mail(f"個人番号は{WIDE}です".encode()), ""),
    "full width in cp932 labelled utf-8": (mail(f"個人番号は{WIDE}です".encode("cp932")), ""),
    "full width in euc-jp without label": (
        mail(f"個人番号は{WIDE}です".encode("euc_jp"), content_type=b"text/plain"), "",
    ),
    "utf-7": (
        mail(f"個人番号は{WIDE}です".encode("utf-7"), content_type=b"text/plain; charset=utf-7"),
        "",
    ),
    "html": (
        mail(
            f"<p>個人番号 <b>{NUMBER[:4]}</b><i>{NUMBER[4:]}</i></p>".encode(),
            content_type=b"text/html; charset=utf-8",
        ), "",
    ),
    "enriched": (
        mail(
            f"<bold>個人番号</bold> {NUMBER[:4]}<italic>{NUMBER[4:]}</italic>".encode(),
            content_type=b"text/enriched; charset=utf-8",
        ), "",
    ),
    "second part": (
        parts(part(b"", b"see"), part(b"Content-Type: text/plain", TEXT)), "2",
    ),
    "attached text": (parts(attached(TEXT, b"a.txt")), "1"),
    "attached csv": (
        parts(attached(f"氏名,個人番号\n山田,{NUMBER}\n佐藤,{made(8)}\n".encode("cp932"))),
        "1",
    ),
    "zip in zip": (parts(attached(zipped("b.zip", zipped("c.txt", TEXT)), b"a.zip")), "1"),
    "attached message": (parts(part(b"Content-Type: message/rfc822", mail(TEXT))), "1.1"),
    "attached message, encoded": (parts(attached(mail(TEXT), b"a.eml", b"message/rfc822")), "1"),
    "attached message as octets": (parts(attached(parts(attached(TEXT)), b"x")), "1"),
    "attached mbox": (parts(attached(b"From a b\n" + mail() + b"\nFrom a b\n" + mail(TEXT))), "1"),
    "subject of an attached message": (
        parts(part(b"Content-Type: message/rfc822", mail(subject=word(f"個人番号 {NUMBER}")))),
        "1.1",
    ),
    "file name": (parts(attached(b"x", word(f"個人番号{NUMBER}.txt"))), "name:1"),
    "rfc 2231 file name": (
        parts(
            part(
                f"Content-Disposition: attachment; filename*0*=utf-8''%E5%80%8B%E4%BA%BA"
                f"%E7%95%AA%E5%8F%B7{NUMBER[:4]};\r\n filename*1*={NUMBER[4:]}.txt".encode(),
                b"x",
            )
        ), "name:1",
    ),
    "archive member name": (parts(attached(zipped(f"個人番号{NUMBER}.txt", b"x"), b"a.zip")), "1"),
    "preamble": (
        mail(TEXT + b"--b\r\n\r\nx\r\n--b--", content_type=b"multipart/mixed; boundary=b"), "",
    ),
    "epilogue": (
        mail(b"--b\r\n\r\nx\r\n--b--\r\n" + TEXT, content_type=b"multipart/mixed; boundary=b"), "",
    ),
    "uuencode in text": (mail(b"see\n" + uu(TEXT)), ""),
    "declared uuencode": (
        mail(uu(TEXT), extra=b"Content-Transfer-Encoding: x-uuencode\r\n"), "",
    ),
    "base64 pasted in text": (mail(b"see\r\n" + base64.encodebytes(TEXT)), ""),
    "base64 that is not declared": (
        mail(base64.encodebytes(zipped("a.txt", TEXT)), content_type=b"application/zip"), "",
    ),
    "text declared base64": (mail(TEXT, extra=b"Content-Transfer-Encoding: base64\r\n"), ""),
    "base64 with junk": (
        mail(
            base64.encodebytes(TEXT).replace(b"\n", b"\n\x00(!)\n"),
            extra=b"Content-Transfer-Encoding: base64\r\n",
        ), "",
    ),
    "two bodies of base64": (
        mail(
            base64.b64encode(b"Hello.") + b"==\r\n" + base64.encodebytes(TEXT),
            extra=b"Content-Transfer-Encoding: base64\r\n",
        ), "",
    ),
    "the second of two encodings": (
        mail(
            base64.encodebytes(TEXT),
            extra=b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n",
        ), "",
    ),
    "the second of two boundaries": (
        mail(
            b"--c\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(TEXT),
            content_type=b"multipart/mixed; boundary=b; boundary=c",
        ), "",
    ),
    "multipart in base64": (
        mail(
            base64.encodebytes(b"--b\r\n\r\n" + TEXT + b"\r\n--b--\r\n"),
            content_type=b"multipart/mixed; boundary=b",
            extra=b"Content-Transfer-Encoding: base64\r\n",
        ), "",
    ),
    "no field": (mail().replace(b"To:", f"個人番号 {NUMBER}\r\nTo:".encode()), "header:"),
    "comment": (mail(extra=f"Comments: ((個人番号 {NUMBER}))\r\n".encode()), "header:comments"),
}  # fmt: skip


@pytest.mark.parametrize("name", HIDING)
def test_it_works_wherever_the_number_stands(name: str) -> None:
    raw, where = HIDING[name]
    report = inspect(raw)
    assert where in found(report)
    assert NUMBER in reveal(raw)[KIND]


@pytest.mark.parametrize("name", HIDING)
def test_the_report_never_holds_the_number(name: str) -> None:
    stored = to_json(inspect(HIDING[name][0])).decode()
    assert NUMBER not in stored
    assert WIDE not in stored


def test_an_ordinary_mail_has_nothing() -> None:
    report = inspect(
        parts(part(b"Content-Type: text/plain", b"Hello.\r\n"), attached(b"a,b\r\nc,d\r\n"))
    )
    assert report.findings == ()
    assert report.facts == ()
    assert report.defects == ()
    assert report.headers.message_id == "<20261121123456.1@example.co.jp>"
    assert report.preview == "Hello."


def test_parts_are_listed_as_they_stand() -> None:
    raw = parts(
        part(b"Content-Type: text/plain", b"Hello.\r\n"),
        part(b"Content-Type: image/png; name=logo.png\r\nContent-ID: <logo>", b"x"),
        attached(TEXT, word(f"{NUMBER}.txt")),
        part(b"Content-Type: message/rfc822", parts(attached(b"x")).replace(b"=_b", b"=_c")),
    )
    report = inspect(raw)
    assert [p.path for p in report.parts] == ["", "1", "2", "3", "4", "4.1", "4.1.1"]
    assert [p.path for p in report.attachments] == ["3", "4"]
    file = report.attachments[0]
    assert file.size == len(TEXT)
    assert base64.b64decode(raw[file.body.start : file.body.end]) == TEXT
    assert file.name.endswith(".txt")
    assert "●●●●●●●●●●●●" in file.name


def test_the_preview_prefers_text_and_covers_digits() -> None:
    html = part(b"Content-Type: text/html; charset=utf-8", f"<p>{SENTENCE}</p>".encode())
    plain = part(b"Content-Type: text/plain; charset=utf-8", TEXT)
    assert inspect(parts(html, plain)).preview == f"山田様の個人番号は {'●' * 12} です。"
    assert "山田様の個人番号は ●●●●" in inspect(parts(html)).preview
    long = inspect(mail(TEXT * 2_000)).preview
    assert len(long) == 20_000
    assert NUMBER[:5] not in long


PGP = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
SMIME = b"application/pkcs7-mime; smime-type="
FACTS: list[tuple[bytes, set[tuple[str, str]]]] = [
    (parts(part(b"", b"x"), part(b"Content-Type: application/pgp-signature", b"y"), kind=b"signed"),
     {("signed", "")}),
    (mail(content_type=SMIME + b"signed-data"),
     {("signed", ""), ("uninspectable", "opaque_signed")}),
    (mail(content_type=SMIME + b"enveloped-data"),
     {("encrypted", ""), ("uninspectable", "encrypted_mail")}),
    (parts(part(b"Content-Type: application/pgp-encrypted", b"Version: 1"), kind=b"encrypted"),
     {("encrypted", ""), ("uninspectable", "encrypted_mail")}),
    (mail(PGP), {("encrypted", ""), ("uninspectable", "encrypted_mail")}),
    (mail(content_type=b"message/partial; id=a"),
     {("ambiguous", "partial_message"), ("uninspectable", "partial_message")}),
    (mail(content_type=b"message/external-body; access-type=url"),
     {("ambiguous", "external_body"), ("uninspectable", "external_body")}),
    (mail(extra=b"Auto-Submitted: auto-replied\r\n"), {("auto_submitted", "")}),
    (mail(content_type=b"text/calendar; method=REPLY"), {("auto_submitted", "")}),
    (mail(extra=b"Auto-Submitted: no\r\n"), set()),
    (mail(extra=b"Content-Type: text/html\r\n"), {("ambiguous", "duplicate_content_type")}),
    (mail("個人番号 ".encode("cp037", "ignore") + NUMBER.encode("cp037"),
          content_type=b"text/plain; charset=ibm-930"), {("uninspectable", "unknown_charset")}),
    (mail("カードの件です。".encode("cp932"), content_type=b"text/plain; charset=x-own"), set()),
    (parts(attached(b"OggS\0\2" + bytes(60))), {("not_inspected", "no_text")}),
    (parts(attached(b"PK\x03\x04 and no more")), {("uninspectable", "corrupt")}),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "expected"), FACTS)
def test_facts(raw: bytes, expected: set[tuple[str, str]]) -> None:
    assert expected <= facts(inspect(raw))
    if not expected:
        assert facts(inspect(raw)) == set()


def test_an_attachment_that_cannot_be_read_does_not_hide_the_next() -> None:
    report = inspect(parts(attached(b"PK\x03\x04 broken"), attached(TEXT)))
    assert found(report) == ["2"]
    assert [fact.part for fact in report.facts if fact.name == "uninspectable"] == ["1"]


def test_a_file_is_inspected_under_its_name() -> None:
    report = inspect(zipped("a.txt", TEXT), Wanted(name=f"{NUMBER}.zip"))
    assert [(p.path, p.attachment, p.sniffed) for p in report.parts] == [("", True, "zip")]
    assert "" in found(report)
    assert NUMBER not in to_json(report).decode()
    assert found(inspect(mail(TEXT), Wanted(name="a.eml")))


def test_only_the_kinds_that_are_wanted_are_looked_for() -> None:
    assert inspect(mail(TEXT), Wanted(kinds=("card_number",))).findings == ()
    assert found(inspect(mail(TEXT), Wanted(kinds=(KIND,)))) == [""]


def test_the_same_number_in_two_places_is_one_person() -> None:
    report = inspect(parts(part(b"Content-Type: text/plain", TEXT), attached(TEXT)))
    (finding,) = (f for f in report.findings if f.kind == KIND)
    assert (finding.unique, finding.occurrences) == (1, 2)
    assert found(report.without(frozenset({"2"}))) == ["1"]


# Confinement


def in_place(read: Callable[[Source], list[Surface]], source: Source) -> list[Surface]:
    return read(source)


def test_risky_files_are_read_where_confine_says_and_others_are_not() -> None:
    names: list[str] = []

    def confine(read: Callable[[Source], list[Surface]], source: Source) -> list[Surface]:
        names.append(source.name)
        return read(source)

    raw = parts(attached(TEXT, b"a.txt"), attached(zipped("b.txt", TEXT), b"b.zip"))
    report = inspect(raw, Wanted(confine=confine))
    assert names == ["b.zip"]
    assert found(report) == found(inspect(raw)) == ["1", "2"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EOFError("killed"), "reader_died"),
        (TimeoutError("late"), "over_budget"),
        (OverBudget("decoded"), "over_budget"),
        (MemoryError(), "over_budget"),
    ],
)
def test_a_reader_that_dies_leaves_the_rest(error: Exception, code: str) -> None:
    def confine(read: Callable[[Source], list[Surface]], source: Source) -> list[Surface]:
        raise error

    raw = parts(attached(zipped("b.txt", TEXT)), attached(TEXT))
    report = inspect(raw, Wanted(confine=confine))
    assert ("uninspectable", code) in facts(report)
    assert found(report) == ["2"]


# Bombs


def deep(levels: int) -> bytes:
    data = zipped("a.txt", TEXT)
    for _ in range(levels):
        data = zipped("a.zip", data)
    return parts(attached(data))


BOMBS = {
    "encoded words": mail(subject=b"=?utf-8?q?a?= " * 20_000),
    "quotes": mail(extra=b"Cc: " + b'"' * 300_000 + b"\r\n"),
    "multiparts": mail(
        b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (i, i + 1)
                 for i in range(1_000)),
        content_type=b"multipart/mixed; boundary=b0",
    ),
    "messages": b"Content-Type: message/rfc822\r\n\r\n" * 2_000,
    "empty parts": parts(*([b"\r\n"] * 20_000)),
    "archives": deep(60),
    "zeros": parts(attached(zipped("a.txt", bytes(150 << 20)))),
    "encoded messages": parts(attached(parts(attached(parts(attached(parts(attached(parts(
        attached(parts(attached(parts(attached(TEXT)))))))))))))),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_quickly_and_is_never_clean(name: str) -> None:
    started = time.process_time()
    report = inspect(BOMBS[name])
    assert time.process_time() - started < 4
    assert report.has("uninspectable") or report.has("ambiguous") or found(report)
    assert len(to_json(report)) < 1 << 20


def test_what_is_over_the_clock_is_uninspectable() -> None:
    report = inspect(parts(attached(TEXT), attached(TEXT)), Wanted(limits=Limits(seconds=-1)))
    assert facts(report) == {("uninspectable", "over_budget")}
    assert len(report.attachments) == 2


def test_what_is_over_the_octets_is_uninspectable() -> None:
    report = inspect(
        parts(attached(TEXT), attached(b"x" * 9_000)), Wanted(limits=Limits(decoded=9_000))
    )
    assert found(report) == ["1"]
    assert ("uninspectable", "over_budget") in facts(report)


def test_a_mail_bomb_does_not_depend_on_the_recursion_limit() -> None:
    assert sys.getrecursionlimit() <= 1_000
    inspect(BOMBS["multiparts"])


# Any octets at all

SEEDS = [raw for raw, _ in HIDING.values()]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_mutated_mails_never_raise_and_reports_can_be_read_back(
    raw: bytes, data: st.DataObject
) -> None:
    mutated = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(mutated)))
        mutated[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    report = inspect(bytes(mutated))
    assert from_json(to_json(report)) == report
    assert NUMBER not in to_json(report).decode()
