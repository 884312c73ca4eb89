"""Needs surveys: a survey's life, and what its answers ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from api.audit.service import record
from api.kit.clock import now
from api.kit.db import announce
from api.kit.errors import ConflictError, FieldFault, FormError, MissingError, StaleError
from api.meetings import queries as meetings
from api.meetings.models import MeetingState
from api.outbox.acts import can_undo_by
from api.registry import queries as registry
from api.registry.models import CurrentModel
from api.surveys import demand as figures
from api.surveys import queries, wishes
from api.surveys.deadlines import protect_deadlines, put_deadline
from api.surveys.demand import Demand, Profile, Topic
from api.surveys.evaluations import CHOICES, EvaluationDetails, example_evaluation
from api.surveys.examples import (
    ThemePhases,
    example_answer,
    example_needs_opinions,
    example_opinions,
)
from api.surveys.known import themes_of
from api.surveys.links import keep_answer
from api.surveys.models import Band, EvaluationKind, NeedsSurvey, SurveyState, Theme
from api.surveys.questions import (
    MOST_DAYS,
    MOST_THEMES,
    TOP_WEIGHT,
    Answer,
    NetworkWish,
    from_json,
    said_of_themes,
)
from api.surveys.texts import texts_of
from api.surveys.undoing import TIED
from api.surveys.wishes import Wishes


@dataclass(frozen=True, slots=True)
class SurveyOpened:
    """News: a survey can be answered now."""

    survey_id: str


@dataclass(frozen=True, slots=True)
class SurveyClosed:
    """News: a survey's answers are final."""

    survey_id: str


@dataclass(frozen=True, slots=True)
class SurveyDetails:
    """What a planner decides about a survey before it opens."""

    title_sv: str
    title_en: str
    deadline: datetime
    theme_ids: tuple[str, ...]
    days: tuple[date, ...]
    rc_ids: tuple[str, ...]
    meeting_id: str | None = None
    is_example: bool = False


# A survey's life


def make_survey(session: Session, actor: str, details: SurveyDetails, at: datetime) -> NeedsSurvey:
    """Make a survey as a draft.

    Raises:
        FormError: when themes, days, RC, title or deadline cannot be used.
    """
    _insist_on_details(session, details, at)
    survey = NeedsSurvey(
        meeting_id=details.meeting_id,
        title_sv=details.title_sv.strip(),
        title_en=details.title_en.strip(),
        deadline=details.deadline,
        theme_ids=list(details.theme_ids),
        days=[day.isoformat() for day in details.days],
        rc_ids=list(details.rc_ids),
        is_example=details.is_example,
    )
    session.add(survey)
    session.flush()
    record(session, actor, "made", ("needs_survey", survey.id), after=_survey_record(survey))
    return survey


def change_survey(
    session: Session, actor: str, survey_id: str, details: SurveyDetails, version: int, at: datetime
) -> NeedsSurvey:
    """Change a draft; once open, the questions stand, so that every RC answers the same.

    Raises:
        ConflictError: when the survey has been opened.
        StaleError: when somebody saved it first.
        FormError: as in `make_survey`.
    """
    survey = _survey_to_change(session, survey_id)
    if survey.state is not SurveyState.DRAFT:
        raise ConflictError("Enkäten är redan öppnad. Gör en ny om frågorna ska ändras.")
    _insist_on_details(session, details, at)
    before = _survey_record(survey)
    if survey.version != version:
        raise StaleError({"title_sv": details.title_sv}, before)
    survey.meeting_id = details.meeting_id
    survey.title_sv, survey.title_en = details.title_sv.strip(), details.title_en.strip()
    survey.deadline = details.deadline
    survey.theme_ids = list(details.theme_ids)
    survey.days = [day.isoformat() for day in details.days]
    survey.rc_ids = list(details.rc_ids)
    survey.version += 1
    session.add(survey)
    record(session, actor, "changed", ("needs_survey", survey.id), before, _survey_record(survey))
    return survey


def open_survey(session: Session, actor: str, survey_id: str, at: datetime) -> NeedsSurvey:
    """Open a draft for answers.

    Raises:
        ConflictError: when it is no draft, or its deadline has passed.
    """
    survey = _survey_to_change(session, survey_id)
    if survey.state is not SurveyState.DRAFT:
        raise ConflictError("Enkäten är redan öppnad.")
    if survey.deadline <= at:
        raise ConflictError("Sista svarsdag har passerat. Ändra den först.")
    _change_state(session, actor, survey, SurveyState.OPEN)
    put_deadline(session, survey, at)
    announce(session, SurveyOpened(survey.id))
    return survey


