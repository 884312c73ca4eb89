"""A meeting protected on its page is only busy in every calendar: each scope, level, language and part."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.calendar import queries as calendar
from api.calendar.models import Event, EventAudience, Level
from api.calendar.service import Scope
from api.feeds.joining import join
from api.feeds.service import Wish, single, subscribe
from api.kit.db import Database
from api.kit.i18n import LANGUAGES
from api.meetings import queries as meetings
from api.meetings.deadlines import set_answer_by
from api.meetings.models import MeetingKind
from api.meetings.series import change_from, create_series
from api.meetings.service import cancel, create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.programme.service import publish
from api.registry import queries as registry
from api.surveys import evaluations, mailing, service, themes
from tests.api.meetings.test_meetings import DRAFT, NOW, START
from tests.api.programme.test_programme_service import _plan
from tests.calendars import read_events
from tests.factories import make_member, series_draft
from tests.shipped import import_shipped
from tests.web import Browser, browser

SECRET = "hemlig"


class Office:
    """A national meeting with all that hangs on it, a network's series, and a planner's browser."""

    def __init__(self, app: FastAPI) -> None:
        self.database: Database = app.state.database
        with self.database.transaction() as session:
            session.expire_on_commit = False
            import_shipped(session, "system")
            themes.import_theme_bank(session)
            rc_ids = tuple(rc.id for rc in registry.rcs(session)[:3])
            guest = make_member(session, Role.GUEST)
            for rc_id in rc_ids:
                make_member(session, Role.RC_MEMBER, rc_id)
            planner = make_member(session, Role.PLANNER)
            draft = replace(
                DRAFT, name_sv="Hemlig träff", name_en="Hemlig meeting", focus_sv="Hemligt fokus",
                focus_en="Hemligt focus", town="Hemligby", kind=MeetingKind.NATIONAL,
            )  # fmt: skip
            national = create(session, draft, "nch", NOW)
            set_answer_by(session, national, date(2026, 4, 20), "nch", NOW)
            plan = _plan(law=frozenset({guest.function.id}))
            sessions = tuple(
                replace(one, title_sv=f"Hemligt {one.key}", title_en="Hemlig", purpose_sv="Hemligt")
                for one in plan.sessions
            )
            rooms = (replace(plan.rooms[0], name="Hemlig sal"),)
            publish(session, national, replace(plan, sessions=sessions, rooms=rooms), "nch", NOW)
            self._ask(session, rc_ids, national.id)
            publish_round(session, "one", [Group(Layer.NEARNESS, rc_ids, {}, 100.0)], "nch", NOW)
            session.flush()
            circle = networks.active_networks(session)[0]
            draft_of_series = series_draft(
                circle.id, START + timedelta(days=7), "Hemligby", "Hemlig"
            )
            series = create_series(session, draft_of_series, "nch", NOW)
            session.flush()
            off = meetings.meetings_of_series(session, series.id)[1]
            cancel(session, off, off.version, "nch", NOW)
        self.paths = (f"/traffar/{national.id}", f"/serie/{series.id}")
        self.planner: Browser = browser(app, planner.person.id)

    @staticmethod
    def _ask(session: Session, rc_ids: tuple[str, ...], meeting_id: str) -> None:
        details = service.SurveyDetails(
            title_sv="Inför den hemliga träffen",
            title_en="Before the hemliga meeting",
            deadline=START - timedelta(days=20),
            theme_ids=("org_startup", "pepp"),
            days=(date(2026, 5, 5),),
            rc_ids=rc_ids,
        )
        survey = service.make_survey(session, "planner", details, NOW)
        service.open_survey(session, "planner", survey.id, NOW)
        service.tie_to_meeting(session, "planner", survey.id, meeting_id)
        told = evaluations.EvaluationDetails(
            title_sv="Efter den hemliga träffen",
            title_en="After the hemliga meeting",
            held_on=date(2026, 2, 1),
            closes_on=date(2026, 3, 20),
            theme_ids=("org_startup",),
            meeting_id=meeting_id,
        )
        made = evaluations.make_evaluation(session, "planner", told)
        mailing.send_ballots(
            session, "planner", made, mailing.ballot_recipients(session, rc_ids), NOW
        )

    def press(self, path: str, *, protect: bool) -> None:
        page = self.planner.get(path).text
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version is not None
        assert ("Visa igen i kalendrar" in page) is not protect
        form = {"version": version[1], "protected": "yes" if protect else ""}
        assert self.planner.submit(path, f"{path}/skydd", form).status_code == 303

    def calendars(self) -> Iterator[bytes]:
        """Yield every calendar that any event is in, at all levels, and each event as a file."""
        with self.database.reading() as session:
            rows = session.exec(select(EventAudience)).all()
            scopes = sorted({Scope(row.scope_kind, row.scope_id) for row in rows})
            for scope, level, language in product(scopes, Level, LANGUAGES):
                wish = Wish(
                    scope=scope, level=level, language=language, name="Träffar",
                    owner_person_id=None, has_deadlines=True,
                )  # fmt: skip
                feed, _, _ = subscribe(session, wish, NOW)
                yield join(session, feed, NOW.date()).body
            for event, language in product(calendar.events(session), LANGUAGES):
                yield single(session, event, language)

    def kinds(self) -> set[str]:
        with self.database.reading() as session:
            return {event.subject_kind for event in session.exec(select(Event))}


@pytest.fixture
def office(app: FastAPI) -> Iterator[Office]:
    with time_machine.travel(NOW, tick=False):
        yield Office(app)


def test_what_is_protected_is_busy_and_nothing_else_in_every_calendar(office: Office) -> None:
    assert office.kinds() == {
        "meeting", "session", "answer_by", "needs_survey", "evaluation", "series",
    }  # fmt: skip
    before = b"".join(office.calendars()).decode().lower()
    assert before.count(SECRET) > 100
    for path in office.paths:
        office.press(path, protect=True)
    others = {"Nätverksträff", "Network meeting"}  # the first meeting that the network is proposed
    for body in office.calendars():
        assert SECRET not in body.decode().replace("\r\n ", "").lower()
        for event in read_events(body):
            title = re.sub(r"^(Inställt|Cancelled): ", "", str(event["SUMMARY"]))
            if title not in {"Upptagen", "Busy"}:
                assert title in others or "krets" in title or "circle" in title
                continue
            assert {"LOCATION", "DESCRIPTION", "URL", "CONFERENCE"}.isdisjoint(event)
    for path in office.paths:
        office.press(path, protect=False)
    assert b"".join(office.calendars()).decode().lower().count(SECRET) == before.count(SECRET)


def test_whoever_may_not_change_a_meeting_may_not_take_its_protection(
    office: Office, app: FastAPI
) -> None:
    with office.database.transaction() as session:
        reader = make_member(session, Role.READER).person.id
    path = office.paths[0]
    form = {"version": "2", "protected": "yes"}
    refused = browser(app, reader).submit("/prenumerera", f"{path}/skydd", form)
    assert refused.status_code == 404
    stale = office.planner.submit(path, f"{path}/skydd", {"version": "99", "protected": "yes"})
    assert stale.status_code == 409


def test_a_series_that_takes_anothers_place_stays_protected(office: Office) -> None:
    office.press(office.paths[1], protect=True)
    with office.database.transaction() as session:
        found = meetings.series(session, office.paths[1].rpartition("/")[2])
        assert found is not None
        start = found.starts_at + timedelta(days=14)
        draft = series_draft(found.network_id or "", start, "Hemligby", "Hemlig")
        made = change_from(session, found, draft, found.version, "nch", NOW)
        assert made.is_protected
        assert all(one.is_protected for one in meetings.meetings_of_series(session, made.id))
