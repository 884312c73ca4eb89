"""A marked person is put wherever the product keeps people, and looked for in every column afterwards."""

import gzip
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy
from sqlmodel import Session, SQLModel, select
from sqlmodel.sql.sqltypes import AutoString

from api.accounts import directory, keys, reaching, service
from api.accounts import queries as accounts
from api.accounts.keys import KeyWish
from api.accounts.models import Person, Role
from api.availability.models import Poll, PollAnswer, PollOption
from api.calendar.models import Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.circles.models import CircleCare
from api.dietary import service as dietary
from api.feeds.service import Wish, holding, look_up, made, subscribe
from api.front.home.finding import KINDS
from api.invitations import service as invitations
from api.invitations.models import MailReply, ReplyState
from api.kit.clock import now
from api.kit.finding.service import renew
from api.kit.settings import Settings
from api.meetings.ending import say_why
from api.meetings.models import MeetingForm, MeetingSeries, MeetingState
from api.networks.models import Layer, Network, NetworkForm, Round
from api.operations.retention import due, erase_decided, erase_served, export, forget_exports
from api.outbox.models import Mail, MailState
from api.outbox.service import Options, queue
from api.proposals.visits.models import VisitAsk
from api.questions.models import Answer, Audience, Question
from api.wiring import connect
from tests.factories import Member, make_meeting, make_member, make_person
from tests.rows import rows

NAME, ADDRESS = "Zebedeus Markstrom", "zebedeus.markstrom@example.org"
PHONE, LABEL = "0799-987654", "Zebedeus telefon"
MARKS = ("zebedeus", "markstrom", PHONE)
LONG_AFTER = timedelta(days=800)

# Every column of text is one of these three; a new one is put where it belongs.
# What tells of a person: a mark is put there below, and nothing of it is left.
PEOPLES = {
    *("person.name", "person.email", "person.phone", "past_details.name", "past_details.phone"),
    *(
        "feed_token.label",
        "api_key.label",
        "signed_in.device",
        "unreachable_address.address",
        "poll_answer.name",
    ),
    *("mail.recipient", "mail.text", "mail.html", "mail.key", "mail.calendar", "mail_reply.sender"),
    *("invitation.name", "invitation.address", "substitution.to_name", "substitution.to_address"),
    *("substitution.from_name", "substitution.from_address", "calendar_part.address"),
    *("invitation_token.address", "told.address", "told.name"),
    *("dietary_need.address", "dietary_need.other"),
    *("question.text", "question_answer.text", "circle_care.line", "visit_ask.learnt"),
    *("search_entry.names", "search_entry.words"),
    *("meeting.cancel_reason", "meeting_series.cancel_reason"),
}
# What an organisation writes of itself and its meetings; it stays, and forms ask for no names there.
ORGANISATIONS = {
    *(
        "body.name",
        "function.title",
        "function.mailbox",
        "feed.name",
        "room.name",
        "meeting_group.name",
    ),
    *("meeting_arrival.way_in", "material.title", "material.address", "material_file.octets"),
    *("network.name_sv", "network.name_en", "network.former_sv", "network.former_en"),
    *(
        "frequent_question.question",
        "frequent_question.answer",
        "lesson.text",
        "proposal.title",
        "poll.theme",
    ),
    *(
        "poll.focus",
        "poll.town",
        "poll.video_url",
        "travel_leg.a",
        "travel_leg.b",
        "travel_leg.basis",
    ),
    *("leader_ask.title_sv", "leader_ask.title_en", "meeting_group.purpose", "mail.subject"),
}
OF_ORGANISATIONS = {
    *("rc", "theme", "meeting", "meeting_series", "event", "event_fragment", "programme_session"),
    *("needs_survey", "survey_answer", "survey_draft", "evaluation", "slot", "track", "round"),
    *("proposal", "programme_outline"),
}
# Ids, hashes, states, times, and what the program itself writes or takes from a list of its own.
OURS = re.compile(
    r"[._](id|ids|hash|digest|uid|key|by|actor|method|kind|state|language|part|partstat|subject|season)$"
    r"|^(act|acted|answered|audit_entry|audit_head|hit|errand_run|job|imported_event|feed_version|hand_over)[.]"
    r"|^(provider_account|evaluation_count)[.]|[._](rc|mode|issuer|batch|reason|extension|organizer)$"
    r"|[.](message_id|about|reply_to|unsubscribe_url|stamp|next_path|scopes|county_codes|evidence|agenda|diets)$"
    r"|^(invitation[.]unconfirmed|poll[.]address|told[.]facts)$"
)


