"""A network's recurring meetings: put up on a page with dates to untick, moved one by one, prolonged, changed, ended."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.app import create_app
from api.calendar import queries as calendar
from api.calendar.days import holiday_name
from api.calendar.models import Event, Level, ScopeKind
from api.calendar.service import Scope
from api.feeds.service import create_feed, feed_bytes
from api.invitations import queries as invitation_queries
from api.invitations import service as invitations
from api.invitations.models import Invitation, Partstat
from api.kit.clock import from_local, now, to_local
from api.kit.i18n import Speaker
from api.kit.settings import Settings
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingState
from api.meetings.service import cancel
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox import queries as outbox
from api.outbox.holding import release_all
from tests.calendars import read_events
from tests.factories import make_member
from tests.promises import keeps
from tests.shipped import import_shipped
from tests.web import Browser, browser


class Circle:
    """A published network, and a browser of one of its RC and of one outside it."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        with app.state.database.transaction() as session:
            import_shipped(session, "system")
            member = make_member(session, Role.RC_MEMBER, rc_id="dalarna").person.id
            make_member(session, Role.RC_MEMBER, rc_id="uppsala")
            other = make_member(session, Role.RC_MEMBER, rc_id="skane").person.id
            planner = make_member(session, Role.PLANNER).person.id
            group = Group(Layer.NEARNESS, ("dalarna", "uppsala", "orebro"), {}, 100.0)
            publish_round(session, "one", [group], "nch", now())
            self.id = networks.active_networks(session)[0].id
        self.web: Browser = browser(app, member)
        self.other: Browser = browser(app, other)
        self.planner: Browser = browser(app, planner)
        self.path = f"/natverk/{self.id}/serie"

    def fields(self, **more: str) -> dict[str, str]:
        first = _tuesday(70)
        return {
            "name": "Exempel: en timme",
            "focus": "Exempel: läget hos var och en",
            "form": "digital",
            "town": "",
            "day": first.isoformat(),
            "starts": "13:00",
            "ends": "14:00",
            "every": "second_week",
            "last_day": (first + timedelta(weeks=9)).isoformat(),
        } | more

    def dates(self, fields: dict[str, str]) -> list[str]:
        page = self.web.get(self.path, params=fields).text
        return re.findall(r'name="d-([0-9-]+)"', page)

    def make(self, fields: dict[str, str] | None = None, but: int = -1) -> str:
        """Put a series up and return its page's path; the date with the number `but` is unticked."""
        fields = fields or self.fields()
        ticked = {
            f"d-{day}": "on" for number, day in enumerate(self.dates(fields)) if number != but
        }
        made = self.web.submit(self.path, self.path, fields | ticked)
        assert made.status_code == 303, made.text
        return str(made.headers["location"]).partition("?")[0]

    def rows(self, path: str) -> list[Meeting]:
        with self.app.state.database.reading() as session:
            found = meetings.meetings_of_series(session, path.rsplit("/", 1)[1])
            for one in found:
                session.expunge(one)
            return found

    def feed(self) -> list[dict[str, str]]:
        with self.app.state.database.transaction() as session:
            scope = Scope(ScopeKind.NETWORK, self.id)
            feed, _ = create_feed(session, scope, Level.NEUTRAL, "sv", "Träffar", None, at=now())
            body = feed_bytes(session, feed)
        return [
            {name: str(value) for name, value in one.items()}
            for one in read_events(body)
            if "första träffen" not in str(one)
        ]


def _tuesday(days: int) -> date:
    """A Tuesday some days ahead from which five every second week are no holidays."""
    day = to_local(now()).date() + timedelta(days=days)
    while day.weekday() != 1 or any(
        holiday_name(day + timedelta(weeks=week)) for week in range(0, 20, 2)
    ):
        day += timedelta(days=1)
    return day


@pytest.fixture
def circle(app: FastAPI) -> Circle:
    return Circle(app)


OFF = {"version": "1", "reason": "Exempel"}


def _version(web: Browser, path: str) -> dict[str, str]:
    found = re.search(r'name="version" value="(\d+)"', web.get(path).text)
    assert found is not None
    return {"version": found[1]}


def test_the_dates_are_shown_before_anything_is_kept(circle: Circle) -> None:
    fields = circle.fields()
    first = date.fromisoformat(fields["day"])
    expected = [(first + timedelta(weeks=2 * number)).isoformat() for number in range(5)]
    assert circle.dates(fields) == expected
    assert "Varannan tisdag" in circle.web.get(circle.path, params=fields).text
    assert "Every other Tuesday" in circle.web.get(f"/en{circle.path}", params=fields).text
    with circle.app.state.database.reading() as session:
        assert meetings.series_of_network(session, circle.id) == []


