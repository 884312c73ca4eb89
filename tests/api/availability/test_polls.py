"""A network's own time: proposed, answered without an account, booked into everybody's calendar."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.audit.models import AuditEntry
from api.availability import queries, service
from api.availability.models import AnswerValue, Poll, PollState
from api.availability.service import PollDraft, Time
from api.calendar.models import Event, EventAudience
from api.kit.clock import from_local, now
from api.kit.errors import ConflictError, FieldFault, MissingError, StaleError
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm, MeetingState
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer, Network
from api.networks.service import publish_round
from tests.factories import Member, make_member
from tests.promises import keeps_quiet
from tests.shipped import import_shipped
from tests.web import browser

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
YES, MAYBE, NO = AnswerValue.YES, AnswerValue.MAYBE, AnswerValue.NO


def at(day: date, hour: int = 13) -> Time:
    start = from_local(datetime(day.year, day.month, day.day, hour))  # noqa: DTZ001 - local
    return Time(start, start + timedelta(hours=2))


FIRST, SECOND, THIRD = (at(date(2027, 2, day)) for day in (2, 3, 4))
DRAFT = PollDraft("Rutiner", MeetingForm.DIGITAL, (FIRST, SECOND))


@pytest.fixture
def network(session: Session) -> Network:
    publish_round(session, "one", [Group(Layer.LIKENESS, ("a", "b", "c"), {}, 92.0)], "nch", AT)
    return networks.active_networks(session)[0]


@pytest.fixture
def poll(session: Session, network: Network) -> Poll:
    return service.propose(session, network, DRAFT, "p", AT)


def _options(session: Session, poll: Poll) -> list[str]:
    return [option.id for option in queries.options(session, poll.id) if not option.is_withdrawn]


def test_booking_puts_the_meeting_with_its_agenda_into_the_members_calendars(
    session: Session, poll: Poll
) -> None:
    second = _options(session, poll)[1]
    meeting = service.book(session, poll, second, poll.version, "p", AT)
    assert (meeting.starts_at, meeting.ends_at) == (SECOND.starts_at, SECOND.ends_at)
    assert meeting.state is MeetingState.PUBLISHED
    assert "Att utelämna namnet räcker inte" in meeting.focus_sv
    assert "Leaving out the name is not enough" in meeting.focus_en
    assert "Tema: Rutiner." in meeting.focus_sv
    event = session.exec(select(Event).where(Event.subject_id == meeting.id)).one()
    audience = session.exec(select(EventAudience).where(EventAudience.event_id == event.id))
    assert {row.scope_id for row in audience} >= {"a", "b", "c", poll.network_id}
    assert poll.state is PollState.BOOKED
    with pytest.raises(ConflictError):
        service.book(session, poll, second, poll.version, "p", AT)


def test_booking_a_time_for_a_meeting_moves_it_and_decides_a_proposed_one(
    session: Session, network: Network, poll: Poll
) -> None:
    made = service.book(session, poll, _options(session, poll)[0], poll.version, "p", AT)
    again = PollDraft("Rutiner", MeetingForm.DIGITAL, (THIRD,), meeting_id=made.id)
    moving = service.propose(session, network, again, "p", AT)
    moved = service.book(session, moving, _options(session, moving)[0], 1, "p", AT)
    assert (moved.id, moved.starts_at) == (made.id, THIRD.starts_at)


def test_answers_survive_when_times_come_and_go(session: Session, poll: Poll) -> None:
    first, second = _options(session, poll)
    secret = service.answer(session, poll, "Exempel", {first: YES, second: NO}, AT)
    assert secret is not None
    service.withdraw_time(session, poll, first, poll.version, "p")
    service.add_time(session, poll, THIRD, poll.version, "p")
    own = service.opened(session, secret).own
    assert own is not None
    service.answer(session, poll, "Exempel", {second: MAYBE}, AT, own)
    service.add_time(session, poll, FIRST, poll.version, "p")
    values = {mark.option_id: mark.value for mark in queries.marks_of(session, own.id)}
    assert values == {first: YES, second: MAYBE}
    assert len(_options(session, poll)) == 3


def test_answers_after_the_booking_and_marks_of_other_polls_are_refused(
    session: Session, network: Network, poll: Poll
) -> None:
    other = service.propose(session, network, DRAFT, "p", AT)
    foreign = _options(session, other)[0]
    assert service.answer(session, poll, "Exempel", {foreign: YES}, AT)
    assert queries.marks(session, poll.id) == []
    service.book(session, poll, _options(session, poll)[0], poll.version, "p", AT)
    with pytest.raises(ConflictError):
        service.answer(session, poll, "Exempel", {}, AT)


def test_times_on_holidays_in_the_past_or_twice_are_refused_with_their_field(
    session: Session, network: Network
) -> None:
    midsummer_eve = at(date(2027, 6, 25))
    past = at(date(2026, 10, 1))
    for times, field in (
        ((FIRST, midsummer_eve), "day2"),
        ((past,), "day1"),
        ((FIRST, FIRST), "day1"),
        ((), "day1"),
    ):
        with pytest.raises(FieldFault) as caught:
            service.propose(session, network, PollDraft("T", MeetingForm.DIGITAL, times), "p", AT)
        assert caught.value.field == field


def test_theme_and_town_are_asked_for(session: Session, network: Network) -> None:
    for draft, field in (
        (PollDraft(" ", MeetingForm.DIGITAL, (FIRST,)), "theme"),
        (PollDraft("T", MeetingForm.IN_PERSON, (FIRST,)), "town"),
    ):
        with pytest.raises(FieldFault) as caught:
            service.propose(session, network, draft, "p", AT)
        assert caught.value.field == field


def test_a_change_on_an_old_version_is_refused(session: Session, poll: Poll) -> None:
    service.add_time(session, poll, THIRD, 1, "p")
    with pytest.raises(StaleError):
        service.close(session, poll, 1, "p")


def test_own_link_is_kept_as_a_hash_and_unknown_links_lead_nowhere(
    session: Session, poll: Poll
) -> None:
    secret = service.answer(session, poll, "Exempel", {}, AT)
    stored = queries.answers(session, poll.id)[0]
    assert secret is not None
    assert secret not in stored.key_hash
    with pytest.raises(MissingError):
        service.opened(session, "nowhere")


def test_the_log_holds_no_names_or_answers(session: Session, poll: Poll) -> None:
    service.answer(session, poll, "Exempel Hemlig", {_options(session, poll)[0]: YES}, AT)
    service.close(session, poll, poll.version, "p")
    entries = session.exec(select(AuditEntry)).all()
    assert entries
    assert "Hemlig" not in repr([entry.model_dump() for entry in entries])


def _member(app: FastAPI, rc_id: str | None, role: Role = Role.RC_MEMBER) -> Member:
    with app.state.database.transaction() as session:
        made = make_member(session, role, rc_id=rc_id)
        session.flush()
        session.expunge_all()
    return made


@pytest.fixture
def network_id(app: FastAPI) -> str:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        rc_ids = ("fyrbodal", "skaraborg", "alvsborg")
        publish_round(session, "one", [Group(Layer.LIKENESS, rc_ids, {}, 92.0)], "nch", now())
        return networks.active_networks(session)[0].id


def test_a_member_proposes_four_answer_without_account_and_the_time_is_booked(
    app: FastAPI, network_id: str
) -> None:
    web = browser(app, _member(app, "skaraborg").person.id)
    page = f"/natverk/{network_id}/ny-tid"
    day = (now() + timedelta(days=100)).date()
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    typed = {"theme": "Rutiner", "form": "digital", "length": "1.5"}
    typed |= {"day1": day.isoformat(), "clock1": "09:00"}
    typed |= {"day2": day.isoformat(), "clock2": "13:00"}
    answer = web.submit(page, page, {**typed, "do": "send"})
    assert answer.status_code == 303
    where = answer.headers["location"].partition("?")[0]
    shown = web.get(where).text
    link = re.search(r'value="http://testserver(/tid/[^"]+)"', shown)
    assert link is not None
    for number in range(4):
        phone = browser(app)
        form = phone.get(link[1]).text
        first, second = dict.fromkeys(re.findall(r'name="(tid-[^"]+)"', form))
        said = {first: "maybe", second: "yes" if number else "no"}
        saved = phone.submit(link[1], link[1], {"name": f"Exempel {number}", **said})
        assert saved.status_code == 303
        own = phone.get(saved.headers["location"]).text
        assert "Ditt svar är sparat" in own
        assert own.count("checked") == 2
    shown = web.get(where).text
    assert "5 svar" in shown  # the proposer's own times count as yes
    assert "Exempel 3" in shown
    best = shown.index("passar flest")
    assert shown.rindex("kl. 13.00", 0, best) > shown.rindex("kl. 09.00", 0, best)
    option = re.search(r'name="option_id" value="([^"]+)"', shown[best:])
    assert option is not None
    booked = web.submit(where, f"{where}/boka", {"version": "1", "option_id": option[1]})
    assert booked.status_code == 303
    assert "kl. 13.00–14.30" in web.get(booked.headers["location"]).text
    assert "Tiden är bestämd" in browser(app).get(link[1]).text
    with app.state.database.reading() as session:
        found = meetings.meetings_of_network(session, network_id)
        assert [m.state for m in found if m.state is MeetingState.PUBLISHED] == ["published"]


@keeps_quiet(
    "Ingen tid bokas, ingen kan svara längre och ingen får veta det med mejl. Det går inte att ångra."
)
def test_a_poll_that_ends_without_booking_tells_nobody_and_says_so_to_who_answers_late(
    app: FastAPI, network_id: str
) -> None:
    web = browser(app, _member(app, "skaraborg").person.id)
    page, day = f"/natverk/{network_id}/ny-tid", (now() + timedelta(days=100)).date()
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    typed = {"theme": "Rutiner", "form": "digital", "length": "1.5", "day1": day.isoformat()}
    sent = web.submit(page, page, {**typed, "clock1": "09:00", "do": "send"})
    where = sent.headers["location"].partition("?")[0]
    link = re.search(r'value="http://testserver(/tid/[^"]+)"', web.get(where).text)
    assert link is not None
    late = browser(app)
    [name] = dict.fromkeys(re.findall(r'name="(tid-[^"]+)"', late.get(link[1]).text))
    token = late.token()
    assert web.submit(where, f"{where}/avsluta", {"version": "1"}).status_code == 303
    data = {"form_token": token, "name": "Exempel", name: "yes"}
    assert "Frågan om tider är avslutad" in late.post(link[1], data=data).text


def test_faults_are_shown_beside_what_was_typed(app: FastAPI, network_id: str) -> None:
    web = browser(app, _member(app, "skaraborg").person.id)
    page = f"/natverk/{network_id}/ny-tid"
    answer = web.submit(page, page, {"theme": "Rutiner", "day1": "2027-02-30", "clock1": "09:00"})
    assert answer.status_code == 422
    assert "Välj en dag." in answer.text
    assert 'value="Rutiner"' in answer.text
    english = web.get(f"/en{page}").text
    assert "Propose times" in english


def test_readers_guests_and_other_networks_members_find_no_form(
    app: FastAPI, network_id: str
) -> None:
    for rc_id, role in (("dalarna", Role.RC_MEMBER), (None, Role.READER), (None, Role.GUEST)):
        web = browser(app, _member(app, rc_id, role).person.id)
        assert web.get(f"/natverk/{network_id}/ny-tid").status_code == 404


def test_the_answering_page_shows_no_other_answers(app: FastAPI, network_id: str) -> None:
    with app.state.database.transaction() as session:
        network = networks.network(session, network_id)
        assert network is not None
        time = at((now() + timedelta(days=99)).date())
        if time.starts_at.isoweekday() == 5:
            time = at((now() + timedelta(days=98)).date())
        poll = service.propose(session, network, PollDraft("T", DRAFT.form, (time,)), "p", now())
        service.answer(session, poll, "Exempel Annan", {}, now())
        address = poll.address
    assert "Exempel Annan" not in browser(app).get(f"/tid/{address}").text
