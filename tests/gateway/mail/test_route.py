"""Where mail of a domain goes, by our own name server and a real peer."""

from __future__ import annotations

import pytest
import trustme

from tests.e2e.sink import Sink
from tests.e2e.zone import Zone
from tests.gateway.mail.world import DOMAIN, MX, World, policy, server_tls, tlsa


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def zone():
    with Zone(signed={DOMAIN}) as made:
        yield made


@pytest.fixture
def peer():
    with Sink() as made:
        yield made


@pytest.fixture
def world(memory, zone, peer):
    return World(memory.store, zone, peer)


async def test_it_works(world, peer):
    result = await world.send(world.ways())
    assert result.outcome == "delivered" and result.mx == f"{MX}[127.0.0.1]:{world.port}"
    assert len(peer.to(f"sato@{DOMAIN}")) == 1


async def test_better_servers_first_and_equal_ones_in_any_order(world, zone):
    zone.add(DOMAIN, "MX", "20 c.example.", f"10 {MX}.", "20 b.example.")
    for name in ("b.example", "c.example"):
        zone.add(name, "A", "127.0.0.1")
    ways, orders = world.ways(), set()
    for _ in range(40):
        orders.add(tuple(host.name for host in (await ways.to(DOMAIN)).hosts))
    assert orders == {(MX, "b.example", "c.example"), (MX, "c.example", "b.example")}


async def test_both_families_are_tried_and_the_next_server_after_a_dead_one(world, zone):
    zone.add(DOMAIN, "MX", "5 dead.example.", f"10 {MX}.")
    zone.add("dead.example", "A", "127.0.0.255")
    zone.add(MX, "AAAA", "::1")
    hop = await world.ways().to(DOMAIN)
    assert [host.addresses for host in hop.hosts] == [("127.0.0.255",), ("127.0.0.1", "::1")]
    assert (await world.send(world.ways())).outcome == "delivered"


async def test_a_domain_without_mx_is_its_own_server(world, zone):
    zone.add("plain.example", "A", "127.0.0.1")
    assert (await world.send(world.ways(), "plain.example")).mx.startswith("plain.example[")


@pytest.mark.parametrize(
    ("kind", "values", "outcome", "status"),
    [
        ("MX", ["0 ."], "failed", "5.1.10"),
        ("TXT", ["none"], "failed", "5.4.4"),
        ("MX", ["10 nowhere.example."], "failed", "5.4.4"),
        ("MX", ["10 gate.example.co.jp."], "failed", "5.4.6"),
        ("MX", ["0 localhost."], "failed", "5.4.6"),  # how it was said before there was a null MX
        ("A", ["0.0.0.0"], "failed", "5.4.4"),
    ],
)
async def test_where_no_mail_can_go(world, zone, kind, values, outcome, status):
    zone.add("odd.example", kind, *values)
    for name in ("gate.example.co.jp", "localhost"):
        zone.add(name, "A", "127.0.0.1")
    ways = world.ways(hostname="gate.example.co.jp")
    result = await world.send(ways, "odd.example")
    assert (result.outcome, result.reply.split()[0]) == (outcome, status)


async def test_where_we_are_a_backup_only_better_servers_are_tried(world, zone):
    zone.add(DOMAIN, "MX", f"10 {MX}.", "20 gate.example.co.jp.", "20 same.example.")
    hop = await world.ways(hostname="gate.example.co.jp").to(DOMAIN)
    assert [host.name for host in hop.hosts] == [MX]


async def test_a_name_that_does_not_exist_is_final_and_no_answer_is_not(world, zone):
    assert (await world.send(world.ways(), "nowhere.example")).reply.startswith("5.1.2")
    zone.bogus.add((DOMAIN, "MX"))
    result = await world.send(world.ways())
    assert (result.outcome, result.reply.split()[0]) == ("deferred", "4.4.3")
    assert result.reply.endswith("(SERVFAIL)")


async def test_a_domain_in_japanese_is_asked_for_in_ascii(world, zone):
    zone.add("xn--wgv71a119e.example", "MX", f"10 {MX}.")
    assert (await world.ways().to("日本語.example")).hosts[0].name == MX


# -- DANE


@pytest.fixture
def dane(world, peer, zone, authority):
    """The peer's certificate is of nobody the machine knows."""
    peer.tls, certificate = server_tls(authority, MX)
    world.certificate = certificate
    return world


def records(world: World, *values: str) -> None:
    world.zone.add(f"_{world.port}._tcp.{MX}", "TLSA", *values)


@pytest.mark.parametrize(
    ("usage", "selector", "kind"), [(3, 1, 1), (3, 0, 1), (3, 1, 2), (3, 0, 0), (3, 1, 0)]
)
async def test_the_published_certificate_is_accepted(dane, usage, selector, kind):
    records(dane, tlsa(usage, selector, kind, dane.certificate))
    result = await dane.send(dane.ways("dane"))
    assert result.outcome == "delivered" and result.tls.endswith(" dane")


