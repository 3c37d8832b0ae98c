"""Reads a mail again while somebody waits for it, in a scan worker as keyless as any other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from detectors.own import NOTHING, Own
from detectors.report import Report
from gateway.judgement.sandbox import Sandbox
from gateway.judgement.unlock import Reading


class Reader:
    """One worker, started when it is first needed: most days nobody types a password."""

    def __init__(
        self,
        seconds: float,
        sandbox: Sandbox | None = None,
        own: Callable[[], Own] = lambda: NOTHING,
    ) -> None:
        """`sandbox` where the process has one already; else `own` is what it looks for."""
        self._seconds = seconds
        self._own = own
        self._sandbox = sandbox
        self._starting = asyncio.Lock()

    async def inspect(self, wanted: Reading, passwords: Sequence[str]) -> Report:
        """Raises ScanIncomplete, SandboxStopped, WorkerNotReady."""
        async with self._starting:
            self._sandbox = self._sandbox or await Sandbox.start(1, self._own)
        kinds = wanted.kinds | self._sandbox.own_kinds
        return await self._sandbox.inspect(
            wanted.raw, kinds=kinds, passwords=passwords, limit_seconds=self._seconds
        )

    async def stop(self) -> None:
        if self._sandbox:
            await self._sandbox.stop()
