"""`sekisho check`: each promise is tried for real, and a broken one hides no other."""

import asyncio
import json
import shutil
import socket
from datetime import UTC, date, datetime, timedelta

import pytest
import trustme
from sqlalchemy import delete

from admin_ui.cli.promises import place
from gateway.judgement import policies
from gateway.judgement.people import GRANT
from gateway.mail.dkim import read as read_key
from tests.admin_ui.cli.conftest import PLAIN
from tests.e2e.zone import Zone
from tests.gateway.judgement.test_holds import OUTSIDE, mail
from tests.gateway.mail.slapd import PEOPLE, Slapd
from tests.gateway.mail.test_dkim import OTHER, RSA, pem, section
from tests.smtpd import Peer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def confined():
    return asyncio.run(place._confinement())


@pytest.fixture(autouse=True)
def tried_once(request, monkeypatch, confined):
    """A scan worker takes two seconds to come up: one shows how far this kernel confines it, and
    the first test starts its own."""

    async def known():
        return confined

    if request.function is not test_it_works:
        monkeypatch.setattr(place, "_confinement", known)


@pytest.fixture
def peer(request):
    """A real SMTP server with a limit of its own."""
    limit = getattr(request, "param", 60_000_000)
    with Peer(data_size_limit=limit, hostname="peer.example").serving() as port:
        yield port


def write(site, port, text=PLAIN, more=""):
    hop = f'[delivery]\nnext_hop = "smtp://127.0.0.1:{port}"\ntls = "none"\n'
    site.file.write_text(text + hop + more, "utf-8")


def checked(site):
    """(kept, said) by promise."""
    ran = site.run("check", "--json")
    rows = list(map(json.loads, ran.stdout.splitlines()))
    assert ran.exit_code == (0 if all(row["kept"] for row in rows) else 1)
    return {row["promise"]: (row["kept"], row["said"]) for row in rows}


def broken(site):
    """What is said by promise, of those not kept; how far a kernel lets us confine is not our
    test."""
    found = checked(site).items()
    return {name: said for name, (kept, said) in found if not kept and name != "sandbox"}


def test_it_works(site, peer):
    write(site, peer)
    found = checked(site)
    assert all(kept for name, (kept, _) in found.items() if name != "sandbox")
    assert len(found) >= 18
    kept, said = found[f"next hop delivery.next_hop smtp://127.0.0.1:{peer}"]
    assert kept and "SIZE 60,000,000" in said and "DSN" in said
    lines = site.run("check").stdout.splitlines()
    assert len(lines) == len(found) and all(line[:4] in ("OK  ", "NG  ") for line in lines)


@pytest.mark.parametrize("peer", [10_000_000], indirect=True)
def test_a_next_hop_that_takes_less_than_we_do_is_named(site, peer):
    write(site, peer)
    (said,) = broken(site).values()
    assert "10,000,000" in said


def test_a_next_hop_that_is_not_there_hides_nothing_else(site, peer):
    write(site, peer, more='[[route]]\ndomains = ["a.example"]\nnext_hop = "smtp://127.0.0.1:1"\n')
    assert set(broken(site)) == {"next hop route[1].next_hop smtp://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("was", "becomes", "promise"),
    [
        ("https://files.", "https://mail-check.", "inside and outside host names"),
        (
            'listen = ["127',
            'own_domains = ["other.example"]\nlisten = ["127',
            "addresses of notices",
        ),
        ("[smtp]", '[policy]\nfile = "none.toml"\n[smtp]', "files that are named"),
    ],
)
def test_what_does_not_fit_together_is_named(site, peer, was, becomes, promise):
    write(site, peer, PLAIN.replace(was, becomes))
    assert promise in broken(site)


@pytest.mark.parametrize(("days", "kept"), [(-1, False), (20, True)])
def test_a_certificate_says_until_when_and_an_expired_one_is_named(days, kept, site, peer):
    end = datetime.now(UTC) + timedelta(days=days, hours=1)
    issued = trustme.CA().issue_cert(
        "sekisho.example.co.jp", not_before=end - timedelta(days=90), not_after=end
    )
    issued.private_key_and_cert_chain_pem.write_to_path(site.file.parent / "tls.pem")
    pair = '[smtp.tls]\ncertificate = "tls.pem"\nkey = "tls.pem"\n'
    write(site, peer, more=pair)
    assert checked(site)["certificate"][0] is kept
    said = checked(site)["certificate"][1]
    assert "あと20日" in said if kept else "有効期間外です" in said


@pytest.mark.parametrize("age", [1, 60])
def test_a_feed_that_nobody_renews_is_named(site, peer, age):
    newest = date.today() - timedelta(days=age)
    (site.file.parent / "whois.csv").write_text(f"a.example,2001-01-01\nb.example,{newest}\n")
    write(site, peer, more='[acquaintance]\ndomain_feeds = ["whois.csv"]\n')
    assert ("ages of domains" in broken(site)) is (age == 60)