async def test_an_anchor_of_theirs_vouches_for_names_below_it(dane, peer, authority):
    child = authority.create_child_ca()
    peer.tls, _ = server_tls(child, MX)
    anchor = _certificate(child)
    records(dane, tlsa(2, 0, 1, anchor), "3 1 1 " + "00" * 32)
    # trustme sends the intermediate with the leaf, as a server under DANE-TA must (RFC 7672 §3.1.2)
    result = await dane.send(dane.ways("dane"))
    assert result.outcome == "delivered", result
    peer.tls, _ = server_tls(child, "other.example")
    assert (await dane.send(dane.ways("dane"))).outcome == "deferred"


def _certificate(authority: trustme.CA):
    from cryptography import x509

    return x509.load_pem_x509_certificate(authority.cert_pem.bytes())


async def test_another_certificate_is_refused_and_the_mail_waits(dane, authority, peer):
    _, other = server_tls(authority, MX)
    records(dane, tlsa(3, 1, 1, other))
    result = await dane.send(dane.ways("dane"))
    assert result.outcome == "deferred" and "TLSA" in result.reply
    assert peer.delivered == []


async def test_tls_taken_away_on_the_road_is_refused(dane, peer):
    records(dane, tlsa(3, 1, 1, dane.certificate))
    peer.tls = None
    result = await dane.send(dane.ways("dane"))
    assert result.outcome == "deferred" and "TLS is required" in result.reply
    assert peer.delivered == []


async def test_records_that_cannot_be_used_ask_for_tls_all_the_same(dane, peer):
    records(dane, tlsa(1, 1, 1, dane.certificate))
    assert (await dane.send(dane.ways("dane"))).outcome == "delivered"
    peer.tls = None
    assert (await dane.send(dane.ways("dane"))).outcome == "deferred"


@pytest.mark.parametrize("kind", ["TLSA", "A"])
async def test_what_cannot_be_validated_is_not_connected_to(dane, peer, zone, kind):
    records(dane, tlsa(3, 1, 1, dane.certificate))
    zone.bogus.add((f"_{dane.port}._tcp.{MX}" if kind == "TLSA" else MX, kind))
    result = await dane.send(dane.ways("dane"))
    assert result.outcome == "deferred" and peer.connections == 0


async def test_another_server_of_the_domain_is_taken_where_one_is_bogus(dane, zone):
    zone.add(DOMAIN, "MX", "5 bad.partner.example.", f"10 {MX}.")
    zone.add("bad.partner.example", "A", "127.0.0.1")
    zone.bogus.add((f"_{dane.port}._tcp.bad.partner.example", "TLSA"))
    records(dane, tlsa(3, 1, 1, dane.certificate))
    assert (await dane.send(dane.ways("dane"))).mx.startswith(MX)


@pytest.mark.parametrize("unsigned", ["mx", "server"])
async def test_unsigned_answers_ask_for_nothing(dane, zone, unsigned, peer):
    """Records under names that nobody signed could be anybody's."""
    zone.signed = {MX} if unsigned == "mx" else set()
    records(dane, "3 1 1 " + "00" * 32)
    peer.tls = None
    assert (await dane.send(dane.ways("dane"))).outcome == "delivered"


async def test_records_at_the_end_of_an_alias_count_then_those_at_its_beginning(dane, zone):
    real = "real.partner.example"
    del zone.records[MX, "A"]
    zone.add(MX, "CNAME", f"{real}.")
    zone.add(real, "A", "127.0.0.1")
    zone.add(f"_{dane.port}._tcp.{real}", "TLSA", tlsa(3, 1, 1, dane.certificate))
    records(dane, "3 1 1 " + "00" * 32)
    assert (await dane.send(dane.ways("dane"))).outcome == "delivered"
    del zone.records[f"_{dane.port}._tcp.{real}", "TLSA"]
    assert (await dane.send(dane.ways("dane"))).outcome == "deferred"


async def test_an_alias_that_leaves_the_signed_world_keeps_the_records_it_has(dane, zone):
    del zone.records[MX, "A"]
    zone.add(MX, "CNAME", "mx.hoster.example.")
    zone.add("mx.hoster.example", "A", "127.0.0.1")
    records(dane, "3 1 1 " + "00" * 32)
    assert (await dane.send(dane.ways("dane"))).outcome == "deferred"


# -- MTA-STS: what the domain's policy makes of its servers (the policy itself: test_sts.py)


async def test_a_policy_and_records_stand_together(dane, zone, authority, tmp_path):
    """RFC 8461 section 2: what DANE refuses, a policy does not let pass."""
    from tests.gateway.mail.world import Site

    keep = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(keep)
    context, _ = server_tls(authority, f"mta-sts.{DOMAIN}")
    with Site(context, policy()) as dane.web:
        zone.add(f"_mta-sts.{DOMAIN}", "TXT", '"v=STSv1; id=1;"')
        zone.add(f"mta-sts.{DOMAIN}", "A", "127.0.0.1")
        assert (await dane.send(dane.ways("dane+sts", keep))).tls.endswith(" verify")
        records(dane, "3 1 1 " + "00" * 32)
        assert (await dane.send(dane.ways("dane+sts", keep))).outcome == "deferred"
