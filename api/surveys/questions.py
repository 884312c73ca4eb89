"""The needs survey's questions and one RC's answer to them; each feeds an engine, none is free text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from api.kit.errors import FieldFault, FormError

MOST_THEMES = 15  # rows of the first question: more cannot be weighed in five minutes on a phone
MOST_DAYS = 6
MOST_OTHERS = 3  # themes asked for beside those that the survey lists
OTHER_WEIGHT = 2  # of 3: somebody looked for it
TOP_WEIGHT = 3


class Focus(StrEnum):
    """What a meeting is mainly for: RC are in different phases (DOMAIN M4)."""

    START_UP = "start_up"
    SUBJECTS = "subject_matters"
    BOTH = "both"


class CaseRound(StrEnum):
    """Anonymised cases in a small group; no case text is ever stored."""

    YES = "yes"
    LISTEN = "listen"
    NO = "no"


class Form(StrEnum):
    """How the RC can take part."""

    IN_PERSON = "in_person"
    DIGITAL = "digital"
    EITHER = "either"


class Fit(StrEnum):
    """How a day fits, in the words of the engine for dates."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class Hosting(StrEnum):
    """Whether the RC can host the meeting."""

    YES = "yes"
    HELP = "with_help"
    NO = "no"


class NetworkWish(StrEnum):
    """What the RC wants with its peer network; no reason is asked for."""

    KEEP = "keep"
    OTHER = "other"
    NONE = "none"


FUNCTIONS = ("operative_coordinator", "curator", "ls_project_leader", "manager")

QUESTIONS: Mapping[str, str] = {
    "weights": "programme: how much each session is wished for",
    "must": "programme: the session that must not clash",
    "offers": "programme: who can lead a session; matching: sought and offered",
    "focus": "programme: focus and tracks",
    "cases": "programme: places in case rounds",
    "form": "dates: form of the meeting",
    "days": "dates: availability",
    "functions": "programme: who the agendas are for; and whether a deputy comes instead",
    "hosting": "dates: places to choose from",
    "network": "matching: opt-outs and renewal",
}
"""The ten questions, in the page's order, and the engine that each one feeds."""


# The form's fields, but for a weight a theme and a fit a day.
FIELDS = (
    "must",
    "offers",
    "other",
    "focus",
    "cases",
    "form",
    "functions",
    "deputy",
    "hosting",
    "network",
)


def known_values(theme_ids: Iterable[str]) -> frozenset[str]:
    """Return every value that a field of the form can have; nothing else is kept of what is posted."""
    kinds = (Focus, CaseRound, Form, Fit, Hosting, NetworkWish)
    chosen = {one.value for kind in kinds for one in kind}
    return frozenset({"", "0", "1", "2", "3", "yes", *FUNCTIONS, *theme_ids, *chosen})


@dataclass(frozen=True, slots=True)
class Answer:
    """One RC's answer; themes and days are those of the survey."""

    weights: Mapping[str, int] = field(default_factory=dict)  # theme id -> 1, 2 or 3
    must: str | None = None
    offers: frozenset[str] = frozenset()
    focus: Focus = Focus.BOTH
    cases: CaseRound = CaseRound.NO
    form: Form = Form.EITHER
    days: Mapping[str, Fit] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    has_deputy: bool = False
    hosting: Hosting = Hosting.NO
    network: NetworkWish = NetworkWish.KEEP


Choice = TypeVar("Choice", bound=StrEnum)


def read_answer(
    form: Mapping[str, Sequence[str]],
    theme_ids: Sequence[str],
    days: Sequence[str],
    others: Sequence[str] = (),
) -> Answer:
    """Read the posted form: every field name with its values, as a browser sends it.

    `others` are themes of the bank that the survey does not list; a few of them may be asked for.

    Raises:
        FormError: with one fault a field, when a value is none that the page offered.
    """
    faults: list[FieldFault] = []

    def choice(name: str, kind: type[Choice], default: Choice) -> Choice:
        value = _last(form, name)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError:
            faults.append(FieldFault(name, "Välj ett av alternativen."))
            return default

    weights = _weights(form, theme_ids, faults) | _others(form, others, faults)
    must = _last(form, "must") or None
    if must is not None and must not in theme_ids:
        faults.append(FieldFault("must", "Välj ett av ämnena i listan."))
    fits = {day: choice(f"day-{day}", Fit, Fit.MAYBE) for day in days}
    answer = Answer(
        weights=weights,
        must=must,
        offers=frozenset(_among("offers", form, theme_ids, faults)),
        focus=choice("focus", Focus, Focus.BOTH),
        cases=choice("cases", CaseRound, CaseRound.NO),
        form=choice("form", Form, Form.EITHER),
        days=fits,
        functions=tuple(_among("functions", form, FUNCTIONS, faults)),
        has_deputy=_last(form, "deputy") == "yes",
        hosting=choice("hosting", Hosting, Hosting.NO),
        network=choice("network", NetworkWish, NetworkWish.KEEP),
    )
    if not weights and not faults:
        faults.append(FieldFault("weights", "Välj minst ett ämne som ni vill ha med."))
    if faults:
        raise FormError(*faults)
    return answer