def close_survey(session: Session, actor: str, survey_id: str) -> NeedsSurvey:
    """Close an open survey, at its deadline or before.

    Raises:
        ConflictError: when it is not open.
    """
    survey = _survey_to_change(session, survey_id)
    if survey.state is not SurveyState.OPEN:
        raise ConflictError("Enkäten är inte öppen.")
    _change_state(session, actor, survey, SurveyState.CLOSED)
    put_deadline(session, survey, now())
    announce(session, SurveyClosed(survey.id))
    return survey


def reopen_survey(
    session: Session, actor: str, survey_id: str, deadline: datetime, at: datetime
) -> NeedsSurvey:
    """Open a closed survey again, or one whose time is out; the links that were mailed work again.

    Raises:
        ConflictError: when it takes answers already, or was never opened.
        FormError: when the new deadline is not to come.
    """
    survey = _survey_to_change(session, survey_id)
    is_out = survey.state is SurveyState.OPEN and survey.deadline <= at
    if survey.state is not SurveyState.CLOSED and not is_out:
        raise ConflictError("Enkäten är redan öppen, eller ett utkast.")
    if deadline <= at:
        raise FormError(
            FieldFault("deadline", "Den svarstiden har redan gått ut. Välj en senare dag.")
        )
    survey.deadline = deadline
    _change_state(session, actor, survey, SurveyState.OPEN)
    put_deadline(session, survey, at)
    announce(session, SurveyOpened(survey.id))
    return survey


def tie_to_meeting(session: Session, actor: str, survey_id: str, meeting_id: str) -> NeedsSurvey:
    """Say which meeting a survey led to, whatever its state: those who answered are led there.

    Raises:
        MissingError: when there is no such survey or meeting.
    """
    survey = _survey_to_change(session, survey_id)
    if meetings.meeting(session, meeting_id) is None:
        raise MissingError
    before: dict[str, object] = {"meeting": survey.meeting_id}
    survey.meeting_id = meeting_id
    survey.version += 1
    session.add(survey)
    subject = ("needs_survey", survey.id)
    record(session, actor, "tied to meeting", subject, before, {"meeting": meeting_id})
    session.flush()
    can_undo_by(session, TIED, {"id": survey.id, "before": before["meeting"], "after": meeting_id})
    protect_deadlines(session, meeting_id)
    return survey


def tie_if_free(session: Session, actor: str, survey_id: str, meeting_id: str) -> None:
    """Give a meeting the survey whose answers it was made of, unless the survey is another meeting's.

    One that was called off has no claim on its survey.
    """
    survey = queries.survey(session, survey_id)
    if survey is None or survey.meeting_id == meeting_id:
        return
    other = meetings.meeting(session, survey.meeting_id) if survey.meeting_id else None
    if other is None or other.state is MeetingState.CANCELLED:
        tie_to_meeting(session, actor, survey_id, meeting_id)


def prolong(
    session: Session, actor: str, survey_id: str, deadline: datetime, at: datetime
) -> NeedsSurvey:
    """Give an open survey a later deadline.

    Raises:
        ConflictError: when it is not open.
        FormError: when the new deadline is not to come.
    """
    survey = _survey_to_change(session, survey_id)
    if survey.state is not SurveyState.OPEN:
        raise ConflictError("Enkäten är inte öppen.")
    if deadline <= at:
        raise FormError(
            FieldFault("deadline", "Den svarstiden har redan gått ut. Välj en senare dag.")
        )
    before = _survey_record(survey)
    survey.deadline = deadline
    survey.version += 1
    session.add(survey)
    record(session, actor, "prolonged", ("needs_survey", survey.id), before, _survey_record(survey))
    put_deadline(session, survey, at)
    return survey


def _survey_to_change(session: Session, survey_id: str) -> NeedsSurvey:
    survey = queries.survey(session, survey_id, to_change=True)
    if survey is None:
        raise MissingError
    return survey


def _change_state(session: Session, actor: str, survey: NeedsSurvey, state: SurveyState) -> None:
    before: dict[str, object] = {"state": survey.state.value}
    survey.state = state
    survey.version += 1
    session.add(survey)
    subject = ("needs_survey", survey.id)
    record(session, actor, f"{state.value}", subject, before, {"state": state.value})


