"""A password typed on the confirmation page opens an attachment, once and for the check alone."""

from __future__ import annotations

import io

import pytest
import pyzipper
from starlette.testclient import TestClient

from gateway.memory.states import State
from tests import samples
from tests.admin_ui.test_confirm import filled, hidden, link_of
from tests.mails import SATO, numbers

PASSWORD = "Kaiketsu-2026!"
pytestmark = pytest.mark.slow


@pytest.fixture
def client(reading_client: TestClient) -> TestClient:
    return reading_client


def locked(name: str, text: str, password: str = PASSWORD) -> tuple[str, bytes]:
    packed = io.BytesIO()
    with pyzipper.AESZipFile(packed, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr("一覧.txt", text)
    return name, packed.getvalue()


def mail(*files: tuple[str, bytes]) -> bytes:
    sender = "alice@example.co.jp"
    return samples.message("資料", "資料をお送りします。", list(files), sender=sender, to=[SATO])


def unlock(client: TestClient, page: str, id: str, password: str):
    form = {**hidden(page), "act": "unlock", "password": password}
    return client.post(f"/confirm/{id}", data=form)


def test_it_works(client, office) -> None:
    [number] = numbers(1)
    id = office.arrive(mail(locked("資料.zip", f"個人番号 {number}")), [SATO])
    page = client.get(link_of(office, id)).text
    assert "資料.zip" in page and "ファイルのパスワード" in page and "個人番号（" not in page
    after = unlock(client, page, id, PASSWORD)
    assert after.status_code == 200 and "パスワードで開いて検査しました" in after.text
    assert "個人番号（マイナンバー）と思われる情報が1件あります" in after.text
    assert "ファイルのパスワード" not in after.text
    assert number not in after.text and PASSWORD not in after.text
    assert office.read(id).state is State.HELD
    sent = client.post(f"/confirm/{id}", data=filled(after.text))
    assert sent.status_code == 200
    assert "unlocked" in office.verbs(id)


def test_what_holds_nothing_needs_no_confirmation(client, office) -> None:
    id = office.arrive(mail(locked("資料.zip", "見積の明細です。")), [SATO])
    page = client.get(link_of(office, id)).text
    unlock(client, page, id, PASSWORD)
    assert office.read(id).state is not State.HELD
    assert not office.read(id).report.has("uninspectable")


def test_a_wrong_password_changes_nothing(client, office) -> None:
    id = office.arrive(mail(locked("資料.zip", "見積の明細です。")), [SATO])
    page = client.get(link_of(office, id)).text
    before = office.read(id).seen, office.verbs(id)
    refused = unlock(client, page, id, "falsch")
    assert refused.status_code == 422 and "このパスワードでは開けない" in refused.text
    assert "falsch" not in refused.text
    assert (office.read(id).seen, office.verbs(id)) == before


def test_two_files_with_two_passwords(client, office) -> None:
    files = locked("一.zip", "明細です。"), locked("二.zip", "明細です。", "another")
    id = office.arrive(mail(*files), [SATO])
    page = client.get(link_of(office, id)).text
    half = unlock(client, page, id, PASSWORD).text
    assert "二.zip" in half and office.read(id).state is State.HELD
    # the first would be closed again
    assert unlock(client, half, id, "another").status_code == 422
    unlock(client, half, id, f"another\n{PASSWORD}")
    assert office.read(id).state is not State.HELD


def test_an_old_page_opens_nothing(client, office) -> None:
    id = office.arrive(mail(locked("資料.zip", "明細です。")), [SATO])
    page = client.get(link_of(office, id)).text.replace(office.read(id).seen, "0" * 32)
    assert unlock(client, page, id, PASSWORD).status_code == 409


def test_a_stranger_opens_nothing(client, office) -> None:
    id = office.arrive(mail(locked("資料.zip", "明細です。")), [SATO])
    form = {"seen": office.read(id).seen, "since": "0", "act": "unlock", "password": PASSWORD}
    assert client.post(f"/confirm/{id}", data=form).status_code == 404


def test_the_password_is_kept_nowhere(client, office, config) -> None:
    id = office.arrive(mail(locked("資料.zip", "明細です。")), [SATO])
    page = client.get(link_of(office, id)).text
    unlock(client, page, id, PASSWORD)
    kept = [path.read_bytes() for path in config.data_dir.rglob("*") if path.is_file()]
    assert kept and not any(PASSWORD.encode() in data for data in kept)


ALIKE = "taro@gmai.com"


def test_what_was_known_of_the_recipients_when_it_came_still_holds(client, office) -> None:
    """A password must not be the way past a look-alike domain."""
    id = office.arrive(mail(locked("資料.zip", "見積の明細です。")), [ALIKE])
    before = {fact.name for fact in office.read(id).report.facts if fact.part == f"to:{ALIKE}"}
    assert {"lookalike_domain", "first_contact"} <= before
    unlock(client, client.get(link_of(office, id)).text, id, PASSWORD)
    held = office.read(id)
    assert held.state is State.HELD and not held.report.has("uninspectable")
    rules = {reason.rule for verdict in held.verdicts for reason in verdict.reasons}
    assert "lookalike-domain" in rules


def test_a_number_that_was_locked_asks_who_the_addressee_is(client, office) -> None:
    [number] = numbers(1)
    id = office.arrive(mail(locked("資料.zip", f"個人番号 {number}")), [SATO])
    assert not office.read(id).report.has("addressee_unknown")
    unlock(client, client.get(link_of(office, id)).text, id, PASSWORD)
    assert office.read(id).report.has("addressee_unknown")
