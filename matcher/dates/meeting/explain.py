"""Why one choice stands above another: the first level on which they differ, in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass

from matcher.dates.meeting.rank import LEVELS, Choice, Ranking
from matcher.dates.meeting.rules import Figures


@dataclass(frozen=True, slots=True)
class Loss:
    """The level that decided, and both values as a reader counts them (hours, people, cost)."""

    level: str
    this: float
    above: float
    reason: str


def losses(ranking: Ranking) -> tuple[Loss | None, ...]:
    """Return why each choice loses to the one above it; None for the first and for equals."""
    above = (None, *ranking.choices[:-1])
    return tuple(
        None if better is None else loss(better, choice, compares_bands=ranking.compares_bands)
        for better, choice in zip(above, ranking.choices, strict=True)
    )


def loss(above: Choice, this: Choice, *, compares_bands: bool) -> Loss | None:
    """Return the first level on which `this` is worse than `above`; None when they are equal."""
    for level, better, worse in zip(LEVELS, above.levels, this.levels, strict=True):
        if better != worse:
            ours, theirs = _counted(level, this), _counted(level, above)
            if isinstance(better, tuple) and isinstance(worse, tuple) and better[0] == worse[0]:
                return Loss(level, ours, theirs, _rotation(this.figures, above.figures))
            reason = _sentence(level, this.figures, above.figures, compares_bands=compares_bands)
            return Loss(level, ours, theirs, reason or _form_sentence(above, this))
    return None


def _counted(level: str, choice: Choice) -> float:
    of = choice.figures
    values = {
        "required": float(of.unmet),
        "attendance": float(of.attending),
        "tentative": float(of.tentative),
        "worst_region": of.worst_hours,
        "total_travel": of.total_hours,
        "rotation": of.debt[0][1] if of.debt else 0.0,
        "remaining_travel": of.total_hours,
        "cost": of.cost,
    }
    return round(values.get(level, _first(choice.levels[LEVELS.index("form")])), 2)


def _first(value: float | tuple[float, ...]) -> float:
    return value if isinstance(value, float) else value[0]


def _sentence(level: str, this: Figures, above: Figures, *, compares_bands: bool) -> str | None:
    if level == "worst_region":
        return _worst_region(
            this, above, "by time band" if compares_bands else "beyond the margin of error"
        )
    if level in {"total_travel", "remaining_travel"}:
        is_beyond = compares_bands and level == "total_travel"
        beyond = ", more than rotation may spend" if is_beyond else ""
        return f"{this.total_hours:.1f} h of travel in all{beyond}; {above.total_hours:.1f} h above"
    sentence = _SENTENCES.get(level)
    return None if sentence is None else sentence(this, above)


def _required(this: Figures, above: Figures) -> str:
    return f"{_unmet(this)}; the choice above: {_unmet(above)}"


def _attendance(this: Figures, above: Figures) -> str:
    return f"{this.attending} attend, {above.attending} at the choice above"


def _tentative(this: Figures, above: Figures) -> str:
    return (
        f"as many attend, but {this.tentative} more may come, {above.tentative} at the choice above"
    )


def _worst_region(this: Figures, above: Figures, how: str) -> str:
    return (
        f"the worst-off region, {this.worst_region or 'nobody'}, travels"
        f" {this.worst_hours:.1f} h one way, against {above.worst_hours:.1f} h for"
        f" {above.worst_region or 'nobody'} above ({how})"
    )


def _cost(this: Figures, above: Figures) -> str:
    return f"costs {this.cost:g}, the choice above {above.cost:g}"


def _unmet(of: Figures) -> str:
    parts = [f"{', '.join(of.missing)} must attend and would not"] if of.missing else []
    parts += [f"role {role} is {short} short of its quorum" for role, short in of.short_roles]
    return "; ".join(parts) or "nobody required is missing"


def _rotation(this: Figures, above: Figures) -> str:
    for (region, hours), (other, others) in zip(this.debt, above.debt, strict=True):
        if round(hours, 6) != round(others, 6):
            return (
                f"earlier meetings counted, {region} would have travelled {hours:.1f} h,"
                f" against {others:.1f} h for {other} above"
            )
    raise AssertionError("equal debts decide nothing")


def _form_sentence(above: Choice, this: Choice) -> str:
    wanted, other = above.candidate.form, this.candidate.form
    return f"{wanted.replace('_', ' ')} is preferred to {other.replace('_', ' ')}"


_SENTENCES: dict[str, Callable[[Figures, Figures], str]] = {
    "required": _required,
    "attendance": _attendance,
    "tentative": _tentative,
    "rotation": _rotation,
    "cost": _cost,
}
