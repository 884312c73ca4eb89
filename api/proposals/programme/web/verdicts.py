"""What each place would mean for a session that a planner has picked up: free, at a cost, or a clash, in words."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from api.kit.errors import ConflictError, MissingError
from api.kit.i18n import Speaker
from api.programme.content import ProgrammePlan, SlotPlan, is_own_time
from api.proposals.models import Proposal
from api.proposals.programme.engine import in_use
from api.proposals.programme.moving import moment_of
from api.proposals.programme.problem import time_at, with_own_times
from api.proposals.programme.publishing import plan_with
from api.proposals.programme.store import PROGRAMME
from api.proposals.programme.web.grid import NOT_RUN, Marks, days_of
from api.proposals.programme.web.names import Names
from api.proposals.programme.words import broken_in_words
from matcher.programme.problem import Problem, Timetable, wished_weight
from matcher.programme.repair.verdicts import Full, Place, Verdict, verdicts

MOST_OFFERED = 3
Kind = Literal["free", "costs", "clash"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One place: `value` is what the form sends, `text` what is said before the session is let go.

    what: the same without the place, for where the place itself says which it is.
    """

    value: str
    kind: Kind
    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Picked:
    """A session that is picked up: every place judged, and the best of those without a clash.

    asked: a moment and room that was asked about besides.
    """

    key: str
    title: str
    version: int
    places: tuple[Judged, ...]
    best: tuple[Judged, ...]
    asked: Judged | None = None


def picked(session: Session, proposal: Proposal, key: str, say: Speaker, asked: str = "") -> Picked:
    """Judge every place of the grid for a session of a draft, and the one that is asked about besides.

    Raises:
        MissingError: when the draft has no such session.
    """
    judge = _Judging.of_draft(session, proposal, key, say)
    judged = judge.of(judge.places())
    in_order = sorted(judged, key=lambda value: judged[value][0])
    best = tuple(judged[value][1] for value in in_order if _is_offered(judged[value][1]))
    return Picked(
        key=key,
        title=judge.names[key],
        version=proposal.version,
        places=tuple(one for _, one in judged.values()),
        best=best[:MOST_OFFERED],
        asked=judge.one(asked) if asked else None,
    )


def asked_about(
    session: Session, proposal: Proposal, key: str, say: Speaker, place: str
) -> Judged | None:
    """Judge one moment and room (`2026-03-10T10:25|room1`); None where the session stands there.

    Raises:
        MissingError: when the draft has no such session.
    """
    return _Judging.of_draft(session, proposal, key, say).one(place)


def _is_offered(one: Judged) -> bool:
    return one.kind != "clash" and one.value != NOT_RUN


class _Judging:
    """A session of a draft while its places are judged."""

    def __init__(
        self, problem: Problem, timetable: Timetable, plan: ProgrammePlan, key: str, names: Names
    ) -> None:
        self.problem, self.timetable, self.plan = problem, timetable, plan
        self.key, self.names, self.say = key, names, names.say
        self.wished = wished_weight(problem)

    @classmethod
    def of_draft(cls, session: Session, proposal: Proposal, key: str, say: Speaker) -> "_Judging":
        """Return a session of a draft, to be judged."""
        problem, timetable = PROGRAMME.problem_of(proposal), PROGRAMME.answer_of(proposal).timetable
        if key not in {one.id for one in problem.sessions}:
            raise MissingError
        plan = plan_with(session, proposal, timetable, {})
        names = Names.of(session, proposal, plan, say)
        return cls(in_use(problem, timetable.runs), timetable, plan, key, names)

    def places(self) -> list[str]:
        """Return the places of the grid, as a form sends them."""
        lasts = {one.id: one.duration for one in self.problem.sessions}
        days = days_of(self.plan, self.names, Marks((), (), lasts, {}, {}), self.say)
        return [cell.place for day in days for row in day.rows for cell in row.cells]

    def one(self, value: str) -> Judged | None:
        """Judge one place; None where the session stands."""
        found = self.of([value]).get(value)
        return found[1] if found else None

    def of(self, values: Iterable[str]) -> dict[str, tuple[tuple[float, ...], Judged]]:
        """Return each place that a form may send, with its rank among the others and what is said of it.

        Where the session stands is not judged.
        """
        found: dict[str, tuple[tuple[float, ...], Judged]] = {}
        places: dict[Place, str] = {None: NOT_RUN}
        own: dict[str, SlotPlan] = {}
        for value in values:
            slot, _, room = value.partition("|")
            moment = moment_of(slot)
            if moment is not None:
                try:
                    time = time_at(self.plan, self.timetable.runs, self.key, room, moment)
                except ConflictError as error:
                    where = f"{self.names.time(moment)}, {self.names.get(room, room)}"
                    text = self.say.text(error.message)
                    judged = Judged(value, "clash", f"{where}: {text}", text)
                    found[value] = ((math.inf,), judged)
                    continue
                self.names.add_time(time)
                own[time.key], slot = time, time.key
            places[slot, room] = value
        problem, _ = with_own_times(
            self.problem, self.plan, {self.key: [x for x in own.values() if is_own_time(x.key)]}
        )
        asked = [place for place in places if place is not None]
        for place, one in verdicts(problem, self.timetable, self.key, asked).items():
            found[places[place]] = (one.key, self._judged(places[place], place, one))
        return found

    def _judged(self, value: str, place: Place, one: Verdict) -> Judged:
        say, names = self.say, self.names
        where = names.place(*place) if place else say.text("Utan plats")
        if one.is_clash:
            broken = broken_in_words(say, one.broken[0], names.in_sentences)
            return Judged(value, "clash", f"{where}: {broken}", broken)
        share = round(100 * one.weight / self.wished, 1) if self.wished else 0.0
        said = []
        if one.swaps:
            said.append(say.text("byter plats med %(title)s", title=names.titles[one.swaps]))
        if one.musts > 0:
            said.append(say.text("%(num)s missar det som inte får missas", num=one.musts))
        said += [self._full(full) for full in one.full]
        if share:
            said.append(say.text("önskemål %(change)s %%", change=with_sign(share, say)))
        is_worse = one.musts > 0 or share < 0 or bool(one.full)
        what = ", ".join(said) or say.text("ingen förlorar på det")
        return Judged(value, "costs" if is_worse else "free", f"{where}: {what}", what)

    def _full(self, one: Full) -> str:
        figures = {"wanting": one.wanting, "seats": one.seats, "left": one.wanting - one.seats}
        if one.session == self.key:
            return self.say.text(
                "%(wanting)s vill, %(seats)s platser: %(left)s får inte plats", **figures
            )
        return self.say.text(
            "%(title)s: %(wanting)s vill, %(seats)s platser, %(left)s får inte plats",
            title=self.names.titles[one.session],
            **figures,
        )


def with_sign(percent: float, say: Speaker) -> str:
    """Write a change with its sign."""
    sign = "+" if percent > 0 else "\N{MINUS SIGN}" if percent < 0 else "±"
    return f"{sign}{say.number(abs(percent), 1)}"
