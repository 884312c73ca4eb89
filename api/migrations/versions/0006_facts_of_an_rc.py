"""What an RC calls itself, when it began, whether it is mobile, and what it can show others."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rc", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("own_name", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )
        batch_op.add_column(sa.Column("started_year", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("mobile", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("can_show", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("rc", schema=None) as batch_op:
        batch_op.alter_column("can_show", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("rc", schema=None) as batch_op:
        for name in ("can_show", "mobile", "started_year", "own_name"):
            batch_op.drop_column(name)
