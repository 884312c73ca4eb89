"""What every file that is read in says it will do: on the command line, on both databases, asked of the database.

The cases are those that public trackers tell of: columns left out, cells lost, formulas without a value,
names in another composition, and what Excel in Swedish writes.
"""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from sqlmodel import Session, select
from typer.testing import CliRunner

from api.accounts.contacts import ContactsReport, import_contacts
from api.accounts.models import Body, Function, Person, Role
from api.calendar.days import SchoolBreak, parse_school_breaks
from api.cli import app as command_line
from api.kit.clock import now
from api.kit.db import Database
from api.kit.table_file import Outcome, TableFileError, read_table
from api.registry import queries as registry
from api.registry.importer import ImportKind, import_file
from api.wiring import connect
from tests.factories import make_member
from tests.shipped import import_shipped, no_register

HEAD = (
    "body_kind;body;function_kind;function;role;mailbox;"
    "holder_name;holder_email;holder_phone;deputy_name;deputy_email;deputy_phone\n"
)
LINE = (
    "guest;Exempelpolisen Öst;police_contact;Kontakt;guest;in@example.org;"
    "Exempel Ada;ada@example.org;0701-111111;Exempel Bo;bo@example.org;0702-222222\n"
)


def _read(session: Session, content: str | bytes, *, dry_run: bool = False) -> ContactsReport:
    octets = content.encode() if isinstance(content, str) else content
    return import_contacts(session, octets, "system", now(), no_register, dry_run=dry_run)


def _columns(text: str, leave_out: str) -> str:
    """Return a file without the columns whose names begin so."""
    rows = [line.split(";") for line in text.splitlines()]
    kept = [place for place, name in enumerate(rows[0]) if not name.startswith(leave_out)]
    return "".join(";".join(row[place] for place in kept) + "\n" for row in rows)


def _state(session: Session) -> list[tuple[str, ...]]:
    session.expire_all()
    people = {person.id: person for person in session.exec(select(Person))}
    rows = session.exec(select(Function, Body).join(Body).order_by(Function.title))
    return [
        (
            body.name,
            function.title,
            function.mailbox,
            *(
                f"{people[key].name} {people[key].email} {people[key].phone}" if key else "-"
                for key in (function.holder_id, function.deputy_id)
            ),
        )
        for function, body in rows
    ]


@pytest.mark.parametrize(
    "leave_out",
    ["mailbox", "holder_", "deputy_", "deputy_phone", "holder_phone", "holder_name", "deputy_name"],
)
def test_a_column_that_is_absent_changes_nothing(session: Session, leave_out: str) -> None:
    _read(session, HEAD + LINE)
    before = _state(session)
    report = _read(session, _columns(HEAD + LINE, leave_out))
    assert [line.outcome for line in report.lines] == [Outcome.UNCHANGED]
    assert _state(session) == before


