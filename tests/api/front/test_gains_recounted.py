"""What a year gave, recounted from the tables by a judge of its own: every figure of the page's workbook, in random years."""

import io
import itertools
import random
import statistics
from collections import defaultdict
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import Session, select

from api.accounts.models import Role
from api.calendar import queries as calendar
from api.invitations import service as invitations
from api.invitations.models import Partstat
from api.kit.clock import now
from api.kit.db import UtcDateTime
from api.meetings.models import MeetingForm, MeetingKind, MeetingState
from api.networks.foresight import Group
from api.networks.models import Layer, Network, NetworkMember
from api.networks.service import publish_round
from api.questions.models import Answer, Audience, Question
from tests.api.front.test_gains import BEGIN, LATER, _journeys, _put
from tests.factories import Member, make_member
from tests.shipped import import_shipped
from tests.web import browser

CIRCLES = (("fyrbodal", "goteborg", "skaraborg"), ("jamtland", "norrbotten", "vasternorrland"))
FIRST = BEGIN.replace(month=1, day=1, hour=0) - timedelta(hours=1)
NEXT = BEGIN.replace(year=2028, month=1, day=1, hour=0) - timedelta(hours=1)
TOWNS = ("Linköping", "Sundsvall", "Göteborg")
ROOM = MeetingForm.IN_PERSON.value


def _live(session: Session, people: dict[str, Member], chance: random.Random) -> None:
    """Let a year pass: some meetings are called off, not held, of another year or still to come."""
    circles = {one.id: one for one in session.exec(select(Network))}
    for days in chance.sample(range(1, 160), 14):
        circle = chance.choice([*circles, ""])
        kind = MeetingKind.NETWORK if circle else MeetingKind.NATIONAL
        form = chance.choice([MeetingForm.IN_PERSON, MeetingForm.DIGITAL])
        town = chance.choice(TOWNS) if form is MeetingForm.IN_PERSON else ""
        made = _put(session, days, kind, form, town, circle)
        event = calendar.event_of(session, "meeting", made.id)
        if not circle and event is not None:
            for one in people.values():
                invited = invitations.invite(session, event, one.function, now())
                if invited is not None:
                    invited.partstat = chance.choice(list(Partstat))
                    session.add(invited)
        if chance.random() < 0.15:  # the year before
            made.starts_at -= timedelta(days=200)
            made.ends_at -= timedelta(days=200)
        made.was_held = chance.choice([True, True, False, None]) if circle else None
        made.state = chance.choice([*[MeetingState.PUBLISHED] * 4, MeetingState.CANCELLED])
        session.add(made)
    session.flush()
    _ask(session, people, circles, chance)


def _ask(
    session: Session, people: dict[str, Member], circles: dict[str, Network], chance: random.Random
) -> None:
    """Let questions be put to circles, all RC and NCH, and answered late, by the asker alone or not at all."""
    for _ in range(40):
        rc, audience = chance.choice(list(people)), chance.choice(list(Audience))
        asked = Question(
            function_id=people[rc].function.id,
            rc_id=rc,
            audience=audience,
            network_id=chance.choice(list(circles)) if audience is Audience.CIRCLE else None,
            text="Vad?",
            asked_at=FIRST + timedelta(hours=chance.randrange(-900, 3000)),
        )
        session.add(asked)
        session.flush()
        for by in chance.sample(list(people), chance.randrange(3)) + [rc] * chance.randrange(2):
            session.add(
                Answer(
                    question_id=asked.id,
                    function_id=people[by].function.id,
                    rc_id=by,
                    text="Så.",
                    answered_at=asked.asked_at + timedelta(hours=chance.randrange(1, 700)),
                )
            )
    session.flush()


def _answered(session: Session) -> tuple[int, list[float]]:
    """Return how many questions all RC or NCH were asked in the year, and the days to each first answer of another."""
    rows = session.connection().execute(
        text(
            "SELECT q.id, q.asked_at, a.answered_at FROM question q"
            " LEFT JOIN question_answer a ON a.question_id = q.id AND a.rc_id <> q.rc_id"
            " WHERE q.audience <> 'circle' AND q.asked_at >= :first AND q.asked_at < :next"
        )
        .columns(asked_at=UtcDateTime, answered_at=UtcDateTime)
        .bindparams(first=FIRST, next=NEXT)
    )
    waited: dict[str, list[float]] = defaultdict(list)
    for key, asked_at, answered_at in rows:
        waited[key] += [(answered_at - asked_at).total_seconds() / 86400] if answered_at else []
    return len(waited), [min(days) for days in waited.values() if days]


