"""What became of each wish: the session that an RC's own people are in, or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from api.programme.content import ProgrammePlan, SessionPlan
from api.proposals.programme.drafting import Frame, guest_themes
from api.surveys.wishes import Wishes

Fate = Literal["there", "held", "not_run"]


@dataclass(frozen=True, slots=True)
class WishFate:
    """A theme that an RC asked for.

    fate: somebody of the RC is `there`, it is `held` without them, or it does `not_run`. session is
    the one that runs, or the one that does not, with its reason; None where there was none at all.
    """

    rc_id: str
    theme_id: str
    is_must: bool
    fate: Fate
    session: SessionPlan | None


def fates(wishes: Wishes, plan: ProgrammePlan, frame: Frame) -> tuple[WishFate, ...]:
    """Return what becomes of every wish in a placed programme, by RC and with what mattered most first.

    A guest's subject is met by any session that a guest holds about it.
    """
    guests, sessions = guest_themes(frame), {one.key: one for one in plan.sessions}
    functions: dict[str, set[str]] = {}
    for delegate in frame.delegates:
        functions.setdefault(delegate.rc_id, set()).add(delegate.function_id)
    asked: dict[tuple[str, str], tuple[bool, float]] = {}
    for person in wishes.people:
        for theme, weight in person.weights.items():
            before = asked.get((person.rc_id, theme), (False, 0.0))
            is_must = before[0] or person.must == theme
            asked[person.rc_id, theme] = (is_must, max(weight, before[1]))
    found = [
        _fate(
            rc, theme, is_must, [sessions.get(key) for key in guests.get(theme, [theme])], functions
        )
        for (rc, theme), (is_must, weight) in sorted(
            asked.items(), key=lambda one: (one[0][0], not one[1][0], -one[1][1], one[0][1])
        )
        if weight > 0
    ]
    return tuple(found)


def _fate(
    rc: str,
    theme: str,
    is_must: bool,  # noqa: FBT001 - a fact of the wish
    held: list[SessionPlan | None],
    functions: Mapping[str, set[str]],
) -> WishFate:
    known = [one for one in held if one is not None]
    running = [one for one in known if one.slot is not None]
    mine = functions.get(rc, set())
    there = next((one for one in running if not mine.isdisjoint(one.function_ids)), None)
    if there is not None:
        return WishFate(rc, theme, is_must, "there", there)
    if running:
        return WishFate(rc, theme, is_must, "held", running[0])
    return WishFate(rc, theme, is_must, "not_run", known[0] if known else None)


def unmet(found: tuple[WishFate, ...]) -> dict[str, list[str]]:
    """Return RC -> the themes that it asked for and is not at: what the next survey begins with."""
    left: dict[str, list[str]] = {}
    for one in found:
        if one.fate != "there":
            left.setdefault(one.rc_id, []).append(one.theme_id)
    return left
