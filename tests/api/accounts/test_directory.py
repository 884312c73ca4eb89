from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from api.accounts import directory, service
from api.accounts.models import BodyKind, FunctionKind, Role
from api.accounts.news import FunctionHandedOver
from api.audit.models import AuditEntry
from api.kit.clock import now
from api.kit.errors import FieldFault, StaleError
from api.wiring import connect
from tests.factories import make_body, make_function, make_member, make_person


def test_handing_over_moves_rights_at_once_and_signs_the_predecessor_out(session: Session) -> None:
    old = make_member(session, Role.RC_MEMBER, "exempel-rc")
    new = make_person(session)
    token = service.open_session(session, old.person.id, "", now())
    link = service.new_sign_in_link(session, old.person, now())
    session.flush()
    directory.hand_over(
        session, old.function, new, deputy=None, version=1, actor="system", now=now()
    )
    session.flush()
    session.expire_all()
    assert service.viewer_of(session, token, now()) is None
    assert not service.is_link_open(session, link, now())
    assert service.viewer_for(session, old.person).roles == frozenset()
    assert service.viewer_for(session, new).rc_ids == {"exempel-rc"}


def test_handing_over_tells_the_features_above(session: Session) -> None:
    old = make_member(session, Role.PLANNER)
    new = make_person(session)
    moment = now()
    directory.hand_over(
        session, old.function, new, deputy=None, version=1, actor=old.person.id, now=moment
    )
    news = [item for item in session.info["news"] if isinstance(item, FunctionHandedOver)]
    assert news == [
        FunctionHandedOver(old.function.id, old.person.id, new.id, old.person.id, moment)
    ]


def test_a_stale_hand_over_shows_both_versions_and_changes_nothing(session: Session) -> None:
    member = make_member(session, Role.RC_MEMBER)
    first, second = make_person(session), make_person(session)
    directory.hand_over(
        session, member.function, first, deputy=None, version=1, actor="system", now=now()
    )
    with pytest.raises(StaleError) as stale:
        directory.hand_over(
            session, member.function, second, deputy=None, version=1, actor="system", now=now()
        )
    assert stale.value.theirs["holder_id"] == first.id
    assert stale.value.yours["holder_id"] == second.id
    assert member.function.holder_id == first.id


def test_holder_and_deputy_are_two_people(session: Session) -> None:
    member = make_member(session, Role.RC_MEMBER)
    with pytest.raises(FieldFault):
        directory.hand_over(
            session,
            member.function,
            member.person,
            deputy=member.person,
            version=1,
            actor="system",
            now=now(),
        )


def test_a_deputy_has_the_same_rights_as_the_holder(session: Session) -> None:
    body, deputy = make_body(session, rc_id="exempel-rc"), make_person(session)
    make_function(session, body, make_person(session), deputy=deputy)
    session.flush()
    assert service.viewer_for(session, deputy).rc_ids == {"exempel-rc"}


def test_an_address_belongs_to_one_person_whatever_its_case(session: Session) -> None:
    make_person(session, email="Anna.Exempel@Example.org")
    with pytest.raises(FieldFault, match=r"anna\.exempel@example\.org"):
        make_person(session, email="anna.exempel@example.org")


def test_the_named_contact_falls_back_on_the_mailbox(session: Session) -> None:
    rc = make_body(session, rc_id="exempel-rc")
    nch = make_body(session, BodyKind.NCH)
    holder = make_person(session, "Exempel Kontakt")
    function = directory.create_function(
        session,
        nch,
        FunctionKind.CONTACT,
        "Kontaktperson",
        Role.PLANNER,
        mailbox="nch@example.org",
        holder=holder,
    )
    assert directory.contact_for_rc(session, "exempel-rc") is None
    assert directory.contact_for_rc(session, "exempel-rc", "box@example.org") == directory.Contact(
        "", "", "", "", "box@example.org"
    )
    directory.set_contact(session, rc, function)
    session.flush()
    assert directory.contact_for_rc(session, "exempel-rc") == directory.Contact(
        "Kontaktperson", "Exempel Kontakt", holder.email, "", "nch@example.org"
    )
    directory.hand_over(session, function, None, deputy=None, version=1, actor="system", now=now())
    session.flush()
    vacant = directory.contact_for_rc(session, "exempel-rc")
    assert vacant == directory.Contact("Kontaktperson", "", "", "", "nch@example.org")


def test_every_change_is_one_row_in_the_log_without_names_of_people(database_url: str) -> None:
    database = connect(database_url, "http://testserver")
    with database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER)
        name, email = member.person.name, member.person.email
        token = service.open_session(session, member.person.id, "", now())
    with database.transaction() as session:
        service.sign_out(session, token, now() + timedelta(minutes=1))
    with database.reading() as session:
        rows = session.exec(select(AuditEntry).order_by(col(AuditEntry.number))).all()
        told = [(row.number, row.action, row.subject_kind) for row in rows]
        text = " ".join(row.model_dump_json() for row in rows)
    database.close()
    assert told == [
        (1, "created", "body"),
        (2, "created", "person"),
        (3, "created", "function"),
        (4, "signed_in", "session"),
        (5, "signed_out", "session"),
    ]
    assert name not in text
    assert email not in text
