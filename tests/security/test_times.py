"""A meeting's time is one that somebody can mean, whichever way it is booked or moved."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from api.accounts.models import Role
from api.calendar import queries as calendar
from api.calendar.models import Level, ScopeKind
from api.feeds import queries as feeds
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.meetings.models import MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create, insist_on_time, move
from matcher.dates.files.reading import span_of
from matcher.documents.reader import Reader
from tests.factories import make_member
from tests.web import browser

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _draft(starts_at: datetime, ends_at: datetime) -> MeetingDraft:
    return MeetingDraft(
        kind=MeetingKind.OTHER,
        name_sv="Exempel",
        name_en="Example",
        focus_sv="Exempel",
        focus_en="Example",
        form=MeetingForm.DIGITAL,
        starts_at=starts_at,
        ends_at=ends_at,
    )


IMPOSSIBLE = [
    (AT, AT + HOUR),
    (AT - HOUR, AT + HOUR),
    (datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
    (AT + HOUR, AT + HOUR),
    (AT + 2 * HOUR, AT + HOUR),
    (AT + HOUR, AT + HOUR + timedelta(days=14, seconds=1)),
    (AT + HOUR, datetime(9998, 3, 2, tzinfo=UTC)),
    (datetime(2100, 1, 1, tzinfo=UTC), datetime(2100, 1, 2, tzinfo=UTC)),
    (datetime(2099, 12, 31, 23, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)),
    (
        datetime.fromisoformat("9999-12-31T23:00:00-14:00"),
        datetime.fromisoformat("9999-12-31T23:59:00-14:00"),
    ),
    (datetime.fromisoformat("0001-01-01T00:00:00+14:00"), AT + HOUR),
    (datetime(2027, 3, 1, 9), datetime(2027, 3, 1, 10)),  # noqa: DTZ001 - naive, so refused
]


@pytest.mark.parametrize(("starts_at", "ends_at"), IMPOSSIBLE)
def test_no_meeting_is_made_at_or_moved_to_a_time_nobody_means(
    session: Session, starts_at: datetime, ends_at: datetime
) -> None:
    with pytest.raises(FieldFault):
        create(session, _draft(starts_at, ends_at), "test", AT)
    meeting = create(session, _draft(AT + HOUR, AT + 2 * HOUR), "test", AT)
    with pytest.raises(FieldFault):
        move(session, meeting, starts_at, ends_at, meeting.version, "test", AT)
    assert (meeting.starts_at, meeting.ends_at) == (AT + HOUR, AT + 2 * HOUR)


def test_the_longest_meeting_and_one_under_way_that_lasts_longer_are_possible(
    session: Session,
) -> None:
    meeting = create(session, _draft(AT + HOUR, AT + HOUR + timedelta(days=14)), "test", AT)
    insist_on_time(AT - HOUR, AT + HOUR, AT, began=AT - HOUR)
    later = AT + timedelta(days=2)  # it has begun
    move(
        session, meeting, meeting.starts_at, AT + timedelta(days=5), meeting.version, "test", later
    )
    assert meeting.ends_at == AT + timedelta(days=5)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2027-03-02T09:00:00Z", "9998-03-02T09:00:00Z"),
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.5-14:00"),
        ("0001-01-01T00:00:00+14:00", "2027-03-02T09:00:00Z"),
        ("1900-01-01T00:00:00Z", "1900-01-01T10:00:00Z"),
    ],
)
def test_the_api_answers_422_to_such_a_time(app: object, starts: str, ends: str) -> None:
    with app.state.database.transaction() as session:  # type: ignore[attr-defined]
        person_id = make_member(session, Role.PLANNER).person.id
        soon = now() + timedelta(days=30)
        meeting_id = create(session, _draft(soon, soon + HOUR), "test", now()).id
    web = browser(app, person_id)  # type: ignore[arg-type]
    wish = {"starts_at": starts, "ends_at": ends, "version": 1}
    answer = web.post(f"/api/v1/meetings/{meeting_id}/move", json=wish)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_an_event_may_concern_thousands_of_functions(session: Session) -> None:
    """A chain of OR was too deep for SQLite at some 495 functions of one role."""
    scopes = {(ScopeKind.FUNCTION, f"f{n}") for n in range(5_000)}
    scopes |= {(ScopeKind.RC, f"rc{n}") for n in range(300)}
    year = timedelta(days=365)
    assert calendar.placed(session, scopes, Level.INTERNAL, "sv") == []
    assert calendar.events_between(session, scopes, AT, AT + year) == []
    assert feeds.feeds_of_scopes(session, scopes) == []
    assert calendar.events_between(session, set(), AT, AT + year) == []


@pytest.mark.parametrize(
    ("last", "faults"), [("2028-02-15", 0), ("2028-02-17", 1), ("9998-12-31", 1)]
)
def test_a_closed_span_of_a_problem_is_at_most_a_year(last: str, faults: int) -> None:
    reader = Reader()
    span_of(reader, "/closed/0", {"first": "2027-02-15", "last": last, "name": "break"})
    assert len(reader.faults) == faults
