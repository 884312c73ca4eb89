"""The secret address of each invitation, and answers by mail that nothing proves."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TEXTS = ("organizer", "unconfirmed")


def upgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.add_column(
                sa.Column(
                    name, sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""
                )
            )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.drop_column(name)
