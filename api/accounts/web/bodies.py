"""Pages of bodies and functions: who is who, adding, taking a hand-over back, the contact at NCH."""

from dataclasses import dataclass, field, replace
from typing import Annotated, TypeAlias, TypeVar

from fastapi import APIRouter, Form, Request, Response

from api.accounts import bodies as change
from api.accounts import directory
from api.accounts.directory import PersonDetails
from api.accounts.models import BodyKind, FunctionKind, Role
from api.accounts.policy import (
    Viewer,
    insist,
    may_grant_deputy,
    may_hand_over,
    may_plan,
    may_see_body,
)
from api.accounts.session import SignedInViewer, Transaction
from api.accounts.web import overview
from api.kit.clock import now
from api.kit.errors import FieldFault
from api.kit.pages import Fields, Seen, language_of, lead_to, render

pages = APIRouter()

Kind = TypeVar("Kind", BodyKind, FunctionKind, Role)
Counties: TypeAlias = tuple[tuple[str, str], ...]  # code and name


@dataclass(frozen=True, slots=True)
class Names:
    """How kinds and roles are called: Swedish source texts."""

    bodies: dict[BodyKind, str]
    functions: dict[FunctionKind, str]
    roles: dict[Role, str]


NAMES = Names(overview.BODY_NAMES, overview.FUNCTION_NAMES, overview.ROLE_NAMES)


