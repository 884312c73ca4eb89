"""Posts of other agencies that hold a meeting together with NCH."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from api.kit.db import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "meeting_co_host",
        sa.Column("meeting_id", text(), nullable=False),
        sa.Column("function_id", text(), nullable=False),
        sa.Column("added_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["function_id"], ["function.id"], name=op.f("fk_meeting_co_host_function_id_function")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_co_host_meeting_id_meeting")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "function_id", name=op.f("pk_meeting_co_host")),
    )
    with op.batch_alter_table("meeting_co_host", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_co_host_function_id"), ["function_id"])


def downgrade() -> None:
    op.drop_table("meeting_co_host")
