"""The outside door over a real memory, opened without the letters' keys."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from bridge import acts, erasing, visit
from bridge.parcel import PARCEL
from bridge.proof import CODE
from gateway.judgement import records
from gateway.memory.states import Actor
from tests.bridge.doorway import (
    SHEET,
    URL,
    accesses,
    codes_mailed,
    codes_wanted,
    prove,
    row,
    send,
    taken,
)
from tests.bridge.parcels import SATO, verbs

SENDER = Actor("person", "p1")
NAME, DATA = SHEET
SECRETS = ("扶養控除申告", "200KB", "204KB", "205KB", hashlib.sha256(DATA).hexdigest())
"""What nobody may read before the proof."""


# -- the way of a recipient


def test_it_works(visitor, memory) -> None:
    sent, client = send(memory), visitor()
    before = client.get(f"/d/{sent.token}")
    assert before.url == f"{URL}/d/"
    for shown in ("株式会社サンプル", "総務課 山田 花子", "11月28日（土）23:59まで", sent.id):
        assert shown in before.text
    assert "s****@partner.example" in before.text and SATO not in before.text
    assert not [each for each in SECRETS if each in before.text]

    assert "認証コードをお送りしました（14:18）" in client.post("/d/code").text
    [code] = codes_mailed(memory)
    after = client.post("/d/prove", data={"code": code})
    assert after.status_code == 200 and NAME in after.text and "205KB" in after.text
    assert hashlib.sha256(DATA).hexdigest() in after.text and "あと5回" in after.text

    file = client.post("/d/files/1")
    assert file.content == DATA
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-length"] == str(len(DATA))
    assert file.headers["content-disposition"].startswith('attachment; filename="file.xlsx"; fil')
    assert taken(memory, sent) == [1]
    [access] = accesses(memory, "download")
    assert (access["octets"], access["complete"], access["ip"]) == (len(DATA), True, "192.0.2.7")
    assert "あと4回" in client.get("/d/").text
    assert verbs(memory, sent.id)[-2:] == ["download.started", "download.completed"]


def test_it_works_in_english(visitor, memory) -> None:
    sent, client = send(memory, told_word=True), visitor(**{"accept-language": "en-GB,ja;q=0.5"})
    page = client.get(f"/d/{sent.token}")
    assert page.headers["content-language"] == "en"
    assert "Until Sat 28 Nov, 23:59 (Japan time)" in page.text
    assert "Spoken passcode (6 digits)" in page.text
    files = prove(client, memory, sent)
    assert "5 downloads left" in files.text


def test_a_number_typed_by_hand_opens_the_same_page(visitor, memory) -> None:
    sent, client = send(memory), visitor()
    page = client.post("/find", data={"number": f" {sent.id.lower().replace('-', '')} "})
    assert page.url == f"{URL}/d/" and sent.id in page.text


def test_the_told_word_is_asked_for_only_where_the_rule_asks(visitor, memory) -> None:
    plain, told, client = send(memory), send(memory, told_word=True), visitor()
    assert "合言葉" not in client.get(f"/d/{plain.token}").text
    assert "合言葉" in client.get(f"/d/{told.token}").text
    client.post("/d/code")
    code = codes_mailed(memory)[-1]
    missing = client.post("/d/prove", data={"code": code})
    assert missing.status_code == 422 and NAME not in missing.text
    other = "000000" if told.word != "000000" else "111111"
    wrong = client.post("/d/prove", data={"code": code, "word": other})
    assert wrong.status_code == 422 and "認証コードまたは合言葉が違うか" in wrong.text
    assert NAME in client.post("/d/prove", data={"code": code, "word": told.word}).text


def test_a_code_that_came_too_late_is_not_called_wrong(visitor, memory, clock) -> None:
    sent, client = send(memory), visitor()
    client.get(f"/d/{sent.token}")
    client.post("/d/code")
    (code,) = codes_mailed(memory)
    with memory.store.write() as tx:
        tx.conn.execute(update(CODE).values(state="accepted", expires_at=clock()))
    clock.forward(minutes=1)
    for number in range(5):
        answer = client.post("/d/prove", data={"code": code})
        if number < 4:
            assert "認証コードが違うか、有効期限が過ぎています" in answer.text
    assert "再開後は、新しい認証コードを送ってご入力ください" in answer.text


def test_several_files_are_named_and_taken_one_by_one(visitor, memory) -> None:
    sent = send(memory, SHEET, ("ご案内.pdf", b"%PDF"), ("a&b.txt", b""), downloads=1)
    client = visitor()
    page = prove(client, memory, sent).text
    assert "ファイル（3件）" in page and page.count("/d/files/") == 3 and "a&amp;b.txt" in page
    assert client.post("/d/files/2").content == b"%PDF"
    assert client.post("/d/files/3").content == b""
    assert taken(memory, sent) == [0, 1, 1]
    assert client.post("/d/files/2").url == f"{URL}/d/", "no times left: back to the page"
    assert client.get("/d/").text.count('action="/d/files/') == 1


def test_leaving_ends_the_session(visitor, memory) -> None:
    sent, client = send(memory), visitor()
    prove(client, memory, sent)
    kept = client.cookies.get("__Host-door")
    assert client.post("/d/leave").url == f"{URL}/"
    assert "__Host-door" not in client.cookies
    stolen = visitor(cookie=f"__Host-door={kept}")
    assert stolen.get("/d/").status_code == 403


# -- every standing has a page of its own


def stopped(tx, memory, parcel):
    acts.stop(tx, parcel, SENDER)


def recalled(tx, memory, parcel):
    acts.recall(tx, memory, parcel, SENDER)


def nothing(tx, memory, parcel):
    pass


JA = {
    "not_yet": ("まだ公開されていません", "11月22日（日）14:18から"),
    "stopped": ("ただいま公開を停止しています", "送信者が内容を確認しています。しばらくしてから"),
    "locked": ("ただいま入力の受け付けを休んでいます", "11月22日（日）14:18まで"),
    "used_up": ("ダウンロードの回数が終わりました", "再発行を依頼する"),
    "expired": (
        "お受け取り期限が過ぎています",
        "期限は11月28日（土）23:59でした。引き続きご入用の場合は",
    ),
    "recalled": (
        "このファイルの公開は終了しました",
        "11月21日（土）14:18に公開を終了しました。現在は",
    ),
    "erased": ("このファイルは消去しました", "12月6日（日）に当社の受け取りページから消去しました"),
}
EN = {
    "not_yet": ("Not open yet", "Sun 22 Nov, 14:18"),
    "stopped": ("Temporarily unavailable", "The sender is checking"),
    "locked": ("Codes are not accepted right now", "until Sun 22 Nov, 14:18"),
    "used_up": ("No downloads left", "Ask for a new link"),
    "expired": ("The time to collect these files is over", "Sat 28 Nov, 23:59"),
    "recalled": ("These files are no longer available", "Sat 21 Nov, 14:18"),
    "erased": ("These files have been deleted", "Sun 6 Dec"),
}


def bring(standing, memory, clock):
    """A parcel in that standing, by the acts and days that lead there."""
    tomorrow = clock() + timedelta(days=1)
    columns = {"not_yet": {"opens_at": tomorrow}, "locked": {"locked_until": tomorrow}}
    sent = send(memory, columns=columns.get(standing))
    if standing in ("stopped", "recalled"):
        act = stopped if standing == "stopped" else recalled
        with memory.store.write() as tx:
            act(tx, memory, row(memory, sent))
    if standing == "used_up":
        F = visit.FILE
        with memory.store.write() as tx:
            tx.conn.execute(F.update().where(F.c.parcel_id == sent.id).values(taken=5))
    if standing in ("expired", "erased"):
        clock.forward(days=8 if standing == "expired" else 15)
    if standing == "erased":
        with memory.store.write() as tx:
            assert erasing.due_parcels(tx, memory) == 1
    return sent


@pytest.mark.parametrize("standing", JA)
def test_each_standing_is_explained_and_opens_nothing(visitor, memory, clock, standing) -> None:
    sent = bring(standing, memory, clock)
    for language, words in (("ja", JA), ("en", EN)):
        page = visitor(**{"accept-language": language}).get(f"/d/{sent.token}")
        heading, sentence = words[standing]
        assert f"<h1>{heading}</h1>" in page.text and sentence in page.text
        assert page.status_code == (410 if standing in ("expired", "recalled", "erased") else 403)
        assert "山田" not in page.text and "総務課" not in page.text
        assert not [each for each in SECRETS if each in page.text]
    client = visitor()
    client.get(f"/d/{sent.token}")
    client.post("/d/code")
    assert codes_wanted(memory) == 0
    for path, data in (("/d/prove", {"code": "123456"}), ("/d/files/1", {})):
        answer = client.post(path, data=data)
        assert answer.url == f"{URL}/d/" and NAME not in answer.text and DATA not in answer.content


@pytest.mark.parametrize(
    ("standing", "button"),
    [
        *(("used_up", "再発行を依頼する"), ("expired", "再発行を依頼する")),
        ("erased", "再送を依頼する"),
    ],
)
def test_a_new_link_can_be_asked_for(visitor, memory, clock, standing, button) -> None:
    sent, client = bring(standing, memory, clock), visitor()
    assert button in client.get(f"/d/{sent.token}").text
    page = client.post("/d/reissue").text
    assert "送信者に依頼をお送りしました。" in page and button not in page
    client.post("/d/reissue")
    assert verbs(memory, sent.id).count("link.reissue_asked") == 1


@pytest.mark.parametrize("standing", ["open", "not_yet", "stopped", "locked", "recalled"])
def test_elsewhere_asking_for_a_new_link_does_nothing(visitor, memory, clock, standing) -> None:
    sent, client = bring(standing, memory, clock), visitor()
    client.get(f"/d/{sent.token}")
    client.post("/d/reissue")
    assert "link.reissue_asked" not in verbs(memory, sent.id)


@pytest.mark.parametrize("act", [stopped, recalled])
def test_what_the_sender_ends_ends_for_who_has_proved_too(visitor, memory, act) -> None:
    sent, client = send(memory), visitor()
    prove(client, memory, sent)
    address = client.post("/d/files/1", follow_redirects=False).headers["location"]
    with memory.store.write() as tx:
        act(tx, memory, row(memory, sent))
    for answer in (client.get("/d/"), client.get(address), client.post("/d/files/1")):
        assert answer.status_code == 403 and DATA not in answer.content
        assert NAME not in answer.text


def test_a_restored_row_does_not_bring_back_a_recalled_parcel(visitor, memory) -> None:
    sent = send(memory)
    before = dict(row(memory, sent))
    with memory.store.write() as tx:
        recalled(tx, memory, row(memory, sent))
    with memory.store.write() as tx:  # last night's row; the key is gone for good
        tx.conn.execute(PARCEL.update().where(PARCEL.c.id == sent.id).values(before))
    page = visitor().get(f"/d/{sent.token}")
    assert page.status_code == 410 and "このファイルの公開は終了しました" in page.text
    assert "山田" not in page.text


def test_an_unknown_link_says_nothing(visitor, memory) -> None:
    send(memory)
    for path in ("/d/unknown", f"/d/{'A' * 43}", "/none", "/d/%00", "/d/a/b", "/u/token"):
        page = visitor().get(path)
        assert page.status_code == 404 and "ページが見つかりません" in page.text
        assert "山田" not in page.text and "set-cookie" not in page.headers


def test_an_unknown_number_and_an_unknown_link_look_the_same(visitor, memory) -> None:
    client = visitor()
    typed = client.post("/find", data={"number": "7K4M-92QX-3TRB"})
    assert typed.status_code == 404
    assert typed.text == client.get("/d/unknown").text


def test_numbers_cannot_be_tried_for_long(visitor, memory) -> None:
    sent, client = send(memory), visitor()
    tries = [client.post("/find", data={"number": f"7K4M-92QX-{n:04d}"}) for n in range(21)]
    assert [each.status_code for each in tries] == [404] * 20 + [429]
    assert int(tries[-1].headers["retry-after"]) > 0
    assert client.post("/find", data={"number": sent.id}).status_code == 429, "a right one too"
    assert (
        visitor(**{"x-forwarded-for": "192.0.2.9"})
        .post("/find", data={"number": sent.id})
        .status_code
        == 429
    ), "nobody of ours wrote that header"
    assert client.get(f"/d/{sent.token}").status_code == 200


def test_without_a_session_there_is_only_the_way_back(visitor, memory, clock) -> None:
    sent, client = send(memory), visitor()
    assert client.get("/d/").status_code == 403
    assert client.post("/d/code").url == f"{URL}/d/" and codes_wanted(memory) == 0
    prove(client, memory, sent)
    clock.forward(minutes=61)
    page = client.get("/d/")
    assert page.status_code == 403 and "もう一度リンクを開いてください" in page.text
    assert client.post("/d/files/1").content != DATA


# -- ranges


@pytest.fixture
def ticket(visitor, memory):
    """A visitor that has pressed the button, and where that led."""
    sent, client = send(memory), visitor()
    prove(client, memory, sent)
    address = client.post("/d/files/1", follow_redirects=False).headers["location"]
    return client, address, sent


def test_ranges(ticket) -> None:
    client, address, _ = ticket
    for asked, start, end in (("bytes=65530-65550", 65530, 65551), ("bytes=-5", 204795, 204800)):
        answer = client.get(address, headers={"range": asked})
        assert answer.status_code == 206 and answer.content == DATA[start:end]
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/204800"
    several = client.get(address, headers={"range": "bytes=0-1,5-9"})
    assert several.status_code == 200 and several.content == DATA
    outside = client.get(address, headers={"range": "bytes=204800-"})
    assert outside.status_code == 416
    assert outside.headers["content-range"] == "bytes */204800"


def test_a_resumed_download_counts_once_and_when_it_is_complete(ticket, memory) -> None:
    client, address, sent = ticket
    first = client.get(address, headers={"range": "bytes=0-99999"})
    assert taken(memory, sent) == [0]
    rest = {"range": "bytes=100000-", "if-range": first.headers["etag"]}
    assert first.content + client.get(address, headers=rest).content == DATA
    assert taken(memory, sent) == [1]
    assert client.get(address).content == DATA, "phones fetch twice"
    assert taken(memory, sent) == [1]
    other = client.get(address, headers={"range": "bytes=100000-", "if-range": '"other"'})
    assert other.status_code == 200 and other.content == DATA
    [access] = accesses(memory, "download")
    assert access["complete"] and access["octets"] == 3 * len(DATA)


def details(memory, sent) -> list[tuple[str, int]]:
    """Each of the downloads on record, with what had gone out of the file by then."""
    with memory.store.read() as session:
        found = records.about(session.connection(), subjects=[sent.id])
        return [(r.verb, r.details["have"]) for r in found if "have" in r.details]


def test_the_record_says_when_ranges_together_are_the_whole_file(ticket, memory) -> None:
    client, address, sent = ticket
    for asked in ("bytes=100000-", "bytes=150000-", "bytes=0-99999", "bytes=0-9"):
        assert client.get(address, headers={"range": asked}).status_code == 206
    assert details(memory, sent) == [
        ("download.part", 104_800),
        ("download.part", 104_800),
        ("download.completed", len(DATA)),
        ("download.part", len(DATA)),
    ]


def test_the_same_range_again_and_again_is_not_the_file(ticket, memory) -> None:
    """It counts all the same: nobody downloads for ever by never fetching the last octet."""
    client, address, sent = ticket
    for _ in range(3):
        client.get(address, headers={"range": "bytes=0-99999"})
    assert details(memory, sent) == [("download.part", 100_000)] * 3
    assert taken(memory, sent) == [1]


def test_pressing_again_takes_up_what_was_not_finished(ticket, memory) -> None:
    client, address, sent = ticket
    client.get(address, headers={"range": "bytes=0-9"})
    again = client.post("/d/files/1", follow_redirects=False).headers["location"]
    assert again == address
    assert client.get(again, headers={"range": "bytes=10-"}).content == DATA[10:]
    assert taken(memory, sent) == [1]
    assert client.post("/d/files/1", follow_redirects=False).headers["location"] != address


def test_head_of_a_download_counts_nothing(ticket, memory) -> None:
    client, address, sent = ticket
    answer = client.head(address)
    assert answer.headers["content-length"] == str(len(DATA)) and answer.content == b""
    assert taken(memory, sent) == [0]


def test_the_last_download_cannot_be_had_ten_times(visitor, memory) -> None:
    sent = send(memory, downloads=1)
    client = visitor()
    prove(client, memory, sent)
    cookie = {"cookie": f"__Host-door={client.cookies['__Host-door']}"}
    gate, places = threading.Barrier(10), []

    def press() -> None:
        mine = visitor(**cookie)
        gate.wait()
        places.append(mine.post("/d/files/1", follow_redirects=False).headers["location"])

    threads = [threading.Thread(target=press) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(places)) == 1, "all of them are the one download"
    assert client.get(places[0]).content == DATA
    assert taken(memory, sent) == [1]
    assert client.post("/d/files/1").url == f"{URL}/d/"


def test_a_ticket_is_good_in_its_own_session_only(ticket, visitor, memory, clock) -> None:
    client, address, sent = ticket
    number, mac = address.rpartition("/")[2].split("-")
    assert visitor().get(address).content != DATA
    forged = [
        f"{number}-{'0' * 32}",
        f"{int(number) + 1}-{mac}",
        mac,
        "",
        "1-é",
        f"{number}-{mac}0",
    ]
    for each in forged:
        assert client.get(f"/d/files/1/{each}").content != DATA
    assert client.get(address.replace("/1/", "/2/")).content != DATA
    clock.forward(minutes=2)
    other = visitor()
    prove(other, memory, sent)
    assert other.get(address).content != DATA


def test_a_download_is_in_a_box(ticket) -> None:
    client, address, _ = ticket
    headers = client.get(address).headers
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store" and headers["accept-ranges"] == "bytes"
