"""How fast the ledger is written and verified: `python -m benchmarks.ledger`.

Entries as a delivery makes them, in transactions of ten and of a hundred, each flushed and signed;
then the whole chain is verified as an auditor does it. Before each turn as many are written and the
log is carried over, as a core does every few seconds: a log that has yet to grow takes a fifth
longer, and only in the first of them. Ends with 1 where a figure is missed.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from benchmarks.goals import missed
from benchmarks.installation import Installation, carried_over
from benchmarks.peers import folder_on_disk
from gateway.memory.opening import Memory
from gateway.memory.states import SYSTEM
from gateway.memory.store import Tx

ROWS = 20_000
WRITTEN, VERIFIED = 20_000, 80_000
"""Rows a second that are to be reached."""


def main() -> int:
    late = 0
    with folder_on_disk() as folder:
        ours = Installation(folder, "127.0.0.1:9")
        with ours.memory(lambda: datetime.now(UTC)) as memory:
            with memory.store.write() as tx:
                memory.ledger.open(tx.conn)
            for batch in (10, 100):
                _written(memory, batch)
                carried_over(memory, "PASSIVE")
                late += missed(
                    f"rows written a second, {batch} at once",
                    _written(memory, batch),
                    least=WRITTEN,
                )
        began = time.perf_counter()
        found = ours.verify()
        assert found.whole
        late += missed(
            "rows verified a second", found.entries / (time.perf_counter() - began), least=VERIFIED
        )
        ours.close()
    return int(bool(late))


def _written(memory: Memory, batch: int) -> float:
    began = time.perf_counter()
    for first in range(0, ROWS, batch):
        with memory.store.write() as tx:
            for number in range(first, first + batch):
                _deliver(tx, f"{number % 1_000:04}-TEST")
    return ROWS / (time.perf_counter() - began)


def _deliver(tx: Tx, id: str) -> None:
    tx.record(
        "delivered",
        SYSTEM,
        letter=id,
        consignment=id,
        recipient="sato@partner.example",
        reply="250 2.0.0 Ok: queued as 4Fz7",
        mx="mx.partner.example",
        tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
    )


if __name__ == "__main__":
    sys.exit(main())
