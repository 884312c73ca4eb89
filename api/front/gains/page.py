"""What a year gave, in words and tables: a planner's page, one RC's A4, and the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from api.accounts.policy import Viewer, insist, may_act_for_rc, may_plan
from api.front.gains.figures import RcYear, YearFigures, year_figures, years_with_meetings
from api.kit.clock import to_local
from api.kit.exports import Cell, Table
from api.kit.i18n import Speaker, later, swedish_order
from api.questions import service as questions
from api.registry.models import PhaseBand
from api.registry.service import rc_for

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
    learnt: tuple[
        str, ...
    ]  # questions whose answers were shared with all RC that year, without names
    notes: tuple[str, ...]
    is_example: bool


@dataclass(frozen=True, slots=True)
class RcYearPage:
    """A year for one RC, on one A4."""

    rc_id: str
    name: str
    year: int
    years: tuple[int, ...]
    is_over: bool
    figures: tuple[Figure, ...]
    met: tuple[str, ...]
    is_example: bool


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
    years = years_with_meetings(session, at)
    chosen = _year(year, years)
    found = year_figures(session, chosen, at)
    rcs = sorted(found.rcs, key=lambda one: swedish_order(one.rc.name))
    return GainsPage(
        year=chosen,
        years=years,
        is_over=chosen < years[0],
        headings=tuple(map(say.text, COLUMNS)),
        figures=(*_figures(found, say), *_asked(session, viewer, say)),
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
        learnt=tuple(
            one.question
            for one in questions.published(session)
            if one.published_at is not None and to_local(one.published_at).year == chosen
        ),
        notes=_notes(found, say),
        is_example=found.is_example,
    )


def rc_year_page(
    session: Session, viewer: Viewer, rc_id: str, year: int | None, say: Speaker, at: datetime
) -> RcYearPage:
    """Return a year for one RC, to itself and to planners.

    Raises:
        MissingError: when there is no such RC or year, or it is somebody else's.
    """
    rc = rc_for(session, viewer, rc_id)
    insist(may_plan(viewer) or may_act_for_rc(viewer, rc.id))
    years = years_with_meetings(session, at)
    chosen = _year(year, years)
    found = year_figures(session, chosen, at)
    own = next(one for one in found.rcs if one.rc.id == rc.id)
    names = {one.rc.id: one.rc.name for one in found.rcs}
    wished = (
        Figure(
            _of(own.wishes_met, own.wishes, say),
            say.text("Önskemål som blev ett pass där någon från er var med"),
        )
        if own.wishes
        else Figure("–", say.text("Önskemål inför en träff det här året"))
    )
    return RcYearPage(
        rc_id=rc.id,
        name=rc.name,
        year=chosen,
        years=years,
        is_over=chosen < years[0],
        figures=(
            Figure(say.number(own.national), say.text("Nationella träffar som ni tackade ja till")),
            Figure(say.number(own.circle), say.text("Träffar som era kretsar har haft")),
            Figure(say.number(len(own.met)), say.text("Andra RC som ni har träffat")),
            Figure(
                say.number(own.hours, 1),
                say.text("Timmars resa för en person, tur och retur från dörr till dörr"),
            ),
            wished,
        ),
        met=tuple(sorted((names[one] for one in own.met), key=swedish_order)),
        is_example=found.is_example,
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
            say.text("Lärt av varandra"),
            (say.text("Frågan"),),
            tuple((one,) for one in page.learnt),
            page.is_example,
        ),
    ]


def _year(wanted: int | None, years: Sequence[int]) -> int:
    if wanted is None:
        return years[0]
    insist(wanted in years)
    return wanted


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
            ),
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


def _asked(session: Session, viewer: Viewer, say: Speaker) -> tuple[Figure, ...]:
    usual = questions.usual_time_of(session, viewer)
    if usual is None:
        return ()
    days = usual.total_seconds() / 86400
    return (
        Figure(
            say.number(days, 1),
            say.text(
                "Dagar till första svaret för hälften av frågorna till alla RC och NCH, alla år"
            ),
        ),
    )


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
    lines = []
    for name, is_in in parts:
        inside = [one for one in rcs if is_in(one)]
        values = ("",) * len(COLUMNS)
        if len(inside) >= FEWEST:
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
                names=", ".join(found.towns_unknown),
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