def test_a_series_is_one_event_in_the_feed_and_a_meeting_for_each_date(circle: Circle) -> None:
    path = circle.make(but=2)
    rows = circle.rows(path)
    assert len(rows) == 4
    assert {to_local(one.starts_at).strftime("%H:%M") for one in rows} == {"13:00"}
    [series] = [one for one in circle.feed() if "RRULE" in one]
    assert "EXDATE" in series
    page = circle.web.get(path).text
    assert page.count("som planerat") == 4
    assert "as planned" in circle.web.get(f"/en{path}").text
    listed = circle.web.get("/traffar").text
    rows_of_it = re.findall(r'href="/traffar/[^"]+">Exempel: en timme', listed)
    assert len(rows_of_it) == 1, "only the next one is listed"
    assert path in listed
    assert path in circle.web.get(f"/traffar/{rows[0].id}").text


def test_what_speaks_against_a_date_is_said_and_holidays_are_not_ticked(circle: Circle) -> None:
    year = to_local(now()).year + 1
    eve = date(year, 12, 1)
    fields = circle.fields(
        day=eve.isoformat(), every="week", last_day=date(year + 1, 1, 31).isoformat()
    )
    page = circle.web.get(circle.path, params=fields)
    if page.status_code == 422:  # more than two years ahead
        assert "inom två år" in page.text
        fields["last_day"] = date(year, 12, 31).isoformat()
    fields["day"] = date(year, 12, 26).isoformat()  # Boxing Day, whatever its weekday
    page = circle.web.get(circle.path, params=fields)
    assert "Den dagen är helgdag: " in page.text
    assert f'name="d-{year}-12-26" value="on">' in page.text, "not ticked"
    autumn = date.fromisocalendar(year, 44, 3)  # the whole country's
    sent = circle.fields(day=autumn.isoformat(), every="week", last_day=autumn.isoformat())
    usual = circle.web.get(circle.path, params=sent).text
    assert "Vanlig lovvecka för" in usual
    assert f'name="d-{autumn}" value="on" checked>' in usual, "said, and theirs to decide"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "Skriv vad träffarna heter."),
        ("focus", " ", "Skriv vad träffarna handlar om."),
        ("day", "imorgon", "Välj en dag."),
        ("day", "2020-01-07", "Tiden har redan varit."),
        ("last_day", "2020-01-07", "Sista dagen ligger före den första."),
        ("last_day", "2099-01-07", "Välj en sista dag inom två år."),
        ("starts", "03:30", "Välj en tid mellan kl. 06.00 och 22.00."),
        ("ends", "12:00", "Träffen måste sluta efter att den har börjat."),
        ("form", "in_person", "Skriv orten där ni ses."),
        ("focus", "x" * 501, "Texten får ha högst 500 tecken."),
    ],
)
def test_what_cannot_be_is_named_at_its_field_and_nothing_is_kept(
    circle: Circle, field: str, value: str, said: str
) -> None:
    fields = circle.fields(**{field: value})
    asked = circle.web.get(circle.path, params=fields)
    assert (asked.status_code, said in asked.text) == (422, True)
    assert f'id="{field if field != "form" else "town"}-fault"' in asked.text
    sent = circle.web.submit(circle.path, circle.path, fields)
    assert (sent.status_code, said in sent.text) == (422, True)
    with circle.app.state.database.reading() as session:
        assert session.exec(select(Event).where(Event.rule != "")).all() == []


def test_a_series_without_a_ticked_day_is_refused(circle: Circle) -> None:
    sent = circle.web.submit(circle.path, circle.path, circle.fields())
    assert (sent.status_code, "Du har avmarkerat alla dagar" in sent.text) == (422, True)


def test_one_date_is_moved_and_one_called_off_without_the_others(circle: Circle) -> None:
    path = circle.make()
    rows = circle.rows(path)
    moved, off = rows[1], rows[3]
    day = (to_local(moved.starts_at) + timedelta(days=1)).date()
    asked = f"/traffar/{moved.id}/tid"
    new = {"version": "1", "day": day.isoformat(), "starts": "09:00", "ends": "10:00"}
    assert circle.web.submit(asked, asked, new).status_code == 303
    page = f"/traffar/{off.id}"
    assert "Ställ in bara den här träffen" in circle.web.get(page).text
    assert circle.web.submit(page, f"{page}/stall-in", OFF).status_code == 303
    series, *changed = [one for one in circle.feed() if "RRULE" in one or "RECURRENCE-ID" in one]
    assert [one["STATUS"] for one in changed] == ["CONFIRMED", "CANCELLED"]
    assert {one["UID"] for one in changed} == {series["UID"]}
    text = circle.web.get(path).text
    assert "flyttad från " in text
    assert "inställd" in text
    assert text.count("som planerat") == 3


