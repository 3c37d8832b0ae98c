"""The demo's company: its people, and mails as a Japanese office writes them.

Every My Number is made up here, from a random body and the check digit of the law; none is
anybody's, and none is written anywhere but into the sample mails.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

import xlsxwriter

from detectors.numbers.individual_number import calc_check_digit
from gateway.face.i18n import N_

DOMAIN = "example.co.jp"
PARTNER = "jiro.sato@sr-office.example.jp"
ALIKE = "jiro.sato@sr-ofice.example.jp"
COMPANY = "株式会社サンプル"
APPROVERS = "情報管理責任者"


@dataclass(frozen=True)
class Member:
    id: str
    name: str
    department: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    deputy: str = ""
    part: str = ""
    """what to do as this person, for the first page"""

    @property
    def email(self) -> str:
        return f"{self.id}@{DOMAIN}"


PEOPLE = (
    Member("hanako.yamada", "山田 花子", "総務課", part=N_("送信者：保留されたメールを確認します")),
    Member(
        "ichiro.suzuki",
        "鈴木 一郎",
        "総務部",
        ("approver",),
        (APPROVERS,),
        "ken.takahashi",
        N_("承認者：番号を見ずに、送ってよいかを判断します"),
    ),
    Member("ken.takahashi", "高橋 健", "総務部", ("approver",), part=N_("代理承認者")),
    Member("naomi.ito", "伊藤 直美", "総務部", ("approver",), (APPROVERS, "個人情報管理者")),
    Member(
        "makoto.sasaki",
        "佐々木 誠",
        "監査室",
        ("auditor",),
        part=N_("監査者：記録を調べ、検証します"),
    ),
    Member(
        "kanri",
        "管理 太郎",
        "情報システム課",
        ("system_admin", "policy_admin"),
        part=N_("管理者：送信ルール・利用者・稼働状況を見ます"),
    ),
)


def numbers(count: int, seed: int) -> list[str]:
    """`count` different valid numbers, the same for the same seed."""
    draw = random.Random(seed)
    bodies = [f"{draw.randrange(10**10, 10**11)}" for _ in range(count)]
    return [body + calc_check_digit(body) for body in bodies]


def workbook(sheets: Mapping[str, Sequence[Sequence[str]]], hidden: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == hidden:
                sheet.hide()
    return out.getvalue()


def payroll(count: int, seed: int) -> bytes:
    """The classic: a harmless list in front, the numbers in a hidden sheet, C5 and below."""
    names = [f"社員{i:02}" for i in range(1, count + 1)]
    front = [["社員番号", "氏名", "扶養親族の数"]]
    front += [[f"S{i:03}", name, str(i % 4)] for i, name in enumerate(names, 1)]
    back: list[list[str]] = [
        ["扶養控除等申告書 内訳"],
        [""],
        [""],
        ["社員番号", "氏名", "個人番号"],
    ]
    back += [
        [f"S{i:03}", name, number]
        for i, (name, number) in enumerate(zip(names, numbers(count, seed), strict=True), 1)
    ]
    return workbook({"一覧": front, "内訳": back}, hidden="内訳")


def zipped(name: str, data: bytes) -> bytes:
    """As Windows makes it in Japan: the member's name in CP932, no UTF-8 flag."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_OldName(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