@pytest.mark.parametrize(
    ("old", "new", "column", "before", "after"),
    [
        ("in@example.org", "ut@example.org", "mailbox", "in@example.org", "ut@example.org"),
        ("in@example.org", "", "mailbox", "in@example.org", ""),
        ("0701-111111", "0709-999999", "holder_phone", "0701-111111", "0709-999999"),
        ("0702-222222", "", "deputy_phone", "0702-222222", ""),
        ("Exempel Ada", "Exempel Ada Berg", "holder_name", "Exempel Ada", "Exempel Ada Berg"),
        (
            "Exempel Bo;bo@example.org;0702-222222",
            ";;",
            "deputy_email",
            "Exempel Bo (bo@example.org)",
            "",
        ),
        (
            "bo@example.org",
            "ny@example.org",
            "deputy_email",
            "Exempel Bo (bo@example.org)",
            "Exempel Bo (ny@example.org)",
        ),
    ],
)
def test_each_changed_cell_is_told_before_and_after_and_is_what_the_database_gets(
    session: Session, old: str, new: str, column: str, before: str, after: str
) -> None:
    _read(session, HEAD + LINE)
    session.commit()
    was = _state(session)
    changed = HEAD + LINE.replace(old, new)
    told = _read(session, changed, dry_run=True)
    assert _state(session) == was
    assert told.lines[0].outcome is Outcome.CHANGED
    assert (column, before, after) in [
        (change.column, change.before, change.after) for change in told.lines[0].changes
    ]
    written = _read(session, changed)
    assert written.lines == told.lines
    assert (_state(session) == was) == (old == new)
    assert _read(session, changed).lines[0].outcome is Outcome.UNCHANGED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Öst", "O\u0308st"),
        ("Exempelpolisen Öst", "Exempelpolisen  Öst"),
        ("Exempelpolisen Öst", "Exempelpolisen\u00a0Öst"),
        ("Exempelpolisen Öst", "EXEMPELPOLISEN öst"),
        ("Kontakt", "kontakt"),
        ("Exempel Ada", "Exempel\u00a0 Ada"),
        ("ada@", "ADA@"),
    ],
)
def test_another_spelling_of_a_name_is_the_same_name(session: Session, old: str, new: str) -> None:
    _read(session, HEAD + LINE)
    before = _state(session)
    report = _read(session, HEAD + LINE.replace(old, new))
    assert [line.outcome for line in report.lines] == [Outcome.UNCHANGED]
    assert _state(session) == before


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (
            HEAD + LINE + LINE.replace("Kontakt", "K2").replace("Exempel Ada", "Exempel Annan"),
            "holder_name",
        ),
        (
            HEAD + LINE + LINE.replace("Kontakt", "K2").replace("0701-111111", "0709-1"),
            "holder_phone",
        ),
        (HEAD + LINE.replace("0701-111111", "701111111"), "holder_phone"),
        (HEAD + LINE.replace(";guest;in@", ";reader;in@"), "role"),
        (HEAD + LINE.replace("police_contact", "prosecutor_contact"), "function_kind"),
        (HEAD + LINE.replace("guest;Exempelpolisen", "ls;Exempelpolisen"), "body_kind"),
        (HEAD + LINE.replace("ada@example.org", ""), "holder_email"),
    ],
)
def test_what_a_file_may_not_do_is_a_fault_of_its_cell_and_writes_nothing(
    session: Session, content: str, column: str
) -> None:
    _read(session, HEAD + LINE)
    session.commit()
    before = _state(session)
    report = _read(session, content)
    assert [line.fault.field for line in report.lines if line.fault] == [column]
    assert not report.is_written
    assert _state(session) == before


def test_no_file_leaves_nch_without_a_planner(database_url: str) -> None:
    database = connect(database_url, "")
    head = "body_kind;body;function_kind;function;role;holder_email;deputy_email\n"
    with database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        body = session.get(Body, planner.function.body_id)
        assert body is not None
        function_id, person_id = planner.function.id, planner.person.id
        kind, title = planner.function.kind, planner.function.title
        line = f"nch;{body.name};{kind.value};{title};planner;;\n"
    with database.transaction() as session:
        report = _read(session, head + line)
        assert [found.fault.field for found in report.lines if found.fault] == ["role"]
    with database.reading() as session:
        function = session.get(Function, function_id)
        assert function is not None
        assert function.holder_id == person_id
    with database.transaction() as session:
        heir = line.replace(";planner;;", ";planner;ny@example.org;")
        named = head.replace("holder_email", "holder_name;holder_email")
        report = _read(session, named + heir.replace("ny@", "Exempel Ny;ny@"))
        assert report.is_written, report
    database.close()


def _workbook(cells: dict[str, str], second: dict[str, str] | None = None) -> bytes:
    """Return a workbook as a program writes it that reckons nothing: formulas have no value."""
    book = openpyxl.Workbook()
    first = book.worksheets[0]
    for name, value in cells.items():
        first[name].value = value
    for name, value in (second or {}).items():
        sheet = book["Blad2"] if "Blad2" in book.sheetnames else book.create_sheet("Blad2")
        sheet[name].value = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


HEADINGS: dict[str, str] = {"A1": "rc_id", "B1": "huvudman", "C1": "population"}


