"""The page: the form, and what was checked, event by event, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.calendar.days import holiday_name
from api.kit.clock import to_local
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, later
from api.networks.models import Network
from api.standing.file import Reason
from api.standing.planning import Outcome, Row, Step
from api.standing.service import KINDS, MOST_WRITES, Choices
from api.standing.web.forms import NETWORK, whose_of

COUNTS = {
    Outcome.NEW: (later("%(num)s ny träff"), "%(num)s nya träffar"),
    Outcome.CHANGED: (later("%(num)s träff ändras"), "%(num)s träffar ändras"),
    Outcome.CANCELLED: (later("%(num)s träff ställs in"), "%(num)s träffar ställs in"),
    Outcome.UNCHANGED: (later("%(num)s finns redan"), "%(num)s finns redan, oförändrade"),
    Outcome.REFUSED: (later("%(num)s läses inte in"), "%(num)s läses inte in"),
}
STEPS = {
    Outcome.NEW: later("ny"),
    Outcome.CHANGED: later("ändras"),
    Outcome.CANCELLED: later("ställs in"),
    Outcome.UNCHANGED: later("finns redan, ändras inte"),
    Outcome.REFUSED: later("läses inte in"),
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """One meeting, and what happens to it."""

    when: str
    effect: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event of the file; `uid` is empty where nothing of it can be read in."""

    uid: str
    name: str
    focus: str
    effects: tuple[str, ...]
    steps: tuple[StepLine, ...]
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, ready to confirm."""

    plan: str  # signed
    lines: tuple[EventLine, ...]
    whose: str
    how: str
    can_write: bool
    most_writes: int = MOST_WRITES


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The form as typed, the kinds of meetings and networks to choose from, and the last check."""

    whose: str
    form: str
    town: str
    focus: str
    options: tuple[tuple[str, str], ...]
    faults: tuple[FieldFault, ...] = ()
    check: Check | None = None
    done: tuple[str, ...] = ()
    has_moved_on: bool = False


def read_page(
    networks: Sequence[Network],
    fields: Mapping[str, str],
    say: Speaker,
    faults: tuple[FieldFault, ...] = (),
) -> ReadPage:
    """Return the form."""
    return ReadPage(
        whose=fields.get("whose", ""),
        form=fields.get("form", "digital"),
        town=fields.get("town", ""),
        focus=fields.get("focus", ""),
        options=_options(networks, say),
        faults=faults,
    )


def checked_page(
    networks: Sequence[Network],
    rows: Sequence[Row],
    choices: Choices,
    plan: str,
    say: Speaker,
    faults: tuple[FieldFault, ...] = (),
    *,
    taken: frozenset[str] | None = None,
    has_moved_on: bool = False,
) -> ReadPage:
    """Return the page with what a file would do; at first all that can be read in is chosen."""
    options = _options(networks, say)
    whose = whose_of(choices.target)
    names = {"digital": say.text("digitalt"), "in_person": choices.town, "hybrid": choices.town}
    lines = tuple(_line(row, choices, taken, say) for row in rows)
    return ReadPage(
        whose=whose,
        form=choices.form.value,
        town=choices.town,
        focus=choices.focus,
        options=options,
        faults=faults,
        has_moved_on=has_moved_on,
        check=Check(
            plan=plan,
            lines=lines,
            whose=dict(options).get(whose, ""),
            how=names[choices.form.value],
            can_write=any(row.writes for row in rows),
        ),
    )


def written_in_words(counts: Mapping[Outcome, int], say: Speaker) -> tuple[str, ...]:
    """Return what was written, or nothing when nothing was."""
    return tuple(say.plural(*COUNTS[one], number) for one, number in counts.items() if number)


def _options(networks: Sequence[Network], say: Speaker) -> tuple[tuple[str, str], ...]:
    own = [
        (
            f"{NETWORK}{one.id}",
            say.text("Nätverksträff: %(name)s", name=say.either(one.name_sv, one.name_en)),
        )
        for one in networks
    ]
    return (*own, *((kind.value, say.text(name)) for kind, name in KINDS.items()))


def _line(row: Row, choices: Choices, taken: frozenset[str] | None, say: Speaker) -> EventLine:
    event = row.event
    first = row.steps[0].told if row.steps else None
    effects = [say.plural(*COUNTS[one], row.count(one)) for one in Outcome if row.count(one)]
    if event.reason is not None:
        effects = [_why(event.reason, say)]
    elif not row.steps:
        effects = [say.text("Har redan varit.")]
    can_write = bool(row.writes)
    return EventLine(
        uid=event.uid if can_write else "",
        name=event.name or (first.name if first else ""),
        focus=_focus(row, choices),
        effects=tuple(effects),
        steps=tuple(_step(step, say) for step in row.steps),
        is_taken=can_write and (taken is None or event.uid in taken),
    )


def _focus(row: Row, choices: Choices) -> str:
    """Return the focus that would be written, if any."""
    for step in row.steps:
        if step.told is not None and step.outcome is Outcome.NEW:
            return step.told.focus or choices.focus
        if step.told is not None and step.rewords:
            return step.told.focus
    return ""


def _step(step: Step, say: Speaker) -> StepLine:
    told, meeting = step.told, step.meeting
    effect = say.text(STEPS[step.outcome])
    if step.outcome is Outcome.CHANGED and meeting is not None:
        parts = [say.text("får nytt namn eller fokus")] if step.rewords else []
        if step.moves:
            span = say.span(meeting.starts_at, meeting.ends_at)
            parts.insert(0, say.text("flyttas från %(when)s", when=span))
        effect = ", ".join(parts)
    if step.reason is not None:
        effect = f"{effect}: {_why(step.reason, say)}"
    if told is not None and (step.outcome is Outcome.NEW or step.moves):
        holiday = holiday_name(to_local(told.starts_at).date(), say.language)
        if holiday is not None:
            effect = say.text("%(effect)s. Obs! Helgdag: %(name)s", effect=effect, name=holiday)
    if told is not None and not told.is_cancelled:
        return StepLine(say.span(told.starts_at, told.ends_at), effect)
    if meeting is not None:
        return StepLine(say.span(meeting.starts_at, meeting.ends_at), effect)
    return StepLine(say.moment(told.starts_at) if told else "", effect)


def _why(reason: Reason, say: Speaker) -> str:
    return say.text(reason.text, **reason.values)
