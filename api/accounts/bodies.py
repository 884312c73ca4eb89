"""Bodies and their functions as they change: renamed, joined with another, and ended."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session

from api.accounts import queries
from api.accounts.addresses import work_address
from api.accounts.directory import create_body, filled, hand_over, note, short, values_of
from api.accounts.models import Attends, Body, BodyKind, Function, Matter
from api.accounts.news import AccountsChanged
from api.accounts.policy import Viewer, may_plan
from api.kit.db import announce, take_version
from api.kit.errors import ConflictError, FieldFault, MissingError
from api.kit.i18n import compared

LONGEST_TITLE = 120


def add(
    session: Session, kind: BodyKind, name: str, county_codes: Collection[str], actor: str
) -> Body:
    """Add a body; two of a kind never have one name.

    Raises:
        FieldFault: when the name is empty, or another has it.
    """
    name = short("name", filled("name", name), LONGEST_TITLE)
    _refuse_taken(session, kind, name, "")
    return create_body(session, kind, name, county_codes=_codes(county_codes), actor=actor)


def rename(
    session: Session,
    body_id: str,
    name: str,
    county_codes: Collection[str],
    *,
    version: int,
    actor: str,
) -> Body:
    """Give a body another name and other counties.

    Raises:
        FieldFault: when the name is empty, or another of its kind has it: then they are to be joined.
        StaleError: when somebody else changed the body since `version`.
    """
    body = _body(session, body_id)
    name = short("name", filled("name", name), LONGEST_TITLE)
    _refuse_taken(session, body.kind, name, body_id)
    before = values_of(body)
    wanted = {"name": name, "county_codes": _codes(county_codes)}
    take_version(session, body, version, {**before, **wanted}, lambda: values_of(body))
    body.name, body.county_codes = wanted["name"], wanted["county_codes"]
    session.add(body)
    session.flush()
    note(session, actor, "changed", body, before)
    return body


def may_declare(viewer: Viewer, body_id: str) -> bool:
    """Planners, and whoever acts for a body, say who comes from it to what."""
    return may_plan(viewer) or any(post.acts and post.body_id == body_id for post in viewer.posts)


def declare(
    session: Session, body_id: str, said: Mapping[Matter, tuple[str, str]], *, actor: str
) -> None:
    """Say which post of a body comes to meetings of each matter, and which when nobody holds that one.

    Raises:
        MissingError: when there is no such body, or a post is another body's.
    """
    _body(session, body_id)
    own = {one.id for one in queries.functions_of_body(session, body_id)}
    before = {one.matter: one for one in queries.attends_of(session, body_id)}
    for matter, (first, instead) in said.items():
        if not {first, instead} - {""} <= own:
            raise MissingError
        known = before.get(matter)
        if not first:
            if known is not None:
                session.delete(known)
            continue
        row = known or Attends(body_id=body_id, matter=matter, function_id=first)
        row.function_id = first
        row.instead_id = instead if instead and instead != first else None
        session.add(row)
    session.flush()
    after: dict[str, object] = {matter.value: first for matter, (first, _) in said.items()}
    announce(session, AccountsChanged(actor, "declared", ("body", body_id), None, after))


def rename_function(
    session: Session, function_id: str, title: str, mailbox: str, *, version: int, actor: str
) -> Function:
    """Give a function another name and mailbox.

    Raises:
        FieldFault: when the name is empty, or the mailbox is no address.
        StaleError: when somebody else changed the function since `version`.
    """
    function = _function(session, function_id)
    title = short("title", filled("title", title), LONGEST_TITLE)
    if mailbox.strip():
        try:
            mailbox = work_address(mailbox)
        except FieldFault as fault:
            raise FieldFault("mailbox", fault.message, **fault.values) from fault
    before = values_of(function)
    wanted = {"title": title, "mailbox": mailbox.strip()}
    take_version(session, function, version, {**before, **wanted}, lambda: values_of(function))
    function.title, function.mailbox = wanted["title"], wanted["mailbox"]
    session.add(function)
    session.flush()
    note(session, actor, "changed", function, before)
    return function


def end_function(
    session: Session, function_id: str, *, version: int, actor: str, now: datetime
) -> Function:
    """End a function: its people lose what they had by it, and it stands in no list any more.

    What it once was asked, answered and invited to stays.

    Raises:
        ConflictError: when nobody would be left who plans.
        StaleError: when somebody else changed the function since `version`.
    """
    function = _function(session, function_id)
    hand_over(session, function, None, deputy=None, version=version, actor=actor, now=now)
    before = values_of(function)
    function.ended_at = now
    function.mailbox = ""
    session.add(function)
    queries.forget_contact(session, function_id)
    session.flush()
    note(session, actor, "ended", function, before)
    _insist_on_a_planner(session)
    return function


def end(session: Session, body_id: str, *, version: int, actor: str, now: datetime) -> Body:
    """End a body with all its functions; an RC that it was of has none till it gets another.

    Raises:
        ConflictError: when it is NCH, or nobody would be left who plans.
        StaleError: when somebody else changed the body since `version`.
    """
    body = _body(session, body_id)
    if body.kind == BodyKind.NCH:
        raise ConflictError("NCH kan inte avslutas.")
    for function in queries.functions_of_body(session, body_id):
        end_function(session, function.id, version=function.version, actor=actor, now=now)
    _close(session, body, version, actor, now)
    return body


def join(
    session: Session, body_id: str, into_id: str, *, version: int, actor: str, now: datetime
) -> Body:
    """Move all functions of a body to another of its kind, with its RC and counties, and end it.

    Raises:
        ConflictError: when they are of different kinds, of different RC, or the same.
        StaleError: when somebody else changed the body since `version`.
    """
    body, into = _body(session, body_id), _body(session, into_id)
    if body.id == into.id or body.kind != into.kind:
        raise ConflictError("Välj en annan organisation av samma slag.")
    if body.rc_id and into.rc_id:
        raise ConflictError("De hör till två olika RC och kan inte slås ihop.")
    rc_id, codes = body.rc_id, {*body.county_codes.split(), *into.county_codes.split()}
    _close(session, body, version, actor, now)
    before = values_of(into)
    into.rc_id, into.county_codes = into.rc_id or rc_id, _codes(codes)
    into.version += 1
    session.add(into)
    session.flush()
    note(session, actor, "changed", into, before)
    queries.take_over_contact(session, body_id, into_id)
    for function in queries.functions_of_body(session, body_id):
        was = values_of(function)
        function.body_id = into_id
        function.version += 1
        session.add(function)
        session.flush()
        note(session, actor, "moved", function, was)
    return into


def _close(session: Session, body: Body, version: int, actor: str, now: datetime) -> None:
    before = values_of(body)
    take_version(session, body, version, before, lambda: values_of(body))
    body.ended_at, body.rc_id = now, None
    session.add(body)
    session.flush()
    note(session, actor, "ended", body, before)


def _body(session: Session, body_id: str) -> Body:
    found = queries.body(session, body_id)
    if found is None or found.ended_at is not None:
        raise MissingError
    return found


def _function(session: Session, function_id: str) -> Function:
    found = queries.function_to_change(session, function_id)
    if found is None or found.ended_at is not None:
        raise MissingError
    return found


def _codes(codes: Collection[str]) -> str:
    return " ".join(sorted(codes))


def _refuse_taken(session: Session, kind: BodyKind, name: str, own: str) -> None:
    for one in queries.bodies(session):
        if one.id != own and one.kind == kind and compared(one.name) == compared(name):
            raise FieldFault("name", "Det finns redan en sådan organisation med det namnet.")


def _insist_on_a_planner(session: Session) -> None:
    if not queries.has_planner(session):
        raise ConflictError("Någon måste kunna planera: utse en annan planerare på NCH först.")
