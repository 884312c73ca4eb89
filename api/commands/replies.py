"""`samkrets replies read`: what is understood of answers that came by mail, one line of JSON each."""

import json
from pathlib import Path

import typer

from api.commands.files import BAD_INPUT, write_whole
from api.invitations.incoming import Kind, ReadMail, Said, read_mail, unread

app = typer.Typer(no_args_is_help=True)


@app.callback()
def replies() -> None:
    """Read answers that come by mail."""


@app.command("read")
def read_files(
    files: list[Path] = typer.Argument(..., metavar="FILE.eml...", help="Mails, in this order."),
    out: str = typer.Option("-", help="File for the result, or - for standard output."),
) -> None:
    """Say of each mail what it is, and of an answer who answers what."""
    lines = []
    is_missing = False
    for file in files:
        try:
            mail = read_mail(file.read_bytes())
        except OSError as error:
            is_missing = True
            mail = unread(b"", error.strerror or "cannot be read")
        lines.append(json.dumps(_line(file, mail), ensure_ascii=False))
    write_whole("".join(f"{line}\n" for line in lines), out)
    if is_missing:
        raise typer.Exit(BAD_INPUT)


def _line(file: Path, mail: ReadMail) -> dict[str, object]:
    told = [_said(one, mail) for one in mail.said]
    found: dict[str, object] = {"file": str(file)}
    found |= told[0] if told else _said(Said("", "", "", ""), mail)
    found["reason"] = mail.reason or None
    found |= {
        "sender": mail.sender or None,
        "subject": mail.subject or None,
        "answers_to": list(mail.answers_to),
        "failed": list(mail.failed),
    }
    if len(told) > 1:
        found["replies"] = told
    return found


def _said(said: Said, mail: ReadMail) -> dict[str, object]:
    kind = mail.kind
    if said.method:
        kind = Kind.COUNTER if said.method == "COUNTER" else Kind.REPLY
    day = said.day.isoformat() if said.day else None
    found: dict[str, object] = {
        "kind": kind.value,
        "method": said.method or None,
        "uid": said.uid or None,
        "attendee": said.attendee or None,
        "partstat": said.partstat or None,
        "recurrence_id": f"{said.occurrence:%Y-%m-%dT%H:%M:%SZ}" if said.occurrence else day,
        "sequence": said.sequence,
        "dtstamp": f"{said.stamp:%Y-%m-%dT%H:%M:%SZ}" if said.stamp else None,
        "reason": said.reason or None,
    }
    if said.starts_at is not None:
        found["start"] = f"{said.starts_at:%Y-%m-%dT%H:%M:%SZ}"
        found["end"] = f"{said.ends_at:%Y-%m-%dT%H:%M:%SZ}" if said.ends_at else None
    return found
