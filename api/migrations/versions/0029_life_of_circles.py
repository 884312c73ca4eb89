"""Whose turn it is to convene a circle, what its next time holds, and whether its meetings took place."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def _moment(name, *, nullable=True):
    return sa.Column(name, api.kit.db.UtcDateTime(timezone=True), nullable=nullable)


def _text(name, *, nullable=False):
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(), nullable=nullable)


def _enum(name, kind, *values):
    made = sa.Enum(*values, name=kind, native_enum=False, length=40)
    return sa.Column(name, made, nullable=True)


def upgrade() -> None:
    op.create_table(
        "convening",
        _text("id"),
        _text("network_id"),
        _text("rc_id"),
        _moment("since", nullable=False),
        _text("chosen_by"),
        _moment("ended_at"),
        _enum("end", "turnend", "met", "declined", "passed"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "circle_care",
        _text("network_id"),
        sa.Column("agenda", sa.JSON(), nullable=False),
        _text("line"),
        sa.Column("resting_until", sa.Date(), nullable=True),
        _moment("nudged_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"]),
        sa.PrimaryKeyConstraint("network_id"),
    )
    op.create_table(
        "held",
        _text("meeting_id"),
        _text("network_id"),
        _text("rc_id"),
        _text("person_id"),
        _text("token_hash", nullable=True),
        _moment("asked_at"),
        _enum("answer", "heldanswer", "yes", "no", "moved"),
        _moment("answered_at"),
        _text("answered_by"),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"]),
        sa.PrimaryKeyConstraint("meeting_id"),
        sa.UniqueConstraint("token_hash"),
    )
    for table, names in (("convening", ("network_id", "rc_id")), ("held", ("network_id",))):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in names:
                batch_op.create_index(batch_op.f(f"ix_{table}_{name}"), [name], unique=False)


def downgrade() -> None:
    for table in ("held", "circle_care", "convening"):
        op.drop_table(table)
