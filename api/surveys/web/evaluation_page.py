"""What evaluations show: the ballot's form, and trends over meetings with their uncertainty."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup
from sqlmodel import Session

from api.kit.errors import FieldFault, FormError
from api.kit.exports import Cell, Table
from api.kit.i18n import Speaker
from api.surveys import queries
from api.surveys.disclosure import Published, Share
from api.surveys.evaluations import (
    BANDS,
    FIXED,
    FIXED_QUESTIONS,
    MOST_NEXT,
    EvaluationResult,
    choices_of,
    results,
    turnout,
)
from api.surveys.models import Band, Evaluation, EvaluationKind
from api.surveys.web import words
from api.surveys.web.form_state import FormState
from api.surveys.web.pictures import Mark, Series, trend_chart
from api.surveys.web.survey_page import FigureTable

ALL = "alla"
GROUPS: Mapping[str, Band | None] = {
    ALL: None,
    **{band.value: band for band in BANDS[EvaluationKind.MEETING]},
}
"""What one may look at: everybody, or a band. There are no other groups, and none can be made."""


@dataclass(frozen=True, slots=True)
class BallotPage(FormState):
    """The evaluation's form."""

    action: str
    title: str
    closes_on: str
    is_example: bool
    questions: tuple[words.Choice, ...]
    levels: tuple[words.Choice, ...]
    choices: tuple[
        tuple[str, str, tuple[words.Choice, ...]], ...
    ]  # field, question, what to choose
    most_next: int
    is_of_needs: bool
    values: Mapping[str, Sequence[str]]
    faults: tuple[FieldFault, ...] = ()

    @property
    def labels(self) -> dict[str, str]:
        """Each question's words, by its field."""
        return dict(self.questions) | {field: question for field, question, _ in self.choices}


@dataclass(frozen=True, slots=True)
class OpenEvaluation:
    """An evaluation that still takes answers: how many have come, and nothing else."""

    id: str
    title: str
    closes_on: str
    answered: int
    issued: int
    is_example: bool


@dataclass(frozen=True, slots=True)
class QuestionTrend:
    """One question over the meetings."""

    key: str
    name: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class TrendPage:
    """Every closed evaluation that the filter picks, question by question."""

    may_plan: bool
    open: tuple[OpenEvaluation, ...]
    groups: tuple[words.Choice, ...]
    group: str
    years: tuple[int, ...]
    year: int | None
    trends: tuple[QuestionTrend, ...]
    table: FigureTable
    next_themes: tuple[tuple[str, tuple[str, ...]], ...]  # meeting -> themes with numbers
    is_example: bool


def title_of(evaluation: Evaluation, say: Speaker) -> str:
    """Return an evaluation's title."""
    return say.either(evaluation.title_sv, evaluation.title_en)


