"""The mails of a hand-over: both sides, the old holder and the deputies learn who holds a post now."""

from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from api.accounts import queries
from api.accounts.models import Body, Function, HandOver, Person
from api.accounts.news import HandOverMade
from api.accounts.retention import ERASED_HOST
from api.kit.db import base_url_of
from api.kit.i18n import Language, Speaker
from api.kit.mail import texts
from api.kit.pages import address
from api.kit.settings import Settings
from api.outbox.service import queue


class Part(StrEnum):
    """What the change is to whoever reads the mail."""

    HOLDS = "holds"  # has become the holder
    DEPUTISES = "deputises"  # has become the deputy
    LEFT = "left"  # was the holder or the deputy
    STAYS = "stays"  # holds it or is its deputy as before
    GAVE = "gave"  # somebody else's post, handed over by the reader


@dataclass(frozen=True, slots=True)
class HandOverMail:
    """What the mail shows; `holder` and `deputy` are names, empty where the post is vacant."""

    name: str
    part: str
    title: str
    body: str
    holder: str
    deputy: str
    by: str
    when: str
    url: str
    contact: str


def on_hand_over_made(session: Session, news: HandOverMade) -> None:
    """Queue one mail to each whom the change concerns, in the same transaction."""
    made = queries.hand_over(session, news.hand_over_id)
    function = queries.function(session, made.function_id) if made else None
    home = queries.body(session, function.body_id) if function else None
    if made is None or function is None or home is None:
        return
    people = queries.people(session, {*_concerned(made)})
    for person_id, part in _concerned(made).items():
        person = people.get(person_id)
        if person is not None and not person.email.endswith(f"@{ERASED_HOST}"):
            _tell(session, person, part, made, (function, home), people)


def _concerned(made: HandOver) -> dict[str, Part]:
    """Return person -> what the change is to them; the first that fits."""
    found: dict[str, Part] = {}
    before = {made.from_holder_id, made.from_deputy_id}
    for person_id, part in (
        (made.to_holder_id, Part.HOLDS if made.to_holder_id != made.from_holder_id else Part.STAYS),
        (
            made.to_deputy_id,
            Part.DEPUTISES if made.to_deputy_id != made.from_deputy_id else Part.STAYS,
        ),
        *((one, Part.LEFT) for one in sorted(one for one in before if one)),
        (made.actor, Part.GAVE),
    ):
        if person_id is not None:
            found.setdefault(person_id, part)
    return found


def _tell(
    session: Session,
    person: Person,
    part: Part,
    made: HandOver,
    post: tuple[Function, Body],
    people: dict[str, Person],
) -> None:
    language: Language = "en" if person.language == "en" else "sv"
    say = Speaker(language)
    function, home = post

    def name_of(person_id: str | None) -> str:
        found = people.get(person_id or "")
        return found.name if found else ""

    page = HandOverMail(
        name=person.name,
        part=part.value,
        title=function.title,
        body=home.name,
        holder=name_of(made.to_holder_id),
        deputy=name_of(made.to_deputy_id),
        by=name_of(made.actor),
        when=say.moment(made.at),
        url=base_url_of(session) + address(language, "/logga-in"),
        contact=Settings().contact_mail,
    )
    said = texts("hand_over", language, page)
    queue(session, person.email, said.subject, said.text, said.html, made.at)
