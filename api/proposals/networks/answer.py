"""A matching's answer as it is kept: the networks, how good they are, and what was changed by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import ConfigDict

from api.networks.models import Layer
from api.proposals.documents import AS_STORED
from matcher.proof import Status

Circles = Mapping[Layer, tuple[tuple[str, ...], ...]]
"""Groups of RC ids by layer."""


@dataclass(frozen=True, slots=True)
class DoneMove:
    """A move by hand in the form's words: see `moving.Move`."""

    layer: Layer
    rc: str
    to: str


@dataclass(frozen=True, slots=True)
class Before:
    """What stood before a move by hand, and the move."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_STORED

    networks: Circles
    objective: float
    status: Status
    move: DoneMove
    is_moved: bool = False
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class NetworksAnswer:
    """What is kept; `trail` holds seconds, incumbent and lower bound of each step of the solver."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_STORED

    networks: Circles
    objective: float
    status: Status
    lower_bound: float
    gap: float
    bound_method: str = ""
    seconds: float = 0.0
    trail: tuple[tuple[float, float | None, float | None], ...] = ()
    is_moved: bool = False
    is_broken: bool = False
    past: tuple[Before, ...] = ()
    future: tuple[Before, ...] = ()  # moves that were taken back, the latest last


def undone(answer: NetworksAnswer) -> NetworksAnswer:
    """Return an answer as it was before its latest move by hand."""
    *past, before = answer.past
    future = (*answer.future, as_is(answer, before.move))
    return replace(_as_in(answer, before), past=tuple(past), future=future)


def redone(answer: NetworksAnswer) -> NetworksAnswer:
    """Return an answer as it was before its latest move was taken back."""
    *future, after = answer.future
    past = (*answer.past, as_is(answer, after.move))
    return replace(_as_in(answer, after), past=past, future=tuple(future))


def as_is(answer: NetworksAnswer, move: DoneMove) -> Before:
    """Return what an answer holds, and a move that leads from it or to it."""
    return Before(
        networks=answer.networks,
        objective=answer.objective,
        status=answer.status,
        move=move,
        is_moved=answer.is_moved,
        is_broken=answer.is_broken,
    )


def _as_in(answer: NetworksAnswer, other: Before) -> NetworksAnswer:
    return replace(
        answer,
        networks=other.networks,
        objective=other.objective,
        status=other.status,
        is_moved=other.is_moved,
        is_broken=other.is_broken,
    )
