"""Who named a circle, and what it was called before."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("network", schema=None) as batch_op:
        batch_op.add_column(sa.Column("named_by", sa.String(), nullable=True))
        for name in ("former_sv", "former_en"):
            batch_op.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("network", schema=None) as batch_op:
        for name in ("former_sv", "former_en"):
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("network", schema=None) as batch_op:
        for name in ("former_en", "former_sv", "named_by"):
            batch_op.drop_column(name)