def test_every_column_of_text_is_a_persons_an_organisations_or_ours() -> None:
    texts = (sqlalchemy.String, sqlalchemy.LargeBinary, sqlalchemy.JSON, AutoString)
    unknown = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, texts) and not isinstance(column.type, sqlalchemy.Enum)
        if not column.foreign_keys and table.name not in OF_ORGANISATIONS
    ]
    left = [one for one in unknown if one not in PEOPLES | ORGANISATIONS and not OURS.search(one)]
    assert left == [], "say whose it is, and put a mark there when it tells of people"
    assert {*unknown, "meeting.cancel_reason", "meeting_series.cancel_reason"} >= PEOPLES


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
        if value.startswith(b"\x1f\x8b"):
            yield gzip.decompress(value).decode("utf-8", "replace")
    else:
        yield str(value)


def _where(session: Session) -> set[str]:
    """Return every column of every table in which any mark stands."""
    return {
        f"{table.name}.{column}"
        for table, row in rows(session)
        for column, value in row.items()
        if any(mark in text.lower() for text in _texts(value) for mark in MARKS)
    }


def _wish(scope: Scope, owner: str) -> Wish:
    return Wish(
        scope=scope,
        level=Level.INTERNAL,
        language="sv",
        name="Mina",
        owner_person_id=owner,
        label=LABEL,
    )


