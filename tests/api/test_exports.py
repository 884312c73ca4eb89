import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.kit.exports import Table, download, file_name, to_csv, to_xlsx
from api.kit.i18n import Speaker

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    '=HYPERLINK("http://x")',
]


def table(*texts: str) -> Table:
    return Table("Ämnen", ("Text",), tuple((text,) for text in texts))


def test_a_csv_file_opens_in_swedish_excel() -> None:
    made = Table(
        "Ämnen",
        ("Ämne", "Antal", "Andel", "Dag", "När", "Tomt"),
        (("Å; ä", 3, 0.5, date(2027, 3, 11), datetime(2027, 3, 11, 8, tzinfo=UTC), None),),
    )
    assert (
        to_csv(made)
        == (
            '\ufeffÄmne;Antal;Andel;Dag;När;Tomt\r\n"Å; ä";3;0,5;2027-03-11;2027-03-11 09:00;\r\n'
        ).encode()
    )
    assert b";0.5;" in to_csv(made, "en")


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_looks_like_a_formula_is_none_in_csv(text: str) -> None:
    cell = to_csv(table(text)).decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"')
    assert cell.startswith("'")


@settings(max_examples=80)
@given(
    st.lists(
        st.sampled_from(["=", "+", "-", "@", "http://"]).flatmap(
            lambda start: st.text(max_size=20).map(lambda rest: start + rest)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_every_text_in_a_workbook_is_a_text(texts: list[str]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx([table(*texts)]))).worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)


def test_numbers_and_days_stay_numbers_and_days() -> None:
    made = Table("Tal", ("a", "b", "c"), ((-1.5, date(2027, 3, 11), None),))
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx([made]))).worksheets[0]
    assert [cell.value for cell in sheet[2]] == [-1.5, datetime(2027, 3, 11), None]  # noqa: DTZ001 - as openpyxl reads a day


def test_example_rows_say_so_in_every_file() -> None:
    made = Table("Svar", ("Antal",), ((1,), (2,)), is_example=True)
    assert to_csv(made).decode("utf-8-sig") == "Exempel;Antal\r\nExempel;1\r\nExempel;2\r\n"
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([made])))
    assert book.sheetnames == ["Exempel  Svar"]
    answer = download([made], "csv", Speaker("sv"))
    assert answer.headers["content-disposition"] == 'attachment; filename="exempel-svar.csv"'


def test_sheet_names_fit_and_differ() -> None:
    long = "Efterfrågan per ämne: faser/modeller [våren]"
    book = openpyxl.load_workbook(
        io.BytesIO(to_xlsx([Table(long, ("a",), ()), Table(long, ("a",), ())]))
    )
    assert len(set(book.sheetnames)) == 2
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_a_file_name_is_plain_ascii() -> None:
    assert file_name('Behov inför "vårens" möte\r\n', "xlsx") == "behov-infor-varens-mote.xlsx"
    assert file_name("åäö", "csv") == "aao.csv"
    assert file_name("…", "csv") == "tabell.csv"


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells for 1 headings"):
        Table("x", ("a",), (("b", "c"),))
