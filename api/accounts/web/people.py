"""A person's name and number: changed by the person, or by a planner, who also sees what they were."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts import directory, queries
from api.accounts.models import BodyKind
from api.accounts.policy import Viewer, insist, may_change_person, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.accounts.web import overview
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.i18n import later
from api.kit.pages import Seen, lead_to, render

pages = APIRouter()

# Who is shown somebody's name, phone and address, by where the post is: tests.api.front.test_walked_pages asks the pages.
SHOWN = {
    BodyKind.RC: later(
        "Namn, telefon och e-postadress visas för NCH:s planerare, för dem som har en funktion på samma organisation, för dem som är med i samma krets, forum eller grupp och för dem på det RC som ni besöker eller får besök av."
    ),
    BodyKind.COUNTY_BOARD: later(
        "Namn, telefon och e-postadress visas för NCH:s planerare, för dem som har en funktion på samma organisation och för dem som är med i samma forum eller grupp."
    ),
    BodyKind.GUEST: later(
        "Namn, telefon och e-postadress visas för NCH:s planerare och för dem som är med i samma grupp."
    ),
    BodyKind.NCH: later(
        "Namn, telefon och e-postadress visas för dem på NCH och för dem som är med i samma forum eller grupp. Är du kontaktperson för ett RC visas de för alla som läser registret. Är du den som gäster ringer visas namn och telefon på passets sida, och telefonen står i gästernas kalendrar."
    ),
}


@dataclass(frozen=True, slots=True)
class PersonPage:
    """The form, with what is kept or was typed; `past` is for planners alone."""

    id: str
    name: str
    email: str
    phone: str
    version: int
    is_own: bool
    shown: tuple[str, ...]  # to whom, as Swedish source texts
    past: tuple[overview.PastName, ...]
    faults: tuple[FieldFault, ...] = ()


@pages.get("/personer/{person_id}")
def person(
    request: Request, session: Transaction, viewer: SignedInViewer, person_id: str
) -> Response:
    """Show a person's name and number, to be changed."""
    insist(may_change_person(viewer, person_id))
    return render(request, "accounts/person.html", _page(session, viewer, person_id))


@pages.post("/personer/{person_id}")
def change_person(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    person_id: str,
    version: Seen,
    name: Annotated[str, Form()] = "",
    phone: Annotated[str, Form()] = "",
) -> Response:
    """Change a person's name and number."""
    insist(may_change_person(viewer, person_id))
    try:
        directory.change_details(
            session, person_id, name, phone, version=version, actor=viewer.person_id, at=now()
        )
    except FieldFault as fault:
        undo(session)
        page = _page(session, viewer, person_id, (name, phone), fault)
        return render(request, "accounts/person.html", page, status=fault.status)
    return lead_to(request, f"/personer/{person_id}")


def _page(
    session: Transaction,
    viewer: Viewer,
    person_id: str,
    typed: tuple[str, str] | None = None,
    fault: FieldFault | None = None,
) -> PersonPage:
    found = overview.person(session, person_id)
    name, phone = typed or (found.name, found.phone)
    return PersonPage(
        id=found.id,
        name=name,
        email=found.email,
        phone=phone,
        version=found.version,
        is_own=found.id == viewer.person_id,
        shown=_shown(session, person_id),
        past=overview.past_names(session, person_id) if may_plan(viewer) else (),
        faults=(fault,) if fault else (),
    )


def _shown(session: Transaction, person_id: str) -> tuple[str, ...]:
    """Return to whom a person is shown; who has no post is known to planners alone, as a guest is."""
    kinds = {body.kind for _, body in queries.functions_of(session, person_id)}
    return tuple(text for kind, text in SHOWN.items() if kind in (kinds or {BodyKind.GUEST}))
