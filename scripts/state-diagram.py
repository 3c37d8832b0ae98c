"""The diagram of states in docs/flow.md, drawn from the table that the code moves by:

.venv/bin/python scripts/state-diagram.py            prints it
.venv/bin/python scripts/state-diagram.py --write    puts it into the page
"""

from __future__ import annotations

import sys
from pathlib import Path

from gateway.memory.states import FINAL, TABLE, State
from scripts.between import put_between

PAGE = Path(__file__).parents[1] / "docs" / "flow.md"
NAME = "state-diagram"


def diagram() -> str:
    """As Mermaid, which code hosts draw by themselves."""
    arrows = [f"    [*] --> {state.name}" for state in (State.RECEIVED, State.TAPPED)]
    for state, ways in TABLE.items():
        arrows += [f"    {state.name} --> {to.name}: {event.value}" for event, to in ways.items()]
    ends = [f"    {state.name} --> [*]" for state in TABLE if state in FINAL and not TABLE[state]]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, *ends, "```", ""])


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        put_between(PAGE, NAME, diagram())
    else:
        print(diagram(), end="")
