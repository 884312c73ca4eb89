"""The needs survey's one page behind one link, and having the link mailed again."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from api.accounts.addresses import work_address
from api.accounts.policy import Viewer
from api.accounts.session import MaybeViewer, Transaction
from api.kit.clock import now
from api.kit.db import Database
from api.kit.errors import ConflictError, FieldFault, FormError
from api.kit.pages import (
    EveryText,
    after_answering,
    lead_to,
    render,
    speaker_of,
)
from api.kit.throttle.service import LINKS_PER_ADDRESS, LINKS_PER_CLIENT, client_of
from api.surveys import links, mailing
from api.surveys.links import LinkState, OpenedLink
from api.surveys.questions import read_answer
from api.surveys.service import other_themes
from api.surveys.web.answer_page import AnswerPage, DeadLinkPage, OutcomePage, page_of_link

pages = APIRouter()

_STATUS = {"unknown": 404, "revoked": 410, "used": 410, "closed": 410}


@dataclass(frozen=True, slots=True)
class LinkAgainPage:
    """The form that has a link mailed again."""

    email: str = ""
    is_sent: bool = False
    faults: tuple[FieldFault, ...] = ()


@pages.get("/enkat")
def ask_for_link(request: Request, skickad: bool = False) -> Response:  # noqa: FBT001, FBT002 - a query parameter
    """Ask for the work address."""
    return render(request, "surveys/link_again.html", LinkAgainPage(is_sent=skickad))


@pages.post("/enkat")
def send_link_again(request: Request, email: Annotated[str, Form()] = "") -> Response:
    """Have the links mailed again; the answer is the same, and as quick, for every address."""
    client, throttle = client_of(request.scope), request.app.state.throttle
    throttle.insist(LINKS_PER_CLIENT, "link", client)
    try:
        wanted = work_address(email)
    except FieldFault as fault:
        page = LinkAgainPage(email, faults=(fault,))
        return render(request, "surveys/link_again.html", page, status=fault.status)
    answer = lead_to(request, "/enkat?skickad=true")
    if throttle.allows(LINKS_PER_ADDRESS, "survey address", wanted, client):
        after_answering(answer, _mail_links, request.app.state.database, wanted)
    return answer


def _mail_links(database: Database, email: str) -> None:
    with database.transaction() as session:
        mailing.send_again(session, email, now())


@pages.get("/enkat/{token}")
def open_link(
    request: Request,
    session: Transaction,
    viewer: MaybeViewer,
    token: str,
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the form with the current answer; a mail scanner that asks a hundred times changes nothing."""
    opened = _opened(session, token, viewer)
    page = page_of_link(session, opened, f"/enkat/{token}", speaker_of(request))
    if isinstance(page, AnswerPage) and opened.answered_at is not None:
        answered = speaker_of(request).moment(opened.answered_at)
        page = replace(page, answered=answered, is_saved=sparat)
    return _show(request, page)


@pages.post("/enkat/{token}")
def answer(
    request: Request, session: Transaction, viewer: MaybeViewer, token: str, form: EveryText
) -> Response:
    """Keep the answer, in place of an earlier one."""
    opened = _opened(session, token, viewer)
    page = page_of_link(session, opened, f"/enkat/{token}", speaker_of(request))
    if opened.survey is not None and opened.state is LinkState.CLOSED:
        return _too_late(request, session, token, form)
    if opened.survey is None or not isinstance(page, AnswerPage):
        return _show(request, page)
    try:
        others = [one.id for one in other_themes(session, opened.survey)]
        given = read_answer(form, opened.survey.theme_ids, opened.survey.days, others)
        links.answer_by_link(session, token, given, now())
    except FormError as error:
        typed = replace(page, values=form, faults=error.faults)
        return render(request, "surveys/answer.html", typed, status=error.status)
    except ConflictError:  # the deadline passed this moment
        return _too_late(request, session, token, form)
    return lead_to(request, f"/enkat/{token}?sparat=true")


@pages.post("/enkat/{token}/utkast")
def keep_draft(
    request: Request,
    session: Transaction,
    viewer: MaybeViewer,
    token: str,
    form: EveryText,
    auto: Annotated[str, Form()] = "",
) -> Response:
    """Keep what has been filled in; the script asks for the clock, a button for the page."""
    opened = _opened(session, token, viewer)
    if opened.survey is None:
        return _show(request, DeadLinkPage(opened.state.value))
    if opened.state is LinkState.CLOSED:
        return _too_late(request, session, token, form)
    kept = links.keep_draft(session, token, form, now())
    if auto:
        return JSONResponse({"saved": speaker_of(request).clock(kept.saved_at)})
    return lead_to(request, f"/enkat/{token}")


def _too_late(
    request: Request, session: Transaction, token: str, form: dict[str, tuple[str, ...]]
) -> Response:
    """Say that the survey has closed; what was filled in is there should it be opened again."""
    links.keep_draft(session, token, form, now())
    return _show(request, DeadLinkPage("closed"))


def _opened(session: Transaction, token: str, viewer: Viewer | None) -> OpenedLink:
    """Open a link; to somebody signed in at an RC whom this one is not for it is as unknown as any."""
    opened = links.open_link(session, token, now())
    is_others = (
        opened.rc_id != ""
        and viewer is not None
        and bool(viewer.home_rc_ids)
        and opened.rc_id not in viewer.rc_ids
        and not viewer.is_planner
    )
    return OpenedLink(LinkState.UNKNOWN) if is_others else opened


def _show(request: Request, page: AnswerPage | OutcomePage | DeadLinkPage) -> Response:
    if isinstance(page, AnswerPage):
        return render(request, "surveys/answer.html", page)
    if isinstance(page, OutcomePage):
        return render(request, "surveys/outcome.html", page)
    return render(request, "surveys/dead_link.html", page, status=_STATUS[page.kind])
