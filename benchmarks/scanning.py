"""Peers that look into mail, with one rule each: twelve digits in a row are refused.

Installed by scripts/peers.sh, beside the machine's own programs. Neither decodes attachments of an
unknown kind, as Sekisho does; both log to a file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.load import Drain, accepted_in
from benchmarks.mails import RECIPIENT
from benchmarks.peers import Missing, Postfix
from tests import samples
from tests.e2e.house import free_port, until

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sekisho-peers"
_RSPAMD, _HARAKA = CACHE / "rspamd", CACHE / "haraka" / "node_modules" / "Haraka"

_FILTER = """options {{ pidfile = "{folder}/pid"; tempdir = "{folder}"; filters = "regexp";
  url_tld = "{share}/effective_tld_names.dat"; control_socket = "{folder}/control mode=0600";
  dns {{ nameserver = ["127.0.0.1"]; timeout = 0.1s; retransmits = 1; }} }}
logging {{ type = "file"; filename = "{folder}/log"; level = "notice"; }}
worker "rspamd_proxy" {{
  bind_socket = "{folder}/milter mode=0666"; milter = yes; timeout = 120s; count = 2;
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
regexp {{ TWELVE {{ re = '/(?<!\\d)\\d{{12}}(?!\\d)/{{mime}}'; score = 20; }} }}
actions {{ reject = 15; }}
"""
_MILTER = """smtpd_milters = unix:{folder}/milter
milter_default_action = tempfail
"""
"""Over a UNIX socket: over TCP a small mail waits 40 ms for a delayed acknowledgement."""

_PLUGIN = """'use strict'
const TWELVE = /(?<!\\d)\\d{12}(?!\\d)/
const holds = (body) => TWELVE.test(body.bodytext) || body.children.some(holds)
exports.hook_connect_init = (next, connection) => {
    connection.relaying = true
    next()
}
exports.hook_data = (next, connection) => {
    connection.transaction.parse_body = true
    next()
}
exports.hook_data_post = (next, connection) => {
    const body = connection.transaction.body
    if (body && holds(body)) return next(DENY, 'twelve digits')
    next()
}
exports.hook_get_mx = (next) => next(OK, { priority: 0, exchange: '127.0.0.1', port: SINK })
"""


class Scanned(Postfix):
    """Postfix whose mail goes through rspamd: two processes that scan, and its regexp rules."""

    name = "Postfix + rspamd"

    def __init__(self, folder: Path) -> None:
        if not (_RSPAMD / "usr/bin/rspamd").exists():
            raise Missing("rspamd (scripts/peers.sh)")
        folder.chmod(0o755)
        (place := folder / "rspamd").mkdir()
        shutil.chown(place, "postfix", "postfix")
        self._filter = _rspamd(place)
        try:
            until((place / "milter").exists, 90, saying="rspamd does not start")
            super().__init__(folder, settings=_MILTER.format(folder=place))
            until(lambda: _refuses(self.port), 30, saying="rspamd scans nothing")
        except BaseException:
            _end(self._filter)
            raise

    @property
    def pids(self) -> list[int]:
        return [*super().pids, self._filter.pid]

    def close(self) -> None:
        try:
            super().close()
        finally:
            _end(self._filter)


def _rspamd(place: Path) -> subprocess.Popen[bytes]:
    share, libraries = _RSPAMD / "usr/share/rspamd", _RSPAMD / "usr/lib"
    (place / "conf").write_text(_FILTER.format(folder=place, share=share), "ascii")
    folders = {"LUALIBDIR": share / "lualib", "RULESDIR": share / "rules", "SHAREDIR": share}
    folders |= {"PLUGINSDIR": share / "plugins", "DBDIR": place, "RUNDIR": place, "CONFDIR": place}
    command = [str(_RSPAMD / "usr/bin/rspamd"), "-f", "-u", "postfix", "-g", "postfix"]
    command += ["-c", str(place / "conf"), *(f"--var={n}={path}" for n, path in folders.items())]
    found = f"{libraries}/rspamd:{libraries}/x86_64-linux-gnu"
    with (place / "said").open("wb") as said:
        environment = {**os.environ, "LD_LIBRARY_PATH": found}
        return subprocess.Popen(command, stdout=said, stderr=said, env=environment)


class Haraka:
    """Two workers, and its queue on the disk (flushed before the 250)."""

    name = "Haraka"

    def __init__(self, folder: Path) -> None:
        node = shutil.which("node")
        if not node or not (_HARAKA / "bin/haraka").exists():
            raise Missing("Haraka (scripts/peers.sh)" if node else "Node.js, for Haraka")
        self.sink, self.port = Drain(), free_port()
        _settle(folder, self.port, self.sink.port)
        with (folder / "said").open("wb") as said:
            command = [node, str(_HARAKA / "bin/haraka"), "-c", str(folder)]
            self._master = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            until(lambda: _refuses(self.port), 60, saying="Haraka scans nothing")
        except BaseException:
            self.close()
            raise

    @property
    def pids(self) -> list[int]:
        return [self._master.pid]

    def close(self) -> None:
        _end(self._master)
        self.sink.close()


def _settle(folder: Path, port: int, sink: int) -> None:
    for name in ("config", "plugins", "queue"):
        (folder / name).mkdir()
    shutil.copy(_HARAKA / "config/connection.ini", folder / "config")
    files = {
        "config/me": "gate.example.co.jp",
        "config/plugins": "twelve",
        "config/smtp.ini": f"listen=127.0.0.1:{port}\nnodes=2\n",
        "config/log.ini": "[main]\nlevel=NOTICE\n",
        "config/outbound.ini": "concurrency_max=100\nenable_tls=false\n",
        "plugins/twelve.js": _PLUGIN.replace("SINK", str(sink)),
    }
    for name, text in files.items():
        (folder / name).write_text(text, "ascii")


def _refuses(port: int) -> bool:
    """Whether the rule works: a peer that scans nothing would be quick for nothing."""
    text = f"番号 {samples.individual_number(1)} です。"
    try:
        accepted_in(port, samples.message("件名", text, to=RECIPIENT))
    except ConnectionError as error:
        return "b'55" in str(error)
    except OSError:
        return False
    raise AssertionError("took in twelve digits")


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def versions() -> dict[str, str]:
    """Of what is installed here."""
    found = {}
    if (_RSPAMD / "version").exists():
        found["rspamd"] = (_RSPAMD / "version").read_text("ascii").strip()
    if (package := _HARAKA / "package.json").exists():
        found["Haraka"] = str(json.loads(package.read_bytes())["version"])
    return found
