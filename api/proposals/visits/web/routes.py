"""The page where a planner pairs study visits, changes a pair, and proposes them to the two RC of each."""

from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, shows, speaker_of
from api.outbox.acts import begin_act, with_receipt
from api.proposals.placing.web.form import Typed
from api.proposals.visits import asking
from api.proposals.visits import service as visits
from api.proposals.visits.service import VisitWish
from api.proposals.visits.web.view import VisitsPage, page_of
from api.registry import queries as registry
from matcher.travel import BANDS, Band, limit_of

pages = APIRouter()

PAGE = "/planera/studiebesok"
HOST = "host-"


@pages.get(PAGE)
@shows(VisitsPage)
def show(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show who could visit whom: at first those on their way visit those in operation."""
    insist(may_plan(viewer))
    typed, at = _typed(request), now()
    wish, longest = _wish(session, typed, at)
    now_paired = visits.paired(visits.problem_of(session, wish, at), _by_hand(typed))
    query = urlencode([(key, one) for key, values in typed.fields.items() for one in values])
    say = speaker_of(request)
    page = page_of(session, wish, longest, now_paired, query, say, at)
    return render(request, "proposals/visits.html", page)


@pages.post(PAGE, dependencies=[ACTS_ONCE])
def propose(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Ask the hosts of the visits that the address holds; they are paired and checked again."""
    insist(may_plan(viewer))
    typed, at = _typed(request), now()
    wish, _ = _wish(session, typed, at)
    chosen = visits.paired(visits.problem_of(session, wish, at), _by_hand(typed))
    begin_act(session, viewer.person_id, at, Said(later("Värdarna frågas.")), PAGE)
    asking.ask(session, chosen, viewer.person_id, at)
    return lead_to(request, with_receipt(session, f"{PAGE}#asked"))


def _typed(request: Request) -> Typed:
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, []).append(value)
    return Typed(found)


def _wish(session: Transaction, typed: Typed, at: datetime) -> tuple[VisitWish, str]:
    """Return the wish that the form holds, and the farthest band; what is not a choice counts as none."""
    rcs = registry.rcs(session)
    if not typed.one("asked"):
        return visits.usual_wish(rcs, visits.under_way(session, at)), ""
    most = {str(number): number for number in range(visits.MOST_VISITS + 1)}
    band = typed.one("longest")
    known = {rc.id for rc in rcs}
    return VisitWish(
        visitors=frozenset(typed.many("visits")) & known,
        hosts={key: most.get(typed.one(f"takes-{key}"), 0) for key in known},
        longest_hours=limit_of(Band(band)) if band in BANDS else None,
    ), band


def _by_hand(typed: Typed) -> dict[str, str]:
    """Return the hosts that were chosen in the table; an empty one is no visit."""
    if typed.one("again"):
        return {}
    return {
        name.removeprefix(HOST): values[0]
        for name, values in typed.fields.items()
        if name.startswith(HOST)
    }
