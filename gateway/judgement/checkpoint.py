"""What the judgement stands on: configuration, contents, calendar, outbox and policies.

Built once per process and handed to every function of this wing that needs more than a row.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.calendar import Calendar
from gateway.judgement.policies import Policies
from gateway.mail.outbox import Outbox
from gateway.memory.config import Config
from gateway.memory.keys import create_secret, read_secret
from gateway.memory.letters import Letters
from gateway.memory.opening import Memory, folders


@dataclass(frozen=True)
class Checkpoint:
    config: Config
    letters: Letters
    calendar: Calendar
    outbox: Outbox
    policies: Policies
    keyed: Keyed
    """for acquaintance"""

    @classmethod
    def of(cls, memory: Memory) -> Checkpoint:
        config = memory.config
        return cls(
            config,
            memory.content,
            Calendar.of(config.holds, config.zone),
            Outbox(
                memory.content,
                config.delivery.notice_from,
                config.delivery.bounce_address,
                config.delivery.postmaster,
            ),
            Policies(),
            keyed(memory),
        )


def keyed(memory: Memory) -> Keyed:
    """Under the key of this house; made here for one that is older than acquaintance."""
    path = folders(memory.config)["keys"] / "acquaintance"
    create_secret(path)
    return Keyed(read_secret(path))
