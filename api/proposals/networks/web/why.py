"""Pages that explain a proposal and lead from it to the next: why, side by side, what if, again, and one A4."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import ConflictError, MissingError
from api.kit.i18n import later
from api.kit.once.service import ACTS_ONCE
from api.kit.pages import Seen, lead_to, render, shows, speaker_of
from api.networks.models import Layer
from api.networks.service import LAYER_NAMES
from api.networks.wording import ATTRIBUTES
from api.proposals.models import Proposal, ProposalKind
from api.proposals.networks import follow_ups as again
from api.proposals.networks import holding
from api.proposals.networks.follow_ups import ChangedWish, WishKind
from api.proposals.networks.web.compare import TODAY, ComparePage, compare_page
from api.proposals.networks.web.review import proposal_page
from api.proposals.networks.web.why_view import Looked, StudyPage, study_page
from api.proposals.opening import opened
from api.registry import queries as registry

pages = APIRouter()

Found = Annotated[Proposal, opened(ProposalKind.NETWORKS)]


@pages.get("/planera/natverk/{proposal_id}/varfor")
@shows(StudyPage)
def why(
    request: Request,
    session: Transaction,
    found: Found,
    rc: int = 1,
    layer: str = "",
    page: int = 1,
) -> Response:
    """Show why these networks: evidence, what else could have been, and what if."""
    shown = study_page(session, found, speaker_of(request), Looked(layer, page, rc))
    return render(request, "proposals/why.html", shown)


@pages.post("/planera/natverk/{proposal_id}/varfor")
def study(request: Request, session: Transaction, viewer: SignedInViewer, found: Found) -> Response:
    """Queue the question what else could have been and lead to its job."""
    job = again.start_study(session, found, viewer.person_id)
    return lead_to(request, f"/jobb/{job}")


@pages.post("/planera/natverk/{proposal_id}/tank-om", dependencies=[ACTS_ONCE])
def what_if(  # noqa: PLR0913, PLR0917 - the form's fields
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    kind: Annotated[WishKind, Form()] = "together",
    layer: Annotated[Layer, Form()] = Layer.LIKENESS,
    first: Annotated[str, Form()] = "",
    second: Annotated[str, Form()] = "",
    attribute: Annotated[str, Form()] = "",
    factor: Annotated[float, Form(ge=0, le=10)] = 1.0,
) -> Response:
    """Match with one wish changed, beside the proposal."""
    say = speaker_of(request)
    names = registry.names(session)
    if kind == "weight":
        if attribute not in ATTRIBUTES:
            raise ConflictError("Den egenskapen vägs inte in.")
        name, times = say.text(ATTRIBUTES[attribute][0]), say.number(factor, 1)
        title = say.text("Om %(name)s vägde %(factor)s gånger så mycket", name=name, factor=times)
    else:
        if first == second or {first, second} - names.keys():
            raise ConflictError("Välj två olika RC i samma slags krets.")
        text = later("Om %(first)s och %(second)s var i samma krets (%(layer)s)")
        if kind == "apart":
            text = later("Om %(first)s och %(second)s inte var i samma krets (%(layer)s)")
        layer_name = say.text(LAYER_NAMES[layer])
        title = say.text(text, first=names[first], second=names[second], layer=layer_name)
    wish = ChangedWish(kind, layer, first, second, attribute, factor)
    made = again.what_if(session, found, wish, title, viewer.person_id, now())
    return lead_to(request, f"/planera/natverk/{made.id}")


@pages.post("/planera/natverk/{proposal_id}/igen", dependencies=[ACTS_ONCE])
def match_again(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    locked: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Match today's register again with the same choices; locked networks stay."""
    say = speaker_of(request)
    at = now()
    kept = frozenset(_lock(text) for text in locked or ())
    if kept:
        title = say.plural(
            "Med %(num)s låst krets, %(when)s",
            "Med %(num)s låsta kretsar, %(when)s",
            len(kept),
            when=say.moment(at),
        )
    else:
        title = say.text("Omräknat %(when)s", when=say.moment(at))
    made = again.match_again(session, found, kept, title, viewer.person_id, at)
    return lead_to(request, f"/planera/natverk/{made.id}")


@pages.post("/planera/natverk/{proposal_id}/utan", dependencies=[ACTS_ONCE])
def without(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    wish: Annotated[str, Form()] = "",
) -> Response:
    """Match today's register again without one wish of the proposal; the others stay."""
    at = now()
    title = speaker_of(request).text(
        "Utan ett önskemål, %(when)s", when=speaker_of(request).moment(at)
    )
    made = again.without(session, found, wish, title, viewer.person_id, at)
    return lead_to(request, f"/planera/natverk/{made.id}")


@pages.post("/planera/natverk/{proposal_id}/las")
def lock(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    found: Found,
    version: Seen,
    circle: Annotated[str, Form()] = "",
) -> Response:
    """Lock a circle, or unlock it: a move by hand and a recomputation keep what is locked."""
    layer, number = _lock(circle)
    holding.lock(session, found, layer, number, version, viewer.person_id)
    looked = f"?layer={layer.value}&circle={number}#layer-{layer.value}"
    return lead_to(request, f"/planera/natverk/{found.id}{looked}")


@pages.get("/planera/natverk/{proposal_id}/jamfor")
@shows(ComparePage)
def side_by_side(
    request: Request, session: Transaction, found: Found, med: str = TODAY
) -> Response:
    """Show a proposal beside another, or beside the networks of today."""
    page = compare_page(session, found, med, speaker_of(request))
    return render(request, "proposals/compare.html", page)


@pages.get("/planera/natverk/{proposal_id}/ratta")
def correct(request: Request, session: Transaction, found: Found, rc: str = "") -> Response:
    """Lead to the form where an RC's facts are corrected, and from there back to the proposal."""
    if registry.rc(session, rc) is None:
        raise MissingError
    path = f"/rc/{rc}/andra?forslag={found.id}"
    return lead_to(request, path)


@pages.get("/planera/natverk/{proposal_id}/a4")
def sheet(request: Request, session: Transaction, found: Found) -> Response:
    """Show a proposal on one A4 for a manager, to print."""
    page = proposal_page(session, found, speaker_of(request))
    return render(request, "proposals/sheet.html", page)


def _lock(text: str) -> tuple[Layer, int]:
    """Read a locked network, `layer:number`, as the form names it."""
    layer, _, number = text.partition(":")
    if layer not in {one.value for one in Layer} or not number.isdigit():
        raise ConflictError("Det går inte att låsa den kretsen: ladda om sidan.")
    return Layer(layer), int(number)
