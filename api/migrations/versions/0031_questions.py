"""Questions, their answers, the links that open them, and frequent questions."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("function_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rc_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("circle", "all", "nch", name="audience", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("network_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("meeting_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["function_id"], ["function.id"], name=op.f("fk_question_function_id_function")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_question_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name=op.f("fk_question_network_id_network")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_function_id"), ["function_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_question_network_id"), ["network_id"], unique=False)

    op.create_table(
        "question_answer",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("question_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("function_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rc_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("thanked_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["function_id"], ["function.id"], name=op.f("fk_question_answer_function_id_function")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_answer_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_answer")),
    )
    with op.batch_alter_table("question_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_answer_function_id"), ["function_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_question_answer_question_id"), ["question_id"], unique=False
        )

    op.create_table(
        "question_link",
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("question_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("function_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["function_id"], ["function.id"], name=op.f("fk_question_link_function_id_function")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_link_question_id_question")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_question_link")),
        sa.UniqueConstraint(
            "question_id", "function_id", name=op.f("uq_question_link_question_id")
        ),
    )
    with op.batch_alter_table("question_link", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_link_function_id"), ["function_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_question_link_question_id"), ["question_id"], unique=False
        )

    op.create_table(
        "frequent_question",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answer_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("question", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("offered_at", api.kit.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["question_answer.id"],
            name=op.f("fk_frequent_question_answer_id_question_answer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frequent_question")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_frequent_question_answer_id")),
    )


def downgrade() -> None:
    op.drop_table("frequent_question")
    with op.batch_alter_table("question_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_link_question_id"))
        batch_op.drop_index(batch_op.f("ix_question_link_function_id"))

    op.drop_table("question_link")
    with op.batch_alter_table("question_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_answer_question_id"))
        batch_op.drop_index(batch_op.f("ix_question_answer_function_id"))

    op.drop_table("question_answer")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_network_id"))
        batch_op.drop_index(batch_op.f("ix_question_meeting_id"))
        batch_op.drop_index(batch_op.f("ix_question_function_id"))

    op.drop_table("question")
