"""The answer page (GET shows, POST acts) by mailed link or signed in, and a planner's page of invitations."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import Viewer, insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.dietary.models import Diet
from api.dietary.service import Needs
from api.invitations import service
from api.invitations.meeting import choose_answer_day as choose_day
from api.invitations.meeting import may_invite
from api.invitations.models import Partstat
from api.invitations.service import PlaceGoneError
from api.invitations.web import drafting, inbox, own, reminding, showing
from api.invitations.web.drafting import DraftPage
from api.invitations.web.inbox import InboxPage
from api.invitations.web.programme import calendar_of
from api.invitations.web.showing import Typed
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Seen, language_of, lead_to, render, shows, speaker_of
from api.outbox.acts import BY_LINK, begin_act, receipt_of_this, with_receipt

pages = APIRouter()

# What receipts say.
INVITED = later("Inbjudan är klar.")
REMINDED = later("Påminnelserna är klara.")
PASSED_ON = later("Platsen har gått vidare.")
MOVED = later("Träffen är flyttad.")


@pages.get("/svar/{token}")
def answer_form(request: Request, session: Transaction, token: str) -> Response:
    """Show what the invitation is to and the buttons; nothing is changed by opening a link."""
    try:
        page = showing.answer_page(session, token, speaker_of(request))
    except PlaceGoneError as gone:
        return render(request, "invitations/gone.html", gone, status=410)
    return render(request, "invitations/answer.html", page)


@pages.post("/svar/{token}")
def answer(
    request: Request, session: Transaction, token: str, partstat: Annotated[Partstat, Form()]
) -> Response:
    """Take the answer."""
    service.answer_by_link(session, token, partstat, now())
    return lead_to(request, f"/svar/{token}")


@pages.get("/svar/{token}/traffar.ics")
def calendar_file(request: Request, session: Transaction, token: str) -> Response:
    """Give all that a place holds as a file for a calendar program, to whoever has its link."""
    invited, event = service.by_token(session, token)
    octets = calendar_of(session, invited, event, language_of(request))
    headers = {
        "Content-Disposition": 'attachment; filename="traffar.ics"',
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
    }
    return Response(octets, media_type="text/calendar; charset=utf-8", headers=headers)


@pages.post("/svar/{token}/kost")
def tell_needs(
    request: Request,
    session: Transaction,
    token: str,
    diets: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    other: Annotated[str, Form()] = "",
) -> Response:
    """Keep what the invitee cannot eat; an empty form forgets it."""
    try:
        service.tell_diet_by_link(session, token, diets, other, now())
    except FieldFault as fault:
        typed = Needs(frozenset(Diet(one) for one in diets if one in set(Diet)), other)
        page = showing.answer_page(
            session, token, speaker_of(request), Typed(needs=typed, faults=(fault,))
        )
        return render(request, "invitations/answer.html", page, status=fault.status)
    return lead_to(request, f"/svar/{token}#kost")


@pages.post("/svar/{token}/ersattare", dependencies=[ACTS_ONCE])
def send_substitute(
    request: Request,
    session: Transaction,
    token: str,
    version: Annotated[int | None, Form()] = None,
    name: Annotated[str, Form()] = "",
    mail: Annotated[str, Form(alias="address")] = "",
) -> Response:
    """Give the place to somebody else; the link is then of no more use."""
    try:
        begin_act(session, BY_LINK, now(), Said(PASSED_ON), f"/svar/{token}")
        invited, event = service.substitute_by_link(session, token, name, mail, now(), version)
    except FieldFault as fault:
        undo(session)
        typed = Typed(name, mail, faults=(fault,))
        page = showing.answer_page(session, token, speaker_of(request), typed)
        return render(request, "invitations/answer.html", page, status=fault.status)
    thanks = showing.substituted_page(session, event, invited, speaker_of(request))
    request.state.receipt = receipt_of_this(session, speaker_of(request))
    return render(request, "invitations/substituted.html", thanks)


@pages.get("/inbjudan/{invitation_id}")
def own_form(
    request: Request, session: Transaction, viewer: SignedInViewer, invitation_id: str
) -> Response:
    """Show a signed-in person the own place: the answer, and who could come instead."""
    place = own.place_for(session, viewer, invitation_id)
    page = own.own_page(session, viewer, place, speaker_of(request))
    return render(request, "invitations/answer.html", page)


@pages.post("/inbjudan/{invitation_id}")
def answer_own(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    invitation_id: str,
    partstat: Annotated[Partstat, Form()],
    back: Annotated[Literal["", "list"], Form()] = "",
) -> Response:
    """Take the answer of whoever has the place, and lead back to where it was given."""
    place = own.place_for(session, viewer, invitation_id)
    own.answer_own(session, viewer, place, partstat, now())
    path = "/traffar" if back else f"/inbjudan/{invitation_id}"
    return lead_to(request, path)


@pages.post("/traffar/{meeting_id}/eget-svar")
def answer_for_one(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Open an answer of its own for one meeting of a series."""
    invited = own.own_at(session, viewer, meeting_id)
    return lead_to(request, f"/inbjudan/{invited.id}")


