"""The levels of a programme's objective in words, as they stand and as they stood before the latest move."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from api.kit.i18n import Speaker, later
from api.proposals.programme.engine import Effect
from matcher.programme.problem import Problem
from matcher.programme.rules.scores import Scores, body_wishes

# Level -> what it counts, most important first; those that are shares are said as what is granted.
LEVELS = {
    "must_haves": later("Pass som någon måste vara med på men missar"),
    "change": later("Publicerade pass som får en annan tid eller lokal"),
    "coverage": later("Andel ämnen som RC har bett om och är med på"),
    "wished_weight": later("Andel av deltagarnas önskemål som uppfylls"),
    "fairness": later("Andel av önskemålen för det RC som får minst"),
    "role_compactness": later("Tomma tider mellan en gästs pass"),
    "hopping": later("Byten av lokal mellan två pass"),
    "room_fit": later("Deltagare i trånga lokaler (över 80 procent fulla)"),
}
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level: its value now and, after a move, before; `change` is better, worse or nothing."""

    name: str
    before: str
    now: str
    change: str
    is_proven: bool


@dataclass(frozen=True, slots=True)
class ScoreWords:
    """All levels, and the most important that the latest move costs and gives, in a sentence each."""

    rows: tuple[LevelRow, ...]
    verdict: str
    costs: str
    gives: str


def score_words(
    problem: Problem,
    found: Scores,
    effect: Effect | None,
    title: str,
    proven: Collection[str],
    say: Speaker,
) -> ScoreWords:
    """Return the levels in words; `title` is the session that was moved last.

    `proven` are the levels that the engine proved to be the best; a move by hand voids that.
    """
    wording = _wording(problem, found, say)
    rows: list[LevelRow] = []
    costs: list[str] = []
    gives: list[str] = []
    for level, text in LEVELS.items():
        name, in_words = say.text(text), wording.get(level) or _number(say)
        now = in_words(found.levels[level])
        before, change = "", ""
        if effect is not None:
            before = in_words(effect.before.levels[level])
            difference = found.levels[level] - effect.before.levels[level]
            if abs(difference) > _SAME:
                change = say.text("sämre") if difference > 0 else say.text("bättre")
                line = say.text(
                    "%(name)s (%(before)s förut, %(now)s nu)",
                    name=name[:1].lower() + name[1:] if not name[1:2].isupper() else name,
                    now=now,
                    before=before,
                )
                (costs if difference > 0 else gives).append(line)
        rows.append(LevelRow(name, before, now, change, effect is None and level in proven))
    return ScoreWords(
        tuple(rows),
        _verdict(effect, title, say) if effect else "",
        say.text("Sämre med flytten: %(what)s.", what=costs[0]) if costs else "",
        say.text("Bättre med flytten: %(what)s.", what=gives[0]) if gives else "",
    )


def _verdict(effect: Effect, title: str, say: Speaker) -> str:
    if effect.after.key == effect.before.key:
        return say.text("Programmet är lika bra som innan ”%(title)s” flyttades.", title=title)
    if effect.is_better:
        return say.text("Programmet blev bättre när ”%(title)s” flyttades.", title=title)
    return say.text("Programmet blev sämre när ”%(title)s” flyttades. Du kan ångra.", title=title)


def _wording(problem: Problem, found: Scores, say: Speaker) -> dict[str, Callable[[float], str]]:
    asked = sum(sum(wishes.values()) for wishes in body_wishes(problem).values())
    return {
        "coverage": _granted(asked, say),
        "wished_weight": _granted(found.wished_weight, say),
        "fairness": _granted(1.0, say),
    }


def _granted(whole: float, say: Speaker) -> Callable[[float], str]:
    """Say how much of `whole` is left when a missed part is taken from it."""

    def in_words(missed: float) -> str:
        share = 1 - missed / whole if whole else 1.0
        return f"{say.number(100 * share, 1)} %"

    return in_words


def _number(say: Speaker) -> Callable[[float], str]:
    def in_words(value: float) -> str:
        return say.number(value, 0 if value == round(value) else 1)

    return in_words
