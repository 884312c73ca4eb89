"""What a planner holds in the hand over a programme's grid, so that the others see whose it is."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0061"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picked_up",
        sa.Column("proposal_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("session_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("until", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_picked_up_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_picked_up_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_picked_up")),
    )


def downgrade() -> None:
    op.drop_table("picked_up")
