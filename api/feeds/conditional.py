"""Conditional requests (RFC 9110 13): pure; whether a client's copy still holds, and which coding it takes."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache


def holds(
    if_none_match: str | None, if_modified_since: str | None, etag: str, last_modified: datetime
) -> bool:
    """Return whether to answer 304. `etag` is quoted; If-None-Match goes before If-Modified-Since."""
    if if_none_match is not None:
        return _matches(if_none_match, etag)
    if if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
    except (ValueError, OverflowError):
        return False  # RFC 9110 13.1.3: a date that cannot be read is ignored
    if since.tzinfo is None:  # asctime's form names no zone: HTTP means UTC (RFC 9110 5.6.7)
        since = since.replace(tzinfo=UTC)
    return last_modified <= since


def _matches(header: str, etag: str) -> bool:
    """Compare weakly (RFC 9110 8.8.3.2): W/"x" matches "x"; * matches whatever exists."""
    tags = [
        tag.strip() for tag in header.split(",")
    ]  # a tag of another's may hold a comma, ours none
    return tags == ["*"] or any(tag.removeprefix("W/") == etag for tag in tags)


@lru_cache(maxsize=1024)
def http_date(moment: datetime) -> str:
    """Return an IMF-fixdate (RFC 9110 5.6.7)."""
    return format_datetime(moment, usegmt=True)


def accepts_gzip(header: str | None) -> bool:
    """Return whether Accept-Encoding takes gzip; q=0 means no (RFC 9110 12.5.3)."""
    for item in (header or "").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if name in {"gzip", "x-gzip"}:
            return not any(re.fullmatch(r"q=0(\.0*)?", part) for part in parameters)
    return False