def ballot_page(
    session: Session,
    evaluation: Evaluation,
    action: str,
    values: Mapping[str, Sequence[str]],
    say: Speaker,
) -> BallotPage:
    """Return the form of a ballot."""
    is_of_needs = evaluation.kind is EvaluationKind.NEEDS
    bank = {} if is_of_needs else queries.themes_by_id(session, evaluation.theme_ids)
    return BallotPage(
        action=action,
        title=title_of(evaluation, say),
        closes_on=say.date(evaluation.closes_on),
        is_example=evaluation.is_example,
        questions=tuple((key, words.fixed_question(key, say)) for key in FIXED[evaluation.kind]),
        levels=words.levels(say),
        choices=tuple(
            (
                field,
                words.what_to_choose(field, say),
                tuple(
                    (
                        key,
                        words.option(key, say)
                        if is_of_needs
                        else words.name_of(bank.get(key), say),
                    )
                    for key in offered
                ),
            )
            for field, offered in choices_of(evaluation).items()
            if offered
        ),
        most_next=MOST_NEXT,
        is_of_needs=is_of_needs,
        values=values,
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of the published table to show."""

    group: str = ALL
    year: int | None = None


def read_filter(
    group: str, year: str, known_years: Sequence[int], groups: Collection[str] = GROUPS
) -> Filter:
    """Read a page's filter among the groups that it may show.

    Raises:
        FormError: for any group or time but those that are published: a made-up group could be
            set against a published one to work out the answers between them.
    """
    faults = []
    if group not in groups:
        faults.append(FieldFault("grupp", "Det går bara att visa grupperna i listan."))
    if year and year not in {str(known) for known in known_years}:
        faults.append(FieldFault("ar", "Det går bara att visa åren i listan."))
    if faults:
        raise FormError(*faults)
    return Filter(group, int(year) if year else None)


def pick(found: Sequence[EvaluationResult], chosen: Filter) -> list[EvaluationResult]:
    """Return the meetings of the filter's year; their figures are as published, never new."""
    return [
        one for one in found if chosen.year is None or one.evaluation.held_on.year == chosen.year
    ]


def figure_of(published: Published, group: str) -> Share | None:
    """Return a group's published share, or None where it is hidden or has no answers."""
    band = GROUPS[group]
    return published.total if band is None else published.bands.get(band)


def trend_page(
    session: Session, group: str, year: str, say: Speaker, today: date, *, may_plan: bool
) -> TrendPage:
    """Return the trends that a filter picks.

    Raises:
        FormError: as in `read_filter`.
    """
    found = results(session, today)
    years = years_of(found)
    chosen = read_filter(group, year, years)
    picked = pick(found, chosen)
    table = trend_table(picked, chosen, say)
    groups = GROUPS if chosen.group == ALL else (chosen.group,)
    drawn = {group: "total" if GROUPS[group] is None else group for group in groups}
    return TrendPage(
        may_plan=may_plan,
        open=open_now(session, EvaluationKind.MEETING, say, today),
        groups=tuple(
            (key, say.text("Alla svar") if band is None else words.band(band, say))
            for key, band in GROUPS.items()
        ),
        group=chosen.group,
        years=tuple(years),
        year=chosen.year,
        trends=tuple(trend_of(key, picked, drawn, figure_of, say) for key in FIXED_QUESTIONS),
        table=FigureTable(table.headings, table.rows),
        next_themes=_next(session, picked, say),
        is_example=any(one.evaluation.is_example for one in picked),
    )


def trend_table(picked: Sequence[EvaluationResult], chosen: Filter, say: Speaker) -> Table:
    """Return the figures that the picture shows, in words: one row a meeting."""
    headings = (
        say.text("Träff"),
        say.text("Svar"),
        *(words.fixed_question(key, say) for key in FIXED_QUESTIONS),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in picked:
        shown = [figure_of(one.questions[key], chosen.group) for key in FIXED_QUESTIONS]
        number = say.text("%(answered)s av %(asked)s", answered=one.answered, asked=one.issued)
        title = f"{title_of(one.evaluation, say)}, {say.plain_date(one.evaluation.held_on)}"
        rows.append((title, number, *(said(share, say) for share in shown)))
    is_example = any(one.evaluation.is_example for one in picked)
    return Table(say.text("Utvärderingar"), headings, tuple(rows), is_example=is_example)


def said(share: Share | None, say: Speaker) -> str:
    """Say how many agree and how sure that is, e.g. "13 av 16 (57–93 %)"."""
    if share is None:
        return say.text("För få svar för att visas")
    number = str(share.low) if share.low == share.high else f"{share.low}–{share.high}"
    low, high = share.interval
    return say.text(
        "%(number)s av %(all)s (%(low)s–%(high)s %%)",
        number=number,
        all=share.number,
        low=round(100 * low),
        high=round(100 * high),
    )


def trend_of(
    key: str,
    picked: Sequence[EvaluationResult],
    drawn: Mapping[str, str],
    figure: Callable[[Published, str], Share | None],
    say: Speaker,
) -> QuestionTrend:
    """Return the picture of a question.

    drawn: each group -> the class of its marks. figure: returns a group's share; None leaves it out.
    """
    names = [
        f"{say.month(day.month)} {day.year}" for day in (one.evaluation.held_on for one in picked)
    ]
    series = []
    for group, kind in drawn.items():
        marks = []
        for number, one in enumerate(picked):
            share = figure(one.questions[key], group)
            if share is not None:
                low, high = share.interval
                marks.append(Mark(number, low, share.middle, high))
        if marks:
            series.append(Series(kind, tuple(marks)))
    name = words.fixed_question(key, say)
    spoken = say.text("Samma siffror finns i tabellen nedanför.")
    return QuestionTrend(key, name, trend_chart(name, spoken, names, series))


def years_of(found: Sequence[EvaluationResult]) -> list[int]:
    """Return the years that have a closed evaluation, the latest first."""
    return sorted({one.evaluation.held_on.year for one in found}, reverse=True)


def open_now(
    session: Session, kind: EvaluationKind, say: Speaker, today: date
) -> tuple[OpenEvaluation, ...]:
    """Return the evaluations of a kind that still take answers."""
    return tuple(
        OpenEvaluation(
            one.id,
            title_of(one, say),
            say.date(one.closes_on),
            *turnout(session, one),
            one.is_example,
        )
        for one in queries.evaluations(session, kind)
        if today <= one.closes_on
    )


def _next(
    session: Session, picked: Sequence[EvaluationResult], say: Speaker
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    meetings = []
    for one in picked:
        bank = queries.themes_by_id(session, one.evaluation.theme_ids)
        themes = tuple(
            say.text(
                "%(theme)s: minst %(number)s" if theme.is_floor else "%(theme)s: %(number)s",
                theme=words.name_of(bank.get(theme.theme_id), say),
                number=theme.number,
            )
            for theme in one.next_themes
        )
        meetings.append((title_of(one.evaluation, say), themes))
    return tuple(meetings)