def _insist_on_details(session: Session, details: SurveyDetails, at: datetime) -> None:
    faults = []
    for field, title in (("title_sv", details.title_sv), ("title_en", details.title_en)):
        if not title.strip() or len(title.strip()) > 120:
            faults.append(FieldFault(field, "Skriv en rubrik på högst 120 tecken."))
    if details.deadline <= at:
        faults.append(
            FieldFault("deadline", "Den svarstiden har redan gått ut. Välj en senare dag.")
        )
    if not 1 <= len(details.theme_ids) <= MOST_THEMES:
        faults.append(
            FieldFault(
                "themes",
                "Välj 1–%(most)s ämnen. Fler är svårt att ta ställning till.",
                most=MOST_THEMES,
            )
        )
    elif len(queries.themes_by_id(session, details.theme_ids)) != len(details.theme_ids):
        faults.append(FieldFault("themes", "Välj bland ämnena i listan."))
    if len(details.days) > MOST_DAYS:
        faults.append(FieldFault("days", "Föreslå högst %(most)s dagar.", most=MOST_DAYS))
    known = {*registry.names(session)}
    if not details.rc_ids or not set(details.rc_ids) <= known:
        faults.append(FieldFault("rcs", "Välj minst ett resurscentrum."))
    if faults:
        raise FormError(*faults)


def _survey_record(survey: NeedsSurvey) -> dict[str, object]:
    return {
        "title_sv": survey.title_sv,
        "title_en": survey.title_en,
        "deadline": survey.deadline.isoformat(),
        "themes": list(survey.theme_ids),
        "days": list(survey.days),
        "rcs": list(survey.rc_ids),
        "meeting": survey.meeting_id,
    }


# What the answers ask for


def profiles(session: Session) -> dict[str, Profile]:
    """Return each RC's phase and model from the register."""
    return {
        rc.id: Profile(
            phase=rc.establishment_status.value if rc.establishment_status else "",
            model=rc.org_model_current or "",
        )
        for rc in registry.rcs(session)
    }


def answers_of(session: Session, survey: NeedsSurvey) -> dict[str, Answer]:
    """Return the answers by RC."""
    return {row.rc_id: from_json(row.answer) for row in queries.answers(session, survey.id)}


def result(session: Session, survey: NeedsSurvey) -> Demand:
    """Return the demand per theme, with the answer rate and what is missing."""
    answers = answers_of(session, survey)
    return figures.demand(
        _topics(session, themes_asked(survey, answers)),
        survey.rc_ids,
        answers,
        profiles(session),
    )


def keep_unmet(
    session: Session, survey_id: str, unmet: dict[str, list[str]] | None
) -> dict[str, list[str]] | None:
    """Keep what each RC asked for and is not at in the published programme: the next survey begins there.

    Returns what was kept before.
    """
    survey = queries.survey(session, survey_id, to_change=True)
    before = survey.unmet if survey else None
    if survey is None or before == unmet:
        return before
    survey.unmet = unmet
    survey.version += 1
    session.add(survey)
    session.flush()
    return before


def carried_to(session: Session, survey: NeedsSurvey, rc_id: str) -> dict[str, int]:
    """Return the themes that an RC asked for last time and did not get, each with its weight then.

    Only themes that this survey offers; what was not to be missed weighs the most.
    """
    last = queries.latest_with_unmet(session, survey.deadline)
    row = queries.answer(session, last.id, rc_id) if last else None
    if last is None or row is None or last.id == survey.id:
        return {}
    answer = from_json(row.answer)
    return {
        theme: TOP_WEIGHT if theme == answer.must else answer.weights.get(theme, 1)
        for theme in (last.unmet or {}).get(rc_id, ())
        if theme in survey.theme_ids
    }


def wishes_for_programme(session: Session, survey_id: str) -> Wishes:
    """Return topics, people, weights, dates and hosts, each traceable to the answer behind it.

    Raises:
        MissingError: when there is no such survey.
    """
    survey = queries.survey(session, survey_id)
    if survey is None:
        raise MissingError
    answers = answers_of(session, survey)
    asked = themes_asked(survey, answers)
    bank = queries.themes_by_id(session, asked)
    texts = [
        wishes.ThemeText(
            key,
            theme.name_sv,
            theme.name_en,
            theme.category,
            tuple(theme.roles),
            texts_of(theme),
        )
        for key in asked
        if (theme := bank.get(key))
    ]
    return wishes.build(survey.id, result(session, survey), texts, answers)


def themes_asked(survey: NeedsSurvey, answers: Mapping[str, Answer]) -> list[str]:
    """Return the themes that a survey lists, and those that somebody has asked for beside them."""
    others = sorted({theme for one in answers.values() for theme in one.weights})
    return list(dict.fromkeys((*survey.theme_ids, *others)))


def other_themes(session: Session, survey: NeedsSurvey) -> list[Theme]:
    """Return the bank's themes in use that a survey does not list."""
    return [
        one for one in queries.themes(session, only_active=True) if one.id not in survey.theme_ids
    ]


