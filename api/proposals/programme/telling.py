"""Who is told that the words of a published session are other ones: nobody but those whom the planner ticks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlmodel import Session

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.kit.db import base_url_of, lock
from api.kit.errors import MissingError
from api.kit.i18n import Speaker, later, read_by
from api.kit.mail import texts
from api.kit.pages import address
from api.meetings import queries as meetings
from api.meetings.models import Meeting
from api.outbox.acts import Data, can_undo_by, changed
from api.outbox.service import Options, queue
from api.programme import outlines
from api.programme import queries as programmes
from api.programme.content import TEXTS, SessionPlan
from api.proposals import queries as proposals
from api.proposals.programme.store import PROGRAMME

UNDO = "session texts"
Group = Literal["leaders", "guests", "others"]
GROUPS: tuple[Group, ...] = ("leaders", "guests", "others")
# The part of a session's words, by how its fields begin, in the order in which a mail names them.
PARTS: Mapping[str, str] = {
    "title": later("Titel"),
    "purpose": later("Syfte"),
    "task": later("Uppgift"),
    "method": later("Metod"),
    "preparation": later("Förberedelse"),
    "gives_guest": later("Det här ger det dig som gäst"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a session's words: its name, what it says now and what it said."""

    name: str
    now: str
    before: str


@dataclass(frozen=True, slots=True)
class WordsMail:
    """What a mail about new words says."""

    session: str
    meeting: str
    parts: tuple[Part, ...]
    link: str  # a new one for whoever takes part from afar; empty when it is as before
    url: str


def whom(session: Session, meeting_id: str, key: str) -> Mapping[Group, tuple[str, ...]]:
    """Return the functions that a published session concerns: each in one group, empty ones left out."""
    planned = programmes.session_of_key(session, meeting_id, key)
    published = proposals.newest_published(session, meeting_id)
    if planned is None or planned.slot_id is None or published is None:
        return {}
    problem = PROGRAMME.problem_of(published)
    leading = next((one.hosts for one in problem.sessions if one.id == key), frozenset[str]())
    there = programmes.functions_at(session, planned.id)
    guests = {
        one.id
        for one, _, _ in accounts.functions_with_people(session, function_ids=leading | there)
        if one.role is Role.GUEST
    }
    found: dict[Group, set[str]] = {
        "leaders": {*leading} - guests,
        "guests": guests,
        "others": {*there} - guests - leading,
    }
    return {group: tuple(sorted(those)) for group, those in found.items() if those}


def tell(
    session: Session,
    meeting: Meeting,
    before: SessionPlan,
    kept: SessionPlan,
    groups: Collection[str],
    at: datetime,
) -> int:
    """Mail those groups what a published session says now, and let the change be undone; return how many mails go."""
    words = {name: (getattr(before, name), getattr(kept, name)) for name in TEXTS}
    other = {name: pair for name, pair in words.items() if pair[0] != pair[1]}
    if not other:
        return 0
    data: Data = {"meeting": meeting.id, "key": kept.key}
    data["before"] = {name: old for name, (old, _) in other.items()}
    data["after"] = {name: new for name, (_, new) in other.items()}
    can_undo_by(session, UNDO, data)
    concerned = whom(session, meeting.id, kept.key)
    told = {one for group in GROUPS if group in groups for one in concerned.get(group, ())}
    reached = {
        one.address: (read_by(one.language), one.id)
        for one in accounts.reach(session)
        if one.id in told and one.address
    }
    for to, (language, post) in sorted(reached.items()):
        mail = _mail(session, meeting, before, kept, Speaker(language))
        said = texts("session_words", language, mail)
        options = Options(
            batch=f"words:{meeting.id}/{kept.key}/{kept.revision}",
            tells_others=True,
            is_example=meeting.is_example,
            post=post,
        )
        queue(session, to, said.subject, said.text, said.html, at, options)
    return len(reached)


def _mail(
    session: Session, meeting: Meeting, before: SessionPlan, kept: SessionPlan, say: Speaker
) -> WordsMail:
    parts = [
        Part(say.text(name), _in(say, kept, field), _in(say, before, field))
        for field, name in PARTS.items()
    ]
    path = address(say.language, f"/traffar/{meeting.id}")
    return WordsMail(
        session=_in(say, kept, "title"),
        meeting=say.either(meeting.name_sv, meeting.name_en),
        parts=tuple(one for one in parts if one.now != one.before),
        link=kept.link if kept.link != before.link else "",
        url=f"{base_url_of(session)}{path}",
    )


def _in(say: Speaker, one: SessionPlan, field: str) -> str:
    swedish, english = (getattr(one, f"{field}_{language}") for language in ("sv", "en"))
    return say.either(swedish, english)


def undo_words(session: Session, data: Data, actor: str, at: datetime) -> None:
    """Give a session back the words that it had, on pages and in calendars too.

    Raises:
        ConflictError: when somebody has changed them since.
    """
    meeting = meetings.meeting(session, data["meeting"])
    outline = outlines.outline_of(session, meeting.id) if meeting else None
    if meeting is None or outline is None:
        raise MissingError
    lock(outline)
    now = outlines.content_of(outline).session(data["key"])
    if now is None:
        raise MissingError
    after = data["after"]
    changed(after, {name: getattr(now, name) for name in after})
    as_before = replace(now, **data["before"])
    kept = outlines.save_session(session, outline, as_before, actor, at)
    outlines.say_now(session, meeting, kept, actor, at)
