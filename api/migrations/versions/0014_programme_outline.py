"""What a meeting's next programme is made of, and a session's own length, method and link."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TEXTS = ("method_sv", "method_en", "link")


def upgrade() -> None:
    op.create_table(
        "programme_outline",
        sa.Column("meeting_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("survey_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("changed_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_programme_outline_meeting_id_meeting")
        ),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_programme_outline")),
    )
    with op.batch_alter_table("programme_session", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.add_column(
                sa.Column(
                    name, sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=""
                )
            )
        batch_op.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
    with op.batch_alter_table("programme_session", schema=None) as batch_op:
        for name in _TEXTS:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("programme_session", schema=None) as batch_op:
        for name in ("minutes", *_TEXTS):
            batch_op.drop_column(name)
    op.drop_table("programme_outline")
