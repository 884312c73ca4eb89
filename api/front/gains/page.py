"""What a year gave, in words and tables: a planner's page, one RC's A4, and the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_act_for_rc, may_plan
from api.front.gains.figures import (
    RcYear,
    YearFigures,
    span_of,
    year_figures,
    years_with_meetings,
)
from api.kit.clock import to_local
from api.kit.errors import FieldFault
from api.kit.exports import Cell, Table
from api.kit.i18n import Speaker, later, swedish_order
from api.questions import lessons, queries
from api.questions import service as questions
from api.questions.models import Lesson
from api.registry.models import PhaseBand
from api.registry.service import rc_for

NCH_SHEET = "/planera/vad-det-gav/a4"
FEWEST = 3  # RC in a part of the country or a phase before its averages are shown


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it counts, each in words."""

    value: str
    what: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class PartLine:
    """RC of one part of the country or one phase; the averages an RC, empty where they are too few."""

    name: str
    rcs: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TripLine:
    """What a meeting's journeys took in all, beside the town where they would have taken least."""

    name: str
    path: str
    town: str
    hours: str
    cheapest: str


@dataclass(frozen=True, slots=True)
class RcLine:
    """One RC's year: as read on the page, and as numbers for a file."""

    rc_id: str
    name: str
    values: tuple[str, ...]
    numbers: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GainsPage:
    """A year for all RC, to a planner."""

    year: int
    years: tuple[int, ...]
    is_over: bool
    headings: tuple[str, ...]
    figures: tuple[Figure, ...]
    parts: tuple[PartLine, ...]
    rcs: tuple[RcLine, ...]
    trips: tuple[TripLine, ...]
    lessons: tuple[str, ...]  # what RC and NCH have written themselves, without their names
    learnt: tuple[
        str, ...
    ]  # questions whose answers were shared with all RC that year, without names
    notes: tuple[str, ...]
    is_example: bool

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been held yet: a table of noughts tells nobody anything."""
        return not any(number for one in self.rcs for number in one.numbers)


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A line of what was learnt, and whether the viewer may take it away."""

    id: str
    text: str
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class YearSheet:
    """A year on one A4: an RC's own, or NCH's over all RC (an empty `rc_id`)."""

    rc_id: str
    name: str
    path: str  # of the sheet, where a line is posted too
    year: int
    years: tuple[int, ...]
    is_over: bool
    figures: tuple[Figure, ...]
    headings: tuple[str, ...]
    parts: tuple[PartLine, ...]
    met: tuple[str, ...]
    lessons: tuple[LessonLine, ...]
    notes: tuple[str, ...]
    may_write: bool
    is_example: bool
    draft: str = ""
    faults: tuple[FieldFault, ...] = ()


COLUMNS = (
    later("Nationella träffar"),
    later("Kretsträffar"),
    later("Andra RC som man har träffat"),
    later("Timmars resa, tur och retur"),
    later("Önskemål som blev av"),
)


def gains_page(
    session: Session, viewer: Viewer, year: int | None, say: Speaker, at: datetime
) -> GainsPage:
    """Return a year for all RC.

    Raises:
        MissingError: when the viewer is no planner, or nothing has been in such a year.
    """
    insist(may_plan(viewer))
    years, chosen, found = _counted(session, year, at)
    rcs = sorted(found.rcs, key=lambda one: swedish_order(one.rc.name))
    return GainsPage(
        year=chosen,
        years=years,
        is_over=chosen < years[0],
        headings=tuple(map(say.text, COLUMNS)),
        figures=(*_figures(found, say), *_asked(session, chosen, say)),
        parts=parts(found.rcs, say),
        rcs=tuple(RcLine(one.rc.id, one.rc.name, _values(one, say), _numbers(one)) for one in rcs),
        trips=tuple(
            TripLine(
                say.either(one.meeting.name_sv, one.meeting.name_en),
                f"/traffar/{one.meeting.id}",
                one.meeting.town,
                say.number(one.hours),
                ""
                if one.cheapest == one.meeting.town
                else f"{one.cheapest}: {say.number(one.cheapest_hours)}",
            )
            for one in found.trips
        ),
        lessons=tuple(one.text for one in queries.lessons(session, chosen)),
        learnt=tuple(
            one.question
            for one in queries.published(session)
            if one.published_at is not None and to_local(one.published_at).year == chosen
        ),
        notes=_notes(found, say),
        is_example=found.is_example,
    )


