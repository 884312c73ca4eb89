"""Since when a body or a function has ended: it stands in no list, and what it was asked stays."""

import sqlalchemy as sa
from alembic import op

import api.kit.db

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("body", "function"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("ended_at", api.kit.db.UtcDateTime(timezone=True), nullable=True)
            )


def downgrade() -> None:
    for table in ("function", "body"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("ended_at")
