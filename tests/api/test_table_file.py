import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from api.kit.table_file import MOST_ROWS, Table, TableFileError, read_table


def _workbook(rows: list[list[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def _with_part(content: bytes, name: str, part: bytes) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for item in old.namelist():
            new.writestr(item, part if item == name else old.read(item))
        if name not in old.namelist():
            new.writestr(name, part)
    return file.getvalue()


def _cells(table: Table) -> list[dict[str, str]]:
    return [row.cells for row in table.rows]


def test_a_workbook_and_a_csv_file_with_the_same_cells_read_alike() -> None:
    expected = [{"rc_id": "a1", "population": "10", "seat_lat": "57.5"}]
    rows: list[list[object]] = [["rc_id", "population", "seat_lat"], ["a1", 10, 57.5]]
    assert _cells(read_table(_workbook(rows))) == expected
    assert _cells(read_table(b"rc_id,population,seat_lat\na1,10,57.5\n")) == expected
    assert _cells(read_table("\ufeffrc_id;population;seat_lat\r\na1;10;57.5\r\n".encode()))


def test_line_numbers_count_the_lines_of_the_file() -> None:
    table = read_table(b'rc_id,notes\na1,"one\ntwo"\n\nb1,x\n')
    assert [row.line for row in table.rows] == [2, 5]


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"", 1, "nothing"),
        ("rc_id,rc_name\na1,Örebro\n".encode("latin-1"), 2, "byte 0xd6"),
        (b'rc_id,rc_name\na1,"open\n', 2, "a quote that is never closed"),
        (b"rc_id,rc_id\na1,a1\n", 1, "rc_id"),
        (b"rc_id\na1,too much\n", 2, "too much"),
        (b"rc_id\n" + b"a\n" * (MOST_ROWS + 1), MOST_ROWS + 2, "one more row"),
        (b"rc_id\n\0\n", 0, "a zero byte"),
        (b"PK\x03\x04 and no workbook", 0, "a damaged workbook"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_line(
    content: bytes, line: int, found: str
) -> None:
    with pytest.raises(TableFileError) as caught:
        read_table(content)
    fault = caught.value.faults[0]
    said = fault.found if isinstance(fault.found, str) else fault.found.english
    assert (fault.line, said) == (line, found)


def test_a_workbook_that_unpacks_to_much_more_is_refused() -> None:
    bomb = _with_part(_workbook([["rc_id"]]), "xl/media/x.bin", b"0" * 20_000_000)
    with pytest.raises(TableFileError, match="workbook of ordinary size"):
        read_table(bomb)


def test_a_workbook_with_entities_is_refused() -> None:
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    with pytest.raises(TableFileError, match="document type"):
        read_table(_with_part(_workbook([["rc_id"]]), "xl/workbook.xml", evil))


def test_a_file_over_five_megabytes_is_refused() -> None:
    with pytest.raises(TableFileError, match="at most 5000000 bytes"):
        read_table(b"a" * 5_000_001)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda b: b"PK\x03\x04" + b))
def test_any_bytes_give_a_table_or_a_clear_refusal(content: bytes) -> None:
    try:
        table = read_table(content)
    except TableFileError as error:
        assert error.faults  # noqa: PT017 - either outcome is right
    else:
        assert table.headings
