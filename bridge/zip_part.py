"""What a recipient gets in the place of the attachments that an encrypted ZIP took in: the ZIP as
a part of the mail, and the leaflet that says how it is opened. The password is in neither."""

from __future__ import annotations

from dataclasses import dataclass

from bridge import leaflet
from bridge.fields import field_line, parameter
from bridge.head import Words
from bridge.inlay import base64_lines
from bridge.leaflet import Leaflet
from gateway.face.figures import size
from gateway.face.i18n import words_in


@dataclass(frozen=True, slots=True)
class ZipNotice:
    name: str
    """of the ZIP: it says nothing of what is in it"""
    files: int
    octets: int
    company: str
    sender: str
    """総務課 山田 花子"""


def name_of(consignment: str) -> str:
    """
    >>> name_of("7Q3F-K2MD")
    'attachments-7Q3F-K2MD.zip'
    """
    return f"attachments-{consignment}.zip"


def part(name: str, data: bytes) -> bytes:
    """Header and body of the part, ended by CRLF."""
    kind = b"application/zip" + parameter("name", name)
    return b"".join(
        (
            field_line("Content-Type", kind),
            field_line("Content-Transfer-Encoding", b"base64"),
            field_line("Content-Disposition", b"attachment" + parameter("filename", name)),
            b"\r\n",
            base64_lines(data),
        )
    )


def words(notice: ZipNotice) -> Words:
    both = (_japanese(notice), _english(notice))
    return Words(leaflet.text(both), leaflet.html(both))


def _japanese(notice: ZipNotice) -> Leaflet:
    amount = f"{notice.files}件・{size(notice.octets, words_in('ja'))}"
    return Leaflet(
        title="【添付ファイルの開き方について】",
        lead=f"このメールの添付ファイル（{amount}）は、暗号化ZIP（AES-256）にまとめています。",
        rows=(("ファイル名　", notice.name),),
        steps=(
            "パスワードは、送信者からお電話など、メール以外の方法でお伝えします。",
            "7-Zipなど、AES-256の暗号化ZIPに対応したソフトウェアで開いてください。"
            "Windowsのエクスプローラー（「すべて展開」）では開けません。",
        ),
        notes=(
            "・パスワードをメールでお送りすることはありません。",
            "・ご不審な点があれば、開く前に、お手元の名刺などに記載の番号で"
            "送信者へご確認ください。",
        ),
        signed=f"{notice.company}（送信者：{notice.sender}）",
    )


def _english(notice: ZipNotice) -> Leaflet:
    files = f"{notice.files} file{'' if notice.files == 1 else 's'}"
    amount = f"{files}, {size(notice.octets, words_in('en'))}"
    return Leaflet(
        title="[How to open the attachments]",
        lead=f"The attachments of this mail ({amount}) are in one encrypted ZIP (AES-256).",
        rows=(("File: ", notice.name),),
        steps=(
            "The sender tells you the password by telephone or another way, not by mail.",
            "Open the ZIP with 7-Zip or another program for AES-256. Windows Explorer"
            ' ("Extract all") cannot open it.',
        ),
        notes=(
            "* We never send the password by mail.",
            "* In doubt, call the sender first, at a number you already have.",
        ),
        signed=f"{notice.company} (sender: {notice.sender})",
    )
