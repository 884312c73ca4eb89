"""Correcting legs, one at a time or by a file that says first what it would change; each with who and when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from api.audit.service import record
from api.kit.errors import FieldFault, FormError, StaleError
from api.kit.exports import Table
from api.kit.i18n import Said, later
from api.kit.table_file import CellFault, Change, Row, TableFileError, read_table
from api.travel import queries
from api.travel.models import TravelLeg
from api.travel.service import Key, key_of, legs_of
from api.travel.shipped import UnknownTownError, town
from matcher.travel import Leg

Tell = Callable[[str, Said], None]

MODES = ("rail", "bus", "air", "rail+air", "boat", "road")
_SWEDISH_MODES = {
    "tåg": "rail",
    "buss": "bus",
    "flyg": "air",
    "tåg+flyg": "rail+air",
    "båt": "boat",
    "bil": "road",
}
COLUMNS = ("a", "b", "mode", "hours", "basis")
MOST_HOURS = 24.0
LONGEST_BASIS = 200
_TWO_TOWNS = later("två olika orter")
_UNKNOWN = later("en ort i Sverige, till exempel %(near)s")
_HOURS = later("timmar över 0 och högst 24, eller tomt där det inte går")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A leg as somebody wants it; `hours` None = there is no such leg.

    says_basis: a file without that column leaves what the same hours rest on as it is.
    """

    key: Key
    hours: float | None
    basis: str
    says_basis: bool = True


def save(session: Session, typed: dict[str, str], version: int, actor: str, at: datetime) -> Wanted:
    """Correct one leg as it was typed.

    Raises:
        FormError: with every field that cannot be used.
        StaleError: when somebody corrected it since `version` (0 = the shipped leg).
    """
    faults: list[FieldFault] = []
    wanted = _wanted(typed, lambda name, found: faults.append(_in_form(name, found)))
    if wanted is None:
        raise FormError(*faults)
    _write(session, wanted, version, actor, at)
    return wanted


def read_file(content: bytes) -> tuple[Wanted, ...]:
    """Read a file of legs; those that it does not name stay as they are.

    Raises:
        TableFileError: with every cell that cannot be used.
    """
    table = read_table(content, "a", COLUMNS)
    lacking = [name for name in COLUMNS[:4] if name not in table.headings]
    if lacking:
        raise TableFileError(CellFault(1, lacking[0], "", Said(later("en kolumn med det namnet"))))
    faults: list[CellFault] = []
    found: dict[Key, Wanted] = {}
    for row in table.rows:
        tell = _telling(faults, row)
        wanted = _wanted(row.cells, tell)
        if wanted is None:
            continue
        if wanted.key in found:
            tell("a", Said(later("varje sträcka en gång")))
        found[wanted.key] = replace(wanted, says_basis="basis" in table.headings)
    if faults:
        raise TableFileError(*faults)
    return tuple(found.values())


def _telling(faults: list[CellFault], row: Row) -> Tell:
    def tell(name: str, expected: Said) -> None:
        faults.append(CellFault(row.line, name, row.cells.get(name, ""), expected))

    return tell


def changes_of(session: Session, sent: Iterable[Wanted]) -> list[tuple[Wanted, tuple[Change, ...]]]:
    """Return the legs that a file would change, each with its cells before and after."""
    now = legs_of(session)
    told = []
    for one in sent:
        before = now.get(one.key)
        if before is not None and before.hours == one.hours and not one.says_basis:
            continue
        cells = (
            ("hours", "" if before is None else _text(before.hours), _text(one.hours)),
            ("basis", "" if before is None else before.basis, one.basis),
        )
        changed = tuple(Change(name, old, new) for name, old, new in cells if old != new)
        if changed and not (before is None and one.hours is None):
            told.append((one, changed))
    return told


def save_all(session: Session, sent: Iterable[Wanted], actor: str, at: datetime) -> int:
    """Write what a file changes, all or nothing; return how many legs that was."""
    versions = {(one.a, one.b, one.mode): one.version for one in queries.corrections(session)}
    told = changes_of(session, sent)
    for one, _ in told:
        _write(session, one, versions.get(one.key, 0), actor, at)
    return len(told)


def table_of(legs: Iterable[Leg]) -> Table:
    """Return legs as a file that `read_file` reads back."""
    rows = tuple((leg.a, leg.b, leg.mode, leg.hours, leg.basis) for leg in legs)
    return Table("restider", COLUMNS, rows)


def _write(session: Session, wanted: Wanted, version: int, actor: str, at: datetime) -> None:
    before = legs_of(session).get(wanted.key)
    a, b, mode = wanted.key
    new = TravelLeg(
        a=a,
        b=b,
        mode=mode,
        hours=wanted.hours,
        basis=wanted.basis,
        version=version + 1,
        changed_by=actor,
        changed_at=at,
    )
    if not queries.replace(session, new):
        now = legs_of(session).get(wanted.key)
        raise StaleError({"hours": wanted.hours}, {"hours": now.hours if now else None})
    record(
        session,
        actor,
        "changed",
        ("travel_leg", "|".join(wanted.key)),
        {"hours": before.hours, "basis": before.basis} if before else None,
        {"hours": wanted.hours, "basis": wanted.basis},
    )


def _wanted(cells: dict[str, str], tell: Tell) -> Wanted | None:
    ends = [_town(name, cells.get(name, ""), tell) for name in ("a", "b")]
    said = cells.get("mode", "").strip() or "rail"
    mode = _SWEDISH_MODES.get(said.casefold().replace(" ", ""), said)
    basis = " ".join(cells.get("basis", "").split())
    is_right = True
    if mode not in MODES:
        tell("mode", Said(later("ett av %(modes)s"), modes=", ".join(MODES)))
        is_right = False
    if len(basis) > LONGEST_BASIS:
        tell("basis", Said(later("högst %(most)s tecken"), most=LONGEST_BASIS))
        is_right = False
    hours, is_number = _hours(cells.get("hours", ""))
    if not is_number:
        tell("hours", Said(_HOURS))
    one, other = ends
    if one is not None and one == other:
        tell("b", Said(_TWO_TOWNS))
        other = None
    if one is None or other is None or not is_right or not is_number:
        return None
    return Wanted(key_of(one, other, mode), hours, basis)


def _town(field: str, name: str, tell: Tell) -> str | None:
    try:
        return town(name).name
    except UnknownTownError as error:
        tell(field, Said(_UNKNOWN, near=", ".join(error.near) or "Örebro"))
        return None


def _hours(text: str) -> tuple[float | None, bool]:
    """Return the hours, None where the text is empty, and whether it could be read."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None, True
    try:
        value = round(float(plain), 2)
    except ValueError:
        return None, False
    return value, 0.0 < value <= MOST_HOURS


def _in_form(name: str, expected: Said) -> FieldFault:
    return FieldFault(name, "Skriv %(expected)s.", expected=expected)


def _text(hours: float | None) -> str:
    return "" if hours is None else f"{hours:g}"