@pages.post("/inbjudan/{invitation_id}/ersattare", dependencies=[ACTS_ONCE])
def pass_own_on(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    invitation_id: str,
    version: Annotated[int | None, Form()] = None,
    name: Annotated[str, Form()] = "",
    mail: Annotated[str, Form(alias="address")] = "",
) -> Response:
    """Give the place to the deputy or to somebody else, or take it back."""
    say = speaker_of(request)
    place = own.place_for(session, viewer, invitation_id)
    try:
        path = f"/inbjudan/{invitation_id}"
        begin_act(session, viewer.person_id, now(), Said(PASSED_ON), path)
        thanks = own.pass_on(session, viewer, place, (name, mail), say, now(), version=version)
    except FieldFault as fault:
        undo(session)
        place = own.place_for(session, viewer, invitation_id)
        page = own.own_page(session, viewer, place, say, Typed(name, mail, faults=(fault,)))
        return render(request, "invitations/answer.html", page, status=fault.status)
    request.state.receipt = receipt_of_this(session, say)
    return render(request, "invitations/substituted.html", thanks)


@pages.get("/traffar/{meeting_id}/inbjudningar")
def invitations(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    page: int = 1,
    q: str = "",
    svar: Literal["", "NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"] = "",
) -> Response:
    """Show who is invited to a meeting and its sessions, and who comes.

    `q` is a part of a name, `svar` the answer of those to show.
    """
    _insist_on_inviting(session, viewer, meeting_id)
    shown = showing.meeting_invitations(
        session, meeting_id, speaker_of(request), page=page, search=q[:80], answer=svar
    )
    return render(request, "invitations/meeting.html", shown)


@pages.get("/traffar/{meeting_id}/inbjudningar/utkast")
@shows(DraftPage)
def draft(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    event_id: str = "",
) -> Response:
    """Show whom an invitation goes to, and how it reads, before anybody gets it."""
    _insist_on_inviting(session, viewer, meeting_id)
    page = drafting.draft_page(session, meeting_id, event_id, speaker_of(request))
    return render(request, "invitations/draft.html", page)


@pages.post("/traffar/{meeting_id}/inbjudningar", dependencies=[ACTS_ONCE])
def invite(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    event_id: Annotated[str, Form()] = "",
    recipients: Annotated[str, Form()] = "",
) -> Response:
    """Invite the functions (comma-separated ids) that the page before sending showed."""
    _insist_on_inviting(session, viewer, meeting_id)
    event = showing.event_of_meeting(session, meeting_id, event_id)
    _begin(session, viewer.person_id, Said(INVITED), meeting_id)
    drafting.invite_shown(session, event, recipients.split(","), now())
    return _back(request, meeting_id, session)


@pages.post("/traffar/{meeting_id}/inbjudningar/paminn", dependencies=[ACTS_ONCE])
def remind(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    event_id: Annotated[str, Form()] = "",
    invitation_id: Annotated[str, Form()] = "",
) -> Response:
    """Remind everybody who has not answered, or one of them."""
    _insist_on_inviting(session, viewer, meeting_id)
    event = showing.event_of_meeting(session, meeting_id, event_id)
    path = f"/traffar/{meeting_id}/inbjudningar"
    begin_act(session, viewer.person_id, now(), Said(REMINDED), path, with_mails=True)
    reminding.remind(session, event, invitation_id, now())
    return _back(request, meeting_id, session)


