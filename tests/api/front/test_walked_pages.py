"""The demonstration, page by page as each kind of member reads it: whose phone is shown, which names, and where pages lie.

Pages are found by their links, some of each kind. What the pages may show is reckoned from the tables, apart from the
policy that decides it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, select

from api.accounts.models import Body, Function, FunctionKind, NchContact, Person, Role
from api.app import create_app
from api.kit.clock import now
from api.kit.settings import Settings
from api.meetings import queries as meetings
from api.meetings.models import Meeting, MeetingKind
from api.networks import queries as networks
from api.programme.arrival.service import way_in_for_page
from api.proposals.models import Proposal, ProposalKind
from api.proposals.visits.service import propose_day
from api.registry import queries as registry
from api.start.navigation import DOORS
from api.start.service import demo_people
from tests.e2e.site import make_demo
from tests.factories import make_member
from tests.web import browser

SOME = 4  # pages of each kind
KEY = re.compile(r"[\w-]{30,}|(?<=/rc/)[a-z_]+")
LINK = re.compile(r'href="(/[^"#]*)')
FILE = re.compile(r"\.(?!ics$)\w+$|^/(static|api|demo|feeds|en/)")
FORUMS = (FunctionKind.PROJECT_LEADER, FunctionKind.MANAGER)
MARK = "Svenska dagarna"  # no word of ours


@dataclass
class Demo:
    """The demonstration, with a phone of everybody's own, and one person of each role."""

    app: FastAPI
    people: dict[Role, str]

    def walk(self, role: Role, language: str = "") -> Iterator[tuple[str, str]]:
        """Yield the path and text of some pages of each kind that a person of a role finds by their links."""
        web = browser(self.app, self.people[role])
        waiting, seen, kinds = ["/"], {"/"}, Counter[str]()
        while waiting:
            path = waiting.pop(0)
            kind = KEY.sub("*", path.partition("?")[0])
            kinds[kind] += 1
            if kinds[kind] > SOME:
                continue
            answer = web.get(language + path)
            if answer.status_code != 200:
                assert answer.status_code in {303, 308}, f"{path}: {answer.status_code}"
                continue
            yield path, answer.text
            found = (one.removeprefix(language) or "/" for one in LINK.findall(answer.text))
            for link in map(unescape, found):
                if link not in seen and not FILE.search(link.partition("?")[0]):
                    seen.add(link)
                    waiting.append(link)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    url = make_demo(tmp_path_factory.mktemp("demo"))
    app = create_app(Settings(database=url, base_url="http://testserver"))
    with app.state.database.transaction() as session:
        reader = make_member(session, Role.READER).person.id
        for number, person in enumerate(session.exec(select(Person).order_by(Person.id)), 1):
            person.phone = f"0700-{number:06}"
            session.add(person)
        for meeting in session.exec(select(Meeting).where(Meeting.kind == MeetingKind.NATIONAL)):
            meeting.name_sv, meeting.name_en = MARK, "The national days"
            session.add(meeting)
        planned = select(Proposal).where(Proposal.kind == ProposalKind.PROGRAMME)
        for proposal in session.exec(planned):
            proposal.title = MARK
            session.add(proposal)
        people = {one.role: one.person_id for one in demo_people(session)}
        people[Role.READER] = reader
        [mine] = {
            str(body.rc_id) for _, body, who in _holders(session) if who == people[Role.RC_MEMBER]
        }
        near = {mine}.union(*(group for group in _circles(session) if mine in group))
        far = next(one for one in registry.names(session) if one not in near)
        propose_day(session, mine, far, "nch", now())
    yield Demo(app, people)
    app.state.database.close()


def _holders(session: Session) -> list[tuple[Function, Body, str]]:
    """Each post that somebody holds or is deputy for, its organisation, and who."""
    rows = session.exec(select(Function, Body).join(Body, col(Body.id) == Function.body_id))
    return [
        (post, body, person_id)
        for post, body in rows
        for person_id in (post.holder_id, post.deputy_id)
        if person_id and post.ended_at is None
    ]


def _circles(session: Session) -> list[set[str]]:
    """The RC of each circle today."""
    found = networks.members(session, [one.id for one in networks.active_networks(session)])
    return [{one.rc_id for one in members} for members in found.values()]


