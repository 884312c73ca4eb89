"""The pages of a circle's own life: the first day of whoever is new, turns, agenda, rest, and whether it met."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.policy import insist, may_act_in_network, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.circles import convening, met, pulse
from api.circles.models import HeldAnswer
from api.circles.pulse import PulseResults
from api.circles.service import beginning
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.i18n import Said, later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import lead_to, render, shows, speaker_of
from api.meetings.service import rc_ids_of
from api.networks import queries as networks
from api.outbox.acts import begin_act, with_receipt
from api.outbox.asked import Asked

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class MetPage:
    """One meeting, one question."""

    asked: Asked
    circle: str
    when: str
    line: str
    move_path: str  # where a meeting that was moved gets its new time; empty otherwise


@pages.get("/valkommen")
def welcome(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show whom to ring, what is coming and what to do first."""
    return render(request, "circles/welcome.html", beginning(session, viewer, now()))


@pages.get("/traffades/{token}")
def did_you_meet(
    request: Request,
    session: Transaction,
    token: str,
    svar: str = "",
    sparat: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Response:
    """Show the question; `svar` fills the choice in and saves nothing."""
    page = _met(request, session, token, svar, is_saved=sparat)
    return render(request, "circles/met.html", page)


@pages.post("/traffades/{token}")
def save_met(
    request: Request,
    session: Transaction,
    token: str,
    svar: Annotated[str, Form()] = "",
    line: Annotated[str, Form()] = "",
) -> Response:
    """Keep the answer."""
    try:
        met.answer_by_link(session, token, met.QUESTION.said(svar), line, now())
    except FieldFault as fault:
        page = _met(request, session, token, svar, line=line, faults=(fault,))
        return render(request, "circles/met.html", page, status=fault.status)
    return lead_to(request, met.QUESTION.after(token))


def _met(
    request: Request,
    session: Transaction,
    token: str,
    chosen: str,
    *,
    line: str = "",
    is_saved: bool = False,
    faults: tuple[FieldFault, ...] = (),
) -> MetPage:
    found, meeting = met.by_token(session, token)
    network, say = networks.network(session, found.network_id), speaker_of(request)
    said = met.answer_of(found, meeting)
    return MetPage(
        asked=met.QUESTION.asked(
            token,
            met.ANSWERS,
            say,
            word=chosen,
            standing=said,
            is_saved=is_saved and said is not None,
            faults=faults,
        ),
        circle=say.either(network.name_sv, network.name_en) if network else "",
        when=say.moment(meeting.starts_at),
        line=line,
        move_path=f"/traffar/{meeting.id}/tid" if found.answer is HeldAnswer.MOVED else "",
    )


@dataclass(frozen=True, slots=True)
class PulsePage:
    """The one question of the pulse."""

    asked: Asked


@pages.get("/puls/{token}")
def pulse_question(request: Request, session: Transaction, token: str, svar: str = "") -> Response:
    """Show the question; `svar` fills the choice in and saves nothing."""
    return render(request, "circles/pulse_question.html", _pulse(request, session, token, svar))


@pages.post("/puls/{token}")
def save_pulse(
    request: Request, session: Transaction, token: str, svar: Annotated[str, Form()] = ""
) -> Response:
    """Keep the answer, without whose it is."""
    try:
        pulse.vote(session, token, pulse.QUESTION.said(svar), now())
    except FieldFault as fault:
        page = _pulse(request, session, token, "", (fault,))
        return render(request, "circles/pulse_question.html", page, status=fault.status)
    return lead_to(request, pulse.QUESTION.after(token))


def _pulse(
    request: Request,
    session: Transaction,
    token: str,
    chosen: str,
    faults: tuple[FieldFault, ...] = (),
) -> PulsePage:
    is_used = pulse.by_token(session, token).is_used
    return PulsePage(
        pulse.QUESTION.asked(
            token,
            pulse.ANSWERS,
            speaker_of(request),
            word=chosen,
            is_saved=is_used,
            is_open=not is_used,
            faults=faults,
        )
    )


@pages.get("/planera/puls")
@shows(PulseResults)
def pulse_results(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """Show what the pulse has said, season by season, over all circles together."""
    insist(may_plan(viewer))
    page = pulse.results(session, now())
    return render(request, "circles/pulse_results.html", page)


@pages.post("/natverk/{network_id}/traffades", dependencies=[ACTS_ONCE])
def say_met(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    network_id: str,
    meeting_id: Annotated[str, Form()] = "",
    svar: Annotated[str, Form()] = "",
) -> Response:
    """Say on the circle's page whether a meeting took place."""
    insist(may_act_in_network(viewer, rc_ids_of(session, network_id)))
    met.answer_as(session, viewer, meeting_id, met.QUESTION.said(svar), "", now())
    return _back(request, session, network_id)


@pages.post("/natverk/{network_id}/sammankallande", dependencies=[ACTS_ONCE])
def choose_convener(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    network_id: str,
    rc: Annotated[str, Form()] = "",
) -> Response:
    """Say who convenes next."""
    said = Said(later("Ni har valt vem som sammankallar."))
    begin_act(session, viewer.person_id, now(), said, f"/natverk/{network_id}")
    convening.choose(session, viewer, network_id, rc, now())
    return _back(request, session, network_id)


@pages.post("/natverk/{network_id}/avsta", dependencies=[ACTS_ONCE])
def decline_turn(
    request: Request, session: Transaction, viewer: SignedInViewer, network_id: str
) -> Response:
    """Pass the turn on without saying why."""
    said = Said(later("Turen har gått vidare."))
    begin_act(session, viewer.person_id, now(), said, f"/natverk/{network_id}")
    convening.decline(session, viewer, network_id, now())
    return _back(request, session, network_id)


@pages.post("/natverk/{network_id}/dagordning", dependencies=[ACTS_ONCE])
def choose_agenda(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    network_id: str,
    item: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Say what the next time holds."""
    convening.set_agenda(session, viewer, network_id, item or [])
    return _back(request, session, network_id)


@pages.post("/natverk/{network_id}/vila", dependencies=[ACTS_ONCE])
def rest(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    network_id: str,
    days: Annotated[int, Form()] = 0,
) -> Response:
    """Let a circle rest for some days without saying why, or wake it."""
    convening.rest(session, viewer, network_id, days, now())
    return _back(request, session, network_id)


@pages.post("/natverk/{network_id}/puffa", dependencies=[ACTS_ONCE])
def nudge(
    request: Request, session: Transaction, viewer: SignedInViewer, network_id: str
) -> Response:
    """Write kindly to a circle that has fallen silent."""
    insist(may_plan(viewer))
    said = Said(later("En vänlig påminnelse är skriven."))
    begin_act(session, viewer.person_id, now(), said, f"/natverk/{network_id}")
    convening.nudge(session, viewer, network_id, now())
    return _back(request, session, network_id)


def _back(request: Request, session: Transaction, network_id: str) -> Response:
    return lead_to(request, with_receipt(session, f"/natverk/{network_id}#livet"))
