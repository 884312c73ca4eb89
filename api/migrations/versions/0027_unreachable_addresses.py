"""Addresses that mail came back from, until another is known."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unreachable_address",
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )


def downgrade() -> None:
    op.drop_table("unreachable_address")