@dataclass(frozen=True, slots=True)
class BodiesPage:
    """Bodies that the viewer may see."""

    bodies: tuple[overview.BodyLine, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class NewBody:
    """The form for a new body, with what was typed."""

    kind: str = BodyKind.GUEST
    name: str = ""
    county_codes: tuple[str, ...] = ()
    counties: Counties = ()
    names: Names = NAMES
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class BodyPage:
    """One body, and for planners the forms that add a function and choose the contact."""

    body: overview.BodyView
    contacts: tuple[tuple[str, str], ...]
    names: Names
    may_hand_over: frozenset[str]  # ids of the functions that the viewer may hand over
    may_declare: bool = False  # say who comes to what
    matters: dict[str, str] = field(default_factory=dict)
    title: str = ""
    kind: str = FunctionKind.COORDINATOR
    role: str = Role.RC_MEMBER
    mailbox: str = ""
    counties: Counties = ()
    heading: str = ""  # the body's name as it is, where another has been typed
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOverPage:
    """The form that hands a function over, with the present people or what was typed."""

    function: overview.FunctionView
    body_id: str
    body_name: str
    holder: PersonDetails
    deputy: PersonDetails
    version: int
    may_grant: bool = False  # whether the viewer says if the deputy may hand over
    deputy_hands_over: bool = False
    past: tuple[overview.PastHandOver, ...] = ()  # for planners
    title: str = ""  # as typed
    mailbox: str = ""
    is_leaving: bool = False  # the holder fills in who comes after
    hears: tuple[str, ...] = ()  # those in its circles who get a mail
    faults: tuple[FieldFault, ...] = ()


@pages.get("/organisationer")
def bodies(request: Request, session: Transaction, viewer: SignedInViewer) -> Response:
    """List bodies with their functions."""
    insist(may_plan(viewer) or any(may_see_body(viewer, body) for body in viewer.body_ids))
    page = BodiesPage(overview.bodies(session, viewer), NAMES)
    return render(request, "accounts/bodies.html", page)


@pages.get("/organisationer/ny")
def new_body(request: Request, viewer: SignedInViewer) -> Response:
    """Show the form for a new body."""
    insist(may_plan(viewer))
    return render(request, "accounts/new_body.html", NewBody(counties=_counties(request)))


@pages.post("/organisationer/ny")
def create_body(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    kind: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    county: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Add a body."""
    insist(may_plan(viewer))
    counties = _counties(request)
    codes = tuple(code for code, _ in counties if code in (county or ()))
    try:
        made = change.add(session, _one_of(BodyKind, "kind", kind), name, codes, viewer.person_id)
    except FieldFault as fault:
        page = NewBody(kind, name, codes, counties, faults=(fault,))
        return render(request, "accounts/new_body.html", page, status=fault.status)
    return _see_other(request, f"/organisationer/{made.id}")


@pages.get("/organisationer/{body_id}")
def body(request: Request, session: Transaction, viewer: SignedInViewer, body_id: str) -> Response:
    """Show a body."""
    return render(request, "accounts/body.html", body_page(request, session, viewer, body_id))


@pages.post("/organisationer/{body_id}/funktioner")
def create_function(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    body_id: str,
    title: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    mailbox: Annotated[str, Form()] = "",
) -> Response:
    """Add a function to a body."""
    insist(may_plan(viewer))
    shown = body_page(request, session, viewer, body_id)
    try:
        directory.add_function(
            session,
            body_id,
            _one_of(FunctionKind, "kind", kind),
            title,
            _one_of(Role, "role", role),
            mailbox,
            viewer.person_id,
        )
    except FieldFault as fault:
        page = replace(shown, title=title, kind=kind, role=role, mailbox=mailbox, faults=(fault,))
        return render(request, "accounts/body.html", page, status=fault.status)
    return _see_other(request, f"/organisationer/{body_id}")


@pages.post("/organisationer/{body_id}/kontakt")
def set_contact(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    body_id: str,
    function_id: Annotated[str, Form()] = "",
) -> Response:
    """Name the function at NCH that a body turns to."""
    insist(may_plan(viewer))
    directory.choose_contact(session, body_id, function_id, viewer.person_id)
    return _see_other(request, f"/organisationer/{body_id}")


@pages.post("/organisationer/{body_id}/deltar")
def declare(
    request: Request, session: Transaction, viewer: SignedInViewer, body_id: str, sent: Fields
) -> Response:
    """Say which post comes to what, and which comes when nobody holds that one."""
    insist(change.may_declare(viewer, body_id))
    said = {
        matter: (sent.get(f"{matter.value}-first", ""), sent.get(f"{matter.value}-instead", ""))
        for matter in overview.MATTERS
    }
    change.declare(session, body_id, said, actor=viewer.person_id)
    return _see_other(request, f"/organisationer/{body_id}")


@pages.post("/funktioner/{function_id}/ta-tillbaka")
def take_back(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    function_id: str,
    version: Seen,
    hand_over_id: Annotated[str, Form()] = "",
) -> Response:
    """Give a post back to those who had it before its last change."""
    insist(may_plan(viewer))
    _, home = overview.function(session, function_id)
    directory.take_back(
        session, function_id, hand_over_id, version=version, actor=viewer.person_id, now=now()
    )
    return _see_other(request, f"/organisationer/{home.id}")


def body_page(request: Request, session: Transaction, viewer: Viewer, body_id: str) -> BodyPage:
    """Return a body's page; planners may change it."""
    insist(may_see_body(viewer, body_id))
    contacts = overview.contact_choices(session) if may_plan(viewer) else ()
    seen = overview.body(session, body_id)
    own = frozenset(one.id for one in seen.functions if may_hand_over(viewer, one.id))
    may_declare = change.may_declare(viewer, body_id)
    matters = {matter.value: name for matter, name in overview.MATTERS.items()}
    return BodyPage(seen, contacts, NAMES, own, may_declare, matters, counties=_counties(request))


def function_page(session: Transaction, viewer: Viewer, function_id: str) -> HandOverPage:
    """Return the page on which a function is handed over, and changed by planners.

    No number stands in it: it would be the next one's, and of whoever is known it is changed elsewhere.
    """
    function, home = overview.function(session, function_id)
    return HandOverPage(
        function,
        home.id,
        home.name,
        replace(function.holder, phone=""),
        replace(function.deputy, phone=""),
        function.version,
        may_grant=may_grant_deputy(viewer, function_id),
        deputy_hands_over=function.deputy_hands_over,
        past=overview.hand_overs(session, function_id) if may_plan(viewer) else (),
        title=function.title,
        mailbox=function.mailbox,
    )


def _counties(request: Request) -> Counties:
    found: Counties = request.app.state.counties(language_of(request))
    return found


def _one_of(kinds: type[Kind], field: str, value: str) -> Kind:
    try:
        return kinds(value)
    except ValueError as error:
        raise FieldFault(field, "Välj ett av alternativen.") from error


def _see_other(request: Request, path: str) -> Response:
    return lead_to(request, path)
