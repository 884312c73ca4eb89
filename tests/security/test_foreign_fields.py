"""Others' things in one's own forms: every field that names something or somebody is given another's.

The forms are those that each visitor is really shown, walked from page to page; the API's bodies are
read from its schema. What is asked is the database: of what belongs to others nothing may change.
Nothing is kept either, so that each attempt meets the same world: the transaction is looked at and
then rolled back.
"""

import re
import zlib
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from sqlmodel import Session, SQLModel, select

from api.accounts import queries as accounts
from api.accounts.directory import hand_over
from api.accounts.models import Function, Person, Role
from api.app import create_app
from api.availability.models import Poll
from api.calendar.models import Event
from api.invitations.models import Invitation
from api.kit.clock import now
from api.kit.db import Database
from api.kit.settings import Settings
from api.meetings.models import InvitedRc, Meeting
from api.networks import queries as networks
from api.networks.models import Network
from tests.api import test_foreign_objects as objects
from tests.api.test_foreign_objects import MINE, _ids, ids_of
from tests.api.test_policy_table import FIELDS, ROWS
from tests.e2e.site import make_demo
from tests.factories import make_body, make_function, make_person
from tests.rows import rows, written_tables
from tests.security.forms import Form, forms_of
from tests.web import Browser, browser

MOST_PAGES = 160
LINK = re.compile(r'href="(/[^"#]*)')
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
NO_PAGE = re.compile(r"\.(ics|csv|xlsx|json|txt|css|js|svg)|^/(static|en|api|feeds|logga)")
ADDRESSES = re.compile("mail|address")
NAMING = re.compile(r"(_id|^id|^rc|^key|^scope|_rc|recipients|function|person|option|place|layer)$")

# Whose a row is: table -> columns that name a person, a function, an RC, a circle, a meeting, a place ...
# A row is the visitor's when one of them is; every other row, and every row of a table without an owner,
# is others'.
OWNERS: dict[str, tuple[str, ...]] = {
    "absence": ("function_id", "person_id"),
    "api_key": ("person_id",),
    "attendance": ("function_id",),
    "attends": ("body_id", "function_id", "instead_id"),
    "body": (),
    "buddy": ("function_id", "person_id", "buddy_function_id"),
    "circle_care": ("network_id",),
    "convening": ("network_id",),
    "delivery_choice": ("person_id",),
    "dietary_need": ("address",),
    "evaluation": (),
    "evaluation_ballot": (),
    "evaluation_count": (),
    "event": ("subject_id",),
    "fact_check": ("rc_id",),
    "fact_check_link": ("rc_id", "function_id"),
    "feed_token": ("owner_person_id",),
    "frequent_question": (),
    "function": ("body_id",),
    "hand_over": ("function_id",),
    "held": ("network_id",),
    "imported_event": (),
    "invitation": ("function_id", "address"),
    "job": ("requested_by",),
    "lesson": ("rc_id",),
    "leader_ask": ("rc_id", "function_id"),
    "mail_reply": (),
    "material": ("meeting_id", "network_id", "theme_id", "rc_id"),
    "material_file": ("material_id",),
    "meeting": ("id", "network_id"),
    "meeting_arrival": (),
    "meeting_co_host": (),
    "meeting_group": ("id",),
    "meeting_group_post": ("group_id", "function_id"),
    "meeting_rc": ("meeting_id", "rc_id"),
    "meeting_series": ("network_id",),
    "nch_contact": ("body_id",),
    "needs_survey": (),
    "network": (),
    "network_member": ("rc_id",),
    "outbox_switch": (),
    "past_details": ("person_id",),
    "person": ("id",),
    "poll": ("network_id",),
    "poll_answer": ("poll_id",),
    "poll_asked": ("poll_id",),
    "poll_option": ("poll_id",),
    "programme_outline": (),
    "programme_session": (),
    "proposal": (),
    "picked_up": ("person_id",),
    "provider_account": ("person_id",),
    "pulse_ballot": (),
    "pulse_vote": (),
    "question": ("rc_id", "function_id"),
    "question_answer": ("rc_id", "function_id"),
    "rc": ("id",),
    "room": (),
    "round": (),
    "seat_limit": (),
    "sign_in_link": ("person_id",),
    "signed_in": ("person_id",),
    "slot": (),
    "substitution": ("invitation_id",),
    "survey_answer": ("rc_id",),
    "survey_draft": ("rc_id",),
    "survey_link": ("rc_id",),
    "table_seat": ("function_id",),
    "theme": (),
    "track": (),
    "travel_leg": (),
    "unreachable_address": (),
    "visit_ask": ("visitor_rc", "host_rc"),
}
# What follows from the rows above, or only says that something was done: nobody owns it.
FOLLOWS = {
    *("act", "act_mail", "acted", "audit_entry", "audit_head", "errand_run", "hit", "mail", "told"),
    *("answered", "search_entry", "search_mark"),
    *("calendar_part", "event_audience", "event_fragment", "feed", "feed_version"),
    *("invitation_token", "poll_link", "poll_mark", "question_link"),
}


