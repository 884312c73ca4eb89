"""Pages of programme proposals: from a needs survey to a published programme, and its repair."""

from dataclasses import asdict, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import JSONResponse

from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import FormError
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Posted, Seen, lead_to, render, shows, speaker_of
from api.outbox.acts import begin_act, keep_as_drafts, leave_out, with_receipt
from api.proposals import spine
from api.proposals.models import Proposal, ProposalKind
from api.proposals.opening import opened
from api.proposals.programme import frame as programme_frame
from api.proposals.programme import leaders as programme_leaders
from api.proposals.programme import moving as programme_moving
from api.proposals.programme import publishing as programme_publishing
from api.proposals.programme import solving as programme_solving
from api.proposals.programme import store as programme_store
from api.proposals.programme.solving import Trouble
from api.proposals.programme.store import PROGRAMME
from api.proposals.programme.web import form as programme_form
from api.proposals.programme.web.form import Telling, telling
from api.proposals.programme.web.grid import NOT_RUN, Filter
from api.proposals.programme.web.review import programme_page
from api.proposals.programme.web.verdicts import asked_about, picked
from api.proposals.programme.web.versions import VersionsPage, versions_page
from api.proposals.programme.writing.beginning import days_of
from api.surveys import service as surveys

pages = APIRouter()

Found = Annotated[Proposal, opened(ProposalKind.PROGRAMME)]


