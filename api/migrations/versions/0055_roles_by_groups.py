"""What an organisation's groups give is kept with the account that they are of."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("provider_account", sa.Column("roles", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("provider_account") as batch:
        batch.drop_column("roles")
