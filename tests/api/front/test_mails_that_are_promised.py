"""What pages say of mails, beside the tests of each feature: said, done, and counted at a real SMTP server."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.calendar.models import Event
from api.feeds.models import FeedToken
from api.invitations import service as invitations
from api.invitations.models import Invitation
from api.kit.clock import now
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import Evidence
from api.outbox.acts import outbox_of
from api.outbox.models import Mail, MailState
from api.outbox.service import Options, queue
from tests.api.front.test_every_kind import RCS, Country, _day, _ticks, _to, _typed
from tests.api.outbox.test_outbox import Difficult, serving
from tests.factories import make_meeting, make_person
from tests.links import opens
from tests.post import text_of
from tests.promises import keeps, keeps_quiet
from tests.web import HIDDEN, Browser, browser

VISITS = "/planera/studiebesok"


@pytest.fixture
def country(app: FastAPI) -> Iterator[Country]:
    handler = Difficult("well")
    with serving(handler) as server:
        yield Country(app, server, handler.taken)


def _member(country: Country, rc: str = "skaraborg") -> Browser:
    return browser(country.app, country.rcs[rc].person.id)


def _own(country: Country, rc: str = "skaraborg") -> str:
    """Return the page of an RC's own place."""
    address = country.rcs[rc].person.email
    with country.app.state.database.reading() as session:
        found = session.exec(select(Invitation).where(Invitation.address == address)).one()
        return f"/inbjudan/{found.id}"


@keeps("Inget just nu. Vi hör av oss när det är något.")
def test_who_has_nothing_to_do_hears_when_there_is_something(country: Country) -> None:
    assert "Vi hör av oss" in _member(country).get("/").text
    country.send(_typed(**_ticks()))
    assert country.rcs["skaraborg"].person.email in _to(country.post())
    assert "Vi hör av oss" not in _member(country).get("/").text


@keeps(
    "%(name)s får nu inbjudan till %(title)s.",
    "%(name)s har nu platsen på %(title)s. Adressen är ny här, så den som bjuder in läser inbjudan innan den skickas.",
    "%(before)s får ett mejl om att platsen är borttagen.",
)
def test_a_deputy_sends_somebody_known_or_new_and_who_had_the_place_hears(
    country: Country,
) -> None:
    with country.app.state.database.transaction() as session:
        known, deputy = make_person(session, "Exempel Känd"), make_person(session, "Exempel Två")
        post = country.rcs["skaraborg"].function
        post.deputy_id = deputy.id
        session.add(post)
        seconds = (known.email, deputy.id)
    country.send(_typed(**_ticks()))
    country.post()
    second, page = browser(country.app, seconds[1]), _own(country)
    form = {"name": "Exempel Känd", "address": seconds[0]}
    said = second.submit(page, f"{page}/ersattare", form).text
    assert "får nu inbjudan till" in said
    holder = country.rcs["skaraborg"].person.email
    assert _to(country.post()) == sorted([seconds[0], holder])
    page = _own(country, "fyrbodal")
    form = {"name": "Exempel Ny", "address": "ny@kommun.example"}
    said = _member(country, "fyrbodal").submit(page, f"{page}/ersattare", form).text
    assert "läser inbjudan innan den skickas" in said
    assert _to(country.post()) == [country.rcs["fyrbodal"].person.email]
    [draft] = [one for one in country.mails() if one.state is MailState.DRAFT]
    assert "väntar på att du skickar det" in country.web.get("/").text
    path = f"/planera/utskick/{draft.id}"
    assert country.web.submit(path, path, {"action": "release"}).status_code == 303
    assert _to(country.post()) == ["ny@kommun.example"]


