"""「パスワードを表示する」: the passwords of encrypted ZIPs, for their sender to tell by telephone.

Shown in the answer to a POST alone, each time with an entry in the ledger; no address leads to it,
so neither a history nor a mail scanner that follows links ever holds one.
"""

from __future__ import annotations

from admin_ui.frame import Visit
from bridge import password
from bridge.password import Told
from gateway.judgement import acts, refusals
from gateway.judgement.dossier import dossier
from gateway.memory.states import Actor


def passwords(visit: Visit, id: str, person: str, actor: Actor) -> tuple[Told, ...]:
    """Of all ZIPs of the letter. Raises refusals.NotYours for whoever is not its sender."""
    office = visit.office
    with visit.write() as tx:
        held = dossier(tx.conn, office.checkpoint.letters, id)
        if held is None or not acts.is_senders(tx.conn, held, person):
            raise refusals.NotYours(id)
        return password.tell(tx, office.memory, held.letter["id"], actor)
