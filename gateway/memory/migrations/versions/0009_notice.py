"""who was told of which mail, and who is to be told of several at once"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('reminder', sa.Boolean(), nullable=False),
    sa.Column('consignment_id', sa.String(), nullable=False),
    sa.Column('demand_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('told_at', sa.BigInteger(), nullable=True),
    sa.Column('letter_id', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_turn', ['person_id', 'kind', 'reminder', 'id'], unique=False)
        batch_op.create_index('ix_notice_due', ['told_at', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_consignment_id'), ['consignment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_letter_id'), ['letter_id'], unique=False)


def downgrade() -> None:
    op.drop_table('notice')
