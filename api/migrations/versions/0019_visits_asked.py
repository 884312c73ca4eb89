"""Whether a host takes a study visit, and the one line of what the visitor learnt there."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit_ask",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("visitor_rc", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("host_rc", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("theme_ids", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "yes",
                "no",
                "withdrawn",
                name="visitstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("function_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("asked_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("meeting_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("learnt", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("visit_ask", schema=None) as batch_op:
        for name in ("host_rc", "meeting_id", "visitor_rc"):
            batch_op.create_index(batch_op.f(f"ix_visit_ask_{name}"), [name], unique=False)


def downgrade() -> None:
    op.drop_table("visit_ask")
