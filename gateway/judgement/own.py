"""What this installation looks for beside the usual, opened and kept up to date.

Dictionaries and patterns are those of the configuration; the register is read again when its file
changes, so that `sekisho register build` needs no restart.
"""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace

from detectors.own import Own
from detectors.register import Register
from gateway.judgement import register
from gateway.memory.config import Config
from gateway.memory.keys import KeyMissing

log = logging.getLogger("sekisho.own")

LOOK = 1.0

_Stamp = tuple[int, int, int] | None
_UNREADABLE: _Stamp = (0, 0, 0)


def configured(config: Config) -> Own:
    """Dictionaries and patterns of the configuration, without the register."""
    return Own(
        tuple(section.opened() for section in config.dictionary),
        tuple(section.opened() for section in config.pattern),
    )


class Watched:
    """`current()` looks at the directory once in `LOOK` seconds; the object stays the same until
    something changes there."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._own = configured(config)
        self._file = os.fspath(register.path(config))
        self._stamp: _Stamp = None
        self._looked = -LOOK

    def current(self) -> Own:
        if time.monotonic() < self._looked + LOOK:
            return self._own
        self._looked = time.monotonic()
        stamp = _stamp(self._file)
        if stamp != self._stamp:
            self._own = replace(self._own, register=self._read())
            self._stamp = stamp
        return self._own

    def _read(self) -> Register | None:
        """A register that cannot be read stops no mail: it only ever raises a confidence."""
        try:
            return register.load(self._config)
        except (register.Damaged, KeyMissing, OSError) as error:
            log.error("the register is not used: %s", error)
            return None


def _stamp(file: str) -> _Stamp:
    try:
        found = os.stat(file)
    except FileNotFoundError:
        return None
    except OSError:
        return _UNREADABLE  # reading it says why
    return found.st_ino, found.st_mtime_ns, found.st_size
