"""What the page of a national meeting's date and place shows: the choice, the others, and why each lost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from api.accounts.models import FunctionKind
from api.calendar.school_weeks import UsualBreak
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, later, swedish_order
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.proposals.placing import service as placing
from api.proposals.placing.asked import Asked
from api.proposals.placing.service import Wish, key_of, towns
from api.proposals.placing.web.form import DAY_ROWS, PLACE_ROWS, QUORUM_KINDS, Typed
from api.proposals.placing.web.matrix import Matrix, matrix_of
from api.registry import queries as registry
from api.registry.facts import seat_of, unplaced
from api.registry.map_view import MapView, map_of
from api.registry.models import Rc
from api.travel.wording import BAND_SPANS, HOME_UNKNOWN, about, in_halves, stay
from matcher.dates.meeting.explain import Loss, losses
from matcher.dates.meeting.problem import Place
from matcher.dates.meeting.rank import Choice, Ranking
from matcher.dates.meeting.rules import farthest
from matcher.geo import Point
from matcher.travel import BANDS, MARGIN, band_of

MOST_SHOWN = 15
NO_MATRIX = Matrix()
USUAL_DAY = (time(9), time(16))

FORM_NAMES = {
    "in_person": later("på plats"),
    "hybrid": later("på plats och digitalt"),
    "digital": later("digitalt"),
}
KIND_NAMES = {
    FunctionKind.COORDINATOR: later("Minst så många samordnare"),
    FunctionKind.MANAGER: later("Minst så många chefer"),
    FunctionKind.CURATOR: later("Minst så många kuratorer"),
}
WHY_LOST = {
    "required": later(
        "%(this)s av dem som måste vara med saknas, %(above)s i alternativet ovanför."
    ),
    "attendance": later("%(this)s kan komma, %(above)s i alternativet ovanför."),
    "tentative": later(
        "Lika många kan säkert komma. Här kanske ytterligare %(this)s, i alternativet ovanför %(above)s."
    ),
    "form": later("Lika många kan komma, men det andra sättet att ses går före."),
    "worst_region": later(
        "Den längsta resan är ungefär %(this)s timmar, mot %(above)s i alternativet ovanför."
    ),
    "total_travel": later(
        "Alla reser ungefär %(this)s timmar tillsammans, mot %(above)s i alternativet ovanför."
    ),
    "worst_region_beside": later(
        "Den längsta resan är ungefär %(this)s timmar: mer än en tiondel längre än den kortaste av dem som räknas lika"
        " med alternativet ovanför."
    ),
    "total_travel_beside": later(
        "Alla reser ungefär %(this)s timmar tillsammans: mer än en tiondel längre än i det kortaste av de alternativ som räknas"
        " lika med det ovanför."
    ),
    "rotation": later(
        "Det RC som har rest mest genom åren kommer upp i ungefär %(this)s timmar. I alternativet ovanför är det %(above)s."
    ),
    "cost": later("Det kostar %(this)s kronor, mot %(above)s kronor i alternativet ovanför."),
}
WHY_REFUSED = {
    "open_day": later("helgdag, klämdag eller skollov"),
    "notice": later("för kort varsel"),
    "capacity": later("lokalen har för få platser"),
    "same_day": later("någon måste hemifrån före 06 eller är hemma efter 22"),
    "nobody": later("ingen kan komma någon av dagarna"),
    "not_again": later("samma RC skulle resa längst för tredje gången i rad"),
}
# Rules that a place breaks whatever the day is.
BY_PLACE = frozenset({"capacity", "same_day", "not_again"})
LONGEST_AGAIN = later("%(name)s skulle resa längst för tredje gången i rad")
SPARES_FREELY = later("Inget RC reser längst tre gånger i rad, och det kostar ingenting.")
SPARES_AT = later(
    "Inget RC reser längst tre gånger i rad. Det kostar alla tillsammans %(hours)s timmar, enkel väg:"
    " utan den regeln vore %(place)s %(day)s bäst."
)
SPARES_BY_FORM = later(
    "Inget RC reser längst tre gånger i rad. Priset är att ingen ses på plats: utan den regeln vore %(place)s %(day)s bäst."
)
SPARES_SHORTER = later(
    "Inget RC reser längst tre gånger i rad, utan längre resor tillsammans. Utan den regeln vore %(place)s %(day)s bäst."
)
CANNOT_SPARE = later(
    "Regeln att inget RC reser längst tre gånger i rad går inte att hålla med de här orterna. Alternativen nedanför bryter den."
)


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A choice with its figures in words; hours are estimated and rounded to halves."""

    key: str
    day: str
    where: str
    attending: str
    tentative: str
    worst: str
    mean: str
    p95: str
    longest: str
    total: str
    nights: str
    debt: str
    cost: str
    why: str
    place: str
    is_best_day: bool