def test_a_series_is_prolonged_and_ended(circle: Circle) -> None:
    path = circle.make()
    fields = circle.fields()
    later = (date.fromisoformat(fields["last_day"]) + timedelta(weeks=4)).isoformat()
    refused = circle.web.submit(
        path, f"{path}/forlang", _version(circle.web, path) | {"last_day": fields["last_day"]}
    )
    assert (refused.status_code, "Välj en senare dag" in refused.text) == (422, True)
    version = _version(circle.web, path)
    assert (
        circle.web.submit(path, f"{path}/forlang", version | {"last_day": later}).status_code == 303
    )
    rows = circle.rows(path)
    assert len(rows) == 7
    stale = circle.web.submit(path, f"{path}/forlang", version | {"last_day": later})
    assert stale.status_code == 409
    day = to_local(rows[2].starts_at).date().isoformat()
    end = _version(circle.web, path) | {"end_day": day, "reason": "Exempel"}
    assert circle.web.submit(path, f"{path}/avsluta", end).status_code == 303
    states = [one.state for one in circle.rows(path)]
    assert states == [MeetingState.PUBLISHED] * 2 + [MeetingState.CANCELLED] * 5
    [series] = [one for one in circle.feed() if "RRULE" in one]
    assert series["STATUS"] == "CONFIRMED", "it has got shorter"
    today = {"end_day": to_local(now()).date().isoformat(), "reason": "Exempel"}
    all_off = _version(circle.web, path) | today
    assert circle.web.submit(path, f"{path}/avsluta", all_off).status_code == 303
    [series] = [one for one in circle.feed() if "RRULE" in one]
    assert series["STATUS"] == "CANCELLED"
    assert "inställd" in circle.web.get(path).text
    assert f"{path}/avsluta" not in circle.web.get(path).text


@keeps(
    "Träffarna läggs i kalendern hos alla som prenumererar. Den som var inbjuden får ett mejl om den nya serien.",
)
def test_a_change_from_a_day_on_is_another_series_and_the_past_stays(circle: Circle) -> None:
    path = circle.make()
    rows = circle.rows(path)
    first = to_local(rows[2].starts_at).date() + timedelta(days=1)
    form = f"{path}/andra"
    fields = circle.fields(
        day=first.isoformat(),
        starts="09:00",
        ends="10:00",
        last_day=(first + timedelta(weeks=4)).isoformat(),
    )
    page = circle.web.get(form, params=fields).text
    ticked = {f"d-{day}": "on" for day in re.findall(r'name="d-([0-9-]+)"', page)}
    sent = _version(circle.web, f"{form}?{'&'.join(f'{k}={v}' for k, v in fields.items())}")
    changed = circle.web.submit(form + "?day=x", form, fields | ticked | sent)
    assert changed.status_code == 303, changed.text
    new = str(changed.headers["location"])
    assert new != path
    assert [one.state for one in circle.rows(path)] == (
        [MeetingState.PUBLISHED] * 3 + [MeetingState.CANCELLED] * 2
    )
    assert [to_local(one.starts_at).hour for one in circle.rows(new)] == [9, 9, 9]


def test_others_and_guests_find_no_series(circle: Circle) -> None:
    path = circle.make()
    for asked in (circle.path, path, f"{path}/andra"):
        assert circle.other.get(asked).status_code == 404
        assert circle.planner.get(asked).status_code == 200
    for action in ("forlang", "avsluta", "andra"):
        sent = circle.other.submit(
            "/traffar", f"{path}/{action}", circle.fields(version="1", end_day="2027-01-01")
        )
        assert sent.status_code == 404


def test_a_network_that_ends_takes_its_series_with_it(circle: Circle) -> None:
    path = circle.make()
    with circle.app.state.database.transaction() as session:
        group = Group(Layer.NEARNESS, ("skane", "orebro", "varmland"), {}, 100.0)
        publish_round(session, "two", [group], "nch", now())
    assert {one.state for one in circle.rows(path)} == {MeetingState.CANCELLED}
    with circle.app.state.database.reading() as session:
        event = calendar.event_of(session, "series", path.rsplit("/", 1)[1])
        assert event is not None
        assert event.status == "CANCELLED"


