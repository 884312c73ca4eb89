"""What the answer form and its receipt show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlmodel import Session

from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, swedish_order
from api.registry import queries as registry
from api.surveys import queries
from api.surveys.demand import Demand
from api.surveys.links import LinkState, OpenedLink
from api.surveys.models import NeedsSurvey
from api.surveys.questions import MOST_OTHERS, to_form
from api.surveys.service import bank_of, carried_to, other_themes, result
from api.surveys.web import words
from api.surveys.web.form_state import FormState

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class AnswerPage(FormState):
    """The form, with the current answer or what was typed."""

    action: str  # path to post to; empty in a planner's preview
    title: str
    rc_name: str
    deadline: str
    is_example: bool
    themes: tuple[words.Choice, ...]
    others: tuple[words.Choice, ...]  # of the bank, beside those that the survey lists
    most_others: int
    days: tuple[words.Choice, ...]
    choices: Mapping[str, tuple[words.Choice, ...]]
    values: Values
    carried: frozenset[str] = frozenset()  # themes asked for last time in vain; chosen beforehand
    answered: str = ""  # when the current answer was given; empty before the first
    is_saved: bool = False
    draft: str = ""  # when what is shown was kept and not sent; empty when it has been sent
    draft_action: str = ""  # path that keeps a draft
    survey_id: str = ""  # of a planner who writes down what an RC says; empty for the RC itself
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """A theme's figures in words."""

    name: str
    asking: int
    track: str


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """What became of the answers, for whoever gave one."""

    title: str
    rc_name: str
    has_answered: bool
    is_example: bool
    answered: int
    asked: int
    missing_phases: str
    is_ranked: bool
    focus: str
    themes: tuple[ThemeLine, ...]
    meeting_id: str


@dataclass(frozen=True, slots=True)
class DeadLinkPage:
    """A link that opens nothing: why, kindly, and what to do."""

    kind: str  # unknown, revoked, used, closed
    is_evaluation: bool = False
    faults: tuple[FieldFault, ...] = field(default=())


def title_of(survey: NeedsSurvey, say: Speaker) -> str:
    """Return a survey's title."""
    return say.either(survey.title_sv, survey.title_en)


def answer_page(
    session: Session, survey: NeedsSurvey, rc_name: str, action: str, values: Values, say: Speaker
) -> AnswerPage:
    """Return the form of a survey."""
    bank = queries.themes_by_id(session, survey.theme_ids)
    others = other_themes(session, survey)
    if "other" not in values:
        chosen = tuple(one.id for one in others if values.get(f"weight-{one.id}"))
        values = {**values, "other": chosen}
    return AnswerPage(
        action=action,
        title=title_of(survey, say),
        rc_name=rc_name,
        deadline=say.moment(survey.deadline),
        is_example=survey.is_example,
        themes=tuple((key, words.name_of(bank.get(key), say)) for key in survey.theme_ids),
        others=tuple(
            sorted(
                ((one.id, words.name_of(one, say)) for one in others),
                key=lambda one: swedish_order(one[1]),
            )
        ),
        most_others=MOST_OTHERS,
        days=tuple((day, say.date(date.fromisoformat(day))) for day in survey.days),
        choices={
            "weight": words.weights(say),
            "focus": words.focuses(say),
            "cases": words.cases(say),
            "form": words.forms(say),
            "day": words.fits(say),
            "functions": words.functions(say),
            "hosting": words.hosting(say),
            "network": words.networks(say),
        },
        values=values,
    )


def page_of_link(
    session: Session, opened: OpenedLink, action: str, say: Speaker
) -> AnswerPage | OutcomePage | DeadLinkPage:
    """Return what a link shows: the form, what became of the answers, or nothing at all."""
    if opened.survey is None:
        return DeadLinkPage(opened.state.value)
    found = registry.rc(session, opened.rc_id)
    rc_name = found.name if found else opened.rc_id
    if opened.state is LinkState.CLOSED:
        demand = result(session, opened.survey)
        has_answered = opened.answer is not None
        return outcome_page(session, opened.survey, demand, (rc_name, has_answered), say)
    carried = carried_to(session, opened.survey, opened.rc_id)
    before: Values = {f"weight-{theme}": (str(weight),) for theme, weight in carried.items()}
    values: Values = to_form(opened.answer) if opened.answer else before
    unsent = opened.draft
    if unsent is not None:
        values = unsent.fields
    page = answer_page(session, opened.survey, rc_name, action, values, say)
    kept = say.moment(unsent.saved_at) if unsent is not None else ""
    return replace(page, draft=kept, draft_action=f"{action}/utkast", carried=frozenset(carried))


def outcome_page(
    session: Session, survey: NeedsSurvey, demand: Demand, whose: tuple[str, bool], say: Speaker
) -> OutcomePage:
    """Return what became of a survey's answers; `whose` is an RC's name and whether it answered."""
    bank = bank_of(session)
    tracks = dict(words.focuses(say))
    return OutcomePage(
        title=title_of(survey, say),
        rc_name=whose[0],
        has_answered=whose[1],
        is_example=survey.is_example,
        answered=demand.rate.number,
        asked=demand.rate.asked,
        missing_phases=say.listing(words.phase(one, say) for one in demand.rate.missing_phases),
        is_ranked=demand.rate.is_ranked,
        focus=tracks[demand.focus.focus.value] if demand.focus else "",
        themes=tuple(
            ThemeLine(
                words.name_of(bank.get(theme.theme_id), say), theme.asking, tracks[theme.track]
            )
            for theme in demand.themes
        ),
        meeting_id=survey.meeting_id or "",
    )
