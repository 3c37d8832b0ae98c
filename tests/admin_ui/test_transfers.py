"""Sent files: whose they are, how far they came, and each act on them once."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from bridge import acts, certificate, parcel, visit
from bridge.parcel import PARCEL
from gateway.memory.states import Actor
from tests.bridge import parcels
from tests.bridge.parcels import SATO

AT = "192.0.2.9"


@pytest.fixture
def parcel_id(office) -> str:
    """From 山田, who was asked for the told word; bob stands in for her."""
    office.hire("yamada")
    office.stand_in("bob", "yamada")
    return parcels.made(office.memory, told_word=True).id


@pytest.fixture
def yamada(parcel_id, new_client, come_in):
    client = new_client()
    come_in(client, "yamada")
    return client


def _row(office, id):
    return parcels.row(office.memory, id)


def _act(client, office, id, act, **form):
    form = {"seen": str(_row(office, id)["fence"]), **form}
    return client.post(f"/transfers/{id}/{act}", data=form)


def _visited(office, id, ip):
    with office.memory.store.write() as tx:
        visit.enter(tx, _row(office, id), ip, "a browser")


def _fetched(office, id, number=1):
    """Proved and downloaded, as the door writes it down."""
    with office.memory.store.write() as tx:
        row = _row(office, id)
        visit.note(tx, row, "proved", AT, "a browser")
        access = visit.start_download(tx, row, number, AT, "a browser")
        visit.end_download(tx, access, len(parcels.DATA), AT)


def test_it_works(yamada, office, parcel_id):
    page = yamada.get("/transfers").text.replace("<wbr>", "")
    assert f'href="/transfers/{parcel_id}"' in page
    assert "給与資料" in page and SATO in page and "未読" in page and "5回" in page
    _fetched(office, parcel_id)
    page = yamada.get("/transfers").text
    assert "ダウンロード済み" in page and "1回" in page and "4回" in page


def test_an_empty_list_says_what_will_appear(client, come_in):
    come_in(client, "alice")
    assert "送信済みファイルはありません" in client.get("/transfers").text


@pytest.mark.parametrize(
    ("person", "sees", "changes", "word"),
    [
        ("yamada", True, True, True),
        ("bob", True, True, True),  # her deputy
        ("audrey", True, False, False),
        ("root", True, True, False),
        ("alice", False, False, False),
        ("charlie", False, False, False),
        ("paul", False, False, False),
    ],
)
def test_who_may_what(person, sees, changes, word, office, parcel_id, new_client, come_in):
    """One table for every address of a parcel: what one may not, does not exist."""
    client, memory = new_client(), office.memory
    come_in(client, person)
    page = client.get(f"/transfers/{parcel_id}")
    assert page.status_code == (200 if sees else 404)
    assert (f"/transfers/{parcel_id}" in client.get("/transfers").text) is sees
    assert (parcel_id in client.get("/transfers.csv").text) is sees
    told = parcel.word(memory, _row(office, parcel_id))
    assert (f"{told[:3]} {told[3:]}" in page.text) is word
    assert client.get(f"/transfers/{parcel_id}/recall").status_code == (200 if changes else 404)
    for act, form in (
        ("stop", {}),
        ("resume", {}),
        ("extend", {"until": "2026-12-04"}),
        ("reissue", {}),
        ("recall", {"reason": "誤送信"}),
    ):
        before = dict(_row(office, parcel_id))
        answer = _act(client, office, parcel_id, act, **form)
        if changes:
            assert answer.status_code == 200, (act, answer.text)  # after the redirect
        else:
            assert answer.status_code == 404
            assert dict(_row(office, parcel_id)) == before
        if changes and act == "reissue":  # ended the old one; recall needs a living one
            continue
    for kind in ("recall", "disposal"):
        path = f"/transfers/{parcel_id}/certificate/{kind}"
        if not changes:
            with memory.store.write() as tx:
                row = parcel.get(tx.conn, parcel_id)
                if row["state"] != "recalled":
                    acts.recall(tx, memory, row, Actor("person", "yamada"))
        assert client.get(path).status_code == (200 if sees else 404)
        # who runs the system sees the recipient covered, and what is signed cannot be
        reads = sees and person != "root"
        assert client.get(f"{path}.json").status_code == (200 if reads else 404)


def test_a_stranger_must_come_in(client, parcel_id):
    answer = client.get(f"/transfers/{parcel_id}", follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/signin")


def test_each_act_is_on_record_with_who_and_where_from(yamada, office, parcel_id):
    _act(yamada, office, parcel_id, "stop")
    assert parcels.standing(office.memory, parcel_id) == "stopped"
    _act(yamada, office, parcel_id, "resume")
    assert parcels.standing(office.memory, parcel_id) == "open"
    _act(yamada, office, parcel_id, "extend", until="2026-12-10")
    assert _row(office, parcel_id)["closes_at"].isoformat() == "2026-12-10T14:59:59+00:00"
    _act(yamada, office, parcel_id, "recall", reason="宛先を間違えたため")
    assert parcels.standing(office.memory, parcel_id) == "recalled"
    acted = [v for v in parcels.verbs(office.memory, parcel_id) if v.startswith("link.")]
    assert acted == [
        *("link.created", "link.stopped", "link.resumed", "link.extended"),
        *("link.recalled", "link.erased"),
    ]
    page = yamada.get(f"/transfers/{parcel_id}").text
    assert "宛先を間違えたため" in page and "Yamada" in page and "回収済み" in page
    assert "<dt>本人確認</dt><dd>–</dd>" in page  # whether a word was asked for is gone with it


def test_a_recall_is_asked_for_with_what_will_happen(yamada, office, parcel_id):
    page = yamada.get(f"/transfers/{parcel_id}/recall").text
    assert "鍵を破棄します。元に戻せません。" in page and "まだどなたにも見られていません" in page
    _fetched(office, parcel_id)
    assert "すでに1回ダウンロードされています" in yamada.get(f"/transfers/{parcel_id}/recall").text
    refused = _act(yamada, office, parcel_id, "recall", reason=" ")
    assert refused.status_code == 422 and "入力してください" in refused.text
    assert parcels.standing(office.memory, parcel_id) == "open"


def test_two_tabs_act_once(yamada, office, parcel_id):
    seen = {"seen": str(_row(office, parcel_id)["fence"])}
    assert yamada.post(f"/transfers/{parcel_id}/stop", data=seen).status_code == 200
    again = yamada.post(f"/transfers/{parcel_id}/stop", data=seen)
    assert again.status_code == 409 and "画面を開いている間に状態が変わりました" in again.text
    assert parcels.verbs(office.memory, parcel_id).count("link.stopped") == 1


@pytest.mark.parametrize(
    ("until", "status", "says"),
    [
        ("2026-12-22", 200, "期限を変更しました"),  # 31 days after the making
        ("2026-12-23", 409, "31日以内"),
        ("2026-11-20", 409, "これから先の日付"),
        ("someday", 422, "日付の形式"),
        ("", 422, "日付の形式"),
    ],
)
def test_a_deadline_stays_within_a_month(yamada, office, parcel_id, until, status, says):
    answer = _act(yamada, office, parcel_id, "extend", until=until)
    assert answer.status_code == status and says in answer.text


def test_scanners_are_counted_apart_and_never_as_seen(yamada, office, parcel_id):
    for ip in ("203.0.113.1", "203.0.113.2", "203.0.113.3", AT):
        _visited(office, parcel_id, ip)
    page = yamada.get(f"/transfers/{parcel_id}").text
    assert "検査プログラムなどによるアクセス 4件（閲覧に数えません）" in page
    assert "まだダウンロードされていません" in page
    _fetched(office, parcel_id)  # the one at AT turns out to be the recipient
    assert "アクセス 3件" in yamada.get(f"/transfers/{parcel_id}").text


def test_a_request_for_a_new_link_is_answered_with_one(yamada, office, parcel_id):
    with office.memory.store.write() as tx:
        acts.ask_reissue(tx, parcel.get(tx.conn, parcel_id), AT)
    assert "再発行の依頼" in yamada.get("/transfers?status=asked").text
    page = _act(yamada, office, parcel_id, "reissue").text
    assert "新しい受け取りページを発行し" in page and "再発行したもの" in page
    assert parcels.standing(office.memory, parcel_id) == "expired"
    assert len(parcels.own_mails(office.memory, "link")) == 1


def test_what_is_refused_leaves_no_sealed_files_behind(yamada, office, parcel_id):
    files = set(office.memory.vault.folder.iterdir())
    keys = set(office.memory.parcels.folder.glob("*.key"))
    answer = yamada.post(f"/transfers/{parcel_id}/reissue", data={"seen": "99"})
    assert answer.status_code == 409
    assert set(office.memory.vault.folder.iterdir()) == files
    assert set(office.memory.parcels.folder.glob("*.key")) == keys


def test_a_recall_before_reading_is_certified(yamada, office, parcel_id):
    _visited(office, parcel_id, "203.0.113.1")
    path = f"/transfers/{parcel_id}/certificate/recall"
    assert yamada.get(path).status_code == 404  # nothing was recalled yet
    _act(yamada, office, parcel_id, "recall", reason="誤送信")
    page = yamada.get(path).text
    assert "閲覧前回収証明書" in page and "第三者による閲覧なし" in page
    answer = yamada.get(f"{path}.json")
    assert answer.headers["content-disposition"].startswith("attachment")
    signed = json.loads(answer.text)
    assert certificate.verify(signed, office.memory.ledger.public)
    signed["certificate"]["viewed"] = True
    assert not certificate.verify(signed, office.memory.ledger.public)
    assert "certificate.issued" in parcels.verbs(office.memory, parcel_id)


def test_what_was_read_is_never_certified_as_unread(yamada, office, parcel_id):
    _fetched(office, parcel_id)
    _act(yamada, office, parcel_id, "recall", reason="誤送信")
    page = yamada.get(f"/transfers/{parcel_id}/certificate/recall").text
    assert "閲覧の記録があります" in page and "閲覧前回収証明書" not in page


def test_the_list_is_filtered_sorted_and_exported(yamada, office, parcel_id, clock):
    clock.forward(minutes=20)
    other = parcels.made(office.memory).id
    _act(yamada, office, other, "recall", reason="誤送信")

    def shown(query):
        page = yamada.get(f"/transfers?{query}").text
        return [id for id in (parcel_id, other) if f'href="/transfers/{id}"' in page]

    assert shown("status=unread") == [parcel_id]
    assert shown("status=ended") == [other]
    assert shown(f"q={parcel_id.lower()}") == [parcel_id]
    assert shown("q=partner.example") == [parcel_id, other]
    assert shown("q=%25") == []
    page = yamada.get("/transfers?sort=sent").text
    assert page.index(parcel_id) < page.index(other)
    csv = yamada.get("/transfers.csv?status=ended")
    assert csv.content.startswith(b"\xef\xbb\xbf")
    lines = csv.text.splitlines()
    assert lines[0].lstrip("\ufeff").startswith("送信日時,件名,受信者,状態")
    assert len(lines) == 2 and other in lines[1]
    assert yamada.get("/transfers.csv?encoding=cp932").content.decode("cp932").startswith("送信")


def test_who_runs_the_system_sees_no_subject_file_or_whole_address(
    office, parcel_id, new_client, come_in
):
    client = new_client()
    come_in(client, "root")
    for path in ("/transfers", f"/transfers/{parcel_id}", "/transfers.csv"):
        page = client.get(path).text
        assert "給与資料" not in page and "一覧.csv" not in page, path
    base = f"/transfers/{parcel_id}"
    certificate = f"{base}/certificate/recall"
    assert client.get(certificate).status_code == 404
    covered = ("/transfers", "/transfers.csv", base, f"{base}/recall")
    for path in covered:
        assert SATO not in client.get(path).text.replace("<wbr>", ""), path
    _act(client, office, parcel_id, "recall", reason="誤送信")
    for path in (base, certificate):
        page = client.get(path)
        assert page.status_code == 200 and SATO not in page.text.replace("<wbr>", ""), path
    # what is signed names the recipient, and cannot be covered
    assert ".json" not in client.get(certificate).text
    assert client.get(f"{certificate}.json").status_code == 404
    auditor = new_client()
    come_in(auditor, "audrey")
    for path in ("/transfers", base, certificate, f"{certificate}.json"):
        assert SATO in auditor.get(path).text.replace("<wbr>", ""), path
    assert "受信者・件名" not in client.get("/transfers").text
    assert "受信者・件名" in auditor.get("/transfers").text
    for guess in ("給与資料", "jiro"):
        assert parcel_id not in client.get(f"/transfers?q={guess}").text


def test_reading_changes_nothing(yamada, office, parcel_id):
    before = dict(_row(office, parcel_id))
    for path in ("", "/recall"):
        yamada.get(f"/transfers/{parcel_id}{path}")
        yamada.head(f"/transfers/{parcel_id}{path}")
    assert dict(_row(office, parcel_id)) == before


def test_what_a_backup_brings_back_is_shown_as_gone(yamada, office, parcel_id):
    """The row says open, the key was destroyed: the page offers nothing that cannot be done."""
    office.memory.parcels.destroy(_row(office, parcel_id)["kek"], "recalled elsewhere")
    with office.memory.store.write() as tx:
        tx.conn.execute(update(PARCEL).where(PARCEL.c.id == parcel_id).values(state="open"))
    page = yamada.get(f"/transfers/{parcel_id}")
    assert page.status_code == 200 and "/recall" not in page.text
