"""The room of a video meeting, and the dates that have left their series."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_WITH_VIDEO = ("event", "meeting", "meeting_series", "poll")


def upgrade() -> None:
    with op.batch_alter_table("calendar_part", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_alone", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("calendar_part", schema=None) as batch_op:
        batch_op.alter_column("is_alone", server_default=None)
    for table in _WITH_VIDEO:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column(
                    "video_url",
                    sqlmodel.sql.sqltypes.AutoString(),
                    nullable=False,
                    server_default="",
                )
            )
            if table == "event":
                batch_op.add_column(
                    sa.Column("is_apart", sa.Boolean(), nullable=False, server_default=sa.false())
                )
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("video_url", server_default=None)
            if table == "event":
                batch_op.alter_column("is_apart", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("calendar_part", schema=None) as batch_op:
        batch_op.drop_column("is_alone")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_column("is_apart")
    for table in _WITH_VIDEO:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("video_url")
