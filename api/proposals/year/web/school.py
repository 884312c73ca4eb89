"""The page where planners enter the school breaks that meetings avoid; it starts empty."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.audit.service import record
from api.calendar.days import (
    SCHOOL_BREAKS,
    SchoolBreak,
    changes_of,
    parse_school_breaks,
    read_school_breaks,
    write_school_breaks,
    written_school_breaks,
)
from api.kit.clock import today
from api.kit.errors import FieldFault
from api.kit.pages import lead_to, render, shows, speaker_of
from api.kit.table_file import MOST_BYTES, Change
from api.proposals.year.school_years import years_without_breaks

pages = APIRouter()

PAGE = "/planera/skollov"


@dataclass(frozen=True, slots=True)
class SchoolPage:
    """The breaks that are kept, and the list as text to change.

    `missing` are years being planned of which none is entered.
    """

    breaks: tuple[SchoolBreak, ...]
    text: str
    missing: str
    faults: tuple[FieldFault, ...] = ()
    is_checked: bool = False
    changes: tuple[tuple[str, tuple[Change, ...]], ...] = ()
    """What the list or file that was checked would change: each break's name and cells."""


@pages.get(PAGE)
@shows(SchoolPage)
def show(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the breaks and the form to change them."""
    insist(may_plan(viewer))
    breaks = read_school_breaks(request.app.state.settings.data)
    missing = _missing(request, session, breaks)
    page = SchoolPage(breaks, _lines(breaks), missing)
    return render(request, "proposals/school.html", page)


@pages.post(PAGE)
def save(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    text: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
    action: Annotated[str, Form()] = "write",
) -> Response:
    """Replace the list by the file, where one is sent, or else by the text; or only show what changes."""
    insist(may_plan(viewer))
    folder = request.app.state.settings.data
    before = read_school_breaks(folder)
    try:
        uploaded = file.file.read(MOST_BYTES + 1) if file is not None else b""
        breaks = parse_school_breaks(uploaded or text)
    except FieldFault as fault:
        shown = FieldFault("text", fault.message, **fault.values)
        written = text or _lines(before)
        page = SchoolPage(before, written, _missing(request, session, before), (shown,))
        return render(request, "proposals/school.html", page, status=422)
    if action == "check":
        missing = _missing(request, session, breaks)
        told = changes_of(before, breaks)
        page = SchoolPage(before, _lines(breaks), missing, is_checked=True, changes=told)
        return render(request, "proposals/school.html", page)
    record(
        session,
        viewer.person_id,
        "changed",
        ("school_breaks", SCHOOL_BREAKS),
        {"breaks": written_school_breaks(before)},
        {"breaks": written_school_breaks(breaks)},
    )
    write_school_breaks(folder, breaks)
    return lead_to(request, PAGE)


def _lines(breaks: tuple[SchoolBreak, ...]) -> str:
    """Return the list as one writes it: without the row of a file's headings."""
    return written_school_breaks(breaks).partition("\n")[2]


def _missing(request: Request, session: Transaction, breaks: tuple[SchoolBreak, ...]) -> str:
    years = years_without_breaks(session, breaks, today())
    return speaker_of(request).listing([str(year) for year in years])
