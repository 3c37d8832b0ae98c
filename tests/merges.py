"""Mail merges: many mails of one sender that differ in what a merge fills in."""

from __future__ import annotations

from gateway.judgement import policies
from gateway.memory.states import SYSTEM
from tests import samples


def invoice(
    number: int,
    *,
    to: str = "",
    subject: str = "",
    files: list[tuple[str, bytes]] | None = None,
    body: str = "",
    sender: str = "alice@example.co.jp",
) -> tuple[bytes, list[str]]:
    """The mail and its envelope: held, since it says 社外秘."""
    to = to or f"keiri@company{number}.example"
    subject = subject or f"11月分ご請求書の送付（会社{chr(0x4E00 + number)} 御中）"
    text = f"請求書 第{number}号".encode()
    files = [(f"請求書_{number}.txt", text)] if files is None else files
    body = body or "社外秘\n\nいつもお世話になっております。請求書をお送りします。"
    return samples.message(subject, body, files, sender=sender, to=[to]), [to]


def invoices(office, count: int, clock) -> list[str]:
    """As a program sends them: several a second."""
    ids = []
    for number in range(1, count + 1):
        clock.forward(seconds=0.3)
        ids.append(office.arrive(*invoice(number)))
    return ids


def counting(office, least: int = 1) -> None:
    """The shipped policy, whose rules about volume hold from so many recipients an hour on."""
    rules, *_ = policies.default_text().split("[[test]]")
    counted = rules.replace('sent_last_hour = "201.."', f'sent_last_hour = "{least}.."')
    assert counted != rules
    policies.publish(office.memory.store, counted, "test", SYSTEM)