@keeps(
    "Alla får ett eget mejl. Mejlet visar inte vilka de andra är. Bara de här får ett mejl.",
    "De som får inbjudan",
    "Bjud in %(num)s person",
    "Får mejlet när en plats blir ledig",
    "Inbjudan är klar.",
    "%(name)s står nu på väntelistan till %(title)s och får inbjudan när en plats blir ledig.",
)
def test_those_shown_are_invited_and_who_waits_when_a_seat_is_free(country: Country) -> None:
    database = country.app.state.database
    with database.transaction() as session:
        meeting = make_meeting(session)
        event = session.exec(select(Event).where(Event.subject_id == meeting.id)).one()
        invitations.limit_seats(session, event.id, 1, now())
        path, event_id = f"/traffar/{meeting.id}/inbjudningar", event.id
        outbox_of(session).hold = timedelta(minutes=10)
    draft = f"{path}/utkast?event_id={event_id}"
    assert "Bjud in" in country.web.get(path).text
    shown = country.web.get(draft).text
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", shown, re.DOTALL)
    waiting = [one for one in rows if "Får mejlet när en plats blir ledig" in one]
    assert len(rows) - len(waiting) == 1
    sent = country.web.post(path, data=dict(HIDDEN.findall(shown)))
    assert sent.status_code == 303
    assert "1 mejl skickas kl." in country.web.get(sent.headers["location"]).text
    with database.transaction() as session:
        outbox_of(session).hold = timedelta()
        for mail in session.exec(select(Mail)):
            mail.due_at = now()
    [first] = country.post()
    known = {one.person.email: rc for rc, one in country.rcs.items()}
    queued = next(rc for address, rc in known.items() if address != str(first["To"]))
    with database.transaction() as session:
        person = make_person(session, "Exempel Annan")
        instead = person.email
    page = _own(country, queued)
    form = {"name": "Exempel Annan", "address": instead}
    said = _member(country, queued).submit(page, f"{page}/ersattare", form).text
    assert "står nu på väntelistan" in said
    assert instead not in _to(country.post())
    with database.transaction() as session:
        invitations.limit_seats(session, event_id, 50, now())
    assert instead in _to(country.post())


@keeps(
    "%(num)s person får mejl om den nya tiden:",
    "Bara de som är inbjudna ser länken. De får ett mejl när den ändras, och svaren gäller som förut.",
)
def test_who_is_invited_to_a_chosen_meeting_hears_of_a_new_time_and_link(country: Country) -> None:
    _, path = country.send(_typed(**_ticks()))
    everybody = _to(country.post())
    asked = f"{path}/tid?day={_day(10)}&starts=10:00&ends=12:00"
    shown = country.web.get(asked).text
    assert f"{len(everybody)} personer får mejl om den nya tiden:" in shown
    assert all(f">{one.person.name}<" in shown for one in country.rcs.values())
    form = dict(HIDDEN.findall(shown))
    assert country.web.post(f"{path}/tid", data=form).status_code == 303
    assert _to(country.post()) == everybody
    page = country.web.get(path).text
    assert "De får ett mejl när den ändras" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    link = {"version": version[1], "video_url": "https://video.example.org/exempel"}
    assert country.web.submit(path, f"{path}/videolank", link).status_code == 303
    assert _to(country.post()) == everybody


@keeps(
    "%(num)s inbjuden får veta det:",
    "De andra träffarna är kvar. Har du svarat gäller svaret som förut. Blir det nya tider får du en ny inbjudan.",
)
def test_who_is_invited_to_a_series_hears_that_it_ends_and_is_invited_to_new_times(
    country: Country,
) -> None:
    last = str(_day() + timedelta(weeks=12))
    again = _typed(how="again", every="fourth_week", last_day=last) | _ticks()
    _, path = country.send(again)
    everybody = _to(country.post())
    page = country.web.get(path).text
    assert f"{len(everybody)} inbjudna får veta det:" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    end = {"version": version[1], "end_day": str(_day(11)), "reason": "Exempel"}
    assert country.web.submit(path, f"{path}/avsluta", end).status_code == 303
    told = country.post()
    assert _to(told) == everybody
    assert all("Blir det nya tider får du en ny inbjudan." in text_of(one) for one in told)
    country.send(again | {"starts": "13:00", "ends": "14:00"})
    assert _to(country.post()) == everybody


