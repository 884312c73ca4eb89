"""Pages of networks, meetings and sessions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request, Response

from api.accounts.policy import Viewer, insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.front import arrival, handing_over, hosting
from api.front import meeting as meeting_pages
from api.front import network as network_pages
from api.front.forum import forum_page
from api.front.gains import routes as gains
from api.front.gathering import form as gathering
from api.front.gathering import making
from api.front.meeting import SessionPage
from api.front.meeting_facts import as_typed, facts_page, read_facts
from api.front.met import MetPage, met_page
from api.front.own_meetings import KINDS, PAST, Wanted, meetings_page
from api.front.programme.agenda import AgendaPage, agenda_page
from api.front.programme.changes import ChangesPage, changes_page
from api.front.programme.own_wishes import OwnWishesPage, own_wishes_page
from api.front.programme.publishing import PublishProgrammePage, publish_programme_page
from api.front.programme.table_sheet import TablesPage, tables_page
from api.front.publishing import PublishPage, publish_page
from api.front.road import RoadPage, road_page
from api.front.sheet import SheetPage, sheet_of
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault, FormError, MissingError
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Fields, Seen, language_of, lead_to, render, shows, speaker_of
from api.meetings import forums
from api.meetings import service as meetings
from api.meetings.audience import may_change_meeting
from api.meetings.groups import set_yearly
from api.meetings.models import Meeting
from api.meetings.video import set_video
from api.networks.service import answer_for_rc, rename
from api.outbox.acts import begin_act, with_receipt
from api.proposals.networks import service as proposals
from api.proposals.programme import store as programme_store
from api.proposals.programme.web.form import Telling, telling
from api.proposals.spine import CAN_BE_REVIEWED

pages = APIRouter()
pages.include_router(arrival.pages)
pages.include_router(handing_over.pages)
pages.include_router(hosting.pages)
pages.include_router(gains.pages)


@pages.get("/natverk")
def networks(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the networks that the viewer may see."""
    page = network_pages.networks_page(session, viewer, speaker_of(request))
    return render(request, "front/networks.html", page)


@pages.get("/natverk/{network_id}")
def network(
    request: Request, session: Transaction, viewer: SignedInViewer, network_id: str
) -> Response:
    """Show one network."""
    page = network_pages.network_page(session, viewer, network_id, speaker_of(request), now())
    return render(request, "front/network.html", page)


@pages.get("/rc/{rc_id}/vagen")
@shows(RoadPage)
def road(request: Request, session: Transaction, viewer: SignedInViewer, rc_id: str) -> Response:
    """Show an RC the steps to its start, and whom in its circles to ask what."""
    page = road_page(session, viewer, rc_id, speaker_of(request))
    return render(request, "front/road.html", page)


@pages.get("/natverk/{network_id}/a4")
@shows(SheetPage)
def network_sheet(
    request: Request, session: Transaction, viewer: SignedInViewer, network_id: str
) -> Response:
    """Show one network on one A4 for a manager, to print."""
    say = speaker_of(request)
    seen = network_pages.network_page(session, viewer, network_id, say, now())
    return render(request, "front/network_sheet.html", sheet_of(session, seen, say, now()))


@pages.post("/natverk/{network_id}/svar", dependencies=[ACTS_ONCE])
def answer(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    network_id: str,
    rc: Annotated[str, Form()] = "",
    says: Annotated[Literal["no", "yes"], Form()] = "yes",
) -> Response:
    """Decline an RC's place in a network, or take that back."""
    path, is_no = f"/natverk/{network_id}", says == "no"
    said = later("Ni har tackat nej till kretsen.") if is_no else later("Ni är med i kretsen igen.")
    begin_act(session, viewer.person_id, now(), Said(said), path)
    answer_for_rc(session, viewer, network_id, rc, now() if is_no else None)
    return lead_to(request, with_receipt(session, path))


