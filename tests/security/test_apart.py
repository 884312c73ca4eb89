"""A read that takes too much ends, wherever it is stuck, and the next one is read as if nothing had been."""

import os
import time

import pytest

from api.kit.apart import Apart, TooMuchError
from api.kit.errors import FieldFault


def length(text: str) -> int:
    return len(text)


def never_ends() -> None:
    while True:
        pass


def is_stuck_in_c() -> int:
    return sum(range(10**13))


def takes_all_memory() -> int:
    return len(bytearray(8 * 1024**3))


def dies() -> None:
    os._exit(1)


def sees_a_fault() -> None:
    raise FieldFault("calendar", "%(what)s gick inte att läsa.", what="Filen")


@pytest.mark.parametrize("bad", [never_ends, is_stuck_in_c, takes_all_memory, dies])
def test_a_read_that_takes_too_much_ends_and_the_next_is_read(bad: object) -> None:
    reader = Apart()
    try:
        assert reader.call(5.0, length, "abc") == 3
        for _ in range(2):
            with pytest.raises(TooMuchError):
                reader.call(0.2, bad)  # type: ignore[arg-type]
            assert reader.call(5.0, length, "abcd") == 4
    finally:
        reader.close()


def test_a_fault_that_is_found_apart_is_the_same_fault_here() -> None:
    reader = Apart()
    try:
        with pytest.raises(FieldFault) as caught:
            reader.call(5.0, sees_a_fault)
    finally:
        reader.close()
    assert (caught.value.field, str(caught.value)) == ("calendar", "Filen gick inte att läsa.")
    assert caught.value.values == {"what": "Filen"}


def test_processor_time_is_counted_not_waiting() -> None:
    """A busy machine makes nothing unreadable: a read may wait longer than it may work."""
    reader = Apart()
    try:
        reader.call(0.2, time.sleep, 0.6)
    finally:
        reader.close()
