"""Who leads what: each session one of those who can, each body one session, and a deputy for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matcher.flow import choose

# A session led outweighs every wish about who leads it; then who has it, who led least, who has time.
_LED = 1_000_000
_LEADS_NOTHING = 100_000  # a deputy who leads another session can hardly take over
_HAS_IT = 10_000
_LED_BEFORE = 100
_HAS_TIME = 10
_MOST_LED = 50  # times led before that are told apart


@dataclass(frozen=True, slots=True)
class Candidate:
    """A body that could lead a session."""

    session: str
    body: str
    has_it: bool = False  # known to have what the session is about, not only to offer it
    led_before: int = 0  # sessions led at earlier meetings
    has_time: bool = False  # somebody else of the body is there as well

    @property
    def value(self) -> int:
        """How gladly this body is asked to lead this session; always positive."""
        led = _LED_BEFORE * min(self.led_before, _MOST_LED)
        return _LED + _HAS_IT * self.has_it - led + _HAS_TIME * self.has_time


@dataclass(frozen=True, slots=True)
class Leading:
    """Who leads a session, who is its deputy leader, and who can be asked after them, best first."""

    leader: str
    deputy: str | None
    reserves: tuple[str, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """Whom to ask, in order."""
        return (self.leader, *((self.deputy,) if self.deputy else ()), *self.reserves)


def choose_leaders(candidates: Sequence[Candidate]) -> dict[str, Leading]:
    """Return who leads which session: as many led as can be, each body leading at most one.

    Among those the total of `Candidate.value` is as large as can be, by min-cost flow. Deputies are
    chosen the same way among the rest, each body deputy of at most one session, those before others
    who lead nothing themselves. A session that nobody is left for is not in the answer.
    """
    leaders = _assigned(candidates)
    rest = [one for one in candidates if leaders.get(one.session) not in (None, one.body)]
    busy = frozenset(leaders.values())
    deputies = _assigned(rest, busy)
    found = {}
    for session in leaders:
        named = {leaders[session], deputies.get(session)}
        mine = [one for one in rest if one.session == session and one.body not in named]
        mine.sort(key=lambda one: (one.body in busy, -one.value))
        reserves = tuple(one.body for one in mine)
        found[session] = Leading(leaders[session], deputies.get(session), reserves)
    return found


def _assigned(
    candidates: Sequence[Candidate], busy: frozenset[str] = frozenset()
) -> dict[str, str]:
    sessions = list(dict.fromkeys(one.session for one in candidates))
    bodies = list(dict.fromkeys(one.body for one in candidates))
    if not sessions:
        return {}
    values = np.zeros((len(bodies), len(sessions)), dtype=np.int64)
    for one in candidates:
        values[bodies.index(one.body), sessions.index(one.session)] = one.value + _LEADS_NOTHING * (
            one.body not in busy
        )
    ones = np.ones(len(bodies), dtype=np.int64)
    sent = choose(values, ones, np.ones(len(sessions), dtype=np.int64))
    return {sessions[session]: bodies[body] for body, session in np.argwhere(sent > 0).tolist()}
