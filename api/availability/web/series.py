"""Pages: put up a network's recurring meetings, see their dates, prolong, change and end them."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import Viewer
from api.accounts.session import SignedInViewer, Transaction
from api.availability import service
from api.availability.web import recurring
from api.availability.web.forms import faults_of
from api.calendar.days import read_school_breaks
from api.kit.clock import day_in, now
from api.kit.db import undo
from api.kit.errors import FieldFault, FormError, MissingError
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Fields, Seen, lead_to, render, speaker_of
from api.meetings import queries
from api.meetings import series as meetings
from api.meetings.models import MeetingSeries
from api.meetings.video import set_series_video
from api.networks import queries as networks
from api.outbox.acts import begin_act, with_receipt

pages = APIRouter()

MADE = later("Träffarna är inlagda.")
CHANGED = later("Serien är ändrad från den dagen.")
PROLONGED = later("Serien är förlängd.")
ENDED = later("Serien är avslutad.")
VIDEO_SAVED = later("Länken till videomötet är sparad.")
NO_REASON = "Skriv varför träffarna ställs in. Det står i mejlet till de inbjudna."


@pages.get("/natverk/{network_id}/serie")
def series_form(
    request: Request, session: Transaction, viewer: SignedInViewer, network_id: str
) -> Response:
    """Show the form; with its fields in the address, the dates that they give."""
    network, _ = service.network_to_act_in(session, viewer, network_id)
    form = recurring.empty_form(network, speaker_of(request))
    return _form_page(request, session, form, dict(request.query_params))


@pages.post("/natverk/{network_id}/serie", dependencies=[ACTS_ONCE])
def make_series(
    request: Request, session: Transaction, viewer: SignedInViewer, network_id: str, fields: Fields
) -> Response:
    """Make the series of the dates that were ticked."""
    network, _ = service.network_to_act_in(session, viewer, network_id)
    at = now()
    try:
        draft = recurring.draft_sent(fields, network, at)
        _begin(session, viewer, MADE, f"/natverk/{network_id}")
        made = meetings.create_series(session, draft, viewer.person_id, at)
        meetings.agree(session, made)
    except (FieldFault, FormError) as error:
        undo(session)
        form = recurring.empty_form(network, speaker_of(request))
        return _form_page(request, session, form, fields, faults_of(error))
    return _to(request, f"/serie/{made.id}", session)


@pages.get("/serie/{series_id}")
def series(
    request: Request, session: Transaction, viewer: SignedInViewer, series_id: str
) -> Response:
    """Show a series' meetings."""
    found = meetings.series_for(session, viewer, series_id)
    return _series_page(request, session, viewer, found)


@pages.get("/serie/{series_id}/andra")
def change_form(
    request: Request, session: Transaction, viewer: SignedInViewer, series_id: str
) -> Response:
    """Show the form for what takes a series' place from a day on."""
    found = meetings.series_to_change(session, viewer, series_id)
    form = recurring.changing_form(session, found, _owner(session, found), speaker_of(request))
    return _form_page(request, session, form, dict(request.query_params))


@pages.post("/serie/{series_id}/andra", dependencies=[ACTS_ONCE])
def change(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    series_id: str,
    version: Seen,
    fields: Fields,
) -> Response:
    """Let another series take this one's place from its first day on."""
    found = meetings.series_to_change(session, viewer, series_id)
    owner, at = _owner(session, found), now()
    try:
        draft = recurring.draft_sent(fields, owner, at)
        _begin(session, viewer, CHANGED, f"/serie/{series_id}")
        made = meetings.change_from(session, found, draft, version, viewer.person_id, at)
    except (FieldFault, FormError) as error:
        undo(session)
        form = recurring.changing_form(session, found, owner, speaker_of(request))
        return _form_page(request, session, form, fields, faults_of(error))
    return _to(request, f"/serie/{made.id}", session)


