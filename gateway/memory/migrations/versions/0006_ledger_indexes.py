"""ledger: letters in an index only where they are not the subject too"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_ledgerentry_letter_id', 'ledgerentry')
    others = sa.text('letter_id <> subject')
    op.create_index('ix_ledgerentry_letter', 'ledgerentry', ['letter_id'],
                    sqlite_where=others, postgresql_where=others)


def downgrade() -> None:
    op.drop_index('ix_ledgerentry_letter', 'ledgerentry')
    op.create_index('ix_ledgerentry_letter_id', 'ledgerentry', ['letter_id'])
