"""Times filled in for a circle: out of the way of what its members have, of closed days and of one's own calendar."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.availability.models import Poll
from api.calendar.days import holiday_name
from api.kit.clock import from_local, now, to_local
from api.meetings.models import MeetingKind
from api.meetings.service import NOTICE, create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import Evidence
from api.proposals.times.service import times_for, window
from tests.api.meetings.test_audience import VISIT
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import HIDDEN, browser

PAIR = ("dalarna", "gavleborg")


@pytest.fixture
def circle(session: Session) -> str:
    import_shipped(session, "system")
    evidence = Evidence((), (), (), PAIR, 90.0).to_json()
    publish_round(session, "one", [Group(Layer.NEARNESS, PAIR, evidence, 90.0)], "nch", now())
    found = networks.active_networks(session)[0].id
    session.commit()
    return found


def _filled(text: str) -> list[date]:
    days = re.findall(r'name="day\d" type="date" value="([^"]+)"', text)
    return [date.fromisoformat(day) for day in days if day]


def test_the_earliest_good_times_are_filled_in_and_nobody_is_asked(
    app: FastAPI, circle: str
) -> None:
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, rc_id="dalarna").person.id
        stranger = make_member(session, Role.RC_MEMBER, rc_id="skane").person.id
        free = [one.starts.date() for one in times_for(session, PAIR, 90, (), (), now())]
        # One of the two has something in the first of those weeks.
        start = from_local(datetime.combine(free[0], datetime.min.time()) + timedelta(hours=10))
        taken = replace(
            VISIT, kind=MeetingKind.STUDY_VISIT, host_rc="gavleborg", visitor_rc="skane"
        )
        create(
            session, replace(taken, starts_at=start, ends_at=start + timedelta(hours=2)), "x", now()
        )
    web, page = browser(app, member), f"/natverk/{circle}/ny-tid"
    assert "Låt Samkrets hitta tider" in web.get(page).text
    answer = web.submit(page, f"{page}/forslag", {"length": "1.5"})
    assert answer.status_code == 303
    filled = web.get(answer.headers["location"]).text
    assert "som går ihop med allas träffar i Samkrets är ifyllda" in filled
    assert "De andras egna kalendrar ser Samkrets inte" in filled
    days = _filled(filled)
    assert 1 <= len(days) <= 3
    assert free[0].isocalendar()[:2] not in {day.isocalendar()[:2] for day in days}
    for day in days:
        assert day > to_local(now() + NOTICE).date()
        assert not holiday_name(day)
        assert not date(day.year, 6, 22) <= day <= date(day.year, 8, 14)
    with app.state.database.reading() as session:
        assert session.exec(select(Poll)).all() == []
    assert browser(app, stranger).submit("/", f"{page}/forslag", {}).status_code == 404


def test_ones_own_calendar_is_read_and_a_file_that_is_none_is_said(
    app: FastAPI, circle: str
) -> None:
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, rc_id="dalarna").person.id
        free = [one.starts for one in times_for(session, PAIR, 90, (), (), now())]
    first, last = window(now())
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}@example.org\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;VALUE=DATE:{free[n]:%Y%m%d}\r\nDTEND;VALUE=DATE:{free[n] + timedelta(days=1):%Y%m%d}\r\n"
        "TRANSP:OPAQUE\r\nEND:VEVENT\r\n"
        for n in range(len(free))
    )
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n"
    web, page = browser(app, member), f"/natverk/{circle}/ny-tid"
    token = dict(HIDDEN.findall(web.get(page).text))["form_token"]
    sent = {"form_token": token, "length": "1.5"}
    answer = web.post(f"{page}/forslag", data=sent, files={"calendar": ("a.ics", calendar)})
    filled = web.get(answer.headers["location"]).text
    assert "och med din kalender är ifyllda" in filled
    days = _filled(filled)
    assert days
    assert not {one.date() for one in free} & set(days)
    assert all(first <= day <= last for day in days)
    sent["form_token"] = dict(HIDDEN.findall(web.get(page).text))["form_token"]
    broken = web.post(f"{page}/forslag", data=sent, files={"calendar": ("a.ics", "nej")})
    assert "Allt i kalendern gick inte att läsa" in web.get(broken.headers["location"]).text


def test_a_time_that_somebody_cannot_is_not_called_good(app: FastAPI, circle: str) -> None:
    """The asker's calendar is full for all the weeks that are looked at."""
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, rc_id="dalarna").person.id
    first, last = window(now())
    calendar = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\n"
        f"DTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:{first:%Y%m%d}\r\n"
        f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}\r\nTRANSP:OPAQUE\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    web, page = browser(app, member), f"/natverk/{circle}/ny-tid"
    token = dict(HIDDEN.findall(web.get(page).text))["form_token"]
    sent = {"form_token": token, "length": "1.5"}
    answer = web.post(f"{page}/forslag", data=sent, files={"calendar": ("a.ics", calendar)})
    filled = web.get(answer.headers["location"]).text
    assert "3 av de ifyllda krockar, kanske" in filled
    assert "De tidigaste bra tiderna" not in filled


def test_the_turn_of_the_year_is_left_alone(session: Session, circle: str) -> None:
    assert circle
    first = date(now().year + 1, 12, 27)
    at = from_local(datetime.combine(first, datetime.min.time())) - NOTICE - timedelta(days=1)
    assert window(at)[0] <= date(first.year, 12, 28)
    for one in times_for(session, PAIR, 90, (), (), at):
        assert one.starts.date() > date(first.year + 1, 1, 6)


def test_a_meeting_that_gets_a_new_time_is_not_in_its_own_way(
    session: Session, circle: str
) -> None:
    start = times_for(session, PAIR, 90, (), (), now())[0].starts
    where = replace(
        VISIT,
        kind=MeetingKind.NETWORK,
        network_id=circle,
        host_rc="",
        visitor_rc="",
        starts_at=from_local(start),
        ends_at=from_local(start + timedelta(minutes=90)),
    )
    moved = create(session, where, "x", now())
    others = times_for(session, PAIR, 90, (), (), now())
    assert start.isocalendar()[:2] not in {one.starts.isocalendar()[:2] for one in others}
    assert times_for(session, PAIR, 90, (), (), now(), moved)[0].starts == start
