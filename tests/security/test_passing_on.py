"""A place's form is no way to write to strangers in our name."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import Session

from api.invitations import service
from api.invitations.letters import waits_for_planner
from api.invitations.models import Invitation
from api.kit.db import Database
from api.kit.errors import ConflictError, FieldFault
from api.outbox import queries as outbox
from api.outbox.models import MailState
from api.outbox.service import claim
from api.wiring import connect
from tests.api.invitations.test_invitations import AT, invite, mails, make


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example")
    with time_machine.travel(AT, tick=False):
        yield made
    made.close()


@pytest.fixture
def session(wired: Database) -> Iterator[Session]:
    with Session(wired.engine, info={"base_url": wired.base_url}) as opened:
        yield opened


def _invited(session: Session) -> Invitation:
    event, [function] = make(session)
    return invite(session, event, function)


@pytest.mark.parametrize(
    "name",
    [
        "Ditt konto hos NCH är spärrat. Lås upp det på https://nch-login.example.net/verify",
        "Ring 0701-23 45 67",
        "Skriv till bo@evil.example",
        "www.evil.example",
        "x" * 81,
    ],
)
def test_a_name_is_a_name(session: Session, name: str) -> None:
    invited = _invited(session)
    before = len(mails(session))
    with pytest.raises(FieldFault):
        service.pass_on(session, invited, name, "bo@example.org", AT)
    assert len(mails(session)) == before


def test_a_place_is_passed_on_a_few_times_a_day_and_again_the_next(session: Session) -> None:
    invited = _invited(session)
    for number in range(service.MOST_OF_A_PLACE):
        service.pass_on(session, invited, "Exempel Bo", f"bo{number}@example.org", AT)
    before = len(mails(session))
    with pytest.raises(ConflictError):
        service.pass_on(session, invited, "Exempel Bo", "bo9@example.org", AT + timedelta(hours=23))
    assert len(mails(session)) == before
    service.pass_on(session, invited, "Exempel Bo", "bo9@example.org", AT + timedelta(hours=25))
    assert invited.address == "bo9@example.org"


def test_one_person_cannot_pass_on_many_places_without_end(session: Session) -> None:
    invited = _invited(session)
    own = invited.address
    service.MOST_OF_A_PLACE, kept = 1_000, service.MOST_OF_A_PLACE
    try:
        with pytest.raises(ConflictError):  # noqa: PT012 - the last of many
            for number in range(30):
                service.pass_on(session, invited, "Exempel Bo", f"bo{number}@example.org", AT)
                service.substitute(session, invited, "Exempel Person", own, AT)
    finally:
        service.MOST_OF_A_PLACE = kept
    given = [mail for mail in mails(session) if mail.recipient.startswith("bo")]
    assert len({mail.recipient for mail in given}) == service.MOST_OF_A_PERSON


def test_mail_to_a_domain_that_nobody_here_has_waits_for_a_planner(session: Session) -> None:
    invited = _invited(session)
    stranger = "bo@evil.example"
    service.pass_on(session, invited, "Exempel Bo", stranger, AT)
    assert waits_for_planner(session, stranger)
    held = [mail for mail in outbox.newest(session, None, 100) if mail.recipient == stranger]
    assert [mail.state for mail in held] == [MailState.DRAFT]
    assert stranger not in {mail.recipient for mail in claim(session, AT, 100)}
    held[0].state = MailState.SENT  # a planner has read it, and it went
    session.flush()
    assert not waits_for_planner(session, stranger)
    assert waits_for_planner(session, "bo@evil.example.org")  # a domain is not known by its end
