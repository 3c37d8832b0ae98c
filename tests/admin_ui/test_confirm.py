"""The sender's page behind the link of a notice."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from bridge import packing, parcel
from bridge.acts import recall
from bridge.packing import Content
from bridge.parcel import PARCEL, Manifest
from gateway.judgement import acts, overdue, policies
from gateway.judgement.people import PERSON
from gateway.memory.states import SYSTEM, Actor, Event, State, move, ref
from tests import samples
from tests.mails import FREE, SATO, WRONG, holds_none_of, in_body, numbers, payroll, plain


def link_of(office, id: str, purpose: str = "hold") -> str:
    """The path of the link in the last notice about this mail."""
    texts = [text for kind, _, text in office.notices(id) if kind == purpose]
    return re.search(r"https?://[^/\s]+(/confirm/\S+)", texts[-1])[1]


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(seen|since)" value="([^"]*)"', page))


def ticks(page: str) -> list[str]:
    return re.findall(r'name="ok" value="([^"]+)"', page)


def filled(page: str, act: str = "send", **more: object) -> dict[str, object]:
    """Everything ticked, every domain typed as the page names its recipient."""
    return {**hidden(page), "act": act, "ok": ticks(page), **more}


@pytest.fixture
def held(office):
    return office.arrive(payroll(3), [SATO])


def test_it_works(client, office, held) -> None:
    answer = client.get(link_of(office, held))
    assert answer.status_code == 200 and answer.url.path == f"/confirm/{held}"
    page = answer.text
    assert "このメールはまだ送信されていません" in page and "扶養控除申告_2026.xlsx" in page
    assert "個人番号（マイナンバー）と思われる情報が3件あります" in page
    assert "checked" not in page
    assert page.index("find bad first") < page.index("社外宛")
    sent = client.post(f"/confirm/{held}", data=filled(page))
    assert sent.status_code == 200 and "送信しました。" in sent.text
    assert office.read(held).state is State.RELEASED
    assert office.verbs(held)[-2:] == ["confirmed", "released"]


def test_the_token_leaves_the_address_bar_at_once(client, office, held) -> None:
    answer = client.get(link_of(office, held), follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == f"/confirm/{held}"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie


def test_looking_changes_nothing(client, office, held) -> None:
    before, notices = office.verbs(held), len(office.notices(held))
    for _ in range(3):
        client.get(link_of(office, held))
        client.head(link_of(office, held))
    assert office.verbs(held) == before and len(office.notices(held)) == notices
    assert office.read(held).state is State.HELD


def test_the_first_button_does_nothing(client, office, held) -> None:
    """Enter in a text field presses the first button of its form."""
    page = client.get(link_of(office, held)).text
    form = page[page.index('id="confirm"') :]
    assert re.search(r"<button[^>]*>", form)[0] == "<button disabled hidden>"


@pytest.mark.parametrize("left_out", ["recipient", "attachment", "everything"])
def test_each_row_is_ticked_and_what_was_ticked_is_kept(client, office, left_out) -> None:
    id = office.arrive(payroll(3, to=[SATO, WRONG]), [SATO, WRONG])
    page = client.get(link_of(office, id)).text
    kept = {
        "recipient": [key for key in ticks(page) if key != ticks(page)[0]],
        "attachment": [key for key in ticks(page) if key[0] == "r"],
        "everything": [],
    }[left_out]
    answer = client.post(f"/confirm/{id}", data=filled(page, ok=kept))
    assert answer.status_code == 422
    assert f"未確認の項目が{len(ticks(page)) - len(kept)}件あるため" in answer.text
    again = re.findall(r'name="ok" value="([^"]+)" required checked', answer.text)
    assert sorted(again) == sorted(kept)
    assert answer.text.count('aria-invalid="true"') == len(ticks(page)) - len(kept)
    assert office.read(id).state is State.HELD


def retyping(office) -> None:
    """A policy that asks for the domain and the purpose."""
    head, mark, rest = policies.default_text().partition('name = "individual-number-few"')
    asked = 'action = "confirm"\nretype_domain = true\npurpose = true'
    text = head + mark + rest.replace('action = "confirm"', asked, 1)
    policies.publish(office.memory.store, text, "x", SYSTEM)


@pytest.mark.parametrize(
    ("typed", "purpose", "sentence"),
    [
        ("", "年末調整", "この宛先のドメインと一致しません"),
        ("sr-offlce.example.jp", "年末調整", "この宛先のドメインと一致しません"),
        ("sr-office.example.jp", " ", "目的を入力してください"),
        (" SR-Office.example.jp ", "年末調整", ""),
    ],
)
def test_domain_and_purpose_are_typed(client, office, typed, purpose, sentence) -> None:
    retyping(office)
    id = office.arrive(payroll(3), [SATO])
    page = client.get(link_of(office, id)).text
    row = next(key for key in ticks(page) if key[0] == "r")
    form = filled(page, whose=[row], domain=[typed], purpose=purpose)
    answer = client.post(f"/confirm/{id}", data=form)
    if sentence:
        assert answer.status_code == 422 and sentence in answer.text
        assert office.read(id).state is State.HELD
    else:
        assert office.read(id).state is State.RELEASED and "目的" in answer.text


def test_a_double_click_acts_once(client, office, held) -> None:
    form = filled(client.get(link_of(office, held)).text)
    client.post(f"/confirm/{held}", data=form)
    again = client.post(f"/confirm/{held}", data=form)
    assert again.status_code == 409
    assert re.search(r"このメールは11月21日（土）14:18に処理済みです（送信）。", again.text)
    assert office.verbs(held).count("confirmed") == 1


def test_a_page_that_is_no_longer_true_says_what_changed(client, office) -> None:
    id = office.arrive(payroll(3, to=[SATO, WRONG]), [SATO, WRONG])
    old = client.get(link_of(office, id)).text
    wrong = next(row["id"] for row in office.read(id).outside if row["address"] == WRONG)
    dropped = client.post(f"/confirm/{id}", data={**hidden(old), "act": f"drop:r{wrong}"})
    assert "宛先を外しました。メールはまだ送信されていません。" in dropped.text
    answer = client.post(f"/confirm/{id}", data=filled(old))
    assert answer.status_code == 409
    assert "内容が変わったため" in answer.text and f"宛先 {WRONG} を外す" in answer.text
    assert "checked" not in answer.text
    assert office.read(id).state is State.HELD
    client.post(f"/confirm/{id}", data=filled(answer.text))
    assert office.read(id).state is State.RELEASED


def test_dropping_what_stops_it_is_offered_and_lets_it_go(client, office) -> None:
    id = office.arrive(payroll(3), [SATO])
    page = client.get(link_of(office, id)).text
    assert "この添付を外すと、すぐに送信できます" in page
    assert "この宛先を外す" not in page  # one recipient: that would be to withdraw
    part = office.read(id).attachments[0].path
    client.post(f"/confirm/{id}", data={**hidden(page), "act": f"detach:a{part}"})
    assert office.read(id).state is State.RELEASED


def test_no_suggestion_that_would_not_be_true(client, office) -> None:
    id = office.arrive(payroll(3, to=[SATO, WRONG]), [SATO, WRONG])
    page = client.get(link_of(office, id)).text
    assert "この宛先を外すと、すぐに送信できます" not in page
    assert page.count("この宛先を外す<") == 2


FOR_SALES = """
[[rule]]
name = "sales-never-attach"
why.ja = "営業部からの添付ファイルです。"
why.en = "A file from the sales department."
when = { recipient = "outside", attachments = ">=1", sender_in = "営業部" }
then = { action = "confirm" }
[groups."営業部"]
ja = "営業部"
en = "sales"
"""


@pytest.mark.parametrize("groups", [(), (("group", "営業部"),)])
def test_a_rule_for_a_department_counts_in_what_frees(client, office, groups) -> None:
    office.hire("sakura", *groups)
    text = policies.default_text().partition("[[test]]")[0] + FOR_SALES
    policies.publish(office.memory.store, text, "policy.toml", SYSTEM)
    raw = payroll(3, sender="sakura@example.co.jp", second=True)
    page = client.get(link_of(office, office.arrive(raw, [SATO]))).text
    assert ("この添付を外すと、すぐに送信できます" in page) is (not groups)


@pytest.mark.parametrize(
    ("raw", "button", "handing"),
    [
        (payroll(3), "確認した内容で送信する", "添付ファイルは受け取りページでお渡しします"),
        (payroll(12), "確認して承認を依頼する", "認証コード＋合言葉"),
        (in_body(), "本文も受け取りページで渡す", "本文と添付ファイルは受け取りページで"),
    ],
)
def test_treatment_is_stated_and_the_button_says_what_follows(
    client, office, raw, button, handing
) -> None:
    id = office.arrive(raw, [SATO])
    page = client.get(link_of(office, id)).text
    assert button in page and handing in page
    assert ("本文に個人番号があるため" in page) == ("本文も" in button)
    assert "送信から7日間、5回まで" in page and "<select" not in page


def test_withdrawing_needs_nothing_ticked(client, office, held) -> None:
    page = client.get(link_of(office, held)).text
    answer = client.post(f"/confirm/{held}", data={**hidden(page), "act": "withdraw"})
    assert "送信を取りやめました。" in answer.text and "社外の宛先には届いていません" in answer.text
    assert office.read(held).state is State.WITHDRAWN
    with office.memory.store.write() as tx:
        move(tx, ref(tx, held), Event.ERASE, SYSTEM)
    later = client.get(f"/confirm/{held}").text
    for said in (
        "送信を取りやめました。",
        "届いていません",
        "内容は消去しました",
        "送信していません",
    ):
        assert said in later


def test_a_false_alarm_is_reported_and_nothing_sent(client, office, held) -> None:
    page = client.get(link_of(office, held)).text
    answer = client.post(f"/confirm/{held}", data={**hidden(page), "act": "report"})
    assert "誤検知として報告しました" in answer.text
    assert office.verbs(held)[-1] == "reported_false" and office.read(held).state is State.HELD


def test_it_says_who_is_waited_for_and_can_still_be_withdrawn(client, office) -> None:
    id = office.arrive(payroll(12), [SATO])
    answer = client.post(f"/confirm/{id}", data=filled(client.get(link_of(office, id)).text))
    assert "承認を待っています" in answer.text and "Bob" in answer.text
    assert "宛先1件と添付1件を確認" in answer.text and "承認の期限" in answer.text
    client.post(f"/confirm/{id}", data={**hidden(answer.text), "act": "withdraw"})
    assert office.read(id).state is State.WITHDRAWN


def test_the_reason_of_a_refusal_is_told(client, office) -> None:
    id = office.arrive(payroll(12), [SATO])
    client.post(f"/confirm/{id}", data=filled(client.get(link_of(office, id)).text))
    with office.memory.store.write() as tx:
        seen, bob = office.read(id).seen, Actor("person", "bob")
        acts.refuse(tx, office.ck, id, "bob", seen, "宛先が違います", bob)
    page = client.get(f"/confirm/{id}").text
    assert "このメールは却下されました" in page and "宛先が違います" in page and "Bobさん" in page


def test_what_expired_is_told_as_cancelled(client, office, held, clock) -> None:
    path = link_of(office, held)
    clock.forward(days=9)
    for _ in range(3):
        with office.memory.store.write() as tx:
            overdue.sweep(tx, office.ck)
        clock.forward(days=1)
    assert "期限までに操作がなかったため、取り消しました" in client.get(path).text


def delaying(office) -> None:
    """A policy under which everything outside waits for five minutes."""
    rule = """