def bank_of(session: Session) -> dict[str, Theme]:
    """Return every theme of the bank by key."""
    return {one.id: one for one in queries.themes(session)}


def _topics(session: Session, theme_ids: Sequence[str]) -> list[Topic]:
    bank = queries.themes_by_id(session, theme_ids)
    return [Topic(key, bank[key].category) for key in theme_ids if key in bank]


@dataclass(frozen=True, slots=True)
class SoughtAndOffered:
    """What an RC has asked for and offered over a time, and its wish for a network: matching input."""

    rc_id: str
    sought: frozenset[str]  # theme ids
    offered: frozenset[str]
    network: NetworkWish


def sought_and_offered(session: Session, since: datetime) -> dict[str, SoughtAndOffered]:
    """Return per RC the themes sought and offered in surveys with a deadline after `since`.

    Themes add up over the surveys; of the wishes for a network the latest counts.
    """
    gathered: dict[str, SoughtAndOffered] = {}
    for rc_id, said in queries.answers_since(session, since):
        sought, offered, network = said_of_themes(said)
        if (before := gathered.get(rc_id)) is not None:
            sought, offered = before.sought | sought, before.offered | offered
        gathered[rc_id] = SoughtAndOffered(rc_id, sought, offered, network)
    return gathered


def example_answers(session: Session, survey: NeedsSurvey, seed: int, at: datetime) -> int:
    """Give every RC that was asked an invented answer, marked as an example; return how many.

    Raises:
        ConflictError: when the survey is not itself an example.
    """
    if not survey.is_example:
        raise ConflictError("Exempelsvar får bara finnas i en exempelenkät.")
    bank = queries.themes_by_id(session, survey.theme_ids)
    themes = [ThemePhases(key, tuple(bank[key].phases)) for key in survey.theme_ids]
    known = profiles(session)
    has = {rc.id: themes_of(rc) for rc in registry.rcs(session)}
    for rc_id in survey.rc_ids:
        answer = example_answer(rc_id, known[rc_id], themes, survey.days, seed, has[rc_id])
        keep_answer(session, survey, rc_id, answer, at, is_example=True)
    return len(survey.rc_ids)


def band_of(kind: EvaluationKind, profile: Profile | None) -> Band:
    """Return the band that the answer of an RC's people is counted in; None is nobody's RC."""
    band = Band(profile.band) if profile else Band.OTHER
    if kind is EvaluationKind.MEETING or band is not Band.OPERATIONAL or profile is None:
        return band
    return Band.BARNAHUS if profile.model == CurrentModel.BARNAHUS else Band.OTHER_MODEL


def example_needs(session: Session, actor: str, today: date, seed: int) -> None:
    """Make three invented rounds of needs, answered by example: one voice for each RC of the register."""
    bands = [band_of(EvaluationKind.NEEDS, profile) for profile in profiles(session).values()]
    for number, days_ago in enumerate((545, 365, 180), start=1):
        begun = today - timedelta(days=days_ago)
        details = EvaluationDetails(
            title_sv=f"Exempel: behov, omgång {number}",
            title_en=f"Exempel: needs, round {number}",
            held_on=begun,
            closes_on=begun + timedelta(days=14),
            theme_ids=tuple(key for options in CHOICES.values() for key in options),
            is_example=True,
            kind=EvaluationKind.NEEDS,
        )
        opinions = example_needs_opinions(bands, seed + number)
        made = example_evaluation(session, actor, details, list(zip(bands, opinions, strict=True)))
        made.outcome = "Exempel: två studiebesök till hösten, och en mall för avtal i biblioteket."


def example_evaluations(session: Session, actor: str, today: date, seed: int) -> int:
    """Make evaluations of three invented meetings of the past, answered by example; return how many.

    One voice for each RC of the register, so that bands are as large as they really are.
    """
    bands = [Band(profile.band) for profile in profiles(session).values()]
    themes = ("finance_longterm", "legal_consent", "anonymised_cases", "org_startup", "pepp")
    for number, days_ago in enumerate((540, 360, 180), start=1):
        held = today - timedelta(days=days_ago)
        details = EvaluationDetails(
            title_sv=f"Exempel: nationell träff {number}",
            title_en=f"Exempel: national meeting {number}",
            held_on=held,
            closes_on=held + timedelta(days=14),
            theme_ids=themes,
            is_example=True,
        )
        opinions = example_opinions(bands, themes, seed + number)
        example_evaluation(session, actor, details, list(zip(bands, opinions, strict=True)))
    return 3