@pages.post("/serie/{series_id}/forlang", dependencies=[ACTS_ONCE])
def prolong(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    series_id: str,
    version: Seen,
    fields: Fields,
) -> Response:
    """Let a series go on until a later day."""
    found = meetings.series_to_change(session, viewer, series_id)
    try:
        last_day = day_in(fields, "last_day")
        _begin(session, viewer, PROLONGED, f"/serie/{series_id}")
        meetings.prolong(session, found, last_day, version, viewer.person_id, now())
    except FieldFault as fault:
        undo(session)
        found = meetings.series_for(session, viewer, series_id)
        return _series_page(request, session, viewer, found, (fault,))
    return _to(request, f"/serie/{series_id}", session)


@pages.post("/serie/{series_id}/avsluta", dependencies=[ACTS_ONCE])
def end(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    series_id: str,
    version: Seen,
    fields: Fields,
) -> Response:
    """Call off what a series has from a day on; whoever is invited is told why."""
    found = meetings.series_to_change(session, viewer, series_id)
    try:
        day = day_in(fields, "end_day")
        reason = fields.get("reason", "")
        if not reason.strip() and _told(request, session, found):
            raise FieldFault("reason", NO_REASON)  # noqa: TRY301 - answered as the field's other faults
        _begin(session, viewer, ENDED, f"/serie/{series_id}")
        meetings.end(session, found, day, version, viewer.person_id, now(), reason)
    except FieldFault as fault:
        undo(session)
        found = meetings.series_for(session, viewer, series_id)
        return _series_page(request, session, viewer, found, (fault,))
    return _to(request, f"/serie/{series_id}", session)


@pages.post("/serie/{series_id}/videolank", dependencies=[ACTS_ONCE])
def choose_video(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    series_id: str,
    version: Seen,
    video_url: Annotated[str, Form()] = "",
) -> Response:
    """Give a series and its meetings to come the link to their video room, or take it away."""
    found = meetings.series_to_change(session, viewer, series_id)
    try:
        _begin(session, viewer, VIDEO_SAVED, f"/serie/{series_id}")
        set_series_video(session, found, video_url, version, viewer.person_id, now())
    except FieldFault as fault:
        undo(session)
        found = meetings.series_for(session, viewer, series_id)
        return _series_page(request, session, viewer, found, (fault,))
    return _to(request, f"/serie/{series_id}", session)


@pages.post("/serie/{series_id}/skydd", dependencies=[ACTS_ONCE])
def protect(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    series_id: str,
    version: Seen,
    protected: Annotated[str, Form()] = "",
) -> Response:
    """Show a series only as busy in calendars and mails, or as it is again."""
    found = meetings.series_to_change(session, viewer, series_id)
    meetings.protect(session, found, version, viewer.person_id, now(), is_protected=bool(protected))
    return _to(request, f"/serie/{series_id}")


def _form_page(
    request: Request,
    session: Transaction,
    form: recurring.SeriesForm,
    fields: dict[str, str],
    faults: tuple[FieldFault, ...] = (),
) -> Response:
    if fields:
        breaks = read_school_breaks(request.app.state.settings.data)
        say = speaker_of(request)
        form = recurring.with_dates(session, form, fields, breaks, say, now())
        form = replace(form, faults=form.faults or faults)
    status = 422 if form.faults else 200
    return render(request, "availability/series_form.html", form, status=status)


def _series_page(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: MeetingSeries,
    faults: tuple[FieldFault, ...] = (),
) -> Response:
    owner, say = _owner(session, found), speaker_of(request)
    told = _told(request, session, found)
    page = recurring.series_page(session, viewer, found, owner, say, now(), told, faults)
    return render(request, "availability/series.html", page, status=422 if faults else 200)


def _told(request: Request, session: Transaction, found: MeetingSeries) -> tuple[str, ...]:
    names: tuple[str, ...] = request.app.state.told_of_series(session, found.id)
    return names


def _owner(session: Transaction, found: MeetingSeries) -> recurring.Owner:
    owner = (
        queries.group(session, found.group_id)
        if found.group_id is not None
        else networks.network(session, found.network_id or "")
    )
    if owner is None:
        raise MissingError
    return owner


def _begin(session: Transaction, viewer: Viewer, said: str, page: str) -> None:
    """Let what is done now be one act with a receipt; undoing it leads to `page`."""
    begin_act(session, viewer.person_id, now(), Said(said), page)


def _to(request: Request, path: str, session: Transaction | None = None) -> Response:
    return lead_to(request, path if session is None else with_receipt(session, path))
