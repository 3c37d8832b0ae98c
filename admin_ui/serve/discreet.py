"""Logs that say where and of what kind an error was, never its message.

A message may quote what was being read: `int()` names the text that is no number, a validation
error its input. Whatever a library says of a mail must not reach a log (nor standard error).
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import traceback
from types import TracebackType

log = logging.getLogger("sekisho")

_SAFE = (OSError, ImportError, sqlite3.Error)
"""Their words come from the system, not from a mail."""
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    def formatException(self, ei: _ExcInfo) -> str:
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines = [*traceback.format_tb(error.__traceback__), _named(error), *lines]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "".join(lines).rstrip("\n")


def set_up(role: str, level: int = logging.INFO) -> None:
    """For the whole process: all loggers, what nobody caught, and what a thread died of."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet(f"%(asctime)s {role} %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    sys.excepthook = lambda *error: log.critical("ended by an error", exc_info=error)
    threading.excepthook = lambda died: log.critical(
        "a thread died", exc_info=(died.exc_type, died.exc_value or died.exc_type(), None)
    )


def _named(error: BaseException) -> str:
    said = f": {error}" if isinstance(error, _SAFE) else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{said}\n"
