"""Who ended a series, and why: both stand in the mails about it, as of a single meeting."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None

_NAMES = ("cancelled_by", "cancel_reason")


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    with op.batch_alter_table("meeting_series", schema=None) as batch_op:
        for name in _NAMES:
            batch_op.add_column(sa.Column(name, text(), nullable=False, server_default=""))
    with op.batch_alter_table("meeting_series", schema=None) as batch_op:
        for name in _NAMES:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("meeting_series", schema=None) as batch_op:
        for name in reversed(_NAMES):
            batch_op.drop_column(name)
