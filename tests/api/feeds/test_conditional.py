from datetime import UTC, datetime

import pytest

from api.feeds.conditional import accepts_gzip, holds, http_date

CHANGED = datetime(2027, 1, 10, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("none_match", "modified_since", "expected"),
    [
        (None, None, False),
        ('"a"', None, True),
        ('W/"a"', None, True),
        ('"x", W/"y" ,"a"', None, True),
        ('"x", "y"', None, False),
        ("*", None, True),
        (' W/"b,c",\tW/"a" ', None, True),
        ('w/"a"', None, False),  # W is an upper-case letter (RFC 9110 8.8.3)
        ("a", None, False),  # a tag has quotes
        ('"x"' + " " * 60_000 + "y", None, False),  # takes no longer than it is long
        ('"a', None, False),
        ('"x,\\"a\\""', None, False),
        ("", None, False),
        (None, "Sun, 10 Jan 2027 12:00:05 GMT", True),
        (None, "Sun, 10 Jan 2027 12:00:06 GMT", True),
        (None, "Sun, 10 Jan 2027 12:00:04 GMT", False),
        (None, "Sunday, 10-Jan-27 12:00:05 GMT", True),
        (None, "Sun Jan 10 12:00:05 2027", True),  # asctime's form, which HTTP still takes
        (None, "Sun Jan 10 12:00:04 2027", False),
        (None, "Sun, 10 Jan 2027 12:00:05 +99999999999999999999", False),
        (None, "Sun, 99 Jan 99999999999999999999 12:00:05 GMT", False),
        (None, "yesterday", False),
        (None, "", False),
        ('"x"', "Sun, 10 Jan 2027 12:00:05 GMT", False),  # If-None-Match goes first
    ],
)
def test_a_copy_holds_when_its_tag_or_its_time_says_so(
    none_match: str | None, modified_since: str | None, *, expected: bool
) -> None:
    assert holds(none_match, modified_since, '"a"', CHANGED) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("identity, deflate", False),
    ],
)
def test_gzip_is_sent_only_to_those_who_take_it(header: str | None, *, expected: bool) -> None:
    assert accepts_gzip(header) is expected


def test_http_dates_are_fixed_in_length_and_in_gmt() -> None:
    assert http_date(CHANGED) == "Sun, 10 Jan 2027 12:00:05 GMT"
