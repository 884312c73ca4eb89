"""What is wrong with a schedule that somebody wants to take in: each fault with its place, field and value."""

from collections.abc import Mapping, Sequence
from json import JSONDecodeError
from typing import Any, Final

from defusedxml.ElementTree import ParseError
from pydantic import ValidationError

from api.kit.errors import FieldFault
from api.kit.i18n import Said, Speaker, later
from api.kit.table_file import CellFault, TableFileError
from api.programme.content import ProgrammePlan
from api.programme.outlines import (
    LONGEST,
    MOST_DAYS,
    MOST_ROOMS,
    MOST_SESSIONS,
    MOST_SLOTS,
    MOST_TRACKS,
    SHORTEST,
)

MOST_TOLD = 20
MOST_SHOWN = 80  # signs of a value
NOTHING: Final = Said(later("ingenting"))
LENGTH: Final = Said(
    later("en längd som 00:45, %(shortest)s–%(longest)s minuter"),
    shortest=SHORTEST,
    longest=LONGEST,
)
MOMENT: Final = Said(later("en tid som 2027-02-16T09:00:00+01:00"))
_TEXT, _NUMBER = Said(later("text")), Said(later("ett heltal"))
_LIST, _OBJECT = Said(later("en lista")), Said(later("ett objekt"))
_EXPECTED: Final[Mapping[str, Said]] = {
    "missing": Said(later("en uppgift")),
    "json_invalid": Said(later("ett schema som JSON")),
    "string_pattern_mismatch": LENGTH,
    "string_too_short": _TEXT,
    "string_type": _TEXT,
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "list_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "bool_type": Said(later("true eller false")),
    "bool_parsing": Said(later("true eller false")),
    "timezone_aware": Said(later("en tid med tidszon, som 2027-02-16T09:00:00+01:00")),
}


def of_document(error: ValidationError, document: Any) -> TableFileError:  # noqa: ANN401 - parsed JSON
    """Return what is wrong with a schedule's document: of a talk by its number in the file, else by its path."""
    return TableFileError(
        *(
            _fault(one["loc"], one["type"], one.get("input"), document)
            for one in error.errors(include_url=False, include_context=False)[:MOST_TOLD]
        )
    )


def _fault(
    path: Sequence[int | str],
    kind: str,
    value: object,
    document: Any,  # noqa: ANN401 - parsed JSON
) -> CellFault:
    expected = _EXPECTED.get(kind)
    if expected is None:
        expected = MOMENT if kind.startswith("datetime") else Said(later("något annat"))
    number = number_of_talk(path, document)
    field = "/".join(map(str, path[-1:] if number else path))
    found = NOTHING if kind == "missing" else shown(value)
    return CellFault(number, field, found, expected)


def not_read(error: Exception, expected: Said) -> TableFileError:
    """Return that a document cannot be read, and where it first could not: a library says why in its own words."""
    if isinstance(error, JSONDecodeError):
        line, column = error.lineno, error.colno
    elif isinstance(error, ParseError):
        line, column = error.position[0], error.position[1] + 1
    else:
        return TableFileError(CellFault(0, "", Said(later("något annat")), expected))
    found = Said(later("något annat, från tecken %(column)s på raden"), column=column)
    return TableFileError(CellFault(line, "", found, expected))


def shown(value: object) -> Said | str:
    """Return a value as a fault shows it."""
    text = str(value).strip()
    return text[:MOST_SHOWN] if text else NOTHING


def number_of_talk(path: Sequence[int | str], document: Any) -> int:  # noqa: ANN401 - parsed JSON
    """Return which talk of a schedule's document a path leads to, from 1; 0 when to none."""
    if "days" not in path or len(path) < path.index("days") + 5 or "rooms" not in path:
        return 0
    at = path.index("days")
    day, room, place = path[at + 1], path[at + 3], path[at + 4]
    number = 0
    for index, one in enumerate(document["schedule"]["conference"]["days"]):
        rooms = one.get("rooms") if isinstance(one, dict) else None
        for name, events in rooms.items() if isinstance(rooms, dict) else ():
            if (index, name) == (day, room):
                return number + int(place) + 1
            number += len(events) if isinstance(events, list) else 0
    return 0


def insist_on_size(plan: ProgrammePlan) -> ProgrammePlan:
    """Return content that a meeting can have.

    Raises:
        TableFileError: when it has no sessions, more than a programme can hold, or too many days.
    """
    if not plan.sessions:
        raise TableFileError(CellFault(0, "", NOTHING, Said(later("minst ett pass"))))
    days = {one.starts_at.date() for one in plan.slots}
    counted = (
        (
            Said(later("%(number)s pass"), number=len(plan.sessions)),
            len(plan.sessions),
            MOST_SESSIONS,
        ),
        (Said(later("%(number)s tider"), number=len(plan.slots)), len(plan.slots), MOST_SLOTS),
        (Said(later("%(number)s lokaler"), number=len(plan.rooms)), len(plan.rooms), MOST_ROOMS),
        (Said(later("%(number)s spår"), number=len(plan.tracks)), len(plan.tracks), MOST_TRACKS),
    )
    faults = [
        CellFault(0, "", found, Said(later("högst %(number)s"), number=most))
        for found, number, most in counted
        if number > most
    ]
    if days and (max(days) - min(days)).days >= MOST_DAYS:
        found = Said(
            later("%(first)s till %(last)s"),
            first=min(days).isoformat(),
            last=max(days).isoformat(),
        )
        expected = Said(later("högst %(number)s dagar"), number=MOST_DAYS)
        faults.append(CellFault(0, "", found, expected))
    if faults:
        raise TableFileError(*faults)
    return plan


def as_fault(one: CellFault, say: Speaker, field: str) -> FieldFault:
    """Return what is wrong as a fault of a field, in the one sentence that pages and the API say of it."""
    found, expected = say.said(one.found), say.said(one.expected)
    if one.line and one.column:
        return FieldFault(
            field,
            "Rad %(row)s, %(column)s: ”%(found)s”, ska vara %(expected)s.",
            row=one.line,
            column=one.column,
            found=found,
            expected=expected,
        )
    where = one.column or (str(one.line) if one.line else "")
    if where:
        return FieldFault(
            field,
            "%(where)s: ”%(found)s”, ska vara %(expected)s.",
            where=where,
            found=found,
            expected=expected,
        )
    return FieldFault(
        field, "Filen: ”%(found)s”, ska vara %(expected)s.", found=found, expected=expected
    )
