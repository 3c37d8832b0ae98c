"""What a person does on a page, done by the functions behind it."""

from __future__ import annotations

from pathlib import Path

from gateway.judgement import acts
from gateway.judgement.acts import Confirmation
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import dossier
from gateway.memory import config as configuration
from gateway.memory.opening import open_memory
from gateway.memory.states import Actor, State


def confirm(config: Path, id: str, person: str = "hanako") -> State:
    """The sender ticks everything that is on the page and sends it."""
    memory = open_memory(configuration.load(config))
    try:
        ck = Checkpoint.of(memory)
        with memory.store.write() as tx:
            held = dossier(tx.conn, ck.letters, id)
            assert held is not None
            ticked = {f"r{row['id']}" for row in held.outside}
            ticked |= {f"a{part.path}" for part in held.attachments}
            filled = Confirmation(frozenset(ticked), {})
            return acts.confirm(
                tx, ck, id, person, held.seen, filled, Actor("person", person, "127.0.0.1")
            )
    finally:
        memory.close()
