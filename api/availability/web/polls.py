"""Pages: ask a network for a time, see who can, remind, book; and answer by a mailed link or signed in."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from api.accounts.policy import Viewer
from api.accounts.session import ReadingTransaction, SignedInViewer, Transaction
from api.availability import asking, service
from api.availability.busy import MOST_BYTES, answers_from
from api.availability.models import Poll
from api.availability.web import retiming, views
from api.availability.web.forms import Row, draft_from, faults_of, marks_from, time_from
from api.calendar.days import read_school_breaks
from api.kit.apart import TOO_MUCH_TO_READ, TooMuchError, apart
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault, FormError, MissingError
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Fields, Seen, lead_to, render, speaker_of
from api.meetings.models import Meeting
from api.meetings.service import tells_all
from api.outbox.acts import begin_act, with_receipt

pages = APIRouter()

MEETING_LENGTH = "length"


@pages.get("/natverk/{network_id}/ny-tid")
def propose_form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    network_id: str,
    traff: str | None = None,
) -> Response:
    """Show the form that asks the network for a time, for a new meeting or for one to move."""
    network, _ = service.network_to_act_in(session, viewer, network_id)
    meeting = service.meeting_to_move(session, network, traff)
    page = views.propose_page(
        session, viewer, network, meeting, speaker_of(request), dict(request.query_params)
    )
    return render(request, "availability/propose.html", page)


@pages.post("/natverk/{network_id}/ny-tid", dependencies=[ACTS_ONCE])
def propose(
    request: Request, session: Transaction, viewer: SignedInViewer, network_id: str, fields: Fields
) -> Response:
    """Show who would be asked and how it reads; with `do=send` ask them."""
    network, _ = service.network_to_act_in(session, viewer, network_id)
    meeting = service.meeting_to_move(session, network, fields.get("meeting_id"))
    say, at = speaker_of(request), now()
    is_sent = fields.get("do") == "send"
    try:
        if is_sent:
            said = Said(later("De andra är tillfrågade."))
            begin_act(session, viewer.person_id, at, said, f"/natverk/{network_id}")
        poll = service.propose(session, network, draft_from(fields), viewer.person_id, at)
    except (FieldFault, FormError) as error:
        undo(session)
        page = views.propose_page(session, viewer, network, meeting, say, fields, faults_of(error))
        return render(request, "availability/propose.html", page, status=422)
    if not is_sent:
        shown = views.ask_page(session, poll, network, viewer, say, fields)
        undo(session)  # nothing is kept of what nobody is asked
        return render(request, "availability/ask.html", shown)
    own = asking.own_of(viewer, asking.members(session, network.id))
    asking.ask(session, poll, own, viewer.person_id, at)
    return lead_to(request, with_receipt(session, f"/tidsval/{poll.id}"))


@pages.get("/tidsval/{poll_id}")
def poll(request: Request, session: Transaction, viewer: SignedInViewer, poll_id: str) -> Response:
    """Show who can when, to the network's members."""
    return _poll_page(request, session, viewer, service.poll_for(session, viewer, poll_id))


