from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from api.audit.models import AuditEntry
from api.kit.errors import ConflictError, FormError, MissingError, StaleError
from api.meetings.service import create
from api.registry import queries as registry
from api.registry import service as register
from api.surveys import evaluations, links, queries, service, themes
from api.surveys.links import LinkState
from api.surveys.models import NeedsSurvey, RecipientKind, SurveyAnswer, SurveyState, Theme
from api.surveys.questions import Answer, NetworkWish
from tests.api.meetings.test_meetings import DRAFT

NOW = datetime(2027, 1, 11, 8, 0, tzinfo=UTC)
DEADLINE = NOW + timedelta(days=14)
CHOSEN = ("org_startup", "anonymised_cases", "finance_longterm", "legal_consent", "pepp")


@pytest.fixture
def rc_ids(session: Session) -> tuple[str, ...]:
    register.import_shipped(session, "system")
    themes.import_theme_bank(session)
    return tuple(rc.id for rc in registry.rcs(session))


def details(asked: tuple[str, ...], **changes: object) -> service.SurveyDetails:
    values: dict[str, object] = {
        "title_sv": "Exempel: behov inför vårens möte",
        "title_en": "Exempel: needs before the spring meeting",
        "deadline": DEADLINE,
        "theme_ids": CHOSEN,
        "days": (date(2027, 3, 11), date(2027, 3, 18)),
        "rc_ids": asked,
        "is_example": True,
    }
    return service.SurveyDetails(**{**values, **changes})  # type: ignore[arg-type] # by name above


@pytest.fixture
def survey(session: Session, rc_ids: tuple[str, ...]) -> NeedsSurvey:
    made = service.make_survey(session, "planner", details(rc_ids), NOW)
    return service.open_survey(session, "planner", made.id, NOW)


def test_the_shipped_bank_is_read_once_and_never_over_an_edited_theme(session: Session) -> None:
    assert themes.import_theme_bank(session) == 38
    theme = queries.theme(session, "pepp")
    assert theme is not None
    themes.change_theme(session, "planner", "pepp", ("Kraft", "Strength", True), theme.version)
    assert themes.import_theme_bank(session) == 0
    session.expire_all()
    changed = session.get(Theme, "pepp")
    assert changed is not None
    assert (changed.name_sv, changed.version) == ("Kraft", 2)
    with pytest.raises(StaleError):
        themes.change_theme(session, "planner", "pepp", ("Mod", "Courage", True), 1)


def test_an_added_theme_concerns_everybody_and_needs_a_known_category(session: Session) -> None:
    themes.import_theme_bank(session)
    added = themes.add_theme(session, "planner", " Digitala verktyg ", "Digital tools", "method")
    assert (added.name_sv, added.roles, added.phases) == ("Digitala verktyg", ["all"], ["all"])
    with pytest.raises(FormError):
        themes.add_theme(session, "planner", "", "x", "lunch")
    with pytest.raises(FormError):
        themes.add_theme(session, "planner", "Ett", "One", "lunch")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title_sv": " "}, "title_sv"),
        ({"deadline": NOW}, "deadline"),
        ({"theme_ids": ()}, "themes"),
        ({"theme_ids": ("nothing",)}, "themes"),
        ({"days": tuple(date(2027, 3, day) for day in range(1, 9))}, "days"),
        ({"rc_ids": ("nowhere",)}, "rcs"),
    ],
)
def test_a_survey_that_cannot_be_answered_is_not_made(
    session: Session, rc_ids: tuple[str, ...], changes: dict[str, object], field: str
) -> None:
    with pytest.raises(FormError) as raised:
        service.make_survey(session, "planner", details(rc_ids, **changes), NOW)
    assert [fault.field for fault in raised.value.faults] == [field]


