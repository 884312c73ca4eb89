"""Fill the times of a poll in: from the members' meetings, the year and one's own calendar."""

from datetime import datetime, time
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from api.accounts.session import ReadingTransaction, SignedInViewer
from api.availability.busy import MOST_BYTES, Span, busy_in
from api.availability.service import Time, meeting_to_move, network_to_act_in
from api.calendar.days import read_school_breaks
from api.kit.apart import TooMuchError, apart
from api.kit.clock import from_local, now
from api.kit.errors import FieldFault
from api.kit.pages import lead_to
from api.proposals.times import service

pages = APIRouter()

_LENGTHS = {"1": 60, "1.5": 90, "2": 120, "3": 180, "4": 240, "6": 360}
_USUAL = "1.5"


@pages.post("/natverk/{network_id}/ny-tid/forslag")
def fill_in(
    request: Request,
    session: ReadingTransaction,
    viewer: SignedInViewer,
    network_id: str,
    length: Annotated[str, Form()] = _USUAL,
    meeting_id: Annotated[str, Form()] = "",
    calendar: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Lead to the form with at most three times in it; nothing is asked of anybody yet."""
    network, rc_ids = network_to_act_in(session, viewer, network_id)
    moved = meeting_to_move(session, network, meeting_id)
    chosen = length if length in _LENGTHS else _USUAL
    content = calendar.file.read(MOST_BYTES + 1) if calendar is not None else b""
    breaks = read_school_breaks(request.app.state.settings.data)
    own, unread = _own(content)
    found = service.times_for(session, rc_ids, _LENGTHS[chosen], own, breaks, now(), moved)
    fields = {"length": chosen, "traff": meeting_id, "forslag": str(len(found))}
    if own:
        fields["kalender"] = "1"
    clashing = sum(bool(one.away or one.perhaps) for one in found)
    if clashing:
        fields["krockar"] = str(clashing)
    if unread:
        fields["olast"] = str(unread)
    for number, one in enumerate(found, start=1):
        fields |= {
            f"day{number}": f"{one.starts:%Y-%m-%d}",
            f"clock{number}": f"{one.starts:%H:%M}",
        }
    query = urlencode({name: value for name, value in fields.items() if value})
    return lead_to(request, f"/natverk/{network_id}/ny-tid" + f"?{query}")


def _own(content: bytes) -> tuple[tuple[Span, ...], int]:
    """Return what a calendar is busy with while a time is looked for, and how much was not read.

    A file that cannot be read at all leaves one thing unread: times are found without it, and that is said.
    """
    if not content:
        return (), 0
    first, last = service.window(now())
    moments = Time(*(from_local(datetime.combine(day, time.min)) for day in (first, last)))
    try:
        spans, unread = apart(busy_in, content, moments)
    except (FieldFault, TooMuchError):
        return (), 1
    return spans, len(unread)
