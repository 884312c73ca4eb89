"""Who is away for a time, and who holds the post meanwhile."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_INDEXED = ("function_id", "person_id", "deputy_id")


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    moment = api.kit.db.UtcDateTime(timezone=True)
    op.create_table(
        "absence",
        sa.Column("id", text(), nullable=False),
        sa.Column("function_id", text(), nullable=False),
        sa.Column("person_id", text(), nullable=False),
        sa.Column("deputy_id", text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("deputy_hands_over", sa.Boolean(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("begun_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("begun_by", text(), nullable=False),
        sa.Column("ended_by", text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["function_id"], ["function.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        for name in _INDEXED:
            batch_op.create_index(batch_op.f(f"ix_absence_{name}"), [name], unique=False)


def downgrade() -> None:
    op.drop_table("absence")
