"""password of an encrypted ZIP"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('consignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('password', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('password_kek', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('consignment', schema=None) as batch_op:
        batch_op.drop_column('password_kek')
        batch_op.drop_column('password')
