"""Whether a meeting took place, as those who met have said."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("was_held", sa.Boolean(), nullable=True))
    meeting = sa.table("meeting", sa.column("id", sa.String()), sa.column("was_held", sa.Boolean()))
    held = sa.table("held", sa.column("meeting_id", sa.String()), sa.column("answer", sa.String()))
    connection = op.get_bind()
    for meeting_id, answer in connection.execute(
        sa.select(held.c.meeting_id, held.c.answer).where(held.c.answer.is_not(None))
    ).all():
        connection.execute(
            sa.update(meeting).where(meeting.c.id == meeting_id).values(was_held=answer == "yes")
        )


def downgrade() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_column("was_held")
