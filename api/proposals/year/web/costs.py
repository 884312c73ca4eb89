"""What a year costs those who come, in words: full weeks and months, school weeks, and who cannot come."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlmodel import Session

from api.kit.i18n import Speaker, later, swedish_order
from api.proposals.year.people import attending
from api.registry import queries as registry
from matcher.dates.year.problem import Calendar, Meeting, YearProblem
from matcher.dates.year.rules import (
    Excess,
    absences,
    crowds,
    in_school_weeks,
    moved,
    overloads,
    uneven,
)

Names = Mapping[str, tuple[str, str]]

CROWDED = later("Vecka %(week)s träffas %(who)s två gånger: %(what)s. %(why)s")
CROWDED_MORE = later("Vecka %(week)s träffas %(who)s %(number)s gånger: %(what)s. %(why)s")
CROWDED_OTHER = later(
    "Vecka %(week)s har %(who)s %(what)s, och redan något annat bokat i samma vecka. %(why)s"
)
OVERLOADED = later("I %(month)s blir det %(over)s timmar mer än %(most)s för %(who)s. %(why)s")
WHY_FIXED = later("Allt det var bokat sedan förut.")
WHY_PROVEN = later("Det går inte att undvika utan att någon missar en träff.")
WHY_FOUND = later("Någon bättre fördelning hittades inte på den tid som fanns.")
SCHOOL = later("%(what)s, %(day)s: skolorna brukar ha lov för %(who)s.")
SCHOOL_ALL = later("%(what)s, %(day)s: skolorna brukar ha lov i hela landet.")
AWAY = later("%(what)s, %(day)s: %(who)s är upptagna med annat.")
SPREAD = later(
    "I snitt ligger en träff %(mean)s dagar från en helt jämn spridning över året, som mest %(most)s."
)
EVEN = later("Träffarna ligger helt jämnt över året.")
KEPT = later("Ingen har mer än en träff i veckan eller %(most)s timmar i månaden.")


def cost_lines(
    session: Session,
    problem: YearProblem,
    calendar: Calendar,
    names: Names,
    gaps: Mapping[str, float] | None,
    say: Speaker,
) -> tuple[str, ...]:
    """Return every cost of a year in a sentence each; `gaps` per level are None after moves by hand."""
    who = _who(session)
    lines = []
    changed = moved(problem, calendar)
    if changed:
        lines.append(
            say.plural(
                "%(num)s träff har fått en ny dag.", "%(num)s träffar har fått nya dagar.", changed
            )
        )
    weeks, months = crowds(problem, calendar), overloads(problem, calendar)
    lines += _weeks(weeks, names, who, _why("crowded", gaps), say)
    lines += _months(months, who, problem.max_hours_per_month or 0.0, _why("overloaded", gaps), say)
    if not weeks and not months and problem.max_hours_per_month is not None:
        lines.append(say.text(KEPT, most=say.number(problem.max_hours_per_month)))
    lines += _days(absences(problem, calendar), calendar, names, who, AWAY, say)
    lines += _days(in_school_weeks(problem, calendar), calendar, names, who, SCHOOL, say)
    lines.append(_spread(problem, calendar, say))
    return tuple(lines)


def _who(session: Session) -> dict[str, str]:
    """Return what everybody is called in a sentence: their RC, or nothing at a county board."""
    rcs = registry.names(session)
    return {one.id: rcs.get(one.rc_id, "") for one in attending(session)}


def _why(level: str, gaps: Mapping[str, float] | None) -> str:
    is_proven = gaps is not None and all(
        gaps.get(name, 1.0) <= 0.0 for name in ("moved", "absent", level)
    )
    return WHY_PROVEN if is_proven else WHY_FOUND


def _weeks(
    found: Iterable[Excess], names: Names, who: Mapping[str, str], why: str, say: Speaker
) -> list[str]:
    grouped: dict[tuple[tuple[int, int], tuple[Meeting, ...], bool, int], set[str]] = {}
    for one in found:
        key = (one.period, one.meetings, one.fixed, one.extra)
        grouped.setdefault(key, set()).add(who.get(one.person, ""))
    lines = []
    for (period, meetings, is_fixed, _), people in sorted(
        grouped.items(), key=lambda kv: kv[0][:2]
    ):
        text = CROWDED_OTHER
        if len(meetings) > 1:
            text = CROWDED if len(meetings) == 2 else CROWDED_MORE
        lines.append(
            say.text(
                text,
                week=period[1],
                who=_named(people, say),
                number=len(meetings),
                what=say.listing([names[one.series][0] for one in meetings]),
                why=say.text(WHY_FIXED if is_fixed else why),
            )
        )
    return lines


def _months(
    found: Iterable[Excess], who: Mapping[str, str], most: float, why: str, say: Speaker
) -> list[str]:
    grouped: dict[tuple[tuple[int, int], bool, float], set[str]] = {}
    for one in found:
        over = max(1, round(2 * one.extra / 60)) / 2
        grouped.setdefault((one.period, one.fixed, over), set()).add(who.get(one.person, ""))
    return [
        say.text(
            OVERLOADED,
            month=say.month(period[1], whole=True),
            over=say.number(over, 1),
            most=say.number(most),
            who=_named(people, say),
            why=say.text(WHY_FIXED if is_fixed else why),
        )
        for (period, is_fixed, over), people in sorted(grouped.items(), key=lambda kv: kv[0])
    ]


def _days(
    found: Iterable[tuple[tuple[Meeting, str], int]],
    calendar: Calendar,
    names: Names,
    who: Mapping[str, str],
    text: str,
    say: Speaker,
) -> list[str]:
    grouped: dict[Meeting, set[str]] = {}
    for (meeting, person), _ in found:
        grouped.setdefault(meeting, set()).add(who.get(person, ""))
    everybody = {name for name in who.values() if name}
    lines = []
    for meeting, people in sorted(grouped.items(), key=lambda kv: (calendar[kv[0]], kv[0])):
        is_all = text is SCHOOL and everybody <= people
        day: date = calendar[meeting]
        lines.append(
            say.text(
                SCHOOL_ALL if is_all else text,
                what=names[meeting.series][0],
                day=say.date(day),
                who=_named(people, say),
            )
        )
    return lines


def _named(people: Iterable[str], say: Speaker) -> str:
    named = sorted({one for one in people if one}, key=swedish_order)
    return say.listing(named) if named else say.text(later("länsstyrelser"))


def _spread(problem: YearProblem, calendar: Calendar, say: Speaker) -> str:
    total = uneven(problem, calendar)
    away = [
        abs((calendar[one] - problem.wanted_day(one)).days)
        for one in problem.meetings
        if problem.carrier(one) == one
    ]
    if not total or not away:
        return say.text(EVEN)
    return say.text(SPREAD, mean=say.number(total / len(away), 1), most=say.number(max(away)))
