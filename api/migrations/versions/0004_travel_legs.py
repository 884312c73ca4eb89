"""NCH's own corrections of the shipped legs between towns."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "travel_leg",
        sa.Column("a", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("b", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mode", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("basis", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("changed_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("a", "b", "mode", name=op.f("pk_travel_leg")),
    )


def downgrade() -> None:
    op.drop_table("travel_leg")
