"""A programme whose rules cannot all hold says so where networks and years do: the conflict has its own column."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_PROPOSAL = sa.table(
    "proposal",
    sa.column("id", sa.String),
    sa.column("kind", sa.String),
    sa.column("state", sa.String),
    sa.column("solution", sa.Text),
    sa.column("conflict", sa.Text),
)


def upgrade() -> None:
    connection = op.get_bind()
    where = sa.and_(_PROPOSAL.c.kind == "programme", _PROPOSAL.c.solution.is_not(None))
    rows = connection.execute(sa.select(_PROPOSAL.c.id, _PROPOSAL.c.solution).where(where)).all()
    for proposal_id, solution in rows:
        conflict = json.loads(solution).get("conflict")
        if conflict is not None:
            connection.execute(
                sa.update(_PROPOSAL)
                .where(_PROPOSAL.c.id == proposal_id)
                .values(
                    state="withdrawn",
                    solution=None,
                    conflict=json.dumps(conflict, ensure_ascii=False),
                )
            )


def downgrade() -> None:
    connection = op.get_bind()
    where = sa.and_(_PROPOSAL.c.kind == "programme", _PROPOSAL.c.conflict.is_not(None))
    rows = connection.execute(sa.select(_PROPOSAL.c.id, _PROPOSAL.c.conflict).where(where)).all()
    for proposal_id, conflict in rows:
        document = json.dumps({"conflict": json.loads(conflict), "held": []}, ensure_ascii=False)
        connection.execute(
            sa.update(_PROPOSAL)
            .where(_PROPOSAL.c.id == proposal_id)
            .values(state="draft", solution=document, conflict=None)
        )
