"""The way in of a whole house: who is let in, with what proof, and what is kept of it."""

from __future__ import annotations

import smtplib

import pytest

from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House
from tests.e2e.sink import Sink

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