@pages.get("/tidsval/{poll_id}/svara")
def own_form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    poll_id: str,
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the times to a member who is signed in, with the own answer; who is none sees the answers."""
    found = service.poll_for(session, viewer, poll_id)
    opened = _own(session, viewer, found)
    if opened is None:
        return lead_to(request, f"/tidsval/{poll_id}")
    action = f"/tidsval/{poll_id}/svara"
    page = views.answer_page(session, opened, speaker_of(request), is_saved=sparat, action=action)
    return render(request, "availability/answer.html", page)


@pages.post("/tidsval/{poll_id}/svara")
def answer_own(
    request: Request, session: Transaction, viewer: SignedInViewer, poll_id: str, fields: Fields
) -> Response:
    """Keep the answer of a member who is signed in."""
    found = service.poll_for(session, viewer, poll_id)
    opened = _own(session, viewer, found)
    if opened is None or opened.member is None:
        raise MissingError
    if found.each_picks:
        return _picked(request, session, opened, fields, f"/tidsval/{poll_id}/svara")
    service.answer_as(session, found, opened.member, marks_from(fields), now())
    return lead_to(request, f"/tidsval/{poll_id}/svara?sparat=true")


@pages.post("/tidsval/{poll_id}/paminn", dependencies=[ACTS_ONCE])
def remind(
    request: Request, session: Transaction, viewer: SignedInViewer, poll_id: str
) -> Response:
    """Remind those who have not answered."""
    found = service.poll_to_run(session, viewer, poll_id)
    path = f"/tidsval/{poll_id}"
    said = Said(later("Påminnelserna är klara."))
    begin_act(session, viewer.person_id, now(), said, path, with_mails=True)
    asking.remind(session, found, viewer.person_id, now())
    return lead_to(request, with_receipt(session, path))


@pages.post("/tidsval/{poll_id}/boka", dependencies=[ACTS_ONCE])
def book(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    poll_id: str,
    version: Seen,
    option_id: Annotated[str, Form()] = "",
) -> Response:
    """Book a time: everybody is invited to it."""
    found = service.poll_to_run(session, viewer, poll_id)
    said = Said(later("Tiden är bokad."))
    begin_act(session, viewer.person_id, now(), said, f"/tidsval/{poll_id}")
    meeting = service.book(session, found, option_id, version, viewer.person_id, now())
    return lead_to(request, with_receipt(session, f"/traffar/{meeting.id}"))


@pages.post("/tidsval/{poll_id}/lagg-till")
def add_time(
    request: Request, session: Transaction, viewer: SignedInViewer, poll_id: str, fields: Fields
) -> Response:
    """Ask about one more time; what has been answered stays."""
    found = service.poll_to_run(session, viewer, poll_id)
    try:
        row = Row(1, fields.get("day1", ""), fields.get("clock1", ""))
        time = time_from(row, fields.get(MEETING_LENGTH, ""))
        service.insist_on_time(time, now(), "day1")
        version = int(fields.get("version", "0") or 0)
        said, path = Said(later("Tiden är tillagd.")), f"/tidsval/{poll_id}"
        begin_act(session, viewer.person_id, now(), said, path)
        option = service.add_time(session, found, time, version, viewer.person_id)
    except FieldFault as fault:
        undo(session)
        found = service.poll_for(session, viewer, poll_id)
        return _poll_page(request, session, viewer, found, (fault,))
    is_group = found.group_id is not None
    own = asking.own_of(viewer, asking.whom(session, found), of_group=is_group)
    if own is not None and not found.each_picks:
        asking.say_yes(session, found, own, [option], now())
    asking.tell_of_more(session, found, own, now())
    return lead_to(request, with_receipt(session, path))


@pages.post("/tidsval/{poll_id}/ta-bort")
def withdraw_time(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    poll_id: str,
    version: Seen,
    option_id: Annotated[str, Form()] = "",
) -> Response:
    """Take a time away; its answers are kept should it come back."""
    found = service.poll_to_run(session, viewer, poll_id)
    service.withdraw_time(session, found, option_id, version, viewer.person_id)
    return lead_to(request, f"/tidsval/{poll_id}")


@pages.post("/tidsval/{poll_id}/avsluta")
def close(
    request: Request, session: Transaction, viewer: SignedInViewer, poll_id: str, version: Seen
) -> Response:
    """End the poll without booking."""
    found = service.poll_to_run(session, viewer, poll_id)
    service.close(session, found, version, viewer.person_id)
    return lead_to(request, asking.party_of(session, found).page)


@pages.get("/traffar/{meeting_id}/tid")
def time_form(
    request: Request, session: Transaction, viewer: SignedInViewer, meeting_id: str
) -> Response:
    """Show a meeting's time to change; with another time in the address, what that would mean."""
    if retiming.has_programme(session, viewer, meeting_id):
        return lead_to(request, f"/traffar/{meeting_id}/uppgifter")
    meeting = retiming.meeting_to_move(session, viewer, meeting_id)
    return _time_page(request, session, meeting, dict(request.query_params))


@pages.post("/traffar/{meeting_id}/tid", dependencies=[ACTS_ONCE])
def change_time(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    meeting_id: str,
    version: Seen,
    fields: Fields,
) -> Response:
    """Move a meeting, or make it half an hour longer."""
    meeting = retiming.meeting_to_move(session, viewer, meeting_id)
    path = f"/traffar/{meeting_id}"
    try:
        begin_act(session, viewer.person_id, now(), Said(later("Träffen är flyttad.")), path)
        retiming.retime(session, meeting, fields, version, viewer.person_id, now())
    except FieldFault:
        undo(session)
        return _time_page(request, session, meeting, fields, status=422)
    return lead_to(request, with_receipt(session, path))