@pytest.mark.parametrize(
    ("content", "where", "found"),
    [
        (_workbook({**HEADINGS, "A2": "skane", "B2": "=1+1"}), "B2", "a formula without a value"),
        (
            _workbook({**HEADINGS, "A2": "skane", "C2": '=B2&"x"'}),
            "C2",
            "a formula without a value",
        ),
        (_workbook({**HEADINGS, "A2": "skane", "B2": "#REF!"}), "B2", "#REF!"),
        (_workbook({**HEADINGS, "A2": "skane", "C2": "#N/A"}), "C2", "#N/A"),
        (
            _workbook({**HEADINGS, "A2": "skane"}, {"A1": "rc_id", "A2": "orebro"}),
            "Blad2!A1",
            "rc_id",
        ),
        (_workbook({"A1": "Registret 2026", "A2": "rc_id", "A3": "skane"}), "A1", "Registret 2026"),
        (b"rc_id;huvudman;population\nskane\n", "huvudman", "the row ends before this column"),
        (b"rc_id;huvudman;population\nskane;X\n", "population", "the row ends before this column"),
        (b"rc_id;huvudman\nskane;#SAKNAS!\n", "B2", "#SAKNAS!"),
        ("rc_id;huvudman\nskane;#VÄRDEFEL!\n".encode(), "B2", "#VÄRDEFEL!"),
        (b"rc_id;huvudman\nskane;#DIVISION/0!\n", "B2", "#DIVISION/0!"),
        (b"rc_id;huvudman;population\nskane;X;########\n", "C2", "########"),
        (_workbook({**HEADINGS, "A2": '="skane"', "B2": "X"}), "A2", "a formula without a value"),
        (b"Registret\n\nrc_id;huvudman\nskane;X\n", "A1", "Registret"),
        (b"rc_id;huvudman\nskane;X;more\n", "C2", "more"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "", "an old Excel file (.xls)"),
        ("rc_id;huvudman\nskane;Malmö\n".encode("cp1252"), "", "byte 0xf6"),
    ],
)
def test_a_cell_that_was_lost_is_a_fault_that_names_it_and_nothing_is_written(
    session: Session, content: bytes, where: str, found: str
) -> None:
    import_shipped(session, "system")
    before = [rc.model_dump() for rc in registry.rcs(session)]
    report = import_file(session, content, ImportKind.FACTS, "planner", dry_run=False)
    said = [
        (fault.column, fault.found if isinstance(fault.found, str) else fault.found.english)
        for fault in report.all_faults
    ]
    assert (where, found) in said
    assert [rc.model_dump() for rc in registry.rcs(session)] == before


def test_a_formula_with_its_value_and_an_empty_second_sheet_are_read(session: Session) -> None:
    import_shipped(session, "system")
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["rc_id", "land_area_km2", "digital_only"])
        sheet.write_string(1, 0, "skane")
        sheet.write_formula(1, 1, "=1000+234", None, 1234)
        sheet.write_boolean(1, 2, True)  # noqa: FBT003 - a cell
        book.add_worksheet()
    report = import_file(session, file.getvalue(), ImportKind.FACTS, "planner", dry_run=False)
    assert report.all_faults == ()
    skane = registry.rc(session, "skane")
    assert skane is not None
    assert (skane.land_area_km2, skane.digital_only) == (1234.0, True)


@pytest.mark.parametrize(
    "cells",
    [
        "RC_ID;Land_Area_Km2;Digital_Only;Municipality_Codes\nSkane;1 234,5;Ja;114 580\n",
        "rc_id;land_area_km2;digital_only;municipality_codes\nskane;1\u00a0234,5;JA;0114 0580\n",
        "sep=;\nrc_id;land_area_km2;digital_only;municipality_codes\nskane;1\u202f234,5;yes;0114 580\n",
        "rc_id\tland_area_km2\tdigital_only\tmunicipality_codes\nskane\t1234.5\tsant\t114 0580\n",
    ],
)
def test_the_register_reads_what_swedish_excel_writes(session: Session, cells: str) -> None:
    import_shipped(session, "system")
    for content in (("\ufeff" + cells).encode(), cells.encode("utf-16")):
        report = import_file(session, content, ImportKind.FACTS, "planner", dry_run=False)
        assert report.all_faults == ()
    skane = registry.rc(session, "skane")
    assert skane is not None
    assert (skane.land_area_km2, skane.digital_only) == (1234.5, True)
    assert skane.municipality_codes == ["0114", "0580"]


