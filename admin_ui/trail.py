"""Entries of the ledger in words: who, what, on what, with which outcome.

`road` tells a held mail's story to those who decide; here nothing is left out and nothing is
told more nicely than it was written down.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from detectors.report import Confidence
from gateway.face import words as spoken
from gateway.face.dates import moment
from gateway.face.figures import masked_address, size
from gateway.face.i18n import N_, Words
from gateway.face.words.record import Tone
from gateway.judgement.people import PERSON
from gateway.judgement.records import Record

LABELS = {
    "recipient": N_("宛先"),
    "recipients": N_("宛先"),
    "who": N_("宛先"),
    "to": N_("通知先"),
    "address": N_("アドレス"),
    "name": N_("ファイル"),
    "attachments": N_("添付"),
    "file": N_("ファイル番号"),
    "octets": N_("大きさ"),
    "have": N_("これまでに渡した分"),
    "of": N_("ファイル全体"),
    "ended": N_("中断の原因"),
    "reply": N_("応答"),
    "mx": N_("相手サーバー"),
    "tls": N_("暗号化"),
    "why": N_("理由"),
    "reason": N_("理由"),
    "purpose": N_("目的・種類"),
    "actions": N_("判定"),
    "rules": N_("該当ルール"),
    "findings": N_("検知"),
    "seen": N_("画面の照合値"),
    "until": N_("期限"),
    "tries": N_("誤入力の回数"),
    "agent": N_("端末"),
    "role": N_("役割"),
    "filters": N_("検索条件"),
    "rows": N_("行数"),
    "mails": N_("メール数"),
    "run": N_("まとめた操作の記録"),
    "together": N_("まとめて操作した通数"),
    "ids": N_("まとめて操作したメール"),
    "list": N_("一覧"),
    "entries": N_("記録数"),
    "bad_seq": N_("不整合の通番"),
    "maybe_delivered_before": N_("前回の配送結果が不明"),
}
"""Details worth a line; whatever else an entry holds is in the export."""
SIZES = ("octets", "have", "of")
ADDRESSES = ("recipient", "recipients", "who", "to", "address", "actions")
CONTENT = ("name", "attachments", "purpose", "filters")
"""What tells of a mail's content, however masked: not for who only runs the system."""
CODES = {
    "pass": N_("そのまま送信"),
    "delay": N_("時間をおいて送信"),
    "confirm": N_("確認してから送信"),
    "approve": N_("承認を得て送信"),
    "reject": N_("送信しない"),
    "hold": N_("保留の通知"),
    "approval": N_("承認の依頼"),
    "code": N_("認証コード"),
    "dsn": N_("配送不能の通知"),
    "dsn_delayed": N_("配送遅延の通知"),
    "dsn_relayed": N_("相手サーバーに渡した通知"),
    "link": N_("受け取りページの案内"),
    "reminder": N_("受け取り期限のお知らせ"),
    "recall": N_("回収の証明書"),
    "disposal": N_("廃棄証明書"),
    "recalled": N_("回収のため"),
    "admin": N_("システム管理者への確認の依頼"),
    "fetched": N_("ダウンロードの通知"),
    "reissue_asked": N_("再発行の依頼の通知"),
    "told": N_("保留中のメールのお知らせ"),
    "zipped": N_("パスワードの通知"),
    "handed": N_("受け取りページでの受け渡しの通知"),
    "treated": N_("送信時の変更の通知"),
    "copied": N_("写しの送付の通知"),
    "enrol": N_("利用開始の案内"),
    "checkpoint": N_("記録の封印"),
    "weekly": N_("週次レポート"),
    "bypass": N_("保留の一時停止の通知"),
    "delayed": N_("一時保留の通知"),
    "expired": N_("期限切れの通知"),
    "refused": N_("却下の通知"),
    "returned": N_("差し戻しの通知"),
    "left": N_("受け取る側が切断"),
    "closed": N_("リンクの終了（回収、停止、期限）"),
    "broken": N_("このシステムの側で中断"),
    "retention over": N_("保存期間の終了"),
}
"""Words for the codes among the details."""
LISTS = {
    "holds": N_("保留メール一覧"),
    "queue": N_("送信待ち"),
    "transfers": N_("送信済みファイル"),
}
"""What was exported, by the names of the pages."""
SHORT = 8
"""Characters of a digest: enough to compare by eye, too few to read like a number."""
FAILED = (
    *("bounced", "deferred", "unknown", "sealing_failed", "login.failed", "nobody_to_ask"),
    *("link.code_failed", "link.locked", "download.aborted"),
)
"""Verbs of what did not come about; every other entry is something that was done."""
_ADDRESS = re.compile(r"[^\s<>()\[\],;:@]+@[^\s<>()\[\],;:@]+")
_TONES: Mapping[str, Tone] = {
    "approved": "ok",
    "link.code_ok": "ok",
    "download.completed": "ok",
    "link.code_failed": "warn",
    "link.stopped": "warn",
    "link.recalled": "warn",
    "link.locked": "bad",
    "login.failed": "bad",
    "unknown": "warn",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as a page shows it."""

    record: Record
    who: str
    verb: str
    tone: Tone
    details: tuple[tuple[str, str], ...]
    result: str

    @property
    def at(self) -> datetime:
        return self.record.at

    @property
    def ip(self) -> str:
        return self.record.actor.get("ip", "")

    @property
    def person(self) -> str:
        """Id, "" where it was no person of ours."""
        actor = self.record.actor
        return actor.get("id", "") if actor["kind"] == "person" else ""

    @property
    def failed(self) -> bool:
        return self.record.verb in FAILED


def without_addresses(text: str) -> str:
    """Servers repeat the recipient in what they answer.

    >>> without_addresses("550 5.1.1 <sato@a.example>: unknown")
    '550 5.1.1 <s****@a.example>: unknown'
    """
    return _ADDRESS.sub(lambda found: masked_address(found[0]), text)


def masked(record: Record) -> Record:
    """For those who run the system and need not know who writes to whom about what."""
    to = tuple(masked_address(each) for each in record.to)
    if record.details is None:
        return replace(record, to=to)  # and its mail is not known any more either
    details = {
        key: _covered(value) if key in ADDRESSES else value
        for key, value in record.details.items()
        if key not in CONTENT
    }
    details |= {"reply": without_addresses(str(details["reply"]))} if "reply" in details else {}
    return replace(record, details=details, mail_subject="", files=(), to=to)


def _covered(value: Any) -> Any:
    if isinstance(value, dict):
        return {masked_address(str(key)): each for key, each in value.items()}
    if isinstance(value, list):
        return [masked_address(str(each)) for each in value]
    return masked_address(str(value))


def tell(conn: Connection, words: Words, found: Iterable[Record]) -> list[Told]:
    entries = list(found)
    ids = {record.actor.get(key, "") for record in entries for key in ("id", "for")} - {""}
    query = select(PERSON.c.id, PERSON.c.name).where(PERSON.c.id.in_(sorted(ids)))
    names = {row.id: row.name for row in conn.execute(query)}
    return [_told(words, record, names) for record in entries]


def _told(words: Words, record: Record, names: Mapping[str, str]) -> Told:
    failed = record.verb in FAILED
    return Told(
        record,
        _who(words, record.actor, names),
        spoken.verb(words, record.verb, record.details),
        _TONES.get(record.verb, spoken.tone(record.verb)),
        tuple(_details(words, record)),
        words.say("失敗") if failed else words.say("成功"),
    )


def _who(words: Words, actor: Mapping[str, str], names: Mapping[str, str]) -> str:
    kind, id = spoken.actor(words, actor["kind"]), actor.get("id", "")
    if actor["kind"] == "person":
        return names.get(id, id) or kind
    if behalf := actor.get("for", ""):
        name = names.get(behalf, behalf)
        return words.say("%(who)s（%(name)sさんの依頼）", who=f"{kind} {id}".strip(), name=name)
    return f"{kind} {id}".strip()


def _details(words: Words, record: Record) -> Iterator[tuple[str, str]]:
    if record.policy is not None:
        yield words.say("ルールの版"), str(record.policy)
    if record.details is None:
        yield words.say("詳細"), words.say("保存期間を過ぎたため廃棄済み")
    for key, label in LABELS.items():
        value = (record.details or {}).get(key)
        if value not in (None, "", [], {}, False):
            yield words.say(label), _value(words, key, value)


def _value(words: Words, key: str, value: Any) -> str:
    if key == "seen":
        return str(value)[:SHORT]
    if key == "list" and value in LISTS:
        return words.say(LISTS[value])
    if key in SIZES and isinstance(value, int):
        return size(value, words)
    if key == "until":
        return moment(datetime.fromisoformat(str(value)), words.language)
    if key == "findings":
        value = {_finding(words, name): f"{number:,}" for name, number in value.items()}
    if isinstance(value, dict):
        pairs = (f"{name} {_coded(words, each)}" for name, each in value.items())
        return words.say("、").join(pairs)
    if isinstance(value, list):
        return words.say("、").join(map(str, value))
    return words.say("はい") if value is True else _coded(words, value)


def _coded(words: Words, value: Any) -> str:
    return words.say(CODES[value]) if value in CODES else str(value)


def _finding(words: Words, name: str) -> str:
    """Of "jp.individual_number:high"."""
    kind, _, level = name.rpartition(":")
    about = spoken.confidence(words, Confidence(level))
    return words.say("%(what)s（%(about)s）", what=spoken.kind(words, kind), about=about)