@dataclass(frozen=True, slots=True)
class TravelRow:
    """An RC's journey to the town shown: number on the map, band, estimated hours one way, nights away.

    An RC whose town is not known stands there too, without a band.
    `years` is what it travels over the years that count, this meeting with it.
    """

    number: int
    name: str
    band: int | None
    band_name: str
    hours: str
    stay: str
    years: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The meeting that gets its day and place here; `texts` are its name and focus in both languages."""

    id: str
    name: str
    when: str
    version: int
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlacingPage:
    """The form as typed, and the ranking where there is one."""

    typed: Typed
    query: str
    day_rows: tuple[int, ...]
    place_rows: tuple[int, ...]
    towns: tuple[str, ...]
    rcs: tuple[tuple[str, str], ...]
    quorums: tuple[tuple[str, str], ...]
    defaults: Mapping[str, str]
    faults: tuple[FieldFault, ...] = ()
    conflict: tuple[str, ...] = ()
    choices: tuple[ChoiceRow, ...] = ()
    beside: tuple[ChoiceRow, ...] = ()  # every place and way of meeting on the best day
    more: int = 0
    refused: tuple[str, ...] = ()
    is_by_band: bool = False
    travel: tuple[TravelRow, ...] = ()
    unplaced: tuple[tuple[str, str], ...] = ()
    ahead: tuple[
        tuple[str, str, str], ...
    ] = ()  # what is booked already: path, name, when and where
    map: MapView | None = None
    bands: tuple[str, ...] = ()
    matrix: Matrix = NO_MATRIX
    shown_place: str = ""
    survey: str = ""  # whose answers count, in words
    rule: str = ""  # what sparing whoever travelled longest costs, or that it cannot be done
    decides: Decided | None = None


def page_of(  # noqa: PLR0913 - what one page is made of, each by its name
    session: Session,
    typed: Typed,
    query: str,
    say: Speaker,
    at: datetime,
    *,
    wish: Wish | None = None,
    ranking: Ranking | None = None,
    faults: tuple[FieldFault, ...] = (),
    conflict: tuple[str, ...] = (),
    usual: tuple[UsualBreak, ...] = (),
    rule: str = "",
    decides: Meeting | None = None,
) -> PlacingPage:
    """Return the page: the form alone, or with the ranking of the wish."""
    rcs = sorted(registry.rcs(session), key=lambda rc: swedish_order(rc.name))
    if ranking and not any(one.figures.attending for one in ranking.choices):
        ranking, conflict = None, ("nobody",)
    place = _place_shown(ranking, typed.one("ort"))
    travel = tuple(_journeys(wish, rcs, ranking, place, say)) if ranking and place else ()
    rows = (
        [
            _row(choice, why, ranking, rcs, say)
            for choice, why in zip(ranking.choices, losses(ranking), strict=True)
        ]
        if ranking
        else []
    )
    known = towns(session)
    matrix = NO_MATRIX
    if wish is not None and wish.days:
        closed = _closed(ranking) if ranking else frozenset()
        matrix = matrix_of(wish, rcs, placing.busy_days(session, at), usual, closed, say)
    return PlacingPage(
        typed=typed,
        query=query,
        day_rows=tuple(range(1, DAY_ROWS + 1)),
        place_rows=tuple(range(1, PLACE_ROWS + 1)),
        towns=tuple(sorted(known, key=swedish_order)),
        rcs=tuple((rc.id, rc.name) for rc in rcs),
        quorums=tuple((kind.value, say.text(KIND_NAMES[kind])) for kind in QUORUM_KINDS),
        defaults={"earlier": ", ".join(placing.earlier_towns(session, at))},
        faults=faults,
        conflict=tuple(say.text(_refusal(rule)) for rule in conflict),
        choices=tuple(rows[:MOST_SHOWN]),
        beside=tuple(row for row in rows if row.is_best_day),
        more=max(0, len(rows) - MOST_SHOWN),
        refused=_refused(ranking, _longest(wish, rcs, ranking, known), say) if ranking else (),
        is_by_band=ranking.compares_bands if ranking else False,
        travel=travel,
        unplaced=unplaced(rcs),
        ahead=_ahead(session, say, at),
        map=_map(rcs, travel, place.point) if place is not None else None,
        bands=tuple(say.text(BAND_SPANS[band]) for band in BANDS),
        matrix=matrix,
        shown_place=place.id if place is not None else "",
        survey=_survey(wish.asked if wish else None, say),
        rule=rule,
        decides=_decided(decides, say) if decides else None,
    )


def _decided(meeting: Meeting, say: Speaker) -> Decided:
    names = ("name_sv", "name_en", "focus_sv", "focus_en")
    return Decided(
        meeting.id,
        say.either(meeting.name_sv, meeting.name_en),
        say.span(meeting.starts_at, meeting.ends_at),
        meeting.version,
        {name: getattr(meeting, name) for name in names},
    )


def _ahead(session: Session, say: Speaker, at: datetime) -> tuple[tuple[str, str, str], ...]:
    """Return the national meetings that are booked already, earliest first."""
    return tuple(
        (
            f"/traffar/{one.id}",
            say.either(one.name_sv, one.name_en),
            ", ".join(part for part in (say.span(one.starts_at, one.ends_at), one.town) if part),
        )
        for one in reversed(meetings.national_meetings(session))
        if one.ends_at > at
    )


def rule_line(ranking: Ranking, free: Ranking | None, say: Speaker, *, held: bool) -> str:
    """Say what it costs that nobody travels longest a third time running, or that it cannot be kept."""
    if not held:
        return say.text(CANNOT_SPARE)
    refused = any(
        broken.rule == "not_again" for one in ranking.refused for broken in one.violations
    )
    if free is None or not refused:
        return ""
    ours, theirs = ranking.choices[0], free.choices[0]
    if key_of(ours) == key_of(theirs):
        return say.text(SPARES_FREELY)
    place = theirs.candidate.place
    more = round(ours.figures.total_hours - theirs.figures.total_hours, 1)
    line = SPARES_AT if more > 0.0 else SPARES_SHORTER
    if place is not None and ours.candidate.place is None:
        line = SPARES_BY_FORM
    return say.text(
        line,
        hours=say.number(max(0.0, more), 1),
        place=place.id if place is not None else say.text(FORM_NAMES[theirs.candidate.form]),
        day=say.date(date.fromisoformat(theirs.candidate.date.id)),
    )


def _survey(asked: Asked | None, say: Speaker) -> str:
    if asked is None:
        return ""
    return say.text(
        later("Svaren i ”%(title)s” räknas: %(answered)s av %(asked)s RC har svarat."),
        title=say.either(asked.title_sv, asked.title_en),
        answered=asked.answered,
        asked=asked.asked,
    )


def _place_shown(ranking: Ranking | None, wanted: str) -> Place | None:
    """Return the place whose map is shown: the one asked for, or the best choice's, or the best there is."""
    if ranking is None:
        return None
    places = [one.candidate.place for one in ranking.choices if one.candidate.place is not None]
    return next((one for one in places if one.id == wanted), places[0] if places else None)


