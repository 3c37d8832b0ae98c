"""`sekisho check`: each promise is tried for real, and a broken one hides no other."""

import json
import socket
import threading

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from sqlalchemy import delete

from gateway.judgement.people import GRANT
from tests.admin_ui.cli.conftest import PLAIN
from tests.gateway.judgement.test_holds import OUTSIDE, mail


class Peer(Controller):
    """A real SMTP server with a limit of its own."""

    size = 60_000_000

    def factory(self):
        return SMTP(self.handler, data_size_limit=self.size, hostname="peer.example")


class Small(Peer):
    size = 10_000_000


@pytest.fixture
def peer(request):
    server = getattr(request, "param", Peer)(object(), hostname="127.0.0.1", port=0)
    # aiosmtpd's own start asks the configured port, which is 0 here
    server._thread = threading.Thread(target=server._run, args=(ready := threading.Event(),))
    server._thread.daemon = True
    server._thread.start()
    ready.wait(10)
    yield server.server.sockets[0].getsockname()[1]
    server.stop()


def write(site, port, text=PLAIN, more=""):
    hop = f'[delivery]\nnext_hop = "smtp://127.0.0.1:{port}"\ntls = "none"\n'
    site.file.write_text(text + hop + more, "utf-8")


def checked(site):
    """(kept, said) by promise, and the exit code."""
    ran = site.run("check", "--json")
    rows = map(json.loads, ran.stdout.splitlines())
    return {row["promise"]: (row["kept"], row["said"]) for row in rows}, ran.exit_code


def broken(site):
    """Promises that are not kept; how far a kernel lets us confine is not our test."""
    found, code = checked(site)
    names = {name for name, (kept, _) in found.items() if not kept}
    assert code == (1 if names else 0)
    return names - {"sandbox"}


def test_it_works(site, peer):
    write(site, peer)
    found, _ = checked(site)
    assert broken(site) == set() and len(found) >= 18
    kept, said = found[f"next hop delivery.next_hop smtp://127.0.0.1:{peer}"]
    assert kept and "SIZE 60,000,000" in said and "DSN" in said
    lines = site.run("check").stdout.splitlines()
    assert len(lines) == len(found) and all(line[:4] in ("OK  ", "NG  ") for line in lines)


@pytest.mark.parametrize("peer", [Small], indirect=True)
def test_a_next_hop_that_takes_less_than_we_do_is_named(site, peer):
    write(site, peer)
    (name,) = broken(site)
    assert "10,000,000" in checked(site)[0][name][1]


def test_a_next_hop_that_is_not_there_hides_nothing_else(site, peer):
    write(site, peer, more='[[route]]\ndomains = ["a.example"]\nnext_hop = "smtp://127.0.0.1:1"\n')
    assert broken(site) == {"next hop route[1].next_hop smtp://127.0.0.1:1"}


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


def test_a_taken_port_is_named(site, peer):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        write(site, peer, PLAIN.replace('["127.0.0.1:0"]', f'["127.0.0.1:{port}"]'))
        assert broken(site) == {f"port SMTP 127.0.0.1:{port}"}


def test_a_failing_test_of_the_policy_is_named(site, peer):
    text = (PLAIN and site.run("policy", "presets", "default").stdout).replace(
        "need = 2", "need = 3"
    )
    (site.file.parent / "policy.toml").write_text(text, "utf-8")
    write(site, peer, more='[policy]\nfile = "policy.toml"\n')
    assert broken(site) == {"policy"}


def test_approvals_that_only_the_sender_could_give_are_named(site, peer):
    write(site, peer)
    with site.office.memory.store.write() as tx:
        tx.conn.execute(delete(GRANT).where(GRANT.c.person_id == "goro"))
    assert broken(site) == {"approvers"}
    assert "情報管理責任者" in checked(site)[0]["approvers"][1]


def test_a_held_mail_that_nobody_can_act_on_is_named(site, peer):
    write(site, peer)
    id = site.office.arrive(mail(3), OUTSIDE)
    assert broken(site) == set()
    with site.office.memory.store.write() as tx:
        tx.conn.exec_driver_sql(f"UPDATE demand SET state = 'void' WHERE consignment_id = '{id}'")
    assert id in checked(site)[0]["held mails"][1]


def test_without_keys_the_rest_is_tried_all_the_same(tmp_path, site, peer):
    write(site, peer, PLAIN.replace("[smtp]", 'data_dir = "elsewhere"\n[smtp]', 1))
    names = broken(site)
    assert {"keys", "database", "vault", "ledger"} <= names
    assert not any(name.startswith(("port", "next hop", "policy")) for name in names)