def _recounted(session: Session) -> tuple[dict[str, tuple[float, ...]], dict[str, float]]:
    """Return each RC's national meetings, circle's meetings, RC met and hours, and the year's own figures."""
    rows = session.connection().execute(
        text(
            "SELECT id, kind, state, form, town, was_held, network_id FROM meeting"
            " WHERE starts_at >= :first AND starts_at < :next AND ends_at <= :today"
        ).bindparams(first=FIRST, next=NEXT, today=LATER)
    )
    own: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
    met: dict[str, set[str]] = defaultdict(set)
    whole = {"national": 0.0, "held": 0.0, "hours": 0.0}
    alive = set()
    for key, kind, state, form, town, was_held, network_id in rows.all():
        if state != "published" or (kind == "network" and not was_held):
            continue
        is_national = kind == "national"
        ask = (
            "SELECT b.rc_id FROM invitation i JOIN event e ON e.id = i.event_id"
            " JOIN function f ON f.id = i.function_id JOIN body b ON b.id = f.body_id"
            " WHERE e.subject_id = :key AND lower(i.partstat) = 'accepted'"
            if is_national
            else "SELECT rc_id FROM network_member WHERE network_id = :key"
        )
        there = {
            one
            for (one,) in session.connection().execute(
                text(ask).bindparams(key=key if is_national else network_id)
            )
        }
        whole["national" if is_national else "held"] += 1
        alive |= {network_id} - {None}
        for rc in there:
            own[rc][0 if is_national else 1] += 1
            met[rc] |= there - {rc}
            own[rc][3] += _journeys(session, (rc,), town) if form == ROOM else 0.0
    for rc, others in met.items():
        own[rc][2] = len(others)
    whole["hours"] = sum(one[3] for one in own.values())
    whole["pairs"] = sum(map(len, met.values())) / 2
    whole["alive"] = len(alive)
    return {rc: tuple(one) for rc, one in own.items()}, whole


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_what_the_tables_say(app: FastAPI, seed: int) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        with app.state.database.transaction() as session:
            import_shipped(session, "system")
            people = {
                rc: make_member(session, Role.RC_MEMBER, rc_id=rc)
                for rc in itertools.chain(*CIRCLES)
            }
            planner = make_member(session, Role.PLANNER).person.id
            groups = [Group(Layer.LIKENESS, members, {}, 92.0) for members in CIRCLES]
            publish_round(session, "one", groups, "nch", now())
            session.flush()
            for row in session.exec(select(NetworkMember)):
                row.since = BEGIN.date() - timedelta(days=200)
                session.add(row)
            _live(session, people, random.Random(seed))
        clock.move_to(LATER)
        with app.state.database.reading() as session:
            own, whole = _recounted(session)
            asked, waited = _answered(session)
            [today] = (
                session.connection()
                .execute(text("SELECT count(*) FROM network WHERE ended_on IS NULL"))
                .one()
            )
            names = dict(session.connection().execute(text("SELECT id, name FROM rc")).all())
        web = browser(app, planner)
        book = openpyxl.load_workbook(
            io.BytesIO(web.get("/planera/vad-det-gav.xlsx?year=2027").content)
        )
        year, each, *_ = (
            [[cell.value for cell in row][1:] for row in one.iter_rows(min_row=2)]
            for one in book.worksheets
        )
    told = {str(row[0]): row[1:5] for row in each}
    assert whole["national"]
    assert whole["held"]
    for rc, name in names.items():
        wanted = own.get(rc, (0, 0, 0, 0.0))
        assert [float(str(value)) for value in told[name]] == pytest.approx(wanted, abs=0.051), rc
    figures = {str(row[0]): str(row[1]) for row in year}
    assert figures["Nationella träffar som har hållits"] == f"{whole['national']:.0f}"
    assert figures["Kretsträffar som har hållits"] == f"{whole['held']:.0f}"
    assert figures["Par av RC som har träffats"] == f"{whole['pairs']:.0f}"
    assert figures["Kretsar som har setts minst en gång"] == f"{whole['alive']:.0f}"
    [beside] = (row[2] for row in year if row[0] == "Kretsar som har setts minst en gång")
    assert beside == f"{today} kretsar finns i dag"
    assert len(waited) >= 5
    of_all = figures["Frågor till alla RC eller NCH som har fått svar"]
    assert of_all == f"{len(waited)} av {asked}"
    days = figures["Dagar tills hälften av de besvarade frågorna hade sitt första svar"]
    assert float(days.replace(",", ".")) == pytest.approx(statistics.median(waited), abs=0.051)
    hours = figures.get("Timmars resa, en person från varje RC, tur och retur", "0")
    assert float(hours.replace(",", ".")) == pytest.approx(whole["hours"], abs=0.51)
