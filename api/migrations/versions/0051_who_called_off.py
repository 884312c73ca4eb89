"""Who called a meeting off is an id, as everywhere: names that were kept beside people go."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Mails about it went minutes after; the log has who did it.
    for name in ("meeting", "meeting_series"):
        table = sa.table(name, sa.column("cancelled_by", sa.String()))
        op.execute(sa.update(table).values(cancelled_by=""))


def downgrade() -> None:
    """Leave the names away: nothing of the tables has changed."""
