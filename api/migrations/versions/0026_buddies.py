"""Who helps a newcomer into a circle."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_INDEXED = ("function_id", "person_id", "buddy_function_id")


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "buddy",
        sa.Column("id", text(), nullable=False),
        sa.Column("hand_over_id", text(), nullable=False),
        sa.Column("function_id", text(), nullable=False),
        sa.Column("person_id", text(), nullable=False),
        sa.Column("buddy_function_id", text(), nullable=False),
        sa.Column("since", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hand_over_id"], ["hand_over.id"]),
        sa.ForeignKeyConstraint(["function_id"], ["function.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["buddy_function_id"], ["function.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hand_over_id"),
    )
    with op.batch_alter_table("buddy", schema=None) as batch_op:
        for name in _INDEXED:
            batch_op.create_index(batch_op.f(f"ix_buddy_{name}"), [name], unique=False)


def downgrade() -> None:
    op.drop_table("buddy")