@dataclass
class World:
    """The demonstration, what is others' in it, and what each visitor has of their own."""

    app: FastAPI
    ids: dict[str, str]  # others' things
    mine: dict[str, str]  # the member's own, one of each kind
    victim: str  # an address of NCH's
    visitors: dict[str, Browser]
    own: dict[str, frozenset[str]]
    alone: dict[str, frozenset[str]]  # the same, of those who act for nobody else
    found: list[str] = field(default_factory=list)
    walked: dict[str, list[tuple[str, Form]]] = field(default_factory=dict)


def _owned(session: Session, person: Person) -> frozenset[str]:
    """Return the ids of everything that is a person's, through what they hold and their circles."""
    held = accounts.functions_of(session, person.id)
    rc_ids = {body.rc_id for _, body in held if body.rc_id}
    circles = {one for rc_id in rc_ids for one in networks.networks_of_rc(session, rc_id)}
    visits = session.exec(select(InvitedRc)).all()
    meetings = {one.meeting_id for one in visits if one.rc_id in rc_ids}
    meetings |= {one.id for one in session.exec(select(Meeting)) if one.network_id in circles}
    sent = session.exec(select(Invitation).where(Invitation.address == person.email))
    places = {one.function_id for one in sent}
    events = {one.id for one in session.exec(select(Event)) if one.subject_id in meetings}
    functions = {function.id for function, _ in held}
    bodies = {body.id for _, body in held}
    polls = {one.id for one in session.exec(select(Poll)) if one.network_id in circles}
    own = {person.id, person.email, *rc_ids, *circles, *meetings, *events, *bodies, *polls}
    own |= {one.id for one in session.exec(select(Invitation)) if one.function_id in functions}
    return frozenset(own | functions | places)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = make_demo(tmp_path_factory.mktemp("demo"))
    app = create_app(Settings(database=url, base_url="http://testserver"))
    database: Database = app.state.database
    with database.transaction() as session:
        body = accounts.body_of_rc(session, MINE)
        assert body is not None
        held = [one for one in accounts.functions_of_body(session, body.id) if one.holder_id]
        member = session.get_one(Person, held[0].holder_id)
        reader, guest, both = make_person(session), make_person(session), make_person(session)
        make_function(session, body, reader, Role.READER)
        make_function(session, make_body(session), guest, Role.GUEST)
        make_function(session, make_body(session, rc_id="exempel-annat"), both, Role.RC_MEMBER)
        make_function(session, body, both, Role.GUEST)
        former = make_person(session)
        left = make_function(session, body, former, Role.RC_MEMBER)
        make_function(session, make_body(session), former, Role.READER)
        session.flush()
        hand_over(session, left, member, deputy=None, version=1, actor="system", now=now())
        ids = _ids(session)
        circle = session.get(Network, networks.networks_of_rc(session, MINE)[0])
        assert circle is not None
        mine = ids_of(session, circle, MINE)
        nch = session.exec(select(Function).where(Function.role == Role.PLANNER)).first()
        assert nch is not None
        victim = session.get_one(Person, nch.holder_id)
        session.flush()
        people = {"member": member, "reader": reader, "guest": guest, "guest and member": both}
        own = {name: _owned(session, person) for name, person in people.items()}
        own["member"] |= set(mine.values())
        people |= {"former": former}
        # What nobody who only looks, or has left, shares with the body's others: themselves alone.
        alone = {name: frozenset({one.id, one.email}) for name, one in people.items()}
        keys = {name: person.id for name, person in people.items()}
        victim_address = victim.email
        ids |= {"planner": victim.id, "planners_post": nch.id}
    visitors = {name: browser(app, key) for name, key in keys.items()}
    visitors["planner"] = browser(app, ids["planner"])
    made = World(app, ids, mine, victim_address, visitors, own, alone)
    yield made
    app.state.database.close()


