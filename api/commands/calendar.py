"""`samkrets calendar read`: what is understood of somebody's calendar file, and what is not."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import typer

from api.availability import busy
from api.availability.service import Time
from api.calendar.reading.book import Book, read
from api.calendar.reading.parts import UnreadableError
from api.calendar.reading.unread import Unread
from api.commands.files import BAD_INPUT, one_line, write_whole
from api.kit.clock import STOCKHOLM, today
from api.standing.file import events_of, hash_of_uid
from matcher.documents.text import write_json

app = typer.Typer(no_args_is_help=True)
_YEAR = timedelta(days=365)
_DAY = ["%Y-%m-%d"]


@app.callback()
def calendar() -> None:
    """Read calendars that come from outside."""


@app.command("read")
def read_file(
    file: Path = typer.Argument(..., metavar="FILE.ics", help="A calendar file."),
    first: datetime | None = typer.Option(None, "--from", help="The first day.", formats=_DAY),
    last: datetime | None = typer.Option(None, "--to", help="The last day.", formats=_DAY),
    out: str = typer.Option("-", help="File for the result, or - for standard output."),
) -> None:
    """Say when a calendar is busy, which meetings it holds, and what of it was not followed."""
    begin = first.date() if first else today()
    end = last.date() if last else begin + _YEAR
    try:
        if end < begin:
            typer.echo(f"--to: {end} is before {begin}", err=True)
            raise typer.Exit(BAD_INPUT)
        content = file.read_bytes()
        book = read(content, busy.MOST_EVENTS)
    except OSError as error:
        typer.echo(one_line(f"{file}: {error.strerror}"), err=True)
        raise typer.Exit(BAD_INPUT) from error
    except UnreadableError as error:
        typer.echo(one_line(f"{file}: {error}: expected a calendar (RFC 5545)"), err=True)
        raise typer.Exit(BAD_INPUT) from error
    window = Time(_midnight(begin), _midnight(end + timedelta(days=1)))
    write_whole(write_json(_document(book, window)), out)


def _document(book: Book, window: Time) -> dict[str, object]:
    spans, left = busy.spans_of(book, window)
    busy_times = [
        {"start": _text(one.starts_at), "end": _text(one.ends_at), "kind": one.kind.value}
        for one in spans
    ]
    meetings, refused = _meetings(book, window)
    return {
        "busy": busy_times,
        "meetings": meetings,
        "refused": refused,
        "unread": list(_unread(left)),
    }


def _meetings(book: Book, window: Time) -> tuple[list[object], list[object]]:
    """Return what reading in standing meetings offers within the window, and what it refuses."""
    uids = {hash_of_uid(series.uid): series.uid for series in book.series}
    if book.is_cut:
        return [], [{"uid": "", "reason": "the file ends early"}]
    events = events_of(book, window.starts_at - timedelta(seconds=1))
    found = sorted(
        (told.starts_at, told.ends_at, uids[event.uid], told.is_cancelled)
        for event in events
        for told in event.told
        if told.starts_at < window.ends_at
    )
    meetings: list[object] = [
        {
            "uid": uid,
            "start": _text(start),
            "end": _text(end),
            "status": "cancelled" if is_cancelled else "new",
        }
        for start, end, uid, is_cancelled in found
    ]
    refused: list[object] = [
        {"uid": uids[event.uid], "reason": event.reason.text % event.reason.values}
        for event in events
        if event.reason is not None
    ]
    return meetings, refused


def _unread(left: Iterable[Unread]) -> Iterator[dict[str, object]]:
    seen = set()
    for one in left:
        told = (one.uid, one.property, one.value, one.why)
        if told not in seen:
            seen.add(told)
            yield {
                "uid": one.uid,
                "property": one.property,
                "value": one.value,
                "reason": one.why.value,
                "leaves_open": one.touched is not None,
            }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=STOCKHOLM).astimezone(UTC)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
