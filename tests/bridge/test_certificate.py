from __future__ import annotations

import copy
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bridge import acts, certificate, erasing, parcel, visit
from bridge.certificate import NotYet, verify
from tests.bridge.parcels import DATA, YAMADA, made


def issued(memory, id, kind="recall"):
    with memory.store.read() as session:
        return certificate.issue(memory, session.connection(), id, kind)


def recall(memory, id):
    with memory.store.write() as tx:
        acts.recall(tx, memory, parcel.get(tx.conn, id), YAMADA, "宛先の間違い")


def saw(memory, id, *what):
    with memory.store.write() as tx:
        row = parcel.get(tx.conn, id)
        for each in what:
            if each.startswith("download"):
                access = visit.start_download(tx, row, 1, "192.0.2.1", "UA")
                if each == "download":
                    visit.end_download(tx, access, len(DATA), "192.0.2.1")
            else:
                visit.note(tx, row, each, "192.0.2.1", "SafeLinks")


def test_it_works(memory):
    done = made(memory)
    recall(memory, done.id)
    signed = issued(memory, done.id)
    body = signed["certificate"]
    assert body["title"]["ja"] == "閲覧前回収証明書"
    assert body["statement"]["ja"] == "第三者による閲覧なし"
    assert body["recalled"]["by"] == "yamada"
    assert body["parcel"]["octets"] == len(DATA)
    assert verify(json.loads(json.dumps(signed)), memory.ledger.public)


def test_visits_and_wrong_codes_are_counted_and_are_no_views(memory):
    done = made(memory)
    saw(memory, done.id, "page", "page", "failed")
    recall(memory, done.id)
    body = issued(memory, done.id)["certificate"]
    assert (body["access"]["visits"], body["access"]["wrong_codes"]) == (2, 1)
    assert not body["viewed"] and "閲覧なし" in body["statement"]["ja"]


@pytest.mark.parametrize("what", ["proved", "download", "download begun"])
def test_after_a_proof_or_a_download_it_does_not_say_unseen(memory, what):
    done = made(memory)
    saw(memory, done.id, "page", what)
    recall(memory, done.id)
    body = issued(memory, done.id)["certificate"]
    assert body["viewed"] and body["title"]["ja"] == "回収証明書"
    assert "閲覧なし" not in json.dumps(body, ensure_ascii=False)


def test_nothing_is_certified_that_has_not_happened(memory):
    done = made(memory)
    for kind in ("recall", "disposal"):
        with pytest.raises(NotYet):
            issued(memory, done.id, kind)
    with pytest.raises(LookupError):
        issued(memory, "NO-SUCH")


def test_a_disposal_is_certified_after_the_second_date(memory, clock):
    done = made(memory)
    saw(memory, done.id, "proved", "download")
    clock.forward(days=20)
    with memory.store.write() as tx:
        erasing.due_parcels(tx, memory)
    signed = issued(memory, done.id, "disposal")
    assert signed["certificate"]["title"]["ja"] == "廃棄証明書"
    assert signed["certificate"]["access"]["downloads_completed"] == 1
    assert verify(signed, memory.ledger.public)
    with pytest.raises(NotYet):
        issued(memory, done.id, "recall")


def test_a_key_that_came_back_is_not_certified_as_destroyed(memory):
    done = made(memory)
    recall(memory, done.id)
    (memory.parcels.folder / f"own-{done.id}.key").write_bytes(b"an old copy")
    with pytest.raises(NotYet):
        issued(memory, done.id)


def test_every_change_breaks_it(memory):
    done = made(memory)
    saw(memory, done.id, "proved")
    recall(memory, done.id)
    signed = issued(memory, done.id)
    for path in (("viewed",), ("access", "proofs"), ("ledger", "size"), ("parcel", "recipient")):
        forged = copy.deepcopy(signed)
        place = forged["certificate"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = 0
        assert not verify(forged, memory.ledger.public)


def test_another_key_proves_nothing(memory):
    done = made(memory)
    recall(memory, done.id)
    signed = issued(memory, done.id)
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert not verify(signed, other)
    for broken in ({}, {**signed, "signature": "x"}, {**signed, "key": "eA=="}):
        assert not verify(broken, memory.ledger.public)
