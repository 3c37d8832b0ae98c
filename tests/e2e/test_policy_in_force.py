"""Policies while mail passes: published, refused, layered by department, taken from presets and
from an add-in's settings, on trial and on past mail. Each shows in the next mail over SMTP."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from admin_ui.cli import verbs
from gateway.face.i18n import words_in
from gateway.judgement.people import GRANT
from gateway.judgement.policy.faults import PolicyError
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import PERSON, House, until
from tests.e2e.incidents import notice
from tests.e2e.sink import Sink
from tests.notices import long_ago

pytestmark = pytest.mark.slow

ACTING = ("--on-behalf-of", "saburo@example.co.jp", "--reason", "基準を変更")
SATO = "sato@partner.example"
HEAD = """
[groups."営業部"]
ja = "営業部"
en = "sales"
[groups."情報管理責任者"]
ja = "承認者"
en = "approvers"
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


def why(refused: Result) -> str:
    """As it is told in Japanese."""
    assert isinstance(refused.exception, PolicyError), refused.output
    return refused.exception.said(words_in("ja"))


def publish(house: House, folder: Path, text: str) -> str:
    path = folder / "policy.toml"
    path.write_text(HEAD + text, "utf-8")
    done = command(house, "publish", str(path), *ACTING)
    assert done.exit_code == 0, done.output
    return done.output


def send(
    house: House,
    who: str,
    id: str,
    subject: str = "【試】件",
    to: str | Sequence[str] = SATO,
    **more: Any,
) -> str:
    long_ago(house.store)
    address = f"{who}@example.co.jp"
    raw = samples.message(subject, "本文", sender=address, to=to, message_id=f"<{id}@x>", **more)
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
        (wrong, 'test[1] "held"'),
        (rule("x", 'action = "confrim"'), "もしかして：confirm"),
        (rule("x", 'action = "confirm", notify = "総務"'), 'rule[1] "x".then.notify'),
    ):
        (tmp_path / "bad.toml").write_text(HEAD + text, "utf-8")
        refused = command(house, "publish", str(tmp_path / "bad.toml"), *ACTING)
        assert place in why(refused)
    house.reaches(send(house, "hanako", "stays"), "held")


def test_a_department_has_its_own_layer_and_locked_keys_stay(
    house: House, sink: Sink, tmp_path: Path
) -> None:
    """AD8, AD16: base < department < user; what a rule has not unlocked no layer changes."""
    said = ("社外宛のメールです。", "This goes outside.")
    base = rule("base", 'action = "confirm"', *said, more='unlocked = ["action", "delay"]')
    people = '[lists."広報担当"]\naddresses = ["root@example.co.jp"]\n'
    layer = '[[layer]]\nname = "{}"\nlevel = "{}"\nsender_in = "{}"\nrules.base = {{ {} }}\n'
    softer = 'action = "delay", delay = "3 min"'
    layers = layer.format("sales", "department", "営業部", softer)
    layers += layer.format("press", "user", "広報担当", 'action = "pass"')
    publish(house, tmp_path, people + base + layers)
    for who, state, sentence in (
        *(("hanako", "delayed", said[0]), ("saburo", "held", said[0])),
        ("ichiro", "held", said[1]),
    ):
        house.reaches(send(house, who, f"layer.{who}"), state)
        assert sentence in told(house, sink, who, f"layer.{who}")
    house.reaches(send(house, "root", "layer.root"), "done")
    locked = base + layer.format("sales", "department", "営業部", 'mode = "off"')
    (tmp_path / "locked.toml").write_text(HEAD + locked, "utf-8")
    refused = command(house, "publish", str(tmp_path / "locked.toml"), *ACTING)
    assert 'unlocked = ["mode"]' in why(refused)
    house.reaches(send(house, "ichiro", "layer.again"), "held")


