"""The words that stand in the place of what was taken out of a mail.

Both languages always stand in the one part, because nobody knows which of them the person outside
reads; so these are whole texts here and not catalogue entries.
"""

from __future__ import annotations

import html as markup
import re
import unicodedata
from dataclasses import dataclass, fields
from datetime import datetime

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


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    lead: str
    rows: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    signed: str


def text(notice: LinkNotice, lang: Language = "ja") -> str:
    """Plain text, lines ended by "\\n", `lang` first; none begins with "--", as boundaries do."""
    return "\n".join(_plain(words) for words in _both(notice, lang))


def html(notice: LinkNotice, lang: Language = "ja") -> str:
    """The same as one `<div>`, ASCII only, so that it fits a document of any charset."""
    inner = "\n<hr>\n".join(_marked(words, notice.url) for words in _both(notice, lang))
    style = "border:1px solid #888;padding:0 1em;margin:0 0 1.5em"
    shown = f'<div style="{style}">\n{inner}\n</div>'
    return shown.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _both(notice: LinkNotice, lang: Language) -> tuple[_Words, _Words]:
    ja, en = _japanese(notice), _english(notice)
    return (ja, en) if lang == "ja" else (en, ja)


def _japanese(notice: LinkNotice) -> _Words:
    amount = size(notice.octets, words_in("ja"))
    what = {
        (False, True): f"添付ファイル（{notice.files}件・{amount}）",
        (True, True): f"本文と添付ファイル（{notice.files}件・{amount}）",
        (True, False): f"本文（{amount}）",
    }[notice.whole, notice.files > 0 or not notice.whole]
    word = "送信者からお電話でお伝えする6桁の合言葉も入力してください。" if notice.told_word else ""
    title = "メール" if notice.whole else "添付ファイル"
    return _Words(
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


def _english(notice: LinkNotice) -> _Words:
    amount = size(notice.octets, words_in("en"))
    files = f"{notice.files} file{'' if notice.files == 1 else 's'}, {amount}"
    what = {
        (False, True): f"The attachments of this mail ({files}) are",
        (True, True): f"The text and attachments of this mail ({files}) are",
        (True, False): f"The text of this mail ({amount}) is",
    }[notice.whole, notice.files > 0 or not notice.whole]
    word = " Also enter the 6-digit word that the sender tells you by phone."
    return _Words(
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


def _plain(words: _Words) -> str:
    lines = [words.title, words.lead]
    lines += [f"　{label}{value}" for label, value in words.rows]
    lines += [f"{n}. {step}" for n, step in enumerate(words.steps, 1)]
    lines += [*words.notes, "　" * 18 + words.signed]
    return "".join(line + "\n" for line in lines)


def _marked(words: _Words, url: str) -> str:
    def shown(value: str) -> str:
        safe = markup.escape(value)
        return f'<a href="{safe}">{safe}</a>' if value == url else safe

    rows = "<br>\n".join(f"{shown(label)}{shown(value)}" for label, value in words.rows)
    steps = "\n".join(f"<li>{shown(step)}</li>" for step in words.steps)
    notes = "<br>\n".join(shown(note) for note in words.notes)
    return (
        f"<p><b>{shown(words.title)}</b><br>\n{shown(words.lead)}</p>\n<p>{rows}</p>\n"
        f"<ol>\n{steps}\n</ol>\n<p>{notes}</p>\n<p>{shown(words.signed)}</p>"
    )