@keeps(
    "Genom kalenderlänken: träffarna ligger i en egen kalender. Du får ändå ett mejl att svara på, men det lägger inget i din kalender.",
    "När du ändrar flyttas det som är planerat: du får ett mejl för varje träff, och dina svar gäller som förut. Stänger du av din sista kalenderlänk kommer träffarna med mejlen igen.",
    "Google kan ta ett dygn på sig. Är du inbjuden får du också ett mejl när träffen ändras.",
    "Svara med knapparna i mejlet. En ändring eller inställd träff är ett nytt mejl.",
    "Dina träffar kommer hit från och med nu. Det som du har fått som inbjudningar i mejlen flyttas: ett mejl för varje träff tar bort den gamla kopian ur din kalender, och dina svar gäller som förut.",
)
@opens("delivery")
def test_who_subscribes_gets_a_mail_of_each_meeting_and_change_without_a_calendar(
    country: Country,
) -> None:
    mine, address = _member(country), country.rcs["skaraborg"].person.email

    def own() -> list[bool]:
        """Return for each of one's own new mails whether it brings something to a calendar."""
        found = [one for one in country.post() if one["To"] == address]
        return [
            "text/calendar" in {part.get_content_type() for part in one.walk()} for one in found
        ]

    _, path = country.send(_typed(**_ticks()))
    assert own() == [True]
    page = mine.get("/prenumerera").text
    assert "Du får ändå ett mejl att svara på" in page
    form = {"calendar": f"person:{country.rcs['skaraborg'].person.id}", "level": "neutral"}
    made = mine.submit("/prenumerera", "/prenumerera", form | {"label": "Exempel"})
    assert "får du också ett mejl när träffen ändras" in made.text
    assert own() == [True]  # what the mail had put in the calendar is taken out of it
    later = {"version": "1", "day": str(_day(10)), "starts": "10:00", "ends": "12:00"}
    assert country.web.submit(f"{path}/tid", f"{path}/tid", later).status_code == 303
    assert own() == [False]
    choice = {"delivery": "invitation"}
    assert mine.submit("/prenumerera", "/prenumerera/leverans", choice).status_code == 303
    assert own() == [True]
    off = country.web.submit(path, f"{path}/stall-in", {"version": "2", "reason": "Exempel"})
    assert off.status_code == 303
    assert own() == [True]
    with country.app.state.database.reading() as session:
        assert session.exec(select(FeedToken)).first() is not None


@pytest.fixture
def circle(country: Country) -> str:
    """A circle of the three RC; its page."""
    with country.app.state.database.transaction() as session:
        group = Group(Layer.LIKENESS, RCS, Evidence((), (), (), RCS, 9.0).to_json(), 9.0)
        publish_round(session, "one", [group], country.nch.person.id, now())
        return f"/natverk/{networks.active_networks(session)[0].id}"


@keeps("%(name)s får en ny tid när någon av er bokar den.", "Flytta och meddela")
def test_a_circle_asks_for_another_time_and_all_hear_when_it_is_booked(
    country: Country, circle: str
) -> None:
    mine = _member(country)
    meeting = re.search(r"/ny-tid\?traff=([\w-]+)", mine.get(circle).text)
    assert meeting is not None
    page = f"{circle}/ny-tid?traff={meeting[1]}"
    assert "får en ny tid när någon av er bokar den" in mine.get(page).text
    hidden = dict(HIDDEN.findall(mine.get(page).text.split("<form")[-1]))
    typed = {"form": "digital", "length": "2", "day1": str(_day()), "clock1": "09:00"}
    shown = mine.post(f"{circle}/ny-tid", data=hidden | typed | {"theme": "Exempel"})
    assert shown.status_code == 200, shown.text
    asked = mine.post(f"{circle}/ny-tid", data=dict(HIDDEN.findall(shown.text)))
    poll = str(asked.headers["location"]).partition("?")[0]
    assert len(country.post()) == len(RCS) - 1
    shown_poll = mine.get(poll).text
    assert "Flytta och meddela" in shown_poll
    option = re.search(r'name="option_id" value="([^"]+)"', shown_poll)
    assert option is not None
    booked = mine.submit(poll, f"{poll}/boka", {"version": "1", "option_id": option[1]})
    assert booked.status_code == 303, booked.text
    assert _to(country.post()) == sorted(one.person.email for one in country.rcs.values())


