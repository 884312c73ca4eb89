"""Holidays, squeeze days and the school breaks that somebody enters."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from api.calendar.days import (
    SchoolBreak,
    holiday_name,
    is_squeeze_day,
    parse_school_breaks,
    read_school_breaks,
    school_break_on,
)
from api.kit.errors import FieldFault


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 6, 25), "Midsommarafton"),
        (date(2027, 12, 24), "Julafton"),
        (date(2027, 5, 6), "Kristi himmelsfärdsdag"),
        (date(2028, 2, 29), None),
        (date(2027, 3, 8), None),
    ],
)
def test_public_holidays_and_eves_have_their_swedish_names(day: date, name: str | None) -> None:
    assert holiday_name(day) == name


def test_friday_after_ascension_day_is_a_squeeze_day_and_an_ordinary_friday_is_not() -> None:
    assert is_squeeze_day(date(2027, 5, 7))
    assert not is_squeeze_day(date(2027, 5, 14))
    assert not is_squeeze_day(date(2027, 5, 8))


def test_squeeze_day_over_the_turn_of_a_year_is_found() -> None:
    # Monday 5 January 2026 stands between a Sunday and Epiphany.
    assert is_squeeze_day(date(2026, 1, 5))


def test_no_school_break_is_known_until_somebody_enters_one(tmp_path: Path) -> None:
    assert read_school_breaks(tmp_path) == ()
    text = "first,last,name\n2027-02-15,2027-02-19,Exempel sportlov\n"
    (tmp_path / "school_breaks.csv").write_text(text, encoding="utf-8")
    breaks = read_school_breaks(tmp_path)
    assert breaks == (SchoolBreak(date(2027, 2, 15), date(2027, 2, 19), "Exempel sportlov"),)
    assert school_break_on(date(2027, 2, 19), breaks) == "Exempel sportlov"
    assert school_break_on(date(2027, 2, 20), breaks) is None


def test_a_row_that_cannot_be_read_is_named() -> None:
    with pytest.raises(FieldFault) as caught:
        parse_school_breaks("first,last,name\n2027-02-15,2027-02-19,x\n2027-02-30,,y\n")
    assert (caught.value.values["row"], caught.value.values["cell"]) == (3, "A3")


def test_a_holiday_is_named_in_the_language_of_the_page() -> None:
    friday = date(2027, 3, 26)
    assert holiday_name(friday) == "Långfredagen"
    assert holiday_name(friday, "en") == "Good Friday"
    year = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    named = {holiday_name(day): holiday_name(day, "en") for day in year}
    assert all(swedish != english for swedish, english in named.items() if swedish)
