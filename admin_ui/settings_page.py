"""設定: what the configuration says, shown and never edited here; secrets are not shown at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, SecretStr
from sqlalchemy.engine import make_url
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit, with_role
from gateway.face.i18n import N_, Words
from gateway.memory.config import Config

READERS = with_role("system_admin", "auditor")
SECTIONS = {
    "": N_("全体"),
    "smtp": N_("メールの受付"),
    "sender": N_("個人ではない送信者"),
    "delivery": N_("配送"),
    "route": N_("配送経路"),
    "dkim": N_("送信元の署名（DKIM）"),
    "dns": N_("名前の解決"),
    "store": N_("データベース"),
    "vault": N_("保管庫"),
    "keys": N_("鍵"),
    "policy": N_("送信ルール"),
    "holds": N_("保留と期限"),
    "scan": N_("検査"),
    "dictionary": N_("辞書"),
    "pattern": N_("パターン"),
    "bridge": N_("受け取りページ"),
    "web": N_("この管理画面"),
    "retention": N_("保存期間"),
    "acquaintance": N_("宛先の学習"),
    "bypass": N_("保留の一時停止"),
    "metrics": N_("計測"),
    "log": N_("ログ"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    key: str
    value: str
    changed: bool
    """differs from the default"""


def show(visit: Visit) -> Response:
    sections = list(_sections(visit.words, visit.office.memory.config))
    return visit.render("settings.html", sections=sections)


def _sections(words: Words, config: Config) -> Iterator[tuple[str, str, list[Setting]]]:
    """(name, title, settings) of each; what stands above all sections first."""
    values, defaults = _flat(words, config), _flat(words, Config())
    for name, title in SECTIONS.items():
        mine = [key for key in values if (key.partition(".")[0] if "." in key else "") == name]
        found = [Setting(key, values[key], values[key] != defaults.get(key)) for key in mine]
        if found:
            yield name, words.say(title), found


def _flat(words: Words, section: BaseModel, above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, field in type(section).model_fields.items():
        key, value = f"{above}{field.alias or name}", getattr(section, name)
        if isinstance(value, BaseModel):
            found |= _flat(words, value, f"{key}.")
        elif isinstance(value, tuple) and any(isinstance(each, BaseModel) for each in value):
            for number, each in enumerate(value, start=1):
                found |= _flat(words, each, f"{key}.{number}.")
        else:
            found[key] = _text(words, key, value)
    return found


def _text(words: Words, key: str, value: object) -> str:
    if isinstance(value, SecretStr):
        return words.say("（設定済み・表示しません）")
    if value is None or value == "" or value == ():
        return "–"
    if isinstance(value, bool):
        return words.say("はい") if value else words.say("いいえ")
    if isinstance(value, tuple):
        return words.say("、").join(map(str, value))
    if isinstance(value, Mapping):
        return words.say("、").join(f"{name}: {each}" for name, each in value.items())
    if "://" in str(value):
        return make_url(str(value)).render_as_string(hide_password=True)
    return str(value)


def routes(office: Office) -> list[Route]:
    return [office.page("/settings", show, READERS)]
