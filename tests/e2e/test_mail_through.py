"""Real mail through a real house, from one SMTP server to the next."""

from __future__ import annotations

import base64
import email
import os
import re
import signal
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from itertools import count
from pathlib import Path

import dkim
import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, hand_over, until
from tests.e2e.sink import BREAK, Sink

pytestmark = pytest.mark.slow

_numbers = count(1)


@pytest.fixture(scope="module")
def inside() -> Iterator[Sink]:
    with Sink() as made:
        yield made


@pytest.fixture(scope="module")
def old() -> Iterator[Sink]:
    """A peer of the last century."""
    with Sink(extensions=("SIZE 50000000",)) as made:
        yield made


@pytest.fixture(scope="module")
def strict(tls_peer: ssl.SSLContext) -> Iterator[Sink]:
    with Sink(tls=tls_peer) as made:
        yield made


@pytest.fixture(scope="module")
def house(
    build: Build,
    sink: Sink,
    inside: Sink,
    old: Sink,
    strict: Sink,
    authority: trustme.CA,
    tmp_path_factory: pytest.TempPathFactory,
) -> House:
    keep = tmp_path_factory.mktemp("tls")
    authority.cert_pem.write_to_path(str(keep / "ca.pem"))
    own = authority.issue_cert("127.0.0.1", "gate.example.co.jp")
    own.private_key_and_cert_chain_pem.write_to_path(str(keep / "own.pem"))
    routes = "".join(
        f'[[route]]\ndomains = ["{domain}"]\nnext_hop = "smtp://{peer.hop}"\n{more}\n'
        for domain, peer, more in (
            ("example.co.jp", inside, ""),
            ("old.example", old, ""),
            ("strict.example", strict, f'tls = "verify"\nca_file = "{keep}/ca.pem"'),
            ("plain.example", inside, f'tls = "verify"\nca_file = "{keep}/ca.pem"'),
        )
    )
    made = build(
        sink.hop,
        routes,
        'max_message_size = "3MB"\n'
        f'tls = {{ certificate = "{keep}/own.pem", key = "{keep}/own.pem" }}',
    )
    made.start()
    return made


@pytest.fixture
def to() -> str:
    """A recipient that no other test writes to."""
    return f"sato{next(_numbers)}@partner.example"


@pytest.mark.alone
def test_it_works(house: House, sink: Sink, to: str) -> None:
    raw = samples.message("お打ち合わせ", "来週の件、承知いたしました。\n.\n..\n", to=to)
    began = time.monotonic()
    id = house.send(raw, to)
    (mail,) = sink.wait(to)
    assert time.monotonic() - began < 3
    received, rest = mail.data[: -len(raw)], mail.data[-len(raw) :]
    assert rest == raw
    assert re.fullmatch(rb"Received: (?:[^\r\n]+\r\n[ \t])*[^\r\n]+\r\n", received)
    assert f"id {id}.".encode() in received
    assert mail.mail_from == "hanako@example.co.jp" and mail.rcpt_to == (to,)
    house.reaches(id, "done")
    verbs = [verb for verb, _ in house.verbs(id)]
    assert verbs == ["received", "judged", "queued", "attempted", "delivered", "settled"]


