"""Pages of a programme's content: everything of it is the planner's own, before and after it is published."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault, FormError, MissingError, StaleError
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Posted, lead_to, render, shows, speaker_of, texts_of
from api.kit.table_file import MOST_BYTES, CellFault, TableFileError
from api.meetings.models import Meeting
from api.outbox.acts import begin_act, with_receipt
from api.programme import outlines
from api.programme.content import ProgrammePlan
from api.programme.models import ProgrammeOutline
from api.proposals.models import Proposal, ProposalKind
from api.proposals.opening import opened
from api.proposals.programme import solving as programme_solving
from api.proposals.programme import standing_in, telling
from api.proposals.programme import store as programme_store
from api.proposals.programme.web import content_form
from api.proposals.programme.web.content_page import (
    ContentPage,
    content_page,
    known_people,
    pasted_page,
    session_form,
)
from api.proposals.programme.web.stand_in_page import StandInPage, stand_in_page
from api.proposals.programme.writing import beginning
from api.proposals.programme.writing.pasting import blank, known_names, read_pasted, rows_of

pages = APIRouter()

Found = Annotated[Proposal, opened(ProposalKind.PROGRAMME)]


def _national(session: Transaction, viewer: SignedInViewer, meeting_id: str) -> Meeting:
    return programme_store.national_meeting(session, viewer, meeting_id)


# The national meeting of the address.
Here = Annotated[Meeting, Depends(_national)]

NEW = "nytt"
BASE = "/planera/program/innehall"


def _outline(session: Transaction, meeting: Meeting) -> ProgrammeOutline:
    found = outlines.outline_of(session, meeting.id)
    if found is None:
        raise MissingError
    return found


@pages.get(BASE + "/{meeting_id}")
@shows(ContentPage)
def content(request: Request, session: Transaction, meeting: Here) -> Response:
    """Show everything that a meeting's programme is made of."""
    page = content_page(session, meeting, speaker_of(request))
    return render(request, "proposals/content.html", page)


@pages.post(BASE + "/{meeting_id}/borja", dependencies=[ACTS_ONCE])
def begin(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting: Here, posted: Posted
) -> Response:
    """Begin a meeting's content from what was published, from another meeting, or from an empty day."""
    source = str(posted.get("source", ""))
    if outlines.outline_of(session, meeting.id) is None:
        beginning.begin(session, meeting, source, viewer.person_id, now())
    return lead_to(request, f"{BASE}/{meeting.id}")


