"""A company in front of the inside web. Everybody comes in by the real way: invitation,
enrolment, and for a second time password and code.

alice sends; bob is asked for approval; charlie approves elsewhere; audrey audits; root runs the
system; paul publishes rules; hana handles My Numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyotp
import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from admin_ui import access, credentials
from admin_ui.app import create_app
from admin_ui.reading import Reader
from gateway.judgement.checkpoint import Checkpoint
from gateway.memory.states import SYSTEM
from tests.office import Office

PASSWORD = "correct horse battery"

NewClient = Callable[[], TestClient]


@dataclass
class Staff:
    """Enrols people and signs them in, as they would in a browser."""

    office: Office
    clock: object
    secrets: dict[str, str] = field(default_factory=dict)

    def invitation(self, person: str) -> str:
        """The path of the link that is mailed."""
        with self.office.memory.store.write() as tx:
            url = credentials.invite(tx, self.office.ck, person, SYSTEM, mail=False)
        return url.removeprefix(self.office.memory.config.web.url)

    def secret(self, page: str) -> str:
        return re.search(r"secret=(\w+)", page)[1]

    def code(self, person: str) -> str:
        return pyotp.TOTP(self.secrets[person]).at(self.clock())

    def enrol(self, client: TestClient, person: str):
        page = client.get(self.invitation(person)).text
        self.secrets[person] = self.secret(page)
        form = {"password": PASSWORD, "again": PASSWORD, "code": self.code(person)}
        answer = client.post("/enrol", data=form)
        assert answer.status_code == 200, answer.text
        return answer

    def sign_in(self, client: TestClient, person: str, **changes: str):
        """The first time by enrolment, then with password and a fresh code."""
        if person not in self.secrets:
            return self.enrol(client, person)
        self.clock.forward(seconds=credentials.STEP)  # a code works once
        return client.post("/signin", data=self.form(person, **changes))

    def come_in(self, client: TestClient, person: str) -> None:
        """A session without the half second that a password costs, for tests of other things."""
        with self.office.memory.store.write() as tx:
            cookie = access.enter(tx, person, "192.0.2.7", "test")
        host = client.base_url.host
        client.cookies.set("sekisho-session", cookie, domain=host, path="/")

    def form(self, person: str, **changes: str) -> dict[str, str]:
        email = f"{person}@example.co.jp"
        return {"email": email, "password": PASSWORD, "code": self.code(person), **changes}


@pytest.fixture
def office(memory) -> Office:
    """The company behind the pages: `office.arrive(raw, to, sender)` brings a judged mail in."""
    made = Office(memory, Checkpoint.of(memory))
    made.hire("alice")
    made.hire("bob", ("role", "approver"), ("group", "情報管理責任者"))
    made.hire("charlie", ("role", "approver"), ("group", "別の部署"))
    made.hire("audrey", ("role", "auditor"))
    made.hire("root", ("role", "system_admin"))
    made.hire("paul", ("role", "policy_admin"))
    made.hire("hana", ("role", "handler"))
    return made


@pytest.fixture
def staff(office, clock) -> Staff:
    return Staff(office, clock)


@pytest.fixture
def app(office) -> ASGIApp:
    return create_app(office.memory, secure_cookies=False)


@pytest.fixture
def new_client(app, config) -> Iterator[NewClient]:
    """Another browser, with cookies of its own."""
    yield lambda: TestClient(app, base_url=config.web.url)


@pytest.fixture
def client(new_client) -> TestClient:
    return new_client()


@pytest.fixture
def reading_client(office, config) -> Iterator[TestClient]:
    """One event loop for all requests, as a served web has: the worker belongs to it."""
    reader = Reader(config.scan.seconds)
    app = create_app(office.memory, secure_cookies=False, reader=reader)
    with TestClient(app, base_url=config.web.url) as client:
        yield client
        client.portal.call(reader.stop)


@pytest.fixture
def sign_in(staff):
    """`sign_in(client, "bob")`"""
    return staff.sign_in


@pytest.fixture
def come_in(staff):
    """`come_in(client, "bob")`: signed in, the quick way."""
    return staff.come_in
