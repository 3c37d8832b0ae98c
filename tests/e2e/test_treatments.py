"""Treatments over SMTP: what the peer gets, and what the ledger says of it."""

from __future__ import annotations

import email
from email import policy

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

RULES = """
[[rule]]
name = "many"
why.ja = "宛先を隠します。"
why.en = "Recipients are hidden."
when = { recipient = "outside", outside_addresses = ">=2" }
then = { action = "pass", treatment = { bcc = true, add_bcc = "archive@example.co.jp" } }

[[rule]]
name = "footed"
why.ja = "定型文を付けます。"
why.en = "Fixed words are added."
when = { recipient = "outside" }
then = { action = "pass", treatment = { footer = "株式会社サンプル", mark = "【社外】" } }
"""
MANY = ["sato@one.example", "suzuki@two.example"]


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    rules = tmp_path_factory.mktemp("rules") / "policy.toml"
    rules.write_text(RULES, "utf-8")
    made = build(sink.hop, f'[policy]\nfile = "{rules}"\n')
    made.start()
    return made


def test_it_works(house: House, sink: Sink) -> None:
    raw = samples.message(
        "お知らせ", "本文です。\n", to=[MANY[0], "ito@example.co.jp"], cc=[MANY[1]]
    )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    raw = dkim.sign(raw, b"s1", b"example.co.jp", pem) + raw
    id = house.send(raw, [*MANY, "ito@example.co.jp"])
    (mail,) = sink.wait(MANY[0])
    assert set(mail.rcpt_to) == set(MANY)
    read = email.message_from_bytes(mail.data, policy=policy.default)
    assert (read["To"], read["Cc"], read["Subject"]) == (
        "ito@example.co.jp",
        None,
        "【社外】お知らせ",
    )
    assert read.get_content().rstrip().endswith("株式会社サンプル")
    for address in ("ito@example.co.jp", "archive@example.co.jp"):
        assert sink.wait(address)[0].data.endswith(raw)
    house.reaches(id, "done")
    (facts,) = [facts for verb, facts in house.verbs(id) if verb == "sealed" and "broken" in facts]
    assert facts["broken"] == ["example.co.jp"]
    assert house.verify().whole
