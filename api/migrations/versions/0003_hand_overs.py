"""Who held a post before and after, earlier names and numbers, and versions of places."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_over",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("function_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("from_holder_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("from_deputy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("to_holder_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("to_deputy_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("taken_back_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["function_id"], ["function.id"], name=op.f("fk_hand_over_function_id_function")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    with op.batch_alter_table("hand_over", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hand_over_function_id"), ["function_id"], unique=False)
    op.create_table(
        "past_details",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("person_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_past_details_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_details")),
    )
    with op.batch_alter_table("past_details", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_past_details_person_id"), ["person_id"], unique=False)
    with op.batch_alter_table("function", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("deputy_hands_over", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("function", schema=None) as batch_op:
        batch_op.alter_column("deputy_hands_over", server_default=None)
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.alter_column("version", server_default=None)
    with op.batch_alter_table("survey_link", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("function_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("survey_link", schema=None) as batch_op:
        batch_op.drop_column("function_id")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_column("version")
    with op.batch_alter_table("function", schema=None) as batch_op:
        batch_op.drop_column("deputy_hands_over")
    op.drop_table("past_details")
    op.drop_table("hand_over")
