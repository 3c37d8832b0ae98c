"""`python launch.py POINT ROLE CONFIG`: the real core, or one act of a person, that dies there;
or, as POINT=ERROR/CALLS/PATH/TIMES, whose disk begins to fail there (`faults.py`).

A point is one of
    append:VERB    in the transaction that records VERB, everything written, not yet committed
    commit:VERB    after its commit, before the checkpoint of it
    publish:VERB   after its checkpoint, before anybody is told
                   (a commit that waits for no flush has no checkpoint: both are after it)
    MODULE:NAME@before|after[#N]    around the N-th call of a function or method
    patience:N     nobody dies; a next hop has N seconds to answer to the data

Death is `os._exit(137)`: no handler runs, no buffer is flushed, nothing is said to anybody. This
lies with the tests, so that the product has no switch that stops it.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KILLED = 137


def die() -> None:
    os._exit(KILLED)


def failing(fault: str) -> Callable[[], None]:
    """From the first time that the point is met; afterwards the disk is as it is told to be."""
    from tests.crash.faults import VARIABLE, Fault, Faults

    error, calls, path, times = fault.split("/")
    faults, met = Faults(Path(os.environ[VARIABLE])), []

    def fail() -> None:
        if not met:
            faults.set(Fault(error, int(calls), path, int(times)))
        met.append(True)

    return fail


def strike_in_transaction(step: str, verb: str, die: Callable[[], None]) -> None:
    from gateway.memory.ledger.append import Ledger
    from gateway.memory.store import Store

    append, publish, write = Ledger.append, Ledger.publish, Store.write
    ours: list[bool] = []

    def appending(self: Ledger, tx: Any) -> Any:
        sealed = append(self, tx)
        if any(entry["verb"] == verb for entry in tx.entries):
            ours.append(True)
            if step == "append":
                die()
        return sealed

    def publishing(self: Ledger, checkpoint: Any) -> None:
        if ours and step == "commit":
            die()
        publish(self, checkpoint)
        if ours:
            die()

    @contextmanager
    def writing(self: Store, **how: Any) -> Iterator[Any]:
        with write(self, **how) as tx:
            yield tx
        if ours:
            die()

    Ledger.append, Ledger.publish = appending, publishing  # type: ignore[method-assign]
    Store.write = writing  # type: ignore[method-assign]


def strike_around(module: str, name: str, when: str, number: int, die: Callable[[], None]) -> None:
    owner: Any = importlib.import_module(module)
    *outer, last = name.split(".")
    for step in outer:
        owner = getattr(owner, step)
    held = inspect.getattr_static(owner, last)
    found: Callable[..., Any] = getattr(owner, last)
    calls: list[int] = []

    def now() -> bool:
        calls.append(1)
        return len(calls) == number

    def wrapped(*args: Any, **named: Any) -> Any:
        due = now()
        if due and when == "before":
            die()
        result = found(*args, **named)
        if due:
            die()
        return result

    async def waiting(*args: Any, **named: Any) -> Any:
        due = now()
        if due and when == "before":
            die()
        result = await found(*args, **named)
        if due:
            die()
        return result

    made: Any = waiting if inspect.iscoroutinefunction(found) else wrapped
    setattr(owner, last, staticmethod(made) if isinstance(held, staticmethod) else made)


def arm(point: str) -> None:
    point, _, fault = point.partition("=")
    strike = failing(fault) if fault else die
    if match := re.fullmatch(r"(append|commit|publish):([a-z_.]+)", point):
        strike_in_transaction(match[1], match[2], strike)
    elif match := re.fullmatch(r"([\w.]+):([\w.]+)@(before|after)(?:#(\d+))?", point):
        strike_around(match[1], match[2], match[3], int(match[4] or 1), strike)
    elif match := re.fullmatch(r"patience:(\d+)", point):
        importlib.import_module("gateway.mail.hop").ANSWER = float(match[1])  # type: ignore[attr-defined]
    elif point != "nowhere":
        raise SystemExit(f"no such point: {point}")


def main() -> None:
    point, role = sys.argv[1:3]
    sys.path.insert(0, str(ROOT))
    from admin_ui.serve import role as roles

    if role == "confirm":
        from tests.crash.acts import confirm

        arm(point)
        confirm(Path(sys.argv[4]), sys.argv[3])
        return
    importlib.import_module("admin_ui.serve.core")
    arm(point)
    del sys.argv[1]
    raise SystemExit(roles.main())


if __name__ == "__main__":
    main()