@keeps("mejlet är på väg", "mejlet väntar hos NCH")
def test_a_poll_says_where_each_mail_is(country: Country, circle: str) -> None:
    mine, page = _member(country), f"{circle}/ny-tid"
    with country.app.state.database.transaction() as session:
        outbox_of(session).hold = timedelta(minutes=10)
    typed = {"theme": "Exempel", "form": "digital", "length": "2"}
    typed |= {"day1": str(_day()), "clock1": "09:00"}
    shown = mine.submit(page, page, typed)
    asked = mine.post(page, data=dict(HIDDEN.findall(shown.text)))
    poll = str(asked.headers["location"]).partition("?")[0]
    with country.app.state.database.transaction() as session:
        held = session.exec(select(Mail).where(Mail.state == MailState.HELD)).all()
        assert len(held) == len(RCS) - 1
        for one, state in zip(held, (MailState.QUEUED, MailState.PAUSED), strict=True):
            one.state, one.kind, one.due_at = state, "", now()
            one.subject = one.text = one.html = "Exempel"
    said = mine.get(poll).text
    assert said.count("mejlet är på väg") == said.count("mejlet väntar hos NCH") == 1
    assert len(country.post()) == 1


@keeps_quiet("Ingen är inbjuden med mejl. Träffen visas som inställd i kalendrarna.")
def test_calling_off_what_nobody_was_invited_to_mails_nobody(country: Country, circle: str) -> None:
    meeting = re.search(r'href="(/traffar/[\w-]+)"', country.web.get(circle).text)
    assert meeting is not None
    page = country.web.get(meeting[1]).text
    assert "Ingen är inbjuden med mejl." in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    off = country.web.submit(meeting[1], f"{meeting[1]}/stall-in", {"version": version[1]})
    assert off.status_code == 303
    assert country.post() == []


@keeps_quiet("Ingen får något mejl av det här.")
def test_a_proposal_that_concerns_nobody_who_can_be_invited_mails_nobody(
    country: Country, circle: str
) -> None:
    with country.app.state.database.transaction() as session:
        for one in country.rcs.values():
            session.merge(one.function).holder_id = None
    meeting = re.search(r'href="(/traffar/[\w-]+)"', country.web.get(circle).text)
    assert meeting is not None
    page = country.web.get(meeting[1]).text
    assert "Ingen får något mejl av det här." in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    decide = f"{meeting[1]}/bestam"
    assert country.web.submit(meeting[1], decide, {"version": version[1]}).status_code == 303
    assert country.post() == []


