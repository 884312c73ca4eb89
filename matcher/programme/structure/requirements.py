"""What a planner has set by hand and a programme may fail on: topics that must run, pins, orders, windows."""

from dataclasses import dataclass
from typing import Literal

RequirementKind = Literal["must_run", "pinned", "comes_after", "window", "frame"]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement; as text it is the sentence that `samkrets programme` prints.

    `subjects` are, by kind: `must_run` session; `pinned` session, slot, room ("" = any);
    `comes_after` session, the one before it; `window` role, slots in a row; `frame` none: the
    sessions that have to run clash with their hosts and rooms whatever else is given up.
    """

    kind: RequirementKind
    subjects: tuple[str, ...]

    def __str__(self) -> str:
        """Return the requirement as a sentence without a full stop."""
        match self.kind, self.subjects:
            case "must_run", (session,):
                return f"{session} must run"
            case "pinned", (session, *places):
                return f"{session} is pinned to {' in '.join(place for place in places if place)}"
            case "comes_after", (session, needed):
                return f"{session} comes after {needed}"
            case "window", (role, slots):
                return f"the sessions for {role} fit {slots} slots in a row"
        return "the sessions that have to run, their hosts and the rooms"
