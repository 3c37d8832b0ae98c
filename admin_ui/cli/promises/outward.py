"""Promises to servers outside: that we find them, and that they can tell that a mail is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

from admin_ui.cli.promises import Broken, Promise, Site
from gateway.face.dates import local
from gateway.mail import dkim
from gateway.mail.names import Names, Unanswered
from gateway.memory.config import Config, DkimSection


def promises(config: Config) -> Iterator[Promise]:
    hops = (config.delivery, *config.route)
    if any(hop.next_hop == "mx" or "dane" in hop.tls for hop in hops):
        yield Promise("名前の解決", "name resolution", names)
    for section in config.dkim:
        where = f"{section.selector}._domainkey.{section.domain}"
        yield Promise(f"送信元の署名 {where}", f"DKIM key {where}", _Signature(section))


def names(site: Site) -> str:
    """The root is signed: a resolver that validates says so."""
    config = site.config
    try:
        answer = asyncio.run(Names(config.dns.server).ask(".", "NS"))
    except Unanswered as error:
        raise Broken(f"DNSが答えません: {error}", f"DNS does not answer: {error}") from None
    if answer.secure:
        return site.voice("DNSSECを検証しています", "validates DNSSEC")
    if any("dane" in hop.tls for hop in (config.delivery, *config.route)):
        raise Broken(
            f'{config.dns.server} はDNSSECを検証しません（tls = "dane" に必要です）',
            f'{config.dns.server} does not validate DNSSEC (tls = "dane" wants it)',
        )
    return site.voice("答えます（DNSSECは検証しません）", "answers (DNSSEC is not validated)")


class _Signature:
    """The key can sign, and DNS holds its other half: else every mail looks forged."""

    def __init__(self, section: DkimSection) -> None:
        self._section = section

    def __call__(self, site: Site) -> str:
        key = dkim.read(self._section)
        try:
            found = asyncio.run(Names(site.config.dns.server).ask(key.name, "TXT")).found
        except Unanswered as error:
            raise Broken(f"DNSが答えません: {error}", f"DNS does not answer: {error}") from None
        texts = [b"".join(record.strings).decode("ascii", "replace") for record in found]
        if any(_public(text) == _public(key.record) for text in texts):
            return site.voice("DNSの公開鍵と一致", "is the key in DNS")
        if key.since > local(datetime.now(UTC)).date().isoformat():
            return site.voice(
                f"{key.since} から。DNSにはまだありません: {key.record}",
                f"from {key.since} on; not yet in DNS: {key.record}",
            )
        raise Broken(
            f"DNSの {key.name} に TXT がないか違います: {key.record}",
            f"TXT {key.name} is missing or another in DNS: {key.record}",
        )


def _public(record: str) -> str:
    tags = dict(tag.strip().partition("=")[::2] for tag in record.split(";"))
    return "".join(tags.get("p", "").split())
