"""`samkrets replies read`: one line of JSON a mail, in order, whatever the mails are."""

import json
from pathlib import Path

from typer.testing import CliRunner

from api.cli import app

ANSWER = """\
From: anna@example.org
Message-ID: <m{number}@example.org>
Content-Type: text/calendar; method=REPLY

BEGIN:VCALENDAR
METHOD:REPLY
BEGIN:VEVENT
UID:u{number}
DTSTAMP:20270110T130000Z
RECURRENCE-ID;VALUE=DATE:20270208
ATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org
END:VEVENT
END:VCALENDAR
"""


def test_a_bad_mail_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    contents = [ANSWER.format(number=1), 'From: "\n\nHej', "\0\0", "", ANSWER.format(number=2)]
    files = [tmp_path / f"{number}.eml" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_text(content)
    out = tmp_path / "told.jsonl"
    done = CliRunner().invoke(app, ["replies", "read", *map(str, files), "--out", str(out)])
    assert done.exit_code == 0
    told = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["file"] for one in told] == list(map(str, files))
    assert [one["kind"] for one in told][:2] == ["reply", "prose"]
    first, last = told[0], told[-1]
    assert (first["uid"], last["uid"]) == ("u1", "u2")
    assert {name: last[name] for name in ("method", "attendee", "partstat", "recurrence_id")} == {
        "method": "REPLY",
        "attendee": "anna@example.org",
        "partstat": "DECLINED",
        "recurrence_id": "2027-02-08",
    }
    assert (last["sequence"], last["dtstamp"], last["reason"]) == (
        None,
        "2027-01-10T13:00:00Z",
        None,
    )


def test_a_file_that_is_not_there_is_said_after_the_others_were_read(tmp_path: Path) -> None:
    file, out = tmp_path / "1.eml", tmp_path / "told.jsonl"
    file.write_text(ANSWER.format(number=1))
    words = ["replies", "read", str(tmp_path / "none.eml"), str(file), "--out", str(out)]
    assert CliRunner().invoke(app, words).exit_code == 2
    assert [json.loads(line)["kind"] for line in out.read_text().splitlines()] == [
        "unreadable",
        "reply",
    ]
