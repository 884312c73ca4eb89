"""First meetings of a round are spread: over weeks, for each RC and for NCH's people; on whole working days."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import holidays
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.clock import to_local
from api.kit.db import Database
from api.meetings import queries
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.queries import members
from api.networks.service import publish_round
from tests.factories import make_member

NOW = datetime(2026, 11, 19, 8, tzinfo=UTC)
RCS = [f"rc{number:02d}" for number in range(12)]


def _groups() -> list[Group]:
    found = []
    for step, layer in enumerate((Layer.LIKENESS, Layer.NEARNESS, Layer.EXPERIENCE)):
        turned = RCS[step:] + RCS[:step]
        found += [Group(layer, tuple(turned[at : at + 3]), {}, 900.0) for at in range(0, 12, 3)]
    return found


def test_first_meetings_are_spread_over_weeks_and_avoid_eves(app: FastAPI) -> None:
    database: Database = app.state.database
    with database.transaction() as session:
        for _ in range(2):
            make_member(session, Role.PLANNER)
        session.flush()
        publish_round(session, "one", _groups(), "nch", NOW)
    with database.reading() as session:
        meetings = queries.meetings(session, NOW)
        assert len(meetings) == 12
        _is_spread(session, meetings)


def _is_spread(session: Session, meetings: list) -> None:  # type: ignore[type-arg] # of Meeting
    days = {one.id: to_local(one.starts_at).date() for one in meetings}
    rows = members(session, [one.network_id for one in meetings])
    weeks = Counter(
        (row.rc_id, days[one.id].isocalendar()[:2])
        for one in meetings
        for row in rows[one.network_id]
    )
    assert max(weeks.values()) == 1
    assert max(Counter(day.isocalendar()[:2] for day in days.values()).values()) <= 4
    assert max(Counter(days.values()).values()) <= 2
    free = holidays.country_holidays("SE", categories=("public", "de_facto"))
    for day in days.values():
        assert day not in free
        assert day + timedelta(days=1) not in free
        assert day.weekday() in {1, 2, 3}
    ordered = sorted(days.values())
    assert max(later - earlier for earlier, later in pairwise(ordered)) <= timedelta(days=14)
    assert ordered[0] >= to_local(NOW).date() + timedelta(weeks=6)
