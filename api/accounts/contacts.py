"""Contacts from a CSV or XLSX file: bodies, functions and people; each cell before and after, all or nothing.

A column that is not in the file changes nothing. A column that is there says what shall stand: an
empty cell takes away. What a line does is found by comparing every column before and after.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from api.accounts import directory, queries
from api.accounts.addresses import work_address
from api.accounts.models import Body, BodyKind, Function, FunctionKind, Person, Role
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.i18n import Said, compared, later
from api.kit.table_file import CellFault, Change, Outcome, Row, Table, TableFileError, read_table

REQUIRED = ("body_kind", "body", "function_kind", "function", "role")
OPTIONAL = (
    "rc_id",
    "county_codes",
    "mailbox",
    "holder_name",
    "holder_email",
    "holder_phone",
    "deputy_name",
    "deputy_email",
    "deputy_phone",
)

Kind = TypeVar("Kind", BodyKind, FunctionKind, Role)


@dataclass(frozen=True, slots=True)
class LineReport:
    """One line: the function it is about, what it does cell by cell, and its fault where it is wrong."""

    line: int
    function: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    fault: FieldFault | None = None


@dataclass(frozen=True, slots=True)
class ContactsReport:
    """The whole file; nothing is written when it is faulty, or when it was only checked."""

    lines: tuple[LineReport, ...] = ()
    file_faults: tuple[CellFault, ...] = ()
    is_written: bool = False

    @property
    def is_faulty(self) -> bool:
        """True when the file or any line is wrong."""
        return bool(self.file_faults) or any(line.fault for line in self.lines)

    def count(self, outcome: Outcome) -> int:
        """Return how many lines have an outcome."""
        return sum(line.outcome is outcome for line in self.lines)


@dataclass(frozen=True, slots=True)
class Register:
    """What the register knows that a file of contacts may name: Swedish names of counties by code, ids of RC."""

    counties: Mapping[str, str]
    rcs: Collection[str]


@dataclass(slots=True)
class _Reading:
    """What one import knows while it goes through the lines; names are keyed as names are compared."""

    session: Session
    register: Register
    actor: str
    now: datetime
    bodies: dict[tuple[BodyKind, str], Body] = field(default_factory=dict)
    kinds: dict[str, BodyKind] = field(default_factory=dict)
    """By name: the kind of the body that was there before the file."""
    seen: dict[tuple[str, str], int] = field(default_factory=dict)
    people: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """By address: the line that named the person first, with name and number."""


def import_contacts(
    session: Session,
    content: bytes,
    actor: str,
    now: datetime,
    register_of: Callable[[Session], Register],
    *,
    dry_run: bool,
) -> ContactsReport:
    """Bring a file's contacts in; a line is known by its body and its function's name.

    The file is read before the register is asked: whoever saves meanwhile waits for neither.
    Every line is applied, so that later lines see earlier ones; all is taken back when one is
    wrong, when no planner would be left, or when this is a dry run.
    """
    try:
        table = read_table(content, "body_kind", (*REQUIRED, *OPTIONAL))
    except TableFileError as error:
        return ContactsReport(file_faults=error.faults)
    faults = tuple(_heading_faults(table))
    if faults:
        return ContactsReport(file_faults=faults)
    had_planner = queries.has_planner(session)
    reading = _Reading(session, register_of(session), actor, now)
    for body in queries.bodies(session):
        reading.bodies.setdefault((body.kind, compared(body.name)), body)
        reading.kinds.setdefault(compared(body.name), body.kind)
    lines = [_line(reading, row) for row in table.rows]
    if had_planner and not queries.has_planner(session):
        lines = [_without_planner(line) for line in lines]
    report = ContactsReport(tuple(lines))
    if dry_run or report.is_faulty:
        undo(session)
        return report
    return ContactsReport(report.lines, is_written=True)


def _heading_faults(table: Table) -> Iterator[CellFault]:
    for name in REQUIRED:
        if name not in table.headings:
            found = Said(later("kolumnen saknas"))
            yield CellFault(1, name, found, Said(later("en kolumn med det namnet")))
    for name in table.headings:
        if name not in (*REQUIRED, *OPTIONAL):
            known = ", ".join((*REQUIRED, *OPTIONAL))
            yield CellFault(1, name, name, Said(later("något av %(known)s"), known=known))
    for who in ("holder", "deputy"):
        parts = {f"{who}_name", f"{who}_phone"} & set(table.headings)
        if parts and f"{who}_email" not in table.headings:
            found = Said(later("kolumnen saknas"))
            text = later("adresserna, som visar vem %(column)s gäller")
            expected = Said(text, column=", ".join(sorted(parts)))
            yield CellFault(1, f"{who}_email", found, expected)


def _line(reading: _Reading, row: Row) -> LineReport:
    cells = {name: cell.strip() for name, cell in row.cells.items()}
    name = f"{cells['body']}: {cells['function']}"
    try:
        _insist_on_new(reading, cells, row.line)
        return _applied(reading, cells, row.line, name)
    except FieldFault as fault:
        return LineReport(row.line, name, Outcome.WRONG, fault=fault)


def _without_planner(line: LineReport) -> LineReport:
    """Return a line as wrong when it takes somebody away, since no planner would be left."""
    takes = any(change.column.endswith("_email") and not change.after for change in line.changes)
    if not takes:
        return line
    text = later("Ingen planerare på NCH skulle vara kvar. Lämna uppdraget till någon annan först.")
    return LineReport(line.line, line.function, Outcome.WRONG, fault=FieldFault("role", text))


def _insist_on_new(reading: _Reading, cells: Mapping[str, str], line: int) -> None:
    key = (compared(cells["body"]), compared(cells["function"]))
    if reading.seen.setdefault(key, line) != line:
        raise FieldFault("function", "Funktionen står på en tidigare rad också.")


def _applied(reading: _Reading, cells: Mapping[str, str], line: int, name: str) -> LineReport:
    session, changes = reading.session, list[Change]()
    body = _body(reading, cells, changes)
    function = next(
        (
            one
            for one in queries.functions_of_body(session, body.id)
            if compared(one.title) == compared(cells["function"])
        ),
        None,
    )
    is_new = function is None
    kind = _one_of(FunctionKind, "function_kind", cells["function_kind"])
    role = _one_of(Role, "role", cells["role"])
    if function is None:
        function = directory.add_function(
            session,
            body.id,
            kind,
            cells["function"],
            role,
            cells.get("mailbox", ""),
            reading.actor,
        )
        changes += [
            Change(column, "", cells[column])
            for column in ("function", "function_kind", "role", "mailbox")
            if cells.get(column)
        ]
    else:
        _insist_on_same("function_kind", function.kind, kind)
        _insist_on_same("role", function.role, role)
        if "mailbox" in cells:
            _set_mailbox(reading, function, cells["mailbox"], changes)
    _hand_over(reading, function, cells, line, changes)
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return LineReport(line, name, Outcome.NEW if is_new else outcome, tuple(changes))


def _insist_on_same(column: str, today: str, wanted: str) -> None:
    """Refuse another kind or role for a function that is there: rights never move by a file."""
    if today != wanted:
        text = later("Det är %(today)s i dag och ändras inte från en fil.")
        raise FieldFault(column, text, today=str(today))


def _body(reading: _Reading, cells: Mapping[str, str], changes: list[Change]) -> Body:
    session = reading.session
    kind = _one_of(BodyKind, "body_kind", cells["body_kind"])
    found = reading.bodies.get((kind, compared(cells["body"])))
    if found is None:
        _insist_on_same("body_kind", reading.kinds.get(compared(cells["body"]), kind), kind)
    rc_id = cells.get("rc_id", "").casefold()
    if rc_id and rc_id not in reading.register.rcs:
        raise FieldFault("rc_id", "Det finns inget RC i registret med nyckeln %(rc)s.", rc=rc_id)
    codes = (
        _counties(reading.register.counties, cells["county_codes"])
        if "county_codes" in cells
        else None
    )
    if rc_id and (found is None or found.rc_id is None):
        other = queries.body_of_rc(session, rc_id)
        if other is not None:
            raise FieldFault("rc_id", "Resurscentret hör redan till en annan organisation.")
    if found is None:
        made = directory.create_body(
            session,
            kind,
            cells["body"],
            rc_id=rc_id or None,
            county_codes=codes or "",
            actor=reading.actor,
        )
        reading.bodies[kind, compared(made.name)] = made
        texts = {"body": made.name, "body_kind": kind.value, "rc_id": rc_id}
        texts["county_codes"] = codes or ""
        changes += [Change(column, "", text) for column, text in texts.items() if text]
        return made
    if rc_id and found.rc_id not in {None, rc_id}:
        raise FieldFault(
            "rc_id", "Organisationen hör redan till resurscentret %(rc)s.", rc=found.rc_id
        )
    wanted: dict[str, str] = {}
    if rc_id and found.rc_id is None:
        wanted["rc_id"] = rc_id
    if codes is not None and codes != found.county_codes:
        wanted["county_codes"] = codes
    if wanted:
        changes += [Change(name, getattr(found, name) or "", text) for name, text in wanted.items()]
        directory.change_body(session, found, wanted, reading.actor)
    return found


def _counties(known: Mapping[str, str], cell: str) -> str:
    """Return the codes of a cell of counties, each by its name or by SCB's code.

    Raises:
        FieldFault: when a part is no county.
    """
    codes = {compared(name): code for code, name in known.items()}
    short = {name.removesuffix(" län").removesuffix("s"): code for name, code in codes.items()}
    found = set()
    for part in re.split(r"[,;\n]|(?<=\d)\s+(?=\d)", cell):
        plain = compared(part)
        if not plain:
            continue
        bare = plain.removesuffix(" län").removesuffix("s")
        code = codes.get(plain, short.get(bare, plain.zfill(2)))  # zeros: Excel takes them away
        if code not in known:
            text = (
                "Skriv länens namn, eller SCB:s länskoder, med komma mellan. %(part)s är inget län."
            )
            raise FieldFault("county_codes", text, part=part.strip())
        found.add(code)
    return " ".join(sorted(found))


def _set_mailbox(reading: _Reading, function: Function, text: str, changes: list[Change]) -> None:
    try:
        mailbox = work_address(text) if text else ""
    except FieldFault as fault:
        raise FieldFault("mailbox", fault.message, **fault.values) from fault
    if mailbox != function.mailbox:
        changes.append(Change("mailbox", function.mailbox, mailbox))
        directory.set_mailbox(reading.session, function, mailbox, reading.actor)


def _hand_over(
    reading: _Reading,
    function: Function,
    cells: Mapping[str, str],
    line: int,
    changes: list[Change],
) -> None:
    """Give the function to the people of a line; what the file has no column for stays."""
    session = reading.session
    before = (function.holder_id, function.deputy_id)
    people: list[Person | None] = []
    for who, person_id in zip(("holder", "deputy"), before, strict=True):
        today = queries.person(session, person_id) if person_id else None
        if f"{who}_email" not in cells:
            people.append(today)
            continue
        known = {one.id for one in [queries.person_by_email(session, cells[f"{who}_email"])] if one}
        named = _person(reading, cells, who, line, changes)
        if (today.id if today else None) != (named.id if named else None):
            shown = [f"{one.name} ({one.email})" if one else "" for one in (today, named)]
            changes.append(Change(f"{who}_email", *shown))
            if named and named.id not in known:
                changes += [Change(f"{who}_phone", "", named.phone)] if named.phone else []
        people.append(named)
    holder, deputy = people
    if before == (holder.id if holder else None, deputy.id if deputy else None):
        return
    directory.hand_over(
        session,
        function,
        holder,
        deputy=deputy,
        version=function.version,
        actor=reading.actor,
        now=reading.now,
    )


def _person(
    reading: _Reading, cells: Mapping[str, str], who: str, line: int, changes: list[Change]
) -> Person | None:
    """Return who a line names, added when new, with the name and number that its columns give."""
    session = reading.session
    name, phone = cells.get(f"{who}_name", ""), cells.get(f"{who}_phone")
    if not cells[f"{who}_email"]:
        if name or phone:
            raise FieldFault(f"{who}_email", "Skriv en adress, eller lämna namn och nummer tomma.")
        return None
    try:
        address = work_address(cells[f"{who}_email"])
    except FieldFault as fault:
        raise FieldFault(f"{who}_email", fault.message, **fault.values) from fault
    _insist_on_number(f"{who}_phone", phone or "")
    _insist_on_one_person(reading, address, who, line, name, phone)
    found = queries.person_by_email(session, address)
    if found is None:
        details = directory.PersonDetails(name, address, phone or "")
        return directory.person_from(session, details, who, reading.actor)
    wanted: dict[str, str] = {}
    if f"{who}_name" in cells and not name:
        raise FieldFault(f"{who}_name", "Fyll i fältet.")
    if name and compared(name) != compared(found.name):
        wanted["name"] = name
    if phone is not None and phone != found.phone:
        wanted["phone"] = phone
    if wanted:
        changes += [
            Change(f"{who}_{part}", getattr(found, part), text) for part, text in wanted.items()
        ]
        directory.change_person(session, found, wanted, reading.actor, reading.now)
    return found


def _insist_on_number(column: str, phone: str) -> None:
    """Refuse a number whose first zero a spreadsheet has taken away."""
    if phone.isdecimal() and not phone.startswith("0") and len(phone) > 6:
        text = (
            "Numret ska börja med 0 eller +. Kalkylprogrammet tog nollan: gör kolumnen till text."
        )
        raise FieldFault(column, text)


def _insist_on_one_person(
    reading: _Reading, address: str, who: str, line: int, name: str, phone: str | None
) -> None:
    """Refuse two names, or two numbers, for one address in a file."""
    first, known_name, known_phone = reading.people.setdefault(address, (line, name, phone or ""))
    if name and known_name and compared(name) != compared(known_name):
        text = later("Adressen %(address)s har ett annat namn på rad %(line)s: %(name)s.")
        raise FieldFault(f"{who}_name", text, address=address, line=first, name=known_name)
    if phone and known_phone and phone != known_phone:
        text = later("Adressen %(address)s har ett annat nummer på rad %(line)s: %(phone)s.")
        raise FieldFault(f"{who}_phone", text, address=address, line=first, phone=known_phone)
    reading.people[address] = (first, known_name or name, known_phone or phone or "")


def _one_of(kinds: type[Kind], column: str, value: str) -> Kind:
    try:
        return kinds(value.casefold())
    except ValueError as error:
        known = ", ".join(kinds)
        raise FieldFault(
            column,
            "”%(value)s” går inte att använda här. Skriv något av: %(known)s.",
            value=value or "–",
            known=known,
        ) from error
