"""What a survey's page shows to planners and readers: answer rate, demand, focus and tracks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from markupsafe import Markup
from sqlmodel import Session

from api.kit.clock import to_local
from api.kit.exports import Cell, Table
from api.kit.i18n import Speaker, swedish_order
from api.registry import queries as registry
from api.surveys import mailing, queries
from api.surveys.demand import PRE_OPERATIONAL, Demand, ThemeDemand
from api.surveys.links import is_answerable
from api.surveys.models import NeedsSurvey, SurveyState, Theme
from api.surveys.service import bank_of, result
from api.surveys.web import words
from api.surveys.web.answer_page import title_of
from api.surveys.web.asked import AskedLine, asked_lines
from api.surveys.web.pictures import Bar, demand_chart
from api.surveys.wishes import Wishes


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """A survey in the list."""

    id: str
    title: str
    state: str
    deadline: str
    answered: int
    asked: int
    is_example: bool


@dataclass(frozen=True, slots=True)
class SurveyListPage:
    """Every survey."""

    surveys: tuple[SurveyLine, ...]
    may_plan: bool


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table as the page shows it; the first column heads its row."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class TrackLine:
    """A proposed track with its themes, most wanted first."""

    name: str
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SurveyPage:
    """One survey with its result so far."""

    id: str
    title: str
    state: str
    deadline: str
    is_example: bool
    is_draft: bool
    is_open: bool
    may_plan: bool
    meeting_id: str
    answered: int
    asked: int
    rcs: tuple[words.Choice, ...]  # who is asked
    lines: tuple[AskedLine, ...]  # for planners: how it stands with each RC
    may_reopen: bool
    closing: str  # the last day to answer, ISO 8601
    missing: tuple[str, ...]  # names of RC
    missing_phases: str
    without_address: tuple[str, ...]
    recipients: int
    is_ranked: bool
    focus: str
    focus_said: tuple[tuple[str, int], ...]
    tracks: tuple[TrackLine, ...]
    chart: Markup
    table: FigureTable
    models: FigureTable


def _state(survey: NeedsSurvey, at: datetime) -> SurveyState:
    """Return whether one can answer: a survey whose time is out is closed, whatever its row says yet."""
    is_out = survey.state is SurveyState.OPEN and not is_answerable(survey, at)
    return SurveyState.CLOSED if is_out else survey.state


def surveys_page(session: Session, say: Speaker, at: datetime, *, may_plan: bool) -> SurveyListPage:
    """Return the list; drafts are the planners' own."""
    answered = queries.answer_counts(session)
    lines = [
        SurveyLine(
            id=survey.id,
            title=title_of(survey, say),
            state=words.state(_state(survey, at), say),
            deadline=say.moment(survey.deadline),
            answered=answered.get(survey.id, 0),
            asked=len(survey.rc_ids),
            is_example=survey.is_example,
        )
        for survey in queries.surveys(session)
        if may_plan or survey.state is not SurveyState.DRAFT
    ]
    return SurveyListPage(tuple(lines), may_plan)


def survey_page(
    session: Session, survey: NeedsSurvey, say: Speaker, at: datetime, *, may_plan: bool
) -> SurveyPage:
    """Return one survey's page."""
    names = registry.names(session)
    demand = result(session, survey)
    told = mailing.recipients(session, survey.rc_ids)
    bank = bank_of(session)
    focuses = dict(words.focuses(say))
    table = demand_table(demand, bank, survey, say)
    return SurveyPage(
        id=survey.id,
        title=title_of(survey, say),
        state=words.state(_state(survey, at), say),
        deadline=say.moment(survey.deadline),
        is_example=survey.is_example,
        is_draft=survey.state is SurveyState.DRAFT,
        is_open=is_answerable(survey, at),
        may_plan=may_plan,
        meeting_id=survey.meeting_id or "",
        answered=demand.rate.number,
        asked=demand.rate.asked,
        rcs=tuple(
            sorted(
                ((rc, names.get(rc, rc)) for rc in survey.rc_ids),
                key=lambda one: swedish_order(one[1]),
            )
        ),
        lines=asked_lines(session, survey, say) if may_plan else (),
        may_reopen=may_plan
        and survey.state is not SurveyState.DRAFT
        and not is_answerable(survey, at),
        closing=_next_weekday(at).isoformat(),
        missing=_ordered(names.get(rc, rc) for rc in demand.rate.missing),
        missing_phases=say.listing(words.phase(one, say) for one in demand.rate.missing_phases),
        without_address=_ordered(
            names.get(rc, rc) for rc in mailing.without_address(survey.rc_ids, told)
        ),
        recipients=len(told),
        is_ranked=demand.rate.is_ranked,
        focus=focuses[demand.focus.focus.value] if demand.focus else "",
        focus_said=tuple(
            (focuses[focus.value], number) for focus, number in demand.focus.said.items()
        )
        if demand.focus
        else (),
        tracks=tuple(
            TrackLine(
                focuses[track.value],
                tuple(words.name_of(bank.get(theme), say) for theme in themes),
            )
            for track, themes in demand.tracks.items()
        ),
        chart=_chart(demand, bank, survey, say),
        table=FigureTable(table.headings, table.rows),
        models=_models(demand, bank, say),
    )


