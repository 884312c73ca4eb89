"""Which years are being planned while their school breaks are not entered: a table that has gone stale."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session

from api.calendar.days import SchoolBreak
from api.proposals import queries
from api.proposals.models import ProposalKind

# From July on, planning is mostly of the year to come.
LAST_MONTH_OF_THIS_YEAR = 6


def usual_year(today: date) -> int:
    """Return the year that one plans at this time of the year."""
    return today.year + (today.month > LAST_MONTH_OF_THIS_YEAR)


def planned_years(session: Session, today: date) -> tuple[int, ...]:
    """Return the years that are planned now: the usual one, and those that there are proposals for."""
    proposed = {int(one.title) for one in queries.proposals(session, ProposalKind.YEAR)}
    return tuple(sorted({year for year in proposed if year >= today.year} | {usual_year(today)}))


def has_breaks(year: int, breaks: Iterable[SchoolBreak]) -> bool:
    """Whether any school break of a year is entered; the Christmas break is of the year it begins in."""
    return any(one.first.year == year for one in breaks)


def years_without_breaks(
    session: Session, breaks: Iterable[SchoolBreak], today: date
) -> tuple[int, ...]:
    """Return the years being planned of which no school break is entered."""
    known = tuple(breaks)
    return tuple(year for year in planned_years(session, today) if not has_breaks(year, known))
