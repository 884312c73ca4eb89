"""What kind of mail came in, its subject, the event that it is about, and the time that it proposes."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TEXTS = ("kind", "subject", "event_id")
_TIMES = ("starts_at", "ends_at")


def upgrade() -> None:
    with op.batch_alter_table("mail_reply", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.add_column(
                sa.Column(
                    name, sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""
                )
            )
        for name in _TIMES:
            batch_op.add_column(
                sa.Column(name, api.kit.db.UtcDateTime(timezone=True), nullable=True)
            )
    with op.batch_alter_table("mail_reply", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("mail_reply", schema=None) as batch_op:
        for name in (*_TIMES, *_TEXTS):
            batch_op.drop_column(name)