@pages.get("/planera/program")
def programmes(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """List the meetings to plan and the proposals so far."""
    found = spine.proposals_for(session, viewer, ProposalKind.PROGRAMME)
    page = programme_form.list_page(session, found, speaker_of(request), now())
    return render(request, "proposals/programmes.html", page)


@pages.get("/planera/program/ny/{meeting_id}")
def new_programme(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Ask which survey, rooms and guests."""
    meeting = programme_store.national_meeting(session, viewer, meeting_id)
    page = programme_form.form_page(session, meeting, speaker_of(request))
    return render(request, "proposals/new_programme.html", page)


@pages.post("/planera/program/ny/{meeting_id}", dependencies=[ACTS_ONCE])
def start(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str, posted: Posted
) -> Response:
    """Queue the planning and lead to its page."""
    meeting = programme_store.national_meeting(session, viewer, meeting_id)
    form = {name: str(value) for name, value in posted.multi_items()}
    chosen = [str(one) for one in posted.getlist("guests")]
    if "usual" in form:  # what the form would have said, taken without opening it
        form, chosen = programme_form.as_known(session, meeting, speaker_of(request))
    try:
        rooms = programme_form.read_rooms(session, meeting, form)
        tables = programme_form.read_tables(form)
        survey_id = form.get("survey", "")
        wishes = surveys.wishes_for_programme(session, survey_id)
        frame = programme_frame.gather(session, wishes, days_of(meeting), rooms, chosen, tables)
    except FormError as error:
        page = programme_form.form_page(session, meeting, speaker_of(request), form)
        page = replace(
            page,
            faults=error.faults,
            survey=form.get("survey", ""),
            chosen_guests=tuple(chosen),
        )
        return render(request, "proposals/new_programme.html", page, status=422)
    if "only" in form:
        programme_solving.bring_up(session, meeting, survey_id, frame, viewer.person_id, now())
        where = f"/planera/program/innehall/{meeting_id}"
        return lead_to(request, where)
    made = programme_solving.start(session, meeting, survey_id, frame, viewer.person_id, now())
    return _to(request, made.id)


@pages.get("/planera/program/versioner/{meeting_id}")
@shows(VersionsPage)
def versions(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """List the published versions of a meeting's programme, each with what it changed."""
    meeting = programme_store.national_meeting(session, viewer, meeting_id)
    page = versions_page(session, meeting, speaker_of(request))
    return render(request, "proposals/programme_versions.html", page)


def _looked_for(
    spar: str = "",
    leder: str = "",
    krockar: str = "",
    dolj: Annotated[list[str] | None, Query()] = None,
    sok: str = "",
    ordning: str = "",
) -> Filter:
    """Return what a page's address says is looked for in the grid and beside it."""
    return Filter(spar, leder, bool(krockar), tuple(dolj or ()), sok.strip(), ordning)


@pages.get("/planera/program/{proposal_id}")
def programme(
    request: Request,
    session: Transaction,
    found: Found,
    looks_for: Annotated[Filter, Depends(_looked_for)],
    flytta: str = "",
    dag: str = "",
    kl: str = "",
    lokal: str = "",
) -> Response:
    """Show a programme proposal; `flytta` is the session that is about to be moved, the rest where to perhaps."""
    asked = f"{dag}T{kl}|{lokal}" if kl else ""
    page = programme_page(session, found, speaker_of(request), flytta, looks_for, asked)
    return render(request, "proposals/programme.html", page)


@pages.post("/planera/program/{proposal_id}/flytta")
def move(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    key: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
    best: Annotated[str, Form()] = "",
) -> Response:
    """Move a session to another time and room, or take it out; `best` is a place chosen with one press."""
    slot, _, room = (best or place).partition("|")
    target = None if (best or place) == NOT_RUN else (slot, room)
    programme_moving.move(session, found, key, target, version, viewer.person_id)
    return _to(request, found.id, "#programmet")


@pages.post("/planera/program/{proposal_id}/langd")
def lengthen(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    key: Annotated[str, Form()] = "",
    minutes: Annotated[str, Form()] = "",
) -> Response:
    """Make a session longer or shorter where it stands."""
    long = int(minutes) if minutes.isdecimal() and minutes.isascii() else 0
    programme_moving.lengthen(session, found, key, long, version, viewer.person_id, now())
    return _to(request, found.id, "#programmet")


@pages.post("/planera/program/{proposal_id}/angra")
def undo(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Take back the latest move or change of length."""
    programme_moving.undo(session, found, version, viewer.person_id, now())
    return _to(request, found.id, "#programmet")


@pages.post("/planera/program/{proposal_id}/gor-om")
def redo(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Move again what was taken back last."""
    programme_moving.redo(session, found, version, viewer.person_id, now())
    return _to(request, found.id, "#programmet")


@pages.get("/planera/program/{proposal_id}/omdome/{session_key}")
def judge(
    request: Request, session: Transaction, found: Found, session_key: str, plats: str = ""
) -> JSONResponse:
    """Say of every place what it would mean for a session that is picked up, before it is let go.

    plats: the one that is asked about instead, any moment and room (`2026-03-10T10:25|room1`).
    """
    say = speaker_of(request)
    if plats:
        one = asked_about(session, found, session_key, say, plats)
        return JSONResponse(asdict(one) if one else None)
    return JSONResponse(asdict(picked(session, found, session_key, say)))


@pages.get("/planera/program/{proposal_id}/version")
def version_now(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found
) -> JSONResponse:
    """Say which version of a proposal stands now and what others hold, so that a page that shows it follows."""
    return _as_it_is(request, session, viewer, found)


@pages.post("/planera/program/{proposal_id}/upplockat")
def picked_up(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    key: Annotated[str, Form()] = "",
) -> JSONResponse:
    """Let the other planners see which session one holds in the hand, or that one has let it go (no key)."""
    programme_moving.pick_up(session, found, key, viewer.person_id, now())
    return _as_it_is(request, session, viewer, found)


def _as_it_is(
    request: Request, session: Transaction, viewer: SignedInViewer, proposal: Proposal
) -> JSONResponse:
    held = programme_moving.held_by_others(session, proposal, viewer.person_id, now())
    say = speaker_of(request)
    texts = {
        key: say.text("%(name)s håller i passet just nu", name=who) for key, who in held.items()
    }
    return JSONResponse({"version": proposal.version, "held": texts})


@pages.post("/planera/program/{proposal_id}/las")
def lock(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    key: Annotated[str, Form()] = "",
) -> Response:
    """Lock a session where it stands."""
    programme_moving.hold(session, found, key, version, viewer.person_id, is_held=True)
    return _to(request, found.id, "#programmet")


@pages.post("/planera/program/{proposal_id}/las-upp")
def unlock(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    key: Annotated[str, Form()] = "",
) -> Response:
    """Let a session loose."""
    programme_moving.hold(session, found, key, version, viewer.person_id, is_held=False)
    return _to(request, found.id, "#programmet")


@pages.post("/planera/program/{proposal_id}/rakna-om", dependencies=[ACTS_ONCE])
def plan_again(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Plan the rest anew around what is locked."""
    made = programme_solving.again(session, found, version, viewer.person_id, now())
    return _to(request, made.id)


@pages.post("/planera/program/{proposal_id}/fraga-ledare", dependencies=[ACTS_ONCE])
def ask_leaders(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found
) -> Response:
    """Ask the RC that lead, and their deputies, by mail."""
    said = Said(later("Frågan går till dem som föreslås leda och till deras ersättare."))
    begin_act(session, viewer.person_id, now(), said, f"/planera/program/{found.id}")
    programme_leaders.ask(session, found, viewer.person_id, now())
    return lead_to(request, with_receipt(session, f"/planera/program/{found.id}#led"))


@pages.post("/planera/program/{proposal_id}/ta-in-svar")
def take_leaders_in(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Let those who have said yes lead in the draft."""
    programme_leaders.take_in(session, found, version, viewer.person_id, now())
    return _to(request, found.id, "#led")


@pages.post("/planera/program/{proposal_id}/granska")
def review(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Mark a programme as reviewed, and lead to what publishing it would mean."""
    spine.review(session, PROGRAMME, found, version, viewer.person_id)
    return _to(request, f"{found.id}/publicera")


@pages.post("/planera/program/{proposal_id}/publicera", dependencies=[ACTS_ONCE])
def publish(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    chosen: Annotated[Telling, Depends(telling)],
) -> Response:
    """Publish a reviewed programme, tell of it as is chosen, and lead to the meeting."""
    page = f"/traffar/{found.meeting_id}"
    said = Said(later("Programmet är publicerat. Bara det som skiljer sig mejlas."))
    begin_act(session, viewer.person_id, now(), said, page)
    programme_publishing.greet_with(session, chosen.greeting)
    leave_out(session, chosen.left)
    keep_as_drafts(session, chosen.drafts)
    programme_publishing.publish(session, found, version, viewer.person_id, now())
    return lead_to(request, with_receipt(session, page))


@pages.post("/planera/program/{proposal_id}/dra-tillbaka")
def withdraw(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, version: Seen
) -> Response:
    """Put a programme aside."""
    spine.withdraw(session, found, version, viewer.person_id)
    return lead_to(request, "/planera/program")


@pages.post("/planera/program/{proposal_id}/andra", dependencies=[ACTS_ONCE])
def change(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found
) -> Response:
    """Open a draft of the next version of what is published."""
    made = programme_solving.change_published(session, found, viewer.person_id, now())
    return _to(request, made.id, "#programmet")


@pages.post("/planera/program/{proposal_id}/laga", dependencies=[ACTS_ONCE])
def repair(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    leader: Annotated[str, Form()] = "",
    stand_in: Annotated[str, Form()] = "",
    room: Annotated[str, Form()] = "",
    slots: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Queue the smallest change that repairs a published programme."""
    trouble = Trouble(leader, stand_in, room, tuple(slots or ()))
    made = programme_solving.repair(session, found, trouble, viewer.person_id, now())
    return _to(request, made.id)


def _to(request: Request, proposal_id: str, anchor: str = "") -> Response:
    return lead_to(request, f"/planera/program/{proposal_id}" + anchor)
