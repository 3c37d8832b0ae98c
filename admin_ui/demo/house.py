"""The house of the demo in a folder: its ports, its configuration, and a company of six in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select

from admin_ui.demo import office
from gateway.judgement import tokens
from gateway.judgement.people import ADDRESS, DEPUTY, GRANT, PERSON
from gateway.memory import config as configuration
from gateway.memory.opening import Memory, prepare
from gateway.memory.states import Actor

OPERATOR = Actor("operator", "demo")


@dataclass(frozen=True)
class Ports:
    """All on loopback, from one base, as the contract has them."""

    base: int = 2500

    @property
    def relay(self) -> int:
        return self.base + 25

    @property
    def hop(self) -> int:
        return self.base + 26

    @property
    def web(self) -> int:
        return self.base + 80

    @property
    def bridge(self) -> int:
        return self.base + 81

    @property
    def mailbox(self) -> int:
        return self.base + 82

    def all(self) -> tuple[int, ...]:
        return (self.relay, self.hop, self.web, self.bridge, self.mailbox)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{getattr(self, name)}"


def settings(ports: Ports, next_hop: str = "") -> str:
    return f"""\
# written by `sekisho demo`
data_dir = "var"
[smtp]
listen = ["127.0.0.1:{ports.relay}"]
hostname = "sekisho.{office.DOMAIN}"
own_domains = ["{office.DOMAIN}"]
[delivery]
next_hop = "{next_hop or f"smtp://127.0.0.1:{ports.hop}"}"
tls = "none"
bounce_address = "sekisho-bounce@{office.DOMAIN}"
notice_from = "sekisho@{office.DOMAIN}"
postmaster = "{office.PEOPLE[-1].email}"
[holds]
contact = "情報システム課（内線 1234）"
[web]
listen = "127.0.0.1:{ports.web}"
url = "{ports.url("web")}"
[bridge]
listen = "127.0.0.1:{ports.bridge}"
url = "{ports.url("bridge")}"
company = "{office.COMPANY}"
"""


def populate(memory: Memory) -> None:
    """The people of the demo, once."""
    with memory.store.write() as tx:
        if tx.conn.execute(select(PERSON.c.id).limit(1)).first():
            return
        for member in office.PEOPLE:
            tx.conn.execute(
                insert(PERSON).values(
                    id=member.id,
                    name=member.name,
                    email=member.email,
                    department=member.department,
                )
            )
            tx.conn.execute(
                insert(ADDRESS).values(address=member.email, person_id=member.id, shared=False)
            )
            grants = [("role", r) for r in member.roles] + [("group", g) for g in member.groups]
            for kind, name in grants:
                tx.conn.execute(
                    insert(GRANT).values(
                        person_id=member.id, kind=kind, name=name, granted_by="demo"
                    )
                )
            if member.deputy:
                tx.conn.execute(insert(DEPUTY).values(person_id=member.id, deputy_id=member.deputy))
            tx.record("person.added", OPERATOR, subject=member.id, name=member.name)


def links(memory: Memory, ports: Ports) -> list[tuple[office.Member, str]]:
    """A one-time sign-in link for each."""
    with memory.store.write() as tx:
        expires = tx.now + timedelta(days=1)
        made = [(m, tokens.issue(tx, "sign_in", m.id, expires, m.id)) for m in office.PEOPLE]
    return [(member, f"{ports.url('web')}/enter/{token}") for member, token in made]


def build(folder: Path, ports: Ports, next_hop: str = "") -> Path:
    """The house in `folder`: its configuration, keys and database. Returns the configuration.

    `next_hop` may be a mail server that relays to the demo's mailbox; else it is the mailbox.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "sekisho.toml"
    file.write_text(settings(ports, next_hop), "utf-8")
    prepare(configuration.load(file))
    return file
