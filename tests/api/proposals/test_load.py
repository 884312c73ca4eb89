"""The load ledger: what takes whose hours, asked of meetings of every kind, and shown to whom it concerns."""

import html
import re
from dataclasses import replace
from datetime import date, datetime

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.kit.clock import from_local, now, today
from api.meetings.models import MeetingForm, MeetingKind, MeetingState
from api.meetings.service import create
from api.proposals.year.load import by_month, ledger
from tests.api.meetings.test_audience import VISIT
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import browser

YEAR = today().year + 1


def _at(month: int, day: int, hour: int) -> datetime:
    return from_local(datetime(YEAR, month, day, hour))  # noqa: DTZ001 - local


@pytest.fixture
def full(app: FastAPI, session: Session) -> FastAPI:
    import_shipped(session, "system")
    national = replace(
        VISIT,
        kind=MeetingKind.NATIONAL,
        host_rc="",
        visitor_rc="",
        form=MeetingForm.IN_PERSON,
        town="Linköping",
        starts_at=_at(3, 9, 10),
        ends_at=_at(3, 10, 15),
    )
    create(session, national, "nch", now())
    create(
        session,
        replace(
            VISIT,
            form=MeetingForm.IN_PERSON,
            host_rc="dalarna",
            visitor_rc="norrbotten",
            town="Falun",
            starts_at=_at(3, 23, 10),
            ends_at=_at(3, 23, 14),
        ),
        "nch",
        now(),
    )
    create(
        session,
        replace(
            VISIT,
            form=MeetingForm.IN_PERSON,
            host_rc="dalarna",
            visitor_rc="norrbotten",
            town="Falun",
            starts_at=_at(4, 7, 10),
            ends_at=_at(4, 7, 14),
            state=MeetingState.DRAFT,
        ),
        "nch",
        now(),
    )
    session.commit()
    return app


@pytest.mark.usefixtures("full")
def test_hours_are_those_on_the_spot_and_of_the_journey_there_and_back(session: Session) -> None:
    found = {one.rc_id: by_month(pieces) for one, pieces in ledger(session, YEAR).items()}
    # Two days of five hours, and from Malmö to Linköping and back about six and a half.
    assert found["skane"][3] == pytest.approx(10 + 6.4, abs=0.5)
    # The host of a visit is at home; who comes from Luleå travels both there and back.
    by_name = {one.rc_id: pieces for one, pieces in ledger(session, YEAR).items()}
    visits = {
        rc_id: next(p.journey.hours for p in by_name[rc_id] if p.day == date(YEAR, 3, 23))
        for rc_id in ("dalarna", "norrbotten")
    }
    assert visits["dalarna"] == 0.0
    assert visits["norrbotten"] > 10.0
    assert sorted(found["norrbotten"]) == [3, 4], "a draft counts for whoever plans"


def test_an_rc_sees_its_own_hours_and_a_planner_everybodys(full: FastAPI) -> None:
    with full.state.database.transaction() as session:
        mine = make_member(session, Role.RC_MEMBER, rc_id="norrbotten").person.id
        planner = make_member(session, Role.PLANNER).person.id
        guest = make_member(session, Role.GUEST).person.id
    own = browser(full, mine).get(f"/belastning?ar={YEAR}").text
    assert "Norrbotten" in own
    assert "Skåne" not in own
    assert "apr" in own
    whole = browser(full, planner).get(f"/belastning?ar={YEAR}").text
    assert "Skåne" in whole
    assert "▲" in whole, "Norrbotten's March is over the cap"
    sources = re.findall(r'href="([^"]+#kallor)">Skåne', whole)
    assert len(sources) == 1
    of_one = browser(full, planner).get(html.unescape(sources[0]).partition("#")[0]).text
    assert "Det som tar tid för Skåne" in of_one
    assert "Det som tar tid för Norrbotten" not in of_one
    assert "#kallor" not in own
    assert browser(full, guest).get("/belastning").status_code == 404
    assert browser(full, planner).get(f"/belastning?ar={YEAR + 1}").status_code == 200
    assert browser(full, planner).get("/belastning?ar=nu").status_code == 422