def _row(
    choice: Choice, why: Loss | None, ranking: Ranking, rcs: list[Rc], say: Speaker
) -> ChoiceRow:
    of, candidate = choice.figures, choice.candidate
    names = {rc.id: rc.name for rc in rcs}
    form = say.text(FORM_NAMES[candidate.form])
    place = candidate.place
    worst = names.get(of.worst_region or "", "")
    return ChoiceRow(
        key=key_of(choice),
        day=say.date(date.fromisoformat(candidate.date.id)),
        where=f"{place.id}, {form}" if place is not None else form,
        attending=say.text(
            later("%(can)s av %(all)s"),
            can=say.number(of.attending),
            all=say.number(of.attending + of.tentative + of.absent),
        ),
        tentative=say.number(of.tentative),
        worst=f"{worst}: {about(of.worst_hours, say)}" if worst else "",
        mean=about(of.mean_hours, say) if of.in_person else "",
        p95=about(of.p95_hours, say) if of.in_person else "",
        longest=about(of.max_hours, say) if of.in_person else "",
        total=about(of.total_hours, say) if of.in_person else "",
        nights=say.number(of.nights) if of.in_person else "",
        debt=_debt(of.debt, names, say),
        cost=say.number(of.cost) if of.cost else "",
        why=_why(why, say),
        place=place.id if place is not None else "",
        is_best_day=candidate.date.id == ranking.choices[0].candidate.date.id,
    )


def _debt(debt: tuple[tuple[str, float], ...], names: Mapping[str, str], say: Speaker) -> str:
    """Name whoever will have travelled most over the years that count, and how long."""
    known = [(region, hours) for region, hours in debt if hours > 0.0]
    if not known:
        return ""
    region, hours = known[0]
    return f"{names.get(region, region)}: {about(hours, say)}"


