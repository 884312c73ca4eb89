"""Evaluations that ask what RC need, twice a year, beside those of meetings; and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=40), nullable=False, server_default="meeting")
        )
        batch_op.add_column(sa.Column("outcome", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.alter_column("kind", server_default=None)
        batch_op.alter_column("outcome", server_default=None)


def downgrade() -> None:
    # What a round of needs asked means nothing to an evaluation of a meeting.
    for table in ("evaluation_ballot", "evaluation_count"):
        op.execute(
            f"DELETE FROM {table} WHERE evaluation_id IN (SELECT id FROM evaluation WHERE kind = 'needs')"  # noqa: S608 - our own names
        )
    op.execute("DELETE FROM evaluation WHERE kind = 'needs'")
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_column("outcome")
        batch_op.drop_column("kind")
