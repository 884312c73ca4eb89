"""Who has met whom: in meetings of networks that took place, not in networks that were only published."""

from collections import Counter
from itertools import combinations

from sqlmodel import Session

from api.kit.clock import to_local
from api.meetings import queries
from api.networks import queries as networks
from api.networks.models import NetworkMember


def pairs_met(session: Session) -> Counter[frozenset[str]]:
    """Return how many meetings each pair of RC has had together, over all years.

    Counted are those that the network has said took place; of its members those of that day who had
    not declined their place.
    """
    members: dict[str, list[NetworkMember]] = {}
    for member in networks.memberships(session):
        members.setdefault(member.network_id, []).append(member)
    counts: Counter[frozenset[str]] = Counter()
    for meeting in queries.held_of_networks(session):
        day = to_local(meeting.starts_at).date()
        there = sorted(
            one.rc_id
            for one in members.get(meeting.network_id or "", ())
            if one.since <= day
            and (one.until is None or day < one.until)
            and (one.declined_at is None or one.declined_at > meeting.starts_at)
        )
        counts.update(frozenset(pair) for pair in combinations(there, 2))
    return counts
