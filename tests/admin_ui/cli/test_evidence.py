"""`sekisho evidence`: begun and ended by the shell, in somebody's name."""

import pytest


@pytest.fixture
def audited(site):
    site.office.hire("audrey", ("role", "auditor"))
    return site


def act(site, verb, person="audrey@example.co.jp"):
    return site.acting("evidence", verb, person=person)


def test_it_works(audited):
    assert "していません" in audited.run("evidence", "show").stdout
    assert act(audited, "hold").exit_code == 0
    shown = audited.run("evidence", "show").stdout
    assert "電話で確認" in shown and "audrey@example.co.jp" in shown
    assert act(audited, "free").exit_code == 0
    assert "していません" in audited.run("evidence", "show").stdout


def test_what_may_not_be_done_says_why(audited):
    ran = act(audited, "hold", "hanako@example.co.jp")
    assert ran.exit_code == 1 and "監査担当者かシステム管理者" in ran.stderr
    ran = act(audited, "free")
    assert ran.exit_code == 1 and "証拠保全は始まっていません" in ran.stderr
