"""How a guest gets in at a meeting, and which function to ring."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting_arrival",
        sa.Column("meeting_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("way_in", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("contact_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["function.id"]),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.PrimaryKeyConstraint("meeting_id"),
    )
    with op.batch_alter_table("meeting_arrival", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_meeting_arrival_contact_id"), ["contact_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("meeting_arrival")