def test_a_new_function_gets_the_series_too(circle: Circle) -> None:
    path = circle.make()
    with circle.app.state.database.transaction() as session:
        made = make_member(session, Role.RC_MEMBER, rc_id="orebro").function.id
    with circle.app.state.database.reading() as session:
        event = calendar.event_of(session, "series", path.rsplit("/", 1)[1])
        assert event is not None
        assert (ScopeKind.FUNCTION, made) in calendar.audience(session, event.id)
        start = from_local(datetime(2027, 1, 1))  # noqa: DTZ001 - local
        assert event.starts_at is not None
        assert event.starts_at.tzinfo == start.tzinfo


@pytest.fixture
def held(settings: Settings) -> Iterator[Circle]:
    """A circle where what tells others waits, and can be undone."""
    made = create_app(settings.model_copy(update={"hold_minutes": 10.0}))
    yield Circle(made)
    made.state.database.close()


def _shown(circle: Circle) -> list[tuple[str, ...]]:
    names = ("UID", "SUMMARY", "DTSTART", "DTEND", "RRULE", "EXDATE", "RECURRENCE-ID", "STATUS")
    return sorted(tuple(one.get(name, "") for name in names) for one in circle.feed())


def _undo(circle: Circle, where: str, said: str) -> str:
    """Press Ångra on the page that an act has led to, and return where that leads."""
    page = circle.web.get(where).text
    assert said in page
    [action] = {line for line in page.split('"') if line.startswith("/angra/")}
    taken = circle.web.submit(where, action)
    assert taken.status_code == 303, taken.text
    after = str(taken.headers["location"])
    assert "Ångrat." in circle.web.get(after).text
    return after


def test_a_new_series_is_undone_as_if_it_had_never_been(held: Circle) -> None:
    before = _shown(held)
    fields = held.fields()
    ticked = {f"d-{day}": "on" for day in held.dates(fields)}
    where = str(held.web.submit(held.path, held.path, fields | ticked).headers["location"])
    path = where.partition("?")[0]
    assert len(held.rows(path)) == 5
    assert _undo(held, where, "Träffarna är inlagda.").startswith(f"/natverk/{held.id}")
    assert _shown(held) == before
    assert held.rows(path) == []
    assert held.web.get(path).status_code == 404


def test_a_series_that_is_prolonged_or_ended_is_undone_and_nobody_is_mailed(held: Circle) -> None:
    path = held.make()
    _invite(held, path)
    mailed = _mailed(held)
    assert mailed
    before, rows = _shown(held), held.rows(path)
    later = (to_local(rows[-1].starts_at).date() + timedelta(weeks=4)).isoformat()
    day = to_local(rows[2].starts_at).date().isoformat()
    for action, fields, said in (
        ("forlang", {"last_day": later}, "Serien är förlängd."),
        ("avsluta", {"end_day": day} | WHY, "Serien är avslutad."),
        ("avsluta", {"end_day": to_local(now()).date().isoformat()} | WHY, "Serien är avslutad."),
    ):
        done = held.web.submit(path, f"{path}/{action}", _version(held.web, path) | fields)
        assert _shown(held) != before
        _undo(held, str(done.headers["location"]), said)
        assert _shown(held) == before
        assert [one.state for one in held.rows(path)] == [one.state for one in rows]
    release_all(held.app.state.database, now() + timedelta(hours=1))
    assert _mailed(held) == mailed


def test_whoever_ends_a_series_says_why_and_those_invited_read_it(held: Circle) -> None:
    path = held.make()
    _invite(held, path)
    page, rows = held.web.get(path).text, held.rows(path)
    assert "2 inbjudna får veta det:" in page
    day = to_local(rows[2].starts_at).date()
    sent = _version(held.web, path) | {"end_day": day.isoformat()}
    for wrong, fault in (
        ("  ", "Skriv varför träffarna ställs in."),
        ("x" * 201, "Högst 200 tecken"),
    ):
        refused = held.web.submit(path, f"{path}/avsluta", sent | {"reason": wrong})
        assert (refused.status_code, fault in refused.text) == (422, True)
    assert [one.state for one in held.rows(path)] == [one.state for one in rows]
    with held.app.state.database.transaction() as session:
        event = calendar.event_of(session, "series", path.rsplit("/", 1)[1])
        assert event is not None
        first = _places(session, event)[0]
        invitations.answer_on_page(session, first, event, Partstat.ACCEPTED, now())
    told = _told_by(held, path, {"end_day": day.isoformat()} | WHY)
    last = to_local(rows[1].starts_at)
    for text in told:
        assert f"har ställt in träffarna efter {Speaker('sv').date(last.date())}." in text
        assert "Därför: Lokalen är såld" in text
        assert "gäller svaret som förut" in text
        assert "Svara en gång till" not in text
    with held.app.state.database.reading() as session:
        event = calendar.event_of(session, "series", path.rsplit("/", 1)[1])
        assert event is not None
        assert {one.partstat for one in _places(session, event)} >= {Partstat.ACCEPTED}
    told = _told_by(held, path, {"end_day": to_local(now()).date().isoformat()} | WHY)
    for text in told:
        assert "har ställt in alla träffar i serien." in text
        assert "Därför: Lokalen är såld" in text


