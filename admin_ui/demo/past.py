"""What the demo's company did before today: to whom it writes, and which rules are in force.

The past is told as an administrator tells it on the first day: a list of sent mail, fed by what
`sekisho acquaintance import` runs. Nothing else is told: every figure that the pages show is of
mail that has really gone through.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from admin_ui.demo.office import (
    DOMAIN,
    PARTNER,
    PEOPLE,
    Member,
    Sample,
    addresses,
    compose,
    workbook,
)
from gateway.judgement import policies
from gateway.judgement.acquaintance.feed import Feed, take_in
from gateway.judgement.acquaintance.learner import known
from gateway.judgement.checkpoint import keyed
from gateway.judgement.policy.start import enforced
from gateway.memory.opening import Memory
from gateway.memory.states import Actor

DEMO = Actor("operator", "demo")
FILE = "送信履歴.csv"
DAYS = 84
IN_FORCE = ("usual-elsewhere", "group-outlier")
WHY = "体験のため、宛先の取り違えのルールを試行から適用に変更"
_SHOWN = """
[[test]]
name = "the demo: a namesake at another domain is confirmed"
[test.mail]
to = "sato@kotobuki.example"
facts = [{ name = "usual_elsewhere", reason = "same_surname", recipient = "sato@kotobuki.example" }]
[test.expect]
"sato@kotobuki.example" = { action = "confirm", rules = ["usual-elsewhere"] }

[[test]]
name = "the demo: who was never written to together with the others is confirmed"
[test.mail]
to = "kimura@print.example"
facts = [{ name = "group_outlier", reason = "never_together", recipient = "kimura@print.example" }]
[test.expect]
"kimura@print.example" = { action = "confirm", rules = ["group-outlier"] }
"""

HANAKO, ICHIRO, KEN, NAOMI = PEOPLE[:4]
SATO = f"佐藤 次郎 <{PARTNER}>"
NAMESAKE = "佐藤 恵 <sato@kotobuki.example>"
WATANABE = "渡辺 健太 <watanabe@minato-sekkei.example>"
KATO = "加藤 由美 <kato@minato-sekkei.example>"
SHIMIZU = "清水 大輔 <d.shimizu@aoba-koumuten.example>"
KIMURA = "木村 修 <kimura@hikari-print.example>"
KOBAYASHI = "小林 直子 <kobayashi@kenpo.example>"
YOSHIDA = "吉田 明 <yoshida@tsubaki-kaikei.example>"


@dataclass(frozen=True)
class Habit:
    """`sender` wrote to all of them together, so many times."""

    sender: Member
    to: tuple[str, ...]
    times: int


HABITS = (
    Habit(HANAKO, (SATO,), 24),
    Habit(HANAKO, (WATANABE, SHIMIZU), 14),
    Habit(HANAKO, (WATANABE, KATO, SHIMIZU), 8),
    Habit(HANAKO, (KIMURA,), 12),
    Habit(HANAKO, (KOBAYASHI,), 6),
    Habit(ICHIRO, (YOSHIDA,), 10),
    Habit(ICHIRO, (WATANABE,), 5),
    Habit(KEN, (KIMURA,), 7),
    Habit(NAOMI, (NAMESAKE,), 9),
    Habit(NAOMI, (SATO,), 11),
    Habit(NAOMI, (SATO, KOBAYASHI), 4),
)


def bring(memory: Memory, folder: Path) -> None:
    """Once: later, what was played and published since then holds."""
    with memory.store.read() as session:
        if known(session.connection()).ties:
            return
    now = memory.store.clock()
    file = folder / FILE
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([("日時", "差出人", "宛先"), *_sent(now)])
    feed = Feed(keyed(memory), frozenset({DOMAIN}), now)
    take_in(memory.store.write, feed, file, DEMO)
    text = enforced(IN_FORCE, [name.replace("-", "_") for name in IN_FORCE], _SHOWN)
    policies.publish(memory.store, text, "demo", DEMO, WHY, memory.config)


def _sent(now: datetime) -> Iterator[tuple[str, str, str]]:
    """Over twelve weeks, on working days, the oldest first."""
    rows = []
    for row, habit in enumerate(HABITS):
        for number in range(habit.times):
            at = now - timedelta(days=2 + number * DAYS // habit.times)
            at -= timedelta(days=max(at.weekday() - 4, 0))
            at = at.replace(hour=row % 8, minute=7 * number % 60)  # 9 to 16 o'clock in Japan
            rows.append((at.isoformat(timespec="seconds"), habit.sender.email, ";".join(habit.to)))
    yield from sorted(rows)


@dataclass(frozen=True)
class Note:
    """A mail of every day."""

    sender: Member
    to: tuple[str, ...]
    subject: str
    greeting: str
    body: str
    file: str = ""
    """a small workbook of that name goes with it"""


_TABLE = {"一覧": [["月", "部数"], ["10月", "1,200"], ["11月", "1,350"]]}
NOTES = (
    Note(
        HANAKO,
        (WATANABE, SHIMIZU),
        "定例会議のご案内",
        "渡辺様、清水様",
        "次回は木曜の10時からです。",
    ),
    Note(
        KEN, (KIMURA,), "社内報の部数について", "木村様", "部数の一覧をお送りします。", "部数.xlsx"
    ),
    Note(ICHIRO, (YOSHIDA,), "決算のお打ち合わせ", "吉田様", "来週のご都合をお聞かせください。"),
    Note(NAOMI, (SATO,), "ご質問への回答", "佐藤様", "お問い合わせの件、先ほど承りました。"),
    Note(HANAKO, (KIMURA,), "名刺の追加印刷", "木村様", "前回と同じ内容で100枚お願いします。"),
    Note(NAOMI, (NAMESAKE,), "お見積りのお礼", "佐藤様", "お見積りをありがとうございました。"),
    Note(ICHIRO, (WATANABE,), "図面の受領", "渡辺様", "図面を拝受しました。確認いたします。"),
    Note(HANAKO, (KOBAYASHI,), "健診の日程", "小林様", "日程の候補をお知らせください。"),
    Note(
        *(KEN, ("森 彩 <mori@kawasemi-design.example>",), "ご紹介のお礼", "森様"),
        *("先日のお打ち合わせの資料をお送りします。", "打ち合わせ資料.xlsx"),
    ),
    Note(
        NAOMI, (SATO, KOBAYASHI), "手続きの予定", "佐藤様、小林様", "今月の予定は先月と同じです。"
    ),
)


def morning(now: datetime) -> Iterator[Sample]:
    """What people write every day, sent before the samples: none of it is held."""
    for note in NOTES:
        body = f"{note.greeting}\n\nいつもお世話になっております。\n{note.body}\n\n"
        files = [(note.file, workbook(_TABLE))] if note.file else []
        family = note.sender.name.split()[0]
        data = compose(note.sender, note.to, note.subject, f"{body}{family}\n", now, files)
        yield Sample("", note.sender.email, tuple(addresses(note.to)), data)
