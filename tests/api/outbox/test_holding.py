"""What tells others waits, becomes one mail with what is true when it goes, and can be taken back till then.

Every test asks the mail server what came, and the tables what is so.
"""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.app import create_app
from api.calendar import queries as calendar
from api.invitations import queries as invitations
from api.invitations import service
from api.invitations.models import Partstat, Place, Told
from api.kit.db import Database
from api.kit.errors import ConflictError, ServiceError, StaleError
from api.kit.i18n import Said
from api.kit.mail import Server
from api.kit.settings import Settings
from api.meetings import service as meetings
from api.meetings.models import Meeting, MeetingState
from api.outbox import acts, holding, queries
from api.outbox.models import Act, ActState, Mail, MailState
from api.outbox.sending import send_due
from api.outbox.service import Options, pause, queue
from api.wiring import connect
from tests.api.outbox.test_outbox import SENDER, Difficult, parsed, serving
from tests.calendars import read_calendar
from tests.factories import make_meeting, make_member
from tests.web import Browser, browser

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
_NUMBERS = itertools.count(1)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example", 10)
    with time_machine.travel(AT, tick=False):
        yield made
    made.close()


@pytest.fixture
def post() -> Iterator[tuple[Difficult, Server]]:
    """A mail server that takes everything, and what it took."""
    handler = Difficult("well")
    with serving(handler) as server:
        yield handler, server


def arrived(
    database: Database, post: tuple[Difficult, Server], minutes: float
) -> list[EmailMessage]:
    """Let the outbox do its rounds at a moment, and return what the server got in them."""
    handler, server = post
    before = len(handler.taken)
    moment = AT + minutes * MINUTE
    holding.release_due(database, lambda: moment)
    send_due(database, server, SENDER, lambda: moment)
    return sorted(map(parsed, handler.taken[before:]), key=lambda mail: str(mail["To"]))


def invited_meeting(database: Database, people: int = 2) -> str:
    """A meeting in a month to which some people have been invited, by mails that have gone."""
    with database.transaction() as session:
        meeting_id = make_meeting(session).id
        functions = [
            make_member(session, Role.RC_MEMBER, f"rc{next(_NUMBERS)}").function.id
            for _ in range(people)
        ]
    with database.transaction() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        for function_id in functions:
            function = invitations.function(session, function_id)
            assert function is not None
            service.invite(session, event, function, AT)
    holding.release_due(database, lambda: AT + 11 * MINUTE)
    with database.transaction() as session:
        for mail in session.exec(select(Mail)):
            mail.state = MailState.SENT
            session.add(mail)
    return meeting_id


def move(database: Database, meeting_id: str, later: timedelta, at: datetime = AT) -> str:
    """Move a meeting as a page does, and return the act's id."""
    with time_machine.travel(at, tick=False), database.transaction() as session:
        meeting = session.get_one(Meeting, meeting_id)
        acts.begin_act(session, "somebody", at, Said("Träffen är flyttad."), "/traffar")
        times = (meeting.starts_at + later, meeting.ends_at + later)
        meetings.move(session, meeting, *times, meeting.version, "somebody", at)
        return str(session.info["act"])


def cancel(database: Database, meeting_id: str, at: datetime = AT) -> str:
    with time_machine.travel(at, tick=False), database.transaction() as session:
        meeting = session.get_one(Meeting, meeting_id)
        acts.begin_act(session, "somebody", at, Said("Träffen är inställd."), "/traffar")
        meetings.cancel(session, meeting, meeting.version, "somebody", at)
        return str(session.info["act"])


def undo(database: Database, act_id: str, at: datetime = AT) -> None:
    with database.transaction() as session:
        acts.undo_act(session, act_id, "somebody", at)


def sequence_in(mail: EmailMessage) -> int:
    [part] = [one for one in mail.iter_attachments() if one.get_content_type() == "application/ics"]
    [event] = read_calendar(part.get_content()).walk("VEVENT")
    return int(event["SEQUENCE"])


def held(database: Database) -> int:
    with database.reading() as session:
        return queries.counts(session).get(MailState.HELD, 0)


