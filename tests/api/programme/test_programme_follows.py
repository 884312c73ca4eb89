"""A national meeting that is moved or called off takes its sessions along, in every guest's calendar."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from fastapi import FastAPI

from api.accounts.models import Role
from api.calendar.models import Level, ScopeKind
from api.calendar.service import Scope
from api.feeds.service import create_feed
from api.kit.clock import from_local
from api.kit.db import Database
from api.meetings.models import Meeting
from api.meetings.service import cancel, create, move
from api.programme.service import publish
from tests.api.meetings.test_meetings import DRAFT, NOW
from tests.api.programme.test_programme_service import _plan
from tests.calendars import read_events
from tests.factories import make_member
from tests.web import Browser, browser

# Monday to Tuesday in winter; moved over the changeover of March.
START = from_local(datetime(2026, 3, 23, 9))  # noqa: DTZ001 - local


class Planned:
    """A national meeting with a programme, and the calendar of a guest of one session."""

    def __init__(self, app: FastAPI) -> None:
        self.database: Database = app.state.database
        self.client: Browser = browser(app)
        with self.database.transaction() as session:
            session.expire_on_commit = False
            guest = make_member(session, Role.GUEST)
            draft = replace(DRAFT, starts_at=START, ends_at=START + timedelta(days=1, hours=6))
            self.meeting_id = create(session, draft, "nch", NOW).id
            meeting = session.get_one(Meeting, self.meeting_id)
            plan = _plan(law=frozenset({guest.function.id}))
            day_two = START + timedelta(days=1)
            slots = (
                replace(plan.slots[0], starts_at=day_two, ends_at=day_two + timedelta(hours=1)),
                plan.slots[1],
            )
            publish(session, meeting, replace(plan, slots=slots), "nch", NOW)
            scope = Scope(ScopeKind.FUNCTION, guest.function.id)
            _, self.token = create_feed(session, scope, Level.INTERNAL, "sv", "x", None, at=NOW)

    def seen(self) -> list[tuple[str, str, datetime, int]]:
        answer = self.client.get(f"/feeds/{self.token}.ics")
        return [
            (str(one["SUMMARY"]), str(one["STATUS"]), one["DTSTART"].dt, int(one["SEQUENCE"]))
            for one in read_events(answer.content)
        ]


@pytest.fixture
def planned(app: FastAPI) -> Iterator[Planned]:
    with time_machine.travel(NOW, tick=False):
        yield Planned(app)


def test_a_meeting_that_is_called_off_takes_its_sessions_along(planned: Planned) -> None:
    [(title, status, _, before)] = planned.seen()
    assert (title, status) == ("Juridik", "CONFIRMED")
    with planned.database.transaction() as session:
        meeting = session.get_one(Meeting, planned.meeting_id)
        cancel(session, meeting, meeting.version, "nch", NOW)
    [(title, status, _, after)] = planned.seen()
    assert (title, status) == ("Inställt: Juridik", "CANCELLED")
    assert after > before


def test_a_meeting_that_is_moved_takes_its_sessions_along_by_the_clock(planned: Planned) -> None:
    [(_, _, _, before)] = planned.seen()
    with planned.database.transaction() as session:
        meeting = session.get_one(Meeting, planned.meeting_id)
        start = from_local(datetime(2026, 3, 30, 9))  # noqa: DTZ001 - local, now summer
        move(
            session,
            meeting,
            start,
            start + timedelta(days=1, hours=6),
            meeting.version,
            "nch",
            NOW,
        )
    [(_, status, at, after)] = planned.seen()
    assert status == "CONFIRMED"
    assert at == from_local(datetime(2026, 3, 31, 9))  # noqa: DTZ001 - the second day, at nine
    assert after > before
