"""Acts of planners on bodies and functions: renamed, joined, ended."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api.accounts import bodies as change
from api.accounts.policy import insist, may_plan
from api.accounts.session import SignedInViewer, Transaction
from api.accounts.web import overview
from api.accounts.web.bodies import body_page, function_page
from api.kit.clock import now
from api.kit.db import undo
from api.kit.errors import FieldFault
from api.kit.pages import Seen, lead_to, render

pages = APIRouter()


@pages.post("/organisationer/{body_id}/andra")
def rename(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    body_id: str,
    version: Seen,
    name: Annotated[str, Form()] = "",
    county: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Give a body another name and other counties."""
    insist(may_plan(viewer))
    shown = body_page(request, session, viewer, body_id)
    codes = [code for code, _ in shown.counties if code in (county or ())]
    try:
        change.rename(session, body_id, name, codes, version=version, actor=viewer.person_id)
    except FieldFault as fault:
        undo(session)
        body = replace(shown.body, name=name, county_codes=tuple(codes))
        page = replace(shown, body=body, heading=shown.body.name, faults=(fault,))
        return render(request, "accounts/body.html", page, status=fault.status)
    return lead_to(request, f"/organisationer/{body_id}")


@pages.post("/organisationer/{body_id}/slas-ihop")
def join(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    body_id: str,
    version: Seen,
    into: Annotated[str, Form()] = "",
) -> Response:
    """Move a body's functions to another, and end it."""
    insist(may_plan(viewer))
    change.join(session, body_id, into, version=version, actor=viewer.person_id, now=now())
    return lead_to(request, f"/organisationer/{into}")


@pages.post("/organisationer/{body_id}/avsluta")
def end(
    request: Request, session: Transaction, viewer: SignedInViewer, body_id: str, version: Seen
) -> Response:
    """End a body with all its functions."""
    insist(may_plan(viewer))
    change.end(session, body_id, version=version, actor=viewer.person_id, now=now())
    return lead_to(request, "/organisationer")


@pages.post("/funktioner/{function_id}/andra")
def rename_function(
    request: Request,
    session: Transaction,
    viewer: SignedInViewer,
    function_id: str,
    version: Seen,
    title: Annotated[str, Form()] = "",
    mailbox: Annotated[str, Form()] = "",
) -> Response:
    """Give a function another name and mailbox."""
    insist(may_plan(viewer))
    _, home = overview.function(session, function_id)
    try:
        change.rename_function(
            session, function_id, title, mailbox, version=version, actor=viewer.person_id
        )
    except FieldFault as fault:
        undo(session)
        shown = function_page(session, viewer, function_id)
        page = replace(shown, title=title, mailbox=mailbox, faults=(fault,))
        return render(request, "accounts/hand_over.html", page, status=fault.status)
    return lead_to(request, f"/organisationer/{home.id}")


@pages.post("/funktioner/{function_id}/avsluta")
def end_function(
    request: Request, session: Transaction, viewer: SignedInViewer, function_id: str, version: Seen
) -> Response:
    """End a function."""
    insist(may_plan(viewer))
    _, home = overview.function(session, function_id)
    change.end_function(session, function_id, version=version, actor=viewer.person_id, now=now())
    return lead_to(request, f"/organisationer/{home.id}")