def _put_everywhere(session: Session, at: datetime) -> Person:
    """Let one person hold a post, subscribe, be invited, be ill, answer a poll and a mail, and leave."""
    member = make_member(session, Role.RC_MEMBER, "exempel-rc")
    marked = directory.create_person(session, NAME, ADDRESS, phone=PHONE)
    directory.hand_over(
        session, member.function, marked, deputy=None, version=1, actor="system", now=at
    )
    service.open_session(session, marked.id, "Zebedeus dator", at)
    service.new_sign_in_link(session, marked, at)
    keys.make_key(session, marked.id, KeyWish(LABEL, frozenset(keys.Scope), 30), at)
    for kind, scope_id in (
        (ScopeKind.PERSON, marked.id),
        (ScopeKind.FUNCTION, member.function.id),
    ):
        subscribe(session, _wish(Scope(kind, scope_id), marked.id), at)

    start = at + timedelta(days=1)
    details = EventDetails(
        neutral_sv="Träff",
        neutral_en="Meeting",
        title_sv="Träff",
        title_en="Meeting",
        page="/traffar/m",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    audience = {Scope(ScopeKind.FUNCTION, member.function.id)}
    event = put_event(session, Subject("meeting", "m"), details, audience, at)
    invited = invitations.invite(session, event, member.function, at)
    assert invited is not None
    other = invitations.substitute(session, invited, "Exempel B", "b@example.org", at)
    invitations.substitute(session, other, NAME, ADDRESS, at)
    meeting = make_meeting(session)
    dietary.tell(session, meeting, ADDRESS, ["nuts"], f"Fråga {NAME}", at)

    for number, state in enumerate(MailState):
        mail = queue(
            session, ADDRESS, f"Ärende {number}", f"Hej {NAME}!", f"<p>Hej {NAME}!</p>", at,
            Options(key=f"{number}/{ADDRESS}", calendar=f"ATTENDEE:mailto:{ADDRESS}".encode()),
        )  # fmt: skip
        mail.state = state
    queue(session, "b@example.org", "Ärende", f"{NAME} kommer i stället, {PHONE}.", "", at)
    session.add(
        MailReply(message_id="<1@x>", sender=ADDRESS, state=ReplyState.FOR_A_PERSON, received_at=at)
    )
    circle = _answer_a_poll(session, at)
    _say_in_passing(session, member, circle, at)
    directory.change_details(
        session, marked.id, NAME, PHONE, version=marked.version, actor="system", at=at
    )
    reaching.mark(session, ADDRESS, at)
    session.flush()
    renew(session, KINDS)  # the index, as a search would make it
    return marked


def _say_in_passing(session: Session, member: Member, circle: Network, at: datetime) -> None:
    """Let others write of the person where a form asks for a few words."""
    asked = Question(
        function_id=member.function.id, audience=Audience.ALL, text=f"Vad gör {NAME}?", asked_at=at
    )  # fmt: skip
    session.add(asked)
    session.flush()
    session.add(
        Answer(question_id=asked.id, function_id=member.function.id, text=PHONE, answered_at=at)
    )
    session.add(CircleCare(network_id=circle.id, agenda=[], line=f"Ring {NAME}"))
    session.add(
        VisitAsk(visitor_rc="a", host_rc="b", theme_ids=[], asked_at=at, learnt=f"Av {NAME}")
    )
    off = make_meeting(session)
    series = MeetingSeries(
        network_id=circle.id, form=MeetingForm.DIGITAL, starts_at=at, ends_at=at, rule="", state=MeetingState.CANCELLED,
        name_sv="S", name_en="S", focus_sv="", focus_en="",
    )  # fmt: skip
    session.add(series)
    say_why(off, series, actor=member.person.id, reason=f"{NAME} är sjuk")
    session.add(off)
    session.flush()


def _answer_a_poll(session: Session, at: datetime) -> Network:
    done = Round(
        number=1, proposal_id="1", published_at=at, published_by="system", frozen={}, difference={}
    )
    session.add(done)
    session.flush()
    circle = Network(
        round_id=done.id, layer=Layer.LIKENESS, name_sv="K", name_en="C", form=NetworkForm.DIGITAL,
        evidence={},
    )  # fmt: skip
    session.add(circle)
    session.flush()
    poll = Poll(
        network_id=circle.id,
        address="hemlig-lank",
        theme="Tid",
        form=MeetingForm.DIGITAL,
        made_at=at,
    )
    session.add(poll)
    session.flush()
    day = at + timedelta(days=20)
    session.add(PollOption(poll_id=poll.id, starts_at=day, ends_at=day + timedelta(hours=1)))
    session.add(PollAnswer(poll_id=poll.id, name=NAME, key_hash="0" * 64, answered_at=at))
    session.flush()
    return circle


def test_nothing_of_an_erased_person_stands_anywhere(database_url: str, settings: Settings) -> None:
    database = connect(database_url, "")
    at = now()
    with database.transaction() as session:
        marked = _put_everywhere(session, at)
        before = _where(session)
        marked_id = marked.id
    assert before == PEOPLES

    with database.transaction() as session:
        person = session.get(Person, marked_id)
        assert person is not None
        [function] = [one for one, _ in accounts.functions_of(session, marked_id)]
        directory.hand_over(
            session, function, make_person(session), deputy=None, version=function.version,
            actor="system", now=at,
        )  # fmt: skip
    later = at + LONG_AFTER
    with database.transaction() as session:
        found = due(session, later, settings)
        assert marked_id in {one.id for one in found.people}
        erase_served(session, later, settings)
        exported = str(export(session, found, settings)).lower()
        erase_decided(session, found, "Dnr 2027-1")
        session.flush()
        renew(session, KINDS)
    with database.reading() as session:
        assert _where(session) == set()
        assert due(session, later, settings).people == ()
    assert all(mark in exported for mark in MARKS)
    database.close()


def test_a_person_erased_before_the_other_times_are_out_leaves_only_what_has_its_own_end(
    database_url: str, settings: Settings
) -> None:
    """A month after: what others were written about the person, and polls, end by their own days."""
    database = connect(database_url, "")
    at = now()
    soon = settings.model_copy(update={"retention_people_months": 1})
    with database.transaction() as session:
        marked = _put_everywhere(session, at)
        [function] = [one for one, _ in accounts.functions_of(session, marked.id)]
        directory.hand_over(
            session, function, make_person(session), deputy=None, version=function.version,
            actor="system", now=at,
        )  # fmt: skip
    later = at + timedelta(days=40)
    with database.transaction() as session:
        erase_served(session, later, soon)
        erase_decided(session, due(session, later, soon), "Dnr 2027-1")
        own_end = {"poll_answer.name", "meeting.cancel_reason"}
        assert _where(session) <= {"mail.text", "mail.html", "mail.calendar"} | own_end
        left = list(session.exec(select(Mail)))
        assert all(ADDRESS not in str(mail.recipient) for mail in left)
    database.close()


def test_a_former_holder_s_calendars_are_empty_for_a_fortnight_and_then_unknown(
    database_url: str,
) -> None:
    database = connect(database_url, "")
    at = now()
    with database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "exempel-rc")
        own = Scope(ScopeKind.FUNCTION, member.function.id)
        _, _, token = subscribe(session, _wish(own, member.person.id), at)
        directory.hand_over(
            session, member.function, make_person(session), deputy=None,
            version=member.function.version, actor="system", now=at,
        )  # fmt: skip
    for days, is_served in ((0, True), (13, True), (15, False)):
        moment = at + timedelta(days=days)
        with database.peeking() as connection:
            found = holding(look_up(connection, token), moment)
        assert (found is not None) == is_served
        if found is not None:
            with database.reading() as session:
                answer = made(session, found, moment).made
                assert answer is not None
                assert b"VEVENT" not in answer.body
    database.close()


def test_exports_of_what_was_erased_end_after_their_days(tmp_path: Path) -> None:
    import os  # noqa: PLC0415 - only here

    old, new = tmp_path / "20260101-000000.json", tmp_path / "20270101-000000.json"
    for file, days in ((old, 200), (new, 100)):
        file.write_text("{}")
        moment = (now() - timedelta(days=days)).timestamp()
        os.utime(file, (moment, moment))
    assert forget_exports(tmp_path, now(), 180) == 1
    assert list(tmp_path.iterdir()) == [new]
    assert forget_exports(tmp_path / "nowhere", now(), 180) == 0
