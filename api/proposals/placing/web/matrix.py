"""Who can on which day, at first sight: RC by day, what each says and whence that is known."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from api.calendar.school_weeks import AUTUMN, EASTER, SPRING, UsualBreak, closed_near
from api.kit.i18n import Speaker, later, swedish_order
from api.proposals.placing.service import Wish, answer_of, is_taken
from api.registry.models import Rc

SIGNS = {"yes": "✓", "maybe": "(✓)", "no": "✗", "silent": "?", "unasked": "?"}
NOT_KNOWN = ("silent", "unasked")
WORDS = {
    "yes": later("kan"),
    "maybe": later("kanske"),
    "no": later("kan inte"),
    "silent": later("har inte svarat (räknas som kan)"),
    "unasked": later("inte tillfrågad (räknas som kan)"),
}
SOURCES = {
    "planner": later("inskrivet av dig"),
    "calendar": later("har en annan träff"),
    "survey": later("svarade i enkäten"),
    "nobody": later("inget känt"),
}
BREAKS = {SPRING: later("sportlov"), EASTER: later("påsklov"), AUTUMN: later("höstlov")}
SCHOOL = later("%(name)s brukar vara den veckan för %(who)s")
SCHOOL_ALL = later("%(name)s brukar vara den veckan i hela landet")


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of an RC on a day: the answer's key, its sign and it in words, and the form's field."""

    kind: str
    sign: str
    words: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class DayHead:
    """A day with how many RC can, may, cannot and have said nothing, whether most can, and what to mind."""

    day: str
    can: int
    may: int
    cannot: int
    unknown: int
    is_best: bool
    mind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An RC and its cells, in the order of the days."""

    rc_id: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """RC by day."""

    days: tuple[DayHead, ...] = ()
    rows: tuple[Row, ...] = ()


def matrix_of(
    wish: Wish,
    rcs: Iterable[Rc],
    busy: Mapping[str, Collection[date]],
    usual: tuple[UsualBreak, ...],
    closed: Collection[date],
    say: Speaker,
) -> Matrix:
    """Return the matrix of a wish's days; a closed one, or one of which nothing is known, is never the best."""
    rows = [(rc, [_cell(wish, rc.id, day, busy, say) for day in wish.days]) for rc in rcs]
    counts = [
        {kind: sum(cells[n].kind == kind for _, cells in rows) for kind in SIGNS}
        for n in range(len(wish.days))
    ]
    unknown = [sum(count[kind] for kind in NOT_KNOWN) for count in counts]
    fit = [(count["yes"] + n, count["maybe"]) for count, n in zip(counts, unknown, strict=True)]
    is_open = [day not in closed for day in wish.days]
    best = max((one for one, free in zip(fit, is_open, strict=True) if free), default=(0, 0))
    return Matrix(
        tuple(
            DayHead(
                say.date(day),
                counts[n]["yes"],
                counts[n]["maybe"],
                counts[n]["no"],
                unknown[n],
                is_open[n] and unknown[n] < len(rows) and fit[n] == best > (0, 0),
                _mind(wish, day, [rc for rc, _ in rows], usual, say),
            )
            for n, day in enumerate(wish.days)
        ),
        tuple(Row(rc.id, rc.name, tuple(cells)) for rc, cells in rows),
    )


def _cell(
    wish: Wish, rc_id: str, day: date, busy: Mapping[str, Collection[date]], say: Speaker
) -> Cell:
    value = answer_of(wish, rc_id, day, busy)
    source = _source(wish, rc_id, day, busy)
    kind: str = value
    if source == "nobody":
        kind = "silent" if _is_asked(wish, rc_id, day) else "unasked"
    words = say.text(WORDS[kind])
    if source != "nobody":
        words = f"{words}, {say.text(SOURCES[source])}"
    return Cell(kind, SIGNS[kind], words, f"svar-{rc_id}@{day.isoformat()}", value)


def _is_asked(wish: Wish, rc_id: str, day: date) -> bool:
    """Whether the survey has asked this RC about this day."""
    if wish.asked is None or day not in wish.asked.days:
        return False
    return rc_id in wish.asked.silent or any(one == rc_id for one, _ in wish.asked.answers)


def _source(wish: Wish, rc_id: str, day: date, busy: Mapping[str, Collection[date]]) -> str:
    if (rc_id, day) in (wish.answers or {}):
        return "planner"
    if is_taken(wish, rc_id, day, busy):
        return "calendar"
    if wish.asked is not None and (rc_id, day) in wish.asked.answers:
        return "survey"
    return "nobody"


def _mind(
    wish: Wish, day: date, rcs: list[Rc], usual: tuple[UsualBreak, ...], say: Speaker
) -> tuple[str, ...]:
    """Say whose schools are usually closed on the days of a meeting."""
    days = {day + timedelta(days=n) for n in range(wish.length)}
    found = []
    for name in sorted({one.name for one in usual}):
        own = [one for one in usual if one.name == name]
        who = [rc.name for rc in rcs if days & closed_near(rc.county_code, own)]
        if who and len(who) == len(rcs):
            found.append(say.text(SCHOOL_ALL, name=say.text(BREAKS[name])))
        elif who:
            named = say.listing(sorted(who, key=swedish_order))
            found.append(say.text(SCHOOL, name=say.text(BREAKS[name]), who=named))
    return tuple(found)
