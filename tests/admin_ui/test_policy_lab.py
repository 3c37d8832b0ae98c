"""Rules are tried before they hold: on a mail, and on the mail of the last weeks."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.judgement import policies
from gateway.judgement.acquaintance.learn import learn
from gateway.judgement.acquaintance.passed import Passed
from gateway.memory.states import SYSTEM
from gateway.memory.tables import LedgerDetail, table
from tests.mails import SATO, holds_none_of, in_body, numbers, plain

DETAIL = table(LedgerDetail)
pytestmark = pytest.mark.slow

QUIET = "yuki@quiet.example"
RULE = """
[[rule]]
name = "all-confirm"
why.ja = "試しの規則です"
why.en = "A rule on trial"
[rule.when]
recipient_domains = "quiet.example"
[rule.then]
action = "confirm"
"""


FAILS = """
[[test]]
name = "t"
mail = { to = "a@b.example" }
expect = { "a@b.example" = "reject" }
"""


@pytest.fixture
def client(reading_client: TestClient) -> TestClient:
    return reading_client


def post(client: TestClient, act: str = "", raw: bytes = b"", **fields: str):
    path = "/policy/lab" + (f"/{act}" if act else "")
    return client.post(path, data=fields, files={"file": ("a.eml", raw, "message/rfc822")})


def draft(office, more: str = RULE) -> str:
    return policies.default_text() + more


def active(office) -> int | None:
    with office.memory.store.read() as session:
        return policies.active_version(session.connection())


def test_it_works(client, come_in, office) -> None:
    come_in(client, "paul")
    page = client.get("/policy/lab")
    assert page.status_code == 200 and "過去30日のメールで試す" in page.text
    raw = in_body(2)
    answer = post(client, raw=raw)
    assert answer.status_code == 200, answer.text
    assert SATO in answer.text and "✓ 個人番号" in answer.text and "✗ " in answer.text
    assert "探しているものが見つからない" in answer.text
    assert "個人番号（マイナンバー）と思われる情報が2件あります" in answer.text
    assert holds_none_of(answer.text, numbers(2))
    with office.memory.store.read() as session:
        assert not session.connection().exec_driver_sql("select 1 from letter").first()


def test_a_pasted_mail_goes_to_whom_the_form_says(client, come_in) -> None:
    come_in(client, "paul")
    answer = post(client, mail=plain().decode(), to="x@other.example, y@other.example")
    assert "x@other.example" in answer.text and "ほか1宛先" in answer.text
    assert "y@other.example" in answer.text


def test_a_past_mail_is_tried_by_its_number(client, come_in, office) -> None:
    id = office.arrive(in_body(1), [SATO])
    come_in(client, "audrey")
    assert f'value="{id}"' in client.get(f"/policy/lab?mail={id}").text
    assert "✓ 個人番号" in post(client, number=id.lower()).text


IN_SALES = RULE.replace("[rule.then]", 'sender_in = "営業部"\n[rule.then]') + (
    '[groups."営業部"]\nja = "営業部"\nen = "sales"\n'
)


def test_a_past_mail_is_tried_with_the_groups_of_its_sender(client, come_in, office) -> None:
    office.hire("sakura", ("group", "営業部"))
    ids = [
        office.arrive(plain(sender=f"{who}@example.co.jp", to=QUIET), [QUIET])
        for who in ("sakura", "alice")
    ]
    come_in(client, "paul")
    tried = [post(client, number=id, draft=draft(office, IN_SALES)).text for id in ids]
    assert ["✓ 試しの規則です" in page for page in tried] == [True, False]
    past = post(client, "past", draft=draft(office, IN_SALES)).text
    assert "sakura@example.co.jp" in past and "alice@example.co.jp" not in past


def test_a_draft_is_compared_with_what_is_in_force(client, come_in, office) -> None:
    come_in(client, "paul")
    answer = post(client, raw=plain(to=QUIET), draft=draft(office))
    assert "確認してから送信" in answer.text and "いまのルールでは：そのまま送信" in answer.text
    assert "試しの規則です" in answer.text


def test_a_draft_meets_the_past_and_is_published_with_what_was_seen(
    client, come_in, office
) -> None:
    office.arrive(plain(to=QUIET), [QUIET])
    office.arrive(in_body(1), [SATO])
    come_in(client, "paul")
    page = post(client, "past", draft=draft(office))
    assert page.status_code == 200, page.text
    assert "新たに保留になる" in page.text and "alice@example.co.jp" in page.text
    assert "そのまま送信" in page.text and "この変更案を適用する" in page.text
    before = active(office)
    assert post(client, "publish", draft=draft(office), active="99").status_code == 409
    assert active(office) == before
    done = post(client, "publish", draft=draft(office), active=str(before))
    assert "第2版を適用しました" in done.text and active(office) == 2
    with office.memory.store.read() as session:
        query = select(DETAIL.c.details).order_by(DETAIL.c.seq.desc())
        told = session.connection().execute(query).scalars().first()
    assert "過去30日の2通のうち2通で試行：新たな保留1通" in told


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("\n[[rule]]\nname = 1\n", "name: 文字列にしてください"),
        (RULE.replace('"confirm"', '"stop"'), "stop"),
        (RULE.replace("recipient_domains", "recipent"), "recipent: このキーはありません"),
        (
            FAILS,
            "期待 action = &#34;reject&#34;、結果 action = &#34;pass&#34;",
        ),
    ],
)
def test_a_draft_with_a_fault_is_shown_it_and_changes_nothing(
    more: str, sentence: str, client, come_in, office
) -> None:
    come_in(client, "paul")
    before = active(office)
    for act in ("past", "publish"):
        answer = post(client, act, draft=draft(office, more), active=str(before))
        assert answer.status_code == 422
        assert "ルールに誤りがあります" in answer.text and sentence in answer.text
    assert active(office) == before


def test_the_past_is_shown_beside_a_failing_test_and_nothing_can_be_saved(
    client, come_in, office
) -> None:
    office.arrive(plain(to=QUIET), [QUIET])
    come_in(client, "paul")
    failing = draft(office, RULE + FAILS)
    answer = post(client, "past", draft=failing)
    assert answer.status_code == 422
    wrong, past = answer.text.index("ルールに誤りがあります"), answer.text.index("新たに保留になる")
    assert wrong < past and "alice@example.co.jp" in answer.text[past:]
    assert "この変更案は適用できません" in answer.text and 'action="/policy/lab/publish"' not in (
        answer.text
    )
    assert post(client, "publish", draft=failing, active="1").status_code == 422
    assert active(office) == 1


def test_a_fault_is_told_in_the_readers_language(client, come_in, office) -> None:
    come_in(client, "paul")
    client.cookies.set("lang", "en")
    faulty = draft(office, RULE.replace("recipient_domains", "recipent"))
    line = faulty.split("recipent")[0].count("\n") + 1
    page = post(client, "past", draft=faulty).text
    assert f"line {line}: rule[" in page
    assert ".when.recipent: unknown key" in page and "このキー" not in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "受付番号を入力してください"),
        ({"number": "7Q3F-K2MD"}, "受付番号を入力してください"),
        ({"mail": "Subject: x\r\n\r\nx\r\n"}, "宛先がありません"),
    ],
)
def test_without_a_mail_it_says_what_is_missing(fields, sentence, client, come_in) -> None:
    come_in(client, "paul")
    answer = post(client, **fields)
    assert answer.status_code == 422 and sentence in answer.text


@pytest.mark.parametrize(
    ("person", "tries", "publishes"),
    [("paul", 1, 1), ("audrey", 1, 0), ("root", 0, 0), ("alice", 0, 0), ("hana", 0, 0)],
)
def test_who_may_what(person, tries, publishes, client, come_in, office) -> None:
    come_in(client, person)
    assert client.get("/policy/lab").status_code == (200 if tries else 404)
    assert post(client, raw=plain()).status_code == (200 if tries else 404)
    published = post(client, "publish", draft=draft(office), active="1")
    assert published.status_code == (200 if publishes else 404)
    assert active(office) == (2 if publishes else 1)


def test_untouched_rules_are_no_draft(client, come_in, office) -> None:
    come_in(client, "paul")
    page = post(client, "past", draft=draft(office, "\n").replace("\n", "\r\n"))
    assert "いまのルールどうしを比べました" in page.text
    assert "この変更案を適用する" not in page.text


NEW = RULE.replace("recipient_domains", 'fact = "first_contact"\nrecipient_domains')


def test_a_pasted_mail_is_asked_about_what_is_known_of_its_recipients(
    client, come_in, office
) -> None:
    come_in(client, "paul")
    page = post(client, raw=plain(to=QUIET), draft=draft(office, NEW)).text
    assert "✓ 試しの規則です" in page and "いま送ったものとして判定しました" in page
    with office.memory.store.write() as tx:
        passed = Passed("alice@example.co.jp", ((QUIET, ""),), tx.now)
        learn(tx.conn, office.ck.keyed, [passed])
    assert "✗ 試しの規則です" in post(client, raw=plain(to=QUIET), draft=draft(office, NEW)).text


def test_what_was_not_looked_up_in_the_past_is_said(client, come_in, office) -> None:
    policies.publish(office.memory.store, RULE, "policy.toml", SYSTEM)
    id = office.arrive(plain(to=QUIET), [QUIET])
    come_in(client, "paul")
    page = post(client, number=id, draft=NEW).text
    assert "✗ 試しの規則です" in page and "保存してある内容で判定しました" in page
    assert "当てはまらないものとして判定したこと：初めての宛先" in page
    assert (
        "当てはまらないものとして判定したこと：初めての宛先" in post(client, "past", draft=NEW).text
    )
    assert "判定したこと" not in post(client, number=id, draft=RULE + " ").text
