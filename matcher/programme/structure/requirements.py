"""What a planner has set by hand and a programme may fail on: topics that must run, pins, orders, windows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

RequirementKind = Literal[
    "must_run",
    "pinned",
    "comes_after",
    "window",
    "frame",
    "host_away",
    "one_host",
    "closed",
    "too_long",
    "no_room",
]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement; as text it is the sentence that `samkrets programme` prints.

    `subjects` are, by kind: `must_run` session; `pinned` session, slot, room ("" = any);
    `comes_after` session, the one before it; `window` role, slots in a row; `frame` none: the
    sessions that have to run clash with their hosts and rooms whatever else is given up.

    The others are facts, without any one of which the rest could hold: `host_away` host, session;
    `one_host` host, the sessions; `closed` session (slots that it excludes, or its embargo);
    `too_long` session, slots in a row; `no_room` session.
    """

    kind: RequirementKind
    subjects: tuple[str, ...]

    def __str__(self) -> str:
        """Return the requirement as a sentence without a full stop."""
        first, *others = self.subjects or ("",)
        places = " in ".join(place for place in others if place)
        return _SENTENCES[self.kind].format(first, rest=", ".join(others), places=places)


_SENTENCES: Mapping[RequirementKind, str] = {
    "must_run": "{0} must run",
    "pinned": "{0} is pinned to {places}",
    "comes_after": "{0} comes after {rest}",
    "window": "the sessions for {0} fit {rest} slots in a row",
    "frame": "the sessions that have to run, their hosts and the rooms",
    "host_away": "{0}, who leads {rest}, is not here then",
    "one_host": "{0} leads {rest}, one at a time",
    "closed": "{0} excludes the slots that are left for it",
    "too_long": "{0} fills {rest} slots in a row of one day without a break",
    "no_room": "no room that is free then has what {0} needs",
}
