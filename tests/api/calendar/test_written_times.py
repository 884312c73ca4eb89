"""A form's day and clock time are read alike everywhere: as browsers send them and as people write them."""

from datetime import date, time

import pytest

from api.kit.clock import clock_from, clock_in, day_from, day_in
from api.kit.errors import FieldFault


@pytest.mark.parametrize("text", ["09:30", "9:30", "9.30", "09.30", " 09:30 ", "09:30:59.5"])
def test_a_clock_time_is_read_to_the_minute(text: str) -> None:
    assert clock_from(text) == time(9, 30)


def test_a_day_is_read() -> None:
    assert day_from(" 2027-03-01 ") == date(2027, 3, 1)


@pytest.mark.parametrize("text", ["", "i morgon", "2027-02-30", "0001-01-01", "9999-12-31"])
def test_no_day_and_a_day_that_no_meeting_is_on_are_told_at_their_field(text: str) -> None:
    with pytest.raises(FieldFault) as fault:
        day_in({"last_day": text}, "last_day")
    assert (fault.value.field, fault.value.message) == ("last_day", "Välj en dag.")


@pytest.mark.parametrize("text", ["", "kl. 9", "25:00", "9.75"])
def test_no_clock_time_is_told_at_its_field(text: str) -> None:
    with pytest.raises(FieldFault) as fault:
        clock_in({"starts": text}, "starts")
    assert (fault.value.field, fault.value.message) == ("starts", "Välj ett klockslag.")