def _others(
    session: Session, own: frozenset[str], tables: Container[str] | None = None
) -> dict[tuple[str, ...], str]:
    """Return every row that is not the visitor's, by table and key."""
    found = {}
    for table, row in rows(session, tables):
        owners = OWNERS.get(table.name)
        if owners is None or own.intersection(str(row[name]) for name in owners):
            continue
        # Since when somebody holds nothing follows from one's own post's old deputy.
        kept = {name: value for name, value in row.items() if name != "free_since"}
        found[table.name, *(str(row[column.name]) for column in table.primary_key)] = repr(kept)
    return found


def test_every_table_is_looked_at_or_only_follows() -> None:
    tables = set(SQLModel.metadata.tables)
    assert tables == {*OWNERS, *FOLLOWS}
    assert not FOLLOWS & OWNERS.keys()


def _is_of(row: str, own: frozenset[str]) -> bool:
    """Whether a place that was made is at an event of the visitor's own."""
    event = re.search(r"'event_id': '([^']+)'", row)
    return event is not None and event[1] in own


@contextmanager
def _looked_at_and_undone(world: World, own: frozenset[str]) -> Iterator[None]:
    """Let each transaction do all it would, note what it did to others' rows, and keep nothing."""
    database: Database = world.app.state.database
    with database.reading() as session:
        before = _others(session, own)

    @contextmanager
    def transaction() -> Iterator[Session]:
        with (
            Session(database.engine, info={"base_url": database.base_url}) as session,
            written_tables(database.engine) as written,
        ):
            driver: Any = session.connection().connection.driver_connection
            begun = driver.total_changes
            yield session
            database._deliver(session)
            session.flush()
            if driver.total_changes > begun:
                assert written
                after = _others(session, own, written)
                looked_at = {key for key in before if key[0] in written}
                changed = {key for key in looked_at if after.get(key) != before[key]}
                world.found += [f"{key}: {before[key]} -> {after.get(key)}" for key in changed]
                made = {key: after[key] for key in after.keys() - before.keys()}
                # A circle's meeting that is decided invites the circle: a place at one's own meeting.
                world.found += [
                    f"new: {row}"
                    for key, row in made.items()
                    if key[0] != "invitation" or not _is_of(row, own)
                ]
            session.rollback()

    original = database.transaction
    database.transaction = transaction  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.transaction = original  # type: ignore[method-assign]


def _pages(world: World) -> list[str]:
    """Return the address of every page of the route table, of the member's own things."""
    own = objects.World(world.app, world.mine, {})
    found = []
    for row in ROWS:
        if row.method == "GET" and "{token}" not in row.path:
            query = urlencode(own.query(row))
            found.append(own.path(row) + (f"?{query}" if query else ""))
    return [path for path in found if not NO_PAGE.search(path)]


def _walk(world: World, who: str) -> list[tuple[str, Form]]:
    """Return a form of each shape that the visitor is shown, with its page, from the start page on."""
    if who not in world.walked:
        world.walked[who] = _walk_anew(world, who)
    return world.walked[who]


