"""Contacts from a CSV or XLSX file: bodies, functions and people, with a report per line; all or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from api.accounts import directory, queries
from api.accounts.directory import PersonDetails
from api.accounts.models import Body, BodyKind, Function, FunctionKind, Role
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.table_file import Outcome, Row, TableFileError, read_table

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
    """One line: the function it is about, what it does, and its fault where it is wrong."""

    line: int
    function: str
    outcome: Outcome
    fault: FieldFault | None = None


@dataclass(frozen=True, slots=True)
class ContactsReport:
    """The whole file; nothing is written when it is faulty, or when it was only checked."""

    lines: tuple[LineReport, ...] = ()
    file_fault: str = ""
    is_written: bool = False

    @property
    def is_faulty(self) -> bool:
        """True when the file or any line is wrong."""
        return bool(self.file_fault) or any(line.fault for line in self.lines)

    def count(self, outcome: Outcome) -> int:
        """Return how many lines have an outcome."""
        return sum(line.outcome is outcome for line in self.lines)


def import_contacts(
    session: Session, content: bytes, actor: str, now: datetime, *, dry_run: bool
) -> ContactsReport:
    """Bring a file's contacts in; a line is known by its body and its function's name.

    Every line is applied, so that later lines see earlier ones; all is taken back when one is
    wrong or when this is a dry run.
    """
    try:
        table = read_table(content)
    except TableFileError as error:
        return ContactsReport(file_fault=str(error))
    missing = [name for name in REQUIRED if name not in table.headings]
    unknown = [name for name in table.headings if name not in (*REQUIRED, *OPTIONAL)]
    if missing or unknown:
        parts = (("missing column", missing), ("unknown column", unknown))
        said = [f"{what}: {', '.join(names)}" for what, names in parts if names]
        return ContactsReport(file_fault="; ".join(said))
    lines = tuple(_lines(session, table.rows, actor, now))
    report = ContactsReport(lines)
    if dry_run or report.is_faulty:
        undo(session)
        return report
    return ContactsReport(lines, is_written=True)


def _lines(
    session: Session, rows: Iterable[Row], actor: str, now: datetime
) -> Iterable[LineReport]:
    seen: set[tuple[str, str]] = set()
    for row in rows:
        key = (row.cells["body"].strip(), row.cells["function"].strip())
        name = f"{key[0]}: {key[1]}"
        try:
            _insist_on_new(key, seen)
            yield LineReport(row.line, name, _apply(session, row.cells, actor, now))
        except FieldFault as fault:
            yield LineReport(row.line, name, Outcome.WRONG, fault)


def _insist_on_new(key: tuple[str, str], seen: set[tuple[str, str]]) -> None:
    if key in seen:
        raise FieldFault("function", "Funktionen står på en tidigare rad också.")
    seen.add(key)


def _apply(session: Session, cells: dict[str, str], actor: str, now: datetime) -> Outcome:
    cell = {name: cells.get(name, "").strip() for name in (*REQUIRED, *OPTIONAL)}
    body = _body(session, cell, actor)
    function = queries.function_named(session, body.id, cell["function"])
    is_new = function is None
    if function is None:
        function = directory.add_function(
            session,
            body.id,
            _one_of(FunctionKind, "function_kind", cell["function_kind"]),
            cell["function"],
            _one_of(Role, "role", cell["role"]),
            cell["mailbox"],
            actor,
        )
    changed = _hand_over(session, function, cell, actor, now)
    if is_new:
        return Outcome.NEW
    return Outcome.CHANGED if changed else Outcome.UNCHANGED


def _body(session: Session, cell: dict[str, str], actor: str) -> Body:
    kind = _one_of(BodyKind, "body_kind", cell["body_kind"])
    found = queries.body_named(session, kind, cell["body"])
    if found is not None:
        return found
    if cell["rc_id"] and queries.body_of_rc(session, cell["rc_id"]) is not None:
        raise FieldFault("rc_id", "Resurscentret hör redan till en annan organisation.")
    return directory.create_body(
        session,
        kind,
        cell["body"],
        rc_id=cell["rc_id"] or None,
        county_codes=cell["county_codes"],
        actor=actor,
    )


def _hand_over(
    session: Session, function: Function, cell: dict[str, str], actor: str, now: datetime
) -> bool:
    """Give the function to the people of a line; return whether that changed anything."""
    before = (function.holder_id, function.deputy_id)
    people = []
    for who in ("holder", "deputy"):
        details = PersonDetails(*(cell[f"{who}_{part}"] for part in ("name", "email", "phone")))
        people.append(directory.person_from(session, details, who, actor))
    holder, deputy = people
    if before == (holder.id if holder else None, deputy.id if deputy else None):
        return False
    directory.hand_over(
        session, function, holder, deputy=deputy, version=function.version, actor=actor, now=now
    )
    return True


def _one_of(kinds: type[Kind], column: str, value: str) -> Kind:
    try:
        return kinds(value)
    except ValueError as error:
        known = ", ".join(kinds)
        raise FieldFault(
            column, "%(value)s är inte något av %(known)s.", value=value or "–", known=known
        ) from error
