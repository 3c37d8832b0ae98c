"""A renewed certificate is in use without a restart; one that does not fit changes nothing."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import ssl
import threading
from pathlib import Path

import pytest
import trustme

from admin_ui.serve import fit
from admin_ui.serve.listen import Certificate
from admin_ui.serve.sockets import Inherited
from gateway.memory.config import ConfigError, read


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def issue(authority: trustme.CA, folder: Path, name: str) -> None:
    made = authority.issue_cert(name)
    for file, blob in (("cert.pem", made.cert_chain_pems[0]), ("key.pem", made.private_key_pem)):
        fresh = folder / f"{file}.new"
        fresh.write_bytes(blob.bytes())
        os.replace(fresh, folder / file)  # as certbot and lego do


def certificate(folder: Path) -> Certificate:
    tls = {"certificate": str(folder / "cert.pem"), "key": str(folder / "key.pem")}
    return Certificate(read({"smtp": {"tls": tls}}, "x"))


def served(context: ssl.SSLContext, authority: trustme.CA) -> str:
    """The name in the certificate that a handshake shows."""
    near, far = socket.socketpair()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    trusting.check_hostname = False

    def serve() -> None:
        with context.wrap_socket(far, server_side=True) as side:
            side.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    with trusting.wrap_socket(near) as side:
        names = side.getpeercert()["subjectAltName"]  # type: ignore[index]
        side.send(b"x")
    thread.join()
    return str(names[0][1])  # type: ignore[index]


def test_it_works(authority: trustme.CA, tmp_path: Path) -> None:
    issue(authority, tmp_path, "old.example")
    found = certificate(tmp_path)
    assert found.context and served(found.context, authority) == "old.example"
    assert not found.renew()
    issue(authority, tmp_path, "new.example")
    assert found.renew() and not found.renew()
    assert served(found.context, authority) == "new.example"


def test_half_a_renewal_leaves_the_old_pair_in_use(authority: trustme.CA, tmp_path: Path) -> None:
    issue(authority, tmp_path, "old.example")
    found = certificate(tmp_path)
    assert found.context
    key = (tmp_path / "key.pem").read_bytes()
    issue(authority, tmp_path, "new.example")
    new = tmp_path / "key.pem"
    shutil.move(new, tmp_path / "later")
    new.write_bytes(key)
    assert not found.renew() and served(found.context, authority) == "old.example"
    new.unlink()
    assert not found.renew() and served(found.context, authority) == "old.example"
    shutil.move(tmp_path / "later", new)
    assert found.renew() and served(found.context, authority) == "new.example"


def test_without_a_certificate_there_is_nothing_to_renew() -> None:
    found = Certificate(read({}, "x"))
    assert found.context is None and not found.renew()


def test_a_certificate_that_does_not_do_is_named_by_its_file(tmp_path) -> None:
    for name in ("policy.toml", "bad.pem"):
        (tmp_path / name).write_text("")
    given = {"policy": {"file": "policy.toml"}, "smtp": {"tls": {"certificate": "bad.pem"}}}
    config = read(given, "sekisho.toml", tmp_path)
    with pytest.raises(ConfigError, match=rf"^{re.escape(str(tmp_path))}/bad\.pem: cannot be read"):
        asyncio.run(fit.main(config, asyncio.Event(), Inherited()))