def test_a_signature_of_the_sender_still_fits(house: House, sink: Sink, to: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    raw = samples.message("署名", "本文\n", [("a.txt", "資料".encode())], to=to)
    raw = dkim.sign(raw, b"s1", b"example.co.jp", pem, canonicalize=(b"simple", b"simple")) + raw
    house.send(raw, to)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    (mail,) = sink.wait(to)
    assert dkim.verify(mail.data, dnsfunc=lambda name, timeout=5: record)
    assert not dkim.verify(mail.data + b"x\r\n", dnsfunc=lambda name, timeout=5: record)


def test_inside_and_outside_go_their_own_ways(
    house: House, sink: Sink, inside: Sink, to: str
) -> None:
    raw = samples.message("議事録", "次のとおりです。\n", to=[to, "ichiro@example.co.jp"])
    house.send(raw, [to, "ichiro@example.co.jp"])
    assert sink.wait(to)[0].rcpt_to == (to,)
    assert inside.wait("ichiro@example.co.jp")[0].rcpt_to == ("ichiro@example.co.jp",)


@pytest.mark.parametrize(
    ("charset", "subject", "body"),
    [
        ("iso-2022-jp", "見積書の件", "お世話になっております。\n"),
        ("utf-8", "見積書の件", "①㈱﨑 お世話になっております。\n"),
    ],
)
def test_japanese_leaves_as_it_came(
    house: House, sink: Sink, to: str, charset: str, subject: str, body: str
) -> None:
    raw = samples.message(subject, body, charset=charset, to=to)
    house.send(raw, to)
    assert sink.wait(to)[0].data.endswith(raw)


# -- what is not taken


def test_an_oversized_mail_is_552(house: House) -> None:
    raw = samples.message("big", "x" * 76 + "\n") + b"x" * 3_000_001 + b"\r\n"
    with house.client() as client:
        code, reply = client.docmd("MAIL", f"FROM:<hanako@example.co.jp> SIZE={len(raw)}")
        assert (code, reply[:5]) == (552, b"5.3.4")
        with pytest.raises(smtplib.SMTPResponseException) as refused:  # it did not say how big
            hand_over(client, raw, "sato@partner.example")
    assert refused.value.smtp_code == 552
    assert list((house.folder / "var/vault").glob("*.part")) == []


def test_a_foreign_sender_is_refused_at_rcpt(house: House) -> None:
    with house.client() as client:
        assert client.mail("someone@elsewhere.example")[0] == 250
        code, reply = client.rcpt("sato@partner.example")
    assert code == 550 and b"elsewhere.example" in reply and reply.startswith(b"5.7.1")


def test_our_own_mail_that_comes_back_is_a_loop(house: House, sink: Sink, to: str) -> None:
    house.send(samples.message("a", "b\n", to=to), to)
    back = sink.wait(to)[0].data
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        house.send(back, to)
    assert refused.value.smtp_code == 554 and refused.value.smtp_error.startswith(b"5.4.6")
    forged = re.sub(rb"\.[0-9a-f]{16};", b".0123456789abcdef;", back)
    house.send(forged, to)  # nobody can keep a mail out by writing our mark
    assert len(sink.wait(to, 2)) == 2


def test_the_null_sender_is_taken_and_never_answered(house: House, sink: Sink, to: str) -> None:
    sink.answers[f"RCPT TO:<{to}"] = "550 5.1.1 no such user"
    before = len(house.consignments())
    id = house.send(samples.message("不在", "不在です。\n", to=to), to, sender="")
    house.reaches(id, "done")
    assert ("bounced", "550 5.1.1 no such user") in [
        (verb, facts.get("reply")) for verb, facts in house.verbs(id)
    ]
    assert len(house.consignments()) == before + 1


# -- what the peer says


def dsn(inside: Sink, sender: str, seconds: float = 10.0) -> Message:
    (mail,) = inside.wait(sender, 1, seconds)
    assert mail.mail_from == ""
    return email.message_from_bytes(mail.data)


def test_a_peer_without_8bitmime_gets_nothing_converted(
    house: House, old: Sink, inside: Sink
) -> None:
    sender, to = "eight@example.co.jp", "sato@old.example"
    raw = samples.message("8bit", "", to=to).partition(b"\r\n\r\n")[0]
    raw = raw.replace(b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: 8bit")
    raw += "\r\n\r\n本文です。\r\n".encode()
    house.send(raw, to, sender, options=["BODY=8BITMIME"])
    report = dsn(inside, sender)
    status = report.get_payload(1).as_string()
    assert "Status: 5.6.3" in status and "Final-Recipient: rfc822; sato@old.example" in status
    assert old.delivered == []
    house.send(samples.message("7bit", "a\n", to=to), to, sender)
    old.wait(to)


def test_one_refused_recipient_bounces_alone(
    house: House, sink: Sink, inside: Sink, to: str
) -> None:
    sender, bad = "partial@example.co.jp", "nobody@partner.example"
    sink.answers[f"RCPT TO:<{bad}"] = "550 5.1.1 <nobody@partner.example>: no such user"
    secret = "この一文は本文にしかありません"
    raw = samples.message("注文 2026-1126-0001 の件", f"{secret}\n", to=[to, bad])
    id = house.send(raw, [to, bad], sender)
    assert sink.wait(to)[0].rcpt_to == (to,)
    report = dsn(inside, sender)
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    text, status, headers = report.get_payload()
    said = text.get_payload(decode=True).decode()
    assert bad in said and "no such user" in said and to not in said
    assert "Action: failed" in status.as_string() and "Status: 5.1.1" in status.as_string()
    everything = " ".join([said, status.as_string(), headers.as_string(), str(report["Subject"])])
    assert secret not in everything and "1126-0001" not in everything
    assert report["Auto-Submitted"] == "auto-replied"
    house.reaches(id, "done")
    assert sink.to(bad) == []


def test_a_4xx_is_tried_again_later_and_later(house: House, sink: Sink, to: str) -> None:
    said = f"RCPT TO:<{to}"
    sink.once += [(said, "451 4.7.1 greylisted"), (said, "421 4.3.2 shutting down")]
    began = time.monotonic()
    id = house.send(samples.message("灰色", "a\n", to=to), to)
    sink.wait(to)
    assert 0.8 + 1.6 <= time.monotonic() - began < 8
    house.reaches(id, "done")
    facts = [(v, f.get("reply", "")[:9]) for v, f in house.verbs(id) if v != "attempted"]
    assert facts[3:-1] == [
        ("deferred", "451 4.7.1"),
        ("deferred", "421 4.3.2"),
        ("delivered", "250 2.0.0"),
    ]


def test_an_answer_that_never_came_is_said_in_the_ledger(house: House, sink: Sink, to: str) -> None:
    sink.once.append((".", BREAK))
    id = house.send(samples.message("切断", "a\n", to=to), to)
    first, second = sink.wait(to, 2)
    assert not first.answered and second.answered and first.data == second.data
    house.reaches(id, "done")
    assert [v for v, _ in house.verbs(id)][3:] == [
        "attempted", "unknown", "attempted", "delivered", "settled",
    ]  # fmt: skip


# -- clients


def test_a_client_that_hangs_up_after_the_dot_loses_nothing(
    house: House, sink: Sink, to: str
) -> None:
    raw = samples.message("切れた", "a\n" * 40_000, to=to)
    client = smtplib.SMTP("127.0.0.1", house.port, "pc1", 10)
    client.ehlo()
    client.mail("hanako@example.co.jp")
    client.rcpt(to)
    assert client.docmd("DATA")[0] == 354
    client.sock.sendall(raw + b".\r\n")
    client.sock.shutdown(socket.SHUT_RDWR)
    client.close()
    assert sink.wait(to)[0].data.endswith(raw)


def test_tls_on_the_way_in_is_offered_and_written_down(
    house: House, sink: Sink, authority: trustme.CA, to: str
) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    raw = samples.message("暗号", "a\n", to=to)
    with smtplib.SMTP("127.0.0.1", house.port, "pc1", 10) as client:
        client.starttls(context=context)
        client.ehlo()
        assert "starttls" not in client.esmtp_features
        hand_over(client, raw, to)
    data = sink.wait(to)[0].data
    assert b"with ESMTPS id" in data and b"using TLSv1.3" in data


def test_tls_on_the_way_out_is_checked(
    house: House, strict: Sink, inside: Sink, tmp_path: Path
) -> None:
    to = "sato@strict.example"
    id = house.send(samples.message("暗号", "a\n", to=to), to)
    assert strict.wait(to)[0].tls == "TLSv1.3"
    house.reaches(id, "done")
    assert [f["tls"][:7] for v, f in house.verbs(id) if v == "delivered"] == ["TLSv1.3"]
    to = "sato@plain.example"  # TLS is demanded there, and not offered
    id = house.send(samples.message("平文", "a\n", to=to), to)
    facts = until(lambda: [f for v, f in house.verbs(id) if v == "deferred"])
    assert "TLS is required" in facts[0]["reply"]
    assert inside.to(to) == []


# -- what cannot be read


def test_an_encrypted_zip_is_held_and_its_sender_told_what_to_do(
    house: House, sink: Sink, inside: Sink, to: str
) -> None:
    sender = "ppap@example.co.jp"
    locked = samples.encrypted_zip({"名簿.xlsx": samples.workbook({"a": [["b"]]})}, "himitsu")
    raw = samples.message("資料", "お送りします。\n", [("資料.zip", locked)], to=to)
    id = house.send(raw, to, sender)
    house.reaches(id, "held")
    (mail,) = inside.wait(sender)
    notice = email.message_from_bytes(mail.data)
    part = notice if not notice.is_multipart() else notice.get_payload(0)
    text = part.get_payload(decode=True).decode()
    assert "パスワード" in text and f"{house.config.web.url}/confirm/" in text
    assert notice["In-Reply-To"] == "<1@example.co.jp>"
    assert sink.quiet(to)


def children(pid: int) -> list[int]:
    with suppress(OSError):
        tasks = list(Path(f"/proc/{pid}/task").glob("*/children"))
        return [int(child) for task in tasks for child in task.read_text().split()]
    return []


SHOT_AT_START = "scan worker does not start: exit -9"
"""What `shoot_readers` may cause beside what it is for: it takes a beginner for a reader."""


def shoot_readers(house: House, stop: threading.Event) -> None:
    """Kills every worker of the core that is reading a document: it has forked a child."""
    while not stop.wait(0.005):
        (nursery, *_) = children(house.processes["core"].pid) or [0]
        for worker in children(nursery):
            if children(worker):
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)


def test_a_mail_that_takes_long_to_read_keeps_no_other_waiting(
    house: House, sink: Sink, to: str
) -> None:
    book = samples.workbook({"a": [[f"{row}", "x" * 20] for row in range(60_000)]})
    books = [(f"{number}.xlsx", book) for number in range(2)]
    slow = house.send(samples.message("大きな表", "a\n", books, to=to), to)
    time.sleep(0.2)  # it is being read
    for number in range(3):
        quick = f"{number}.{to}"
        house.send(samples.message("短い", "a\n", to=quick), quick)
        sink.wait(quick)
    assert sink.to(to) == [] and house.state(slow) == "received"
    house.reaches(slow, "held", "done", "erased", seconds=60)


def test_a_mail_that_kills_its_readers_is_held_and_the_next_one_passes(
    house: House, sink: Sink, inside: Sink, to: str
) -> None:
    book = samples.workbook({"a": [[f"{row}", "x" * 20] for row in range(20_000)]})
    raw = samples.message("読めない", "a\n", [("a.xlsx", book)], to=to)
    stop = threading.Event()
    shooter = threading.Thread(target=shoot_readers, args=(house, stop))
    shooter.start()
    try:
        id = house.send(raw, to)
        house.reaches(id, "held", seconds=40)
    finally:
        stop.set()
        shooter.join()
    (judged,) = [facts for verb, facts in house.verbs(id) if verb == "judged"]
    assert "scan_incomplete" in judged["facts"] and not judged["findings"]
    (notice,) = inside.wait("root@example.co.jp")
    assert notice.mail_from == ""
    assert sink.to(to) == []
    house.send(samples.message("次", "a\n", to=to), to)
    sink.wait(to, seconds=30)


def test_the_ledger_is_whole_after_all_that(house: House) -> None:
    house.stop()
    outcome = house.verify()
    assert outcome.whole and outcome.entries > 0
    said = [line for line in house.said().splitlines() if SHOT_AT_START not in line]
    assert not [line for line in said if " ERROR " in line or " CRITICAL " in line], said
