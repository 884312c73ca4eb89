"""The log is signed: a signature for each row, and the signed head.

Rows that are there keep an empty signature: they are older than the key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the signature and the head."""
    with op.batch_alter_table("audit_entry") as batch:
        batch.add_column(sa.Column("signature", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("audit_entry") as batch:
        batch.alter_column("signature", server_default=None)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entry") as batch:
        batch.drop_column("signature")