@pages.get(BASE + "/{meeting_id}/pass/{key}")
def one_session(
    request: Request,
    session: Transaction,
    meeting: Here,
    key: str,
    q: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Show a session's form; under `nytt` an empty one. `q` searches for whoever leads it."""
    plan = outlines.content_of(_outline(session, meeting))
    found = blank() if key == NEW else plan.session(key)
    if found is None:
        raise MissingError
    say = speaker_of(request)
    page = session_form(session, meeting, plan, found, say, is_new=key == NEW, search=q.strip())
    return render(request, "proposals/content_session.html", page)


@pages.post(BASE + "/{meeting_id}/pass/{key}")
def save_session(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting: Here,
    key: str,
    posted: Posted,
) -> Response:
    """Save a session and lead on: to the table, to the next, or (`auto`) nowhere."""
    outline, form = _outline(session, meeting), texts_of(posted)
    plan, known = outlines.content_of(outline), known_people(session)
    before = blank() if key == NEW else plan.session(key)
    if before is None:
        raise MissingError
    is_auto = "auto" in form
    if telling.whom(session, meeting.id, key):  # published: calendars and, if ticked, mails follow
        said = Said(later("Passet är sparat."))
        begin_act(session, viewer.person_id, now(), said, f"{BASE}/{meeting.id}/pass/{key}")
    try:
        changed = content_form.read_session(form, before, plan, known.titles, known.guests)
        if key == NEW:
            keys = outlines.add_sessions(session, outline, [changed], viewer.person_id, now())
            return _on(request, session, meeting.id, form, plan, keys[0])
        kept = outlines.save_session(session, outline, changed, viewer.person_id, now())
    except FormError as error:
        undo(session)
        if is_auto:
            return JSONResponse({"faults": [one.field for one in error.faults]}, status_code=422)
        shown = replace(before, **_typed(form))  # type: ignore[arg-type]  # texts only
        page = session_form(
            session,
            meeting,
            plan,
            shown,
            speaker_of(request),
            error.faults,
            is_new=key == NEW,
        )
        page = replace(page, told=form.get("tell", ()))
        return render(request, "proposals/content_session.html", page, status=422)
    except StaleError:
        if is_auto:
            return JSONResponse({"stale": True}, status_code=409)
        raise
    if is_auto:
        saved = speaker_of(request).clock(now())
        return JSONResponse({"revision": kept.revision, "saved": saved})
    if outlines.say_now(session, meeting, kept, viewer.person_id, now()):
        telling.tell(session, meeting, before, kept, form.get("tell", ()), now())
    return _on(request, session, meeting.id, form, plan, key)


def _typed(form: dict[str, tuple[str, ...]]) -> dict[str, str]:
    names = ("title", "purpose", "task", "method", "preparation")
    keys = [f"{name}_{language}" for name in names for language in ("sv", "en")]
    return {key: content_form.one(form, key) for key in (*keys, "link") if key in form}


def _on(
    request: Request,
    session: Transaction,
    meeting_id: str,
    form: dict[str, tuple[str, ...]],
    plan: ProgrammePlan,
    key: str,
) -> Response:
    """Lead on after a save: *Spara och nästa* goes to the session below, or to a new one."""
    if "next" not in form:
        return lead_to(request, with_receipt(session, f"{BASE}/{meeting_id}#pass"))
    keys = [one.key for one in plan.sessions if not one.is_off]
    following = keys[keys.index(key) + 1 :] if key in keys else []
    path = f"{BASE}/{meeting_id}/pass/{following[0] if following else NEW}"
    return lead_to(request, with_receipt(session, path))


@pages.post(BASE + "/{meeting_id}/pass/{key}/ta-bort")
def take_out(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting: Here, key: str
) -> Response:
    """Take a session out of the next programme."""
    outline = _outline(session, meeting)
    outlines.take_out(session, outline, key, viewer.person_id, now(), is_off=True)
    return lead_to(request, f"{BASE}/{meeting.id}#pass")


@pages.post(BASE + "/{meeting_id}/pass/{key}/ta-med")
def take_in(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting: Here, key: str
) -> Response:
    """Take a session in again."""
    outline = _outline(session, meeting)
    outlines.take_out(session, outline, key, viewer.person_id, now(), is_off=False)
    return lead_to(request, f"{BASE}/{meeting.id}#pass")


@pages.post(BASE + "/{meeting_id}/tider")
def save_slots(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting: Here, posted: Posted
) -> Response:
    """Save the times."""
    outline = _outline(session, meeting)
    try:
        form = texts_of(posted)
        slots = content_form.read_slots(form, outlines.content_of(outline))
        pause = content_form.read_pause(form, outlines.content_of(outline).leader_pause)
        outlines.set_slots(session, outline, slots, viewer.person_id, now(), leader_pause=pause)
    except FormError as error:
        return _again(request, session, meeting, error, "tider")
    return lead_to(request, f"{BASE}/{meeting.id}#tider")


@pages.post(BASE + "/{meeting_id}/lokaler")
def save_rooms(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting: Here, posted: Posted
) -> Response:
    """Save the rooms."""
    outline = _outline(session, meeting)
    try:
        rooms = content_form.read_rooms(texts_of(posted), outlines.content_of(outline))
        outlines.set_rooms(session, outline, rooms, viewer.person_id, now())
    except FormError as error:
        return _again(request, session, meeting, error, "lokaler")
    return lead_to(request, f"{BASE}/{meeting.id}#lokaler")


@pages.post(BASE + "/{meeting_id}/spar")
def save_tracks(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting: Here, posted: Posted
) -> Response:
    """Save the tracks."""
    outline = _outline(session, meeting)
    try:
        tracks = content_form.read_tracks(texts_of(posted), outlines.content_of(outline))
        outlines.set_tracks(session, outline, tracks, viewer.person_id, now())
    except FormError as error:
        return _again(request, session, meeting, error, "spar")
    return lead_to(request, f"{BASE}/{meeting.id}#spar")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a spreadsheet: its rows, or what is wrong with it."""

    lines: list[tuple[str, ...]]
    is_file: bool
    faults: tuple[CellFault, ...] = ()


def sent_rows(
    viewer: SignedInViewer,
    rows: Annotated[str, Form()] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Sent:
    """Read what a planner sends before the first statement: nobody who saves waits for a file."""
    insist(may_plan(viewer))
    content = file.file.read(MOST_BYTES + 1) if file is not None else b""
    try:
        return Sent(rows_of(content or rows.encode()), bool(content))
    except TableFileError as error:
        return Sent([], bool(content), error.faults)


@pages.post(BASE + "/{meeting_id}/klistra", dependencies=[Depends(sent_rows), ACTS_ONCE])
def paste(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting: Here,
    sent: Annotated[Sent, Depends(sent_rows)],
    rows: Annotated[str, Form()] = "",
    take: Annotated[str, Form()] = "",
) -> Response:
    """Read rows of a spreadsheet, pasted or as a file, and show them; with `take` they are taken in."""
    outline = _outline(session, meeting)
    plan = outlines.content_of(outline)
    if sent.faults:
        say = speaker_of(request)
        told = "; ".join(f"{say.said(one.found)}: {say.said(one.expected)}" for one in sent.faults)
        fault = FieldFault("rows", "Raderna går inte att läsa: %(what)s.", what=told)
        return _again(request, session, meeting, FormError(fault), "klistra")
    tracks = [(one.key, one.name_sv, one.focus) for one in plan.tracks]
    read = read_pasted(sent.lines, known_names(tracks, known_people(session).leaders))
    if not read.sessions:
        fault = FieldFault("rows", "Det finns inga pass i det som du klistrade in.")
        return _again(request, session, meeting, FormError(fault), "klistra")
    if take:
        outlines.add_sessions(session, outline, read.sessions, viewer.person_id, now())
        return lead_to(request, f"{BASE}/{meeting.id}#pass")
    shown = rows if not sent.is_file else beginning.as_rows(read.sessions, plan)
    page = pasted_page(meeting, plan, shown, read, speaker_of(request))
    return render(request, "proposals/content_pasted.html", page)


@pages.post(BASE + "/{meeting_id}/rakna", dependencies=[ACTS_ONCE])
def plan_it(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting: Here
) -> Response:
    """Queue the planning of the content as it stands, and lead to its page."""
    outline = _outline(session, meeting)
    try:
        frame = beginning.frame_now(session, meeting, outline)
    except FormError as error:
        return _again(request, session, meeting, error, "pass")
    made = programme_solving.start_from_content(session, meeting, frame, viewer.person_id, now())
    return lead_to(request, f"/planera/program/{made.id}")


@pages.get("/planera/program/{proposal_id}/problem.json")
def problem_file(viewer: SignedInViewer, found: Found) -> Response:
    """Give out the problem exactly as it is stored, for `samkrets programme`."""
    insist(may_plan(viewer))
    headers = {"Content-Disposition": 'attachment; filename="program.json"'}
    return Response(found.problem.encode(), media_type="application/json", headers=headers)


@pages.get("/planera/program/{proposal_id}/forhinder")
@shows(StandInPage)
def who_takes_over(
    request: Request, session: Transaction, found: Found, leader: str = ""
) -> Response:
    """Show who can take over what somebody leads who cannot, and what each choice costs."""
    page = stand_in_page(session, found, leader, speaker_of(request))
    return render(request, "proposals/stand_in.html", page)


@pages.post("/planera/program/{proposal_id}/tar-over", dependencies=[ACTS_ONCE])
def take_over(
    request: Request, session: Transaction, viewer: SignedInViewer, found: Found, posted: Posted
) -> Response:
    """Make a draft in which the chosen lead instead."""
    form = texts_of(posted)
    chosen = {
        name.removeprefix("gap-"): values[-1]
        for name, values in form.items()
        if name.startswith("gap-")
    }
    leader = content_form.one(form, "leader")
    made = standing_in.stand_in(session, found, leader, chosen, viewer.person_id, now())
    return lead_to(request, f"/planera/program/{made.id}")


def _again(
    request: Request, session: Transaction, meeting: Meeting, error: FormError, opened: str
) -> Response:
    page = content_page(session, meeting, speaker_of(request), error.faults, opened)
    return render(request, "proposals/content.html", page, status=422)
