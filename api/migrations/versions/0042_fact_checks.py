"""When an RC's facts were last said to be right, the links that ask, and contacts at other agencies."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

CONTACTS = ("contact_region", "contact_police", "contact_prosecutor", "agency_networks")


def upgrade() -> None:
    with op.batch_alter_table("rc", schema=None) as batch_op:
        for column in CONTACTS:
            batch_op.add_column(
                sa.Column(column, sqlmodel.sql.sqltypes.AutoString(), nullable=True)
            )
    op.create_table(
        "fact_check",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rc_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("part", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "by",
            sa.Enum("rc", "nch", name="checkedby", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["rc_id"], ["rc.id"], name=op.f("fk_fact_check_rc_id_rc")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_check")),
    )
    with op.batch_alter_table("fact_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fact_check_rc_id"), ["rc_id"], unique=False)
    op.create_table(
        "fact_check_link",
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rc_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("function_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sent_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("is_reminder", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["function_id"], ["function.id"], name=op.f("fk_fact_check_link_function_id_function")
        ),
        sa.ForeignKeyConstraint(["rc_id"], ["rc.id"], name=op.f("fk_fact_check_link_rc_id_rc")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_fact_check_link")),
        sa.UniqueConstraint("rc_id", name=op.f("uq_fact_check_link_rc_id")),
    )
    with op.batch_alter_table("fact_check_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_fact_check_link_function_id"), ["function_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_fact_check_link_rc_id"), ["rc_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("fact_check_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fact_check_link_rc_id"))
        batch_op.drop_index(batch_op.f("ix_fact_check_link_function_id"))
    op.drop_table("fact_check_link")
    with op.batch_alter_table("fact_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fact_check_rc_id"))
    op.drop_table("fact_check")
    with op.batch_alter_table("rc", schema=None) as batch_op:
        for column in CONTACTS:
            batch_op.drop_column(column)
