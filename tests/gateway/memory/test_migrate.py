import subprocess
import sys

from alembic.config import Config as Alembic
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from gateway.memory import migrate


def test_it_works(memory) -> None:
    engine = memory.store.engine
    assert migrate.is_current(engine) and not migrate.upgrade(engine)


def test_the_newest_is_alembics_head() -> None:
    alembic = Alembic()
    alembic.set_main_option("script_location", str(migrate.FOLDER))
    assert migrate.newest() == ScriptDirectory.from_config(alembic).get_current_head()


def test_an_empty_database_and_an_older_one_are_not_current(tmp_path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    assert not migrate.is_current(engine)
    assert migrate.upgrade(engine) and migrate.is_current(engine)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert not migrate.is_current(engine)
    engine.dispose()


def test_what_starts_without_migrating_loads_no_alembic() -> None:
    code = "import sys, admin_ui.serve.core; assert 'alembic' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
