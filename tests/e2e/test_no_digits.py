"""No number stays behind: what is searched, that the search finds, and the hardest case of all.

That nothing stands anywhere after the whole suite is asserted by the session fixture `left_behind`.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Callable
from contextlib import closing
from email.header import Header
from pathlib import Path

import pytest

from tests import samples
from tests.crash.acts import confirm
from tests.e2e import conftest, traces
from tests.e2e.conftest import Build
from tests.e2e.sink import Sink

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")

FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "wide": lambda n: n.translate(WIDE).encode(),
    "in groups": lambda n: f"{n[:4]}-{n[4:8]}-{n[8:]}".encode(),
    "in wide groups": lambda n: f"{n[:4]}　{n[4:8]}－{n[8:]}".translate(WIDE).encode(),
    "over lines": lambda n: f"{n[:6]}\r\n {n[6:]}".encode(),
    "utf-16": lambda n: n.encode("utf-16-le"),
    "utf-16, odd": lambda n: b"\0" + n.encode("utf-16-le"),
    "within more digits": lambda n: f"99{n}99".encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_number_is_found_in_any_form(form: str) -> None:
    number = "123456789018"
    assert traces.in_bytes(b"\xff\x00 x=" + FORMS[form](number) + b" y", {number}) == {number}
    assert traces.in_bytes(FORMS[form]("123456789026"), {number}) == set()


def test_a_number_is_found_in_a_row_and_in_a_notice(tmp_path: Path) -> None:
    number = "123456789018"
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        db.execute("CREATE TABLE t (a TEXT)")
        db.execute("INSERT INTO t VALUES (?)", ["x" * 4080 + number + "y" * 9000])
        db.commit()
    assert traces.in_folder(tmp_path, {number}) == {tmp_path / "a.db": {number}}
    raw = samples.message(f"番号 {number}", "本文\n")
    assert traces.in_mail(raw, {number}) == {number}
    assert traces.in_mail(samples.message("件名", f"{number}\n"), {number}) == {number}
    assert unicodedata.normalize("NFKC", number.translate(WIDE)) == number


@pytest.mark.slow
def test_numbers_everywhere_in_a_mail_leave_nothing_behind(build: Build, sink: Sink) -> None:
    """Subject, body, file name, cell, header, address: held, confirmed, delivered as a whole."""
    house = build(sink.hop)
    house.start()
    one, two, three, four, five, six = samples.individual_numbers(6, seed=77)
    to = "digits@partner.example"
    raw = samples.message(
        f"マイナンバー {one}",
        f"個人番号は {two[:4]}-{two[4:8]}-{two[8:]} です。\n",
        [(f"個人番号{three}.xlsx", samples.workbook({"一覧": [["個人番号"], [four]]}))],
        to=to,
        headers={"X-Note": five, "Comments": Header(six.translate(WIDE), "utf-8").encode()},
    )
    sink.once.append((f"RCPT TO:<{to}", f"450 4.2.0 later, about {one}"))
    id = house.send(raw, to)
    house.reaches(id, "held", seconds=30)
    confirm(house.path, id)
    (mail,) = sink.wait(to, seconds=30)
    used = {one, two, three, four, five, six}
    assert used <= conftest.USED
    assert traces.in_mail(mail.data, used) == set()
    notices = [m for m in sink.delivered if m.mail_from == "" and m.rcpt_to != (to,)]
    assert notices and all(traces.in_mail(m.data, used) == set() for m in notices)
    house.stop()
    assert traces.in_folder(house.folder, used) == {}
