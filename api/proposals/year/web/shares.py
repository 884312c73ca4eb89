"""Who gets what of a year that is booked: each RC with its meetings, and its fullest month over everything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from api.kit.i18n import Speaker, later, swedish_order
from api.meetings.models import Meeting
from api.proposals.year.load import by_month, ledger
from api.registry import queries as registry


@dataclass(frozen=True, slots=True)
class Share:
    """What one RC, or the county boards, get: people, meetings, and the fullest month over all they have."""

    name: str
    people: int
    meetings: int
    most: str


def shares_of(
    session: Session, found: Iterable[Meeting], year: int, say: Speaker
) -> tuple[Share, ...]:
    """Return who gets what of these meetings, by name; those who get nothing are left out.

    The fullest month is the load ledger's: these meetings and everything else that is known.
    """
    new = {one.id for one in found}
    rcs = registry.names(session)
    whole: dict[str, list[tuple[set[str], Mapping[int, float]]]] = {}
    for one, mine in ledger(session, year).items():
        ids = {piece.meeting.id for piece in mine if piece.meeting is not None} & new
        if ids:
            name = rcs.get(one.rc_id) or say.text(later("länsstyrelser"))
            whole.setdefault(name, []).append((ids, by_month(mine)))
    return tuple(
        Share(
            name,
            sum(1 for _ in of),
            len(set().union(*(ids for ids, _ in of))),
            _fullest((months for _, months in of), say),
        )
        for name, of in sorted(whole.items(), key=lambda item: swedish_order(item[0]))
    )


def _fullest(of: Iterable[Mapping[int, float]], say: Speaker) -> str:
    """Return the fullest month of whoever has the fullest one."""
    hours, month = max((hours, -month) for months in of for month, hours in months.items())
    return say.text(
        later("%(month)s: cirka %(hours)s tim."),
        month=say.month(-month, whole=True),
        hours=say.number(hours),
    )
