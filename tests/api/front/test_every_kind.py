"""Every kind of meeting from one form, its whole life by real SMTP and IMAP; what is opened changes nothing.

A Barnahus day, a forum for a round of grants as a series, the county boards' leaders by a poll, check-ins
that each takes a time of, and a course with few places.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from api.accounts import directory
from api.accounts import queries as accounts
from api.accounts.models import BodyKind, FunctionKind, Role
from api.calendar import queries as calendar
from api.calendar.days import holiday_name
from api.invitations import mailbox
from api.invitations.models import Invitation, Partstat, Place
from api.kit.clock import now, to_local
from api.kit.mail import Server
from api.meetings.models import Meeting, MeetingState
from api.meetings.service import first_working_day
from api.outbox.models import Mail
from api.registry.service import import_shipped
from tests.api.outbox.test_outbox import Difficult, parsed, serving
from tests.factories import Member, make_body, make_member, make_person
from tests.links import opens
from tests.mailbox import answer_to
from tests.mailbox import serving as mailbox_serving
from tests.post import Postman, text_of
from tests.promises import keeps
from tests.web import HIDDEN, Browser, browser

PAGE = "/traffar/ny"
LINK = re.compile(r"http://testserver(/[^\s>]*)")
RCS = ("fyrbodal", "skaraborg", "alvsborg")
LEADERS = 6


class Country(Postman):
    """NCH, three RC with coordinators, six leaders at county boards, and the post that comes."""

    def __init__(self, app: FastAPI, server: Server, taken: list[bytes]) -> None:
        super().__init__(app, server, taken)
        with app.state.database.transaction() as session:
            import_shipped(session, "system")
            self.nch = make_member(session, Role.PLANNER)
            self.rcs = {rc: make_member(session, Role.RC_MEMBER, rc) for rc in RCS}
            self.leaders = [_leader(session, number) for number in range(LEADERS)]
            session.flush()
            session.expunge_all()
        self.web = browser(app, self.nch.person.id)

    def send(self, fields: dict[str, str], page: str = PAGE) -> tuple[str, str]:
        """Fill the form in, read what it shows, send it; return the preview and where it led."""
        before = len(self.mails())
        preview = self.web.submit(page, PAGE, fields)
        assert preview.status_code == 200, preview.text
        assert len(self.mails()) == before
        sent = self.web.post(PAGE, data=dict(HIDDEN.findall(preview.text)))
        assert sent.status_code == 303, sent.text
        return preview.text, str(sent.headers["location"]).partition("?")[0]

    def mails(self) -> list[Mail]:
        with self.app.state.database.reading() as session:
            found = list(session.exec(select(Mail).order_by(Mail.id)))
            session.expunge_all()
        return found


def _leader(session: Session, number: int) -> tuple[str, str]:
    """A leader at a county board: the person's address and the post's id."""
    person = make_person(session, f"Exempel Ledare {number}")
    board = make_body(session, BodyKind.COUNTY_BOARD, f"Länsstyrelsen Exempel {number}")
    post = directory.create_function(
        session, board, FunctionKind.PROJECT_LEADER, "Projektledare", Role.READER, holder=person
    )
    return person.email, post.id


@pytest.fixture
def country(app: FastAPI) -> Iterator[Country]:
    handler = Difficult("well")
    with serving(handler) as server:
        made = Country(app, server, handler.taken)
        yield made
        told = Counter(
            (str(m["To"]), str(m["Subject"]), text_of(m)) for m in map(parsed, made.taken)
        )
        assert set(told.values()) <= {1}  # nothing is mailed twice for one fact


def _day(weeks: int = 9) -> date:
    return first_working_day(to_local(now() + timedelta(weeks=weeks)).date())


def _typed(**more: str) -> dict[str, str]:
    typed = {"name": "Exempel", "focus_sv": "Exempel på fokus", "form": "digital", "how": "once"}
    return typed | {"day": str(_day()), "starts": "09:00", "ends": "12:00"} | more


def _to(mails: list[EmailMessage]) -> list[str]:
    return sorted(str(one["To"]) for one in mails)


def _ticks(rcs: tuple[str, ...] = RCS) -> dict[str, str]:
    return {f"rc-{rc}": "on" for rc in rcs} | {"post-operative_coordinator": "on"}


def _place_of(app: FastAPI, address: str) -> Invitation:
    with app.state.database.reading() as session:
        found: Invitation = session.exec(
            select(Invitation).where(Invitation.address == address)
        ).one()
        session.expunge_all()
    return found


@opens("cancellation")
def test_a_barnahus_day_is_booked_answered_by_mail_moved_and_called_off(
    app: FastAPI, country: Country
) -> None:
    preview, path = country.send(_typed(**_ticks()))
    assert "3 personer får inbjudan" in preview
    invited = country.post()
    assert _to(invited) == sorted(one.person.email for one in country.rcs.values())
    first = next(m for m in country.mails() if m.recipient == country.rcs["skaraborg"].person.email)
    with mailbox_serving(answer_to(first, "ACCEPTED", stamp=f"{now():%Y%m%dT%H%M%SZ}")) as (url, _):
        mailbox.poll(app.state.database, url, now)
    assert _place_of(app, country.rcs["skaraborg"].person.email).partstat is Partstat.ACCEPTED
    page = f"{path}/tid"
    later = {"version": "1", "day": str(_day(10)), "starts": "10:00", "ends": "12:00"}
    assert country.web.submit(page, page, later).status_code == 303
    assert len(country.post()) == 3
    off = country.web.submit(path, f"{path}/stall-in", {"version": "2", "reason": "Exempel"})
    assert off.status_code == 303
    told = country.post()
    assert len(told) == 3
    assert all("har ställt in träffen" in text_of(one) for one in told)


def test_a_forum_for_a_round_of_grants_is_one_series_with_one_mail_each(
    app: FastAPI, country: Country
) -> None:
    last = str(_day() + timedelta(weeks=12))
    again = _typed(how="again", every="fourth_week", last_day=last)
    preview, path = country.send(again | _ticks())
    assert re.search(r"[34] gånger", preview)
    mails = country.post()
    assert len(mails) == 3  # one mail for the series, not one for each date
    assert path.startswith("/serie/")
    with app.state.database.reading() as session:
        held = list(session.exec(select(Meeting).where(col(Meeting.group_id).is_not(None))))
        assert len(held) >= 3
        assert all(holiday_name(to_local(one.starts_at).date()) is None for one in held)
    member = browser(app, country.rcs["fyrbodal"].person.id)
    assert member.get(path).status_code == 200
    assert "Avsluta serien" not in member.get(path).text
    with app.state.database.transaction() as session:
        outsider = make_member(session, Role.RC_MEMBER, "jamtland").person.id
    assert browser(app, outsider).get(path).status_code == 404
    end = {"version": "1", "end_day": str(_day()), "reason": "Exempel"}
    assert country.web.submit(path, f"{path}/avsluta", end).status_code == 303
    assert len(country.post()) == 3


@keeps(
    "%(num)s person får frågan",
)
@opens("poll_asked")
def test_leaders_at_county_boards_are_asked_when_they_can_reminded_and_told(
    app: FastAPI, country: Country
) -> None:
    named = {f"fn-{post}": "on" for _, post in country.leaders}
    times = {"pday1": str(_day()), "pclock1": "09:00", "pday2": str(_day(10)), "pclock2": "13:00"}
    saved = {"save": "on", "group_name": "Exempel Ledarnas nätverk", "per_year": "3"}
    preview, path = country.send(_typed(how="poll", length="2", **named, **times, **saved))
    assert "6 personer får frågan" in preview
    asked = country.post()
    assert _to(asked) == sorted(address for address, _ in country.leaders)
    for message in asked[:4]:
        link = next(one for one in LINK.findall(text_of(message)) if one.endswith("svar=alla"))
        page = browser(app)
        chosen = re.findall(r'name="(tid-[\w-]+)" value="yes" checked', page.get(link).text)
        assert len(chosen) == 2
        answer = page.submit(link, link.partition("?")[0], dict.fromkeys(chosen, "yes"))
        assert answer.status_code == 303
    shown = country.web.get(path).text
    assert shown.count("Ja (4)") == 2
    option = re.search(r'name="option_id" value="([^"]+)"', shown)
    assert option is not None
    booked = country.web.submit(path, f"{path}/boka", {"version": "1", "option_id": option[1]})
    assert booked.status_code == 303
    assert _to(country.post()) == _to(asked)
    leader = browser(app, _person(app, country.leaders[0][0]))
    listed = leader.get("/natverk").text
    forum = re.search(r'href="(/forum/[\w-]+)">Exempel Ledarnas', listed)
    assert forum is not None
    assert listed.index("Exempel Ledarnas nätverk") < listed.index("Du är inte med i någon krets")
    assert "Föreslå en träff" in leader.get(forum[1]).text
    proposal = {"day": str(_day(20)), "starts": "09:00", "ends": "10:00", "form": "digital"}
    proposed = leader.submit(forum[1], f"{forum[1]}/traffar", proposal | {"focus_sv": "Exempel"})
    assert proposed.status_code == 303
    assert country.post() == []
    meeting = str(proposed.headers["location"]).partition("?")[0]
    country.web.submit(meeting, f"{meeting}/bestam", {"version": "1"})
    assert len(country.post()) == LEADERS


def _person(app: FastAPI, address: str) -> str:
    with app.state.database.reading() as session:
        found = accounts.person_by_email(session, address)
        assert found is not None
        return str(found.id)


@keeps(
    "%(asker)s erbjuder tider. Ta den som passar dig: den blir din, och inbjudan kommer i mejlen.",
    "Tiden är din. Inbjudan kommer i mejlen. Du kan byta till en annan ledig tid här.",
)
def test_check_ins_are_times_that_each_takes_one_of_and_nobody_another_s(
    app: FastAPI, country: Country
) -> None:
    slots = {"day1": str(_day()), "starts1": "09:00", "ends1": "10:30", "slot": "30"}
    preview, path = country.send(_typed(how="pick", name="Exempel avstämning", **slots, **_ticks()))
    assert "3 tider" in preview
    asked = country.post()
    assert len(asked) == 3
    links = [next(one for one in LINK.findall(text_of(m)) if "/tid/" in one) for m in asked]
    first, second = browser(app), browser(app)
    times = re.findall(r'name="tid" value="([^"]+)"', first.get(links[0]).text)
    assert len(times) == 3
    took = first.submit(links[0], links[0], {"tid": times[0]})
    assert "Tiden är din." in first.get(took.headers["location"]).text
    taken = second.submit(links[1], links[1], {"tid": times[0]})
    assert (taken.status_code, times[0] in taken.text) == (422, False)
    assert "Någon annan hann ta den tiden" in taken.text
    pair = country.post()
    assert _to(pair) == sorted([str(asked[0]["To"]), country.nch.person.email])
    assert first.submit(links[0], links[0], {"tid": times[2]}).status_code == 303
    assert _to(country.post()) == _to(pair)  # moved, not booked once more
    with app.state.database.reading() as session:
        [meeting] = session.exec(select(Meeting).where(Meeting.state == MeetingState.PUBLISHED))
        assert calendar.event_of(session, "meeting", meeting.id) is not None
    assert second.submit(links[1], links[1], {"tid": times[0]}).status_code == 303
    assert len(country.post()) == 2
    board = country.web.get(path).text
    assert board.count("Tagen av") == 2
    assert board.count("Ledig") == 1


@keeps(
    "Alla platser hann ta slut innan ditt ja kom, så du står på kö. Blir en plats ledig är den din, och då får du inbjudan igen.",
)
def test_a_course_gives_its_places_to_the_first_who_say_yes_and_the_queue_moves_up(
    app: FastAPI, country: Country
) -> None:
    preview, _ = country.send(_typed(seats="1", **_ticks()))
    assert "1 plats: den som tackar ja först får den" in preview
    asked = country.post()
    assert len(asked) == 3  # all are asked
    pages = [next(one for one in LINK.findall(text_of(m)) if "/svar/" in one) for m in asked]
    web: list[Browser] = [browser(app) for _ in pages]
    for each, page in zip(web[:2], pages[:2], strict=True):
        path = page.partition("?")[0]
        assert each.submit(path, path, {"partstat": "ACCEPTED"}).status_code in {200, 303}
    places = [_place_of(app, str(m["To"])).place for m in asked]
    assert places == [Place.INVITED, Place.WAITING, Place.INVITED]
    [queued] = country.post()
    assert (str(queued["To"]), "du står på kö" in text_of(queued)) == (str(asked[1]["To"]), True)
    path = pages[0].partition("?")[0]
    assert web[0].submit(path, path, {"partstat": "DECLINED"}).status_code in {200, 303}
    assert _place_of(app, str(asked[1]["To"])).place is Place.INVITED
    assert str(asked[1]["To"]) in _to(country.post())


@keeps(
    "NCH bjuder in den som ni väljer här. Har ingen den funktionen bjuds den andra in. Ersättaren för en funktion får platsen när den som har funktionen inte kan.",
)
def test_who_comes_is_as_each_organisation_has_declared_and_who_comes_instead(
    app: FastAPI, country: Country
) -> None:
    member: Member = country.rcs["skaraborg"]
    with app.state.database.transaction() as session:
        vacant = directory.create_function(
            session, member.body, FunctionKind.MANAGER, "Chef", Role.RC_MEMBER
        ).id
        stand_in = make_person(session, "Exempel Kurator")
        instead = directory.create_function(
            session, member.body, FunctionKind.CURATOR, "Kurator", Role.RC_MEMBER, holder=stand_in
        ).id
        address = stand_in.email
    body = f"/organisationer/{member.body.id}"
    said = {"steering-first": vacant, "steering-instead": instead}
    own = browser(app, member.person.id)
    assert own.submit(body, f"{body}/deltar", said).status_code == 303
    foreign = {"steering-first": country.rcs["fyrbodal"].function.id}
    assert own.submit(body, f"{body}/deltar", foreign).status_code == 404
    ticks = {f"rc-{rc}": "on" for rc in RCS}
    country.send(_typed(matter="steering", **ticks))
    others = [country.rcs[rc].person.email for rc in RCS if rc != "skaraborg"]
    assert _to(country.post()) == sorted([address, *others])