def _why(why: Loss | None, say: Speaker) -> str:
    if why is None:
        return ""
    level = "total_travel" if why.level == "remaining_travel" else why.level
    if why.level == "remaining_travel" and why.this < why.above * (1 + MARGIN):
        return say.text(later("Lika lång resa sammanlagt, men skevare fördelad över åren."))
    if level in {"worst_region", "total_travel"} and why.this < why.above * (1 + MARGIN):
        level = f"{level}_beside"
    if level.startswith(("worst_region", "total_travel", "rotation")):
        this, above = (in_halves(value, say) for value in (why.this, why.above))
        if this == above:  # more than a tenth apart, and still the same half-hour
            this, above = (say.number(value, 1) for value in (why.this, why.above))
    else:
        this, above = (say.number(value) for value in (why.this, why.above))
    return say.text(WHY_LOST[level], this=this, above=above)


def _longest(wish: Wish | None, rcs: list[Rc], ranking: Ranking, known: Mapping[str, Point]) -> str:
    """Return the RC that travelled longest to the latest meeting, beyond the margin."""
    place = placing.point_of(known, wish.earlier[-1]) if wish and wish.earlier else None
    if place is None:
        return ""
    hours = {
        rc.name: ranking.travel.hours(Point(*seat), place) for rc in rcs if (seat := seat_of(rc))
    }
    return farthest(hours) or ""


def _closed(ranking: Ranking) -> frozenset[date]:
    """Return the days on which nobody should meet, wherever it is."""
    return frozenset(
        date.fromisoformat(one.candidate.date.id)
        for one in ranking.refused
        if any(broken.rule == "open_day" for broken in one.violations)
    )


def _refused(ranking: Ranking, longest: str, say: Speaker) -> tuple[str, ...]:
    """Say what no rule lets through: a place, whatever its day, or a day; `longest` is an RC's name."""
    found: Counter[tuple[str, str]] = Counter()
    for refusal in ranking.refused:
        for rule in {broken.rule for broken in refusal.violations}:
            place = refusal.candidate.place
            by_place = rule in BY_PLACE and place is not None
            subject = place.id if by_place and place is not None else refusal.candidate.date.id
            found[subject, rule] += 1
    lines = []
    for subject, rule in sorted(found):
        name = subject if rule in BY_PLACE else say.date(date.fromisoformat(subject))
        why = say.text(_refusal(rule))
        if rule == "not_again" and longest:
            why = say.text(LONGEST_AGAIN, name=longest)
        lines.append(f"{name}: {why}")
    return tuple(lines)


def _refusal(rule: str) -> str:
    return WHY_REFUSED.get(rule, later("inget val är möjligt"))


def _journeys(
    wish: Wish | None, rcs: list[Rc], of: Ranking, place: Place, say: Speaker
) -> list[TravelRow]:
    if place.point is None:
        return []
    starts, ends = _hours_of_day(wish)
    debt = _debts_at(of, place)
    rows = []
    for number, rc in enumerate(rcs, 1):
        seat, years = seat_of(rc), about(debt[rc.id], say) if rc.id in debt else ""
        if seat is None:
            rows.append(TravelRow(number, rc.name, None, "", say.text(HOME_UNKNOWN), "", ""))
            continue
        journey = of.travel.journey(Point(*seat), place.point)
        band = band_of(journey.hours)
        rows.append(
            TravelRow(
                number,
                rc.name,
                BANDS.index(band),
                say.text(BAND_SPANS[band]),
                about(journey.hours, say, journey.basis),
                stay(journey.hours, starts, ends, say, wish.length if wish else 1),
                years,
            )
        )
    return rows


def _debts_at(of: Ranking, place: Place) -> dict[str, float]:
    """Return everybody's hours over the years with a meeting in this place, where it is a choice."""
    for choice in of.choices:
        if choice.candidate.place == place:
            return dict(choice.figures.debt)
    return {}


def _hours_of_day(wish: Wish | None) -> tuple[float, float]:
    """Return when the first day begins and the last one ends, in hours of the day."""
    first, last = (wish.starts, wish.ends) if wish else USUAL_DAY
    return first.hour + first.minute / 60, last.hour + last.minute / 60


def _map(rcs: list[Rc], rows: tuple[TravelRow, ...], place: Point | None) -> MapView | None:
    if place is None:
        return None
    bands = {row.number: row.band for row in rows if row.band is not None}
    kinds = {rc.id: f"band-{bands[n]}" for n, rc in enumerate(rcs, 1) if n in bands}
    return map_of(rcs, kinds=kinds, spot=(place.lat, place.lon))