def _next_weekday(at: datetime) -> date:
    """Return a working day a week from now, proposed as the new last day to answer."""
    day = to_local(at).date() + timedelta(days=7)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=swedish_order))


def demand_table(
    demand: Demand, bank: dict[str, Theme], survey: NeedsSurvey, say: Speaker
) -> Table:
    """Return demand per theme over phases, as the page shows it and the files hold it."""
    focuses = dict(words.focuses(say))
    bands = _bands(demand, say)
    headings = (
        say.text("Ämne"),
        say.text("Spår"),
        say.text("Vill ha"),
        say.text("Vikt"),
        say.text("Får inte missas"),
        say.text("Kan dela med sig"),
        *(name for name, _ in bands),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            words.name_of(bank.get(theme.theme_id), say),
            focuses[theme.track.value],
            theme.asking,
            theme.weight,
            theme.must,
            theme.offering,
            *(theme.asking_in(phases) for _, phases in bands),
        )
        for theme in demand.themes
    )
    return Table(title_of(survey, say), headings, rows, is_example=survey.is_example)


def _bands(demand: Demand, say: Speaker) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the columns by how far RC have come; none where a column would stand on few answers."""
    if not demand.has_bands:
        return ()
    others = frozenset(demand.phases) - PRE_OPERATIONAL
    return (
        (say.text("På väg att starta"), PRE_OPERATIONAL),
        (say.text("I drift, helt eller delvis"), others),
    )


def _models(demand: Demand, bank: dict[str, Theme], say: Speaker) -> FigureTable:
    models = demand.shown_models
    if not models:
        return FigureTable((), ())
    named = (words.model(model, say) for model in models)
    return FigureTable(
        headings=(say.text("Ämne"), *named, say.text("Annan eller ingen modell")),
        rows=tuple(
            (
                words.name_of(bank.get(theme.theme_id), say),
                *(theme.by_model.get(model, 0) for model in models),
                theme.asking - sum(theme.by_model.get(model, 0) for model in models),
            )
            for theme in demand.themes
        ),
    )


def _chart(demand: Demand, bank: dict[str, Theme], survey: NeedsSurvey, say: Speaker) -> Markup:
    bars = [
        Bar(
            label=words.name_of(bank.get(theme.theme_id), say),
            by_phase=theme.by_phase if demand.has_bands else {"": theme.asking},
            total=theme.asking,
            spoken=_spoken(theme, bank, say),
        )
        for theme in demand.themes
        if theme.asking
    ]
    title = say.text("Så många resurscentrum vill ha varje ämne")
    return demand_chart(title, bars, len(survey.rc_ids))


def _spoken(theme: ThemeDemand, bank: dict[str, Theme], say: Speaker) -> str:
    return f"{words.name_of(bank.get(theme.theme_id), say)}: {say.number(theme.asking)}"


def wish_table(wishes: Wishes, names: dict[str, str], say: Speaker, *, is_example: bool) -> Table:
    """Return every wish with the answer behind it, for planners."""
    themes = {
        topic.theme.id: say.either(topic.theme.name_sv, topic.theme.name_en)
        for topic in wishes.topics
    }
    functions = dict(words.functions(say))
    weights = dict(words.weights(say))
    headings = (
        say.text("Resurscentrum"),
        say.text("Svar"),
        say.text("Funktion"),
        say.text("Ämne"),
        say.text("Ämnets roll"),
        say.text("Önskans vikt"),
    )
    rows = tuple(
        (
            names.get(one.rc_id, one.rc_id),
            say.text("Får inte missas") if one.is_must else weights[str(one.stated)],
            functions[one.person_id.partition(":")[2]],
            themes[one.theme_id],
            say.text("gäller funktionen")
            if one.share == 1
            else say.text("gäller andra, halva vikten"),
            one.weight,
        )
        for one in sorted(
            wishes.trace, key=lambda one: swedish_order(names.get(one.rc_id, one.rc_id))
        )
    )
    return Table(say.text("Så blev svaren önskemål"), headings, rows, is_example=is_example)


def names_of(session: Session) -> dict[str, str]:
    """Return the RC's names by key."""
    return registry.names(session)
