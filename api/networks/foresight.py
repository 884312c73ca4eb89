"""What a round would do to today's networks: which live on, which end, and who meets and parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from api.networks import queries
from api.networks.models import Layer, Network
from api.networks.naming import Name

# Two members who stay together carry the network's identity, its feed and its history on.
KEPT_MEMBERS = 2


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a round to publish: its layer, members, evidence and farthest pair.

    farthest_km: as the crow flies; farthest_hours: from door to door. name: what it is to be called.
    """

    layer: Layer
    rc_ids: tuple[str, ...]
    evidence: dict[str, object]
    farthest_km: float | None
    farthest_hours: float | None = None
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Succession:
    """Per group of a round the network that it takes over, None where it is new; and those that end."""

    heirs: tuple[Network | None, ...]
    ended: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An RC whose company in a layer changes: whom it comes to meet, and from whom it parts."""

    layer: Layer
    rc_id: str
    met: tuple[str, ...]
    parted: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return what is kept of it with the round."""
        return {
            "layer": self.layer.value,
            "rc": self.rc_id,
            "met": list(self.met),
            "parted": list(self.parted),
        }

    def after(self, earlier: "Change") -> "Change":
        """Return what this change and an earlier one come to together."""
        met = (set(earlier.met) - set(self.parted)) | (set(self.met) - set(earlier.parted))
        parted = (set(earlier.parted) - set(self.met)) | (set(self.parted) - set(earlier.met))
        return Change(self.layer, self.rc_id, tuple(sorted(met)), tuple(sorted(parted)))


def read_change(found: dict[str, Any]) -> Change:
    """Return a change as `Change.to_json` wrote it."""
    return Change(Layer(found["layer"]), found["rc"], tuple(found["met"]), tuple(found["parted"]))


def succession(session: Session, groups: Sequence[Group]) -> Succession:
    """Return which networks live on: a group takes over the one it shares most members with."""
    networks = queries.active_networks(session)
    members = queries.members(session, [network.id for network in networks])
    free = {network.id: network for network in networks}
    heirs: list[Network | None] = []
    for group in groups:
        shared = {
            network_id: len({member.rc_id for member in members[network_id]} & set(group.rc_ids))
            for network_id, network in free.items()
            if network.layer == group.layer
        }
        best = max(shared, key=lambda network_id: (shared[network_id], network_id), default=None)
        lives_on = best is not None and shared[best] >= KEPT_MEMBERS
        heirs.append(free.pop(best) if best is not None and lives_on else None)
    return Succession(tuple(heirs), tuple(free.values()))


def changes(session: Session, groups: Sequence[Group]) -> list[Change]:
    """Return every RC that gets other company, by layer."""
    networks = queries.active_networks(session)
    members = queries.members(session, [network.id for network in networks])
    before = {
        (network.layer.value, member.rc_id): {other.rc_id for other in members[network.id]}
        for network in networks
        for member in members[network.id]
    }
    after = {
        (group.layer.value, rc_id): set(group.rc_ids) for group in groups for rc_id in group.rc_ids
    }
    found = []
    for layer, rc_id in sorted(before.keys() | after.keys()):
        old, new = before.get((layer, rc_id), set()), after.get((layer, rc_id), set())
        if old != new:
            met, parted = sorted(new - old - {rc_id}), sorted(old - new - {rc_id})
            found.append(Change(Layer(layer), rc_id, tuple(met), tuple(parted)))
    return found