def _weights(
    form: Mapping[str, Sequence[str]], theme_ids: Sequence[str], faults: list[FieldFault]
) -> dict[str, int]:
    weights = {}
    for theme in theme_ids:
        value = _last(form, f"weight-{theme}") or "0"
        if value not in {"0", "1", "2", "3"}:
            faults.append(FieldFault(f"weight-{theme}", "Välj ett av alternativen."))
        elif value != "0":
            weights[theme] = int(value)
    return weights


def _others(
    form: Mapping[str, Sequence[str]], others: Sequence[str], faults: list[FieldFault]
) -> dict[str, int]:
    more = _among("other", form, others, faults)
    if len(more) > MOST_OTHERS:
        faults.append(FieldFault("other", "Välj högst %(most)s ämnen till.", most=MOST_OTHERS))
    return dict.fromkeys(more, OTHER_WEIGHT)


def _last(form: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = form.get(name)
    return values[-1] if values else None


def _among(
    name: str, form: Mapping[str, Sequence[str]], allowed: Iterable[str], faults: list[FieldFault]
) -> list[str]:
    chosen = set(form.get(name, ()))
    offered = list(allowed)
    if not chosen <= set(offered):
        faults.append(FieldFault(name, "Välj bland alternativen i listan."))
    return [value for value in offered if value in chosen]


def to_json(answer: Answer) -> dict[str, object]:
    """Return an answer as JSON values, for its row."""
    return {
        "weights": dict(answer.weights),
        "must": answer.must,
        "offers": sorted(answer.offers),
        "focus": answer.focus.value,
        "cases": answer.cases.value,
        "form": answer.form.value,
        "days": {day: fit.value for day, fit in answer.days.items()},
        "functions": list(answer.functions),
        "has_deputy": answer.has_deputy,
        "hosting": answer.hosting.value,
        "network": answer.network.value,
    }


def from_json(row: Mapping[str, object]) -> Answer:
    """Return the answer of a row; the inverse of `to_json`."""
    weights, days = row["weights"], row["days"]
    offers, functions = row["offers"], row["functions"]
    assert isinstance(weights, dict)  # noqa: S101 - our own row, written by to_json
    assert isinstance(days, dict)  # noqa: S101
    assert isinstance(offers, list)  # noqa: S101
    assert isinstance(functions, list)  # noqa: S101
    must = row["must"]
    return Answer(
        weights={str(theme): int(weight) for theme, weight in weights.items()},
        must=None if must is None else str(must),
        offers=frozenset(map(str, offers)),
        focus=Focus(str(row["focus"])),
        cases=CaseRound(str(row["cases"])),
        form=Form(str(row["form"])),
        days={str(day): Fit(str(fit)) for day, fit in days.items()},
        functions=tuple(map(str, functions)),
        has_deputy=bool(row["has_deputy"]),
        hosting=Hosting(str(row["hosting"])),
        network=NetworkWish(str(row["network"])),
    )


def said_of_themes(row: Mapping[str, object]) -> tuple[frozenset[str], frozenset[str], NetworkWish]:
    """Return the themes that a row's answer seeks and those it offers, and its wish for a network."""
    weights, offers = row["weights"], row["offers"]
    assert isinstance(weights, dict)  # noqa: S101 - our own row, written by to_json
    assert isinstance(offers, list)  # noqa: S101
    return frozenset(weights), frozenset(offers), NetworkWish(str(row["network"]))


def to_form(answer: Answer) -> dict[str, tuple[str, ...]]:
    """Return the form's fields as a browser sends them; `read_answer` is the inverse."""
    return {
        **{f"weight-{theme}": (str(weight),) for theme, weight in answer.weights.items()},
        "must": (answer.must or "",),
        "offers": tuple(sorted(answer.offers)),
        "focus": (answer.focus.value,),
        "cases": (answer.cases.value,),
        "form": (answer.form.value,),
        **{f"day-{day}": (fit.value,) for day, fit in answer.days.items()},
        "functions": answer.functions,
        "deputy": ("yes",) if answer.has_deputy else (),
        "hosting": (answer.hosting.value,),
        "network": (answer.network.value,),
    }
