"""Rule sets that a policy takes by name, for everybody or for some senders."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from gateway.judgement.policy.rules import AddressList, Preset, Rule


@dataclass(frozen=True)
class Set:
    file: str
    ja: str
    en: str
    approved: bool = False
    """it asks for approvers, whom the policy names"""


PRESETS = {
    "一時保留": Set(
        "moment", "社外宛は5分後に送信し、その間は中止できます", "outside mail waits five minutes"
    ),
    "自己承認": Set(
        "self", "社外宛は送信者が確認してから送信します", "the sender confirms outside mail"
    ),
    "上長承認": Set(
        *("superior", "社外宛の添付ファイルは承認を得て送信します", "files need an approval"), True
    ),
    "添付ファイルのリンク化": Set(
        "link", "社外宛の添付ファイルは受け取りページで渡します", "files leave by the bridge"
    ),
    "添付ファイルの暗号化ZIP化": Set(
        "zip",
        "社外宛の添付ファイルを暗号化ZIPにします（リンクを開けない相手だけに。リンク化を推奨）",
        "files leave in an encrypted ZIP, for those who open no links (the bridge is better)",
    ),
    "Bcc強制変換": Set(
        "bcc", "多数の社外宛先をBccに変えて送信します", "many outside addresses leave in Bcc"
    ),
    "宛先漏えい防止": Set(
        "shown", "多数の社外宛先が見えるメールを止めます", "no mail shows many outsiders"
    ),
    "PPAP停止": Set(
        "ppap", "パスワード付きファイルとその通知を止めます", "no files with passwords by mail"
    ),
    "個人番号一式": Set(
        *("numbers", "個人番号を件数に応じて確認・承認します", "all about individual numbers"), True
    ),
}


def text_of(name: str) -> str:
    """As it is shown to whoever looks it up."""
    return files(__package__).joinpath(f"{PRESETS[name].file}.toml").read_text("utf-8")


@cache
def _read(name: str) -> tuple[tuple[Rule, ...], dict[str, AddressList]]:
    data = tomllib.loads(text_of(name))
    lists = {key: AddressList.model_validate(value) for key, value in data.get("lists", {}).items()}
    return tuple(Rule.model_validate(each) for each in data["rule"]), lists


def rules_of(preset: Preset) -> tuple[Rule, ...]:
    """With the senders, the approvers and the name of this use; none for a name not known."""
    if preset.use not in PRESETS:
        return ()
    return tuple(_used(preset, rule) for rule in _read(preset.use)[0])


def lists_of(presets: Iterable[Preset]) -> dict[str, AddressList]:
    known = (preset.use for preset in presets if preset.use in PRESETS)
    return {name: each for use in known for name, each in _read(use)[1].items()}


def _used(preset: Preset, rule: Rule) -> Rule:
    then = rule.then
    if then.approvers is not None and preset.approvers:
        asked = then.approvers.model_copy(update={"group": preset.approvers})
        then = then.model_copy(update={"approvers": asked})
    if then.notify and preset.approvers:
        then = then.model_copy(update={"notify": (preset.approvers,)})
    when = rule.when
    if preset.sender_in:
        when = when.model_copy(update={"sender_in": preset.sender_in})
    name = f"{rule.name}:{preset.name}" if preset.name else rule.name
    return rule.model_copy(update={"name": name, "when": when, "then": then})
