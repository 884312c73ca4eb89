"""The one door to min-cost flow: people choose among sessions with limited seats, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Bonus:
    """Paid once when at least one of these groups has somebody in this session."""

    session: int
    groups: tuple[int, ...]
    value: int


def choose(
    values: NDArray[np.int64],
    counts: NDArray[np.int64],
    seats: NDArray[np.int64],
    bonuses: Sequence[Bonus] = (),
) -> NDArray[np.int64]:
    """Send each person to one session or none, so that the total value is as large as can be.

    Args:
        values: groups x sessions, what one person of the group gains; at most 0 = never sent there,
            unless a bonus asks for it.
        counts: people in each group.
        seats: free seats in each session.
        bonuses: extra values for the first one there; a group stands in one bonus per session.

    Returns:
        Groups x sessions: how many people of the group are sent there; the optimum is integral.
    """
    groups, sessions = values.shape
    network = _Network(groups, sessions)
    covered = {(group, bonus.session): bonus for bonus in bonuses for group in bonus.groups}
    for group in range(groups):
        network.feed(group, int(counts[group]))
    for session in range(sessions):
        network.drain(session, int(seats[session]))
    for group, session in np.argwhere(values > 0).tolist():
        if (group, session) not in covered:
            network.send(group, session, int(counts[group]), int(values[group, session]))
    for bonus in bonuses:
        door = network.open_door(bonus, int(counts[list(bonus.groups)].sum()))
        for group in bonus.groups:
            gain = int(max(values[group, bonus.session], 0))
            network.send_through(door, group, bonus.session, int(counts[group]), gain)
    return network.solve()


class _Network:
    """Groups on the left, sessions on the right, a door per bonus between them."""

    def __init__(self, groups: int, sessions: int) -> None:
        from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - the solver is loaded by whoever solves

        self._flow = min_cost_flow.SimpleMinCostFlow()
        self._shape = (groups, sessions)
        self._source, self._sink = groups + sessions, groups + sessions + 1
        self._next_node = groups + sessions + 2
        self._sends: list[tuple[int, int, int]] = []
        self._people = 0

    def feed(self, group: int, count: int) -> None:
        self._flow.add_arc_with_capacity_and_unit_cost(self._source, group, count, 0)
        self._flow.add_arc_with_capacity_and_unit_cost(group, self._sink, count, 0)
        self._people += count

    def drain(self, session: int, seats: int) -> None:
        node = self._shape[0] + session
        self._flow.add_arc_with_capacity_and_unit_cost(node, self._sink, max(seats, 0), 0)

    def send(self, group: int, session: int, count: int, gain: int) -> None:
        self._arc(group, self._shape[0] + session, session, count, gain)

    def open_door(self, bonus: Bonus, count: int) -> int:
        door, self._next_node = self._next_node, self._next_node + 1
        node = self._shape[0] + bonus.session
        self._flow.add_arc_with_capacity_and_unit_cost(door, node, 1, -bonus.value)
        self._flow.add_arc_with_capacity_and_unit_cost(door, node, count, 0)
        return door

    def send_through(self, door: int, group: int, session: int, count: int, gain: int) -> None:
        self._arc(group, door, session, count, gain)

    def solve(self) -> NDArray[np.int64]:
        self._flow.set_node_supply(self._source, self._people)
        self._flow.set_node_supply(self._sink, -self._people)
        status = self._flow.solve()
        if status != self._flow.OPTIMAL:
            raise AssertionError(f"a flow that is always possible ended with status {status}")
        sent = np.zeros(self._shape, dtype=np.int64)
        for arc, group, session in self._sends:
            sent[group, session] += self._flow.flow(arc)
        return sent

    def _arc(self, group: int, node: int, session: int, count: int, gain: int) -> None:
        arc = self._flow.add_arc_with_capacity_and_unit_cost(group, node, count, -gain)
        self._sends.append((arc, group, session))
