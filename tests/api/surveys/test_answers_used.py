"""Whatever the survey asks for is used: each answer that changes alone changes what is planned of it."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from api.kit.clock import now
from api.proposals.placing.asked import asked_in
from api.proposals.programme.drafting import Delegate, Frame, RoomChoice
from api.proposals.programme.leaders import possible
from api.surveys import service
from api.surveys.links import keep_answer
from api.surveys.questions import Answer, CaseRound, Fit, Focus, Form, Hosting, NetworkWish
from api.surveys.service import SurveyDetails
from api.surveys.themes import import_theme_bank
from tests.shipped import import_shipped

THEMES = ("school", "anonymised_cases", "pepp")
DAY = "2099-02-24"
FIRST = Answer(weights={"school": 2}, offers=frozenset({"pepp"}), days={DAY: Fit.MAYBE})
OTHER = Answer(weights={"pepp": 3}, offers=frozenset({"pepp"}))
CHANGES = {
    "weights": replace(FIRST, weights={"school": 3}),
    "must": replace(FIRST, must="school"),
    "offers": replace(FIRST, offers=frozenset()),
    "focus": replace(FIRST, focus=Focus.START_UP),
    "cases": replace(FIRST, cases=CaseRound.YES),
    "form": replace(FIRST, form=Form.DIGITAL),
    "days": replace(FIRST, days={DAY: Fit.NO}),
    "functions": replace(FIRST, functions=("curator",)),
    "has_deputy": replace(FIRST, has_deputy=True),
    "hosting": replace(FIRST, hosting=Hosting.YES),
    "network": replace(FIRST, network=NetworkWish.OTHER),
}


def _planned(session: Session, answer: Answer, minute: int = 0) -> object:
    """Everything that programme, dates and matching are made of, when Skåne answers so."""
    rcs = ("orebro", "skane", "uppsala", "kronoberg", "gavleborg")
    details = SurveyDetails(
        title_sv="Exempel",
        title_en="Example",
        deadline=now() + timedelta(days=9),
        theme_ids=THEMES,
        days=(date.fromisoformat(DAY),),
        rc_ids=rcs,
        is_example=True,
    )
    survey = service.make_survey(session, "x", details, now())
    service.open_survey(session, "x", survey.id, now())
    for rc in rcs:
        given = answer if rc == "skane" else OTHER
        keep_answer(session, survey, rc, given, now() + timedelta(minutes=minute))
    wishes = service.wishes_for_programme(session, survey.id)
    frame = Frame(
        days=(date.fromisoformat(DAY),),
        rooms=(RoomChoice("a", "A", 9),),
        leaders=(("l", "NCH"),),
        delegates=tuple(Delegate(one.id, one.id, one.rc_id, "") for one in wishes.people),
    )
    asked = asked_in(session, survey.id, datetime(2098, 1, 1, tzinfo=UTC))
    assert asked is not None
    assert wishes.demand.focus is not None
    return (
        wishes.topics,
        # That somebody can come instead counts only by what is made of it.
        [replace(one, has_deputy=False) for one in wishes.people],
        wishes.demand.focus.said,
        possible(wishes, frame, {}, {}),
        asked.days,
        asked.answers,
        asked.hosts,
        asked.digital,
        service.sought_and_offered(session, now())["skane"],
    )


@pytest.fixture
def known(session: Session) -> Session:
    import_shipped(session, "system")
    import_theme_bank(session)
    return session


def test_every_field_of_an_answer_is_tried() -> None:
    assert set(CHANGES) == {field.name for field in fields(Answer)}


@pytest.mark.parametrize("name", CHANGES)
def test_an_answer_changed_alone_changes_what_is_planned(known: Session, name: str) -> None:
    assert _planned(known, FIRST) != _planned(known, CHANGES[name], minute=1)


def test_the_same_answer_plans_the_same(known: Session) -> None:
    assert _planned(known, FIRST) == _planned(known, FIRST, minute=1)
