"""The first page: what waits for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from bridge.parcel import PARCEL
from bridge.sweep import HEARTBEAT
from gateway.judgement.dossier import CONSIGNMENT
from gateway.memory import pointers
from gateway.memory.states import SYSTEM
from tests import samples

SUBJECT = "11月分 給与資料の送付"


@pytest.fixture
def held(office) -> str:
    """A mail of alice's with twelve numbers: she confirms, then bob's group approves."""
    rows = [["氏名", "個人番号"]]
    rows += [[f"社員{i}", n] for i, n in enumerate(samples.individual_numbers(12))]
    raw = samples.message(
        SUBJECT,
        "資料をお送りします。",
        [("一覧.xlsx", samples.workbook({"一覧": rows}))],
        sender="alice@example.co.jp",
        to="sato@sr-office.example.jp",
    )
    return office.arrive(raw, ["sato@sr-office.example.jp"], "alice@example.co.jp")


def confirmed(office, held: str) -> None:
    from gateway.judgement import acts
    from gateway.memory.states import Actor

    shown = office.read(held)
    ticks = {f"r{r['id']}" for r in shown.outside} | {f"a{p.path}" for p in shown.attachments}
    domains = {f"r{r['id']}": r["address"].rpartition("@")[2] for r in shown.outside}
    filled = acts.Confirmation(frozenset(ticks), domains, "年末調整")
    with office.memory.store.write() as tx:
        acts.confirm(tx, office.ck, held, "alice", shown.seen, filled, Actor("person", "alice"))


def test_it_works(client, new_client, come_in, office, held) -> None:
    come_in(client, "alice")
    page = client.get("/").text
    assert "送信前の確認をお願いします" in page
    assert SUBJECT in page and f"/holds/{held}" in page and "sato@sr-office.example.jp" in page
    assert "個人番号" in page
    confirmed(office, held)
    page = client.get("/").text
    assert "対応が必要なものはありません" in page
    assert "ほかの方の対応待ち" in page and SUBJECT in page
    bob = new_client()
    come_in(bob, "bob")
    page = bob.get("/").text
    assert "承認の判断をお願いします" in page and SUBJECT in page


@pytest.mark.parametrize("person", ["charlie", "audrey", "root", "paul", "hana", "bob"])
def test_others_see_nothing_of_it(client, come_in, held, person) -> None:
    come_in(client, person)
    page = client.get("/").text
    assert "対応が必要なものはありません" in page
    assert SUBJECT not in page and held not in page


def test_no_number_stands_on_it(client, come_in, held) -> None:
    come_in(client, "alice")
    page = client.get("/").text
    assert not any(number in page for number in samples.individual_numbers(12))


def test_a_request_for_a_new_link_is_shown_to_its_sender(
    client, new_client, come_in, office, held, clock
) -> None:
    columns = {"letter_id": held, "consignment_id": held, "form": "attachments", "token_hash": "x"}
    times = {"created_at": clock(), "opens_at": clock(), "closes_at": clock(), "erase_at": clock()}
    with office.memory.store.write() as tx:
        for id, asked in (("7K4M-92QX-3TRB", clock()), ("7K4M-92QX-3TRC", None)):
            row = {"id": id, "recipient": f"{id}@x.example", "sender_id": "alice"}
            tx.conn.execute(
                insert(PARCEL).values(**row, asked_at=asked, **columns, **times, kek="", key=b"")
            )
    come_in(client, "alice")
    page = client.get("/").text
    assert "/transfers/7K4M-92QX-3TRB" in page and "7K4M-92QX-3TRC" not in page
    bob = new_client()
    come_in(bob, "bob")
    assert "7K4M-92QX-3TRB" not in bob.get("/").text


def test_alarms_are_the_administrators(client, new_client, come_in, office, held, clock) -> None:
    mail = CONSIGNMENT.c.id == held
    with office.memory.store.write() as tx:
        tx.record("nobody_to_ask", SYSTEM, consignment=held, demand="approve")
        beat = (clock() - timedelta(minutes=7)).isoformat()
        pointers.put(tx, HEARTBEAT, beat)
        tx.conn.execute(update(CONSIGNMENT).where(mail).values(lease_owner="recovery"))
    come_in(client, "root")
    page = client.get("/").text
    assert "メールの処理が7分以上止まっています" in page
    assert "頼める人がいない保留が1件" in page
    assert "復元後の確認を待っているメールが1件" in page
    bob = new_client()
    come_in(bob, "bob")
    assert "止まっています" not in bob.get("/").text


def test_a_newcomer_is_told_what_to_do(client) -> None:
    page = client.get("/").text
    assert "関所へようこそ" in page and "sekisho user add" in page


def test_later_visitors_sign_in(client, new_client, staff) -> None:
    staff.enrol(client, "root")
    assert new_client().get("/").url.path == "/signin"


@pytest.mark.parametrize(
    ("person", "places"),
    [
        ("alice", ["/", "/holds?mine", "/transfers", "/account"]),
        ("audrey", ["/audit", "/policy", "/people", "/settings"]),
        ("root", ["/queue", "/audit", "/policy", "/people", "/health", "/settings"]),
        ("paul", ["/policy"]),
    ],
)
def test_everybody_finds_their_own_places(client, come_in, person, places) -> None:
    come_in(client, person)
    nav = client.get("/").text.partition('<nav class="nav"')[2].partition("</nav>")[0]
    for path in ("/audit", "/queue", "/policy", "/people", "/health", "/settings"):
        assert (f'href="{path}"' in nav) == (path in places), path
    assert all(f'href="{path}"' in nav for path in places)


def test_in_english(client, come_in, held) -> None:
    come_in(client, "alice")
    page = client.get("/", headers={"accept-language": "en"}).text
    assert '<html lang="en">' in page and "Waiting for you" in page
