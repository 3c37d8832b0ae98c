"""Mails that the bridge writes itself: to recipients outside, and to senders inside.

To outsiders both languages stand in one mail, as in the link part; nobody knows which they read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import RowMapping

from bridge import link_part, parcel
from bridge.link_part import LinkNotice
from bridge.parcel import Manifest
from gateway.face.dates import moment
from gateway.face.figures import masked_address
from gateway.judgement import people, tokens
from gateway.judgement.checkpoint import Checkpoint
from gateway.mail.outbox import Mail
from gateway.memory.config import Config
from gateway.memory.store import Tx

MAIL_FILES = 2
"""In a parcel of the form `whole`: the .eml and its readable page."""
_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def url(config: Config, token: str) -> str:
    return f"{config.bridge.url.rstrip('/')}/d/{token}"


def notice(
    config: Config,
    manifest: Manifest,
    *,
    id: str,
    token: str,
    closes_at: datetime,
    downloads: int,
    recipient: str,
    told_word: bool,
) -> LinkNotice:
    """What a recipient is told. Raises ValueError where a field cannot be shown."""
    whole = manifest.form == "whole"
    return LinkNotice(
        url=url(config, token),
        host=urlsplit(config.bridge.url).netloc,
        pickup=id,
        closes_at=closes_at,
        downloads=downloads,
        files=len(manifest.files) - (MAIL_FILES if whole else 0),
        octets=manifest.octets,
        address=_LINE.sub(" ", masked_address(recipient)),
        company=manifest.company,
        sender=_LINE.sub(" ", manifest.sender),
        told_word=told_word,
        whole=whole,
    )


# -- to the recipient


def code(tx: Tx, ck: Checkpoint, row: RowMapping, secret: str) -> str:
    """Returns the letter's id. The code stands in the text alone: subjects are kept as records."""
    company, minutes = ck.config.bridge.company, _minutes(ck.config)
    text = f"""認証コード：{secret}

ファイルの受け取りページ（受取番号 {row["id"]}）に、この6桁のコードを入力してください。
・コードは、このメールが届いてから{minutes}分間有効です。
・お心当たりがない場合は、このメールを破棄してください。何も起こりません。
・コードをほかの方に伝えないでください。当社からお尋ねすることもありません。
{company}

Your code: {secret}

Enter these 6 digits on the pick-up page (number {row["id"]}).
- The code is valid for {minutes} minutes after this mail has arrived.
- If you did not ask for it, please delete this mail. Nothing will happen.
- Do not tell the code to anybody. We never ask for it.
{company}
"""
    subject = f"【認証コード】ファイルのお受け取り（{company}） / Your pick-up code"
    return _outside(tx, ck, row, subject, text, "code")


def reissued(tx: Tx, ck: Checkpoint, id: str, manifest: Manifest, token: str) -> str:
    row = _row(tx, id)
    lead = (
        "ご依頼のファイルを、新しい受け取りページで再びお渡しします。以前のご案内のリンクは使えません。\n"
        "The files are handed over again, on a new page. The earlier link no longer works.\n\n"
    )
    subject = "【再発行】ファイルのお受け取りについて / New link for your files"
    return _outside(tx, ck, row, subject, lead + _link(ck, row, manifest, token), "link")


def reminder(tx: Tx, ck: Checkpoint, row: RowMapping, manifest: Manifest) -> str:
    last = row["created_at"] + parcel.LONGEST + (row["erase_at"] - row["closes_at"])
    token = tokens.issue(tx, parcel.TOKEN, row["id"], last, address=row["recipient"])
    until = {lang: moment(row["closes_at"], lang) for lang in ("ja", "en")}
    lead = (
        f"お受け取り期限（{until['ja']}）が近づいています。行き違いの場合はご容赦ください。\n"
        f"Your files can be picked up until {until['en']} (Japan time).\n\n"
    )
    subject = "【期限のお知らせ】ファイルのお受け取りについて / Reminder: your files"
    return _outside(tx, ck, row, subject, lead + _link(ck, row, manifest, token), "reminder")


def _link(ck: Checkpoint, row: RowMapping, manifest: Manifest, token: str) -> str:
    told = notice(
        ck.config,
        manifest,
        id=row["id"],
        token=token,
        closes_at=row["closes_at"],
        downloads=row["downloads"],
        recipient=row["recipient"],
        told_word=bool(row["word_hash"]),
    )
    return link_part.text(told)