def test_a_county_or_a_name_in_another_composition_is_the_same(session: Session) -> None:
    import_shipped(session, "system")
    line = "rc_id,county_code,county_name\nostergotland,05,O\u0308stergo\u0308tlands  län\n"
    report = import_file(session, line.encode(), ImportKind.FACTS, "planner", dry_run=True)
    assert not [fault for fault in report.all_faults if fault.column == "county_name"]
    twin = "rc_id,rc_name,county_code\nskane2,SKA\u030aNE,12\n"
    report = import_file(session, twin.encode(), ImportKind.FACTS, "planner", dry_run=False)
    assert [fault.column for fault in report.all_faults] == ["rc_name"]


def test_sources_are_told_cell_by_cell(session: Session) -> None:
    import_shipped(session, "system")
    report = import_file(
        session, b"rc_id,huvudman\nskane,999\n", ImportKind.SOURCES, "planner", dry_run=True
    )
    assert [(change.column, change.after) for change in report.lines[0].changes] == [
        ("huvudman", "999")
    ]


def test_a_row_of_very_many_cells_is_refused_before_it_is_made_into_cells() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet().write_row(0, 0, ["x"] * 5_000)
    with pytest.raises(TableFileError, match="5000 cells in a row"):
        read_table(file.getvalue())


def _run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(command_line, [str(argument) for argument in arguments])
    return result.exit_code, result.stderr


def test_the_command_tells_each_kind_of_file_by_its_columns_and_a_dry_run_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path))
    url = f"sqlite:///{tmp_path}/c.db"
    contacts, breaks = tmp_path / "kontakter.csv", tmp_path / "lov.csv"
    contacts.write_text(HEAD + LINE, encoding="utf-8")
    breaks.write_text("2027-02-15;2027-02-19;Sportlov\n", encoding="utf-8")
    code, told = _run("import", contacts, breaks, "--dry-run", "--database", url)
    assert code == 0, told
    assert "holder_email (empty) -> Exempel Ada (ada@example.org)" in told
    assert "Sportlov: first (empty) -> 2027-02-15" in told
    assert told.endswith("Dry run: nothing was written.\n")
    assert not (tmp_path / "school_breaks.csv").exists()
    with Database(url).reading() as session:
        assert session.exec(select(Function)).all() == []
    code, told = _run("import", contacts, breaks, "--database", url)
    assert code == 0, told
    assert (tmp_path / "school_breaks.csv").exists()
    bad = tmp_path / "bad.csv"
    bad.write_text(HEAD + LINE.replace("guest;in@", "boss;in@"), encoding="utf-8")
    breaks.write_text("2027-03-15;2027-03-19;Sportlov\n", encoding="utf-8")
    code, told = _run("import", breaks, bad, "--database", url)
    assert code == 2
    assert "line 2: role" in told
    assert "2027-02-15" in (tmp_path / "school_breaks.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("2027-02-15;2027-02-31;Sportlov\n", "B1"),
        ("first;last;name\n2027-02-15;snart;Sportlov\n", "B2"),
        ("first,last,name\n2027-02-19,2027-02-15,Sportlov\n", "2027-02-15"),
        ("first,last,name\n2027-02-15\n", "Line 2"),
    ],
)
def test_a_school_break_that_cannot_be_read_names_its_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, cell: str
) -> None:
    monkeypatch.setenv("SAMKRETS_DATA", str(tmp_path))
    file = tmp_path / "lov.csv"
    file.write_text(text, encoding="utf-8")
    code, told = _run(
        "import", file, "--what", "school-breaks", "--database", f"sqlite:///{tmp_path}/s.db"
    )
    assert code == 2
    assert cell in told


@pytest.mark.parametrize(
    "text",
    [
        "2027-02-15;2027-02-19;Sportlov\n",
        "\ufefffirst;last;name;;\n2027-02-15;2027-02-19;Sportlov;;\n",
        "Första dagen\tSista dagen\tNamn\n2027-02-15\t2027-02-19\tSportlov\n",
        "2027-02-15,2027-02-19,Sportlov,,\n,,,,\n",
    ],
)
def test_school_breaks_are_read_as_spreadsheets_write_them(text: str) -> None:
    found = parse_school_breaks(text.encode())
    assert found == (SchoolBreak(date(2027, 2, 15), date(2027, 2, 19), "Sportlov"),)
