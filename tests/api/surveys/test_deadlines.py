"""The last day for answers to surveys and evaluations in the calendars of those who are asked, on both databases."""

from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from api.accounts.models import Role
from api.calendar.models import Level, ScopeKind
from api.calendar.service import Scope
from api.feeds.joining import join
from api.feeds.service import Wish, subscribe
from api.registry import queries as registry
from api.registry import service as register
from api.surveys import evaluations, mailing, service, themes
from tests.calendars import read_events
from tests.factories import make_member

NOW = datetime(2027, 1, 11, 8, 0, tzinfo=UTC)
DEADLINE = datetime(2027, 1, 25, 22, 59, tzinfo=UTC)  # the last minute of the day in Sweden


def days_in(
    session: Session, person_id: str, *, has_deadlines: bool
) -> list[tuple[date, str, str]]:
    """Return the days, titles and links in a person's own calendar."""
    wish = Wish(
        scope=Scope(ScopeKind.PERSON, person_id),
        level=Level.INTERNAL,
        language="sv",
        name="Mina träffar",
        owner_person_id=person_id,
        has_deadlines=has_deadlines,
    )
    feed, _, _ = subscribe(session, wish, NOW)
    found = read_events(join(session, feed, NOW.date()).body)
    assert not any("LOCATION" in event or "CONFERENCE" in event for event in found)
    return [(event["DTSTART"].dt, str(event["SUMMARY"]), str(event["URL"])) for event in found]


def test_the_last_day_follows_the_survey_and_goes_when_it_closes_early(session: Session) -> None:
    register.import_shipped(session, "system")
    themes.import_theme_bank(session)
    asked, not_asked = (rc.id for rc in registry.rcs(session)[:2])
    member, other = (make_member(session, Role.RC_MEMBER, rc_id) for rc_id in (asked, not_asked))
    details = service.SurveyDetails(
        title_sv="Exempel: behov inför våren",
        title_en="Exempel: needs before spring",
        deadline=DEADLINE,
        theme_ids=("org_startup", "pepp"),
        days=(date(2027, 3, 11),),
        rc_ids=(asked,),
        is_example=True,
    )
    survey = service.make_survey(session, "planner", details, NOW)
    person_id = member.person.id
    assert days_in(session, person_id, has_deadlines=True) == []
    service.open_survey(session, "planner", survey.id, NOW)
    title = "Sista svarsdag: Exempel: behov inför våren"
    link = f"/enkater/{survey.id}"
    day, told, url = days_in(session, person_id, has_deadlines=True)[0]
    assert (day, told, url.endswith(link)) == (date(2027, 1, 25), title, True)
    assert days_in(session, person_id, has_deadlines=False) == []
    assert days_in(session, other.person.id, has_deadlines=True) == []
    service.prolong(session, "planner", survey.id, DEADLINE + timedelta(days=3), NOW)
    assert [day for day, *_ in days_in(session, person_id, has_deadlines=True)] == [
        date(2027, 1, 28)
    ]
    service.close_survey(session, "planner", survey.id)
    assert days_in(session, person_id, has_deadlines=True) == []


def test_an_evaluations_last_day_stands_with_those_who_got_ballots(session: Session) -> None:
    register.import_shipped(session, "system")
    asked, not_asked = (rc.id for rc in registry.rcs(session)[:2])
    member, other = (make_member(session, Role.RC_MEMBER, rc_id) for rc_id in (asked, not_asked))
    details = evaluations.EvaluationDetails(
        title_sv="Exempel: träffen i mars",
        title_en="Exempel: the meeting in March",
        held_on=date(2027, 1, 8),
        closes_on=date(2027, 1, 29),
        theme_ids=(),
        is_example=True,
    )
    made = evaluations.make_evaluation(session, "planner", details)
    assert days_in(session, member.person.id, has_deadlines=True) == []
    mailing.send_ballots(session, "planner", made, mailing.ballot_recipients(session, [asked]), NOW)
    [(day, title, url)] = days_in(session, member.person.id, has_deadlines=True)
    assert (day, title) == (date(2027, 1, 29), "Sista svarsdag: Exempel: träffen i mars")
    assert url.endswith("/utvarderingar")
    assert days_in(session, member.person.id, has_deadlines=False) == []
    assert days_in(session, other.person.id, has_deadlines=True) == []
