"""MTA-STS with a name server, a web server and a mail server of our own (RFC 8461)."""

from __future__ import annotations

import pytest
import trustme

from gateway.mail.sts import Unusable, parse
from gateway.memory.measures import REGISTRY
from tests.e2e.house import free_port
from tests.e2e.sink import Sink
from tests.e2e.zone import Zone
from tests.gateway.mail.world import DOMAIN, MX, Site, World, policy, server_tls

WEB = f"mta-sts.{DOMAIN}"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority, tmp_path):
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


@pytest.fixture
def world(memory, authority):
    """Policy and certificate are good; a test spoils what it is about."""
    web_tls, _ = server_tls(authority, WEB)
    mail_tls, _ = server_tls(authority, MX)
    with Zone() as zone, Sink(tls=mail_tls) as peer, Site(web_tls, policy()) as web:
        made = World(memory.store, zone, peer, web)
        announce(made)
        zone.add(WEB, "A", "127.0.0.1")
        yield made


def announce(world: World, id: str = "20261121") -> None:
    world.zone.add(f"_mta-sts.{DOMAIN}", "TXT", f'"v=STSv1; id={id};"')


def forget(world: World) -> None:
    del world.zone.records[f"_mta-sts.{DOMAIN}", "TXT"]


async def test_it_works(world, ca_file):
    ways = world.ways("sts", ca_file)
    for _ in range(3):
        result = await world.send(ways)
        assert result.outcome == "delivered" and result.tls.endswith(" verify")
    assert world.web.asked == 1


async def test_a_mail_server_that_is_not_in_the_policy_is_not_connected_to(world, ca_file):
    world.web.text = policy(mx="mx9.partner.example")
    result = await world.send(world.ways("sts", ca_file))
    assert result.outcome == "deferred" and "policy" in result.reply
    assert world.peer.connections == 0


async def test_a_pattern_stands_for_one_label(world, ca_file):
    world.web.text = policy(mx="*.partner.example")
    assert (await world.send(world.ways("sts", ca_file))).outcome == "delivered"


async def test_a_certificate_of_another_name_is_refused(world, ca_file, authority):
    world.peer.tls, _ = server_tls(authority, "mx9.partner.example")
    assert (await world.send(world.ways("sts", ca_file))).outcome == "deferred"
    assert world.peer.delivered == []


async def test_a_stripped_starttls_is_refused(world, ca_file):
    world.peer.tls = None
    result = await world.send(world.ways("sts", ca_file))
    assert result.outcome == "deferred" and "TLS is required" in result.reply


@pytest.mark.parametrize("mode", ["testing", "none"])
async def test_only_an_enforced_policy_stops_mail(world, ca_file, mode):
    world.web.text, world.peer.tls = policy(mode), None
    assert (await world.send(world.ways("sts", ca_file))).outcome == "delivered"


@pytest.mark.parametrize("wrong", ["name", "server", "plain", "nothing"])
async def test_a_policy_in_testing_says_what_it_would_have_stopped(
    world, ca_file, authority, wrong, caplog
):
    world.web.text = policy("testing", mx="mx9.partner.example" if wrong == "server" else MX)
    if wrong == "plain":
        world.peer.tls = None
    elif wrong == "name":
        world.peer.tls, _ = server_tls(authority, "mx9.partner.example")
    before = REGISTRY.get_sample_value("sekisho_sts_testing_failures_total")
    result = await world.send(world.ways("sts", ca_file))
    after = REGISTRY.get_sample_value("sekisho_sts_testing_failures_total")
    assert result.outcome == "delivered"
    if wrong == "nothing":
        assert result.tls.endswith(" verify") and after == before and not caplog.messages
    else:
        assert result.tls.endswith("sts-testing") and after == before + 1
        assert any("would stop mail" in said and DOMAIN in said for said in caplog.messages)


async def test_a_dead_server_is_not_told_as_a_failed_test(world, ca_file, caplog):
    world.web.text = policy("testing")
    ways = world.ways("sts", ca_file)
    ways._port = free_port()
    assert (await world.send(ways)).outcome == "deferred"
    assert not any("would stop mail" in said for said in caplog.messages)


