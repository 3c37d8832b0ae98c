"""Why an act on a held mail is not done; pages and the command line put it into words."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.judgement.dossier import Dossier


class Refused(Exception):
    """An act that is not done; the class says why."""


class Unknown(Refused):
    """No such consignment, or not one of this person's."""


class Settled(Refused):
    """It was decided already."""

    def __init__(self, held: Dossier) -> None:
        super().__init__(held.id)
        self.held = held


class Stale(Refused):
    """The page that was shown is not what is there now."""


class NotYours(Refused):
    """This person may not do it: the sender's own approval, or none of this person's demands."""


class ReasonNeeded(Refused):
    """Refusing and returning say why."""


@dataclass
class Incomplete(Refused):
    """Not everything was ticked or typed: keys as the page names them ("r12", "a2.1")."""

    unticked: tuple[str, ...] = ()
    mistyped: tuple[str, ...] = ()
    purpose: bool = False
