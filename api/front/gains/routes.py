"""Pages: what a year gave, to planners, and a year on an A4, each RC's and NCH's own, with lines of what was learnt."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import insist
from api.accounts.session import SignedInViewer, Transaction
from api.front.gains.page import (
    NCH_SHEET,
    GainsPage,
    YearSheet,
    gains_page,
    nch_year_page,
    rc_year_page,
    tables,
)
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.exports import Format, download
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, shows, speaker_of
from api.questions import lessons

pages = APIRouter()

Year = Annotated[int | None, Form()]
Text = Annotated[str, Form()]


@pages.get("/planera/vad-det-gav")
@shows(GainsPage)
def gains(
    request: Request, session: Transaction, viewer: SignedInViewer, year: int | None = None
) -> Response:
    """Show what a year gave: meetings, hours, wishes met, for all RC and parts of the country."""
    page = gains_page(session, viewer, year, speaker_of(request), now())
    return render(request, "front/gains.html", page)


@pages.get("/planera/vad-det-gav.{kind}")
def gains_file(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    kind: Format,
    year: int | None = None,
) -> Response:
    """Download the same as a workbook or a CSV file."""
    say = speaker_of(request)
    return download(tables(gains_page(session, viewer, year, say, now()), say), kind, say)


@pages.get(NCH_SHEET)
@shows(YearSheet)
def nch_year(
    request: Request, session: Transaction, viewer: SignedInViewer, year: int | None = None
) -> Response:
    """Show what a year gave all RC, on one A4."""
    return _shown(request, nch_year_page(session, viewer, year, speaker_of(request), now()))


@pages.post(NCH_SHEET, dependencies=[ACTS_ONCE])
def nch_lesson(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    text: Text = "",
    year: Year = None,
) -> Response:
    """Publish a line of what NCH learnt."""
    page = nch_year_page(session, viewer, year, speaker_of(request), now())
    return _published(request, session, viewer, page, text)


@pages.get("/rc/{rc_id}/aret")
@shows(YearSheet)
def rc_year(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    rc_id: str,
    year: int | None = None,
) -> Response:
    """Show what a year gave one RC, on one A4."""
    return _shown(request, rc_year_page(session, viewer, rc_id, year, speaker_of(request), now()))


@pages.post("/rc/{rc_id}/aret", dependencies=[ACTS_ONCE])
def rc_lesson(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    rc_id: str,
    text: Text = "",
    year: Year = None,
) -> Response:
    """Publish a line of what an RC learnt; its own people do so, and nobody for them."""
    insist(lessons.may_write(viewer, rc_id))
    page = rc_year_page(session, viewer, rc_id, year, speaker_of(request), now())
    return _published(request, session, viewer, page, text)


@pages.post("/lardomar/{lesson_id}/ta-bort")
def withdraw(
    request: Request, session: Transaction, viewer: SignedInViewer, lesson_id: str
) -> Response:
    """Take a line away."""
    gone = lessons.withdraw(session, viewer, lesson_id)
    own = f"/rc/{gone.rc_id}/aret" if gone.rc_id in viewer.rc_ids else NCH_SHEET
    return _to(request, own, gone.year)


def _published(
    request: Request, session: Transaction, viewer: SignedInViewer, page: YearSheet, text: str
) -> Response:
    try:
        lessons.publish(session, viewer, page.rc_id, page.year, text, now())
    except FieldFault as fault:
        undo(session)
        return _shown(request, replace(page, draft=text, faults=(fault,)))
    return _to(request, page.path, page.year)


def _shown(request: Request, page: YearSheet) -> Response:
    status = page.faults[0].status if page.faults else 200
    return render(request, "front/year_sheet.html", page, status=status)


def _to(request: Request, path: str, year: int) -> Response:
    return lead_to(request, f"{path}?year={year}#lessons")
