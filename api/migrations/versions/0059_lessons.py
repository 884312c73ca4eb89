"""Lines of what was learnt; whom of a circle a question was put to; and the log by who did it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0059"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lesson",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rc_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("published_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
    )
    op.create_index(op.f("ix_lesson_rc_id"), "lesson", ["rc_id"], unique=False)
    op.create_index(op.f("ix_lesson_year"), "lesson", ["year"], unique=False)
    op.create_index(op.f("ix_audit_entry_actor"), "audit_entry", ["actor"], unique=False)
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_ids", sa.JSON(), nullable=True))
    _fill()
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.alter_column("asked_ids", existing_type=sa.JSON(), nullable=False)


def _fill() -> None:
    """Take those that were in the circle on the day before it was asked, or its first members."""
    question = sa.table(
        "question",
        sa.column("id", sa.String()),
        sa.column("network_id", sa.String()),
        sa.column("asked_at", api.kit.db.UtcDateTime(timezone=True)),
        sa.column("asked_ids", sa.JSON()),
    )
    member = sa.table(
        "network_member",
        sa.column("network_id", sa.String()),
        sa.column("rc_id", sa.String()),
        sa.column("since", sa.Date()),
    )
    bind = op.get_bind()
    since: dict[str, dict[str, object]] = {}
    for network_id, rc_id, day in bind.execute(
        sa.select(member.c.network_id, member.c.rc_id, member.c.since)
    ):
        since.setdefault(network_id, {}).setdefault(rc_id, day)
    asked = bind.execute(sa.select(question.c.id, question.c.network_id, question.c.asked_at)).all()
    for key, network_id, asked_at in asked:
        days = since.get(network_id or "", {})
        first = min(days.values(), default=None)
        asked_ids = sorted(
            rc_id for rc_id, day in days.items() if day == first or day < asked_at.date()
        )
        bind.execute(sa.update(question).where(question.c.id == key).values(asked_ids=asked_ids))


def downgrade() -> None:
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_column("asked_ids")
    op.drop_index(op.f("ix_audit_entry_actor"), "audit_entry")
    op.drop_table("lesson")
