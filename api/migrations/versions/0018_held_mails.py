"""Mail that waits, the acts that it tells of, and what each receiver was last told."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = api.kit.db.UtcDateTime(timezone=True)

# Who was asked before this was kept: what exactly they were told is not known, so `facts` are empty.
_FILL = """
INSERT INTO told (invitation_id, address, name, language, organizer, sequence, newest,
                  is_cancelled, with_calendar, facts, at)
SELECT id, address, name, language, organizer, sent_sequence, told_sequence,
       place = 'withdrawn',
       EXISTS (SELECT 1 FROM mail WHERE mail.batch = invitation.event_id
               AND mail.recipient = invitation.address AND mail.method = 'REQUEST'),
       '{}', created_at
FROM invitation WHERE sent_sequence IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "act",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("actor", _TEXT(), nullable=False),
        sa.Column("said", _TEXT(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("page", _TEXT(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
    )
    op.create_index(op.f("ix_act_due_at"), "act", ["due_at"])
    op.create_table(
        "act_mail",
        sa.Column("act_id", _TEXT(), nullable=False),
        sa.Column("mail_id", _TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_act_mail_act_id_act")),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_act_mail_mail_id_mail")),
        sa.PrimaryKeyConstraint("act_id", "mail_id", name=op.f("pk_act_mail")),
    )
    op.create_index(op.f("ix_act_mail_mail_id"), "act_mail", ["mail_id"])
    op.create_table(
        "told",
        sa.Column("invitation_id", _TEXT(), nullable=False),
        sa.Column("address", _TEXT(), nullable=False),
        sa.Column("name", _TEXT(), nullable=False),
        sa.Column("language", _TEXT(), nullable=False),
        sa.Column("organizer", _TEXT(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("with_calendar", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_told_invitation_id_invitation")
        ),
        sa.PrimaryKeyConstraint("invitation_id", "address", name=op.f("pk_told")),
    )
    op.execute(_FILL)
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", _TEXT(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("about", sa.JSON(), nullable=True))
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.alter_column("kind", server_default=None)


def downgrade() -> None:
    op.drop_table("told")
    op.drop_table("act_mail")
    op.drop_table("act")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_column("about")
        batch_op.drop_column("kind")
