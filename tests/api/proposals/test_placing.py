"""A national meeting's date and place: compared on a page, with reasons, and booked into all calendars."""

import re
from datetime import date, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.calendar.days import SCHOOL_BREAKS, SchoolBreak
from api.calendar.models import Event, EventAudience
from api.calendar.school_weeks import usual_breaks
from api.kit.clock import now, to_local, today
from api.kit.i18n import Speaker, swedish_order
from api.meetings import queries as meetings
from api.meetings.models import MeetingState
from api.proposals.placing import service as placing
from api.proposals.placing.web.form import Typed, read_wish
from api.registry.models import Rc
from api.surveys import queries as surveys
from api.surveys.models import SurveyAnswer, SurveyState
from api.surveys.questions import Answer, Fit, Hosting, to_json
from api.surveys.questions import Form as SurveyForm
from api.surveys.service import SurveyDetails, make_survey, tie_to_meeting
from api.surveys.themes import import_theme_bank
from tests.factories import Member, make_meeting, make_member, open_day
from tests.shipped import import_shipped
from tests.web import Browser, browser

PAGE = "/planera/datum"


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = make_member(session, Role.PLANNER)
        session.flush()
        session.expunge_all()
    return made


def _said(day: date) -> str:
    return Speaker("sv").date(day)


def _query(*days: date, **more: str) -> str:
    asked = {f"day{n}": day.isoformat() for n, day in enumerate(days, 1)}
    asked |= {"starts": "09:30", "ends": "15:40", "length": "1", "notice": "6", "form": "in_person"}
    asked |= {"place1": "Linköping", "place2": "Luleå", "cost2": "500"} | more
    return f"{PAGE}?" + "&".join(f"{name}={value}" for name, value in asked.items())


def test_a_planner_compares_days_and_towns_sees_why_and_books(
    app: FastAPI, planner: Member, session: Session
) -> None:
    web = browser(app, planner.person.id)
    first, second = open_day(80), open_day(95)
    asked = _query(first, second, earlier="Linköping")
    page = web.get(asked)
    assert page.status_code == 200
    assert "Bäst: " in page.text
    assert "i alternativet ovanför" in page.text
    assert 'class="spot"' in page.text
    assert "the option above" in web.get(f"/en{asked}").text

    choice = f"{second.isoformat()}|in_person|Linköping"
    texts = {"choice": choice, "name_sv": "Exempel: träff", "name_en": "Exempel: meeting"}
    refused = web.submit(asked, asked, texts)
    assert refused.status_code == 422
    assert "Utan det går den inte att publicera" in refused.text
    booked = web.submit(asked, asked, {**texts, "focus_sv": "Exempel: rutiner"})
    assert booked.status_code == 303

    made = meetings.national_meetings(session)[0]
    assert (to_local(made.starts_at).date(), made.town) == (second, "Linköping")
    event = session.exec(select(Event).where(Event.subject_id == made.id)).one()
    scopes = session.exec(select(EventAudience).where(EventAudience.event_id == event.id)).all()
    assert made.id in {scope.scope_id for scope in scopes}
    busy = web.get(_query(second))
    assert "kan inte, har en annan träff" in busy.text


def test_an_rc_that_cannot_come_moves_its_day_down(app: FastAPI, planner: Member) -> None:
    web = browser(app, planner.person.id)
    first, second = open_day(80), open_day(95)
    answer = {f"svar-skane@{first.isoformat()}": "no"}
    text = web.get(_query(first, second, **answer)).text
    assert "15 kan komma, 16 i alternativet ovanför." in text


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(today().year + 1, 12, 24), "helgdag"),
        (date(today().year + 1, 6, 6), "helgdag"),
        (today() + timedelta(days=7), "för kort varsel"),
        (open_day(9), "för kort varsel"),
    ],
)
def test_a_closed_or_hurried_day_is_no_choice(
    app: FastAPI, planner: Member, day: date, why: str
) -> None:
    text = browser(app, planner.person.id).get(_query(day)).text
    assert "Inget alternativ går att genomföra" in text
    assert why in text


