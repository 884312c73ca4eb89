"""Which person an account at an organisation's provider is."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_account",
        sa.Column("issuer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("since", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_provider_account_person_id_person")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_account")),
    )
    with op.batch_alter_table("provider_account") as batch:
        batch.create_index(batch.f("ix_provider_account_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("provider_account")
