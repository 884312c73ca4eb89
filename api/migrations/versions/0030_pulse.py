"""The pulse over all circles: ballots that are used once, and answers without whose they are."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "pulse_ballot",
        sa.Column("token_hash", text(), nullable=False),
        sa.Column("season", text(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    answer = sa.Enum("yes", "partly", "no", name="pulseanswer", native_enum=False, length=40)
    op.create_table(
        "pulse_vote",
        sa.Column("id", text(), nullable=False),
        sa.Column("season", text(), nullable=False),
        sa.Column("answer", answer, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for table in ("pulse_ballot", "pulse_vote"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_season"), ["season"], unique=False)


def downgrade() -> None:
    for table in ("pulse_vote", "pulse_ballot"):
        op.drop_table(table)
