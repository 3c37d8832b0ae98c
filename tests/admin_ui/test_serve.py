"""The core is alone with its data, takes up what a killed one held, and logs nobody's words."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from admin_ui.serve import core, supervisor
from admin_ui.serve.discreet import Discreet
from gateway.memory import recovery
from gateway.memory.opening import NotReady
from gateway.memory.states import Overtaken, State, claim, put_back
from gateway.memory.tables import Consignment, table

CONSIGNMENT = table(Consignment)
LEASE = timedelta(minutes=20)


def row(tx, id: str) -> None:
    times = {"created_at": tx.now, "changed_at": tx.now}
    tx.conn.execute(insert(CONSIGNMENT).values(id=id, letter_id=id, state="queued", **times))


def test_what_a_killed_core_held_is_free_at_the_next_start(memory):
    with memory.store.write() as tx:
        row(tx, "A")
        (held,) = claim(tx, State.QUEUED, "host:1", LEASE)
    with memory.store.write() as tx:
        assert claim(tx, State.QUEUED, "host:2", LEASE) == []
    core.begin(memory)
    with memory.store.write() as tx:
        assert [known.id for known in claim(tx, State.QUEUED, "host:2", LEASE)] == ["A"]
    with pytest.raises(Overtaken), memory.store.write() as tx:
        put_back(tx, held, wait=LEASE)  # were it still there after all


def test_what_a_restore_holds_back_stays_held_back(memory):
    with memory.store.write() as tx:
        row(tx, "A")
        until = tx.now + recovery.FOREVER
        tx.conn.execute(update(CONSIGNMENT).values(lease_owner=recovery.OWNER, lease_until=until))
    core.begin(memory)
    with memory.store.read() as session:
        owner = session.connection().execute(select(CONSIGNMENT.c.lease_owner)).scalar()
    assert owner == recovery.OWNER


@pytest.mark.slow
def test_the_core_which_has_the_keys_loads_no_reader_of_files():
    """They belong to the workers: half the memory and the start, and hostile bytes stay there."""
    script = "import sys, admin_ui.serve.core; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout
    assert "gateway.judgement.scanner" in loaded.split()
    readers = ("detectors.extract", "tesserocr", "pypdf", "pypdfium2", "PIL", "numpy", "lxml")
    assert not [name for name in loaded.split() if name.startswith(readers)]


def test_two_cores_do_not_share_a_data_directory(memory):
    with core.alone(memory.config), pytest.raises(NotReady), core.alone(memory.config):
        pass
    with core.alone(memory.config):
        pass


def said(act) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Discreet("%(message)s"))
    log = logging.Logger("t")
    log.addHandler(handler)
    try:
        act()
    except Exception:
        log.exception("it failed")
    return out.getvalue()


def chained() -> None:
    try:
        int("quoted 1234")
    except ValueError as error:
        raise KeyError("quoted 5678") from error


@pytest.mark.slow
def test_a_database_that_is_away_is_told_in_words_and_waited_for(tmp_path):
    pytest.importorskip("psycopg")
    path = tmp_path / "sekisho.toml"
    url = "postgresql+psycopg://sekisho@127.0.0.1:9/sekisho"
    path.write_text(f'data_dir = "var"\n[store]\nurl = "{url}"\n')

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        python = [sys.executable, *command]
        return subprocess.run(python, capture_output=True, text=True, timeout=60, check=False)

    verbs = "from admin_ui.cli import main; main()"
    made = run("-c", verbs, "key", "init", "--config", str(path))
    assert made.returncode == 0, made.stderr
    ended = run("-m", "admin_ui.serve.role", "core", str(path))
    assert (
        ended.stderr.startswith("sekisho: error: connection failed") and "Trace" not in ended.stderr
    )
    assert ended.returncode == supervisor.AWAY


def test_an_error_is_told_by_place_and_kind_never_by_its_words():
    text = said(chained)
    assert "in chained" in text and "builtins.ValueError" in text and "builtins.KeyError" in text
    assert '"quoted' not in text.replace('int("quoted 1234")', "").replace(
        'KeyError("quoted 5678")', ""
    )
    assert "1234'" not in text and "5678'" not in text


def test_what_the_system_says_is_told(tmp_path):
    text = said(lambda: (tmp_path / "gone").read_bytes())
    assert "No such file or directory" in text
