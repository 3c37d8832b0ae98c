"""`sekisho queue`: see why a mail still is here, and what one can do about it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from gateway.mail.queue import ATTEMPT, CONSIGNMENT, LETTER, RECIPIENT
from gateway.memory.states import State, claim
from tests import samples
from tests.gateway.judgement.test_holds import OUTSIDE

COURIER = timedelta(minutes=20)


@pytest.fixture
def queued(site):
    raw = samples.message("見積", "よろしく", sender="hanako@example.co.jp", to=OUTSIDE)
    return site.office.arrive(raw, OUTSIDE)


def change(site, statement):
    with site.office.memory.store.write() as tx:
        return tx.conn.execute(statement)


def attempt(site, id, outcome="deferred"):
    now = site.office.memory.store.clock()
    values = {"consignment_id": id, "hop": "mx.example", "started_at": now, "outcome": outcome}
    change(site, insert(ATTEMPT).values(values))


def claimed(site):
    with site.office.memory.store.write() as tx:
        return [ref.id for ref in claim(tx, State.QUEUED, "courier", COURIER)]


def test_it_works(site, queued):
    in_an_hour = site.office.memory.store.clock() + timedelta(hours=1)
    change(site, update(CONSIGNMENT).values(due_at=in_an_hour, attempts=5))
    assert claimed(site) == []
    ran = site.acting("queue", "retry", queued)
    assert ran.exit_code == 0 and claimed(site) == [queued]
    assert site.office.verbs(queued)[-1] == "retried"


def test_show_has_the_last_answer_of_each_server(site, queued):
    attempt(site, queued)
    change(site, update(RECIPIENT).values(reply="451 4.7.1 later", mx="mx.example:25"))
    said = json.loads(site.run("queue", "show", queued, "--json").stdout)
    assert said["recipients"][0]["reply"] == "451 4.7.1 later"
    assert said["tried"][0]["outcome"] == "deferred"
    assert "451 4.7.1 later" in site.run("queue", "show", queued).stdout
    assert queued in site.run("queue", "list").stdout


def test_the_list_leaves_nobody_out(site, queued):
    with site.office.memory.store.write() as tx:
        row = tx.conn.execute(select(CONSIGNMENT)).mappings().one()
        more = [{**row, "id": f"{number:04}-0000"} for number in range(600)]
        tx.conn.execute(insert(CONSIGNMENT), more)
    assert len(site.run("queue", "list", "--json").stdout.splitlines()) == 601


def test_what_was_never_tried_can_be_taken_back(site, queued):
    assert site.acting("queue", "withdraw", queued).exit_code == 0
    assert site.office.read(queued).state is State.WITHDRAWN


def test_who_sent_what_is_taken_back_is_told_so(site, queued):
    site.acting("queue", "withdraw", queued)
    ((purpose, to, _),) = site.office.notices(queued)
    assert (purpose, to) == ("refused", "hanako@example.co.jp")


def test_where_nothing_fits_it_says_so(site, queued):
    ran = site.acting("queue", "retry", "--domain", "elsewhere.example")
    assert ran.exit_code == 1 and "当てはまる配送待ちのメール" in ran.stderr


def test_what_was_tried_may_have_arrived_and_is_not_said_to_be_taken_back(site, queued):
    attempt(site, queued, "unknown")
    ran = site.acting("queue", "withdraw", queued)
    assert ran.exit_code == 1 and "届いた可能性があります" in ran.stderr
    assert site.office.read(queued).state is State.QUEUED


def test_what_is_being_handed_over_is_left_alone(site, queued):
    assert claimed(site) == [queued]
    for verb in ("retry", "withdraw"):
        ran = site.acting("queue", verb, queued)
        assert ran.exit_code == 75 and "いま配送しています" in ran.stderr


def test_what_is_not_on_its_way_is_not_here(site, queued):
    site.acting("queue", "withdraw", queued)
    for verb in ("retry", "withdraw"):
        assert site.acting("queue", verb, queued).exit_code == 1
    assert site.run("queue", "show", "NONE-SUCH").exit_code == 1
    left = site.run("queue", "list", "--json").stdout.splitlines()
    assert [json.loads(each)["purpose"] for each in left] == ["refused"]  # what its sender is told


def waits(site, to, reply="451 4.7.1 greylisted"):
    raw = samples.message("見積", "よろしく", sender="hanako@example.co.jp", to=to)
    id = site.office.arrive(raw, [to])
    attempt(site, id)
    in_an_hour = site.office.memory.store.clock() + timedelta(hours=1)
    mine = CONSIGNMENT.c.id == id
    change(site, update(CONSIGNMENT).where(mine).values(due_at=in_an_hour, attempts=5))
    change(site, update(RECIPIENT).where(RECIPIENT.c.consignment_id == id).values(reply=reply))
    return id


def test_many_are_named_by_their_domain_or_by_what_was_said(site):
    one, two = waits(site, "a@p.example"), waits(site, "b@p.example", "452 4.3.1 disk full")
    three = waits(site, "c@xp.example")
    assert site.acting("queue", "retry", "--domain", "p.example", "--reply", "Grey").exit_code == 0
    assert claimed(site) == [one]
    ran = site.acting("queue", "retry", "--domain", "p.example")
    assert ran.exit_code == 75 and f"{two}: 送信待ち" in ran.stdout and one in ran.stderr
    assert set(claimed(site)) == {two} and three not in ran.stdout
    for wrong in ([], [one, "--domain", "p.example"]):
        assert site.acting("queue", "retry", *wrong).exit_code == 2


def test_what_is_given_back_ends_with_a_report_to_its_sender(site):
    id = waits(site, "a@p.example")
    assert site.acting("queue", "give-back", id).exit_code == 0
    assert site.office.read(id).state is State.DONE
    ((purpose, to, text),) = site.office.notices(id)
    assert (purpose, to) == ("dsn", "hanako@example.co.jp")
    assert {"given_back", "settled"} <= set(site.office.verbs(id))
    assert site.acting("queue", "give-back", id).exit_code == 1
    (made,) = [ref for ref in claimed(site)]
    assert site.acting("queue", "give-back", made).exit_code == 75


def test_a_notice_of_ours_cannot_be_given_back(site):
    id = waits(site, "a@p.example")
    site.acting("queue", "give-back", id)
    with site.office.memory.store.read() as session:
        query = select(LETTER.c.id).where(LETTER.c.about == id)
        notice = session.connection().execute(query).scalar()
    ran = site.acting("queue", "give-back", notice)
    assert ran.exit_code == 1 and "差出人がありません" in ran.stderr


def test_a_mail_goes_another_way_only_by_a_hop_that_is_written_down(site):
    id = waits(site, "a@p.example")
    ran = site.acting("queue", "move", id, "--to", "smtp://elsewhere.example:25")
    assert ran.exit_code == 1 and "この next_hop は設定にありません" in ran.stderr
    assert claimed(site) == []
    hop = site.office.memory.config.delivery.next_hop
    assert site.acting("queue", "move", id, "--to", hop).exit_code == 0
    assert claimed(site) == [id] and site.office.verbs(id)[-1] == "rerouted"
    with site.office.memory.store.read() as session:
        query = select(CONSIGNMENT.c.next_hop).where(CONSIGNMENT.c.id == id)
        assert session.connection().execute(query).scalar() == hop


def test_show_says_outcomes_in_words(site, queued):
    attempt(site, queued, "unknown")
    shown = site.run("queue", "show", queued).stdout
    assert "結果不明（届いた可能性があります）" in shown and "unknown" not in shown
    assert "状態      送信待ち" in shown and "queued" not in shown


def test_show_says_what_became_of_a_settled_mail(site):
    id = waits(site, "a@p.example", "452 4.2.2 over quota")
    site.acting("queue", "give-back", id)
    shown = site.run("queue", "show", id).stdout
    assert "状態      送信済み" in shown and "差出人    hanako@example.co.jp" in shown
    assert "不達" in shown and "管理者が配送をやめ、送信者に返しました" in shown
    said = json.loads(site.run("queue", "show", id, "--json").stdout)
    assert said["state"] == "done" and said["recipients"][0]["settled_at"]


def test_show_says_what_a_servers_answer_means_beside_its_own_words(site):
    id = waits(site, "a@p.example", "452 4.2.2 over quota")
    shown = site.run("queue", "show", id).stdout
    assert "宛先のメールボックスの容量がいっぱいです  452 4.2.2 over quota" in shown


def test_of_many_it_says_how_many(site):
    waits(site, "a@p.example"), waits(site, "b@p.example")
    ran = site.acting("queue", "retry", "--domain", "p.example")
    assert ran.stderr.splitlines() == ["2件に実行し、0件は残しました。"]
