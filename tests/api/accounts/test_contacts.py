from pathlib import Path

import pytest
import xlsxwriter
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.contacts import import_contacts
from api.accounts.models import Body, Function, Person, Role
from api.kit.clock import now
from api.kit.table_file import Outcome
from api.registry.models import Rc
from api.wiring import connect
from tests.factories import make_member
from tests.shipped import no_register
from tests.web import HIDDEN, browser

HEAD = "body_kind;body;rc_id;function_kind;function;role;holder_name;holder_email\n"
GOOD = (
    HEAD
    + "rc;Exempel RC;exempel-rc;operative_coordinator;Samordnare;rc_member;Exempel Ett;ett@example.org\n"
    + "ls;Exempel LS;;ls_project_leader;Projektledare;reader;Exempel Två;tva@example.org\n"
)


def test_a_file_is_brought_in_once_and_a_second_time_changes_nothing(database_url: str) -> None:
    database = connect(database_url, "")
    for expected in (Outcome.NEW, Outcome.UNCHANGED):
        with database.transaction() as session:
            report = import_contacts(
                session, GOOD.encode(), "system", now(), no_register, dry_run=False
            )
            assert [line.outcome for line in report.lines] == [expected] * 2
            assert report.is_written
    with database.transaction() as session:
        other = GOOD.replace("tva@example.org", "tre@example.org")
        report = import_contacts(
            session, other.encode(), "system", now(), no_register, dry_run=False
        )
        assert [line.outcome for line in report.lines] == [Outcome.UNCHANGED, Outcome.CHANGED]
    database.close()


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("12", "12"),
        ("1", "01"),
        ("14 05", "05 14"),
        ("Skåne län, Kronobergs län", "07 12"),
        ("kronoberg,Va\u0308stra Götaland", "07 14"),
        ("Dalarna", "20"),
        ("", ""),
    ],
)
def test_counties_are_read_by_code_or_name(database_url: str, cell: str, codes: str) -> None:
    database = connect(database_url, "")
    for expected in (Outcome.NEW, Outcome.UNCHANGED):
        with database.transaction() as session:
            report = import_contacts(
                session, _of_county(cell), "system", now(), no_register, dry_run=False
            )
            assert [line.outcome for line in report.lines] == [expected]
            assert session.exec(select(Body)).one().county_codes == codes
    database.close()


@pytest.mark.parametrize("cell", ["Södermanland och Örebro", "02", "Småland", "12, 99", "0114"])
def test_what_is_no_county_is_named_and_nothing_is_written(database_url: str, cell: str) -> None:
    database = connect(database_url, "")
    with database.transaction() as session:
        report = import_contacts(
            session, _of_county(cell), "system", now(), no_register, dry_run=False
        )
        assert session.exec(select(Body)).all() == []
    [fault] = [line.fault for line in report.lines if line.fault]
    assert fault.field == "county_codes"
    assert str(fault.values["part"]) in cell
    database.close()


def _of_county(cell: str) -> bytes:
    return (
        "body_kind;body;county_codes;function_kind;function;role\n"
        f"ls;Exempel LS;{cell};ls_project_leader;Projektledare;reader\n"
    ).encode()


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("rc;X;;operative_coordinator;Y;rc_member;Z;nonsense", "holder_email"),
        ("rc;X;;operative_coordinator;Y;boss;Z;z@example.org", "role"),
        ("bank;X;;operative_coordinator;Y;rc_member;Z;z@example.org", "body_kind"),
        ("rc;X;;king;Y;rc_member;Z;z@example.org", "function_kind"),
        ("rc;X;exempel-rc;operative_coordinator;Y;rc_member;Z;z@example.org", "rc_id"),
        ("ls;Exempel LS;;ls_project_leader;Projektledare;reader;Z;z@example.org", "function"),
        ("rc;;;operative_coordinator;Y;rc_member;Z;z@example.org", "name"),
        ("rc;X;exempel-cr;operative_coordinator;Y;rc_member;Z;z@example.org", "rc_id"),
    ],
)
def test_one_wrong_line_writes_nothing_and_names_its_field(
    database_url: str, line: str, field: str
) -> None:
    database = connect(database_url, "")
    with database.transaction() as session:
        content = (GOOD + line + "\n").encode()
        report = import_contacts(session, content, "system", now(), no_register, dry_run=False)
    assert [found.fault.field for found in report.lines if found.fault] == [field]
    assert (report.lines[-1].line, report.is_written) == (4, False)
    with database.reading() as session:
        assert session.exec(select(Function)).all() == []
        assert session.exec(select(Person)).all() == []
    database.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "expected"),
        ("body;å".encode("latin-1"), "UTF-8"),
        (b"body;function\nx;y\n", "body_kind"),
        (HEAD.replace("rc_id", "shoe_size").encode(), "shoe_size"),
    ],
)
def test_what_is_no_such_file_is_said_in_one_line(
    database_url: str, content: bytes, said: str
) -> None:
    database = connect(database_url, "")
    with database.transaction() as session:
        report = import_contacts(session, content, "system", now(), no_register, dry_run=False)
    database.close()
    assert said in " ".join(map(str, report.file_faults))
    assert "\n" not in " ".join(map(str, report.file_faults))


def test_a_planner_checks_a_workbook_and_then_brings_it_in(app: FastAPI, tmp_path: Path) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        session.add(Rc(id="exempel-rc", name="Exempel", county_code="12"))
    file = tmp_path / "contacts.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(GOOD.splitlines()):
            sheet.write_row(number, 0, line.split(";"))
    web, page = browser(app, planner), "/organisationer/las-in"
    token = dict(HIDDEN.findall(web.get(page).text))["form_token"]
    said = {}
    for action in ("check", "write"):
        answer = web.post(
            page,
            data={"form_token": token, "action": action},
            files={"file": ("contacts.xlsx", file.read_bytes())},
        )
        assert answer.status_code == 200
        said[action] = answer.text
        listed = web.get("/organisationer").text
        assert ("Exempel RC" in listed) == (action == "write")
    assert "Inget är sparat än" in said["check"]
    assert "Slags organisation: tomt → <ins>Länsstyrelse</ins>" in said["check"]
    assert "Filen är inläst" in said["write"]
