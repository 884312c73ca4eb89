"""What of each event went to whose calendar by mail, taken from the mails that are kept."""

import re

import sqlalchemy as sa
import sqlmodel
from alembic import op

import api.kit.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_SEQUENCE = re.compile(rb"^SEQUENCE:(\d{1,9})", re.MULTILINE)


def upgrade() -> None:
    made = op.create_table(
        "calendar_part",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event_id", _TEXT(), nullable=False),
        sa.Column("address", _TEXT(), nullable=False),
        sa.Column("method", _TEXT(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("mail_id", _TEXT(), nullable=False),
        sa.Column("sent_at", api.kit.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_calendar_part_event_id_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_part")),
    )
    with op.batch_alter_table("calendar_part", schema=None) as batch_op:
        for name in ("event_id", "address", "mail_id"):
            batch_op.create_index(batch_op.f(f"ix_calendar_part_{name}"), [name], unique=False)
    mail = sa.table(
        "mail",
        *map(sa.column, ("id", "batch", "recipient", "method", "calendar")),
        sa.column("created_at", api.kit.db.UtcDateTime(timezone=True)),
        sa.column("sent_at", api.kit.db.UtcDateTime(timezone=True)),
    )
    event = sa.table("event", sa.column("id"))
    kept = (
        sa.select(mail)
        .where(mail.c.calendar.is_not(None), mail.c.method.in_(("REQUEST", "CANCEL")))
        .where(mail.c.batch.in_(sa.select(event.c.id)))
        .order_by(mail.c.created_at, mail.c.id)
    )
    connection = op.get_bind()
    for number, one in enumerate(connection.execute(kept).all(), start=1):
        told = _SEQUENCE.search(one.calendar)
        connection.execute(
            made.insert().values(
                id=api.kit.db.new_id(),
                number=number,
                event_id=one.batch,
                address=one.recipient.lower(),
                method=one.method,
                sequence=int(told[1]) if told else 0,
                mail_id=one.id,
                sent_at=one.sent_at,
            )
        )


def downgrade() -> None:
    op.drop_table("calendar_part")
