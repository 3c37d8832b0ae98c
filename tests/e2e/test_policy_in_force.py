"""Policies while mail passes: published, refused, layered by department, taken from presets and
from an add-in's settings, on trial and on past mail. Each shows in the next mail over SMTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from admin_ui.cli import verbs
from gateway.judgement.people import GRANT
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import PERSON, House, until
from tests.e2e.incidents import notice
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

ACTING = ("--on-behalf-of", "saburo@example.co.jp", "--reason", "基準を変更")
SATO = "sato@partner.example"
HEAD = """
[groups."営業部"]
ja = "営業部"
en = "sales"
[groups."人事"]
ja = "人事"
en = "personnel"
"""
RULE = """
[[rule]]
name = "{name}"
why.ja = "{ja}"
why.en = "{en}"
{more}
when = {{ recipient = "outside", subject_starts = "{mark}" }}
then = {{ {then} }}
"""


def rule(name: str, then: str, ja: str = "理由", en: str = "why", more: str = "") -> str:
    return RULE.format(name=name, then=then, ja=ja, en=en, more=more, mark="【試】")


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink) -> House:
    made = build(sink.hop)
    with made.store.write() as tx:
        for person, kind, name in (
            *(("hanako", "group", "営業部"), ("ichiro", "group", "人事")),
            ("saburo", "role", "policy_admin"),
        ):
            tx.conn.execute(insert(GRANT).values(person_id=person, kind=kind, name=name))
        english = PERSON.c.id == "ichiro"
        tx.conn.execute(update(PERSON).where(english).values(language="en"))
    made.start()
    return made


def command(house: House, *arguments: str) -> Result:
    return CliRunner().invoke(verbs, ["policy", *arguments, "--config", str(house.path)])


def publish(house: House, folder: Path, text: str) -> str:
    path = folder / "policy.toml"
    path.write_text(HEAD + text, "utf-8")
    done = command(house, "publish", str(path), *ACTING)
    assert done.exit_code == 0, done.output
    return done.output


def send(house: House, who: str, id: str, subject: str = "【試】件", to: str = SATO) -> str:
    address = f"{who}@example.co.jp"
    raw = samples.message(subject, "本文", sender=address, to=to, message_id=f"<{id}@x>")
    return house.send(raw, to, address)


def told(house: House, sink: Sink, who: str, id: str) -> str:
    return until(lambda: notice(sink, f"{who}@example.co.jp", f"<{id}@x>"), saying=house.said())


def test_what_is_published_holds_for_the_next_mail(
    house: House, sink: Sink, tmp_path: Path
) -> None:
    """AD7: a version with diff, who and why; the next mail names it."""
    house.reaches(send(house, "hanako", "before"), "done")
    said = ("新しい基準です。", "A new rule.")
    publish(house, tmp_path, rule("new", 'action = "confirm"', *said))
    for who, sentence in (("hanako", said[0]), ("ichiro", said[1])):
        id = send(house, who, f"after.{who}")
        house.reaches(id, "held")
        assert sentence in told(house, sink, who, f"after.{who}")
        (judged,) = [facts for verb, facts in house.verbs(id) if verb == "judged"]
        assert judged["rules"] == ["new"]


def test_what_fails_is_refused_and_the_one_before_stays(
    house: House, sink: Sink, tmp_path: Path
) -> None:
    publish(house, tmp_path, rule("stays", 'action = "confirm"'))
    wrong = rule("stays", 'action = "pass"') + (
        f'[[test]]\nname = "held"\nmail = {{ to = "{SATO}", subject = "【試】" }}\n'
        f'expect = {{ "{SATO}" = "confirm" }}\n'
    )
    for text, place in (
        (wrong, 'test "held"'),
        (rule("x", 'action = "confrim"'), "did you mean"),
        (rule("x", 'action = "confirm", notify = "総務"'), 'no group "総務" here'),
    ):
        (tmp_path / "bad.toml").write_text(HEAD + text, "utf-8")
        refused = command(house, "publish", str(tmp_path / "bad.toml"), *ACTING)
        assert refused.exit_code != 0 and place in str(refused.exception)
    house.reaches(send(house, "hanako", "stays"), "held")


def test_a_department_has_its_own_layer_and_locked_keys_stay(
    house: House, sink: Sink, tmp_path: Path
) -> None:
    """AD8, AD16: base < department; what a rule has not unlocked no layer changes."""
    base = rule("base", 'action = "confirm"', more='unlocked = ["action", "delay"]')
    layer = '[[layer]]\nname = "sales"\nsender_in = "営業部"\nrules.base = {{ {} }}\n'
    softer = layer.format('action = "delay", delay = "3 min"')
    publish(house, tmp_path, base + softer)
    house.reaches(send(house, "hanako", "sales"), "delayed")
    house.reaches(send(house, "ichiro", "others"), "held")
    (tmp_path / "locked.toml").write_text(HEAD + base + layer.format('mode = "off"'), "utf-8")
    refused = command(house, "publish", str(tmp_path / "locked.toml"), *ACTING)
    assert refused.exit_code != 0 and "the rule locks it" in str(refused.exception)


PRESETS = {
    "一時保留": ("delayed", "社外宛のメールは5分後に送信します", "leaves after five minutes"),
    "自己承認": (
        "held",
        "社外宛のメールです。宛先と添付ファイルをご確認ください。",
        "This mail goes to the outside. Please check recipients and attachments.",
    ),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_given_to_a_group_by_its_name(
    house: House, sink: Sink, tmp_path: Path, name: str
) -> None:
    """AD9: no rule is written; who is not in the group does not meet it."""
    state, ja, en = PRESETS[name]
    for group, who, other, said in (
        ("営業部", "hanako", "ichiro", ja),
        ("人事", "ichiro", "hanako", en),
    ):
        publish(house, tmp_path, f'[[preset]]\nuse = "{name}"\nsender_in = "{group}"\n')
        id = f"preset.{who}.{state}"
        house.reaches(send(house, who, id), state)
        assert said in told(house, sink, who, id)
        house.reaches(send(house, other, f"{id}.other"), "done")


def test_all_rules_are_read_in_any_order(house: House, sink: Sink, tmp_path: Path) -> None:
    """AD11: the strictest wins wherever it stands, never the first match."""
    approve = 'action = "approve", approvers = { group = "人事" }'
    rules = [
        *(rule("a", 'action = "pass"'), rule("b", approve)),
        rule("c", 'action = "delay", delay = "3 min"'),
    ]
    for number, order in enumerate((rules, rules[::-1])):
        publish(house, tmp_path, "".join(order))
        id = send(house, "hanako", f"order{number}")
        house.reaches(id, "held")
        (judged,) = [facts for verb, facts in house.verbs(id) if verb == "judged"]
        assert judged["actions"] == {SATO: "approve"}
        assert judged["rules"] == ["a", "b", "c"]


def test_a_rule_on_trial_holds_nothing_and_a_replay_says_whom_it_would_have_held(
    house: House, sink: Sink, tmp_path: Path
) -> None:
    """AD12, AD13: audit_only; simulator with trace; replay of past days."""
    trial = rule("trial", 'action = "confirm"', more='mode = "audit_only"')
    publish(house, tmp_path, trial)
    id = send(house, "hanako", "trial")
    house.reaches(id, "done")
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(HEAD + trial, "utf-8")
    new.write_text(HEAD + rule("trial", 'action = "confirm"'), "utf-8")
    replayed = command(house, "diff", str(old), str(new), "--replay", "30d")
    assert "audit_only" in replayed.output and "enforce" in replayed.output
    assert f"{id}  {SATO}  pass -> confirm" in replayed.output, replayed.output
    mail = tmp_path / "mail.eml"
    mail.write_bytes(samples.message("【試】件", "本文", sender="hanako@example.co.jp", to=SATO))
    explained = command(house, "explain", str(mail), "--policy", str(new))
    assert "✓ trial" in explained.output and "確認してから送信" in explained.output


def test_the_settings_of_an_add_in_hold_mail(house: House, sink: Sink, tmp_path: Path) -> None:
    """IN3: imported, looked over, published: the address that was banned there is refused here."""
    folder = tmp_path / "okan"
    folder.mkdir()
    (folder / "AlertAddressList.csv").write_bytes(
        "@rival.example,True\r\n@press.example,False\r\n".encode("cp932")
    )
    imported = CliRunner().invoke(verbs, ["policy", "import", str(folder)])
    assert imported.exit_code == 0, imported.output
    publish(house, tmp_path, imported.output)
    for who, sentence in (
        ("hanako", "送信が禁止されている宛先です。"),
        ("ichiro", "sending there is not allowed"),
    ):
        house.reaches(send(house, who, f"ban.{who}", to="x@rival.example"), "refused")
        assert sentence in told(house, sink, who, f"ban.{who}")
        house.reaches(send(house, who, f"warn.{who}", to="x@press.example"), "held")
    assert not sink.to("x@rival.example")
