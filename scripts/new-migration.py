"""Draft a migration from the difference between the models and the newest version:

.venv/bin/python scripts/new-migration.py "what changes"
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from gateway.memory import migrate

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'draft.db'}")
        config = migrate._config()
        with engine.connect() as conn, conn.begin():
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
        with engine.connect() as conn, conn.begin():
            config.attributes["connection"] = conn
            command.revision(config, sys.argv[1], autogenerate=True)
