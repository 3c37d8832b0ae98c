"""Logs that say where and of what kind an error was, never its message.

A message may quote what was being read: `int()` names the text that is no number, a validation
error its input. Whatever a library says of a mail must not reach a log (nor standard error).
"""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType

log = logging.getLogger("sekisho")

_SAFE = (OSError, ImportError, sqlite3.Error)
"""Their words come from the system, not from a mail."""
_SAFE_NAME = "psycopg.OperationalError"
"""Of a server that is away; others of PostgreSQL quote what was to be written. By name: the driver
is loaded where it is used."""
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    def formatException(self, ei: _ExcInfo) -> str:
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines = [*traceback.format_tb(error.__traceback__), _named(error), *lines]
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "".join(lines).rstrip("\n")


class Lines(Discreet):
    """One JSON object a line, for a collector of logs."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "role": self._role,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def set_up(role: str, level: int = logging.INFO, form: str = "text") -> None:
    """For the whole process: all loggers, what nobody caught, and what a thread died of."""
    handler = logging.StreamHandler()
    plain = Discreet(f"%(asctime)s {role} %(levelname)s %(name)s %(message)s")
    handler.setFormatter(Lines(role) if form == "json" else plain)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    sys.excepthook = lambda *error: log.critical("ended by an error", exc_info=error)
    threading.excepthook = lambda died: log.critical(
        "a thread died", exc_info=(died.exc_type, died.exc_value or died.exc_type(), None)
    )


def _named(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    safe = isinstance(error, _SAFE) or name == _SAFE_NAME
    return f"{name}: {error}\n" if safe else f"{name}\n"