@pages.post("/natverk/{network_id}/namn")
def name(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    network_id: str,
    name: Annotated[str, Form()] = "",
) -> Response:
    """Call a network what its members want; an empty name goes back to the one before."""
    rename(session, viewer, network_id, name)
    return lead_to(request, f"/natverk/{network_id}")


@pages.get("/planera/natverk/{proposal_id}/publicera")
@shows(PublishPage)
def before_publishing(
    request: Request, session: Transaction, viewer: SignedInViewer, proposal_id: str
) -> Response:
    """Show what publishing a proposal would change, and exactly who gets mail; when published, lead back."""
    found = proposals.proposal_for(session, viewer, proposal_id)
    if found.state not in CAN_BE_REVIEWED:
        return lead_to(request, f"/planera/natverk/{proposal_id}")
    page = publish_page(session, found, speaker_of(request), now())
    return render(request, "front/publish.html", page)


@pages.get("/planera/program/{proposal_id}/publicera")
@shows(PublishProgrammePage)
def before_publishing_programme(
    request: Request, session: Transaction, viewer: SignedInViewer, proposal_id: str
) -> Response:
    """Show whose agenda publishing a programme changes, and exactly who gets mail."""
    found = programme_store.proposal_for(session, viewer, proposal_id)
    if found.state not in CAN_BE_REVIEWED:
        return lead_to(request, f"/planera/program/{proposal_id}")
    page = publish_programme_page(session, found, speaker_of(request), now())
    return render(request, "front/publish_programme.html", page)


@pages.post("/planera/program/{proposal_id}/mejlen/visa")
def mails_before_publishing(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    proposal_id: str,
    chosen: Annotated[Telling, Depends(telling)],
) -> Response:
    """Show the mails as they would be with these words; nothing is stored."""
    found = programme_store.proposal_for(session, viewer, proposal_id)
    if found.state not in CAN_BE_REVIEWED:
        return lead_to(request, f"/planera/program/{proposal_id}")
    page = publish_programme_page(session, found, speaker_of(request), now(), chosen)
    return render(request, "front/publish_programme.html", page)


@pages.get("/planera/vem-har-traffat-vem")
@shows(MetPage)
def who_met(
    request: Request, session: Transaction, viewer: SignedInViewer, rc: int = 1
) -> Response:
    """Show which RC have met in networks, over all years; `rc` is whom to show, where they are many."""
    return render(request, "front/met.html", met_page(session, viewer, speaker_of(request), rc))


@pages.get("/traffar")
def meeting_list(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    tid: str = "",
    slag: str = "",
    rc: str = "",
) -> Response:
    """Show the meetings to come, or those that have been, and the viewer's agenda."""
    wanted = Wanted(kind=slag if slag in KINDS else "", rc_id=rc, is_past=tid == PAST)
    page = meetings_page(session, viewer, speaker_of(request), now(), wanted)
    return render(request, "front/meetings.html", page)


