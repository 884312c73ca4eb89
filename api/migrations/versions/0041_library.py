"""The library: documents with their versions, at meetings, circles and themes."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0041"
down_revision = "0036"
branch_labels = None
depends_on = None

PLACES = (("network_id", "network"), ("theme_id", "theme"))


def upgrade() -> None:
    with op.batch_alter_table("material", schema=None) as batch_op:
        batch_op.alter_column(
            "meeting_id", existing_type=sqlmodel.sql.sqltypes.AutoString(), nullable=True
        )
        for column, table in PLACES:
            batch_op.add_column(
                sa.Column(column, sqlmodel.sql.sqltypes.AutoString(), nullable=True)
            )
            batch_op.create_foreign_key(f"fk_material_{column}_{table}", table, [column], ["id"])
            batch_op.create_index(f"ix_material_{column}", [column], unique=False)
            batch_op.create_unique_constraint(f"uq_material_{column}", [column, "address"])
        for column, default in (("sort", "other"), ("read_by", "meeting")):
            batch_op.add_column(
                sa.Column(column, sa.String(length=40), nullable=False, server_default=default)
            )
        batch_op.add_column(
            sa.Column(
                "rc_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""
            )
        )
        batch_op.add_column(
            sa.Column("renewed_at", api.kit.db.UtcDateTime(timezone=True), nullable=True)
        )
    with op.batch_alter_table("material", schema=None) as batch_op:
        for column in ("sort", "read_by", "rc_id"):
            batch_op.alter_column(column, existing_type=sa.String(), server_default=None)
    op.create_table(
        "material_file",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("material_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("extension", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_file_material_id_material")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_file")),
        sa.UniqueConstraint("material_id", "number", name=op.f("uq_material_file_material_id")),
    )
    with op.batch_alter_table("material_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_material_file_material_id"), ["material_id"], unique=False
        )


def downgrade() -> None:
    op.execute("DELETE FROM material_file")
    op.execute("DELETE FROM material WHERE meeting_id IS NULL OR renewed_at IS NOT NULL")
    with op.batch_alter_table("material_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_material_file_material_id"))
    op.drop_table("material_file")
    with op.batch_alter_table("material", schema=None) as batch_op:
        for column, table in PLACES:
            batch_op.drop_constraint(f"uq_material_{column}", type_="unique")
            batch_op.drop_index(f"ix_material_{column}")
            batch_op.drop_constraint(f"fk_material_{column}_{table}", type_="foreignkey")
            batch_op.drop_column(column)
        for column in ("sort", "read_by", "rc_id", "renewed_at"):
            batch_op.drop_column(column)
        batch_op.alter_column(
            "meeting_id", existing_type=sqlmodel.sql.sqltypes.AutoString(), nullable=False
        )