def _time_page(
    request: Request,
    session: Transaction,
    meeting: Meeting,
    fields: dict[str, str],
    status: int = 200,
) -> Response:
    breaks = read_school_breaks(request.app.state.settings.data)
    told = request.app.state.told_of_move(session, meeting, reaches_all=tells_all(meeting))
    page = retiming.retime_page(session, meeting, fields, breaks, told, speaker_of(request), now())
    status = 422 if page.faults else status
    return render(request, "availability/time.html", page, status=status)


@pages.get("/tid/{token}")
def answer_form(
    request: Request,
    session: Transaction,
    token: str,
    svar: str = "",
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the times to whoever has the link, with the own answer; `svar` fills in and saves nothing."""
    found = service.opened(session, token)
    page = views.answer_page(session, found, speaker_of(request), chosen=svar, is_saved=sparat)
    return render(request, "availability/answer.html", page)


@pages.post("/tid/{token}")
def answer(request: Request, session: Transaction, token: str, fields: Fields) -> Response:
    """Keep an answer and lead to its own page, where it can be changed."""
    found = service.opened(session, token)
    if found.poll.each_picks:
        return _picked(request, session, found, fields, f"/tid/{token}")
    if found.member is not None:
        service.answer_as(session, found.poll, found.member, marks_from(fields), now())
        return lead_to(request, f"/tid/{token}?sparat=true")
    try:
        name, marks = fields.get("name", ""), marks_from(fields)
        secret = service.answer(session, found.poll, name, marks, now(), found.own)
    except FieldFault as fault:
        page = views.answer_page(session, found, speaker_of(request), fields, (fault,))
        return render(request, "availability/answer.html", page, status=422)
    return lead_to(request, f"/tid/{secret or token}")


@pages.post("/tid/{token}/kalender")
def read_calendar(
    request: Request,
    session: ReadingTransaction,
    token: str,
    fields: Fields,
    calendar: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Fill the answer in from an uploaded calendar, read as busy or free; nothing of it is kept."""
    found = service.opened(session, token)
    content = calendar.file.read(MOST_BYTES + 1) if calendar is not None else b""
    try:
        read = apart(answers_from, content, service.times_of(session, found.poll))
    except FieldFault as fault:
        page = views.answer_page(session, found, speaker_of(request), fields, (fault,))
        return render(request, "availability/answer.html", page, status=422)
    except TooMuchError:
        too_much = FieldFault("calendar", TOO_MUCH_TO_READ)
        page = views.answer_page(session, found, speaker_of(request), fields, (too_much,))
        return render(request, "availability/answer.html", page, status=422)
    page = views.answer_page(session, found, speaker_of(request), read=read)
    return render(request, "availability/answer.html", page)


def _picked(
    request: Request, session: Transaction, found: service.Opened, fields: Fields, page: str
) -> Response:
    """Take a time for whoever is asked; what is taken meanwhile is said on the page."""
    if found.member is None:
        raise MissingError  # the link that is passed on is nobody's: there is nothing to take a time for
    try:
        service.pick(session, found.poll, found.member, fields.get("tid", ""), "link", now())
    except FieldFault as fault:
        undo(session)
        shown = views.answer_page(
            session, found, speaker_of(request), fields, (fault,), action=page
        )
        return render(request, "availability/answer.html", shown, status=422)
    return lead_to(request, f"{page}?sparat=true")


def _own(session: Transaction, viewer: Viewer, found: Poll) -> service.Opened | None:
    """Return a poll as the viewer answers it; None for who is not asked."""
    is_group = found.group_id is not None
    member = asking.own_of(viewer, asking.whom(session, found), of_group=is_group)
    return service.opened_as(session, found, member, "") if member is not None else None


def _poll_page(
    request: Request,
    session: Transaction,
    viewer: Viewer,
    found: Poll,
    faults: tuple[FieldFault, ...] = (),
) -> Response:
    settings = request.app.state.settings
    page = views.poll_page(
        session,
        found,
        viewer,
        speaker_of(request),
        settings.base_url,
        read_school_breaks(settings.data),
        now(),
        faults,
    )
    return render(request, "availability/poll.html", page, status=422 if faults else 200)
