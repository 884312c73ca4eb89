"""One A4 for a manager: why this circle, who is in it, how much time it takes and what is asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.front.network import NetworkPage
from api.kit.i18n import Speaker
from api.meetings import queries as meetings
from api.meetings.models import MeetingState


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The network's page, and the time that its meetings take."""

    network: NetworkPage
    time: str
    farthest: str


def sheet_of(session: Session, network: NetworkPage, say: Speaker, at: datetime) -> SheetPage:
    """Return what the sheet shows of a network's page."""
    coming = [
        one
        for one in meetings.meetings_of_network(session, network.id)
        if one.ends_at > at and one.state != MeetingState.CANCELLED
    ]
    spent = sum((one.ends_at - one.starts_at for one in coming), timedelta())
    hours = say.number(spent.total_seconds() / 3600, 1).removesuffix(",0").removesuffix(".0")
    time = say.plural(
        "Inplanerat: %(num)s träff, sammanlagt %(hours)s timmar utan restid.",
        "Inplanerat: %(num)s träffar, sammanlagt %(hours)s timmar utan restid.",
        len(coming),
        hours=hours,
    )
    longest = max(network.distances, key=lambda one: one.hours, default=None)
    farthest = ""
    if longest is not None and longest.travel:
        farthest = say.text(
            "Längst är resan mellan %(first)s och %(second)s: %(hours)s från dörr till dörr, %(band)s.",
            first=longest.first,
            second=longest.second,
            hours=longest.travel,
            band=longest.band,
        )
    return SheetPage(network, time if coming else "", farthest)
