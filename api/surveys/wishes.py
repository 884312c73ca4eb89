"""From answers to a meeting: topics, and what each function of each RC wishes for; pure and traceable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.surveys.demand import OPERATIONAL, PRE_OPERATIONAL, Demand
from api.surveys.questions import TOP_WEIGHT, Answer, CaseRound, Fit, Focus, Form, Hosting
from api.surveys.texts import ThemeTexts

MUST_WEIGHT = (
    2.0 * TOP_WEIGHT
)  # what must not be missed outweighs any two ordinary wishes' difference
OTHER_ROLE = 0.5  # share of the RC's weight for a function that the theme is not aimed at
FALLBACK_FUNCTION = "operative_coordinator"  # DOMAIN: mostly the RC's one full-time post


@dataclass(frozen=True, slots=True)
class ThemeText:
    """What the bank says of a theme."""

    id: str
    name_sv: str
    name_en: str
    category: str
    roles: tuple[str, ...]
    texts: ThemeTexts | None = None  # None for an own theme of which nothing is written yet

    @property
    def format(self) -> str:
        """The format that suits it best."""
        return self.texts.format if self.texts else "talk"


@dataclass(frozen=True, slots=True)
class TopicWish:
    """A theme that at least one RC asks for: a session to be."""

    theme: ThemeText
    track: Focus
    asking: int
    weight: int
    must: int
    offered_by: tuple[str, ...]  # RC that could lead it
    starting: int = 0  # of those asking, RC that are not in operation yet
    operating: int = 0


@dataclass(frozen=True, slots=True)
class PersonWish:
    """One function of one RC that will come: a person of the programme problem."""

    id: str  # "rc_id:function", the same from survey to agenda
    rc_id: str
    function: str
    has_deputy: bool
    weights: Mapping[str, float]  # theme id -> weight >= 0
    must: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """Why a person has a wish: the RC's own answer and what the function made of it."""

    person_id: str
    theme_id: str
    rc_id: str
    stated: int  # 0-3 in the answer; 0 when only `must` was said
    is_must: bool
    share: float  # 1 when the theme is aimed at the function, else `OTHER_ROLE`
    weight: float


@dataclass(frozen=True, slots=True)
class Wishes:
    """Everything that a meeting's programme and dates need from a survey."""

    survey_id: str
    demand: Demand
    focus: Focus | None
    topics: tuple[TopicWish, ...]  # most wanted first
    people: tuple[PersonWish, ...]
    trace: tuple[Trace, ...]
    case_rounds: Mapping[str, CaseRound]  # by RC
    form: Mapping[str, Form]
    availability: Mapping[str, Mapping[str, Fit]]  # RC -> ISO day -> fit
    hosting: Mapping[str, Hosting]


def build(
    survey_id: str, demand: Demand, themes: Sequence[ThemeText], answers: Mapping[str, Answer]
) -> Wishes:
    """Turn answers into wishes: an RC's weight goes to each function that comes, by the theme's roles."""
    given = {rc: answers[rc] for rc in demand.rate.answered}
    texts = {theme.id: theme for theme in themes}
    people: list[PersonWish] = []
    trace: list[Trace] = []
    for rc, answer in given.items():
        for function in answer.functions or (FALLBACK_FUNCTION,):
            made = _traces(rc, function, answer, texts)
            trace.extend(made)
            weights = {one.theme_id: one.weight for one in made}
            identity = person_id(rc, function)
            people.append(
                PersonWish(identity, rc, function, answer.has_deputy, weights, answer.must)
            )
    topics = tuple(
        TopicWish(
            theme=texts[theme.theme_id],
            track=theme.track,
            asking=theme.asking,
            weight=theme.weight,
            must=theme.must,
            offered_by=tuple(rc for rc, a in given.items() if theme.theme_id in a.offers),
            starting=sum(theme.by_phase.get(phase, 0) for phase in PRE_OPERATIONAL),
            operating=sum(theme.by_phase.get(phase, 0) for phase in OPERATIONAL),
        )
        for theme in demand.themes
        if theme.asking or theme.must
    )
    return Wishes(
        survey_id=survey_id,
        demand=demand,
        focus=demand.focus.focus if demand.focus else None,
        topics=topics,
        people=tuple(people),
        trace=tuple(trace),
        case_rounds={rc: answer.cases for rc, answer in given.items()},
        form={rc: answer.form for rc, answer in given.items()},
        availability={rc: answer.days for rc, answer in given.items()},
        hosting={rc: answer.hosting for rc, answer in given.items()},
    )


def _stated(theme: ThemeText, answer: Answer) -> int:
    """Return the weight that an RC gives a theme; its answer on case rounds decides about those."""
    weight = answer.weights.get(theme.id, 0)
    if theme.format != "case_round":
        return weight
    return 0 if answer.cases is CaseRound.NO else max(weight, 1)


def person_id(rc_id: str, function: str) -> str:
    """Return the key of a function that comes for an RC."""
    return f"{rc_id}:{function}"


def _traces(rc: str, function: str, answer: Answer, texts: Mapping[str, ThemeText]) -> list[Trace]:
    traces = []
    for theme in texts.values():
        stated, is_must = _stated(theme, answer), answer.must == theme.id
        if not stated and not is_must:
            continue
        share = 1.0 if {"all", function} & set(theme.roles) else OTHER_ROLE
        weight = share * (MUST_WEIGHT if is_must else stated)
        traces.append(Trace(person_id(rc, function), theme.id, rc, stated, is_must, share, weight))
    return traces
