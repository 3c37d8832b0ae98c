"""Migrations, run by Alembic from package data; no ini file.

Alembic is loaded only where something is to be migrated: with its template engine it would be a
sixth of what every process of ours loads at its start, to learn that nothing is.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

FOLDER = Path(__file__).with_name("migrations")


def newest() -> str:
    """Revision of the newest migration: its file is named by it, and they are one line."""
    return max(path.name for path in FOLDER.glob("versions/[0-9]*.py")).partition("_")[0]


def is_current(engine: Engine) -> bool:
    with engine.connect().execution_options(read_only=True) as conn:
        if not inspect(conn).has_table("alembic_version"):
            return False
        return conn.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest()


def upgrade(engine: Engine) -> bool:
    """To the newest version; False where it was that already."""
    if is_current(engine):
        return False
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.connect() as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
    return True