def rc_year_page(
    session: Session, viewer: Viewer, rc_id: str, year: int | None, say: Speaker, at: datetime
) -> YearSheet:
    """Return a year for one RC, to itself and to planners.

    Raises:
        MissingError: when there is no such RC or year, or it is somebody else's.
    """
    rc = rc_for(session, viewer, rc_id)
    insist(may_plan(viewer) or may_act_for_rc(viewer, rc.id))
    years, chosen, found = _counted(session, year, at)
    own = next(one for one in found.rcs if one.rc.id == rc.id)
    names = {one.rc.id: one.rc.name for one in found.rcs}
    return YearSheet(
        rc_id=rc.id,
        name=rc.name,
        path=f"/rc/{rc.id}/aret",
        year=chosen,
        years=years,
        is_over=chosen < years[0],
        figures=_figures_of(own, say),
        headings=(),
        parts=(),
        met=tuple(sorted((names[one] for one in own.met), key=swedish_order)),
        lessons=_lessons(viewer, queries.lessons(session, chosen, rc.id)),
        notes=(),
        may_write=lessons.may_write(viewer, rc.id),
        is_example=found.is_example,
    )


def nch_year_page(
    session: Session, viewer: Viewer, year: int | None, say: Speaker, at: datetime
) -> YearSheet:
    """Return a year for all RC on one A4, NCH's own.

    Raises:
        MissingError: as `gains_page`.
    """
    page = gains_page(session, viewer, year, say, at)
    return YearSheet(
        rc_id="",
        name="NCH",
        path=NCH_SHEET,
        year=page.year,
        years=page.years,
        is_over=page.is_over,
        figures=page.figures,
        headings=page.headings,
        parts=page.parts,
        met=(),
        lessons=_lessons(viewer, queries.lessons(session, page.year)),
        notes=page.notes,
        may_write=lessons.may_write(viewer, ""),
        is_example=page.is_example,
    )


def _lessons(viewer: Viewer, found: Sequence[Lesson]) -> tuple[LessonLine, ...]:
    return tuple(LessonLine(one.id, one.text, lessons.may_withdraw(viewer, one)) for one in found)


def _figures_of(own: RcYear, say: Speaker) -> tuple[Figure, ...]:
    wished = (
        Figure(
            _of(own.wishes_met, own.wishes, say),
            say.text("Önskemål som blev ett pass där någon från er var med"),
        )
        if own.wishes
        else Figure("–", say.text("Önskemål inför en träff det här året"))
    )
    return (
        Figure(say.number(own.national), say.text("Nationella träffar som ni tackade ja till")),
        Figure(say.number(own.circle), say.text("Träffar som era kretsar har haft")),
        Figure(say.number(len(own.met)), say.text("Andra RC som ni har träffat")),
        Figure(
            say.number(own.hours, 1),
            say.text("Timmars resa för en person, tur och retur från dörr till dörr"),
        ),
        wished,
    )


def tables(page: GainsPage, say: Speaker) -> list[Table]:
    """Return the page as sheets of a workbook."""
    title = say.text("Vad %(year)s gav", year=page.year)
    headings = page.headings
    rc = say.text("RC")
    return [
        Table(
            title,
            (say.text("Vad"), say.text("Antal"), say.text("Jämför")),
            tuple((one.what, one.value, one.beside) for one in page.figures),
            page.is_example,
        ),
        Table(
            say.text("Per RC"),
            (rc, *headings, say.text("Önskemål")),
            tuple((one.name, *one.numbers) for one in page.rcs),
            page.is_example,
        ),
        Table(
            say.text("Delar av landet och faser"),
            (say.text("Vilka"), rc, *headings),
            tuple((one.name, one.rcs, *one.values) for one in page.parts),
            page.is_example,
        ),
        Table(
            say.text("Resor"),
            (say.text("Träff"), say.text("Ort"), say.text("Timmar"), say.text("Minst timmar")),
            tuple((one.name, one.town, one.hours, one.cheapest) for one in page.trips),
            page.is_example,
        ),
        Table(
            say.text("Det här lärde vi oss"),
            (say.text("Raden"),),
            tuple((one,) for one in page.lessons),
            page.is_example,
        ),
        Table(
            say.text("Lärt av varandra"),
            (say.text("Frågan"),),
            tuple((one,) for one in page.learnt),
            page.is_example,
        ),
    ]


def _counted(
    session: Session, wanted: int | None, at: datetime
) -> tuple[tuple[int, ...], int, YearFigures]:
    """Return the years there are, the one that is asked for (None: the present), and its figures."""
    years = years_with_meetings(session, at)
    chosen = years[0] if wanted is None else wanted
    insist(chosen in years)
    return years, chosen, year_figures(session, chosen, at)


def _of(part: int, whole: int, say: Speaker) -> str:
    return say.text("%(part)s av %(whole)s", part=say.number(part), whole=say.number(whole))


