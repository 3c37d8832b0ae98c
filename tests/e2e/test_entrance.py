"""The way in of a whole house: who is let in, with what proof, and what is kept of it."""

from __future__ import annotations

import json
import smtplib
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from sqlalchemy import select

from gateway.memory.letters import LETTER
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, free_port, hand_over, until
from tests.e2e.sink import Sink
from tests.gateway.mail.slapd import ASCII, PEOPLE, Slapd

pytestmark = pytest.mark.slow

SECRET = "correct-horse-battery"


@pytest.fixture(scope="module")
def shared(build: Build, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house to which everybody on this machine is a provider of many tenants."""
    secret = tmp_path_factory.mktemp("s") / "tenant"
    secret.write_text(SECRET + "\n")
    networks = '["127.0.0.0/8", "::1"]'
    tenant = f'tenant = {{ networks = {networks}, secret = {{ file = "{secret}" }} }}'
    made = build(sink.hop, "", tenant)
    made.start()
    return made


def test_our_tenant_gets_in_and_its_proof_goes_no_further(shared: House, sink: Sink) -> None:
    to = "ours@partner.example"
    raw = samples.message("件名", "本文です。\n", to=to)
    id = shared.send(f"X-Sekisho-Tenant: {SECRET}\r\n".encode() + raw, to)
    (mail,) = sink.wait(to)
    assert mail.data.endswith(raw) and SECRET.encode() not in mail.data
    shared.reaches(id, "done")


@pytest.mark.parametrize("header", ["", "X-Sekisho-Tenant: another-tenant-secret\r\n"])
def test_another_tenant_is_refused(shared: House, sink: Sink, header: str) -> None:
    to = "theirs@partner.example"
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        shared.send(header.encode() + samples.message("件名", "本文です。\n", to=to), to)
    assert refused.value.smtp_code == 550
    assert "5.7.1 this address sends for many" in str(refused.value)
    assert sink.quiet(to)


def test_the_secret_is_kept_nowhere(shared: House) -> None:
    shared.stop()
    for path in shared.folder.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


# -- accounts in a directory


@pytest.mark.needs("slapd")
def test_who_the_directory_knows_gets_in_and_is_recorded_by_address(
    build: Build, sink: Sink, authority: trustme.CA, tmp_path: Path
) -> None:
    own = tmp_path / "own.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(own))
    (folder := tmp_path / "slapd").mkdir()
    with Slapd(folder) as slapd:
        asked = f'url = "{slapd.tls}", ca_file = "{slapd.ca_file}", base = "{PEOPLE}"'
        tls = f'{{ certificate = "{own}", key = "{own}" }}'
        house = build(
            sink.hop,
            "",
            f'trusted_networks = []\naccounts = "ldap"\ntls = {tls}\n'
            f'ldap = {{ {asked}, filter = "(uid={{user}})" }}',
        )
        house.start()
        to = "account@partner.example"
        with house.client() as client:
            assert not client.has_extn("auth"), "no password in the clear"
            context = ssl.create_default_context()
            authority.configure_trust(context)
            client.starttls(context=context)
            with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
                client.login("hanako", "wrong")
            assert refused.value.smtp_code == 535
            client.login("hanako", ASCII)
            id = hand_over(client, samples.message("件名", "本文です。\n", to=to), to)
    with house.client() as client:
        client.starttls(context=context)
        with pytest.raises(smtplib.SMTPAuthenticationError) as later:
            client.login("hanako", ASCII)
        assert later.value.smtp_code == 454, "the directory is gone, the password is not wrong"
    sink.wait(to)
    with house.rows() as conn:
        query = select(LETTER.c.auth_user).where(LETTER.c.id == id)
        assert conn.execute(query).scalar() == "hanako@example.co.jp"
    house.stop()
    assert not any(
        ASCII.encode() in path.read_bytes() for path in house.folder.rglob("*") if path.is_file()
    )


# -- tap


@dataclass(frozen=True)
class Tap:
    house: House
    port: int

    def copy(self, raw: bytes, sender: str = "") -> str:
        """The id of a copy that was handed over."""
        with smtplib.SMTP("127.0.0.1", self.port, "exchange", 20) as client:
            client.ehlo()
            return hand_over(client, raw, "tap@sekisho.example", sender)


@pytest.fixture(scope="module")
def tap(build: Build, sink: Sink) -> Tap:
    house, port = build(sink.hop), free_port()
    text = house.path.read_text("utf-8")
    listen = f'listen = ["127.0.0.1:{port}/tap", "'
    house.path.write_text(text.replace('listen = ["', listen, 1), "utf-8")
    house.start()
    return Tap(house, port)


def _journal(original: bytes, *recipients: str) -> bytes:
    lines = "".join(f"Recipient: {address}\r\n" for address in recipients)
    return (
        b"X-MS-Journal-Report:\r\nFrom: <MicrosoftExchange@example.co.jp>\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nSender: hanako@example.co.jp\r\n"
        + lines.encode()
        + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        + original
        + b"\r\n--b--\r\n"
    )


def test_a_journal_report_is_judged_as_its_original_and_goes_nowhere(tap: Tap, sink: Sink) -> None:
    number, to = samples.individual_number(51), "journal@partner.example"
    original = samples.message("届", f"個人番号は {number} です。\n", to=to)
    id = tap.copy(_journal(original, to, "jiro@example.co.jp"))
    tap.house.reaches(id, "observed", "erased", seconds=30)
    rows = {row["headline"] for row in tap.house.consignments(id)}
    assert rows == {"pass", "confirm"} or rows == {"pass", "approve"}
    verbs = [verb for verb, _ in tap.house.verbs(id)]
    assert {"received", "judged", "split", "observed"} <= set(verbs)
    assert not {"queued", "held", "attempted", "notice.queued"} & set(verbs)
    (facts,) = [
        f for verb, f in tap.house.verbs(id) if verb == "observed" and to in f["recipients"]
    ]
    assert facts["action"] in rows and facts["demands"]
    assert not sink.to(to) and not sink.to("jiro@example.co.jp")
    assert not sink.to("hanako@example.co.jp")


def test_a_bcc_copy_is_judged_by_its_header(tap: Tap, sink: Sink) -> None:
    to = "bcc@partner.example"
    id = tap.copy(samples.message("件名", "本文です。\n", to=to), "hanako@example.co.jp")
    tap.house.reaches(id, "observed", "erased", seconds=30)
    (facts,) = [f for verb, f in tap.house.verbs(id) if verb == "observed"]
    assert facts["action"] == "pass" and facts["recipients"] == [to]
    assert not sink.to(to)


def test_a_tap_survives_a_kill_and_the_ledger_is_whole(tap: Tap) -> None:
    tap.house.kill()
    tap.house.start()
    id = tap.copy(samples.message("件名", "本文です。\n"), "hanako@example.co.jp")
    tap.house.reaches(id, "observed", "erased", seconds=30)
    tap.house.stop()
    assert tap.house.verify().whole


# -- back-pressure


def test_while_too_many_wait_new_mail_stays_with_its_sender(build: Build, sink: Sink) -> None:
    house = build(f"127.0.0.1:{free_port()}", "", "limits = { waiting_mails = 3 }")
    house.start()
    raw = samples.message("件名", "本文です。\n")

    def refused() -> bool:
        try:
            house.send(raw)
        except smtplib.SMTPResponseException as error:
            assert error.smtp_code == 452 and "4.3.1 too many mails" in str(error)
            return True
        return False

    until(refused, 20)
    taken = house.consignments()
    assert len(taken) >= 3
    house.stop()
    assert house.verify().whole


def test_a_full_disk_is_said_by_a_real_house(build: Build, sink: Sink) -> None:
    house = build(sink.hop, "", 'limits = { free_disk = "900000GB" }')
    house.start()
    with pytest.raises(smtplib.SMTPResponseException, match="not enough space") as full:
        house.send(samples.message("件名", "本文です。\n"))
    assert full.value.smtp_code == 452
    house.stop()


# -- the road, proven


def _probe(house: House, to: str) -> tuple[bool, str]:
    command = [str(Path(sys.executable).with_name("sekisho")), "check", "--json", "--probe", to]
    done = subprocess.run(
        [*command, "--config", str(house.path)], capture_output=True, text=True, timeout=120
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    (row,) = [row for row in rows if row["promise"] == "probe mail"]
    return row["kept"], row["said"]


@pytest.mark.long
def test_a_probe_goes_the_whole_road(build: Build, sink: Sink) -> None:
    house, to = build(sink.hop), "probe@partner.example"
    house.start()
    kept, said = _probe(house, to)
    assert kept and "250" in said, said
    (mail,) = sink.wait(to)
    assert b"check --probe" in mail.data
    kept, said = _probe(house, "not an address")
    assert not kept and said.startswith("受け取りません: 5"), said
    house.stop()
    kept, said = _probe(house, to)
    assert not kept and "sekisho serve" in said