WHY = {"reason": "Lokalen är såld"}


def _invite(held: Circle, path: str) -> None:
    with held.app.state.database.transaction() as session:
        event = calendar.event_of(session, "series", path.rsplit("/", 1)[1])
        assert event is not None
        for one in invitations.functions_to_invite(session, event):
            invitations.invite(session, event, one, now())
    release_all(held.app.state.database, now() + timedelta(hours=1))


def _told_by(held: Circle, path: str, fields: dict[str, str]) -> list[str]:
    """Return the texts of the two mails that ending a series sends."""
    before = _mailed(held)
    done = held.web.submit(path, f"{path}/avsluta", _version(held.web, path) | fields)
    assert done.status_code == 303, done.text
    assert "2 mejl skickas kl." in held.web.get(str(done.headers["location"])).text
    release_all(held.app.state.database, now() + timedelta(hours=1))
    with held.app.state.database.reading() as session:
        mails = [one for one in outbox.newest(session, None, 200) if one.id not in before]
        texts = [one.text for one in mails if one.text]
    assert len(texts) == 2
    return texts


def _places(session: Session, event: Event) -> list[Invitation]:
    return list(invitation_queries.of_event(session, event.id))


def _mailed(circle: Circle) -> set[str]:
    with circle.app.state.database.reading() as session:
        return {one.id for one in outbox.newest(session, None, 200) if one.text}


def test_a_series_that_takes_anothers_place_is_undone_and_not_after_one_has_moved(
    held: Circle,
) -> None:
    path = held.make()
    before, rows = _shown(held), held.rows(path)
    first = to_local(rows[2].starts_at).date() + timedelta(days=1)
    last = (first + timedelta(weeks=4)).isoformat()
    fields = held.fields(day=first.isoformat(), starts="09:00", ends="10:00", last_day=last)
    form = f"{path}/andra"
    page = held.web.get(form, params=fields).text
    ticked = {f"d-{day}": "on" for day in re.findall(r'name="d-([0-9-]+)"', page)}
    asked = f"{form}?{'&'.join(f'{name}={value}' for name, value in fields.items())}"
    sent = fields | ticked | _version(held.web, asked)
    where = str(held.web.submit(asked, form, sent).headers["location"])
    assert _undo(held, where, "Serien är ändrad från den dagen.").startswith(path)
    assert _shown(held) == before
    sent = fields | ticked | _version(held.web, asked)
    where = str(held.web.submit(asked, form, sent).headers["location"])
    with held.app.state.database.transaction() as session:
        one = held.rows(where.partition("?")[0])[0]
        found = meetings.meeting(session, one.id)
        assert found is not None
        cancel(session, found, found.version, "system", now())
    [action] = {line for line in held.web.get(where).text.split('"') if line.startswith("/angra/")}
    refused = held.web.submit(where, action)
    assert (refused.status_code, "har ändrats sedan dess" in refused.text) == (409, True)


def test_a_series_that_ended_and_goes_on_again_has_each_date_once(circle: Circle) -> None:
    path = circle.make()
    rows = circle.rows(path)
    day, last = (to_local(rows[number].starts_at).date().isoformat() for number in (2, -1))
    end = _version(circle.web, path) | {"end_day": day} | WHY
    assert circle.web.submit(path, f"{path}/avsluta", end).status_code == 303
    on = _version(circle.web, path) | {"last_day": last}
    assert circle.web.submit(path, f"{path}/forlang", on).status_code == 303
    starts = [one.starts_at for one in circle.rows(path) if one.state != MeetingState.CANCELLED]
    assert starts == [one.starts_at for one in rows]
    [series] = [one for one in circle.feed() if "RRULE" in one]
    assert "EXDATE" not in series
    assert [one for one in circle.feed() if "RECURRENCE-ID" in one] == []