@keeps(
    "Mejlen är på väg.",
    "Mejlet skickas kl. %(due)s. Så här skulle det se ut nu. Ändras något innan dess ändras mejlet.",
)
def test_drafts_that_are_sent_and_mails_that_wait_arrive(country: Country) -> None:
    with country.app.state.database.transaction() as session:
        outbox_of(session).hold = timedelta(minutes=10)
        for number in range(2):
            address = f"a{number}@example.org"
            queue(session, address, "Exempel", "Hej", "Hej", now(), Options(is_draft=True))
    hub = "/planera/utskick?lage=draft"
    form = dict(HIDDEN.findall(country.web.get(hub).text))
    site = {
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-Dest": "document",
    }
    action = "/planera/utskick/utkast"
    ids = ",".join(one.id for one in country.mails())
    sent = country.web.post(action, data={**form, "mails": ids, "ids": ids}, headers=site)
    assert sent.status_code == 303, sent.text
    assert "Mejlen är på väg." in country.web.get(sent.headers["location"], headers=site).text
    assert len(country.post()) == 2
    country.send(_typed(**_ticks()))
    held = [one for one in country.mails() if one.state is MailState.HELD]
    assert len(held) == len(RCS)
    assert "Mejlet skickas kl." in country.web.get(f"/planera/utskick/{held[0].id}").text
    with country.app.state.database.transaction() as session:
        for one in session.exec(select(Mail)):
            one.due_at = now()
    assert len(country.post()) == len(RCS)


@keeps(
    "Skriv din e-postadress på jobbet. Du får ett mejl med en länk som loggar in dig. Du behöver inget lösenord.",
    "Om adressen finns hos oss får du strax ett mejl med en länk. Länken gäller i %(minutes)s minuter och fungerar en gång.",
)
@opens("sign_in")
def test_who_asks_for_a_sign_in_link_gets_one_mail(country: Country) -> None:
    nobody, address = browser(country.app), country.rcs["fyrbodal"].person.email
    assert "Du får ett mejl med en länk" in nobody.get("/logga-in").text
    asked = nobody.submit("/logga-in", "/logga-in", {"email": address})
    assert "får du strax ett mejl" in nobody.get(asked.headers["location"]).text
    assert _to(country.post()) == [address]


@keeps(
    "Varje värd frågas först, i ett mejl med en länk. Säger den ja får de två ett förslag på dag, minst sex veckor framåt, och bestämmer själva om den passar. Säger den nej kan du para ihop igen. Ingen frågas två gånger.",
    "Värdarna frågas.",
    "%(visitor)s får veta det med mejl. Förslag på dag: %(when)s. Ni två kan byta dag på träffens sida.",
)
@opens("visit_asked", "visit_taken")
def test_a_host_is_asked_and_the_visitor_hears_of_its_yes(country: Country) -> None:
    pair = f"{VISITS}?asked=1&visits=alvsborg&takes-skaraborg=1"
    with country.app.state.database.transaction() as session:
        outbox_of(session).hold = timedelta(minutes=10)
    asked = country.web.submit(pair, pair, {})
    assert "Värdarna frågas." in country.web.get(asked.headers["location"]).text
    with country.app.state.database.transaction() as session:
        outbox_of(session).hold = timedelta()
        for one in session.exec(select(Mail)):
            one.due_at = now()
    [question] = country.post()
    assert question["To"] == country.rcs["skaraborg"].person.email
    link = re.search(r"(/besok/[\w-]{43})\?svar=ja", text_of(question))
    assert link is not None
    host = browser(country.app)
    saved = host.submit(link[1], link[1], {"svar": "ja"})
    assert "får veta det med mejl" in host.get(saved.headers["location"]).text
    [told] = country.post()
    assert told["To"] == country.rcs["alvsborg"].person.email


def test_a_visitor_whom_no_mail_reaches_is_said_to_be_rung(country: Country) -> None:
    with country.app.state.database.transaction() as session:
        session.merge(country.rcs["alvsborg"].function).holder_id = None
    pair = f"{VISITS}?asked=1&visits=alvsborg&takes-skaraborg=1"
    country.web.submit(pair, pair, {})
    [question] = country.post()
    link = re.search(r"(/besok/[\w-]{43})\?svar=ja", text_of(question))
    assert link is not None
    host = browser(country.app)
    saved = host.submit(link[1], link[1], {"svar": "ja"})
    assert "går inte att nå med mejl, så ring dem" in host.get(saved.headers["location"]).text
    assert country.post() == []
