"""What an RC has filled in of a survey and not sent yet."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_draft",
        sa.Column("survey_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rc_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["needs_survey.id"]),
        sa.PrimaryKeyConstraint("survey_id", "rc_id"),
    )


def downgrade() -> None:
    op.drop_table("survey_draft")