def test_a_draft_can_be_changed_and_an_open_survey_cannot(
    session: Session, rc_ids: tuple[str, ...]
) -> None:
    made = service.make_survey(session, "planner", details(rc_ids), NOW)
    fewer = details(rc_ids, theme_ids=CHOSEN[:2])
    changed = service.change_survey(session, "planner", made.id, fewer, made.version, NOW)
    assert changed.theme_ids == list(CHOSEN[:2])
    with pytest.raises(StaleError):
        service.change_survey(session, "planner", made.id, fewer, 1, NOW)
    service.open_survey(session, "planner", made.id, NOW)
    with pytest.raises(ConflictError):
        service.change_survey(session, "planner", made.id, fewer, made.version, NOW)
    with pytest.raises(ConflictError):
        service.open_survey(session, "planner", made.id, NOW)


def test_one_current_answer_an_rc_changeable_from_any_link_until_the_deadline(
    session: Session, survey: NeedsSurvey
) -> None:
    centre = links.make_link(session, survey, "skane", RecipientKind.RC, NOW)
    board = links.make_link(session, survey, "skane", RecipientKind.COUNTY_BOARD, NOW)
    links.answer_by_link(session, centre, Answer(weights={"pepp": 1}), NOW)
    assert links.open_link(session, board, NOW).answer == Answer(weights={"pepp": 1})
    links.answer_by_link(session, board, Answer(weights={"legal_consent": 3}), NOW)
    opened = links.open_link(session, centre, NOW)
    assert (opened.state, opened.rc_id, opened.version) == (LinkState.OPEN, "skane", 2)
    assert opened.answer == Answer(weights={"legal_consent": 3})
    assert len(session.exec(select(SurveyAnswer)).all()) == 1
    with pytest.raises(ConflictError):
        links.answer_by_link(session, centre, Answer(weights={"pepp": 2}), DEADLINE)
    assert links.open_link(session, centre, DEADLINE).state is LinkState.CLOSED


def test_the_database_holds_no_token_and_the_log_holds_no_answer(
    session: Session, survey: NeedsSurvey
) -> None:
    token = links.make_link(session, survey, "skane", RecipientKind.RC, NOW)
    links.answer_by_link(session, token, Answer(weights={"pepp": 1}), NOW)
    assert all(token not in row.model_dump_json() for row in queries.links(session, survey.id))
    logged = [
        entry.after for entry in session.exec(select(AuditEntry)) if entry.action == "answered"
    ]
    assert logged == [{"rc": "skane", "version": 1}]


def test_unknown_revoked_and_too_early_links_open_nothing(
    session: Session, rc_ids: tuple[str, ...], survey: NeedsSurvey
) -> None:
    token = links.make_link(session, survey, "skane", RecipientKind.RC, NOW)
    links.answer_by_link(session, token, Answer(weights={"pepp": 1}), NOW)
    assert links.revoke_links(session, "planner", survey.id, "skane", NOW) == 1
    gone = links.open_link(session, token, NOW)
    assert (gone.state, gone.survey, gone.answer) == (LinkState.REVOKED, None, None)
    assert links.open_link(session, "guess", NOW).state is LinkState.UNKNOWN
    draft = service.make_survey(session, "planner", details(rc_ids), NOW)
    early = links.make_link(session, draft, "skane", RecipientKind.RC, NOW)
    assert links.open_link(session, early, NOW).survey is None
    for bad in (token, "guess", early):
        with pytest.raises(MissingError):
            links.answer_by_link(session, bad, Answer(weights={"pepp": 1}), NOW)
    with pytest.raises(MissingError):
        links.make_link(session, survey, "nowhere", RecipientKind.RC, NOW)


def test_a_closed_survey_takes_no_answer_and_a_later_deadline_does(
    session: Session, survey: NeedsSurvey
) -> None:
    token = links.make_link(session, survey, "skane", RecipientKind.RC, NOW)
    later = DEADLINE + timedelta(days=7)
    service.prolong(session, "planner", survey.id, later, DEADLINE)
    links.answer_by_link(session, token, Answer(weights={"pepp": 1}), DEADLINE)
    service.close_survey(session, "planner", survey.id)
    assert survey.state is SurveyState.CLOSED
    with pytest.raises(ConflictError):
        links.answer_by_link(session, token, Answer(weights={"pepp": 2}), DEADLINE)
    with pytest.raises(ConflictError):
        service.prolong(session, "planner", survey.id, later, NOW)