[[rule]]
name = "slow"
why.ja = "社外へのメールは5分おいて送信します。"
why.en = "Mail to the outside waits for five minutes."
[rule.when]
recipient = "outside"
[rule.then]
action = "delay"
delay = "5 min"
"""
    policies.publish(office.memory.store, "[settings]\nformat = 1\n" + rule, "x", SYSTEM)


@pytest.mark.parametrize(("act", "state"), [("withdraw", State.WITHDRAWN), ("now", State.QUEUED)])
def test_a_delayed_mail_is_stopped_or_sent_at_once(client, office, act, state) -> None:
    delaying(office)
    id = office.arrive(plain(), [SATO])
    assert office.read(id).state is State.DELAYED
    page = client.get(link_of(office, id, "delayed")).text
    assert "今すぐ配送" in page and "それまでに「中止」を選んでください" in page
    client.post(f"/confirm/{id}", data={**hidden(page), "act": act})
    assert office.read(id).state is state


def sealed(office, id: str) -> str:
    """A parcel as the sealing stage makes it; returns the told word."""
    blank = Manifest((), "attachments", "株式会社サンプル", "Alice", "", "ja", "x")
    files = [Content("一覧.xlsx", "application/octet-stream", b"x")]
    packed = packing.pack(office.memory, blank, files, told_word=True)
    held = office.read(id)
    with office.memory.store.write() as tx:
        terms = parcel.terms(office.memory.config, held.treatment, tx.now)
        packing.create(
            tx,
            office.memory,
            packed,
            terms,
            letter=held.letter,
            consignment_id=id,
            recipient=SATO,
        )
    return packed.word


def test_the_told_word_appears_once_there_is_one(client, new_client, sign_in, office) -> None:
    id = office.arrive(payroll(12), [SATO])
    client.post(f"/confirm/{id}", data=filled(client.get(link_of(office, id)).text))
    with office.memory.store.write() as tx:
        seen, bob = office.read(id).seen, Actor("person", "bob")
        acts.approve(tx, office.ck, id, "bob", seen, bob)
    approver = new_client()
    sign_in(approver, "bob")
    assert "ここに合言葉を表示します" in client.get(f"/confirm/{id}").text
    assert "合言葉を表示します" not in approver.get(f"/holds/{id}").text
    word = sealed(office, id)
    assert word in client.get(f"/confirm/{id}").text
    theirs = approver.get(f"/holds/{id}")
    assert theirs.status_code == 200 and word not in theirs.text


def test_who_sent_and_who_approved_read_there_what_became_of_its_files(
    client, new_client, sign_in, office
) -> None:
    id = office.arrive(payroll(12), [SATO])
    client.post(f"/confirm/{id}", data=filled(client.get(link_of(office, id)).text))
    with office.memory.store.write() as tx:
        seen, bob = office.read(id).seen, Actor("person", "bob")
        acts.approve(tx, office.ck, id, "bob", seen, bob)
    sealed(office, id)
    approver = new_client()
    sign_in(approver, "bob")

    def told(text: str) -> list[bool]:
        pages = client.get(f"/confirm/{id}").text, approver.get(f"/holds/{id}").text
        return [text in page for page in pages]

    with office.memory.store.read() as session:
        row = session.connection().execute(select(PARCEL)).mappings().one()
        assert told("まだダウンロードされていません") == told("公開中") == [True, True]
        assert told(f"/transfers/{row['id']}") == [True, False]  # to look, and not to act
    with office.memory.store.write() as tx:
        recall(tx, office.memory, row, Actor("person", "alice"))
    assert told("回収済み") == told("消去済み（") == [True, True]


# -- links that open nothing


def test_an_unknown_link_is_explained(client) -> None:
    answer = client.get("/confirm/" + "x" * 43)
    assert answer.status_code == 404 and "このリンクでは開けません" in answer.text


def test_an_expired_link_is_explained(client, office, held, clock) -> None:
    path = link_of(office, held)
    clock.forward(days=90)
    answer = client.get(path)
    assert answer.status_code == 410 and "有効期限が過ぎています" in answer.text


def test_without_the_link_there_is_no_mail(client, office, held) -> None:
    for answer in (
        client.get(f"/confirm/{held}"),
        client.post(f"/confirm/{held}", data={"act": "withdraw"}),
    ):
        assert answer.status_code == 404 and "給与資料" not in answer.text
    assert office.read(held).state is State.HELD


def test_a_link_opens_its_own_mail_only(client, office, held) -> None:
    other = office.arrive(payroll(3, sender="hana@example.co.jp"), [SATO], "hana@example.co.jp")
    client.get(link_of(office, held))
    assert client.get(f"/confirm/{other}").status_code == 404
    answer = client.post(f"/confirm/{other}", data={"act": "withdraw"})
    assert answer.status_code == 404 and office.read(other).state is State.HELD


def test_the_link_of_somebody_who_left_opens_nothing(client, office, held) -> None:
    path = link_of(office, held)
    client.get(path)
    with office.memory.store.write() as tx:
        tx.conn.execute(update(PERSON).where(PERSON.c.id == "alice").values(locked=True))
    assert client.get(path).status_code == 404
    assert client.get(f"/confirm/{held}").status_code == 404
    assert client.post(f"/confirm/{held}", data={"act": "withdraw"}).status_code == 404
    assert office.read(held).state is State.HELD


@pytest.mark.parametrize("act", ["approve", "reject", "return", "delegate", "rejudge", "", "x:1"])
def test_a_link_does_nothing_that_needs_a_sign_in(client, office, held, act) -> None:
    page = client.get(link_of(office, held)).text
    answer = client.post(f"/confirm/{held}", data={**hidden(page), "act": act, "reason": "x"})
    assert answer.status_code == 404 and office.read(held).state is State.HELD


@pytest.mark.parametrize(
    "act", ["drop:r999999", "drop:", "drop:rx", "detach:a9", "drop:r" + "9" * 40]
)
def test_a_row_that_is_not_there_changes_nothing(client, office, held, act) -> None:
    page = client.get(link_of(office, held)).text
    answer = client.post(f"/confirm/{held}", data={**hidden(page), "act": act})
    assert answer.status_code == 409 and office.read(held).state is State.HELD


def test_another_site_cannot_press(client, office, held) -> None:
    page = client.get(link_of(office, held)).text
    headers = {"sec-fetch-site": "cross-site"}
    answer = client.post(f"/confirm/{held}", data=filled(page), headers=headers)
    assert answer.status_code == 403 and office.read(held).state is State.HELD


def test_no_page_shows_a_digit_of_a_number(client, office) -> None:
    secret = [*numbers(12), samples.individual_number(9)]
    id = office.arrive(
        payroll(12, subject=f"番号 {secret[-1]} の件", to=[SATO, FREE]), [SATO, FREE]
    )
    pages = [client.get(link_of(office, id)).text]
    pages.append(client.post(f"/confirm/{id}", data=filled(pages[0], ok=[])).text)
    pages.append(client.post(f"/confirm/{id}", data=filled(pages[0], purpose=secret[0])).text)
    body = office.arrive(in_body(2), [SATO])
    pages.append(client.get(link_of(office, body)).text)
    assert all("●" in page for page in pages[:2])
    assert all(holds_none_of(page, secret) for page in pages)


def test_it_speaks_english(client, office, held) -> None:
    page = client.get(link_of(office, held), headers={"accept-language": "en"}).text
    assert "This mail has not been sent yet" in page and "Send what I have checked" in page


def test_a_look_alike_stands_beside_the_usual_domain(office, client) -> None:
    """The danger is the eye-catcher: the very letters that differ are marked."""
    wrong = "taro@gmai.com"
    id = office.arrive(plain(to=wrong), [wrong])
    page = client.get(link_of(office, id)).text
    assert "この宛先" in page and "いつもの宛先" in page
    assert "gmai.com</dd>" in page and "gmai<mark>l</mark>.com" in page
    assert "正しい綴りと思われるドメイン" in page
    page = client.get(link_of(office, id) + "?lang=en").text
    assert "The domain that was probably meant" in page


MANY = [f"a{n}@{'one' if n % 2 else 'two'}.example" for n in range(12)]


def treated(office, id):
    held = office.read(id)
    return held.state, held.treatment


@pytest.mark.parametrize(
    ("way", "button"), [("bcc", "Bccに変換して送信"), ("one_each", "1通ずつ個別に送信")]
)
def test_a_way_that_is_offered_lets_it_go_without_a_tick(client, office, way, button) -> None:
    id = office.arrive(plain(to=MANY), MANY)
    page = client.get(link_of(office, id)).text
    assert button in page and "すぐに送信できます" in page
    client.post(f"/confirm/{id}", data={**hidden(page), "act": f"convert:{way}"})
    state, treatment = treated(office, id)
    assert state is State.RELEASED and getattr(treatment, way)
    assert office.verbs(id)[-3:] == ["converted", "judged", "released"]
    after = client.get(f"/confirm/{id}").text
    said = {"bcc": "AliceさんがBccへの変換を選択", "one_each": "Aliceさんが1通ずつの送信を選択"}
    assert said[way] in after


def test_what_is_asked_all_the_same_is_confirmed_with_the_choice(client, office) -> None:
    id = office.arrive(payroll(3, to=MANY), MANY)
    page = client.get(link_of(office, id)).text
    assert "Bccに変換すると、すぐに" not in page and "Bccに変換して送信" in page
    refused = client.post(f"/confirm/{id}", data={**hidden(page), "act": "convert:bcc"})
    assert refused.status_code == 422 and "未確認の項目が13件あるため" in refused.text
    assert "converted" not in office.verbs(id) and not treated(office, id)[1].bcc
    client.post(f"/confirm/{id}", data=filled(page, "convert:bcc"))
    state, treatment = treated(office, id)
    assert state is State.RELEASED and treatment.bcc and treatment.bridge == "attachments"
    assert office.verbs(id)[-4:] == ["converted", "judged", "confirmed", "released"]


def test_a_choice_does_not_spare_the_approver(client, office) -> None:
    id = office.arrive(payroll(12, to=MANY), MANY)
    page = client.get(link_of(office, id)).text
    assert "Bccに変換して承認を依頼する" in page
    client.post(f"/confirm/{id}", data=filled(page, "convert:bcc"))
    held = office.read(id)
    assert held.state is State.HELD and held.treatment.bcc
    assert [row["kind"] for row in held.waiting("confirm", "approve")] == ["approve"]


@pytest.mark.parametrize("way", ["bcc", "one_each", "", "drop", "mark"])
def test_what_no_rule_offers_cannot_be_chosen(client, office, held, way) -> None:
    page = client.get(link_of(office, held)).text
    assert "Bccに変換" not in page
    answer = client.post(f"/confirm/{held}", data=filled(page, f"convert:{way}"))
    assert answer.status_code == 409 and office.read(held).state is State.HELD
    assert "converted" not in office.verbs(held)
