"""What an RC asked for in a survey and did not get at its meeting: carried into the next survey."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("needs_survey", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unmet", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("needs_survey", schema=None) as batch_op:
        batch_op.drop_column("unmet")
