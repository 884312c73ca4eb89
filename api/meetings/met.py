"""Who has met whom: in meetings of networks that took place, not in networks that were only published."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations

from sqlmodel import Session

from api.kit.clock import to_local
from api.meetings import queries
from api.meetings.models import Meeting
from api.networks import queries as networks
from api.networks.models import NetworkMember


def pairs_met(session: Session) -> Counter[frozenset[str]]:
    """Return how many meetings each pair of RC has had together, over all years.

    Counted are those that the network has said took place; of its members those of that day who had
    not declined their place.
    """
    members = networks.memberships(session)
    counts: Counter[frozenset[str]] = Counter()
    for meeting in queries.held_of_networks(session):
        there = sorted(members_at(meeting, members))
        counts.update(frozenset(pair) for pair in combinations(there, 2))
    return counts


def members_at(meeting: Meeting, members: Iterable[NetworkMember]) -> set[str]:
    """Return the RC that were in a meeting's network that day and had not declined their place."""
    day = to_local(meeting.starts_at).date()
    return {
        one.rc_id
        for one in members
        if one.network_id == meeting.network_id
        and one.since <= day
        and (one.until is None or day < one.until)
        and (one.declined_at is None or one.declined_at > meeting.starts_at)
    }
