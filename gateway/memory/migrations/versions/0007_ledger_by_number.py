"""ledger: SQLite stores entries and details by their number; the index of actors has the named ones

With a key of two columns it numbered the rows itself and kept the key as a tree of its own beside
each table. A SQLite file has one owner and so one stream; where several write (PostgreSQL) the key
stays as it is. Both tables are written anew: 20 s and 2 GB of the disk for 1 million entries.
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_ledgerentry_actor_id', 'ledgerentry')
    _store(['seq'], ['seq'])
    named = sa.text("actor_id <> ''")
    op.create_index('ix_ledgerentry_actor', 'ledgerentry', ['actor_id'],
                    sqlite_where=named, postgresql_where=named)


def downgrade() -> None:
    op.drop_index('ix_ledgerentry_actor', 'ledgerentry')
    _store(['seq', 'stream'], ['stream', 'seq'])
    op.create_index('ix_ledgerentry_actor_id', 'ledgerentry', ['actor_id'])


def _store(entries: list[str], details: list[str]) -> None:
    """By these keys."""
    if op.get_bind().dialect.name != 'sqlite':
        return
    _rewrite('ledgerdetail',
    sa.Column('stream', sa.String(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('salt', sa.LargeBinary(), nullable=False),
    sa.Column('details', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint(*details)
    )
    _rewrite('ledgerentry',
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('stream', sa.String(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('actor_kind', sa.String(), nullable=False),
    sa.Column('actor_id', sa.String(), nullable=False),
    sa.Column('verb', sa.String(), nullable=False),
    sa.Column('letter_id', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('entry', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint(*entries)
    )
    for column in ('at', 'verb', 'subject'):
        op.create_index(f'ix_ledgerentry_{column}', 'ledgerentry', [column])
    op.create_index('ix_ledgerentry_letter', 'ledgerentry', ['letter_id'],
                    sqlite_where=sa.text('letter_id <> subject'))


def _rewrite(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(f'{name}_by_key', *columns)
    op.execute(f'INSERT INTO {name}_by_key SELECT * FROM {name} ORDER BY seq')
    op.drop_table(name)
    op.rename_table(f'{name}_by_key', name)