def test_several_changes_are_one_mail_with_the_final_state_and_its_sequence(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired)
    move(wired, meeting_id, HOUR)
    move(wired, meeting_id, HOUR, AT + 2 * MINUTE)
    move(wired, meeting_id, HOUR, AT + 4 * MINUTE)
    with wired.reading() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        newest = event.sequence
        feed = queries.counts(session)
    assert newest == 3  # feeds follow each change at once
    assert feed[MailState.HELD] == 2
    assert arrived(wired, post, 13) == []  # ten minutes from the last change
    mails = arrived(wired, post, 14)
    assert [sequence_in(mail) for mail in mails] == [3, 3]
    assert arrived(wired, post, 60) == []


def test_what_is_changed_back_is_no_mail_however_it_was_changed_back(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired)
    move(wired, meeting_id, HOUR)
    move(wired, meeting_id, -HOUR, AT + MINUTE)
    assert arrived(wired, post, 60) == []
    undo(wired, cancel(wired, meeting_id))
    assert arrived(wired, post, 60) == []
    with wired.reading() as session:
        assert session.exec(select(Mail).where(Mail.state != MailState.SENT)).all() == []


def test_undoing_brings_back_time_state_and_answers_in_the_calendars_too(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired)
    with wired.transaction() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        [first, _] = invitations.of_event(session, event.id)
        service.answer_on_page(session, first, event, Partstat.ACCEPTED, AT)
        began, answered = event.starts_at, first.id
    move(wired, meeting_id, HOUR)
    undo(wired, cancel(wired, meeting_id))
    with wired.reading() as session:
        moved = calendar.event_of(session, "meeting", meeting_id)
        assert moved is not None
        assert (moved.status, moved.sequence) == ("CONFIRMED", 3)
        assert began is not None
        assert moved.starts_at == began + HOUR
    mails = arrived(wired, post, 10)
    assert len(mails) == 2  # the move stands, and is told
    with wired.reading() as session:
        found = invitations.invitation(session, answered)
        assert found is not None
        assert found.partstat is Partstat.NEEDS_ACTION  # it was to another time


def test_an_act_is_undone_once_and_not_after_somebody_was_told_or_changed_it(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired)
    first = move(wired, meeting_id, HOUR)
    second = move(wired, meeting_id, HOUR)
    with pytest.raises(ConflictError):
        undo(wired, first)  # somebody moved it again
    undo(wired, second)
    with pytest.raises(ConflictError):
        undo(wired, second)
    undo(wired, first)  # now it is as that left it
    assert arrived(wired, post, 60) == []
    gone = move(wired, meeting_id, HOUR)
    assert len(arrived(wired, post, 10)) == 2
    with pytest.raises(ConflictError):
        undo(wired, gone)
    with wired.reading() as session:
        assert session.get_one(Act, gone).state is ActState.GONE


def test_who_was_never_told_gets_nothing_when_invited_and_taken_back(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired, 0)
    with wired.transaction() as session:
        function = make_member(session, Role.RC_MEMBER, "rc9").function
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        acts.begin_act(session, "somebody", AT, Said("Inbjudan är klar."), "/")
        service.invite(session, event, function, AT)
        act_id = session.info["act"]
    assert held(wired) == 1
    undo(wired, act_id)
    assert arrived(wired, post, 60) == []
    with wired.transaction() as session:
        invited = service.invite(session, session.merge(event), session.merge(function), AT)
        assert invited is not None
        service.withdraw(session, invited, AT)
    assert arrived(wired, post, 60) == []


def test_a_place_passed_on_and_taken_back_by_undo_keeps_the_answer(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired, 1)
    with wired.transaction() as session:
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        [place] = invitations.of_event(session, event.id)
        service.answer_on_page(session, place, event, Partstat.ACCEPTED, AT)
        address, organizer, event_id = place.address, place.organizer, event.id
    with wired.transaction() as session:
        [place] = invitations.of_event(session, event_id)
        acts.begin_act(session, "somebody", AT, Said("Din plats är överlåten."), "/")
        service.substitute(session, place, "Exempel Ny", "exempel.ny@example.org", AT)
        act_id = session.info["act"]
    assert held(wired) == 2
    undo(wired, act_id)
    assert arrived(wired, post, 60) == []
    with wired.reading() as session:
        [place] = invitations.of_event(session, event_id)
        assert (place.address, place.organizer, place.partstat, place.place) == (
            address,
            organizer,
            Partstat.ACCEPTED,
            Place.INVITED,
        )
        assert invitations.substitutions(session, place.id) == []