async def test_who_hides_the_record_gets_no_mail_while_the_policy_holds(world, ca_file, clock):
    """Over a restart, too: the policy is in the database."""
    await world.send(world.ways("sts", ca_file))
    forget(world)
    world.peer.tls = None
    assert (await world.send(world.ways("sts", ca_file))).outcome == "deferred"
    clock.forward(hours=25)
    assert (await world.send(world.ways("sts", ca_file))).outcome == "delivered"


async def test_a_new_id_brings_the_new_policy(world, ca_file):
    ways = world.ways("sts", ca_file)
    await world.send(ways)
    world.web.text = policy(mx="mx9.partner.example")
    assert (await world.send(ways)).outcome == "delivered"
    announce(world, "20261122")
    assert (await world.send(world.ways("sts", ca_file))).outcome == "deferred"


async def test_a_policy_is_fetched_again_before_it_runs_out(world, ca_file, clock):
    ways = world.ways("sts", ca_file)
    await world.send(ways)
    clock.forward(hours=13)
    await world.send(ways)
    assert world.web.asked == 2


@pytest.mark.parametrize("trouble", ["status", "kind", "certificate", "text", "large", "redirect"])
async def test_a_policy_that_cannot_be_had_is_none_and_is_not_asked_for_with_each_mail(
    world, ca_file, trouble, authority, clock
):
    world.peer.tls = None
    match trouble:
        case "status":
            world.web.status = 404
        case "redirect":
            world.web.status = 301
        case "kind":
            world.web.kind = "text/html"
        case "text":
            world.web.text = "version: STSv1\nmode: always\n"
        case "large":
            world.web.text = policy() + "x" * 70_000
        case "certificate":
            context, _ = server_tls(authority, "other.example")
            with Site(context, policy()) as world.web:
                assert (await world.send(world.ways("sts", ca_file))).outcome == "delivered"
                return
    ways = world.ways("sts", ca_file)
    for _ in range(2):
        assert (await world.send(ways)).outcome == "delivered"
    assert world.web.asked == 1
    clock.forward(minutes=6)
    await world.send(ways)
    assert world.web.asked == 2


async def test_the_log_names_the_reason(world, ca_file, authority, caplog):
    context, _ = server_tls(authority, "www.partner.example")
    with Site(context, policy()) as world.web:
        await world.send(world.ways("sts", ca_file))
    reason = f"{WEB}: the certificate is not good: Hostname mismatch"
    assert f"no MTA-STS policy of {DOMAIN}: {reason}" in caplog.text


async def test_the_log_says_that_nobody_listens(world, ca_file, caplog):
    world.zone.add(WEB, "A", "127.0.0.77")
    await world.send(world.ways("sts", ca_file))
    assert f"no MTA-STS policy of {DOMAIN}: {WEB}: Connection refused" in caplog.text


async def test_two_records_are_none(world, ca_file):
    world.zone.add(f"_mta-sts.{DOMAIN}", "TXT", '"v=STSv1; id=1"', '"v=STSv1; id=2"')
    world.peer.tls = None
    assert (await world.send(world.ways("sts", ca_file))).outcome == "delivered"
    assert world.web.asked == 0


def test_what_a_policy_says():
    said = parse("version: STSv1\nmode: enforce\nmx: MX1.a.example\nmx: *.b.example\nmax_age: 1\n")
    assert said == {"mode": "enforce", "mx": ("mx1.a.example", "*.b.example"), "max_age": 1}
    assert parse(policy(max_age=9_999_999_999))["max_age"] == 31_557_600


@pytest.mark.parametrize(
    "text",
    ["", "mode: enforce", policy().replace("STSv1", "STSv2"), policy().replace("mx", "my"),
     policy().replace("86400", "-1"), policy().replace("86400", "soon")],
)  # fmt: skip
def test_what_is_no_policy(text):
    with pytest.raises(Unusable):
        parse(text)