def _figures(found: YearFigures, say: Speaker) -> tuple[Figure, ...]:
    wishes, met = sum(one.wishes for one in found.rcs), sum(one.wishes_met for one in found.rcs)
    hours, least = (
        sum(one.hours for one in found.trips),
        sum(one.cheapest_hours for one in found.trips),
    )
    pairs = sum(len(one.met) for one in found.rcs) // 2
    known = len(found.rcs)
    figures = [
        Figure(say.number(found.national), say.text("Nationella träffar som har hållits")),
        Figure(
            say.number(found.held),
            say.text("Kretsträffar som har hållits"),
            say.text(
                "%(no)s blev inte av, om %(open)s har ingen svarat",
                no=say.number(found.not_held),
                open=say.number(found.unanswered),
            )
            if found.not_held or found.unanswered
            else "",
        ),
        Figure(
            say.number(found.circles_met),
            say.text("Kretsar som har setts minst en gång"),
            say.plural(
                "%(num)s krets finns i dag", "%(num)s kretsar finns i dag", found.circles_today
            ),
        ),
        Figure(
            say.number(pairs),
            say.text("Par av RC som har träffats"),
            say.text("av %(num)s möjliga", num=say.number(known * (known - 1) // 2)),
        ),
    ]
    if found.trips:
        figures.append(
            Figure(
                say.number(hours),
                say.text("Timmars resa, en person från varje RC, tur och retur"),
                say.text(
                    "%(num)s om varje träff hade legat där resorna blir kortast",
                    num=say.number(least),
                ),
            )
        )
    if wishes:
        figures.append(
            Figure(
                _of(met, wishes, say), say.text("Önskemål som blev ett pass med någon från RC på")
            )
        )
    return tuple(figures)


def _asked(session: Session, year: int, say: Speaker) -> tuple[Figure, ...]:
    asked, answered, usual = questions.answered_between(session, *span_of(year))
    if not asked:
        return ()
    figures = [
        Figure(
            _of(answered, asked, say), say.text("Frågor till alla RC eller NCH som har fått svar")
        )
    ]
    if usual is not None:
        days = usual.total_seconds() / 86400
        figures.append(
            Figure(
                say.number(days, 1),
                say.text("Dagar tills hälften av de besvarade frågorna hade sitt första svar"),
            )
        )
    return tuple(figures)


def _counts(one: RcYear) -> tuple[int, int, int, float]:
    return one.national, one.circle, len(one.met), one.hours


def _values(one: RcYear, say: Speaker) -> tuple[str, ...]:
    *numbers, hours = _counts(one)
    met = _of(one.wishes_met, one.wishes, say) if one.wishes else "–"
    return (*map(say.number, numbers), say.number(hours, 1), met)


def _numbers(one: RcYear) -> tuple[Cell, ...]:
    *numbers, hours = _counts(one)
    met = one.wishes_met if one.wishes else None
    return (*numbers, round(hours, 1), met, one.wishes or None)


def parts(rcs: Sequence[RcYear], say: Speaker) -> tuple[PartLine, ...]:
    """Average over an RC: all, the north beside the rest, those about to start beside those in operation."""
    parts: tuple[tuple[str, Callable[[RcYear], bool]], ...] = (
        (later("Alla RC"), lambda _: True),
        (later("Norrland"), lambda one: one.rc.norrland is True),
        (later("Övriga landet"), lambda one: one.rc.norrland is False),
        (
            later("På väg att starta"),
            lambda one: one.rc.phase_band is PhaseBand.PRE_OPERATIONAL,
        ),
        (later("I drift"), lambda one: one.rc.phase_band is PhaseBand.OPERATIONAL),
    )
    groups = [[one for one in rcs if is_in(one)] for _, is_in in parts]
    known = [not 0 < len(inside) < FEWEST for inside in groups]
    # All less one of a pair is the other: where one is too few, neither is shown.
    is_shown = [known[0], *[known[1] and known[2]] * 2, *[known[3] and known[4]] * 2]
    lines = []
    for (name, _), inside, may_show in zip(parts, groups, is_shown, strict=True):
        values = ("",) * len(COLUMNS)
        if may_show and inside:
            wishes = sum(one.wishes for one in inside)
            met = sum(one.wishes_met for one in inside)
            values = (
                *(
                    say.number(sum(column) / len(inside), 1)
                    for column in zip(*map(_counts, inside), strict=True)
                ),
                say.text("%(num)s %%", num=say.number(100 * met / wishes)) if wishes else "–",
            )
        lines.append(PartLine(say.text(name), say.number(len(inside)), values))
    return tuple(lines)


def _notes(found: YearFigures, say: Speaker) -> tuple[str, ...]:
    notes = []
    if found.national_unanswered:
        notes.append(
            say.plural(
                "Om %(num)s nationell träff är inga svar på inbjudan kända, så vilka som var där räknas inte.",
                "Om %(num)s nationella träffar är inga svar på inbjudan kända, så vilka som var där räknas inte.",
                found.national_unanswered,
            )
        )
    if found.towns_unknown:
        notes.append(
            say.text(
                "Orten är okänd, så resan räknas inte: %(names)s.",
                names=", ".join(map(say.said, found.towns_unknown)),
            )
        )
    if found.seats_unknown:
        notes.append(
            say.text(
                "Orten är inte ifylld, så deras resor räknas inte: %(names)s.",
                names=", ".join(found.seats_unknown),
            )
        )
    return tuple(notes)