def test_what_begins_within_a_day_is_told_at_once_and_cannot_be_undone(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired)
    act_id = ""
    with wired.transaction() as session:
        meeting = session.get_one(Meeting, meeting_id)
        acts.begin_act(session, "somebody", AT, Said("Träffen är flyttad."), "/")
        start = AT + 20 * HOUR
        meetings.move(session, meeting, start, start + HOUR, meeting.version, "somebody", AT)
        act_id = session.info["act"]
    assert held(wired) == 0
    assert len(arrived(wired, post, 0)) == 2
    with pytest.raises(ConflictError):
        undo(wired, act_id)


def test_nothing_is_told_or_lost_while_sending_is_paused(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired)
    act_id = move(wired, meeting_id, HOUR)
    with wired.transaction() as session:
        pause(session, is_paused=True)
    assert arrived(wired, post, 60) == []
    undo(wired, act_id, AT + 61 * MINUTE)  # nobody has been told
    with wired.transaction() as session:
        pause(session, is_paused=False)
    assert arrived(wired, post, 120) == []


def test_a_mail_that_cannot_be_written_stops_no_other_and_waits_for_a_person(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired)
    move(wired, meeting_id, HOUR)
    with wired.transaction() as session:
        bad = queries.held_due(session, AT + HOUR, 9)[0]
        session.get_one(Mail, bad).about = {}
    assert len(arrived(wired, post, 10)) == 1
    with wired.reading() as session:
        broken = session.get_one(Mail, bad)
        assert (broken.state, broken.reason) == (MailState.FAILED, holding.NOT_WRITTEN)


