"""The page where planners read standing meetings in: check the file, choose, confirm."""

from dataclasses import astuple, replace
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile

from api.accounts.policy import insist, may_plan
from api.accounts.session import ReadingTransaction, SignedInViewer, Transaction
from api.kit.apart import TOO_MUCH_TO_READ, TooMuchError, apart
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault, FormError
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Fields, lead_to, render, speaker_of
from api.standing import service
from api.standing.file import MOST_BYTES, read_events
from api.standing.packing import Checked, pack, unpack
from api.standing.planning import Outcome
from api.standing.web.forms import choices_from
from api.standing.web.views import checked_page, read_page, written_in_words

pages = APIRouter()

PAGE = "/planera/traffar/las-in"
MOST_TOLD = 9_999
Count = Annotated[int, Query(ge=0, le=MOST_TOLD)]


@pages.get(PAGE)
def form(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    nya: Count = 0,
    andrade: Count = 0,
    installda: Count = 0,
    klart: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the form; after a reading, what it did."""
    insist(may_plan(viewer))
    say = speaker_of(request)
    page = read_page(service.targets(session), {}, say)
    if klart:
        counts = {Outcome.NEW: nya, Outcome.CHANGED: andrade, Outcome.CANCELLED: installda}
        done = written_in_words(counts, say) or (say.text("Inget ändrades."),)
        page = replace(page, done=done)
    return render(request, "standing/read.html", page)


@pages.post(PAGE)
def check(
    request: Request,
    session: ReadingTransaction,
    viewer: SignedInViewer,
    fields: Fields,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Show what reading a file in would do; nothing is written."""
    insist(may_plan(viewer))
    say, at = speaker_of(request), now()
    networks = service.targets(session)
    try:
        choices = choices_from(fields, [one.id for one in networks])
        content = file.file.read(MOST_BYTES + 1) if file is not None else b""
        if not content:
            raise FieldFault("file", "Välj en fil.")  # noqa: TRY301 - shown as the form's others
        events = apart(read_events, content, at)
    except (FieldFault, FormError, TooMuchError) as error:
        if isinstance(error, TooMuchError):
            error = FieldFault("file", TOO_MUCH_TO_READ)
        faults = error.faults if isinstance(error, FormError) else (error,)
        page = read_page(networks, fields, say, faults)
        return render(request, "standing/read.html", page, status=422)
    rows = service.planned(session, events, choices, at)
    checked = Checked(events, choices, service.print_of(rows))
    plan = pack(checked, viewer.person_id, request.app.state.settings.signing_key)
    page = checked_page(networks, rows, choices, plan, say)
    return render(request, "standing/read.html", page)


@pages.post(f"{PAGE}/bekrafta", dependencies=[ACTS_ONCE])
def confirm(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    plan: Annotated[str, Form()] = "",
    take: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Write what was shown and chosen; where the meetings have changed meanwhile, show it anew."""
    insist(may_plan(viewer))
    say, at, key = speaker_of(request), now(), request.app.state.settings.signing_key
    checked = unpack(plan, viewer.person_id, key)
    taken = frozenset(take or ())
    rows = service.planned(session, checked.events, checked.choices, at)
    shown = service.print_of(rows)
    faults: tuple[FieldFault, ...] = ()
    if shown == checked.shown:
        try:
            done = service.write(session, rows, taken, checked.choices, viewer.person_id, at)
        except FieldFault as fault:
            undo(session)
            faults = (fault,)
        else:
            new, changed, cancelled = astuple(done)
            query = f"klart=1&nya={new}&andrade={changed}&installda={cancelled}"
            return lead_to(request, f"{PAGE}?{query}")
    anew = pack(Checked(checked.events, checked.choices, shown), viewer.person_id, key)
    page = checked_page(
        service.targets(session),
        rows,
        checked.choices,
        anew,
        say,
        faults,
        taken=taken,
        has_moved_on=not faults,
    )
    return render(request, "standing/read.html", page, status=422 if faults else 409)
