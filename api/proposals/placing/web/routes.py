"""The page where a planner finds the date and the place of a national meeting, and books it."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.calendar.days import read_school_breaks
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Fields, address, language_of, render, speaker_of
from api.proposals.placing import service as placing
from api.proposals.placing.web.form import Typed, read_wish
from api.proposals.placing.web.view import page_of
from matcher.dates.meeting.rank import Ranking
from matcher.errors import InfeasibleError

pages = APIRouter()

PAGE = "/planera/datum"


TEXTS = ("name_sv", "name_en", "focus_sv", "focus_en")


@pages.get(PAGE)
def show(request: Request, session: Transaction, viewer: SignedInViewer) -> HTMLResponse:
    """Show the form; with days in it, rank them."""
    insist(may_plan(viewer))
    return _answer(request, session, _typed(request))


@pages.post(PAGE, dependencies=[ACTS_ONCE], response_model=None)
def book(request: Request, session: Transaction, viewer: SignedInViewer, sent: Fields) -> Response:
    """Book the chosen day and place: the ranking is made again, so that nothing closed is booked."""
    insist(may_plan(viewer))
    typed = _typed(request)
    wish, faults = read_wish(typed, placing.towns(session))
    if faults:
        return _answer(request, session, typed)
    breaks = read_school_breaks(request.app.state.settings.data)
    try:
        ranking = placing.ranking_of(session, wish, breaks, now())
        meeting = placing.book(
            session, ranking, wish, sent.get("choice", ""), sent, viewer.person_id, now()
        )
    except InfeasibleError:
        return _answer(request, session, typed)
    except FieldFault as fault:
        kept = {name: [sent.get(name, "")] for name in (*TEXTS, "choice")}
        return _answer(request, session, Typed({**typed.fields, **kept}), (fault,))
    where = address(language_of(request), f"/traffar/{meeting.id}")
    return RedirectResponse(where, status_code=303)


def _typed(request: Request) -> Typed:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return Typed(found)


def _answer(
    request: Request, session: Transaction, typed: Typed, more: tuple[FieldFault, ...] = ()
) -> HTMLResponse:
    say, at = speaker_of(request), now()
    query = urlencode([(k, v) for k, values in typed.fields.items() for v in values])
    if not typed.is_sent:
        page = page_of(session, typed, query, say, at)
        return render(request, "proposals/placing.html", page)
    wish, faults = read_wish(typed, placing.towns(session))
    ranking: Ranking | None = None
    conflict: tuple[str, ...] = ()
    if not faults:
        breaks = read_school_breaks(request.app.state.settings.data)
        try:
            ranking = placing.ranking_of(session, wish, breaks, at)
        except InfeasibleError as error:
            conflict = error.conflict
    page = page_of(
        session,
        typed,
        query,
        say,
        at,
        wish=wish,
        ranking=ranking,
        faults=(*faults, *more),
        conflict=conflict,
    )
    is_bad = bool(faults or more)
    return render(request, "proposals/placing.html", page, status=422 if is_bad else 200)