def _reaches(session: Session, reader: str) -> dict[str, set[str]]:
    """Why somebody's phone may be shown to a reader, and whose it is then: what *Mina uppgifter* says, from the tables."""
    posts = _holders(session)
    mine = [(post, body) for post, body, who in posts if who == reader]
    rcs = {body.rc_id for post, body in mine if body.rc_id and post.role is Role.RC_MEMBER}

    def at(wanted: set[str | None]) -> set[str]:
        return {who for _, body, who in posts if body.rc_id in wanted}

    visits = session.exec(select(Meeting.id).where(Meeting.kind == MeetingKind.STUDY_VISIT)).all()
    invited = meetings.rc_ids_invited(session, visits).values()
    own = {body.id for post, body in mine if post.role is not Role.GUEST}
    contacts = {one.function_id for one in session.exec(select(NchContact))}
    national = session.exec(select(Meeting.id).where(Meeting.kind == MeetingKind.NATIONAL))
    rung = {way_in_for_page(session, one).phone for one in national}
    found = {
        "itself": {reader},
        "organisation": {who for _, body, who in posts if body.id in own},
        "circle": {who for group in _circles(session) if group & rcs for who in at({*group})},
        "visit": {who for group in invited if group & rcs for who in at({*group})},
        "forum": {
            who
            for kind in FORUMS
            if any(post.kind is kind for post, _ in mine)
            for post, _, who in posts
            if post.kind is kind
        },
        "NCH": {who for post, _, who in posts if post.id in contacts}
        | {one.id for one in session.exec(select(Person)) if one.phone in rung},
    }
    return {**found, "visit": found["visit"] - found["circle"]}


@pytest.mark.parametrize("role", [Role.RC_MEMBER, Role.READER, Role.GUEST])
def test_a_phone_and_an_address_are_shown_to_those_whom_my_details_names(
    demo: Demo, role: Role
) -> None:
    with demo.app.state.database.reading() as session:
        reaches = _reaches(session, demo.people[role])
        known = {
            text: person.id
            for person in session.exec(select(Person))
            for text in (person.phone, person.email)
        }
    allowed, shown, faults = set().union(*reaches.values()), set(), []
    for path, page in demo.walk(role):
        for text in {*re.findall(r"0700-\d{6}|[\w.+-]+@[\w.-]+\w", page)} & known.keys():
            shown.add(known[text])
            if known[text] not in allowed:
                faults.append(f"{path}: {text}")
    assert faults == []
    wanted = {
        Role.RC_MEMBER: {"organisation", "circle", "visit", "NCH"},
        Role.READER: {"organisation", "forum", "NCH"},
        Role.GUEST: {"NCH"},
    }
    assert {name for name, people in reaches.items() if people & shown} >= wanted[role]


@pytest.mark.parametrize("role", [Role.PLANNER, Role.RC_MEMBER, Role.GUEST])
def test_no_english_page_calls_a_meeting_by_its_swedish_name(demo: Demo, role: Role) -> None:
    """Not the programme's proposal, the log or the list either; what is written in Swedish stands in its field alone."""
    fields = re.compile(r"<(?:input|option)\b[^>]*>|<textarea.*?</textarea>", re.DOTALL)
    pages = {path: fields.sub("", page) for path, page in demo.walk(role, "/en")}
    assert [path for path, page in pages.items() if MARK in page] == []
    if role is Role.PLANNER:
        kinds = {KEY.sub("*", path.partition("?")[0]) for path in pages}
        assert kinds >= {"/planera/program", "/planera/program/*", "/logg", "/"}


@pytest.mark.parametrize("role", [Role.PLANNER, Role.RC_MEMBER])
def test_every_way_here_begins_where_the_menu_leads(demo: Demo, role: Role) -> None:
    """Pages of a circle, its polls, series and material lie behind *Nätverk* or *Kretsar*; and so do others behind theirs."""
    behind = {
        path: door.path for door in DOORS if door.path != "/" for path in (door.path, *door.under)
    }
    roots = {room.path for door in DOORS for one in door.rooms for room in one.all}
    roots |= {door.path for door in DOORS} | {"/jag-slutar", "/prenumerera", "/enkater"}
    faults, circles = [], 0
    for path, page in demo.walk(role):
        trail = re.search(r'<nav class="crumbs".*?</nav>', page, re.DOTALL)
        crumbs = (
            [unescape(one).partition("?")[0] for one in LINK.findall(trail[0])] if trail else []
        )
        lies = next((door for root, door in behind.items() if path.startswith(f"{root}/")), None)
        circles += bool(crumbs) and crumbs[0] == "/natverk"
        if crumbs and (crumbs[0] not in roots or (lies == "/natverk" and crumbs[0] != lies)):
            faults.append(f"{path}: {crumbs}")
        elif not crumbs and re.match(r"/(natverk|serie|tidsval|forum)/", path):
            faults.append(f"{path}: no way back")
    assert faults == []
    assert circles > 3
