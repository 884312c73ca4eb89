"""The forms of rounds at tables: who sits, how often and how; then what the meetings are and when each round is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from starlette.datastructures import FormData

from api.accounts.models import FunctionKind
from api.calendar.days import holiday_said
from api.kit.clock import clock_from, day_from, from_local
from api.kit.errors import FieldFault, FormError
from api.kit.i18n import LANGUAGES, Speaker, later, swedish_order
from api.meetings.groups import POSTS
from api.proposals.rounds.booking import Occasions
from api.proposals.rounds.building import ALIKE, MIXED, ROUNDS, SIZES, WEIGHTS, RoundsChoice

LONGEST_NAME = 80  # with ": omgång 12, bord 20" after it
_NUMBER = later("Skriv ett helt tal från %(least)s till %(most)s.")
_MIX_WORDS = {
    MIXED: (
        later("Olika"),
        later("RC som har kommit olika långt och har olika organisation sitter vid samma bord."),
    ),
    ALIKE: (
        later("Lika"),
        later("RC som ligger nära varandra, med samma modell och fas, sitter vid samma bord."),
    ),
}
NAME = later("Fallrunda")
FOCUS = later(
    "Anonymiserade fall i en liten grupp: vad har ni provat, vad gick bra och vad skulle ni göra annorlunda?"
)


@dataclass(frozen=True, slots=True)
class AskForm:
    """What is asked of the rounds, as it stands now."""

    rcs: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]
    rounds: str
    sizes: tuple[tuple[str, str], ...]
    smallest: str
    largest: str
    mixes: tuple[tuple[str, str, str], ...]  # key, name, what it does
    mix: str
    is_new_company: bool
    faults: tuple[FieldFault, ...] = ()


def ask_form(
    say: Speaker,
    names: Mapping[str, str],
    posted: FormData | None = None,
    faults: Iterable[FieldFault] = (),
    like: RoundsChoice | None = None,
) -> AskForm:
    """Return the form: everybody sits, what was chosen before (`like`), or what was typed."""
    usual = like or RoundsChoice(tuple(names))

    def typed(name: str, otherwise: object) -> str:
        return str(otherwise) if posted is None else str(posted.get(name, otherwise))

    return AskForm(
        rcs=tuple(sorted(names.items(), key=lambda one: swedish_order(one[1]))),
        chosen=tuple(one for one in usual.rc_ids if one in names)
        if posted is None
        else tuple(map(str, posted.getlist("rcs"))),
        rounds=typed("rounds", usual.rounds),
        sizes=tuple(
            (str(size), say.text("%(number)s RC", number=size))
            for size in range(SIZES[0], SIZES[1] + 1)
        ),
        smallest=typed("smallest", usual.sizes[0]),
        largest=typed("largest", usual.sizes[1]),
        mixes=tuple(
            (key, say.text(name), say.text(does)) for key, (name, does) in _MIX_WORDS.items()
        ),
        mix=typed("mix", usual.mix),
        is_new_company=usual.is_new_company if posted is None else "new_company" in posted,
        faults=tuple(faults),
    )


def read_ask(form: FormData, known: Mapping[str, str]) -> RoundsChoice:
    """Read what is asked; a field that is missing asks for the usual.

    known: the RC that there are, id -> name.

    Raises:
        FormError: naming each field that cannot be used.
    """
    faults: list[FieldFault] = []
    usual = RoundsChoice(tuple(known))
    rounds = _number(form, "rounds", usual.rounds, ROUNDS, faults)
    smallest = _number(form, "smallest", usual.sizes[0], SIZES, faults)
    largest = _number(form, "largest", usual.sizes[1], SIZES, faults)
    mix = str(form.get("mix", usual.mix))
    if mix not in WEIGHTS:
        faults.append(FieldFault("mix", "Välj ett av valen i listan."))
    if not faults and smallest > largest:
        faults.append(FieldFault("smallest", "Det minsta bordet är större än det största."))
    chosen = tuple(dict.fromkeys(str(one) for one in form.getlist("rcs")))
    if not known.keys() >= {*chosen}:
        faults.append(FieldFault("rcs", "Välj bland de RC som finns."))
    elif len(chosen) <= largest:
        least = largest + 1
        faults.append(
            FieldFault("rcs", "Välj minst %(least)s RC, fler än vid ett bord.", least=least)
        )
    if faults:
        raise FormError(*faults)
    return RoundsChoice(chosen, rounds, (smallest, largest), mix, "new_company" in form)


def _number(
    form: FormData,
    name: str,
    otherwise: int,
    limits: tuple[int, int],
    faults: list[FieldFault],
) -> int:
    text = str(form.get(name, otherwise)).strip()
    least, most = limits
    if text.isascii() and text.isdigit() and len(text) < 4 and least <= int(text) <= most:
        return int(text)
    faults.append(FieldFault(name, _NUMBER, least=least, most=most))
    return otherwise


@dataclass(frozen=True, slots=True)
class BookForm:
    """What is asked before the meetings are made, as it stands now."""

    values: Mapping[str, str]
    days: tuple[str, ...]  # the fields of the rounds' days
    posts: tuple[tuple[str, str], ...]  # kind, and its name with how many of the RC have it
    chosen: tuple[str, ...]
    faults: tuple[FieldFault, ...] = ()


def book_form(
    say: Speaker,
    rounds: int,
    held: Mapping[FunctionKind, int],
    rcs: int,
    posted: FormData | None = None,
    faults: Iterable[FieldFault] = (),
) -> BookForm:
    """Return the form as it begins, or what was typed.

    held: at how many of the RC somebody has a post of each kind. rcs: how many RC there are.
    """
    usual = {"name": NAME, "name_en": Speaker("en").text(NAME), "focus_sv": say.text(FOCUS)}
    usual |= {"starts": "13:00", "ends": "14:30"}
    days = tuple(f"day{number}" for number in range(1, rounds + 1))
    fields = (*usual, *days)
    return BookForm(
        values={
            name: usual.get(name, "") if posted is None else str(posted.get(name, ""))
            for name in fields
        },
        days=days,
        posts=tuple(
            (
                kind.value,
                say.text(
                    "%(posts)s (finns hos %(some)s av %(all)s RC)",
                    posts=say.text(name),
                    some=held.get(kind, 0),
                    all=rcs,
                ),
            )
            for kind, name in POSTS.items()
        ),
        chosen=(FunctionKind.COORDINATOR.value,)
        if posted is None
        else tuple(map(str, posted.getlist("posts"))),
        faults=tuple(faults),
    )


def read_book(form: FormData, rounds: int, at: datetime) -> Occasions:
    """Read what the meetings are, and when each round is.

    Raises:
        FormError: naming each field that cannot be used.
    """
    faults: list[FieldFault] = []
    name = " ".join(str(form.get("name", "")).split())
    if not 0 < len(name) <= LONGEST_NAME:
        faults.append(FieldFault("name", "Skriv vad träffarna heter."))
    focus = str(form.get("focus_sv", "")).strip()
    if not focus:
        faults.append(FieldFault("focus_sv", "Skriv vad träffarna handlar om."))
    clocks = [_clock(form, end, faults) for end in ("starts", "ends")]
    if not faults and clocks[1] <= clocks[0]:
        faults.append(FieldFault("ends", "Träffen måste sluta efter att den har börjat."))
    times: list[tuple[datetime, datetime]] = []
    days: list[date] = []
    for number in range(1, rounds + 1):
        day = _day(form, f"day{number}", days, faults)
        if day is None:
            continue
        days.append(day)
        start, end = (from_local(datetime.combine(day, clock)) for clock in clocks)
        if start <= at:
            faults.append(FieldFault(f"day{number}", "Tiden har redan varit."))
        times.append((start, end))
    posts = {str(one) for one in form.getlist("posts")}
    kinds = frozenset(kind for kind in POSTS if kind.value in posts)
    if not kinds:
        faults.append(FieldFault("posts", "Välj minst en funktion."))
    if faults:
        raise FormError(*faults)
    english = " ".join(str(form.get("name_en", "")).split())[:LONGEST_NAME]
    # What was proposed is said to each in the own language, what somebody wrote as it is.
    usual = {Speaker(language).text(FOCUS) for language in LANGUAGES}
    both = (FOCUS, Speaker("en").text(FOCUS)) if focus in usual else (focus, focus)
    return Occasions(name, english or name, *both, tuple(times), kinds)


def _clock(form: FormData, name: str, faults: list[FieldFault]) -> time:
    try:
        return clock_from(str(form.get(name, "")))
    except ValueError:
        faults.append(FieldFault(name, "Välj ett klockslag."))
        return time()


def _day(
    form: FormData, name: str, before: Iterable[date], faults: list[FieldFault]
) -> date | None:
    try:
        day = day_from(str(form.get(name, "")))
    except ValueError:
        faults.append(FieldFault(name, "Välj en dag."))
        return None
    if (holiday := holiday_said(day)) is not None:
        faults.append(FieldFault(name, "Den dagen är helgdag: %(name)s.", name=holiday))
    elif day in before:
        faults.append(FieldFault(name, "En annan omgång är redan den dagen."))
    return day
