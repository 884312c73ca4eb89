"""When each errand of the schedule was last run, and who has it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "errand_run",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("worker", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("begun_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("held_until", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("fault", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_errand_run")),
    )


def downgrade() -> None:
    op.drop_table("errand_run")