def test_a_school_break_that_was_entered_is_no_choice(app: FastAPI, planner: Member) -> None:
    day = open_day(80)
    folder = app.state.settings.data
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SCHOOL_BREAKS).write_text(f"first,last,name\n{day},{day},Lov\n", encoding="utf-8")
    try:
        text = browser(app, planner.person.id).get(_query(day, open_day(120))).text
    finally:
        (folder / SCHOOL_BREAKS).unlink()
    assert "Gick inte" in text


def test_bad_input_is_said_by_the_field_and_never_an_error_page(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    bad = (
        {"day1": "31 februari"},
        {"place1": "Atlantis"},
        {"cost2": "-1"},
        {"starts": "25:00"},
        {"earlier": "Atlantis"},
        {"length": "99999999999999999999"},
        {"night_cost": "dyrt"},
        {"form": "telepati"},
        {"day2": open_day(80).isoformat()},
    )
    for change in bad:
        answer = web.get(_query(open_day(80), **change))
        assert answer.status_code == 422, change
        assert "Rätta det här" in answer.text


def test_whole_days_keep_their_local_date_over_the_change_of_clocks(session: Session) -> None:
    import_shipped(session, "system")
    fields = {"day1": ["2027-03-25"], "length": ["2"], "starts": ["10:00"], "ends": ["15:00"]}
    typed = Typed({**fields, "form": ["in_person"], "place1": ["Linköping"]})
    wish, faults = read_wish(typed, placing.towns(session))
    assert faults == ()
    closed = placing.closed_days(wish.days, wish.length, ())
    assert [day.first for day in closed] == [date(2027, 3, 26)]  # Good Friday, the second day


def _ask(session: Session, days: tuple[date, ...], answers: dict[str, Answer]) -> str:
    """Ask three RC about some days, with these answers, and return the survey."""
    import_theme_bank(session)
    session.flush()
    theme = surveys.themes(session)[0].id
    details = SurveyDetails(
        title_sv="Exempel: behov",
        title_en="Example: needs",
        deadline=now() + timedelta(days=20),
        theme_ids=(theme,),
        days=days,
        rc_ids=("skane", "norrbotten", "dalarna"),
    )
    survey = make_survey(session, "nch", details, now())
    survey.state = SurveyState.OPEN
    session.add(survey)
    for rc_id, answer in answers.items():
        row = SurveyAnswer(
            survey_id=survey.id, rc_id=rc_id, answer=to_json(answer), answered_at=now()
        )
        session.add(row)
    session.flush()
    return survey.id


def test_what_the_survey_asked_and_was_told_is_on_the_page_already(
    app: FastAPI, planner: Member
) -> None:
    first, second = open_day(80), open_day(95)
    days = {first.isoformat(): Fit.NO, second.isoformat(): Fit.YES}
    with app.state.database.transaction() as session:
        survey_id = _ask(
            session,
            (first, second),
            {
                "skane": Answer(days=days, hosting=Hosting.YES),
                "norrbotten": Answer(
                    days={first.isoformat(): Fit.MAYBE, second.isoformat(): Fit.YES},
                    form=SurveyForm.DIGITAL,
                ),
            },
        )
    web = browser(app, planner.person.id)
    text = web.get(PAGE).text
    assert "2 av 3 RC har svarat" in text
    assert f'value="{first.isoformat()}"' in text
    assert 'value="Malmö"' in text, "whoever offers to be host is among the towns"
    assert "kan inte, svarade i enkäten" in text
    assert "kanske, svarade i enkäten" in text
    assert "har inte svarat (räknas som kan)" in text
    # Most can on the second day, and the one who can only join digitally is in no room.
    assert re.search(r'class="best">[^<]*' + re.escape(_said(second)), text)
    assert "<strong>0</strong>, 1, 1, 14" in text
    assert "<strong>2</strong>, 0, 0, 14" in text
    assert text.count("har inte svarat (räknas som kan)") == 2, "one RC, two days"
    assert text.count("inte tillfrågad (räknas som kan)") == 13 * 2
    assert "Kan komma, så vitt vi vet</dt><dd>16 av 16</dd>" in text, "digitally too"
    in_person = web.get(f"{_query(second)}&enkat={survey_id}").text
    assert "Kan komma, så vitt vi vet</dt><dd>15 av 16</dd>" in in_person
    # A planner's word goes before the survey's.
    again = web.get(_query(first, second, **{f"svar-skane@{first.isoformat()}": "yes"})).text
    assert "kan, inskrivet av dig" in again


def test_a_town_outside_the_usual_ones_has_hours_nights_and_its_own_map(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    asked = _query(open_day(80), place3="Åmål", length="2", night_cost="1200")
    text = web.get(asked).text
    assert "Åmål, på plats" in text
    assert "2 nätter borta" in text, "a meeting of two days has a night between them"
    north = web.get(f"{asked}&ort=Luleå").text
    assert "Resan till Luleå för varje RC" in north
    assert 'class="spot"' in north


def test_a_town_that_nobody_knows_is_asked_for_with_those_it_may_be(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    for changed in ({"place3": "Göteburg"}, {"earlier": "Linköping, Göteburg"}):
        found = web.get(_query(open_day(80), **changed))
        assert found.status_code == 422
        assert "Okänd ort: Göteburg. Menar du Göteborg" in found.text
        assert found.text.count("Okänd ort") == 2, "in the summary and at the field"


def test_an_rc_whose_town_is_not_known_stands_in_the_table_of_journeys(
    app: FastAPI, planner: Member
) -> None:
    with app.state.database.transaction() as session:
        rc = session.exec(select(Rc).where(Rc.id == "dalarna")).one()
        rc.seat_city = rc.seat_lat = rc.seat_lon = None
    text = browser(app, planner.person.id).get(_query(open_day(80))).text
    rows = re.findall(r'<tr><td>\d+</td><th scope="row">.*?</tr>', text)
    assert len(rows) == 16, "each RC once"
    names = [re.findall(r'<th scope="row">(.*?)</th>', row)[0] for row in rows]
    assert names == sorted(names, key=swedish_order)
    (unknown,) = [row for row in rows if "Dalarna" in row]
    assert "tim." not in unknown, "no hours of three years either"
    assert [row for row in rows if "orten hemma är inte inskriven" in row] == [
        row for row in rows if "Dalarna" in row
    ]


def test_the_price_of_sparing_whoever_travelled_longest_is_said(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    asked = {"earlier": "Malmö,Malmö", "place1": "Malmö", "place2": "Luleå", "cost2": ""}
    spared = web.get(_query(open_day(80), **asked)).text
    assert "Det kostar alla tillsammans" in spared
    # Which place, and who.
    assert "Malmö: Västernorrland skulle resa längst för tredje gången i rad" in spared
    assert (
        "tre gånger i rad. Det kostar"
        not in web.get(_query(open_day(80), **asked, longest="any")).text
    )
    alone = asked | {"place2": ""}
    assert "går inte att hålla med de här orterna" in web.get(_query(open_day(80), **alone)).text
    digital = web.get(_query(open_day(80), **alone) + "&form=digital").text
    assert "Priset är att ingen ses på plats" in digital, "no journey is no price of nought hours"


def test_usual_school_weeks_are_a_warning_until_exact_dates_are_entered(
    app: FastAPI, planner: Member
) -> None:
    year = today().year + 1
    day = date.fromisocalendar(year, 8, 3)
    text = browser(app, planner.person.id).get(_query(day)).text
    assert "sportlov brukar vara den veckan för" in text
    assert "Skåne" in text[text.index("sportlov brukar") :][:400]
    assert usual_breaks(year, (SchoolBreak(day, day, "Sportlov"),)) != usual_breaks(year, ())
    assert all(one.name != "sportlov" for one in usual_breaks(year, (SchoolBreak(day, day, "x"),)))


def test_days_that_have_become_a_meeting_are_asked_about_no_more(
    app: FastAPI, planner: Member
) -> None:
    day = open_day(80)
    with app.state.database.transaction() as session:
        _ask(session, (day,), {"skane": Answer(days={day.isoformat(): Fit.YES})})
    web = browser(app, planner.person.id)
    assert "1 av 3 RC har svarat" in web.get(PAGE).text
    asked = _query(day)
    texts = {"name_sv": "Exempel: träff", "name_en": "Exempel: meeting", "focus_sv": "Exempel"}
    choice = f"{day.isoformat()}|in_person|Linköping"
    assert web.submit(asked, asked, {**texts, "choice": choice}).status_code == 303
    text = web.get(PAGE).text
    assert "Redan bokat" in text
    assert "Exempel: träff" in text
    assert "RC har svarat" not in text
    assert 'name="place1" list="towns" value=""' not in text, "near towns are there to begin with"
    # The same day again: nobody can, and nothing is called best.
    again = web.get(asked).text
    assert "ingen kan komma någon av dagarna" in again
    assert "Bäst: " not in again
    assert "flest kan" not in again


def test_a_day_that_nobody_was_asked_about_says_so_and_a_holiday_is_never_the_best(
    app: FastAPI, planner: Member
) -> None:
    text = browser(app, planner.person.id).get(_query(date(now().year + 1, 12, 24))).text
    assert text.count("inte tillfrågad (räknas som kan)") == 16
    assert "<strong>0</strong>, 0, 0, 16" in text
    assert "✓ kan" not in text
    assert "flest kan" not in text


def _booked_by(web: Browser, asked: str, day: date) -> str:
    """Book a day in Linköping and return the page with its receipt."""
    choice = f"{day.isoformat()}|in_person|Linköping"
    texts = {"choice": choice, "name_sv": "Exempel", "name_en": "Example", "focus_sv": "Rutiner"}
    answer = web.submit(asked, asked, texts | _versions(web, asked))
    assert answer.status_code == 303
    where: str = answer.headers["location"]
    return where


def _versions(web: Browser, asked: str) -> dict[str, str]:
    found = re.search(r'name="version" value="(\d+)"', web.get(asked).text)
    return {"version": found[1]} if found else {}


def test_the_survey_whose_answers_counted_is_the_booked_meetings_until_that_is_undone(
    app: FastAPI, planner: Member
) -> None:
    app.state.database.info["outbox"].hold = timedelta(minutes=10)
    day = open_day(80)
    with app.state.database.transaction() as writing:
        survey_id = _ask(writing, (day,), {"skane": Answer(days={day.isoformat(): Fit.YES})})
    web = browser(app, planner.person.id)
    asked = f"{_query(day)}&enkat={survey_id}"
    where = _booked_by(web, asked, day)
    with app.state.database.reading() as session:
        [made] = meetings.national_meetings(session)
        survey = surveys.survey_of_meeting(session, made.id)
        assert survey is not None
        assert survey.id == survey_id
    page = web.get(where).text
    assert "1 av 3 svar" in page, "the first step knows what was answered"
    assert "Fråga vad RC behöver" not in page
    [action] = {line for line in page.split('"') if line.startswith("/angra/")}
    assert web.submit(where, action).status_code == 303
    with app.state.database.reading() as session:
        assert meetings.national_meetings(session) == []
        untied = surveys.survey(session, survey_id)
        assert untied is not None
        assert untied.meeting_id is None


def test_a_meeting_that_waits_for_its_day_gets_it_and_no_second_one_is_made(
    app: FastAPI, planner: Member
) -> None:
    day = open_day(80)
    with app.state.database.transaction() as writing:
        waits = make_meeting(writing)
        waits.state, waits.town = MeetingState.PROPOSED, ""
        meeting_id, name = waits.id, waits.name_sv
        survey_id = _ask(writing, (day,), {"skane": Answer(days={day.isoformat(): Fit.YES})})
        tie_to_meeting(writing, "nch", survey_id, meeting_id)
    web = browser(app, planner.person.id)
    page = web.get(f"{PAGE}?traff={meeting_id}").text
    assert f"Det gäller {name}" in page
    assert f'value="{day.isoformat()}"' in page, "the survey's own days"
    assert f'name="name_sv" type="text" value="{name}"' in page
    where = _booked_by(web, f"{_query(day)}&traff={meeting_id}&enkat={survey_id}", day)
    assert where.startswith(f"/traffar/{meeting_id}")
    with app.state.database.reading() as session:
        [made] = meetings.national_meetings(session)
        assert (made.id, made.town, made.state) == (meeting_id, "Linköping", MeetingState.PUBLISHED)
        assert to_local(made.starts_at).date() == day
    decided = web.get(f"{PAGE}?traff={meeting_id}")
    assert decided.status_code == 409
    assert "Träffen är redan bestämd" in decided.text
    assert web.get(f"{PAGE}?traff=nothing").status_code == 404