def _walk_anew(world: World, who: str) -> list[tuple[str, Form]]:
    web, waiting = world.visitors[who], ["/", *_pages(world)]
    seen: set[str] = set(waiting)
    shapes: set[str] = set()
    kinds: dict[str, int] = {}
    forms: list[tuple[str, Form]] = []
    pages = 0
    while waiting and pages < MOST_PAGES:
        path = waiting.pop(0)
        answer = web.get(path)
        if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
            continue
        pages += 1
        for form in forms_of(answer.text):
            shape = f"{ID.sub('*', form.action)} {sorted(form.fields)}"
            if form.method == "post" and shape not in shapes and "/logga-ut" not in form.action:
                shapes.add(shape)
                forms.append((path, form))
        for link in map(unescape, LINK.findall(answer.text)):
            kind = ID.sub("*", link.split("?")[0])
            kind = re.sub(r"^/rc/[\w-]+", "/rc/*", kind)
            if link not in seen and not NO_PAGE.search(link) and kinds.get(kind, 0) < 3:
                seen.add(link)
                kinds[kind] = kinds.get(kind, 0) + 1
                waiting.append(link)
    return forms


def _attempts(world: World, form: Form) -> Iterator[dict[str, str]]:
    """Yield the form's fields with another's id or address in one of them."""
    for name, value in form.fields.items():
        if name in {"form_token", "version"}:
            continue
        if form.kinds.get(name) == "email" or ADDRESSES.search(name):
            # Whoever is named by an address is also given another name and number, as on a form.
            typed = {
                one: "Exempel Falsk" if "name" in one else "0900-123" if "phone" in one else text
                for one, text in form.fields.items()
            }
            yield {**typed, name: world.victim}
        elif ID.fullmatch(value) or NAMING.search(name):
            for other in _likely(world, name):
                yield {**form.fields, name: other}


def _likely(world: World, name: str) -> list[str]:
    """Return what a field that names something may be given of others': its own kind and the great ones."""
    same = [world.ids[name]] if name in world.ids else []
    every = ["person_id", "function_id", "rc_id", "meeting_id", "network_id", "body_id"]
    every += ["planner", "planners_post", "poll_id", "series_id", "invitation_id"]
    return list(dict.fromkeys([*same, *(world.ids[one] for one in every)]))


@pytest.mark.parametrize("who", ["member", "reader", "guest", "guest and member"])
def test_no_field_of_an_own_form_reaches_what_is_others(world: World, who: str) -> None:
    web = world.visitors[who]
    forms = _walk(world, who)
    assert forms
    world.found.clear()
    tried = 0
    with _looked_at_and_undone(world, world.own[who]):
        for page, form in forms:
            for fields in _attempts(world, form):
                before = len(world.found)
                answer = web.post(form.action, data=fields)
                tried += 1
                assert answer.status_code < 500, (form.action, fields)
                if len(world.found) > before:
                    said = {name: text for name, text in fields.items() if name != "form_token"}
                    world.found.append(f"by {form.action} of {page} with {said}")
    assert world.found == []
    if who == "member":
        assert tried > 20, [form.action for _, form in forms]
        assert any("/lamna-over" in form.action for _, form in forms)


def _given(world: World, path: str, name: str, *, every: bool) -> list[str]:
    """Return the ids that a body's field is given: all, or what names something the likely, others one that is drawn."""
    ids = list(world.ids.values())
    if every:
        return ids
    if NAMING.search(name) or ADDRESSES.search(name):
        return [world.victim, *_likely(world, name)]
    return [ids[zlib.crc32(f"{path} {name}".encode()) % len(ids)]]


