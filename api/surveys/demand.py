"""What the answers ask for, theme by theme over phases and models; pure, and silent below its floor."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from api.surveys.questions import Answer, Focus

RANK_FLOOR = 5  # answers; nothing is ranked on two (DOMAIN section 5, point 7)
START_UP_CATEGORIES = frozenset({"organisation", "anchoring", "finance"})

PHASES = ("planning", "needs_inventory", "start_up", "partly", "operative")
PRE_OPERATIONAL = frozenset(PHASES[:3])
OPERATIONAL = frozenset(PHASES[3:])


@dataclass(frozen=True, slots=True)
class Profile:
    """What the register says of an RC, as far as the figures are split by it."""

    phase: str  # establishment_status of the register; empty where it is unknown
    model: str = ""  # org_model_current; empty where there is none yet

    @property
    def band(self) -> str:
        """The register's two bands, `pre_operational` or `operational`; `other` while unknown."""
        if self.phase not in PHASES:
            return "other"
        return "pre_operational" if self.phase in PRE_OPERATIONAL else "operational"


@dataclass(frozen=True, slots=True)
class Topic:
    """A theme as the figures need it."""

    id: str
    category: str

    @property
    def track(self) -> Focus:
        """The track that it belongs to: start-up and organisation, or subject matters."""
        return Focus.START_UP if self.category in START_UP_CATEGORIES else Focus.SUBJECTS


@dataclass(frozen=True, slots=True)
class AnswerRate:
    """Who has answered: n of so many, and what is missing."""

    answered: tuple[str, ...]
    missing: tuple[str, ...]
    missing_phases: tuple[str, ...]  # phases of which no RC has answered

    @property
    def number(self) -> int:
        """How many RC have answered."""
        return len(self.answered)

    @property
    def asked(self) -> int:
        """How many RC were asked."""
        return len(self.answered) + len(self.missing)

    @property
    def is_ranked(self) -> bool:
        """True when there are answers enough to put themes in order."""
        return self.number >= RANK_FLOOR


@dataclass(frozen=True, slots=True)
class ThemeDemand:
    """One theme's figures; every number counts RC."""

    theme_id: str
    track: Focus
    asking: int  # gave it 1, 2 or 3
    weight: int  # sum of the weights
    must: int  # said that it must not be missed
    offering: int
    by_phase: Mapping[str, int]  # asking, by phase
    by_model: Mapping[str, int]  # asking, by model; "" where there is none yet

    def asking_in(self, phases: frozenset[str]) -> int:
        """How many RC of some phases ask for it."""
        return sum(number for phase, number in self.by_phase.items() if phase in phases)


@dataclass(frozen=True, slots=True)
class FocusProposal:
    """What the meeting should mainly be for, and the figures that say so."""

    focus: Focus
    said: Mapping[Focus, int]  # RC by their own word
    weight: Mapping[Focus, float]  # mean weight of a theme in the track, summed over RC


@dataclass(frozen=True, slots=True)
class Demand:
    """The whole result; in order of demand when ranked, else in the survey's own order."""

    rate: AnswerRate
    themes: tuple[ThemeDemand, ...]
    focus: FocusProposal | None  # None below the floor
    tracks: Mapping[Focus, tuple[str, ...]]  # theme ids, most wanted first; empty below the floor
    phases: Mapping[str, int] = field(default_factory=dict)  # how many have answered, by phase
    models: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_bands(self) -> bool:
        """Whether figures can be split into starting and operating: five answers or more in each.

        With fewer in one of them the other and the whole would tell what each of the few said.
        """
        starting = sum(number for phase, number in self.phases.items() if phase in PRE_OPERATIONAL)
        return min(starting, self.rate.number - starting) >= RANK_FLOOR

    @property
    def shown_models(self) -> tuple[str, ...]:
        """The models that have a column of their own: five answers or more, and five in the rest."""
        many = [one for one, number in self.models.items() if one and number >= RANK_FLOOR]
        while many and self.rate.number - sum(self.models[one] for one in many) < RANK_FLOOR:
            many.remove(min(many, key=lambda one: self.models[one]))
        return tuple(sorted(many))


def answer_rate(
    asked: Sequence[str], answered: Iterable[str], profiles: Mapping[str, Profile]
) -> AnswerRate:
    """Return who of those asked has answered, in their own order."""
    given = set(answered)
    have = tuple(rc for rc in asked if rc in given)
    lack = tuple(rc for rc in asked if rc not in given)

    def phases(rcs: Sequence[str]) -> set[str]:
        return {profiles[rc].phase for rc in rcs if rc in profiles}

    missing = phases(lack) - phases(have)
    return AnswerRate(have, lack, tuple(phase for phase in PHASES if phase in missing))


def demand(
    topics: Sequence[Topic],
    asked: Sequence[str],
    answers: Mapping[str, Answer],
    profiles: Mapping[str, Profile],
) -> Demand:
    """Count what the RC ask for; `answers` maps an RC to its answer.

    Themes are ordered by RC asking, then weight, then the survey's order, when at least
    `RANK_FLOOR` RC have answered. Below that nothing is ranked and no focus is proposed.
    """
    given = {rc: answers[rc] for rc in asked if rc in answers}
    rate = answer_rate(asked, given, profiles)
    themes = [_theme_demand(topic, given, profiles) for topic in topics]
    known = [profiles[rc] for rc in given if rc in profiles]
    phases, models = Counter(one.phase for one in known), Counter(one.model for one in known)
    if not rate.is_ranked:
        return Demand(rate, tuple(themes), None, {}, phases, models)
    themes.sort(key=lambda theme: (-theme.asking, -theme.weight))
    tracks = {
        track: tuple(t.theme_id for t in themes if t.track is track and t.asking)
        for track in (Focus.START_UP, Focus.SUBJECTS)
    }
    return Demand(rate, tuple(themes), _focus(themes, given.values()), tracks, phases, models)


def _theme_demand(
    topic: Topic, given: Mapping[str, Answer], profiles: Mapping[str, Profile]
) -> ThemeDemand:
    asking = [rc for rc, answer in given.items() if answer.weights.get(topic.id, 0)]
    known = [profiles[rc] for rc in asking if rc in profiles]
    return ThemeDemand(
        theme_id=topic.id,
        track=topic.track,
        asking=len(asking),
        weight=sum(given[rc].weights[topic.id] for rc in asking),
        must=sum(answer.must == topic.id for answer in given.values()),
        offering=sum(topic.id in answer.offers for answer in given.values()),
        by_phase=dict(Counter(profile.phase for profile in known)),
        by_model=dict(Counter(profile.model for profile in known)),
    )


def _focus(themes: Sequence[ThemeDemand], answers: Iterable[Answer]) -> FocusProposal:
    """A majority of the RC's own words and the heavier themes make a focus; else the meeting is both.

    Weights are compared per theme: a survey may list more themes of one track than of the other.
    """
    said = Counter(answer.focus for answer in answers)
    weight = {}
    for track in (Focus.START_UP, Focus.SUBJECTS):
        weights = [theme.weight for theme in themes if theme.track is track]
        weight[track] = sum(weights) / len(weights) if weights else 0.0
    total = said.total()
    focus = Focus.BOTH
    for track, other in ((Focus.START_UP, Focus.SUBJECTS), (Focus.SUBJECTS, Focus.START_UP)):
        if 2 * said[track] > total and weight[track] > weight[other]:
            focus = track
    return FocusProposal(focus, {kind: said[kind] for kind in Focus}, weight)
