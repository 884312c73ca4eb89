"""A circle's whole year with a real SMTP receiver and a shifting clock: twelve meetings, a leaver, a decline, a silence."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import time_machine
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.availability import service as availability
from api.availability.asking import remind_due
from api.availability.service import PollDraft, Time
from api.circles import queries
from api.circles.daily import keep_circles
from api.circles.met import history, silent_circles
from api.circles.models import Convening, Held, HeldAnswer
from api.front.home.todo import todos
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.kit.mail import Server
from api.meetings import queries as meetings
from api.meetings.models import MeetingForm, MeetingKind, MeetingState
from api.meetings.service import MeetingDraft, create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import Evidence
from api.registry.service import import_shipped
from tests.api.outbox.test_outbox import Difficult, parsed, serving
from tests.factories import make_member
from tests.links import rows
from tests.post import Postman, text_of
from tests.promises import keeps, keeps_quiet
from tests.web import browser

START = datetime(2027, 1, 4, 5, 30, tzinfo=UTC)  # a Monday, half past six in Sweden
CIRCLE = ("skane", "kronoberg", "jonkoping")
LINK = re.compile(r"(/traffades/[\w-]{43}\?svar=(\w+))")
NEW = {"holder_name": "Exempel Ny", "holder_email": "ny@example.org", "holder_phone": "040-1 11"}
# The months whose meeting is booked by a poll, said not to have been, and left unplanned.
POLLS, NOT_HELD, LEAVES, DECLINES = {2, 8}, 5, 3, 4
MONTHS = 12


class Year(Postman):
    """The circle, its people and the post that comes."""

    def __init__(
        self, app: FastAPI, server: Server, taken: list[bytes], *, keeps_first: bool = False
    ) -> None:
        super().__init__(app, server, taken)
        with app.state.database.transaction() as session:
            import_shipped(session, "system")
            self.planner = make_member(session, Role.PLANNER).person.id
            members = {one: make_member(session, Role.RC_MEMBER, one) for one in CIRCLE}
            self.people = {one: made.person.id for one, made in members.items()}
            self.posts = {one: made.function.id for one, made in members.items()}
            group = Group(Layer.LIKENESS, CIRCLE, Evidence((), (), (), CIRCLE, 9.0).to_json(), 9.0)
            publish_round(session, "one", [group], self.planner, now())
            self.network = networks.active_networks(session)[0].id
        with app.state.database.transaction() as session:
            for one in meetings.meetings_of_network(session, self.network):
                if not keeps_first:
                    one.state = MeetingState.CANCELLED  # the year's own are booked below

    def morning(self) -> list[EmailMessage]:
        """Do what the worker does, twice, and return the post that came."""
        self.daily()
        return self.post()

    def daily(self) -> None:
        for _ in range(2):
            with self.app.state.database.transaction() as session:
                keep_circles(session, now())
                remind_due(session, now())

    def book(self, session: Session, month: int, start: datetime) -> None:
        network = networks.network(session, self.network)
        assert network is not None
        end = start + timedelta(hours=1)
        if month in POLLS:
            draft = PollDraft("Exempel", MeetingForm.DIGITAL, (Time(start, end),))
            poll = availability.propose(session, network, draft, "system", now())
            [option] = availability.times_of(session, poll)
            availability.book(session, poll, option, poll.version, "system", now())
            return
        draft_of_meeting = MeetingDraft(
            kind=MeetingKind.NETWORK,
            network_id=self.network,
            name_sv=f"Exempel {month}",
            name_en=f"Example {month}",
            focus_sv="Exempel",
            focus_en="Example",
            form=MeetingForm.DIGITAL,
            starts_at=start,
            ends_at=end,
            state=MeetingState.PUBLISHED,
            is_example=True,
        )
        create(session, draft_of_meeting, "system", now())

    def answer(self, message: EmailMessage, said: str) -> None:
        """Open every link twice, as scanners do, and see that nothing changed; then press the button."""
        links = {
            found[1]: found[0] for one in LINK.finditer(text_of(message)) if (found := one.groups())
        }
        assert links.keys() == {"ja", "nej", "flyttad"}
        web, before = browser(self.app), rows(self.app)
        for path in links.values():
            assert [web.get(path).status_code for _ in range(2)] == [200, 200]
        assert rows(self.app) == before
        page = links[said]
        assert "checked" in web.get(page).text
        form = {"svar": said, "line": f"Exempel: ta med schemat ({said})"}
        assert web.submit(page, page.partition("?")[0], form).status_code == 303


# The others of that morning are about a meeting that was booked.
OF_HAND_OVER = ("Välkommen till Samkrets", "Ny på funktionen", "Ny i kretsen")


def told_of_the_hand_over(heard: list[EmailMessage]) -> list[str]:
    """Return who heard of a hand-over; nobody has got the same mail twice."""
    said = [(str(one["To"]), str(one["Subject"])) for one in heard]
    assert len(said) == len(set(said)), said
    return [to for to, subject in said if subject.startswith(OF_HAND_OVER)]


@keeps(
    "En vänlig påminnelse är skriven.",
    "%(rc)s sammankallar då. %(who)s får ett mejl om det.",
    "Mejlet frågar om de vill ses igen och säger att det går bra att vila. Det går till:",
    "Skicka påminnelsen",
    "En påminnelse skrevs %(day)s.",
)
@keeps_quiet("Kretsen vilar till och med %(day)s. Ingen frågar eller påminner.")
def test_a_circle_lives_a_year_and_nobody_is_told_the_same_thing_twice(app: FastAPI) -> None:
    handler = Difficult("well")
    with time_machine.travel(START, tick=False) as clock, serving(handler) as server:
        year = Year(app, server, handler.taken)
        asked = 0
        year.morning()
        for month in range(1, MONTHS + 1):
            begun = START + timedelta(weeks=4 * month)
            clock.move_to(begun)
            day = begun + timedelta(days=10, hours=7)
            with app.state.database.transaction() as session:
                year.book(session, month, day)
            if month == LEAVES:
                over = f"/funktioner/{year.posts['skane']}/lamna-over"
                web = browser(app, year.people["skane"])
                assert web.submit(over, over, {"version": "1", **NEW}).status_code == 303
                told = told_of_the_hand_over(year.morning())
                assert len(told) == len(set(told)) == 4  # the two, and the two others of the circle
            if month == DECLINES:
                with app.state.database.reading() as session:
                    turn = queries.turn(session, year.network)
                    assert turn is not None
                    whose = turn.rc_id
                holder = year.people[whose] if whose != "skane" else _holder(app, "ny@example.org")
                web, page = browser(app, holder), f"/natverk/{year.network}"
                assert web.submit(page, f"{page}/avsta").status_code == 303
                with app.state.database.reading() as session:
                    following = queries.turn(session, year.network)
                    assert following is not None
                    assert following.rc_id != whose
            year.morning()
            clock.move_to(day + timedelta(hours=6))
            assert not _asked(year.morning())  # the same evening nobody is asked
            clock.move_to(day + timedelta(days=1))
            questions = _asked(year.morning())
            assert len(questions) == 1, month
            asked += 1
            year.answer(questions[0], "nej" if month == NOT_HELD else "ja")
            year.morning()
        assert asked == MONTHS
        assert year.opened > MONTHS * len(CIRCLE)
        with app.state.database.reading() as session:
            known = history(session, year.network, now())
            assert known.held == MONTHS - 1
            answers = Counter(one.answer for one in session.exec(select(Held)))
            assert answers == {HeldAnswer.YES: MONTHS - 1, HeldAnswer.NO: 1}
            turns = Counter(one.rc_id for one in session.exec(select(Convening)) if one.end)
            assert set(turns) == set(CIRCLE)
            assert max(turns.values()) - min(turns.values()) <= 1 + 1  # the one that was declined
        _silent(year, clock)
    nobody_got_anything_twice(handler.taken)


def nobody_got_anything_twice(taken: list[bytes]) -> None:
    letters = Counter(
        (str(one["To"]), str(one["Subject"]), text_of(one), one["Date"].datetime.date())
        for one in map(parsed, taken)
    )
    assert set(letters.values()) == {1}


def _asked(mails: list[EmailMessage]) -> list[EmailMessage]:
    return [one for one in mails if "/traffades/" in text_of(one)]


def _holder(app: FastAPI, address: str) -> str:
    with app.state.database.reading() as session:
        found = accounts.person_by_email(session, address)
        assert found is not None
        return found.id


def _silent(year: Year, clock: time_machine.Traveller) -> None:
    """Two months without a meeting: the planner sees it and writes kindly, once; resting ends it."""
    app, page = year.app, f"/natverk/{year.network}"
    planner = browser(app, year.planner)
    clock.move_to(now() + timedelta(days=30))
    with app.state.database.reading() as session:
        assert silent_circles(session, now()) == []
    clock.move_to(now() + timedelta(days=35))
    with app.state.database.reading() as session:
        assert [one.id for one, _ in silent_circles(session, now())] == [year.network]
        links = {one.path for one in todos(session, Speaker("sv"), now(), None)}
    assert f"{page}#livet" in links
    year.morning()
    planner = browser(app, year.planner)
    app.state.database.info["outbox"].hold = timedelta(minutes=10)
    pressed = planner.submit(page, f"{page}/puffa")
    assert "En vänlig påminnelse är skriven." in planner.get(pressed.headers["location"]).text
    app.state.database.info["outbox"].hold = timedelta()
    clock.shift(timedelta(minutes=11))
    assert planner.submit(page, f"{page}/puffa").status_code == 409
    [kind] = year.morning()
    assert "helt i sin ordning" in text_of(kind)
    member = browser(app, year.people["kronoberg"])
    assert member.submit(page, f"{page}/puffa").status_code == 404
    assert member.submit(page, f"{page}/vila", {"days": "60"}).status_code == 303
    assert "Kretsen vilar" in member.get(page).text
    with app.state.database.reading() as session:
        assert silent_circles(session, now()) == []
    assert year.morning() == []