def _bodies(
    world: World, schema: dict[str, Any], *, every: bool
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield each writing operation with another's id in one field of its body, as the schema has it."""
    parts = schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            if method == "get" or not reference:
                continue
            properties = parts[reference.rpartition("/")[2]]["properties"]
            sample = {
                name: (one.get("examples") or [one.get("default", "x")])[0]
                for name, one in properties.items()
            }
            yield method, path, sample
            for name in properties:
                for other in _given(world, path, name, every=every):
                    yield method, path, {**sample, name: other}


@pytest.mark.parametrize("who", ["member", "reader", "guest and member"])
def test_no_field_of_the_apis_bodies_reaches_what_is_others(
    world: World, who: str, request: pytest.FixtureRequest
) -> None:
    every = bool(request.config.getoption("--full"))
    web = world.visitors[who]
    with world.app.state.database.reading() as session:
        mine = networks.networks_of_rc(session, MINE)
        meeting = next(one for one in session.exec(select(Meeting)) if one.network_id in mine)
        own = {"meeting_id": meeting.id, "network_id": mine[0], "rc_id": MINE}
    world.found.clear()
    tried = 0
    with _looked_at_and_undone(world, world.own[who]):
        for method, path, body in _bodies(world, world.app.openapi(), every=every):
            ids = {**world.ids, **own}
            target = path.format(**ids)
            answer = web.request(method, target, json=body)
            tried += 1
            assert answer.status_code < 500, (method, target, body)
    assert world.found == []
    assert tried > (100 if every else 50)


def test_a_planner_too_changes_nobody_by_naming_an_address(world: World) -> None:
    """Whoever may hand over every post may still not rename the people who have them."""
    with world.app.state.database.reading() as session:
        posts = [
            one.id
            for one in session.exec(
                select(Function).where(Function.role == Role.RC_MEMBER).limit(6)
            )
        ]
        before = {one.id: (one.name, one.phone) for one in session.exec(select(Person))}
        other = next(one.email for one in session.exec(select(Person)) if one.email != world.victim)
    web = browser(world.app, world.ids["planner"])
    for function_id in posts:
        over = f"/funktioner/{function_id}/lamna-over"
        form = next(one for one in forms_of(web.get(over).text) if one.action == over)
        false = {"holder_email": other, "holder_name": "Exempel Falsk", "holder_phone": "0900-1"}
        answer = web.post(
            over, data={**form.fields, "deputy_email": "", "deputy_name": "", **false}
        )
        assert answer.status_code == 303
    with world.app.state.database.reading() as session:
        assert {one.id: (one.name, one.phone) for one in session.exec(select(Person))} == before


def _routes_pressed(world: World) -> dict[str, tuple[str, dict[str, str]]]:
    """Return for every form route of the table an address of the member's own things, and what its form sends.

    The form is one that the member or a planner is really shown; what neither is shown is sent bare.
    """
    own = objects.World(world.app, world.mine, {})
    rows = [row for row in ROWS if row.method == "POST" and "{token}" not in row.path]
    rows = [row for row in rows if not row.path.startswith(("/api/", "/logga-"))]
    found = {row.path: (own.path(row), dict(FIELDS)) for row in rows}
    for who in ("planner", "member"):
        for page, form in _walk(world, who):
            action = (form.action or page).split("?")[0]
            route = next((one for one in rows if _fits(one.path, action)), None)
            if route is not None:
                found[route.path] = (form.action or page, form.fields)
    return found


def _fits(route: str, action: str) -> bool:
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", route), action) is not None


def test_whoever_only_looks_or_has_left_changes_nothing_by_any_form_of_a_colleague(
    world: World,
) -> None:
    """A reader and a guest of the same body, and whoever had a post there, send every form there is."""
    pressed = _routes_pressed(world)
    shown = [path for path, (_, fields) in pressed.items() if "form_token" in fields]
    assert len(shown) > 80, len(shown)
    world.found.clear()
    for who in ("reader", "guest and member", "guest", "former"):
        web = world.visitors[who]
        token = next(
            one.fields["form_token"]
            for one in forms_of(web.get("/mina-sessioner").text)
            if "form_token" in one.fields
        )
        with _looked_at_and_undone(world, world.alone[who]):
            for route, (action, fields) in pressed.items():
                before = len(world.found)
                answer = web.post(action, data={**fields, "form_token": token})
                assert answer.status_code < 500, (route, who)
                if len(world.found) > before:
                    world.found.append(f"by {route} as {who}: {answer.status_code}")
    assert not world.found, "\n".join(world.found)
