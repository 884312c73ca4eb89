"""A person's name and number: changed by the person, or by a planner, who also sees what they were."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts import directory
from api.accounts.policy import Viewer, insist, may_change_person, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.accounts.web import overview
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.pages import Seen, lead_to, render

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class PersonPage:
    """The form, with what is kept or was typed; `past` is for planners alone."""

    id: str
    name: str
    email: str
    phone: str
    version: int
    is_own: bool
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
        past=overview.past_names(session, person_id) if may_plan(viewer) else (),
        faults=(fault,) if fault else (),
    )
