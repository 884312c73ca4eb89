"""How many full-time posts an RC has."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rc", schema=None) as batch_op:
        batch_op.add_column(sa.Column("staff_count", sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rc", schema=None) as batch_op:
        batch_op.drop_column("staff_count")
