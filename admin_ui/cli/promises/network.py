"""Promises of the network: ports, host names, next hops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from admin_ui.cli.promises import Broken, Promise, Site
from admin_ui.serve.sockets import listens
from gateway.face.i18n import LANGUAGES, words_in
from gateway.face.words import reply
from gateway.judgement import policies
from gateway.judgement.policy.load import load
from gateway.mail.probe import Unreachable, learn
from gateway.mail.route import Hop, fixed
from gateway.memory.config import Config
from gateway.memory.listening import opened
from gateway.memory.providers import shared

PATIENCE = 15.0
"""Seconds for one next hop."""
WANTED = ("8bitmime", "smtputf8", "dsn", "pipelining", "enhancedstatuscodes")


def ports(config: Config) -> Iterator[Promise]:
    names = {"core": "SMTP", "web": "web", "door": "bridge"}
    for role, name in names.items():
        for place in listens(config, role):
            yield Promise(f"ポート {name} {place}", f"port {name} {place}", partial(_free, place))


def _free(place: str, site: Site) -> str:
    if site.served:
        return site.voice("稼働中のSekishoが使用", "in use by Sekisho, which runs")
    with opened(place):
        return site.voice("使えます", "free")


def host_names(site: Site) -> str:
    """A cookie of the one must never reach the other."""
    inside = urlsplit(site.config.web.url).hostname
    outside = urlsplit(site.config.bridge.url).hostname
    if inside == outside:
        raise Broken(
            f"web.url と bridge.url が同じホスト名です（{inside}）",
            f"web.url and bridge.url have the same host name ({inside})",
        )
    return f"{inside}, {outside}"


def bridge(site: Site) -> str:
    """What a rule puts on the pick-up page must be possible to pick up."""
    file, url = site.config.policy.file, site.config.bridge.url
    text = file.read_text("utf-8") if file else policies.default_text()
    uses = [
        rule.name
        for rule in load(text, str(file or "default policy")).rules
        if rule.mode == "enforce" and rule.then.treatment and rule.then.treatment.bridge
    ]
    if uses and _loops_back(urlsplit(url).hostname or ""):
        named = ", ".join(uses[:3]) + (", …" if len(uses) > 3 else "")
        raise Broken(
            f"bridge.url（{url}）は社外から開けませんが、{len(uses)} 件のルールが受け取りページで"
            f"渡します（{named}）。bridge.url を社外から開けるアドレスにするか、これらのルールの "
            "treatment から bridge を外してください",
            f"bridge.url ({url}) cannot be opened from outside, and {len(uses)} rules hand over by "
            f"the bridge ({named}): set bridge.url to an address that can, or take bridge out of "
            "the treatment of these rules",
        )
    return f"{url} ({len(uses)})"


def _loops_back(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def tenant(site: Site) -> str:
    """Where a provider sends for all its customers, a trusted address alone lets every one of
    them send in our name."""
    smtp = site.config.smtp
    bare = [n for n in smtp.trusted_networks if n not in smtp.tenant.networks]
    if named := shared(bare):
        who = ", ".join(f"{name} ({networks[0]})" for name, networks in named.items())
        raise Broken(
            f"smtp.trusted_networks に、多くの会社が共用する送信元があります：{who}。"
            "他社が自社を名乗って送れます。smtp.tenant.networks に移してください",
            f"smtp.trusted_networks holds addresses that many organizations send from: {who}. Each "
            "of them could send in your name: move them to smtp.tenant.networks",
        )
    if not smtp.tenant.networks:
        return site.voice("共用の送信元は使っていません", "no shared addresses are trusted")
    count = len(smtp.tenant.networks)
    asked = [smtp.tenant.header] if smtp.tenant.secret else []
    asked += ["X-MS-Exchange-CrossTenant-Id"] if smtp.tenant.microsoft_tenant else []
    return site.voice(
        f"共用の送信元 {count} 件は {'・'.join(asked)} がある場合だけ受け取ります",
        f"{count} shared networks, taken only with {' and '.join(asked)}",
    )


def directory(config: Config) -> Iterator[Promise]:
    if config.smtp.accounts == "ldap":
        url = config.smtp.ldap.url
        yield Promise(f"アカウントの確認先 {url}", f"directory of accounts {url}", _directory)


def _directory(site: Site) -> str:
    """Nobody's password is shown to it, and must be refused for what it is."""
    from gateway.mail import ldap

    try:
        asyncio.run(ldap.works(site.config.smtp.ldap))
    except ldap.Undecided as error:
        raise Broken(f"確認できません: {error}", f"proves nothing: {error}") from None
    return site.voice(
        "答えます（存在しない人は断られました）", "answers, and refuses whom it does not know"
    )


def hops(config: Config) -> Iterator[Promise]:
    """The next hop, and each route's."""
    seen: set[str] = set()
    for name, section in (
        ("delivery", config.delivery),
        *((f"route[{n}]", route) for n, route in enumerate(config.route, 1)),
    ):
        if section.next_hop not in seen:
            seen.add(section.next_hop)
            hop = None if section.next_hop == "mx" else fixed(section)
            where = f"{name}.next_hop {section.next_hop}"
            yield Promise(f"配送先 {where}", f"next hop {where}", _NextHop(hop))


class _NextHop:
    def __init__(self, hop: Hop | None) -> None:
        self._hop = hop

    def __call__(self, site: Site) -> str:
        if self._hop is None:
            return site.voice("宛先ごとにDNSで探します", "found by DNS for each recipient")
        try:
            offered, tls = asyncio.run(_learn(self._hop, site.config.smtp.hostname))
        except (Unreachable, TimeoutError) as error:
            said = str(error) or "451 4.4.1 timed out"
            ja, en = (reply(words_in(language), said) for language in LANGUAGES)
            raise Broken(f"{ja}: {said}", f"{en}: {said}") from None
        size = int(offered.get("size") or 0)
        most = site.config.smtp.max_message_size
        if 0 < size < most:
            raise Broken(
                f"{size:,} バイトまでしか受け取りません（smtp.max_message_size は {most:,}）",
                f"takes {size:,} octets only (smtp.max_message_size is {most:,})",
            )
        return _offered(site, offered, size, tls)


def _offered(site: Site, offered: dict[str, str], size: int, tls: str) -> str:
    missing = [name.upper() for name in WANTED if name not in offered]
    parts = [
        f"SIZE {size:,}" if size else site.voice("SIZE 不明", "SIZE unknown"),
        tls or site.voice("暗号化なし", "no TLS"),
    ]
    if missing:
        parts.append(site.voice(f"未対応: {' '.join(missing)}", f"without {' '.join(missing)}"))
    return site.voice("、", ", ").join(parts)


async def _learn(hop: Hop, hostname: str) -> tuple[dict[str, str], str]:
    return await asyncio.wait_for(learn(hop, hostname), PATIENCE)