TWELVE = [f"p{n}@{'one' if n % 2 else 'two'}.example" for n in range(12)]
SHEET = [("一覧.xlsx", samples.workbook({"表": [["a"]]}))]
NUMBERED = [["氏名", "個人番号"], ["佐藤", samples.individual_number(7)]]
PRESETS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "一時保留": ("delayed", "社外宛のメールは5分後に送信します", "leaves after five minutes", {}),
    "自己承認": (
        "held",
        "社外宛のメールです。宛先と添付ファイルをご確認ください。",
        "This mail goes to the outside. Please check recipients and attachments.",
        {},
    ),
    "上長承認": (
        "held",
        "社外に添付ファイルを送るには、承認が必要です。",
        "Files to the outside need an approval.",
        {"attachments": SHEET},
    ),
    "添付ファイルのリンク化": (
        "done",
        "添付ファイルは、受け取りページでお渡しします。",
        "The attachments are handed over on the pick-up page.",
        {"attachments": SHEET},
    ),
    "Bcc強制変換": (
        "done",
        "社外の宛先をBccに変えて送ります。宛先どうしは、お互いに見えません。",
        "Outside addresses are put into Bcc. The recipients do not see each other.",
        {"to": TWELVE},
    ),
    "宛先漏えい防止": (
        "refused",
        "Bccに入れるか、1通ずつに分けて再送信してください。",
        "Please put them into Bcc, or send one mail each.",
        {"to": TWELVE},
    ),
    "PPAP停止": (
        "refused",
        "パスワード付きファイルの送信は取りやめています。",
        "Files with a password are no longer sent.",
        {"attachments": [("資料.zip", samples.encrypted_zip({"a.txt": b"a"}, "secret"))]},
    ),
    "個人番号一式": (
        "held",
        "個人番号（マイナンバー）と思われる情報が1件あります",
        "Possible Individual Number (My Number): 1 found",
        {"attachments": [("一覧.xlsx", samples.workbook({"表": NUMBERED}))]},
    ),
}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_given_to_groups_by_its_name(
    house: House, sink: Sink, tmp_path: Path, name: str
) -> None:
    """AD9: no rule is written; who is in none of the groups does not meet it."""
    state, ja, en, mail = PRESETS[name]
    approvers = 'approvers = "情報管理責任者"\n' if name in ("上長承認", "個人番号一式") else ""
    number = list(PRESETS).index(name)
    uses = [
        f'[[preset]]\nuse = "{name}"\nname = "{key}"\nsender_in = "{group}"\n{approvers}'
        for key, group in (("a", "営業部"), ("b", "人事"))
    ]
    publish(house, tmp_path, "".join(uses))
    for who, said in (("hanako", ja), ("ichiro", en)):
        mark = f"preset.{who}.{number}"
        house.reaches(send(house, who, mark, **mail), state)
        assert said in told(house, sink, who, mark)
    calm = send(house, "saburo", f"preset.saburo.{number}", **mail)
    # what cannot be read is asked about by a safety rule in any case
    house.reaches(calm, "held" if name == "PPAP停止" else "done")


def test_all_rules_are_read_in_any_order(house: House, sink: Sink, tmp_path: Path) -> None:
    """AD11: the strictest wins wherever it stands, never the first match."""
    approve = 'action = "approve", approvers = { group = "人事" }'
    asked, waits = ("承認が必要です。", "An approval is needed."), ("待ちます。", "It waits.")
    rules = [
        *(rule("a", 'action = "pass"'), rule("b", approve, *asked)),
        rule("c", 'action = "delay", delay = "3 min"', *waits),
    ]
    for number, (order, who) in enumerate(((rules, "hanako"), (rules[::-1], "ichiro"))):
        publish(house, tmp_path, "".join(order))
        id = send(house, who, f"order{number}")
        house.reaches(id, "held")
        said = told(house, sink, who, f"order{number}")
        assert asked[number] in said and waits[number] in said
        (judged,) = [facts for verb, facts in house.verbs(id) if verb == "judged"]
        assert judged["actions"] == {SATO: "approve"}
        assert judged["rules"] == ["a", "b", "c"]


