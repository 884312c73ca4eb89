"""`samkrets import`: bring a CSV or XLSX file in (RC, contacts or school breaks), with a report per line and cell."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import typer
from sqlmodel import Session

from api.accounts.contacts import ContactsReport, import_contacts
from api.audit.service import SYSTEM, record
from api.calendar.days import (
    SCHOOL_BREAKS,
    SchoolBreak,
    changes_of,
    parse_school_breaks,
    read_school_breaks,
    write_school_breaks,
    written_school_breaks,
)
from api.commands.files import BAD_INPUT, one_line
from api.commands.running.migrate import bring_up
from api.commands.running.opening import insist
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.i18n import Speaker, compared
from api.kit.settings import Settings
from api.kit.table_file import Change, Outcome, TableFileError, read_lines
from api.registry.importer import ImportKind, ImportReport, import_file
from api.registry.reference import DATA
from api.registry.service import SHIPPED, register_for_contacts
from api.wiring import connect

ENGLISH = Speaker("en")


class What(StrEnum):
    """What a file holds."""

    AUTO = "auto"
    FACTS = "facts"
    SOURCES = "sources"
    CONTACTS = "contacts"
    SCHOOL_BREAKS = "school-breaks"


def import_(
    files: list[Path] = typer.Argument(None, help="CSV or XLSX files, in this order."),
    shipped: bool = typer.Option(False, help="Bring in the register that comes with Samkrets."),
    what: What = typer.Option(
        What.AUTO, help="What the files hold; auto looks at the names of the columns."
    ),
    sources: bool = typer.Option(False, help="The cells say where the facts come from."),
    dry_run: bool = typer.Option(
        False, help="Only check and report, each cell before and after; write nothing."
    ),
    database: str = typer.Option("", help="Database URL; default: SAMKRETS_DATABASE."),
) -> None:
    """Import RC, contacts or school breaks; when any line of any file is wrong, nothing is written."""
    kind = What.SOURCES if sources else what
    inputs = [(DATA / name, What(of.value)) for name, of in SHIPPED] if shipped else []
    inputs += [(file, kind) for file in files or []]
    if not inputs:
        typer.echo("Name a file, or give --shipped.", err=True)
        raise typer.Exit(BAD_INPUT)
    settings = Settings()
    url = database or settings.database
    if url.startswith("sqlite"):
        bring_up(url)
    insist(url)
    opened = connect(url, settings.base_url)
    breaks: tuple[SchoolBreak, ...] | None = None
    with opened.reading() if dry_run else opened.transaction() as session:
        for file, of in inputs:
            # A dry run writes too, into a transaction that is never kept: so later files see earlier ones.
            breaks = _bring_in(session, file, of, settings.data, breaks)
    if breaks is not None and not dry_run:
        write_school_breaks(settings.data, breaks)
    typer.echo("Dry run: nothing was written." if dry_run else "Written.", err=True)


def _bring_in(
    session: Session, file: Path, what: What, data: Path, breaks: tuple[SchoolBreak, ...] | None
) -> tuple[SchoolBreak, ...] | None:
    """Bring one file in; return the school breaks as they are to be kept, None where no file has any."""
    content = _content(file)
    known = _recognised(content) if what is What.AUTO else what
    if known is What.CONTACTS:
        report_of = import_contacts(
            session, content, SYSTEM, now(), register_for_contacts, dry_run=False
        )
        _tell_contacts(file, report_of)
    elif known is What.SCHOOL_BREAKS:
        return _new_breaks(
            session, file, content, read_school_breaks(data) if breaks is None else breaks
        )
    else:
        source = "" if file.parent == DATA else None  # the shipped files bring their sources along
        kind = ImportKind(known.value)
        report = import_file(session, content, kind, SYSTEM, dry_run=False, source=source)
        _tell(file, report)
    return breaks


def _recognised(content: bytes) -> What:
    """Return what a file holds by its first lines; facts about RC where nothing tells."""
    try:
        lines = read_lines(content)[:10]
    except TableFileError:
        return What.FACTS
    names = {compared(cell) for line in lines for cell in line.cells}
    if "rc_name" in names or not lines:
        return What.FACTS
    if names & {"body_kind", "function_kind", "holder_email"}:
        return What.CONTACTS
    if "rc_id" in names:
        return What.FACTS
    try:
        parse_school_breaks(content)
    except FieldFault:
        return What.SCHOOL_BREAKS if {"first", "last"} <= names else What.FACTS
    return What.SCHOOL_BREAKS


def _new_breaks(
    session: Session, file: Path, content: bytes, before: tuple[SchoolBreak, ...]
) -> tuple[SchoolBreak, ...]:
    try:
        breaks = parse_school_breaks(content)
    except FieldFault as fault:
        _say(file, ENGLISH.text(fault.message, **fault.values))
        raise typer.Exit(BAD_INPUT) from fault
    changes = changes_of(before, breaks)
    for name, cells in changes:
        _say(file, f"{name or 'school break'}: {_cells(cells)}")
    _say(file, f"{len(changes)} changed, {len(breaks)} in all")
    record(
        session,
        SYSTEM,
        "changed",
        ("school_breaks", SCHOOL_BREAKS),
        {"breaks": written_school_breaks(before)},
        {"breaks": written_school_breaks(breaks)},
    )
    return breaks


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        typer.echo(f"{file}: cannot be read: {error.strerror}", err=True)
        raise typer.Exit(BAD_INPUT) from error


def _say(file: Path, text: str) -> None:
    typer.echo(one_line(f"{file}: {text}"), err=True)


def _cells(changes: Iterable[Change]) -> str:
    return "; ".join(
        f"{one.column} {one.before or '(empty)'} -> {one.after or '(empty)'}" for one in changes
    )


def _counted(report: ImportReport | ContactsReport) -> str:
    """Return how many lines there are of each outcome; of a file that cannot be read there are none."""
    if not report.lines:
        return "no lines read"
    return ", ".join(f"{report.count(outcome)} {outcome}" for outcome in Outcome)


def _tell(file: Path, report: ImportReport) -> None:
    for fault in report.all_faults:
        _say(file, str(fault))
    for line in report.lines:
        if line.outcome != Outcome.WRONG:
            said = f"{line.outcome} {_cells(line.changes)}".rstrip()
            _say(file, f"line {line.line}: {line.rc_id}: {said}")
    _say(file, _counted(report))
    if report.all_faults:
        raise typer.Exit(BAD_INPUT)


def _tell_contacts(file: Path, report: ContactsReport) -> None:
    for fault in report.file_faults:
        _say(file, str(fault))
    for line in report.lines:
        where = f"line {line.line}: {line.function}"
        if line.fault is not None:
            told = ENGLISH.text(line.fault.message, **line.fault.values)
            _say(file, f"line {line.line}: {line.fault.field}: {told}")
        else:
            _say(file, f"{where}: {line.outcome} {_cells(line.changes)}".rstrip())
    _say(file, _counted(report))
    if report.is_faulty:
        raise typer.Exit(BAD_INPUT)
