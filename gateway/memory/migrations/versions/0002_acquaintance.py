"""acquaintance"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('tie',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('first_at', sa.BigInteger(), nullable=False),
    sa.Column('last_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('key'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_tie_last_at', 'tie', ['last_at'], unique=False)
    op.create_table('usualdomain',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('domain', sa.String(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'domain'),
    sqlite_with_rowid=False
    )
    op.create_index('ix_usualdomain_last_at', 'usualdomain', ['last_at'], unique=False)
    op.create_table('knowndomain',
    sa.Column('domain', sa.String(), nullable=False),
    sa.Column('first_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('domain')
    )
    op.create_table('spelling',
    sa.Column('variant', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('domain', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('variant', 'domain'),
    sqlite_with_rowid=False
    )
    op.create_table('threaddomains',
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.Column('domains', sa.JSON(), nullable=False),
    sa.Column('last_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_index('ix_threaddomains_last_at', 'threaddomains', ['last_at'], unique=False)


def downgrade() -> None:
    op.drop_table('threaddomains')
    op.drop_table('spelling')
    op.drop_table('knowndomain')
    op.drop_table('usualdomain')
    op.drop_table('tie')
