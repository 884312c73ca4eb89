"""Read in, read in again, moved, cancelled, left out of its series: what becomes of the meetings."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from api.calendar.models import Event
from api.kit.errors import ConflictError, FieldFault
from api.meetings import service as meetings
from api.meetings.models import Meeting, MeetingForm, MeetingKind, MeetingState
from api.standing import queries, service
from api.standing.file import read_events
from api.standing.models import ImportedEvent
from api.standing.planning import Outcome, Row, Target
from api.standing.service import Choices, Written

AT = datetime(2026, 12, 1, tzinfo=UTC)
FORUM = Choices(Target(MeetingKind.SAMVERKANSFORUM), MeetingForm.DIGITAL, focus="Exempel på fokus")
WEEKLY = (
    "UID:serie\r\nSUMMARY:Exempel serie\r\nDTSTART;TZID=Europe/Stockholm:20270315T090000\r\n"
    "DURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=4"
)
ONE = "UID:en\r\nSUMMARY:Exempel möte\r\nDTSTART:20270301T080000Z\r\nDURATION:PT1H"


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{text}\r\nEND:VEVENT\r\n" for text in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n".encode()


def rows(
    session: Session, *events: str, choices: Choices = FORUM, at: datetime = AT
) -> tuple[Row, ...]:
    return service.planned(session, read_events(calendar(*events), at), choices, at)


def read_in(
    session: Session, *events: str, choices: Choices = FORUM, at: datetime = AT
) -> tuple[int, int, int]:
    found = rows(session, *events, choices=choices, at=at)
    done = service.write(session, found, {row.event.uid for row in found}, choices, "planner", at)
    assert isinstance(done, Written)
    return done.new, done.changed, done.cancelled


def standing(session: Session) -> list[str]:
    """When the meetings that are not called off begin."""
    found = session.exec(select(Meeting).where(Meeting.state != MeetingState.CANCELLED))
    return sorted(f"{one.starts_at:%m-%d %H:%M}" for one in found)


def outcomes(found: tuple[Row, ...]) -> list[Outcome]:
    return [step.outcome for row in found for step in row.steps]


def test_a_check_writes_nothing(session: Session) -> None:
    assert outcomes(rows(session, WEEKLY, ONE)) == [Outcome.NEW] * 5
    assert session.exec(select(Meeting)).all() == []
    assert session.exec(select(ImportedEvent)).all() == []


def test_what_is_read_in_is_meetings_in_the_calendars_with_their_texts(session: Session) -> None:
    told = f"{ONE}\r\nDESCRIPTION:Exempel ur filen.\\n\\nMer."
    town = Choices(Target(MeetingKind.OTHER), MeetingForm.HYBRID, "Falköping", "Annat")
    assert read_in(session, told, choices=town) == (1, 0, 0)
    (meeting,) = session.exec(select(Meeting)).all()
    assert (meeting.name_sv, meeting.name_en) == ("Exempel möte", "Exempel möte")
    assert (meeting.focus_sv, meeting.town) == ("Exempel ur filen.", "Falköping")
    assert (meeting.kind, meeting.form) == (MeetingKind.OTHER, MeetingForm.HYBRID)
    assert meeting.state == MeetingState.PUBLISHED
    (event,) = session.exec(select(Event)).all()
    assert (event.subject_id, event.starts_at) == (meeting.id, meeting.starts_at)


def test_the_same_file_again_changes_nothing(session: Session) -> None:
    assert read_in(session, WEEKLY, ONE) == (5, 0, 0)
    events = [(one.id, one.sequence, one.revised_at) for one in session.exec(select(Event))]
    assert read_in(session, WEEKLY, ONE, at=AT + timedelta(days=1)) == (0, 0, 0)
    assert read_in(session, ONE, WEEKLY, at=AT + timedelta(days=2)) == (0, 0, 0)
    again = [(one.id, one.sequence, one.revised_at) for one in session.exec(select(Event))]
    assert sorted(events) == sorted(again)


def test_a_moved_and_renamed_event_moves_and_renames_its_meeting(session: Session) -> None:
    read_in(session, ONE)
    (meeting,) = session.exec(select(Meeting)).all()
    moved = ONE.replace("0301T08", "0302T10")
    assert read_in(session, moved) == (0, 1, 0)
    renamed = moved.replace("Exempel möte", "Exempel namn")
    assert read_in(session, renamed) == (0, 1, 0)
    assert standing(session) == ["03-02 10:00"]
    assert (meeting.name_sv, meeting.focus_sv) == ("Exempel namn", "Exempel på fokus")
    (event,) = session.exec(select(Event)).all()
    assert (event.title_sv, event.sequence) == ("Exempel namn", 1)
    assert read_in(session, renamed) == (0, 0, 0)


def test_what_was_changed_by_hand_stays_until_the_file_changes_that(session: Session) -> None:
    read_in(session, ONE)
    (meeting,) = session.exec(select(Meeting)).all()
    later = meeting.starts_at + timedelta(days=7)
    meetings.move(session, meeting, later, later + timedelta(hours=2), 1, "planner", AT)
    assert read_in(session, ONE) == (0, 0, 0)
    assert read_in(session, ONE.replace("Exempel möte", "Exempel namn")) == (0, 1, 0)
    assert standing(session) == ["03-08 08:00"]
    assert read_in(session, ONE.replace("0301T08", "0302T08")) == (0, 1, 0)
    assert standing(session) == ["03-02 08:00"]


def test_a_series_keeps_its_clock_time_and_an_occurrence_moves_alone(session: Session) -> None:
    read_in(session, WEEKLY)
    assert standing(session) == ["03-15 08:00", "03-22 08:00", "03-29 07:00", "04-05 07:00"]
    moved = (
        "UID:serie\r\nRECURRENCE-ID;TZID=Europe/Stockholm:20270329T090000\r\nSEQUENCE:1\r\n"
        "SUMMARY:Exempel serie\r\nDTSTART;TZID=Europe/Stockholm:20270330T130000\r\nDURATION:PT1H"
    )
    assert read_in(session, WEEKLY, moved) == (0, 1, 0)
    assert standing(session) == ["03-15 08:00", "03-22 08:00", "03-30 11:00", "04-05 07:00"]
    # the exception alone, without its series, says nothing of the others
    assert read_in(session, moved.replace("T130000", "T140000")) == (0, 1, 0)
    assert standing(session) == ["03-15 08:00", "03-22 08:00", "03-30 12:00", "04-05 07:00"]


def test_an_occurrence_that_is_cancelled_or_left_out_is_called_off(session: Session) -> None:
    read_in(session, WEEKLY)
    off = (
        "UID:serie\r\nRECURRENCE-ID;TZID=Europe/Stockholm:20270322T090000\r\n"
        "DTSTART;TZID=Europe/Stockholm:20270322T090000\r\nSTATUS:CANCELLED"
    )
    assert read_in(session, WEEKLY, off) == (0, 0, 1)
    without = f"{WEEKLY}\r\nEXDATE;TZID=Europe/Stockholm:20270322T090000,20270405T090000"
    assert read_in(session, without) == (0, 0, 1)
    assert standing(session) == ["03-15 08:00", "03-29 07:00"]
    assert read_in(session, without) == (0, 0, 0)


def test_a_whole_series_that_moves_moves_each_of_its_meetings(session: Session) -> None:
    read_in(session, WEEKLY)
    ids = {one.id for one in session.exec(select(Meeting))}
    afternoon = WEEKLY.replace("20270315T090000", "20270315T130000")
    assert read_in(session, afternoon) == (0, 4, 0)
    assert standing(session) == ["03-15 12:00", "03-22 12:00", "03-29 11:00", "04-05 11:00"]
    friday = WEEKLY.replace("20270315T090000", "20270319T130000")
    assert read_in(session, friday) == (0, 4, 0)
    assert standing(session) == ["03-19 12:00", "03-26 12:00", "04-02 11:00", "04-09 11:00"]
    assert {one.id for one in session.exec(select(Meeting))} == ids
    assert read_in(session, friday) == (0, 0, 0)
    shorter = friday.replace("COUNT=4", "COUNT=3")
    assert read_in(session, shorter) == (0, 0, 1)


def test_a_cancelled_event_calls_its_meetings_off_and_comes_back_as_new(session: Session) -> None:
    off = f"{ONE}\r\nSTATUS:CANCELLED"
    assert read_in(session, off) == (0, 0, 0)
    assert read_in(session, ONE, WEEKLY) == (5, 0, 0)
    assert read_in(session, off, f"{WEEKLY}\r\nSTATUS:CANCELLED") == (0, 0, 5)
    assert standing(session) == []
    assert read_in(session, off) == (0, 0, 0)
    assert read_in(session, ONE) == (1, 0, 0)
    assert standing(session) == ["03-01 08:00"]
    assert read_in(session, ONE) == (0, 0, 0)


def test_what_was_called_off_by_hand_is_not_brought_back(session: Session) -> None:
    read_in(session, ONE)
    (meeting,) = session.exec(select(Meeting)).all()
    meetings.cancel(session, meeting, 1, "planner", AT)
    assert outcomes(rows(session, ONE)) == [Outcome.UNCHANGED]
    found = rows(session, ONE.replace("0301T08", "0302T08"))
    assert outcomes(found) == [Outcome.REFUSED]
    other = Choices(Target(MeetingKind.MANAGERS), MeetingForm.DIGITAL, focus="Exempel")
    assert read_in(session, ONE, choices=other) == (1, 0, 0)


def test_an_event_does_not_change_kind_by_being_read_in(session: Session) -> None:
    read_in(session, ONE)
    other = Choices(Target(MeetingKind.MANAGERS), MeetingForm.DIGITAL, focus="Exempel")
    assert outcomes(rows(session, ONE, choices=other)) == [Outcome.REFUSED]


def test_what_has_begun_is_left_as_it_was(session: Session) -> None:
    read_in(session, ONE, WEEKLY)
    after = datetime(2027, 3, 23, tzinfo=UTC)
    assert outcomes(rows(session, ONE, WEEKLY, at=after)) == [Outcome.UNCHANGED] * 2
    moved = ONE.replace("0301T08", "0601T08")
    assert outcomes(rows(session, moved, at=after)) == [Outcome.REFUSED]


def test_an_occurrence_moved_by_hand_past_its_day_is_not_called_off(session: Session) -> None:
    read_in(session, WEEKLY)
    first = session.exec(select(Meeting).order_by(Meeting.starts_at)).first()  # type: ignore[arg-type]
    assert first is not None
    later = first.starts_at + timedelta(days=60)
    meetings.move(session, first, later, later + timedelta(hours=1), 1, "planner", AT)
    after = datetime(2027, 3, 16, tzinfo=UTC)
    assert read_in(session, WEEKLY, at=after) == (0, 0, 0)


def test_without_any_focus_an_event_is_refused(session: Session) -> None:
    bare = Choices(Target(MeetingKind.OTHER), MeetingForm.DIGITAL)
    assert outcomes(rows(session, ONE, choices=bare)) == [Outcome.REFUSED]


def test_only_what_is_chosen_is_written(session: Session) -> None:
    found = rows(session, ONE, WEEKLY)
    done = service.write(session, found, {found[0].event.uid}, FORUM, "planner", AT)
    assert (done.new, standing(session)) == (1, ["03-01 08:00"])
    with pytest.raises(FieldFault):
        service.write(session, found, set(), FORUM, "planner", AT)


def test_too_many_at_once_are_refused_before_any_is_written(session: Session) -> None:
    series = "RRULE:FREQ=DAILY;COUNT=99"
    many = [f"{ONE}\r\n{series}".replace("UID:en", f"UID:{n}") for n in range(3)]
    found = rows(session, *many)
    with pytest.raises(FieldFault) as caught:
        service.write(session, found, {row.event.uid for row in found}, FORUM, "planner", AT)
    assert "297" in str(caught.value)
    assert standing(session) == []


def test_uids_are_kept_as_hashes(session: Session) -> None:
    read_in(session, ONE.replace("UID:en", "UID:exempel.person@example.org"))
    (kept,) = session.exec(select(ImportedEvent)).all()
    assert len(kept.uid) == 64
    assert queries.imported(session, kept.uid, "") is kept


def test_the_same_read_in_by_two_at_the_same_moment_is_a_conflict(session: Session) -> None:
    found = rows(session, ONE)
    taken = {row.event.uid for row in found}
    service.write(session, found, taken, FORUM, "planner", AT)
    with pytest.raises(ConflictError):  # planned before the other had written
        service.write(session, found, taken, FORUM, "planner", AT)