@pages.post("/traffar/{meeting_id}/inbjudningar/svar", dependencies=[ACTS_ONCE])
def answer_for(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    partstat: Annotated[Partstat, Form()],
    invitation_id: Annotated[str, Form()] = "",
) -> Response:
    """Write down what an invitee has answered by telephone."""
    insist(may_plan(viewer))
    event = reminding.answer_for(session, invitation_id, partstat, viewer.person_id, now())
    showing.event_of_meeting(session, meeting_id, event.id)
    return _back(request, meeting_id)


@pages.post("/traffar/{meeting_id}/platser")
def limit_seats(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    event_id: Annotated[str, Form()] = "",
    seats: Annotated[int, Form(ge=1, le=10_000)] = 1,
) -> Response:
    """Say how many the room takes."""
    insist(may_plan(viewer))
    event = showing.event_of_meeting(session, meeting_id, event_id)
    service.limit_seats(session, event.id, seats, now())
    return _back(request, meeting_id)


@pages.post("/traffar/{meeting_id}/svarsdag")
def choose_answer_day(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    answer_by: Annotated[str, Form()] = "",
) -> Response:
    """Say until when one answers, or with an empty field that there is no such day."""
    insist(may_plan(viewer))
    try:
        choose_day(session, meeting_id, answer_by, viewer.person_id, now())
    except FieldFault as fault:
        typed = Typed(answer_by=answer_by, faults=(fault,))
        page = showing.meeting_invitations(session, meeting_id, speaker_of(request), typed)
        return render(request, "invitations/meeting.html", page, status=fault.status)
    return _back(request, meeting_id)


@pages.get("/planera/mejl")
@shows(InboxPage)
def mails_to_look_at(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the mails that came in and that somebody must look at."""
    insist(may_plan(viewer))
    return render(request, "invitations/inbox.html", inbox.inbox(session, speaker_of(request)))


@pages.post("/inbjudningar/svar/{reply_id}/flytta")
def accept_proposal(
    request: Request, session: Transaction, viewer: SignedInViewer, reply_id: str, version: Seen
) -> Response:
    """Move the meeting to the time that somebody has proposed by mail."""
    insist(may_plan(viewer))
    try:
        begin_act(session, viewer.person_id, now(), Said(MOVED), "/planera/mejl")
        inbox.accept_proposal(session, reply_id, version, viewer.person_id, now())
    except FieldFault as fault:
        undo(session)
        page = inbox.inbox(session, speaker_of(request), (fault,))
        return render(request, "invitations/inbox.html", page, status=fault.status)
    return lead_to(request, with_receipt(session, "/planera/mejl"))


@pages.post("/inbjudningar/svar/{reply_id}/fraga", dependencies=[ACTS_ONCE])
def make_question(
    request: Request, session: Transaction, viewer: SignedInViewer, reply_id: str
) -> Response:
    """Make a question to NCH of what an RC wrote to the function mailbox."""
    insist(may_plan(viewer))
    try:
        made = inbox.make_question(session, viewer, reply_id, now())
    except FieldFault as fault:
        undo(session)
        page = inbox.inbox(session, speaker_of(request), (fault,))
        return render(request, "invitations/inbox.html", page, status=fault.status)
    return lead_to(request, f"/fragor/{made.id}")


@pages.post("/inbjudningar/svar/{reply_id}/klart")
def reply_handled(
    request: Request, session: Transaction, viewer: SignedInViewer, reply_id: str
) -> Response:
    """Put a reply aside that a person has looked at."""
    insist(may_plan(viewer))
    meeting_id = showing.put_aside(session, reply_id)
    return _back(request, meeting_id)


def _insist_on_inviting(session: Transaction, viewer: Viewer, meeting_id: str) -> None:
    """Planners invite to every meeting, an RC to its own circle's."""
    insist(may_invite(session, viewer, meeting_id))


def _begin(session: Transaction, actor: str, said: Said, meeting_id: str) -> None:
    begin_act(session, actor, now(), said, f"/traffar/{meeting_id}/inbjudningar")


def _back(request: Request, meeting_id: str, session: Transaction | None = None) -> Response:
    """Lead to a meeting's invitations, with the receipt of what `session` has done there."""
    path = f"/traffar/{meeting_id}/inbjudningar" if meeting_id else "/traffar"
    return lead_to(request, with_receipt(session, path) if session else path)
