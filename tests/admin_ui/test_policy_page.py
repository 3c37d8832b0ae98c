"""Rules in words, their versions, the way back to an earlier one; settings without secrets."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from admin_ui import settings_page
from gateway.face.i18n import words_in
from gateway.judgement import policies
from gateway.memory.config import Config, Delivery, Route, StoreSection
from gateway.memory.states import SYSTEM

MILDER = """
[[rule]]
name = "few"
title.ja = "少しなら確認"
title.en = "Confirm a few"
why.ja = "個人番号があります"
why.en = "There are numbers"
mode = "audit_only"
[rule.when]
recipient = "outside"
finding = "jp.individual_number"
confidence = ">=medium"
unique = "1..9"
[rule.then]
action = "confirm"
purpose = true
treatment = { bridge = "whole", told_word = true }
"""


@pytest.fixture
def second(office) -> int:
    return policies.publish(office.memory.store, MILDER, "policy.toml", SYSTEM)


def _active(office) -> int | None:
    with office.memory.store.read() as session:
        return policies.active_version(session.connection())


def test_it_works(client, come_in):
    come_in(client, "paul")
    page = client.get("/policy").text
    assert "第1版を適用中" in page and "individual-number-many" in page
    assert "「情報管理責任者」1名の承認" in page and "電話で伝える合言葉" in page
    assert "個人番号（マイナンバー）（確度高、10件～100件）" in page


def test_a_rule_says_all_that_it_asks_in_both_languages(client, come_in, second):
    come_in(client, "paul")
    page = client.get("/policy").text
    for words in (
        *("少しなら確認", "試行中（記録のみ）", "宛先が社外", "確度高・中", "1件～9件"),
        *("目的の記入", "本文ごと受け取りページで渡す", "電話で伝える合言葉"),
    ):
        assert words in page, words
    page = client.get("/policy?lang=en").text
    for words in ("Confirm a few", "On trial", "The recipient is outside", "high or medium"):
        assert words in page, words


@pytest.mark.parametrize(
    ("person", "reads", "publishes"),
    [
        ("paul", True, True),
        ("audrey", True, False),
        ("root", True, False),
        ("alice", False, False),
        ("bob", False, False),
        ("hana", False, False),
    ],
)
def test_who_may_what(person, reads, publishes, client, come_in, office, second):
    come_in(client, person)
    for path in ("/policy", "/policy/versions/1"):
        assert client.get(path).status_code == (200 if reads else 404)
    assert client.get("/settings").status_code == (200 if person in ("root", "audrey") else 404)
    answer = client.post("/policy/versions/1/publish", data={"active": str(second)})
    assert answer.status_code == (200 if publishes else 404)
    assert _active(office) == (1 if publishes else second)


def test_going_back_shows_the_difference_and_is_on_record(client, come_in, office, second):
    come_in(client, "paul")
    page = client.get("/policy/versions/1").text
    assert "適用中の第2版との違い" in page and "− title.ja = &#34;少しなら確認&#34;" in page
    page = client.post("/policy/versions/1/publish", data={"active": "2"}).text
    assert "第1版を適用しました" in page and "Paul" in page
    assert office.verbs("policy 1") == ["policy.published", "policy.published"]


def test_a_decision_on_an_old_page_is_refused(client, come_in, office, second):
    come_in(client, "paul")
    answer = client.post("/policy/versions/1/publish", data={"active": "1"})
    assert answer.status_code == 409 and "適用中の版が変わりました" in answer.text
    assert _active(office) == second


def test_a_version_that_no_longer_proves_itself_stays_out(client, come_in, office, tmp_path):
    """Its tests read a message that is gone from beside the file."""
    (tmp_path / "a.eml").write_bytes(b"From: a@example.co.jp\r\nTo: b@c.example\r\n\r\nx\r\n")
    text = MILDER + '\n[[test]]\nname = "t"\nmail = "a.eml"\nexpect = { "b@c.example" = "pass" }\n'
    policies.publish(office.memory.store, text, str(tmp_path / "p.toml"), SYSTEM)
    policies.publish(office.memory.store, MILDER, "policy.toml", SYSTEM)
    (tmp_path / "a.eml").unlink()
    come_in(client, "paul")
    answer = client.post("/policy/versions/2/publish", data={"active": "3"})
    assert answer.status_code == 422 and "テストに失敗したため" in answer.text
    assert _active(office) == 3


@pytest.mark.parametrize("id", ["0", "99", "x", "１", "9" * 30, "-1"])
def test_an_unknown_version_is_not_found(client, come_in, id):
    come_in(client, "paul")
    assert client.get(f"/policy/versions/{id}").status_code == 404


def test_settings_show_values_and_never_secrets(office, come_in, new_client):
    secret = "correct-horse"
    config = office.memory.config.model_copy(
        update={
            "delivery": Delivery(next_hop="smtp://mail.example.co.jp:25").model_copy(
                update={"user": "relay", "password": SecretStr(secret)}
            ),
            "route": (Route(domains=("partner.example",), next_hop="smtp://p.example:25"),),
            "store": StoreSection(url="postgresql+psycopg://sekisho@db/sekisho").model_copy(
                update={"password": SecretStr(secret)}
            ),
        }
    )
    shown = {
        each.key: each
        for _, _, settings in settings_page._sections(words_in("ja"), config)
        for each in settings
    }
    assert shown["delivery.password"].value == "（設定済み・表示しません）"
    assert shown["store.password"].value == "（設定済み・表示しません）"
    assert shown["store.url"].value == "postgresql+psycopg://sekisho@db/sekisho"
    assert shown["route.1.domains"].value == "partner.example"
    assert shown["delivery.next_hop"].changed and not shown["web.url"].changed
    assert secret not in "".join(each.value for each in shown.values())


def test_settings_page_lists_every_section(client, come_in):
    come_in(client, "root")
    page = client.get("/settings").text
    for name in Config.model_fields:
        assert name in page


@pytest.fixture
def two_persons(office):
    """policy.second_person = true, and a second rules administrator."""
    config = office.memory.config
    object.__setattr__(config.policy, "second_person", True)
    office.hire("petra", ("role", "policy_admin"))
    yield
    object.__setattr__(config.policy, "second_person", False)


def test_what_one_proposes_another_puts_into_force(new_client, come_in, office, two_persons):
    memory = office.memory
    version = policies.publish(memory.store, MILDER, "policy.toml", SYSTEM, config=memory.config)
    paul, petra = new_client(), new_client()
    come_in(paul, "paul")
    come_in(petra, "petra")
    first = _active(office)
    assert version != first  # the service found it in the file, and nobody has looked yet
    assert f"第{version}版が適用を待っています" in paul.get("/policy").text
    path = f"/policy/versions/{version}"
    page = paul.post(f"{path}/publish", data={"active": first}).text
    assert _active(office) == version and f"第{version}版を適用しました" in page
    page = paul.post(f"/policy/versions/{first}/publish", data={"active": version}).text
    assert "別のルール管理者が適用するまで" in page and _active(office) == version
    paul.post(f"/policy/versions/{first}/publish", data={"active": version})
    assert _active(office) == version  # not by asking twice
    page = petra.get(f"/policy/versions/{first}").text
    assert "Paulさんが適用を提案しています" in page and f"第{first}版を適用する" in page
    petra.post(f"/policy/versions/{first}/publish", data={"active": version})
    assert _active(office) == first
    assert "適用を待っています" not in petra.get("/policy").text
