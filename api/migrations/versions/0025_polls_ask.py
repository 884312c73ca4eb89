"""Whom a poll asks, by which links, until when; whose an answer is; and when a meeting's time was decided."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "poll_asked",
        sa.Column("id", text(), nullable=False),
        sa.Column("poll_id", text(), nullable=False),
        sa.Column("function_id", text(), nullable=False),
        sa.Column("asked_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reminded_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"]),
        sa.ForeignKeyConstraint(["function_id"], ["function.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("poll_id", "function_id"),
    )
    with op.batch_alter_table("poll_asked", schema=None) as batch_op:
        for name in ("function_id", "poll_id"):
            batch_op.create_index(batch_op.f(f"ix_poll_asked_{name}"), [name], unique=False)
    op.create_table(
        "poll_link",
        sa.Column("token_hash", text(), nullable=False),
        sa.Column("asked_id", text(), nullable=False),
        sa.ForeignKeyConstraint(["asked_id"], ["poll_asked.id"]),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("poll_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poll_link_asked_id"), ["asked_id"], unique=False)
    with op.batch_alter_table("poll_answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("function_id", text(), nullable=True))
        batch_op.create_index(batch_op.f("ix_poll_answer_function_id"), ["function_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_poll_answer_function_id_function"), "function", ["function_id"], ["id"]
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_poll_answer_poll_id"), ["poll_id", "function_id"]
        )
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_by", text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("answer_by", sa.Date(), nullable=True))
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.alter_column("asked_by", server_default=None)
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("agreed_at", api.kit.db.UtcDateTime(timezone=True), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_column("agreed_at")
    with op.batch_alter_table("poll", schema=None) as batch_op:
        batch_op.drop_column("answer_by")
        batch_op.drop_column("asked_by")
    with op.batch_alter_table("poll_answer", schema=None) as batch_op:
        batch_op.drop_constraint("uq_poll_answer_poll_id", type_="unique")
        batch_op.drop_constraint("fk_poll_answer_function_id_function", type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_poll_answer_function_id"))
        batch_op.drop_column("function_id")
    op.drop_table("poll_link")
    op.drop_table("poll_asked")
