"""Reads of the API about people: organisations with their functions, and oneself."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from api.accounts import queries
from api.accounts.models import BodyKind, FunctionKind, Person, Role
from api.accounts.policy import insist, may_plan, may_see_body
from api.accounts.session import SignedInViewer, Transaction
from api.kit.clock import now
from api.kit.errors import MissingError
from api.kit.paging import Paged
from api.operations.retention import everything_of

api = APIRouter(tags=["bodies"])


class BodyOut(BaseModel):
    """An organisation: an RC, a county administrative board, NCH or another agency."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: BodyKind
    name: str
    county_codes: Annotated[str, Field(description="SCB's codes, separated by spaces.")]
    rc_id: Annotated[str | None, Field(description="In the register, when it is an RC.")]
    version: int


class HolderOut(BaseModel):
    """Whoever holds a function: what colleagues need to ring or write."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    email: str
    phone: str


class FunctionOut(BaseModel):
    """A post in an organisation, with who holds it."""

    id: str
    title: str
    kind: FunctionKind
    role: Role
    mailbox: str
    holder: HolderOut | None
    deputy: HolderOut | None
    version: int


class BodyWithFunctionsOut(BodyOut):
    """An organisation with its functions."""

    functions: list[FunctionOut]


class MeOut(BaseModel):
    """Who the key belongs to, and what it reaches now."""

    id: str
    name: str
    roles: list[Role]
    rc_ids: list[str]
    function_ids: list[str]


@api.get("/me", summary="Who you are here")
def get_me(viewer: SignedInViewer) -> MeOut:
    """Return the owner of the key or the session, and what the posts held add up to."""
    return MeOut(
        id=viewer.person_id,
        name=viewer.name,
        roles=sorted(viewer.roles),
        rc_ids=sorted(viewer.rc_ids),
        function_ids=sorted(viewer.function_ids),
    )


@api.get("/me/data", summary="All that is kept about you")
def get_own_data(session: Transaction, viewer: SignedInViewer) -> dict[str, JsonValue]:
    """Return your own data (GDPR art. 15 and 20): details, posts, sessions, keys, needs, mails, past invitations; no secrets.

    `named_in` holds what each further table has under your id: calendar addresses, times away, sign-ins of an organisation,
    and of the log what you did to what and when.
    """
    person = queries.person(session, viewer.person_id)
    if person is None:
        raise MissingError
    kept = everything_of(session, person, now())
    return TypeAdapter(dict[str, JsonValue]).validate_python(kept)


@api.get("/bodies", summary="The organisations you may see")
def list_bodies(
    session: Transaction,
    viewer: SignedInViewer,
    page: Paged,
    kind: Annotated[BodyKind | None, Query(description="Only of this kind.")] = None,
) -> list[BodyOut]:
    """Return the organisations by name: all to planners, one's own to others."""
    insist(may_plan(viewer) or any(may_see_body(viewer, body) for body in viewer.body_ids))
    found = [one for one in queries.bodies(session) if may_see_body(viewer, one.id)]
    wanted = [one for one in found if kind is None or one.kind is kind]
    return [BodyOut.model_validate(one) for one in page.part(wanted)]


@api.get("/bodies/{body_id}", summary="An organisation with its functions")
def get_body(session: Transaction, viewer: SignedInViewer, body_id: str) -> BodyWithFunctionsOut:
    """Return an organisation and who holds its functions; 404 when it is not yours to see."""
    insist(may_see_body(viewer, body_id))
    body = queries.body(session, body_id)
    if body is None:
        raise MissingError
    functions = queries.functions_of_body(session, body_id)
    ids = {one for row in functions for one in (row.holder_id, row.deputy_id) if one}
    people = queries.people(session, ids)
    return BodyWithFunctionsOut(
        **BodyOut.model_validate(body).model_dump(),
        functions=[
            FunctionOut(
                **row.model_dump(include={"id", "title", "kind", "role", "mailbox", "version"}),
                holder=_holder(people, row.holder_id),
                deputy=_holder(people, row.deputy_id),
            )
            for row in functions
        ],
    )


def _holder(people: dict[str, Person], person_id: str | None) -> HolderOut | None:
    found = people.get(person_id or "")
    return HolderOut.model_validate(found) if found else None
