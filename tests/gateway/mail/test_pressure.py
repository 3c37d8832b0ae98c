"""Back-pressure looks at the real disk and the real process."""

from __future__ import annotations

import gc
import mmap
import shutil
from pathlib import Path

import pytest

from gateway.mail.pressure import NO_MEMORY, NO_ROOM, QUEUE_FULL, Pressure, resident

MUCH = 1 << 50


@pytest.mark.parametrize(
    ("floor", "memory", "waiting", "expected"),
    [
        (0, MUCH, 0, None),
        (MUCH, MUCH, 0, NO_ROOM),
        (0, 1_000_000, 0, NO_MEMORY),
        (0, MUCH, 10, QUEUE_FULL),
        (0, MUCH, 9, None),
    ],
)
def test_what_is_short_is_said(
    tmp_path: Path, floor: int, memory: int, waiting: int, expected: object
) -> None:
    assert Pressure(tmp_path, floor, memory, 10, waiting).refusal() == expected


def test_a_look_is_fresh_for_half_a_second(tmp_path: Path) -> None:
    now = [0.0]
    pressure = Pressure(tmp_path, 0, MUCH, 10, clock=lambda: now[0])
    assert pressure.refusal() is None
    pressure.floor = shutil.disk_usage(tmp_path).total * 2
    assert pressure.refusal() is None
    now[0] = 1.0
    assert pressure.refusal() == NO_ROOM


def test_resident_is_what_this_process_holds() -> None:
    gc.collect()  # what others leave behind would be let go of in between
    before = resident()
    # The system's own: what an allocator gives may be what another test has left there.
    with mmap.mmap(-1, 150_000_000) as block:
        block[::4096] = b"x" * len(block[::4096])  # a page counts once it is touched
        assert resident() - before > 100_000_000
