from sqlmodel import Session

from api.audit.queries import entries_about
from api.kit.table_file import Change, Outcome
from api.registry import queries
from api.registry.export import register_csv, register_xlsx
from api.registry.importer import ImportKind, ImportReport, import_file
from api.registry.models import PhaseBand, Status
from api.registry.service import import_shipped


def _read(session: Session, text: str | bytes, *, dry_run: bool = False) -> ImportReport:
    content = text.encode() if isinstance(text, str) else text
    return import_file(session, content, ImportKind.FACTS, "planner", dry_run=dry_run)


def test_the_shipped_register_comes_in_whole_with_sources(session: Session) -> None:
    reports = import_shipped(session, "system")
    assert [report.count(Outcome.WRONG) for report in reports] == [0, 0, 0]
    rcs = queries.rcs(session)
    bands = [rc.phase_band for rc in rcs]
    assert len(rcs) == 16
    assert bands.count(PhaseBand.OPERATIONAL) == 10
    assert bands.count(PhaseBand.PRE_OPERATIONAL) == 6
    kronoberg = queries.rc(session, "kronoberg")
    assert kronoberg is not None
    assert kronoberg.services == ["support_phone_professionals", "consultations", "training"]
    assert kronoberg.sources["services"] == "187-189"
    assert kronoberg.seat_city == "Växjö"
    assert kronoberg.population == 194628
    assert str(kronoberg.population_on) == "2016-12-31"


def test_importing_the_same_file_again_changes_nothing(session: Session) -> None:
    import_shipped(session, "system")
    versions = {rc.id: rc.version for rc in queries.rcs(session)}
    again = import_shipped(session, "system")
    assert {line.outcome for report in again for line in report.lines} == {Outcome.UNCHANGED}
    assert {rc.id: rc.version for rc in queries.rcs(session)} == versions


def test_what_is_exported_is_read_back_as_it_was(session: Session) -> None:
    import_shipped(session, "system")
    for exported in (register_csv, register_xlsx):
        report = _read(session, exported(queries.rcs(session)))
        assert report.all_faults == ()
        assert {line.outcome for line in report.lines} == {Outcome.UNCHANGED}


def test_number_seventeen_is_one_row(session: Session) -> None:
    import_shipped(session, "system")
    report = _read(session, "rc_id,rc_name,county_code\nstockholm,Stockholm,01\n")
    assert [line.outcome for line in report.lines] == [Outcome.NEW]
    added = queries.rc(session, "stockholm")
    assert added is not None
    assert added.phase_band is None
    assert added.services == []


def test_a_change_is_logged_before_and_after(session: Session) -> None:
    import_shipped(session, "system")
    report = _read(session, "rc_id,establishment_status\norebro,operative\n")
    assert report.lines[0].changes == (Change("establishment_status", "start_up", "operative"),)
    entry = entries_about(session, "rc", "orebro")[0]
    assert (entry.actor, entry.action) == ("planner", "imported")
    assert entry.before == {"establishment_status": "start_up"}
    assert entry.after == {"establishment_status": "operative"}


def test_a_dry_run_reports_and_writes_nothing(session: Session) -> None:
    report = _read(session, "rc_id,rc_name,county_code\na1,A,01\n", dry_run=True)
    assert (report.count(Outcome.NEW), report.is_written) == (1, False)
    assert queries.rcs(session) == []


def test_one_wrong_line_keeps_every_line_out(session: Session) -> None:
    text = "rc_id,rc_name,county_code,population\na1,A,01,10\nb1,B,99,ten\n"
    report = _read(session, text)
    assert [str(fault) for fault in report.all_faults] == [
        "line 3: county_code: '99': expected a county code of SCB, such as 01 or 25",
        "line 3: population: 'ten': expected a whole number from 0 to 20000000",
    ]
    assert not report.is_written
    assert queries.rcs(session) == []


def test_a_column_that_is_absent_is_left_and_an_empty_cell_is_unknown(session: Session) -> None:
    import_shipped(session, "system")
    _read(session, "rc_id;huvudman\nskane;\n")
    skane = queries.rc(session, "skane")
    assert skane is not None
    assert skane.huvudman is None
    assert skane.establishment_status == Status.PARTLY


def test_a_latitude_without_longitude_is_refused(session: Session) -> None:
    report = _read(session, "rc_id,rc_name,county_code,seat_lat\na1,A,01,59\n")
    assert [fault.column for fault in report.all_faults] == ["seat_lon"]


def test_a_county_name_that_is_another_countys_is_refused(session: Session) -> None:
    report = _read(session, "rc_id,rc_name,county_code,county_name\na1,A,01,Skåne län\n")
    assert [fault.column for fault in report.all_faults] == ["county_name"]


def test_the_same_rc_twice_in_a_file_is_refused(session: Session) -> None:
    report = _read(session, "rc_id,rc_name,county_code\na1,A,01\na1,B,03\n")
    assert [fault.expected.english for fault in report.all_faults] == [
        "each RC once, but this one is already on line 2"
    ]


def test_sources_of_an_rc_that_is_not_there_are_refused(session: Session) -> None:
    content = b"rc_id,services\nnowhere,12\n"
    report = import_file(session, content, ImportKind.SOURCES, "planner", dry_run=False)
    assert [fault.found for fault in report.all_faults] == ["nowhere"]


def test_an_unknown_heading_is_named(session: Session) -> None:
    report = _read(session, "rc_id,colour\na1,blue\n")
    assert [(fault.line, fault.found) for fault in report.all_faults] == [(1, "colour")]
