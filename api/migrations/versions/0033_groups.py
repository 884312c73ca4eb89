"""Groups that meet, times that each takes one of, seats for the first who say yes, and who comes from a body."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from api.kit.db import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
# Where a column that names another row is added: the table, the column and whose row it is.
_NAMES = (
    ("meeting", "group_id", "meeting_group"),
    ("meeting_series", "group_id", "meeting_group"),
    ("poll", "group_id", "meeting_group"),
    ("poll_option", "taken_by", "function"),
    ("poll_option", "meeting_id", "meeting"),
)
_MAY_BE_NONE = ("meeting_series", "poll")


def upgrade() -> None:
    op.create_table(
        "meeting_group",
        sa.Column("id", _TEXT(), nullable=False),
        sa.Column("name", _TEXT(), nullable=False),
        sa.Column("purpose", _TEXT(), nullable=False),
        sa.Column("per_year", sa.Integer(), nullable=False),
        sa.Column("is_saved", sa.Boolean(), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("is_example", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_group")),
    )
    _pairs("meeting_group_post", ("group_id", "meeting_group"), ("function_id", "function"))
    op.create_table(
        "attends",
        sa.Column("body_id", _TEXT(), nullable=False),
        sa.Column("matter", sa.String(length=40), nullable=False),
        sa.Column("function_id", _TEXT(), nullable=False),
        sa.Column("instead_id", _TEXT(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_attends_{column}_{table}")
            )
            for column, table in (
                ("body_id", "body"),
                ("function_id", "function"),
                ("instead_id", "function"),
            )
        ),
        sa.PrimaryKeyConstraint("body_id", "matter", name=op.f("pk_attends")),
    )
    _index("attends", "function_id", "instead_id")
    for table in _MAY_BE_NONE:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("network_id", existing_type=_TEXT(), nullable=True)
    for table, column, other in _NAMES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, _TEXT(), nullable=True))
            batch_op.create_foreign_key(
                batch_op.f(f"fk_{table}_{column}_{other}"), other, [column], ["id"]
            )
        _index(table, column)
    _column("poll", sa.Column("focus", _TEXT(), nullable=False, server_default=""))
    no = sa.false()
    _column("poll", sa.Column("each_picks", sa.Boolean(), nullable=False, server_default=no))
    _column("seat_limit", sa.Column("first_come", sa.Boolean(), nullable=False, server_default=no))


def _pairs(name: str, *sides: tuple[str, str]) -> None:
    columns = [column for column, _ in sides]
    op.create_table(
        name,
        *(sa.Column(column, _TEXT(), nullable=False) for column in columns),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_{name}_{column}_{other}")
            )
            for column, other in sides
        ),
        sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{name}")),
    )
    _index(name, columns[-1])


def _index(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)


def _column(table: str, column: sa.Column) -> None:
    """Add a column with a value for the rows that are there, which later rows must bring themselves."""
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.add_column(column)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column(column.name, existing_type=column.type, server_default=None)


def downgrade() -> None:
    for table, column in (("seat_limit", "first_come"), ("poll", "each_picks"), ("poll", "focus")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column(column)
    for table, column, other in reversed(_NAMES):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_index(batch_op.f(f"ix_{table}_{column}"))
            batch_op.drop_constraint(batch_op.f(f"fk_{table}_{column}_{other}"), type_="foreignkey")
            batch_op.drop_column(column)
    for table in _MAY_BE_NONE:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("network_id", existing_type=_TEXT(), nullable=False)
    for table in ("attends", "meeting_group_post", "meeting_group"):
        op.drop_table(table)