def test_a_rule_on_trial_holds_nothing_and_a_replay_says_whom_it_would_have_held(
    house: House, sink: Sink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AD12, AD13: audit_only; simulator with trace; replay of past days."""
    why = ("宛先をご確認ください。", "Please check the recipient.")
    trial = rule("trial", 'action = "confirm"', *why, more='mode = "audit_only"')
    publish(house, tmp_path, trial)
    id = send(house, "hanako", "trial")
    house.reaches(id, "done")
    sink.wait(SATO)
    assert not notice(sink, "hanako@example.co.jp", "<trial@x>")
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(HEAD + trial, "utf-8")
    new.write_text(HEAD + rule("trial", 'action = "confirm"', *why), "utf-8")
    replayed = command(house, "diff", str(old), str(new), "--replay", "30d")
    assert "audit_only" in replayed.output and "enforce" in replayed.output
    assert f"{id}  {SATO}  pass -> confirm" in replayed.output, replayed.output
    mail = tmp_path / "mail.eml"
    mail.write_bytes(samples.message("【試】件", "本文", sender="hanako@example.co.jp", to=SATO))
    for language, said, reason in (
        ("ja_JP.UTF-8", "確認してから送信", why[0]),
        ("en_US.UTF-8", f"{SATO}: confirm", why[1]),
    ):
        monkeypatch.setenv("LC_ALL", language)
        explained = command(house, "explain", str(mail), "--policy", str(new)).output
        assert "✓ trial" in explained and said in explained and reason in explained, explained


ADD_IN = {
    "AlertAddressList.csv": "@rival.example,True\r\n@press.example,False\r\n",
    "NameAndDomains.csv": "山田商事,@yamada.example\r\n",
    "DeferredDeliveryMinutes.csv": "@slow.example,7\r\n",
    "ExternalDomainsWarningAndAutoChangeToBccSetting.csv": "3,False,False,True\r\n",
    "AutoCcBccRecipientList.csv": "@copied.example,Cc,boss@example.co.jp\r\n",
    "UnsafeDomains.txt": "# 注意\r\nunsafe.example\r\n",
}
"""OutlookOkan's settings, and a list of FlexConfirmMail."""
THREE = [f"x@{name}.example" for name in ("one", "two", "three")]
BROUGHT: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (
        *("refused", "送信が禁止されている宛先です。", "sending there is not allowed"),
        {"to": "x@rival.example"},
    ),
    ("held", "警告する宛先です。", "a listed address", {"to": "x@press.example"}),
    (
        "held",
        "件名に「山田商事」とありますが、yamada.example の宛先がありません",
        "The subject names “山田商事”, but nobody at yamada.example is a recipient",
        {"subject": "山田商事様 お見積り"},
    ),
    (
        "held",
        "yamada.example の宛先がありますが、「山田商事」の名前がどこにもありません",
        "There is a recipient at yamada.example, but “山田商事” is named nowhere",
        {"to": "x@yamada.example"},
    ),
    ("delayed", "7分後に送信します。", "leaves after 7 minutes", {"to": "x@slow.example"}),
    (
        "done",
        "社外の宛先をBccに変えて送ります。",
        "Outside addresses are put into Bcc.",
        {"to": THREE},
    ),
    (
        "done",
        "boss@example.co.jp をCcに加え、写しを送ります。",
        "boss@example.co.jp is added to Cc and gets a copy.",
        {"to": "x@copied.example"},
    ),
    ("held", "注意が必要なドメインの宛先です。", "a listed domain", {"to": "x@unsafe.example"}),
)


def test_the_settings_of_add_ins_hold_mail(house: House, sink: Sink, tmp_path: Path) -> None:
    """IN3: imported, looked over, published; what they asked on the desk is asked here."""
    folder = tmp_path / "settings"
    folder.mkdir()
    for name, text in ADD_IN.items():
        (folder / name).write_bytes(text.encode("cp932"))
    imported = CliRunner().invoke(verbs, ["policy", "import", str(folder)])
    assert imported.exit_code == 0, imported.output
    publish(house, tmp_path, imported.output)
    for number, (state, ja, en, mail) in enumerate(BROUGHT):
        for who, sentence in (("hanako", ja), ("ichiro", en)):
            id = send(house, who, f"brought.{who}.{number}", **mail)
            house.reaches(id, state)
            assert sentence in told(house, sink, who, f"brought.{who}.{number}")
    assert not sink.to("x@rival.example")
