"""Whether the people of an event meet in a room in a town that is not decided yet."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_town_open", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.alter_column("is_town_open", server_default=None)
    # Enum columns hold the values as text: in a room is whatever is not "digital".
    event = sa.table(
        "event",
        sa.column("subject_kind", sa.String()),
        sa.column("subject_id", sa.String()),
        sa.column("town", sa.String()),
        sa.column("is_town_open", sa.Boolean()),
    )
    meeting = sa.table("meeting", sa.column("id", sa.String()), sa.column("form", sa.String()))
    op.execute(
        sa.update(event)
        .where(event.c.subject_kind == "meeting", event.c.town == "")
        .where(event.c.subject_id.in_(sa.select(meeting.c.id).where(meeting.c.form != "digital")))
        .values(is_town_open=True)
    )


def downgrade() -> None:
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_column("is_town_open")
