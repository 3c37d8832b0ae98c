"""The story, played without a human: held, confirmed, approved, sealed, fetched with a code,
recalled, erased, verified. Over real SMTP and real HTTP; each step says what it saw.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import smtplib
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlencode

from admin_ui.demo import office
from admin_ui.demo.browser import Browser, Page
from admin_ui.demo.house import Ports
from admin_ui.demo.mailbox import Arrived, Mailbox
from gateway.memory.ledger.append import lines
from gateway.memory.ledger.verify import verify
from gateway.memory.opening import Memory

HANAKO, ICHIRO, AUDITOR = office.PEOPLE[0], office.PEOPLE[1], office.PEOPLE[4]
PARTNER = f"佐藤 次郎 <{office.PARTNER}>"


class Failed(Exception):
    pass


@dataclass
class Story:
    memory: Memory
    ports: Ports
    box: Mailbox
    loop: asyncio.AbstractEventLoop
    numbers: list[str] = field(default_factory=list)
    """every My Number that was sent; none may be seen again anywhere"""

    # -- the steps

    def plain_mail_passes(self) -> str:
        began = time.monotonic()
        sent = self.send("お打ち合わせの日程について", "来週の件、よろしくお願いいたします。")
        got = self.arrived(office.PARTNER, "お打ち合わせ")
        check(got.raw.endswith(sent), "it left byte for byte, behind what relays add")
        added = got.raw[: -len(sent)]
        check(added.count(b"(Sekisho)") == 1, "one Received line of ours and no more")
        return f"{(time.monotonic() - began) * 1000:.0f} ms"

    def order_numbers_pass(self) -> str:
        rows = [["注文番号"], *[[f"2026101600{i:02}"] for i in range(50)]]
        self.send("注文番号一覧", "一覧です。", ("注文一覧.xlsx", office.workbook({"注文": rows})))
        self.arrived(office.PARTNER, "注文番号一覧")
        return "50 order numbers of 12 digits, not held"

    def hidden_sheet_is_held(self) -> str:
        book = office.payroll(36, seed=4)
        self.numbers += office.numbers(36, 4)
        self.file = book
        self.send(
            "11月分 扶養控除等申告書の送付について",
            "今月分の資料をお送りいたします。",
            ("扶養控除申告_2026.zip", office.zipped("扶養控除申告_2026.xlsx", book)),
        )
        notice = self.arrived(HANAKO.email, "送信保留")
        check("36件" in notice.text, "the notice says how many")
        self.clean(notice.text)
        check(self.box.find(office.PARTNER, "扶養控除") is None, "nothing went outside")
        self.sender = Browser()
        self.page = self.sender.get(link(notice, "/confirm/"))
        check(self.page.status == 200 and "/confirm/" in self.page.url, "the link opens the page")
        check("内訳" in self.page.text and "C5:C40" in self.page.text, "it names sheet and cells")
        self.clean(self.page.text)
        return "held; notice and page name 内訳（非表示） › C5:C40, no digit in either"

    def sender_confirms(self) -> str:
        refused = self.page.press("確認して承認を依頼する", tick=False)
        check(refused.status == 422, "nothing ticked: the server refuses")
        page = self.page.press("確認して承認を依頼する")
        check(page.status == 200, "every box ticked: accepted")
        return "refused unticked, accepted ticked one by one"

    def approver_decides(self) -> str:
        request = self.arrived(ICHIRO.email, "承認依頼")
        self.clean(request.text)
        approver = self.signed_in(ICHIRO)
        page = approver.get(link(request, "/holds/"))
        check(page.status == 200 and "個人番号" in page.text, "the approver sees structure")
        self.clean(page.text)
        own = self.signed_in(HANAKO).get(page.url)
        check("承認する" not in own.text, "the sender cannot approve")
        done = page.press("承認する")
        check(done.status == 200, "approved")
        return "approved by 鈴木 一郎 on masks alone; the sender was offered no approval"

    def recipient_fetches(self) -> str:
        mail = self.arrived(office.PARTNER, "扶養控除")
        check(b"PK\x03\x04" not in mail.raw and not mail.attachments, "no attachment left with it")
        self.clean(mail.text)
        url = link(mail, "/d/")
        for _ in range(20):
            Browser(agent="Mozilla/5.0 (compatible; LinkScanner/1.0)").get(url)
        recipient = Browser()
        page = recipient.get(url)
        check("扶養控除申告" not in page.text, "no file name before the proof")
        before = self.box.count
        page = page.press("認証コードを送る")
        code = re.search(r"\b\d{6}\b", self.arrived(office.PARTNER, "", before).text)
        check(code is not None, "a code came by mail")
        assert code is not None
        word = self.told_word()
        wrong = f"{(int(code[0]) + 1) % 10**6:06}"
        page = page.press("確認してファイルを表示する", code=wrong, word=word)
        check("回入力できます" in page.text, "a wrong code is counted")
        page = page.press("確認してファイルを表示する", code=code[0], word=word)
        check("扶養控除申告_2026.zip" in page.text, "the proof shows the file")
        got = page.press("ダウンロード")
        inside = zipfile.ZipFile(BytesIO(got.content))
        data = inside.read(inside.namelist()[0])
        check(data == self.file, "what was fetched is what was sent")
        digest = hashlib.sha256(got.content).hexdigest()
        return f"20 scanner visits changed nothing; SHA-256 {digest[:12]}…"

    def recall_before_download(self) -> str:
        self.numbers += office.numbers(3, 14)
        self.send("【再送】訂正分", "訂正分です。", ("訂正.xlsx", office.payroll(3, seed=14)))
        notice = self.arrived(HANAKO.email, "訂正分")
        Browser().get(link(notice, "/confirm/")).press("確認した内容で送信する")
        mail = self.arrived(office.PARTNER, "訂正分")
        hanako = self.signed_in(HANAKO)
        page = hanako.get(f"{self.ports.url('web')}/transfers/{pickup(mail)}")
        page = page.follow("回収する")
        check("閲覧前回収証明" in page.text, "nobody has seen it yet")
        page = page.press("回収する", reason="宛先の確認のため")
        outside = Browser().get(link(mail, "/d/"))
        check("公開は終了しました" in outside.text, "the recipient is told that it is closed")
        proof = page.follow("回収の証明書")
        check("閲覧なし" in proof.text, "the certificate says that nobody has seen it")
        return f"{pickup(mail)} closed and erased at once, its key destroyed"

    def body_number_leaves_as_whole(self) -> str:
        number = office.numbers(1, 30)[0]
        self.numbers.append(number)
        self.send("資格取得届の件", f"入社者のマイナンバーは {number} です。")
        notice = self.arrived(HANAKO.email, "資格取得届")
        page = Browser().get(link(notice, "/confirm/"))
        page.press("受け取りページで渡す")
        mail = self.arrived(office.PARTNER, "")
        self.clean(mail.raw.decode("utf-8", "replace"))
        check("入社者" not in mail.text, "nothing of the body went outside")
        return "the whole mail is in the parcel; outside went a cover letter"

    def auditor_finds_it_all(self) -> str:
        auditor, web = self.signed_in(AUDITOR), self.ports.url("web")
        by_person = auditor.get(f"{web}/audit?{urlencode({'person': HANAKO.name})}")
        check("確認" in by_person.text, "found by person")
        by_file = auditor.get(f"{web}/audit?{urlencode({'file': '扶養控除申告_2026.zip'})}")
        road = by_file.follow("扶養控除等申告書")
        seen = all(word in road.text for word in ("承認", ICHIRO.name, "ダウンロード"))
        check(seen, "one click further: who allowed it and who fetched it")
        export = auditor.get(f"{web}/audit.csv?encoding=cp932")
        rows = export.content.decode("cp932").splitlines()
        check(rows[0].startswith("日時,ログインID,対象,操作"), "CSV for Excel, in CP932")
        self.clean(by_person.text + road.text + "".join(rows))
        return f"by person, by file, by mail; {len(rows) - 1} rows as CSV in CP932"

    def ledger_is_whole(self) -> str:
        with self.memory.store.read() as session:
            found = list(lines(session.connection()))
        outcome = verify(found, self.memory.ledger.checkpoints(), self.memory.ledger.public)
        check(outcome.whole, f"entry {outcome.bad_seq} is bad: {outcome.reason}")
        for line in found:
            self.clean(line.entry.decode() + (line.details or ""))
        return f"{outcome.entries} entries, {outcome.checkpoints} signed checkpoints"

    # -- what the steps do

    def send(self, subject: str, body: str, *attachments: tuple[str, bytes]) -> bytes:
        data = office.compose(
            HANAKO, [PARTNER], subject, f"佐藤 様\n\n{body}\n", datetime.now(UTC), attachments
        )
        self.before = self.box.count
        with smtplib.SMTP("127.0.0.1", self.ports.relay, timeout=30) as client:
            client.sendmail(HANAKO.email, [office.PARTNER], data)
        return data

    def arrived(self, to: str, subject: str, after: int | None = None) -> Arrived:
        since = self.before if after is None else after
        waiting = self.box.wait_for(to, subject, since)
        return asyncio.run_coroutine_threadsafe(waiting, self.loop).result(40)

    def signed_in(self, member: office.Member) -> Browser:
        browser = Browser()
        browser.post(f"{self.ports.url('web')}/play/{member.id}", [])
        return browser

    def told_word(self) -> str:
        """What the sender would tell by telephone: it stands on the confirm page afterwards."""
        for _ in range(50):
            page: Page = self.sender.get(self.page.url)
            if found := re.search(r"合言葉\D{0,40}(\d{6})", page.text):
                check("送信しました" in page.text, "and the page says that it was sent")
                return found[1]
            time.sleep(0.2)
        raise Failed("no told word on the sender's page")

    def clean(self, text: str) -> None:
        digits = re.sub(r"[\s\-‐－ー.]", "", text)
        for number in self.numbers:
            check(number not in digits, "a number stands where none may")


STEPS: tuple[tuple[str, Callable[[Story], str]], ...] = (
    ("番号のないメールはそのまま届く", Story.plain_mail_passes),
    ("注文番号は止まらない", Story.order_numbers_pass),
    ("非表示シートの個人番号で保留される", Story.hidden_sheet_is_held),
    ("送信者が1件ずつ確認する", Story.sender_confirms),
    ("第三者が番号を見ずに承認する", Story.approver_decides),
    ("受取人が認証コードで受け取る", Story.recipient_fetches),
    ("ダウンロード前に回収し、消去する", Story.recall_before_download),
    ("本文の番号は本文ごと渡す", Story.body_number_leaves_as_whole),
    ("監査者が人・ファイル・メールから調べる", Story.auditor_finds_it_all),
    ("記録を検証する", Story.ledger_is_whole),
)


def tell(memory: Memory, ports: Ports, box: Mailbox, loop: asyncio.AbstractEventLoop) -> int:
    """Plays all steps; 0 when all went well, 1 at the first that did not."""
    story = Story(memory, ports, box, loop)
    for number, (title, step) in enumerate(STEPS, 1):
        try:
            seen = step(story)
        except Exception as error:
            print(f"{number}. {title} … NG  {type(error).__name__}: {error}", flush=True)
            return 1
        print(f"{number}. {title} … OK  {seen}", flush=True)
    return 0


def check(held: bool, what: str) -> None:
    if not held:
        raise Failed(f"not so: {what}")


def link(mail: Arrived, path: str) -> str:
    found = re.search(rf"https?://\S*{path}[\w-]+", mail.text)
    if found is None:
        raise Failed(f"no link {path} in the mail")
    return found[0]


def pickup(mail: Arrived) -> str:
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", mail.text)
    if found is None:
        raise Failed("no pick-up number in the mail")
    return found[0]