def test_example_answers_repeat_with_their_seed_and_are_marked(
    session: Session, survey: NeedsSurvey
) -> None:
    assert service.example_answers(session, survey, 1, NOW) == 16
    first = service.answers_of(session, survey)
    assert all(row.is_example for row in queries.answers(session, survey.id))
    service.example_answers(session, survey, 2, NOW)
    assert service.answers_of(session, survey) != first
    service.example_answers(session, survey, 1, NOW)
    assert service.answers_of(session, survey) == first
    found = service.result(session, survey)
    assert (found.rate.number, found.rate.asked, found.rate.missing_phases) == (16, 16, ())
    pre = sum(found.themes[0].by_phase.values())
    assert pre == found.themes[0].asking


def test_example_answers_never_enter_a_real_survey(
    session: Session, rc_ids: tuple[str, ...]
) -> None:
    real = service.make_survey(session, "planner", details(rc_ids, is_example=False), NOW)
    with pytest.raises(ConflictError):
        service.example_answers(session, real, 1, NOW)


def test_wishes_for_a_programme_come_from_every_answer(
    session: Session, survey: NeedsSurvey
) -> None:
    service.example_answers(session, survey, 1, NOW)
    wishes = service.wishes_for_programme(session, survey.id)
    assert {person.rc_id for person in wishes.people} == set(survey.rc_ids)
    assert wishes.focus is not None
    asked = [topic.asking for topic in wishes.topics]
    assert asked == sorted(asked, reverse=True)
    with pytest.raises(MissingError):
        service.wishes_for_programme(session, "nothing")


def test_sought_and_offered_add_up_over_surveys_and_the_latest_network_wish_counts(
    session: Session, rc_ids: tuple[str, ...], survey: NeedsSurvey
) -> None:
    other = service.make_survey(session, "planner", details(rc_ids), NOW)
    links.keep_answer(session, other, "skane", Answer({"pepp": 1}, network=NetworkWish.NONE), NOW)
    links.keep_answer(
        session,
        survey,
        "skane",
        Answer({"legal_consent": 1}, offers=frozenset({"pepp"})),
        NOW + timedelta(days=1),
    )
    found = service.sought_and_offered(session, NOW)["skane"]
    assert found.sought == {"pepp", "legal_consent"}
    assert found.offered == {"pepp"}
    assert found.network is NetworkWish.KEEP
    assert service.sought_and_offered(session, DEADLINE + timedelta(days=1)) == {}


def test_a_survey_is_tied_to_the_meeting_that_it_led_to(
    session: Session, survey: NeedsSurvey
) -> None:
    meeting = create(session, DRAFT, "planner", DRAFT.starts_at - timedelta(days=30))
    service.tie_to_meeting(session, "planner", survey.id, meeting.id)
    found = queries.survey_of_meeting(session, meeting.id)
    assert found is not None
    assert found.id == survey.id
    for survey_id, meeting_id in (("nothing", meeting.id), (survey.id, "nothing")):
        with pytest.raises(MissingError):
            service.tie_to_meeting(session, "planner", survey_id, meeting_id)


def test_example_evaluations_have_one_voice_for_each_rc_and_repeat_with_their_seed(
    session: Session, rc_ids: tuple[str, ...]
) -> None:
    today = date(2027, 1, 11)
    for _ in range(2):
        assert service.example_evaluations(session, "system", today, 1) == 3
    shown = evaluations.results(session, today)
    assert [one.answered for one in shown] == [len(rc_ids)] * 6
    assert all(one.evaluation.is_example for one in shown)
    for first, second in zip(shown[::2], shown[1::2], strict=True):
        assert first.questions == second.questions
