"""What is done to mails that nobody holds, and what their sender reads of it; by the rules of
`test_what_follows`."""

from __future__ import annotations

from tests.e2e.incidents import Incident

SATO, SUZUKI, KATO = "sato@sr-office.example", "suzuki@partner.example", "kato@third.example"
TREATED = (
    Incident(
        "outside addresses in Bcc",
        "社外の宛先をBccに変えて送ります。宛先どうしは、お互いに見えません。\n　・Toには、宛先を"
        "載せません（undisclosed-recipients と表示されます）。",
        "Outside addresses are put into Bcc. The recipients do not see each other.\n  - To names"
        " nobody (it shows as undisclosed-recipients).",
        to=[SATO, SUZUKI],
        subject="【Bcc】{sender}",
    ),
    Incident(
        "a colleague stays in To",
        "Toには、社内の宛先だけが残ります。",
        "To keeps the recipients inside alone.",
        to=[SATO, SUZUKI, "yamamoto@example.co.jp"],
        subject="【Bcc】社内 {sender}",
    ),
    Incident(
        "one copy each",
        "社外の宛先には1通ずつ送ります。ほかの宛先は、受け取る方には見えません。",
        "Each outside recipient gets a mail of their own and does not see the others.",
        to=[SATO, SUZUKI, "yamamoto@example.co.jp"],
        subject="【個別】{sender}",
    ),
    Incident(
        "a copy for the superior and for the archive",
        "boss@example.co.jp をCcに加え、写しを送ります。\n　・log@example.co.jp にも、Bccで写しを",
        "boss@example.co.jp is added to Cc and gets a copy.\n  - log@example.co.jp gets a copy too",
        to=SUZUKI,
        subject="上長 {sender}",
        files=[("a.txt", b"a")],
    ),
    Incident(
        "one is left out",
        "下の社外宛先を除外しました（送信ルール）。この宛先には送信していません。\n"
        "ほかの社外宛先（1件）は除外していません。",
        "left out of this mail by the sending rules. Nothing was sent to them.\n"
        "The other 1 recipient(s) outside are not left out.",
        to=[SATO, "x@left-out.example"],
        subject="除外 {sender}",
        state="refused",
    ),
    Incident(
        "all are left out",
        "除外されない社外宛先が1件もないため、社外へは送信しません。",
        "Every recipient outside is left out, so nothing is sent outside.",
        to=["x@left-out.example", "y@left-out.example"],
        state="refused",
    ),
)