@pages.get("/traffar/ny")
def new_gathering(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show the form for a meeting of chosen RC; the address says which are ticked."""
    insist(may_plan(viewer))
    say = speaker_of(request)
    counties = request.app.state.counties(language_of(request))
    typed = dict(request.query_params)
    page = gathering.gathering_page(session, viewer, say, typed, counties=counties)
    return render(request, "front/gathering.html", page)


@pages.post("/traffar/ny", dependencies=[ACTS_ONCE])
def make_gathering(
    request: Request, session: Transaction, viewer: SignedInViewer, sent: Fields
) -> Response:
    """Show who would be invited and how it reads; with `do=send` make the meeting and invite them."""
    insist(may_plan(viewer))
    say, at, is_sent = speaker_of(request), now(), sent.get("do") == "send"
    if is_sent:
        asks = sent.get("how") in {making.How.POLL, making.How.PICK}
        said = Said(later("Frågan är ställd.") if asks else later("Träffen är bokad."))
        begin_act(session, viewer.person_id, at, said, "/traffar")
    try:
        made = making.make(session, viewer, sent, at)
    except FormError as error:
        undo(session)
        counties = request.app.state.counties(language_of(request))
        page = gathering.gathering_page(session, viewer, say, sent, error.faults, counties=counties)
        return render(request, "front/gathering.html", page, status=422)
    if not is_sent:
        shown = gathering.preview_page(session, made, sent, say)
        undo(session)  # nothing is kept of what nobody is invited to
        return render(request, "front/gathering_preview.html", shown)
    making.tell(session, made, viewer.person_id, at)
    return lead_to(request, with_receipt(session, made.path))


@pages.get("/traffar/{meeting_id}")
def meeting(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show one meeting with its programme."""
    page = meeting_pages.meeting_page(session, viewer, meeting_id, speaker_of(request))
    return render(request, "front/meeting.html", page)


@pages.get("/traffar/{meeting_id}/min-agenda")
@shows(AgendaPage)
def own_agenda(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show the viewer's own agenda of a meeting as a page to print."""
    page = agenda_page(session, viewer, meeting_id, speaker_of(request))
    return render(request, "front/agenda.html", page)


@pages.get("/traffar/{meeting_id}/bord")
@shows(TablesPage)
def tables(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show the tables of a meeting's case rounds as sheets to print."""
    page = tables_page(session, viewer, meeting_id, speaker_of(request))
    return render(request, "front/tables.html", page)


@pages.get("/traffar/{meeting_id}/pass/{session_id}")
@shows(SessionPage)
def programme_session(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str, session_id: str
) -> Response:
    """Show one session of a meeting."""
    say = speaker_of(request)
    page = meeting_pages.session_page(session, viewer, meeting_id, session_id, say)
    return render(request, "front/session.html", page)


@pages.post("/traffar/{meeting_id}/bestam", dependencies=[ACTS_ONCE])
def confirm(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str, version: Seen
) -> Response:
    """Turn a proposed meeting into a decided one."""
    found = meetings.meeting_for(session, viewer, meeting_id)
    insist(may_change_meeting(session, viewer, found))
    _begin(session, viewer, found, Said(later("Träffen är bestämd.")))
    meetings.confirm(session, found, version, viewer.person_id, now())
    return _done(request, session, meeting_id)


@pages.post("/traffar/{meeting_id}/stall-in", dependencies=[ACTS_ONCE])
def cancel(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    version: Seen,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Call a meeting off; whoever is invited is told why."""
    found = meetings.meeting_for(session, viewer, meeting_id)
    insist(may_change_meeting(session, viewer, found))
    meeting_pages.insist_on_reason(session, found, reason)
    _begin(session, viewer, found, Said(later("Träffen är inställd.")))
    meetings.cancel(session, found, version, viewer.person_id, now(), reason)
    return _done(request, session, meeting_id)


def _begin(session: Transaction, viewer: Viewer, meeting: Meeting, said: Said) -> None:
    begin_act(session, viewer.person_id, now(), said, f"/traffar/{meeting.id}")


def _done(request: Request, session: Transaction, meeting_id: str) -> Response:
    return lead_to(request, with_receipt(session, f"/traffar/{meeting_id}"))


@pages.post("/traffar/{meeting_id}/skydd", dependencies=[ACTS_ONCE])
def protect(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    version: Seen,
    protected: Annotated[str, Form()] = "",
) -> Response:
    """Show a meeting only as busy in calendars and mails, or as it is again."""
    found = meetings.meeting_for(session, viewer, meeting_id)
    insist(may_change_meeting(session, viewer, found))
    meetings.protect(session, found, version, viewer.person_id, now(), is_protected=bool(protected))
    return lead_to(request, f"/traffar/{meeting_id}")


@pages.post("/traffar/{meeting_id}/videolank", dependencies=[ACTS_ONCE])
def choose_video(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    version: Seen,
    video_url: Annotated[str, Form()] = "",
) -> Response:
    """Give a meeting the link to its video room, or take it away."""
    found = meetings.meeting_for(session, viewer, meeting_id)
    insist(may_change_meeting(session, viewer, found))
    _begin(session, viewer, found, Said(later("Länken till videomötet är sparad.")))
    set_video(session, found, video_url, version, viewer.person_id, now())
    return _done(request, session, meeting_id)


@pages.get("/forum/{key}")
def forum(request: Request, session: Transaction, viewer: SignedInViewer, key: str) -> Response:
    """Show a forum by role: who is in it and when it meets."""
    page = forum_page(session, viewer, key, speaker_of(request), now())
    return render(request, "front/forum.html", page)


@pages.post("/forum/{key}/traffar", dependencies=[ACTS_ONCE])
def book_forum(
    request: Request, session: Transaction, viewer: SignedInViewer, key: str, sent: Fields
) -> Response:
    """Book a forum's meeting and invite its functions; whoever is in it, and plans not, proposes one."""
    found, _ = forums.forum_for(session, viewer, key)
    is_proposed = not may_plan(viewer)
    said = Said(later("Träffen är föreslagen.") if is_proposed else later("Träffen är bokad."))
    begin_act(session, viewer.person_id, now(), said, f"/forum/{key}")
    try:
        meeting = forums.book(
            session, found, sent, viewer.person_id, now(), is_proposed=is_proposed
        )
    except FormError as error:
        undo(session)
        page = forum_page(
            session, viewer, key, speaker_of(request), now(), values=sent, faults=error.faults
        )
        return render(request, "front/forum.html", page, status=422)
    return _done(request, session, meeting.id)


@pages.post("/forum/{key}/aret")
def plan_group(
    request: Request, session: Transaction, viewer: SignedInViewer, key: str, sent: Fields
) -> Response:
    """Say how many meetings of a saved group the year lays out."""
    insist(may_plan(viewer))
    found, _ = forums.forum_for(session, viewer, key)
    if found.group is None:
        raise MissingError
    text = sent.get("per_year", "").strip() or "0"
    try:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
        set_yearly(session, found.group, number, viewer.person_id)
    except FieldFault as fault:
        undo(session)
        say, faults = speaker_of(request), (fault,)
        page = forum_page(session, viewer, key, say, now(), values=sent, faults=faults)
        return render(request, "front/forum.html", page, status=422)
    return lead_to(request, f"/forum/{key}")


@pages.get("/traffar/{meeting_id}/uppgifter")
def meeting_facts(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show what a meeting is, to change."""
    found = meetings.meeting_for(session, viewer, meeting_id)
    meetings.insist_on_change(session, viewer, found)
    page = facts_page(session, found, speaker_of(request), now())
    return render(request, "front/meeting_facts.html", page)


@pages.post("/traffar/{meeting_id}/uppgifter", dependencies=[ACTS_ONCE])
def change_meeting_facts(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    fields: Fields,
    version: Seen,
) -> Response:
    """Say what a change would mean; with `do=save` make it."""
    found = meetings.meeting_for(session, viewer, meeting_id)
    meetings.insist_on_change(session, viewer, found)
    say, at = speaker_of(request), now()
    try:
        wanted = read_facts(found, fields, at)
    except FormError as error:
        page = facts_page(session, found, say, at, as_typed(fields), faults=error.faults)
        return render(request, "front/meeting_facts.html", page, status=422)
    if fields.get("do") != "save":
        page = facts_page(session, found, say, at, as_typed(fields), wanted)
        return render(request, "front/meeting_facts.html", page)
    _begin(session, viewer, found, Said(later("Träffen är ändrad.")))
    meetings.change(session, found, wanted, version, viewer.person_id, at)
    return _done(request, session, meeting_id)


@pages.get("/traffar/{meeting_id}/andrat")
@shows(ChangesPage)
def changes(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show what has changed in a published programme."""
    page = changes_page(session, viewer, meeting_id, speaker_of(request))
    return render(request, "front/changes.html", page)


@pages.get("/traffar/{meeting_id}/onskningar")
@shows(OwnWishesPage)
def own_wishes(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show what became of an RC's wishes; a planner sees those of all."""
    page = own_wishes_page(session, viewer, meeting_id, speaker_of(request))
    return render(request, "front/own_wishes.html", page)
