"""Who is asked to lead a session, in which order, and what they answered."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leader_ask",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("meeting_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_sv", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title_en", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rc_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("function_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "asked",
                "yes",
                "no",
                "withdrawn",
                name="askstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("asked_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["function_id"], ["function.id"]),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("meeting_id", "session_key", "function_id"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("leader_ask", schema=None) as batch_op:
        for name in ("function_id", "meeting_id", "rc_id"):
            batch_op.create_index(batch_op.f(f"ix_leader_ask_{name}"), [name], unique=False)


def downgrade() -> None:
    op.drop_table("leader_ask")