class _OldName(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("cp932"), self.flag_bits


@dataclass(frozen=True)
class Sample:
    title: str
    """what it is to show"""
    sender: str
    to: tuple[str, ...]
    data: bytes


def compose(
    sender: Member,
    to: Sequence[str],
    subject: str,
    body: str,
    now: datetime,
    attachments: Sequence[tuple[str, bytes]] = (),
    cc: Sequence[str] = (),
    charset: str = "utf-8",
) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"{sender.name} <{sender.email}>"
    mail["To"] = ", ".join(to)
    if cc:
        mail["Cc"] = ", ".join(cc)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=DOMAIN)
    mail.set_content(body, charset=charset, cte="base64" if charset == "utf-8" else "7bit")
    for name, data in attachments:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def samples(now: datetime, seed: int = 1) -> list[Sample]:
    hanako = PEOPLE[0]
    partner = f"佐藤 次郎 <{PARTNER}>"
    orders = [["注文番号", "数量"], *[[number, "1"] for number in numbers(5, seed + 50)]]
    orders += [[f"2026101600{i:02}", "1"] for i in range(45)]

    def sample(
        title: str, to: Sequence[str], subject: str, body: str, *attachments: tuple[str, bytes]
    ) -> Sample:
        data = compose(hanako, to, subject, body, now, attachments)
        return Sample(title, hanako.email, tuple(addresses(to)), data)

    return [
        sample(
            N_("番号のないメールはそのまま届きます"),
            [partner],
            "お打ち合わせの日程について",
            "佐藤 様\n\nいつもお世話になっております。"
            "来週のお打ち合わせは11月25日（水）14時でお願いいたします。\n\n山田\n",
        ),
        sample(
            N_("ZIPの中のExcelの非表示シートに個人番号が36件：確認のあと承認が必要です"),
            [partner, PEOPLE[3].email],
            "11月分 扶養控除等申告書の送付について",
            "佐藤 様\n\nいつもお世話になっております。今月分の資料をお送りいたします。\n\n山田\n",
            ("扶養控除申告_2026.zip", zipped("扶養控除申告_2026.xlsx", payroll(36, seed))),
        ),
        sample(
            N_("個人番号が3件：ご本人の確認だけで、受け取りページから渡します"),
            [partner],
            "【再送】扶養控除等申告書の訂正について",
            "佐藤 様\n\n訂正分を3名お送りいたします。\n\n山田\n",
            ("扶養控除申告_訂正.xlsx", payroll(3, seed + 10)),
        ),
        sample(
            N_("本文に個人番号：本文ごと受け取りページで渡します"),
            [partner],
            "資格取得届の件",
            f"佐藤 様\n\n入社者のマイナンバーは {numbers(1, seed + 20)[0]} です。\n\n山田\n",
        ),
        sample(
            N_("パスワード付きZIP：検査できないため保留し、渡し方を案内します"),
            [partner],
            "資料送付（パスワードは別途お送りします）",
            "佐藤 様\n\nパスワード付きで資料をお送りします。\n\n山田\n",
            ("資料.zip", locked_zip()),
        ),
        sample(
            N_("注文番号の一覧：12桁でも、個人番号ではないので止まりません"),
            [partner],
            "注文番号一覧",
            "佐藤 様\n\n注文番号の一覧をお送りします。\n\n山田\n",
            ("注文一覧.xlsx", workbook({"注文": orders})),
        ),
        sample(
            N_("社労士事務所と1文字違いの宛先：個人番号と重なると、危ないものから順に示します"),
            [f"佐藤 次郎 <{ALIKE}>"],
            "12月分 扶養控除等申告書の送付について",
            "佐藤 様\n\nいつもお世話になっております。今月分の2名をお送りします。\n\n山田\n",
            ("扶養控除申告_12月.xlsx", payroll(2, seed + 30)),
        ),
        sample(
            N_("同じ名字の別の会社の人：アドレスの補完による取り違えに気づきます"),
            ["佐藤 恵 <sato@kotobuki.example>"],
            "社会保険の手続きについて",
            "佐藤 様\n\nお世話になっております。先日の件、よろしくお願いいたします。\n\n山田\n",
        ),
        sample(
            N_("いつもの顔ぶれに、一緒に送ったことのない人が1人"),
            [
                "渡辺 健太 <watanabe@minato-sekkei.example>",
                "清水 大輔 <d.shimizu@aoba-koumuten.example>",
                "木村 修 <kimura@hikari-print.example>",
            ],
            "新社屋の図面の件",
            "皆様\n\nお世話になっております。図面の修正点を次回の定例でご相談させてください。\n\n山田\n",
        ),
        sample(
            N_("「添付します」と書いて添付がない：3分間、送信を待ちます"),
            [partner],
            "扶養控除等申告書の記入例",
            "佐藤 様\n\nいつもお世話になっております。記入例を添付いたします。\n\n山田\n",
        ),
    ]


def locked_zip() -> bytes:
    """A ZIP whose member says that it is encrypted (flag bit 0); what it holds is random."""
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("資料.xlsx", random.Random(7).randbytes(2_000))
    data = bytearray(plain.getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def addresses(mailboxes: Sequence[str]) -> list[str]:
    """Of display names with their addresses."""
    return [box.rpartition("<")[2].rstrip(">") for box in mailboxes]
