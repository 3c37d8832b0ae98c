from __future__ import annotations

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bridge import acts, parcel, proof, visit
from bridge.codes import CodeStage, code_delivered
from bridge.proof import Locked, Proved, Shut, Wrong
from gateway.judgement.checkpoint import Checkpoint
from gateway.mail.hop import Result
from gateway.memory.keys import KeyGone
from gateway.memory.letters import LETTER
from gateway.memory.opening import open_memory
from tests.bridge.parcels import CODE, YAMADA, made, own_mails, row, verbs

HERE = ("192.0.2.1", "UA")


@pytest.fixture
def stage(memory):
    return CodeStage(memory, None, Checkpoint.of(memory), None)


def ask(memory, id):
    with memory.store.write() as tx:
        return proof.ask_code(tx, parcel.get(tx.conn, id), "192.0.2.1")


def deliver(memory, outcome="delivered"):
    """What the courier does when the peer has answered about the newest code."""
    with memory.store.write() as tx:
        newest = select(CODE.c.letter_id).where(CODE.c.letter_id != "").order_by(CODE.c.id.desc())
        letter = memory.content.row(tx.conn, tx.conn.execute(newest).scalars().first())
        to = {"address": "sato@partner.example"}
        code_delivered(memory)(tx, letter, to, Result(outcome, "250 ok"))


def coded(memory, stage, id, outcome="delivered"):
    """Ask, mail and deliver one code; what stands in the mail."""
    ask(memory, id)
    with memory.store.write() as tx:
        assert stage.send(tx) == 1
    deliver(memory, outcome)
    return re.search(r"認証コード：([0-9]{6})", own_mails(memory, "code")[-1])[1]


def prove(memory, id, code, word=""):
    with memory.store.write() as tx:
        return proof.prove(tx, memory, parcel.get(tx.conn, id), code, word, *HERE)


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def states(memory):
    with memory.store.read() as session:
        return list(
            session.connection().execute(select(CODE.c.state).order_by(CODE.c.id)).scalars()
        )


def test_it_works(memory, stage, clock):
    done = made(memory)
    code = coded(memory, stage, done.id)
    result = prove(memory, done.id, f" {code[:3]}-{code[3:]} ")
    assert isinstance(result, Proved)
    with memory.store.read() as session:
        seen = visit.visitor(session.connection(), result.session_token, clock())
    assert seen.proved and seen.parcel["id"] == done.id
    assert verbs(memory, done.id)[1:] == [
        "link.code_wanted",
        "notice.queued",
        "link.code_sent",
        "link.code_ok",
    ]
    assert isinstance(prove(memory, done.id, code), Wrong)  # once and no more


def test_the_mail_goes_to_the_recipient_and_its_subject_shows_no_code(memory, stage):
    done = made(memory)
    code = coded(memory, stage, done.id)
    subject, _, text = own_mails(memory, "code")[0].partition("\n")
    assert code not in subject and "Your code: " + code in text and done.id in text
    with memory.store.read() as session:
        query = select(LETTER).where(LETTER.c.purpose == "code")
        letter = session.connection().execute(query).mappings().one()
    assert letter["mail_from"] == memory.config.delivery.bounce_address
    assert letter["about"] == done.id


def test_the_door_proves_with_the_parcels_keys_alone(memory, stage, clock):
    done = made(memory, told_word=True)
    code = coded(memory, stage, done.id)
    door = open_memory(memory.config, with_letters=False, clock=clock)
    assert isinstance(prove(door, done.id, code, done.word), Proved)
    door.close()


def test_asking_is_limited_and_always_answered_alike(memory, stage, clock):
    done = made(memory)
    answers = [ask(memory, done.id).again_at - clock() for _ in range(3)]
    assert answers == [timedelta(minutes=1)] * 3
    assert states(memory) == ["wanted"]
    for _ in range(30):
        clock.forward(minutes=1)
        ask(memory, done.id)
    assert len(states(memory)) == 20
    with memory.store.write() as tx:
        acts.stop(tx, parcel.get(tx.conn, done.id), YAMADA)
    clock.forward(days=1)
    assert ask(memory, done.id).again_at - clock() == timedelta(minutes=1)
    assert len(states(memory)) == 20


def test_a_code_that_was_wanted_twice_is_mailed_once(memory, stage):
    done = made(memory)
    ask(memory, done.id)
    for _ in range(2):
        with memory.store.write() as tx:
            stage.send(tx)
    assert len(own_mails(memory, "code")) == 1


@pytest.mark.parametrize(
    ("outcome", "minutes", "good"),
    [
        ("delivered", 14, True),
        ("delivered", 16, False),
        ("unknown", 59, True),
        ("unknown", 61, False),
        ("failed", 0, False),
    ],
)
def test_the_clock_of_a_code_starts_when_the_peer_took_it(
    memory, stage, clock, outcome, minutes, good
):
    done = made(memory)
    ask(memory, done.id)
    with memory.store.write() as tx:
        stage.send(tx)
    code = re.search("code: ([0-9]{6})", own_mails(memory, "code")[0])[1]
    clock.forward(minutes=40)  # the peer makes newcomers wait
    deliver(memory, outcome)
    clock.forward(minutes=minutes)
    assert isinstance(prove(memory, done.id, code), Proved) is good


def test_the_last_three_codes_are_good(memory, stage, clock):
    done = made(memory)
    codes = []
    for _ in range(4):
        codes.append(coded(memory, stage, done.id))
        clock.forward(minutes=1)
    if codes[0] not in codes[1:]:
        assert isinstance(prove(memory, done.id, codes[0]), Wrong)
    assert isinstance(prove(memory, done.id, codes[1]), Proved)
    assert isinstance(prove(memory, done.id, codes[3]), Wrong)  # void with the others


