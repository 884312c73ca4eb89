"""The answer as it is kept: who sits at which table in each round, how good that is, and what was made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import ConfigDict

from api.proposals.documents import AS_STORED
from matcher.proof import Status

Rounds = tuple[tuple[tuple[str, ...], ...], ...]
"""Rounds of tables of RC ids."""


@dataclass(frozen=True, slots=True)
class RoundsAnswer:
    """What is kept.

    `made` are the meetings that it has made, one a table: id, round and table, from 1; `without` the RC
    from which nobody was invited.
    """

    __pydantic_config__: ClassVar[ConfigDict] = AS_STORED

    rounds: Rounds
    objective: float
    status: Status
    lower_bound: float
    gap: float
    seconds: float = 0.0
    trail: tuple[tuple[float, float | None, float | None], ...] = ()
    past: tuple[()] = ()  # nothing of it is changed by hand
    made: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
