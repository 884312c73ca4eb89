"""`samkrets calendar read`: what is understood of a file, what is not, and what is no calendar."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app

WEEKLY = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0200
TZOFFSETTO:+0200
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:weekly
SUMMARY:Chefsgruppen
DTSTART;TZID=Customized Time Zone:20270105T090000
DURATION:PT1H
RRULE:FREQ=WEEKLY;COUNT=2
END:VEVENT
BEGIN:VEVENT
UID:unclear
SUMMARY:Oklart
DTSTART:20270106T090000Z
DURATION:PT1H
RRULE:FREQ=NEVER
STATUS:TENTATIVE
END:VEVENT
END:VCALENDAR
"""


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["calendar", "read", *words])
    return done.exit_code, done.output


def test_busy_meetings_and_all_that_is_unread_are_told(tmp_path: Path) -> None:
    file, out = tmp_path / "own.ics", tmp_path / "told.json"
    file.write_text(WEEKLY)
    window = ("--from", "2027-01-01", "--to", "2027-01-31")
    assert run(str(file), *window, "--out", str(out))[0] == 0
    told = json.loads(out.read_text())
    assert told["busy"] == [
        {"start": "2027-01-05T07:00:00Z", "end": "2027-01-05T08:00:00Z", "kind": "busy"},
        {"start": "2027-01-06T09:00:00Z", "end": "2027-01-06T10:00:00Z", "kind": "tentative"},
        {"start": "2027-01-12T07:00:00Z", "end": "2027-01-12T08:00:00Z", "kind": "busy"},
    ]
    assert [(one["uid"], one["start"], one["status"]) for one in told["meetings"]] == [
        ("weekly", "2027-01-05T07:00:00Z", "new"),
        ("weekly", "2027-01-12T07:00:00Z", "new"),
    ]
    assert [one["uid"] for one in told["refused"]] == ["unclear"]
    [unread] = told["unread"]
    assert (unread["uid"], unread["property"], unread["value"]) == (
        "unclear",
        "RRULE",
        "FREQ=NEVER",
    )
    assert unread["leaves_open"] is True


@pytest.mark.parametrize("content", [b"", b"hej", b"\0\0\0", b"BEGIN:VCALENDAR\r\n"])
def test_what_is_no_calendar_ends_with_2_and_writes_nothing(tmp_path: Path, content: bytes) -> None:
    file, out = tmp_path / "own.ics", tmp_path / "told.json"
    file.write_bytes(content)
    code, said = run(str(file), "--out", str(out))
    assert (code, out.exists()) == (2, False)
    assert str(file) in said
    assert run(str(tmp_path / "none.ics"))[0] == 2
    file.write_text(WEEKLY)
    assert run(str(file), "--from", "2027-02-01", "--to", "2027-01-01")[0] == 2