@pytest.mark.parametrize("host", ["127.0.0.1:8081", "localhost", "[::1]:8081"])
def test_a_bridge_that_nobody_outside_can_open_is_named_with_the_rules_that_use_it(
    site, peer, host
):
    text = PLAIN.replace("https://files.example.co.jp", f"http://{host}")
    write(site, peer, text)
    said = broken(site)["address of the bridge"]
    assert f"http://{host}" in said and "individual-number-few" in said and "bridge.url" in said
    (site.file.parent / "policy.toml").write_text("[settings]\nformat = 1\n", "utf-8")
    write(site, peer, text, '[policy]\nfile = "policy.toml"\n')
    assert "address of the bridge" not in broken(site)


@pytest.mark.needs("slapd")
def test_a_directory_of_accounts_is_asked(site, peer, tmp_path):
    with Slapd(tmp_path) as slapd:
        ldap = f'url = "{slapd.tls}"\nca_file = "{slapd.ca_file}"\nbase = "{PEOPLE}"\n'
        text = PLAIN.replace("[smtp]", '[smtp]\naccounts = "ldap"')
        name = f"directory of accounts {slapd.tls}"
        write(site, peer, text, f"[smtp.ldap]\n{ldap}")
        assert broken(site) == {}
        write(site, peer, text, f"[smtp.ldap]\n{ldap.replace(PEOPLE, 'dc=other')}")
        assert "noSuchObject" in broken(site)[name]
    assert "LDAPSocketOpen" in broken(site)[name]


def test_a_taken_port_is_named(site, peer):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        write(site, peer, PLAIN.replace('["127.0.0.1:0"]', f'["127.0.0.1:{port}"]'))
        assert set(broken(site)) == {f"port SMTP 127.0.0.1:{port}"}


def test_a_failing_test_of_the_policy_is_named(site, peer):
    text = policies.default_text().replace("need = 2", "need = 3")
    (site.file.parent / "policy.toml").write_text(text, "utf-8")
    write(site, peer, more='[policy]\nfile = "policy.toml"\n')
    assert set(broken(site)) == {"policy"}


def test_approvals_that_only_the_sender_could_give_are_named(site, peer):
    write(site, peer)
    with site.office.memory.store.write() as tx:
        tx.conn.execute(delete(GRANT).where(GRANT.c.person_id == "goro"))
    found = broken(site)
    assert set(found) == {"approvers"} and "情報管理責任者" in found["approvers"]


def test_a_held_mail_that_nobody_can_act_on_is_named(site, peer):
    write(site, peer)
    id = site.office.arrive(mail(3), OUTSIDE)
    assert broken(site) == {}
    with site.office.memory.store.write() as tx:
        tx.conn.exec_driver_sql(f"UPDATE demand SET state = 'void' WHERE consignment_id = '{id}'")
    assert id in broken(site)["held mails"]


def test_without_keys_the_rest_is_tried_all_the_same(tmp_path, site, peer):
    write(site, peer, PLAIN.replace("[smtp]", 'data_dir = "elsewhere"\n[smtp]', 1))
    names = broken(site)
    assert {"keys", "database", "vault", "ledger"} <= set(names)
    assert not any(name.startswith(("port", "next hop", "policy")) for name in names)


def test_shared_addresses_without_a_proof_are_named(site, peer):
    write(site, peer, PLAIN.replace("[smtp]", '[smtp]\ntrusted_networks = ["40.92.7.0/24"]', 1))
    said = broken(site)["proof of tenant"]
    assert "microsoft365 (40.92.7.0/24)" in said and "smtp.tenant.networks" in said


def test_names_and_signatures_are_looked_up(site, peer, tmp_path):
    """A key whose other half is not in DNS makes every mail look forged."""
    (tmp_path / "key").write_bytes(pem(RSA))
    (tmp_path / "next").write_bytes(pem(OTHER))
    keys = (
        f'[[dkim]]\ndomain = "example.co.jp"\nselector = "s1"\nkey = "{tmp_path}/key"\n'
        f'[[dkim]]\ndomain = "example.co.jp"\nselector = "s2"\nkey = "{tmp_path}/next"\n'
        'from = "2099-01-01"\n'
    )
    with Zone({(".", "NS"): ["a.root."], ("", "NS"): ["a.root."]}, signed={""}) as zone:
        mx = '[[route]]\ndomains = ["a.example"]\nnext_hop = "mx"\ntls = "dane"\n'
        write(site, peer, more=f'{mx}{keys}[dns]\nserver = "{zone.server}"\n')
        name = "s1._domainkey.example.co.jp"
        record = read_key(section(tmp_path, "key")).record
        found = checked(site)
        kept, said = found[f"DKIM key {name}"]
        assert not kept and record in said
        kept, said = found["DKIM key s2._domainkey.example.co.jp"]
        assert kept and "2099-01-01" in said
        assert found["name resolution"][0]
        half = len(record) // 2
        zone.add(name, "TXT", f'"{record[:half]}" "{record[half:]}"')
        zone.signed.clear()
        assert list(broken(site)) == ["name resolution"]


def test_before_the_keys_are_made_it_says_so_once(site):
    """And names everything that could not be tried for it."""
    shutil.rmtree(site.data)
    lines = site.run("check").stdout.splitlines()
    said = [line for line in lines if "台帳" in line]
    assert len(said) == 1
    assert all(name in said[0] for name in ("データベース", "保管庫", "システム管理者"))
    found = checked(site)
    assert not any(found[name][0] for name in ("database", "vault", "ledger", "administrators"))
