"""No form that takes somebody's name or address is a way to write to strangers in our name."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import Session

from api.accounts import directory
from api.accounts.directory import PersonDetails
from api.accounts.models import Role
from api.circles.absence import AwayWish, go_away
from api.invitations import service
from api.invitations.letters import waits_for_planner
from api.invitations.models import Invitation
from api.kit.clock import now
from api.kit.db import Database
from api.kit.errors import ConflictError, FieldFault
from api.outbox import queries as outbox
from api.outbox.models import MailState
from api.outbox.service import claim
from api.wiring import connect
from tests.api.invitations.test_invitations import AT, invite, mails, make
from tests.factories import Member, make_member


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


def _give(
    session: Session,
    member: Member,
    holder: PersonDetails,
    deputy: PersonDetails,
    actor: str = "",
) -> None:
    directory.hand_over_to(
        session,
        member.function.id,
        holder,
        deputy,
        version=member.function.version,
        actor=actor or member.person.id,
        now=now(),
    )
    session.flush()


def _invited(session: Session) -> Invitation:
    event, [function] = make(session)
    return invite(session, event, function)


NAMES = pytest.mark.parametrize(
    "name",
    [
        "Ditt konto hos NCH är spärrat. Lås upp det på https://nch-login.example.net/verify",
        "Lås upp kontot på nch-login.example/verify",
        "Kontot är spärrat, se samkrets-login.se",
        "Ring 0701-23 45 67",
        "Skriv till bo@evil.example",
        "www.evil.example",
        "x" * 81,
    ],
)


@NAMES
def test_a_name_is_a_name(session: Session, name: str) -> None:
    invited = _invited(session)
    before = len(mails(session))
    with pytest.raises(FieldFault):
        service.pass_on(session, invited, name, "bo@example.org", AT)
    assert len(mails(session)) == before


@NAMES
def test_a_name_is_a_name_also_in_a_hand_over_on_ones_own_page_and_of_a_circle(
    session: Session, name: str
) -> None:
    """The welcome of whoever is typed tells the names of both people, and of the circles."""
    member = make_member(session, Role.RC_MEMBER, "skane")
    typed, nobody = PersonDetails(name, "bo@evil.example"), PersonDetails()
    with pytest.raises(FieldFault):
        _give(session, member, typed, nobody)
    with pytest.raises(FieldFault):
        _give(session, member, PersonDetails("Exempel Bo", "bo@evil.example"), typed)
    with pytest.raises(FieldFault):
        directory.change_details(
            session, member.person.id, name, "", version=1, actor=member.person.id, at=AT
        )
    assert mails(session) == []


def test_a_number_is_no_link(session: Session) -> None:
    member = make_member(session, Role.RC_MEMBER, "skane")
    with pytest.raises(FieldFault):
        directory.change_details(
            session,
            member.person.id,
            "Exempel Bo",
            "evil.example/x",
            version=1,
            actor=member.person.id,
            at=AT,
        )


@pytest.mark.parametrize(
    "name", ["Anna-Karin Öst", "J.R. Ek", "Bo S:t Clair", "Åsa af Ek, f.d. Al", "O'Neill"]
)
def test_peoples_real_names_are_names(name: str) -> None:
    assert directory.plain_name("name", name) == name


def test_a_post_is_handed_on_a_few_times_a_day_by_its_own_people_and_by_planners_always(
    session: Session,
) -> None:
    member = make_member(session, Role.RC_MEMBER, "skane")
    planner = make_member(session, Role.PLANNER)
    own = PersonDetails(member.person.name, member.person.email)
    for number in range(directory.MOST_A_DAY):
        deputy = PersonDetails("Exempel Bo", f"bo{number}@evil.example")
        _give(session, member, own, deputy)
    before = len(mails(session))
    once_more = PersonDetails("Exempel Bo", "bo.igen@evil.example")
    with pytest.raises(ConflictError):
        _give(session, member, own, once_more)
    day = AT.date()
    away = AwayWish(day.isoformat(), day.isoformat(), once_more)
    with pytest.raises(ConflictError):
        go_away(session, member.function.id, away, member.function.version, member.person.id, now())
    assert len(mails(session)) == before
    _give(session, member, own, once_more, actor=planner.person.id)
    with time_machine.travel(AT + timedelta(hours=25), tick=False):
        _give(session, member, own, PersonDetails())


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