def _outside(tx: Tx, ck: Checkpoint, row: RowMapping, subject: str, text: str, purpose: str) -> str:
    letter = ck.letters.row(tx.conn, row["letter_id"])
    return ck.outbox.post(
        tx,
        Mail(
            to=row["recipient"],
            subject=_LINE.sub(" ", subject),
            text=text,
            purpose=purpose,
            about=row["id"],
            in_reply_to=_LINE.sub("", letter["message_id"]),
            inside=False,
        ),
    )


# -- to the sender


def reissue_asked(tx: Tx, ck: Checkpoint, row: RowMapping) -> int:
    """Tell the sender, else the administrators. Returns how many were told."""
    told = {row["sender_id"]} - {""} or people.members(tx.conn, people.ADMINS, tx.now)
    return _to_ours(tx, ck, row, told, "reissue_asked", _ASKED, {})


def fetched(tx: Tx, ck: Checkpoint, row: RowMapping, name: str, access: RowMapping) -> int:
    """Tell the sender that a file was taken, by which address. `name` is masked already."""
    facts = {"file": name, "at": access["at"], "ip": access["ip"]}
    return _to_ours(tx, ck, row, {row["sender_id"]} - {""}, "fetched", _FETCHED, facts)


def _to_ours(
    tx: Tx,
    ck: Checkpoint,
    row: RowMapping,
    told: Collection[str],
    purpose: str,
    texts: Mapping[str, tuple[str, str]],
    facts: Mapping[str, Any],
) -> int:
    letter = ck.letters.row(tx.conn, row["letter_id"])
    for id in sorted(told):
        if (who := people.person(tx.conn, id)) is None:
            continue
        said = {
            "name": who["name"],
            "subject": letter["subject"],
            "recipient": row["recipient"],
            "url": f"{ck.config.web.url.rstrip('/')}/transfers/{row['id']}",
            **{k: moment(v, who["language"]) if k == "at" else v for k, v in facts.items()},
        }
        subject, text = texts[who["language"]]
        ck.outbox.post(
            tx,
            Mail(
                to=who["email"],
                to_name=who["name"],
                subject=_LINE.sub(" ", subject % said),
                text=text % said,
                purpose=purpose,
                about=row["id"],
                in_reply_to=_LINE.sub("", letter["message_id"]),
            ),
        )
    return len(told)


_FETCHED = {
    "ja": (
        "【ダウンロード通知】%(recipient)s：%(subject)s",
        """%(name)s 様

受取人がファイルを受け取りました。
　受取人　　%(recipient)s
　件名　　　%(subject)s
　ファイル　%(file)s
　日時　　　%(at)s
　接続元　　%(ip)s

お心当たりがない場合は、次の画面で公開を停止してください。
　%(url)s
""",
    ),
    "en": (
        "[Downloaded] %(recipient)s: %(subject)s",
        """Dear %(name)s,

the recipient has fetched a file.
  Recipient  %(recipient)s
  Subject    %(subject)s
  File       %(file)s
  Time       %(at)s
  From       %(ip)s

If this is not what you expect, stop the link on this page:
  %(url)s
""",
    ),
}


_ASKED = {
    "ja": (
        "【再発行の依頼】%(recipient)s：%(subject)s",
        """%(name)s 様

社外の受取人から、ファイルの再発行の依頼がありました。
　受取人　　%(recipient)s
　件名　　　%(subject)s

お渡しを続けてよい場合は、次の画面で「再発行する」を選んでください。
　%(url)s
・何もしなければ、再発行はされません。
""",
    ),
    "en": (
        "[Link asked for again] %(recipient)s: %(subject)s",
        """Dear %(name)s,

a recipient outside asks for a new link to the files you sent.
  Recipient  %(recipient)s
  Subject    %(subject)s

If they may still have them, choose "Issue again" on this page:
  %(url)s
- If you do nothing, no link is issued.
""",
    ),
}


def _row(tx: Tx, id: str) -> RowMapping:
    row = parcel.get(tx.conn, id)
    assert row is not None
    return row


def _minutes(config: Config) -> int:
    return int(config.bridge.code_valid.clock.total_seconds() // 60)
