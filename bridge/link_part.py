"""The leaflet of a parcel: where the files are, until when, and how they are picked up."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields
from datetime import datetime

from bridge import leaflet
from bridge.head import Words
from bridge.leaflet import Leaflet
from gateway.face.dates import clock, day, local
from gateway.face.figures import size
from gateway.face.i18n import Language, words_in

_URL = re.compile(r"https?://[!#-;=?-~]+")


@dataclass(frozen=True, slots=True)
class LinkNotice:
    """What one recipient outside is told about one parcel.

    Raises ValueError when a field could break out of its line (control characters, line and
    paragraph separators) or when the times or the address of the page are not usable.
    """

    url: str
    host: str
    """Host name of the page, for those who type it: "files.example.co.jp"."""
    pickup: str
    """"7K4M-92QX-3TRB"."""
    closes_at: datetime
    downloads: int
    files: int
    """Attachments that are handed over by the page; may be 0 where `whole`."""
    octets: int
    address: str
    """The recipient's own address, masked: "s****@sr-office.example.jp"."""
    company: str
    sender: str
    """"総務課 山田 花子"."""
    told_word: bool = False
    whole: bool = False
    """The text of the mail is in the parcel too."""

    def __post_init__(self) -> None:
        if self.closes_at.tzinfo is None:
            raise ValueError("closes_at has no time zone")
        if not _URL.fullmatch(self.url):
            raise ValueError("url is not a plain http(s) address")
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            if isinstance(value, str) and any(
                unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in value
            ):
                raise ValueError(f"{name} holds a control character or a line break")


def words(notice: LinkNotice) -> Words:
    return Words(text(notice), html(notice))


def text(notice: LinkNotice, lang: Language = "ja") -> str:
    """Plain text, `lang` first."""
    return leaflet.text(_both(notice, lang))


def html(notice: LinkNotice, lang: Language = "ja") -> str:
    return leaflet.html(_both(notice, lang), notice.url)


def _both(notice: LinkNotice, lang: Language) -> tuple[Leaflet, Leaflet]:
    ja, en = _japanese(notice), _english(notice)
    return (ja, en) if lang == "ja" else (en, ja)


def _japanese(notice: LinkNotice) -> Leaflet:
    amount = size(notice.octets, words_in("ja"))
    what = {
        (False, True): f"添付ファイル（{notice.files}件・{amount}）",
        (True, True): f"本文と添付ファイル（{notice.files}件・{amount}）",
        (True, False): f"本文（{amount}）",
    }[notice.whole, notice.files > 0 or not notice.whole]
    word = "送信者からお電話でお伝えする6桁の合言葉も入力してください。" if notice.told_word else ""
    title = "メール" if notice.whole else "添付ファイル"
    return Leaflet(
        title=f"【{title}のお受け取りについて】",
        lead=f"このメールの{what}は、誤送信と情報漏えいを防ぐため、"
        "当社の受け取りページでお渡しします。",
        rows=(
            ("受け取りページ　", notice.url),
            ("期限　　　　　　", f"{_until(notice, 'ja')}まで（{notice.downloads}回まで）"),
        ),
        steps=(
            "ページを開き、「認証コードを送る」を押してください。",
            f"このメールの宛先（{notice.address}）に届く6桁のコードを入力してください。{word}",
            "ファイル名をご確認のうえ、ダウンロードしてください。",
        ),
        notes=(
            "・会員登録やパスワードの入力、お客様情報の入力をお願いすることはありません。",
            f"・リンクを開けない場合は、ブラウザーで {notice.host} を開き、"
            f"受取番号 {notice.pickup} を入力してください。",
            "・コードが届くまで、数分から30分ほどかかることがあります。",
            "・ご不審な点があれば、開く前に、お手元の名刺などに記載の番号で"
            "送信者へご確認ください。",
        ),
        signed=f"{notice.company}（送信者：{notice.sender}）",
    )


def _english(notice: LinkNotice) -> Leaflet:
    amount = size(notice.octets, words_in("en"))
    files = f"{notice.files} file{'' if notice.files == 1 else 's'}, {amount}"
    what = {
        (False, True): f"The attachments of this mail ({files}) are",
        (True, True): f"The text and attachments of this mail ({files}) are",
        (True, False): f"The text of this mail ({amount}) is",
    }[notice.whole, notice.files > 0 or not notice.whole]
    word = " Also enter the 6-digit word that the sender tells you by phone."
    return Leaflet(
        title="[How to receive this mail]" if notice.whole else "[How to receive the attachments]",
        lead=f"{what} handed over on our pick-up page, to guard against misdelivery and leaks.",
        rows=(
            ("Page:       ", notice.url),
            (
                "Open until: ",
                f"{_until(notice, 'en')} (Japan time; up to {notice.downloads} downloads)",
            ),
        ),
        steps=(
            'Open the page and press "Send the code".',
            f"Enter the 6-digit code that arrives at {notice.address}."
            f"{word if notice.told_word else ''}",
            "Check the file names and download.",
        ),
        notes=(
            "* We never ask you to register, or for a password or personal data.",
            f"* If the link does not open, go to {notice.host} and type {notice.pickup}.",
            "* The code may take from a few minutes to half an hour.",
            "* In doubt, call the sender first, at a number you already have.",
        ),
        signed=f"{notice.company} (sender: {notice.sender})",
    )


def _until(notice: LinkNotice, lang: Language) -> str:
    at = notice.closes_at
    shown = day(at, lang, today=local(at).date())  # a link lives for weeks: no year
    return f"{shown} {clock(at)}"
