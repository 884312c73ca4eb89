"""The outbox for planners: what waits, what went, what failed; each mail as its recipient sees it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import Viewer, did, insist, may_plan
from api.accounts.session import MaybeViewer, SignedInViewer, Transaction
from api.audit.service import record
from api.kit.clock import now
from api.kit.db import Database
from api.kit.errors import FieldFault, MissingError, SignInNeededError
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, speaker_of
from api.outbox import acts, holding, queries, service
from api.outbox.acts import Receipt
from api.outbox.models import Act, Mail, MailState
from api.outbox.sealing import blinded

pages = APIRouter()

NEWEST = 200
_LANGUAGE = re.compile(r'<html lang="([a-z]{2})"')


@dataclass(frozen=True, slots=True)
class Mailing:
    """Mails that say the same thing to several: one line, that unfolds to whom."""

    subject: str
    mails: tuple[Mail, ...]

    @property
    def states(self) -> list[tuple[MailState, int]]:
        """Return how many are in each state, in the order of a mail's way."""
        found = Counter(one.state for one in self.mails)
        return [(state, found[state]) for state in MailState if state in found]


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """The list, by mailing, and the counts by state."""

    mails: tuple[Mail, ...]
    mailings: tuple[Mailing, ...]
    counts: dict[MailState, int]
    state: MailState | None
    states: tuple[MailState, ...]
    is_paused: bool
    has_server: bool
    held: tuple[Receipt, ...]  # the acts whose mails wait


@dataclass(frozen=True, slots=True)
class MailPage:
    """One mail, without the tokens of its links: they are its recipient's, not the planner's."""

    mail: Mail
    text: str
    language: str  # as the mail itself says; empty once its text is erased
    is_held: bool  # waits, and can be sent at once
    can_release: bool
    can_hold: bool
    can_send_again: bool
    can_discard: bool


@pages.get("/planera/utskick")
def outbox(
    request: Request, session: Transaction, viewer: SignedInViewer, lage: MailState | None = None
) -> Response:
    """List the newest mails, of one state or all."""
    insist(may_plan(viewer))
    mails = tuple(queries.newest(session, lage, NEWEST))
    page = OutboxPage(
        mails=mails,
        mailings=tuple(_mailings(mails)),
        counts=queries.counts(session),
        state=lage,
        states=tuple(MailState),
        is_paused=service.is_paused(session),
        has_server=bool(request.app.state.settings.smtp_url.get_secret_value()),
        held=tuple(acts.waiting(session, speaker_of(request))),
    )
    return render(request, "outbox/list.html", page)


def _mailings(mails: tuple[Mail, ...]) -> Iterator[Mailing]:
    """Yield the mails of one mailing together, where its newest stands; one not written yet stands alone.

    A mailing is a batch, or what was written in one minute with subjects that begin alike.
    """
    found: dict[str, list[Mail]] = {}
    for one in mails:
        begins = one.subject.partition(":")[0]
        minute = one.created_at.replace(second=0, microsecond=0).isoformat()
        key = (one.batch or f"{minute} {begins}") if begins else one.id
        found.setdefault(key, []).append(one)
    for same in found.values():
        subjects = {one.subject for one in same}
        begins = same[0].subject.partition(":")[0]
        yield Mailing(same[0].subject if len(subjects) == 1 else begins, tuple(same))


@pages.get("/planera/utskick/{mail_id}")
def preview(
    request: Request, session: Transaction, viewer: SignedInViewer, mail_id: str
) -> Response:
    """Show one mail with its exact recipient."""
    insist(may_plan(viewer))
    mail = service.find(session, mail_id)
    if mail.state is MailState.HELD and mail.kind:
        holding.look_at(session, mail, now())  # as it would be written now; a reading keeps nothing
    page = MailPage(
        mail=mail,
        text=blinded(session, mail.text),
        language=found[1] if (found := _LANGUAGE.search(mail.html)) else "",
        can_release=mail.state in {MailState.DRAFT, MailState.PAUSED, MailState.FAILED},
        is_held=mail.state is MailState.HELD,
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
    return lead_to(request, "/planera/utskick")


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
    return lead_to(request, "/planera/utskick")


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
    if action == "now":
        holding.send_now(session, mail_id, now())
    elif action == "release":
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
    return lead_to(request, "/planera/utskick")


@pages.post("/angra/{act_id}", dependencies=[ACTS_ONCE])
def undo(request: Request, session: Transaction, viewer: MaybeViewer, act_id: str) -> Response:
    """Take back what the viewer did, before anybody got a mail of it."""
    found = _act_of(session, viewer, act_id)
    actor = viewer.person_id if viewer is not None else found.actor
    acts.undo_act(session, found.id, actor, now())
    return lead_to(request, acts.showing_receipt(found.page, found.id))


@pages.post("/skicka-nu/{act_id}", dependencies=[ACTS_ONCE])
def send_now(
    request: Request, session: Transaction, viewer: SignedInViewer, act_id: str
) -> Response:
    """Send the mails of what the viewer did without waiting."""
    found = _act_of(session, viewer, act_id)
    for mail in queries.mails_of_act(session, found.id):
        holding.send_now(session, mail.id, now())
    record(session, viewer.person_id, "release", ("act", found.id))
    return lead_to(request, "/planera/utskick")


def note_receipt(request: Request, viewer: MaybeViewer) -> None:
    """Let a page whose address asks for it (`?kvitto=`) show the receipt of what the viewer did."""
    act_id = request.query_params.get("kvitto", "")
    if not act_id:
        return
    database: Database = request.app.state.database
    with database.reading() as session:
        found = queries.act(session, act_id)
        if found is not None and _may_handle(found, viewer):
            request.state.receipt = acts.receipt(session, act_id, speaker_of(request))


def _act_of(session: Transaction, viewer: Viewer | None, act_id: str) -> Act:
    found = queries.act(session, act_id)
    if found is not None and viewer is None and found.actor != acts.BY_LINK:
        raise SignInNeededError
    if found is None or not _may_handle(found, viewer):
        raise MissingError
    return found


def _may_handle(found: Act, viewer: Viewer | None) -> bool:
    """Who did it, and planners; what was done by a mailed link, whoever knows its id."""
    return found.actor == acts.BY_LINK or did(viewer, found.actor) or may_plan(viewer)
