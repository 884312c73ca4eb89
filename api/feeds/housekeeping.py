"""What the calendar needs once a day and once a week: new days' bytes, lost rights, the weekly letter."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Person
from api.accounts.service import viewer_for
from api.calendar import queries as calendar
from api.calendar.fragments import as_vevent
from api.calendar.models import Event, Level, ScopeKind
from api.calendar.upkeep import leave_out, render_again
from api.feeds import queries
from api.feeds.delivery import follow_addresses
from api.feeds.joining import check, refresh
from api.feeds.rights import end_what_may_not_be_seen
from api.feeds.stance import PARTS_OF_MEETING, Ref, Stance, owner_of_person, stances
from api.invitations import queries as invitations
from api.kit.clock import now, to_local
from api.kit.db import Database, base_url_of
from api.kit.i18n import Language, Speaker, read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.library import service as library
from api.outbox.service import Options, queue
from api.questions import service as questions
from api.questions.models import Audience

DIGEST_WEEKS = timedelta(weeks=4)
DIGEST_PERIOD = timedelta(weeks=1)
MOST_MATERIALS = 10
AT_ONCE = 10  # of what is made anew: a fraction of a second of a transaction


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One meeting of the weekly letter."""

    when: str
    title: str
    where: str
    url: str


@dataclass(frozen=True, slots=True)
class DigestNews:
    """What is new among the questions: where, how many, and the page. Never a question or who asked it."""

    circle: str  # the circle's name; empty for all RC, or NCH
    is_to_nch: bool
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class DigestMail:
    """The weekly letter."""

    name: str
    lines: tuple[DigestLine, ...]
    news: tuple[DigestNews, ...]
    materials: tuple[tuple[str, str], ...]  # title and address of what is new in the library
    settings_url: str


def keep_house(database: Database, at: datetime) -> None:
    """Do what is due; doing it again on the same day changes nothing.

    Each part has a transaction of its own, of a few things at a time: whoever saves meanwhile waits for
    one of them, not for all that a new day brings.
    """
    with database.transaction() as session:
        leave_out(session, to_local(at).date(), at)
    with database.reading() as session:
        stale = len(queries.stale_feeds(session, to_local(at).date()))
        people = invitations.choosing_feed(session)
    for _ in range(0, stale, AT_ONCE):
        with database.transaction() as session:
            refresh(session, at, AT_ONCE)
    with database.transaction() as session:
        end_what_may_not_be_seen(session, at)
    for first in range(0, len(people), AT_ONCE):
        with database.transaction() as session:
            for person_id in people[first : first + AT_ONCE]:
                follow_addresses(session, person_id, at)  # an address also ends by its day


def put_right(session: Session, at: datetime) -> int:
    """Render every event and join every calendar anew, as they read now; return how many differed.

    They do after the base URL or a wording changed, and would if anything ever stored them wrongly.
    """
    return render_again(session, at) + check(session, at)


def put_right_by_parts(database: Database) -> int:
    """Do the same a few at a time, each in a transaction of its own: nobody's save waits for all of it."""
    with database.reading() as session:
        events, feeds = calendar.event_ids(session), queries.feed_ids(session)
    differing = 0
    for mend, ids in ((render_again, events), (check, feeds)):
        for first in range(0, len(ids), AT_ONCE):
            with database.transaction() as session:
                differing += mend(session, now(), ids[first : first + AT_ONCE])
    return differing


def send_digests(session: Session, at: datetime) -> int:
    """Queue this week's letter to those who want one and have something in it; return to how many."""
    sent = 0
    year, week, _ = to_local(at).isocalendar()
    for person_id in invitations.wanting_digest(session):
        person = accounts.person(session, person_id)
        page = digest(session, person, at) if person else None
        if person is None or page is None or not (page.lines or page.news or page.materials):
            continue
        said = texts("digest", _language(person), page)
        options = Options(key=f"digest/{person.id}/{year}-{week}", batch=f"digest/{year}-{week}")
        queue(session, person.email, said.subject, said.text, said.html, at, options)
        sent += 1
    return sent


def digest(session: Session, person: Person, at: datetime) -> DigestMail:
    """Return a person's letter: what the own calendar would show four weeks ahead, and a week's questions."""
    language = _language(person)
    base_url = base_url_of(session)
    scopes = {(ScopeKind.PERSON, person.id)}
    scopes |= {(ScopeKind.FUNCTION, one.id) for one, _ in accounts.functions_of(session, person.id)}
    lines = []
    found = calendar.events_between(session, scopes, at, at + DIGEST_WEEKS)
    for event in _coming(session, person, found):
        told = as_vevent(event, Level.INTERNAL, language, base_url)
        url = base_url + address(language, event.page)
        lines.append(DigestLine(_when(event, language), told.summary, told.location, url))
    settings_url = base_url + address(language, "/prenumerera#leverans")
    news = _news(session, person, at, language)
    viewer = viewer_for(session, person)
    materials = tuple(
        (one.title, _link(one.address, language, base_url))
        for one in library.news(session, viewer, at - DIGEST_PERIOD)[:MOST_MATERIALS]
    )
    return DigestMail(person.name, tuple(lines), news, materials, settings_url)


def _link(where: str, language: Language, base_url: str) -> str:
    return base_url + address(language, where) if where.startswith("/") else where


def _news(
    session: Session, person: Person, at: datetime, language: Language
) -> tuple[DigestNews, ...]:
    """Count the last week's questions that the person may see; one's own too, so that no letter tells who asked."""
    base_url = base_url_of(session)
    found = questions.asked_since(session, viewer_for(session, person), at - DIGEST_PERIOD)
    say = Speaker(language)
    return tuple(
        DigestNews(
            circle=say.either(circle.name_sv, circle.name_en) if circle is not None else "",
            is_to_nch=audience is Audience.NCH,
            number=len(asked),
            url=base_url
            + address(language, f"/fragor/{asked[0].id}" if len(asked) == 1 else "/fragor"),
        )
        for (audience, circle), asked in found
    )


def _coming(session: Session, person: Person, found: list[Event]) -> list[Event]:
    """Return the events that the person comes to, or perhaps."""
    owner = owner_of_person(session, person.id)
    if owner is None:
        return []
    refs = [Ref(one.id, one.series_id, one.subject_kind, one.subject_id) for one in found]
    told = stances(session, owner, refs)
    return [
        one
        for one in found
        if told[one.id] is not Stance.GONE and one.subject_kind not in PARTS_OF_MEETING
    ]


def _when(event: Event, language: Language) -> str:
    say = Speaker(language)
    if event.starts_at is not None and event.ends_at is not None:
        return say.span(event.starts_at, event.ends_at)
    return say.date(event.first_day) if event.first_day is not None else ""


def _language(person: Person) -> Language:
    return read_by(person.language)