def test_a_written_mail_that_tells_others_waits_and_is_dropped_when_undone(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    def tell(*, with_mails: bool) -> str:
        with wired.transaction() as session:
            said = Said("Din plats är överlåten.")
            acts.begin_act(session, "somebody", AT, said, "/", with_mails=with_mails)
            options = Options(tells_others=True)
            queue(session, "a@example.org", "Hej", "Hej\n", "<p>Hej</p>", AT, options)
            return str(session.info["act"])

    undo(wired, tell(with_mails=True))
    assert arrived(wired, post, 60) == []
    act_id = tell(with_mails=False)
    with pytest.raises(ConflictError):
        undo(wired, act_id)  # what was done beside the mail has no way back
    assert len(arrived(wired, post, 10)) == 1


class Race:
    """Somebody who takes an act back, and two workers whose clock says that it is time to tell."""

    def __init__(self, database: Database, act_id: str) -> None:
        self.database, self.act_id = database, act_id
        self.due = AT + 10 * MINUTE
        self.start = threading.Barrier(3)
        self.refused: list[Exception] = []

    def takes_back(self) -> None:
        self.start.wait()
        try:
            undo(self.database, self.act_id, self.due)
        except ServiceError as error:
            self.refused.append(error)

    def sends(self) -> None:
        self.start.wait()
        holding.release_due(self.database, lambda: self.due)

    def runs(self, *, undo_first: bool) -> tuple[Callable[[], None], ...]:
        both = (self.sends, self.sends)
        return (self.takes_back, *both) if undo_first else (*both, self.takes_back)


@pytest.mark.both_databases
def test_two_workers_and_an_undo_at_once_have_one_winner(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    """Whoever is first wins: either nobody has a mail and all is as before, or everybody has one and it stands."""
    outcomes = set()
    for round_ in range(6):
        meeting_id = invited_meeting(wired, 3)
        act_id = move(wired, meeting_id, HOUR)
        with wired.reading() as session:
            moved_to = session.get_one(Meeting, meeting_id).starts_at
        race = Race(wired, act_id)
        threads = [threading.Thread(target=run) for run in race.runs(undo_first=bool(round_ % 2))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = race.refused
        mails = arrived(wired, post, 10)
        with wired.reading() as session:
            is_as_before = session.get_one(Meeting, meeting_id).starts_at != moved_to
        assert is_as_before == (not refused)
        assert len(mails) == (0 if is_as_before else 3)
        assert all(isinstance(error, ConflictError | StaleError) for error in refused)
        outcomes.add(is_as_before)
        assert arrived(wired, post, 60) == []
    assert outcomes  # both happen; which one is the machine's affair


def test_a_worker_that_dies_between_writing_and_sending_sends_each_once(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired)
    move(wired, meeting_id, HOUR)
    moment = AT + 10 * MINUTE
    with wired.reading() as session:
        [first, second] = queries.held_due(session, moment, 9)
    with suppress(KeyboardInterrupt), wired.transaction() as session:
        holding.release(session, first, moment)
        raise KeyboardInterrupt  # killed before the commit
    with wired.transaction() as session:
        holding.release(session, second, moment)  # killed after it
    with pytest.raises(StaleError), wired.transaction() as session:
        holding.release(session, second, moment)
    assert len(arrived(wired, post, 10)) == 2
    assert arrived(wired, post, 60) == []


def test_each_receiver_has_what_the_table_says_they_were_told(
    wired: Database, post: tuple[Difficult, Server]
) -> None:
    meeting_id = invited_meeting(wired, 1)
    cancel(wired, meeting_id)
    assert [str(mail["Subject"])[:8] for mail in arrived(wired, post, 10)] != []
    with wired.reading() as session:
        [told] = session.exec(select(Told)).all()
        assert (told.is_cancelled, told.sequence) == (True, 1)


@pytest.fixture
def held_app(settings: Settings) -> Iterator[FastAPI]:
    made = create_app(settings.model_copy(update={"hold_minutes": 10.0}))
    yield made
    made.state.database.close()


def planner_on(app: FastAPI) -> Browser:
    with app.state.database.transaction() as session:
        person_id = make_member(session, Role.PLANNER).person.id
    return browser(app, person_id)


def coming(session: Session, meeting_id: str) -> MeetingState:
    return session.get_one(Meeting, meeting_id).state


def test_the_page_that_acted_says_when_whom_is_told_and_takes_it_back(held_app: FastAPI) -> None:
    database: Database = held_app.state.database
    with time_machine.travel(AT, tick=False):
        meeting_id = invited_meeting(database)
        web = planner_on(held_app)
        page = f"/traffar/{meeting_id}"
        version = "1"
        for blank in ("", "  "):
            unsaid = web.submit(page, f"{page}/stall-in", {"version": version, "reason": blank})
            assert (unsaid.status_code, held(database)) == (422, 0)
            assert "Skriv varför träffen ställs in." in unsaid.text
        said = {"version": version, "reason": "Sjukdom"}
        answer = web.submit(page, f"{page}/stall-in", said)
        assert answer.status_code == 303, answer.text
        shown = web.get(answer.headers["location"]).text
        assert "Träffen är inställd." in shown
        assert "2 mejl skickas kl. 13.10." in shown
        [action] = {line for line in shown.split('"') if line.startswith("/angra/")}
        listed = web.get("/planera/utskick").text
        assert "Träffen är inställd." in listed
        assert action in listed
        english = web.get(f"/en{answer.headers['location']}").text
        assert "2 emails go out at 13:10." in english
        stranger = browser(held_app)
        assert stranger.submit("/logga-in", action).status_code in {303, 401}
        taken = web.submit(answer.headers["location"], action)
        assert taken.status_code == 303, taken.text
        assert "Ångrat." in web.get(taken.headers["location"]).text
        again = web.submit(page, action)
        assert again.status_code == 409
        with database.reading() as session:
            assert coming(session, meeting_id) is MeetingState.PUBLISHED


def test_a_planner_sends_what_waits_at_once_and_sees_how_it_reads(
    held_app: FastAPI, post: tuple[Difficult, Server]
) -> None:
    database: Database = held_app.state.database
    with time_machine.travel(AT, tick=False):
        meeting_id = invited_meeting(database)
        web = planner_on(held_app)
        page = f"/traffar/{meeting_id}"
        web.submit(page, f"{page}/stall-in", {"version": "1", "reason": "Sjukdom"})
        with database.reading() as session:
            mail_id = queries.held_due(session, AT + HOUR, 9)[0]
        shown = web.get(f"/planera/utskick/{mail_id}").text
        assert "har ställt in träffen." in shown
        assert "Därför: Sjukdom" in shown
        assert held(database) == 2  # looking at it writes nothing
        listed = web.get("/planera/utskick").text
        [action] = {line for line in listed.split('"') if line.startswith("/skicka-nu/")}
        assert web.submit("/planera/utskick", action).status_code == 303
        assert len(arrived(database, post, 0)) == 2
