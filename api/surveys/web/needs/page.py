"""Needs over time: what RC need, meet and wish, round by round, with uncertainty; only what is published is picked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from api.kit.errors import FieldFault
from api.kit.exports import Cell, Table
from api.kit.i18n import Speaker
from api.surveys.disclosure import Published, Share
from api.surveys.evaluations import (
    BANDS,
    CHOICES,
    NEEDS_QUESTIONS,
    EvaluationResult,
    results,
)
from api.surveys.models import Band, EvaluationKind
from api.surveys.web import words
from api.surveys.web.evaluation_page import (
    ALL,
    OpenEvaluation,
    QuestionTrend,
    open_now,
    pick,
    said,
    title_of,
    trend_of,
    years_of,
)
from api.surveys.web.evaluation_page import Filter as YearFilter
from api.surveys.web.survey_page import FigureTable

IN_OPERATION = "operational"
GROUPS: Mapping[str, tuple[Band, ...]] = {
    ALL: BANDS[EvaluationKind.NEEDS],
    Band.PRE_OPERATIONAL.value: (Band.PRE_OPERATIONAL,),
    IN_OPERATION: (Band.BARNAHUS, Band.OTHER_MODEL),
    Band.BARNAHUS.value: (Band.BARNAHUS,),
    Band.OTHER_MODEL.value: (Band.OTHER_MODEL,),
}
"""What one may look at: by phase and by model, all sums of one parting, so that none tells of another."""

LONGEST_OUTCOME = 2000


@dataclass(frozen=True, slots=True)
class Round:
    """One closed round: what most chose, and what became of it."""

    id: str
    title: str
    chosen: tuple[tuple[str, tuple[str, ...]], ...]  # the question over a list -> what was chosen
    outcome: tuple[str, ...]  # paragraphs
    text: str  # the same, for the form


@dataclass(frozen=True, slots=True)
class NeedsPage:
    """Every closed round that the filter picks."""

    may_plan: bool
    open: tuple[OpenEvaluation, ...]
    groups: tuple[words.Choice, ...]
    group: str
    years: tuple[int, ...]
    year: int | None
    legend: tuple[tuple[str, str], ...]  # a mark's shape -> the group
    trends: tuple[QuestionTrend, ...]
    table: FigureTable
    rounds: tuple[Round, ...]
    is_example: bool
    most: int = LONGEST_OUTCOME
    fault: FieldFault | None = None
    faulty: str = ""  # the round whose text cannot be saved


@dataclass(frozen=True, slots=True)
class AskPage:
    """Before a round is sent: the form, who gets it, and how the mail reads."""

    values: Mapping[str, str]
    recipients: tuple[str, ...]
    mails: int
    without_address: tuple[str, ...]
    letters: tuple[tuple[str, object], ...]
    faults: tuple[FieldFault, ...] = ()

    def fault_of(self, name: str) -> FieldFault | None:
        """Return the fault of a field."""
        return next((fault for fault in self.faults if fault.field == name), None)


def group_name(key: str, say: Speaker) -> str:
    """Name a group that one may look at."""
    if key == ALL:
        return say.text("Alla svar")
    if key == IN_OPERATION:
        return words.band(Band.OPERATIONAL, say)
    return words.band(Band(key), say)


def figure_of(published: Published, group: str) -> Share | None:
    """Return a group's share: the total as published, or the sum of shown bands; None where one is hidden."""
    if group == ALL:
        return published.total
    shown = [published.bands[band] for band in GROUPS[group] if band in published.bands]
    if not shown or any(band in published.hidden for band in GROUPS[group]):
        return None
    return Share(*(sum(getattr(one, name) for one in shown) for name in ("number", "low", "high")))


def needs_page(
    session: Session, chosen: YearFilter, say: Speaker, today: date, *, may_plan: bool
) -> NeedsPage:
    """Return what the filter picks of the closed rounds."""
    found = results(session, today, EvaluationKind.NEEDS)
    picked = pick(found, chosen)
    table = needs_table(picked, chosen, say)
    drawn = {group: _KINDS[group] for group in _drawn(chosen)}
    return NeedsPage(
        may_plan=may_plan,
        open=open_now(session, EvaluationKind.NEEDS, say, today),
        groups=tuple((key, group_name(key, say)) for key in GROUPS),
        group=chosen.group,
        years=tuple(years_of(found)),
        year=chosen.year,
        legend=tuple((kind, group_name(key, say)) for key, kind in drawn.items()),
        trends=tuple(trend_of(key, picked, drawn, figure_of, say) for key in NEEDS_QUESTIONS),
        table=FigureTable(table.headings, table.rows),
        rounds=tuple(_round(one, say) for one in reversed(picked)),
        is_example=any(one.evaluation.is_example for one in picked),
    )


def needs_table(picked: Sequence[EvaluationResult], chosen: YearFilter, say: Speaker) -> Table:
    """Return the figures that the pictures show, in words: one row a round and group."""
    headings = (
        say.text("Omgång"),
        say.text("Grupp"),
        say.text("Svar"),
        *(words.fixed_question(key, say) for key in NEEDS_QUESTIONS),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in picked:
        answered = say.text("%(answered)s av %(asked)s", answered=one.answered, asked=one.issued)
        for group in GROUPS if chosen.group == ALL else (chosen.group,):
            shown = [figure_of(one.questions[key], group) for key in NEEDS_QUESTIONS]
            number = answered if group == ALL else ""
            cells = (title_of(one.evaluation, say), group_name(group, say), number)
            rows.append((*cells, *(said(share, say) for share in shown)))
    is_example = any(one.evaluation.is_example for one in picked)
    return Table(say.text("Behov över tid"), headings, tuple(rows), is_example=is_example)


# The class of a group's marks in the pictures, and so its shape: a triangle, a circle, a square.
_KINDS = {
    ALL: "total",
    Band.PRE_OPERATIONAL.value: "pre_operational",
    IN_OPERATION: "operational",
    Band.BARNAHUS.value: "operational",
    Band.OTHER_MODEL.value: "pre_operational",
}


def _drawn(chosen: YearFilter) -> tuple[str, ...]:
    """Return the groups of a picture: all answers beside the two phases, or one group alone."""
    if chosen.group == ALL:
        return ALL, Band.PRE_OPERATIONAL.value, IN_OPERATION
    return (chosen.group,)


def _round(one: EvaluationResult, say: Speaker) -> Round:
    numbers = {chosen.theme_id: chosen for chosen in one.next_themes}
    lists = []
    for field, options in CHOICES.items():
        chosen = [numbers[key] for key in options if key in numbers]
        chosen.sort(key=lambda each: -each.number)
        lines = tuple(
            say.text(
                "%(theme)s: minst %(number)s" if each.is_floor else "%(theme)s: %(number)s",
                theme=words.option(each.theme_id, say),
                number=each.number,
            )
            for each in chosen
        )
        lists.append((words.what_to_choose(field, say), lines))
    outcome = one.evaluation.outcome
    return Round(
        one.evaluation.id,
        title_of(one.evaluation, say),
        tuple(lists),
        tuple(line for line in outcome.splitlines() if line.strip()),
        outcome,
    )