@pytest.mark.parametrize("which", ["code", "word", "both"])
def test_a_wrong_word_is_as_wrong_as_a_wrong_code(memory, stage, which):
    done = made(memory, told_word=True)
    code = coded(memory, stage, done.id)
    typed = wrong(code) if which != "word" else code
    word = wrong(done.word) if which != "code" else done.word
    assert prove(memory, done.id, typed, word) == Wrong(4)
    assert isinstance(prove(memory, done.id, code, done.word), Proved)
    assert row(memory, done.id)["tries"] == 0


def test_what_is_no_six_digits_is_no_try(memory, stage):
    done = made(memory, told_word=True)
    code = coded(memory, stage, done.id)
    for typed, word in (("", ""), ("12345", done.word), ("x" * 10**6, ""), (code, "")):
        assert prove(memory, done.id, typed, word) == Wrong(5)
    assert row(memory, done.id)["tries"] == 0


def test_it_locks_for_a_time_that_grows_and_deletes_nothing(memory, stage, clock):
    done = made(
        memory, erase_at=clock() + timedelta(days=40), closes_at=clock() + timedelta(days=31)
    )
    spans = []
    for _ in range(10):
        for _ in range(5):
            result = prove(memory, done.id, "000000")
        assert isinstance(result, Locked)
        assert prove(memory, done.id, "000000") == result  # not looked at
        spans.append((result.until - clock()) / timedelta(minutes=1))
        clock.now = result.until
    assert spans == [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    assert isinstance(prove(memory, done.id, coded(memory, stage, done.id)), Proved)
    assert verbs(memory, done.id).count("link.locked") == 10


def test_a_hundred_guesses_at_once_are_five_compares(memory, stage):
    done = made(memory)
    code = coded(memory, stage, done.id)
    guesses = [wrong(code)] * 100
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda guess: prove(memory, done.id, guess), guesses))
    assert sum(isinstance(result, Wrong) for result in results) == 4
    assert sum(isinstance(result, Locked) for result in results) == 96
    with memory.store.read() as session:
        assert session.connection().execute(select(func.max(CODE.c.tries))).scalar() == 5


def test_after_a_lock_an_old_code_is_no_longer_compared(memory, stage, clock):
    done = made(memory)
    code = coded(memory, stage, done.id, "unknown")  # good for an hour
    for _ in range(5):
        prove(memory, done.id, wrong(code))
    clock.forward(minutes=16)
    assert isinstance(prove(memory, done.id, code), Wrong)


def test_resuming_opens_the_lock(memory, stage):
    done = made(memory)
    for _ in range(5):
        prove(memory, done.id, "000000")
    with memory.store.write() as tx:
        acts.resume(tx, parcel.get(tx.conn, done.id), YAMADA)
    assert isinstance(prove(memory, done.id, coded(memory, stage, done.id)), Proved)


@pytest.mark.parametrize("ended", ["stop", "recall", "expiry"])
def test_nothing_is_proved_about_a_parcel_that_is_not_open(memory, stage, clock, ended):
    done = made(memory)
    code = coded(memory, stage, done.id)
    with memory.store.write() as tx:
        now = parcel.get(tx.conn, done.id)
        if ended == "stop":
            acts.stop(tx, now, YAMADA)
        elif ended == "recall":
            acts.recall(tx, memory, now, YAMADA)
    if ended == "expiry":
        clock.forward(days=8)
    assert isinstance(prove(memory, done.id, code), Shut)
    assert row(memory, done.id)["tries"] == 0


def test_a_destroyed_key_proves_nothing_even_where_the_row_says_open(memory, stage):
    done = made(memory)
    code = coded(memory, stage, done.id)
    memory.parcels.destroy(row(memory, done.id)["kek"], "recalled")
    with pytest.raises(KeyGone):
        prove(memory, done.id, code)


def test_a_code_for_a_parcel_that_was_closed_meanwhile_is_not_mailed(memory, stage):
    done = made(memory)
    ask(memory, done.id)
    with memory.store.write() as tx:
        acts.stop(tx, parcel.get(tx.conn, done.id), YAMADA)
        stage.send(tx)
    assert states(memory) == ["void"]
    assert own_mails(memory, "code") == []


def test_one_code_that_cannot_be_mailed_does_not_stop_the_others(memory, stage):
    broken, good = made(memory), made(memory)
    ask(memory, broken.id)
    ask(memory, good.id)
    with memory.store.write() as tx:
        tx.conn.execute(
            update(parcel.PARCEL)
            .where(parcel.PARCEL.c.id == broken.id)
            .values(recipient="a@b.example\r\nBcc: x@y.example")
        )
        stage.send(tx)
    assert states(memory) == ["failed", "sent"]


def test_no_code_can_be_found_out_from_the_database(memory, stage):
    done = made(memory, told_word=True)
    code = coded(memory, stage, done.id)
    memory.store.disconnect()
    with sqlite3.connect(memory.store.folder / "sekisho.db") as db:
        dump = "\n".join(db.iterdump())
    assert code not in re.findall(r"(?<![0-9A-Fa-f])[0-9]{6}(?![0-9A-Fa-f])", dump)
    db.close()


def test_a_session_ends_and_is_nobody_elses(memory, stage, clock):
    first, second = made(memory), made(memory)
    with memory.store.write() as tx:
        cookie = visit.enter(tx, parcel.get(tx.conn, first.id), *HERE)
    with memory.store.read() as session:
        conn = session.connection()
        seen = visit.visitor(conn, cookie, clock())
        assert (seen.parcel["id"], seen.proved) == (first.id, False)
        assert visit.visitor(conn, second.token, clock()) is None
        assert visit.visitor(conn, cookie, clock() + timedelta(hours=2)) is None
