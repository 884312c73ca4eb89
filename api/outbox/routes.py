"""The outbox for planners: what waits, what went, what failed; each mail as its recipient sees it."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.audit.service import record
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import address, language_of, render
from api.outbox import queries, service
from api.outbox.models import Mail, MailState

pages = APIRouter()

NEWEST = 200
_LANGUAGE = re.compile(r'<html lang="([a-z]{2})"')
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # a link's token: its recipient's, not the planner's


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """The list and the counts by state."""

    mails: tuple[Mail, ...]
    counts: dict[MailState, int]
    state: MailState | None
    states: tuple[MailState, ...]
    is_paused: bool
    has_server: bool


@dataclass(frozen=True, slots=True)
class MailPage:
    """One mail, its secret links made unreadable."""

    mail: Mail
    text: str
    language: str  # as the mail itself says; empty once its text is erased
    can_release: bool
    can_hold: bool
    can_send_again: bool
    can_discard: bool


@pages.get("/planera/utskick")
def outbox(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    lage: MailState | None = None,
) -> Response:
    """List the newest mails, of one state or all."""
    insist(may_plan(viewer))
    page = OutboxPage(
        mails=tuple(queries.newest(session, lage, NEWEST)),
        counts=queries.counts(session),
        state=lage,
        states=tuple(MailState),
        is_paused=service.is_paused(session),
        has_server=bool(request.app.state.settings.smtp_url.get_secret_value()),
    )
    return render(request, "outbox/list.html", page)


@pages.get("/planera/utskick/{mail_id}")
def preview(
    request: Request, session: Transaction, viewer: SignedInViewer, mail_id: str
) -> Response:
    """Show one mail with its exact recipient."""
    insist(may_plan(viewer))
    mail = service.find(session, mail_id)
    page = MailPage(
        mail=mail,
        text=_SECRET.sub("…", mail.text),
        language=found[1] if (found := _LANGUAGE.search(mail.html)) else "",
        can_release=mail.state in {MailState.DRAFT, MailState.PAUSED, MailState.FAILED},
        can_hold=mail.state in {MailState.DRAFT, MailState.QUEUED},
        can_send_again=mail.state is MailState.SENT and not mail.is_secret,
        can_discard=mail.state is MailState.DRAFT,
    )
    return render(request, "outbox/mail.html", page)


@pages.post("/planera/utskick/paus")
def pause(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    paused: Annotated[str, Form()] = "yes",
) -> Response:
    """Hold all sending back, or let it go on."""
    insist(may_plan(viewer))
    service.pause(session, is_paused=paused != "no")
    action = "paused" if paused != "no" else "resumed"
    record(session, viewer.person_id, action, ("outbox", "all"))
    return _back(request)


@pages.post("/planera/utskick/utkast", dependencies=[ACTS_ONCE])
def send_drafts(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    mails: Annotated[str, Form()] = "",
) -> Response:
    """Send the drafts (comma-separated ids) that the list showed, and none that came since."""
    insist(may_plan(viewer))
    for mail in service.release_drafts(session, mails.split(","), now()):
        record(session, viewer.person_id, "release", ("mail", mail.id))
    return _back(request)


@pages.post("/planera/utskick/{mail_id}", dependencies=[ACTS_ONCE])
def act(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    mail_id: str,
    action: Annotated[str, Form()] = "",
) -> Response:
    """Send a mail that waits or failed, hold one back, send a copy of one that went, or drop a draft."""
    insist(may_plan(viewer))
    if action == "release":
        service.release(session, mail_id, now())
    elif action == "hold":
        service.hold(session, mail_id)
    elif action == "again":
        service.send_again(session, mail_id, now())
    elif action == "removed":
        service.discard(session, mail_id)
    else:
        service.find(session, mail_id)
        raise FieldFault("action", "Välj vad som ska hända med mejlet.")
    record(session, viewer.person_id, action, ("mail", mail_id))
    return _back(request)


def _back(request: Request) -> Response:
    return RedirectResponse(address(language_of(request), "/planera/utskick"), status_code=303)
