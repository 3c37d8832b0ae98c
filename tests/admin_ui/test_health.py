"""How the house is doing: for people, load balancers and monitoring."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from admin_ui import vitals
from bridge.sweep import HEARTBEAT
from gateway.memory import pointers, recovery
from gateway.memory.states import SYSTEM
from tests import samples

TO = "jiro.sato@sr-office.example.jp"


@pytest.fixture
def beating(office) -> None:
    """As the core's sweep does every five seconds."""
    with office.memory.store.write() as tx:
        pointers.put(tx, HEARTBEAT, tx.now.isoformat())


@pytest.fixture
def mails(office) -> list[str]:
    """One that waits for delivery and one that is held."""
    plain = samples.message("見積書", "本文", sender="alice@example.co.jp", to=[TO])
    book = samples.workbook({"一覧": [["個人番号"], *[[n] for n in samples.individual_numbers(3)]]})
    risky = samples.message(
        "名簿", "本文", [("一覧.xlsx", book)], sender="alice@example.co.jp", to=[TO]
    )
    return [office.arrive(plain, [TO]), office.arrive(risky, [TO])]


def _read(office) -> vitals.Vitals:
    with office.memory.store.read() as session:
        return vitals.vitals(session.connection(), office.memory, office.memory.store.clock())


def test_it_works(client, come_in, beating, mails):
    come_in(client, "root")
    page = client.get("/health").text
    assert "正常に動いています" in page
    assert "送信待ち" in page and "保留中" in page and "第1版" in page


@pytest.mark.parametrize("person", ["alice", "bob", "audrey", "paul", "hana"])
def test_it_is_for_who_runs_the_system(client, come_in, person):
    come_in(client, person)
    assert client.get("/health").status_code == 404
    assert client.get("/metrics").status_code == 404


def test_a_silent_core_is_the_first_thing_said(client, come_in, office, beating, clock):
    come_in(client, "root")
    clock.forward(seconds=59)
    assert client.get("/readyz").status_code == 200
    clock.forward(seconds=2)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["reasons"] == ["core_silent"]
    assert "メールの処理が止まっています" in client.get("/health").text
    assert client.get("/healthz").json() == {"alive": True}


def test_ready_tells_strangers_codes_and_nothing_else(client, beating, mails):
    answer = client.get("/readyz")
    assert answer.json() == {"ready": True, "reasons": []}


def test_not_ready_where_nothing_can_be_read(client, office, beating):
    with office.memory.store.engine.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE consignment RENAME TO lost")
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["reasons"] == ["database"]


def test_asking_whether_it_is_ready_writes_nothing(client, office, beating):
    with office.memory.store.engine.connect() as conn:
        before = conn.exec_driver_sql("PRAGMA data_version").scalar()
        assert client.get("/readyz").status_code == 200
        assert conn.exec_driver_sql("PRAGMA data_version").scalar() == before


def test_not_ready_on_a_full_disk(client, beating, monkeypatch):
    monkeypatch.setattr(vitals, "LITTLE", 10**18)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["reasons"] == ["disk_low"]


def test_restored_rows_are_said_and_do_not_stop_the_rest(client, office, beating, mails):
    with office.memory.store.write() as tx:
        recovery.lay_leases(tx)
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json()["reasons"] == ["recovery"]


def test_depths_ages_and_demands_are_counted(office, beating, mails, clock):
    clock.forward(minutes=10)
    found = _read(office)
    assert (found.depth("queued").number, found.depth("held").number) == (
        2,
        1,
    )  # the mail and a notice
    assert found.now - found.depth("held").oldest == timedelta(minutes=10)
    assert found.demands == {"confirm": 1, "owner": 0, "admin": 0, "approve": 0}
    assert found.overdue == 0 and found.events["held"] == 1
    clock.forward(days=30)
    assert _read(office).overdue == 1


def test_the_last_checkpoint_is_read_from_the_end_of_the_file(office):
    memory = office.memory
    for n in range(60):  # past the four kilobytes that are looked at
        with memory.store.write() as tx:
            tx.record("reminded", SYSTEM, consignment=f"7Q3F-K{n:03d}")
    found = _read(office)
    assert found.signed.size == memory.ledger.last_signed().size == found.entries
    text = memory.ledger.path.read_text("utf-8")
    for cut in (3, 30, 90):  # a crash half way through a note
        memory.ledger.path.write_text(text[:-cut], "utf-8")
        assert vitals.last_signed(memory.ledger).size == found.entries - 1
    memory.ledger.path.write_text("", "utf-8")
    assert vitals.last_signed(memory.ledger) is None
    memory.ledger.path.unlink()
    assert vitals.last_signed(memory.ledger) is None


@pytest.fixture
def collector(app, config) -> TestClient:
    """On the machine itself."""
    return TestClient(app, base_url=config.web.url, client=("127.0.0.1", 50_000))


def test_metrics_are_well_formed_and_name_nobody(collector, office, beating, mails):
    answer = collector.get("/metrics")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["sekisho_letters", "queued"] == 2
    assert found["sekisho_holds_waiting", "confirm"] == 1
    assert found["sekisho_events_total", "judged"] == 2
    assert found["sekisho_policy_version",] == 1
    assert not re.search(r"@|alice|example", answer.text)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_what_a_proxy_hands_on_is_not_from_this_machine(collector, header):
    assert collector.get("/metrics").status_code == 200
    assert collector.get("/metrics", headers={header: "203.0.113.9"}).status_code == 404


def test_metrics_from_elsewhere_need_the_administrator(client, come_in):
    assert client.get("/metrics").status_code == 404
    come_in(client, "root")
    assert client.get("/metrics").status_code == 200
