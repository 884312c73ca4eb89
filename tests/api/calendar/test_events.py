"""Events over time: SEQUENCE, revision, status, levels and audiences, on both databases."""

import dataclasses
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from api.calendar import queries
from api.calendar.models import Event, Level, ScopeKind
from api.calendar.service import (
    EventChanged,
    EventDetails,
    Scope,
    Subject,
    cancel_event,
    put_event,
)
from api.calendar.upkeep import render_again
from api.kit.db import Database
from tests.calendars import read_event

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
START = datetime(2027, 3, 4, 8, 0, tzinfo=UTC)
MEETING = Subject("meeting", "m1")
NETWORK = frozenset({Scope(ScopeKind.NETWORK, "n1")})
DETAILS = EventDetails(
    neutral_sv="Nätverksträff",
    neutral_en="Network meeting",
    title_sv="Träff om samråd",
    title_en="Meeting on consultation",
    page="/traffar/m1",
    starts_at=START,
    ends_at=START + timedelta(hours=3),
    town="Örebro",
    room="Sal 2",
    agenda_sv="Syfte: lära av varandra",
    agenda_en="Purpose: learning from each other",
)


def read(session: Session, event: Event, level: Level, language: str = "sv") -> Any:  # noqa: ANN401 - icalendar's values
    octets = queries.fragment(session, event.id, level, language)
    assert octets is not None
    return read_event(octets)


def test_putting_the_same_event_twice_changes_nothing(session: Session) -> None:
    first = put_event(session, MEETING, DETAILS, NETWORK, AT)
    before = (first.uid, first.sequence, first.revised_at, queries.fragments_of(session, first.id))
    again = put_event(session, MEETING, DETAILS, NETWORK, AT + timedelta(hours=1))
    assert before == (
        again.uid,
        again.sequence,
        again.revised_at,
        queries.fragments_of(session, again.id),
    )


def test_a_moved_event_keeps_its_uid_and_raises_its_sequence(session: Session) -> None:
    uid = put_event(session, MEETING, DETAILS, NETWORK, AT).uid
    later = dataclasses.replace(DETAILS, ends_at=START + timedelta(hours=4))
    moved = put_event(session, MEETING, later, NETWORK, AT + timedelta(days=1))
    assert (moved.uid, moved.sequence, moved.revised_at) == (uid, 1, AT + timedelta(days=1))
    vevent = read(session, moved, Level.NEUTRAL)
    assert vevent["DTSTAMP"].dt == vevent["LAST-MODIFIED"].dt == AT + timedelta(days=1)


def test_a_new_wording_is_a_new_revision_but_voids_no_answers(session: Session) -> None:
    put_event(session, MEETING, DETAILS, NETWORK, AT)
    worded = dataclasses.replace(DETAILS, agenda_sv="Syfte: annat")
    event = put_event(session, MEETING, worded, NETWORK, AT + timedelta(days=1))
    assert (event.sequence, event.revised_at) == (0, AT + timedelta(days=1))


def test_moved_twice_and_cancelled_is_one_event_with_sequence_three(session: Session) -> None:
    for day in (0, 1, 2):
        start = START + timedelta(days=day)
        details = dataclasses.replace(DETAILS, starts_at=start, ends_at=start + timedelta(hours=1))
        put_event(session, MEETING, details, NETWORK, AT + timedelta(hours=day))
    event = cancel_event(session, MEETING, AT + timedelta(hours=9))
    assert event is not None
    vevent = read(session, event, Level.NEUTRAL)
    assert (event.sequence, str(vevent["STATUS"])) == (3, "CANCELLED")
    assert str(vevent["SUMMARY"]) == "Inställt: Nätverksträff"
    assert str(read(session, event, Level.BUSY, "en")["SUMMARY"]) == "Cancelled: Busy"
    assert queries.events(session) == [event]


def test_cancelling_twice_or_nothing_changes_nothing(session: Session) -> None:
    assert cancel_event(session, MEETING, AT) is None
    put_event(session, MEETING, DETAILS, NETWORK, AT)
    cancel_event(session, MEETING, AT)
    event = cancel_event(session, MEETING, AT + timedelta(days=5))
    assert event is not None
    assert (event.sequence, event.cancelled_at) == (1, AT + timedelta(seconds=1))


def test_a_cancelled_event_that_is_put_again_takes_place_under_its_old_uid(
    session: Session,
) -> None:
    uid = put_event(session, MEETING, DETAILS, NETWORK, AT).uid
    cancel_event(session, MEETING, AT)
    event = put_event(session, MEETING, DETAILS, NETWORK, AT)
    assert (event.uid, event.sequence, event.status, event.cancelled_at) == (
        uid,
        2,
        "CONFIRMED",
        None,
    )


def test_sequence_and_revision_never_fall_over_a_thousand_random_edits(session: Session) -> None:
    chance = random.Random(7)
    event = put_event(session, MEETING, DETAILS, NETWORK, AT)
    uid, sequence, revised = event.uid, event.sequence, event.revised_at
    details = DETAILS
    for _ in range(1_000):
        at = AT + timedelta(seconds=chance.randint(-500, 500))  # the clock may even go back
        start = START + timedelta(minutes=15 * chance.randint(0, 2))
        details = dataclasses.replace(
            details,
            starts_at=start,
            ends_at=start + timedelta(minutes=chance.choice((30, 60))),
            town=chance.choice(("Örebro", "")),
            agenda_sv=chance.choice(("a", "b")),
        )
        if chance.random() < 0.2:
            cancel_event(session, MEETING, at)
        else:
            put_event(session, MEETING, details, NETWORK, at)
        vevent = read(session, event, Level.INTERNAL)
        assert event.uid == uid
        assert event.sequence >= sequence
        assert (event.revised_at > revised) == (event.revised_at != revised)
        assert int(vevent["SEQUENCE"]) == event.sequence
        sequence, revised = event.sequence, event.revised_at
    assert sequence > 300


def test_each_level_tells_only_what_it_may(session: Session) -> None:
    event = put_event(session, MEETING, DETAILS, NETWORK, AT)
    busy, neutral, internal = (read(session, event, level) for level in Level)
    assert str(busy["SUMMARY"]) == "Upptagen"
    assert not {"LOCATION", "DESCRIPTION", "URL", "CONFERENCE"} & set(busy)
    assert str(neutral["SUMMARY"]) == "Nätverksträff"
    assert str(neutral["LOCATION"]) == "Örebro"
    assert "Syfte" not in str(neutral["DESCRIPTION"])
    assert str(neutral["URL"]).endswith("/traffar/m1")
    assert str(internal["SUMMARY"]) == "Träff om samråd"
    assert str(internal["LOCATION"]) == "Sal 2, Örebro"
    assert str(internal["DESCRIPTION"]).startswith("Syfte: lära av varandra\n\n")
    for vevent in (busy, neutral, internal):
        assert not {"ATTENDEE", "ORGANIZER", "CONTACT", "ATTACH"} & set(vevent)
        assert str(vevent["CLASS"]) == "PRIVATE"


def test_a_protected_event_is_busy_at_every_level_and_in_both_languages(session: Session) -> None:
    secret = dataclasses.replace(DETAILS, is_protected=True)
    event = put_event(session, MEETING, secret, NETWORK, AT)
    for octets in queries.fragments_of(session, event.id).values():
        for word in ("samråd", "consultation", "Sal 2", "Örebro", "Syfte", "traffar", "Nätverk"):
            assert word.encode() not in octets


ROOM = "https://video.example.org/rum/abc?pwd=1"


def test_only_a_real_room_can_be_joined_and_never_at_level_busy(session: Session) -> None:
    digital = dataclasses.replace(DETAILS, town="", room="")
    event = put_event(session, MEETING, digital, NETWORK, AT)
    vevent = read(session, event, Level.NEUTRAL, "en")
    assert str(vevent["LOCATION"]) == "Online"
    assert "CONFERENCE" not in vevent
    event = put_event(session, MEETING, dataclasses.replace(digital, video_url=ROOM), NETWORK, AT)
    assert event.sequence == 0  # a link voids no answer
    for level in (Level.NEUTRAL, Level.INTERNAL):
        assert str(read(session, event, level, "sv")["CONFERENCE"]) == ROOM
    assert "CONFERENCE" not in read(session, event, Level.BUSY, "sv")
    hidden = dataclasses.replace(digital, video_url=ROOM, is_protected=True)
    event = put_event(session, MEETING, hidden, NETWORK, AT)
    assert not any(
        b"video.example" in one for one in queries.fragments_of(session, event.id).values()
    )


def test_a_proposal_says_so_and_blocks_nothing(session: Session) -> None:
    proposed = dataclasses.replace(DETAILS, is_tentative=True)
    event = put_event(session, MEETING, proposed, NETWORK, AT)
    vevent = read(session, event, Level.INTERNAL, "sv")
    told = [str(vevent[name]) for name in ("SUMMARY", "STATUS", "TRANSP")]
    assert told == ["Förslag: Träff om samråd", "TENTATIVE", "TRANSPARENT"]
    assert str(vevent["X-MICROSOFT-CDO-BUSYSTATUS"]) == "FREE"
    event = put_event(session, MEETING, DETAILS, NETWORK, AT)
    vevent = read(session, event, Level.INTERNAL, "en")
    assert [str(vevent[name]) for name in ("STATUS", "TRANSP")] == ["CONFIRMED", "OPAQUE"]
    assert "X-MICROSOFT-CDO-BUSYSTATUS" not in vevent


def test_what_is_invented_carries_the_word_exempel_at_every_level(session: Session) -> None:
    event = put_event(session, MEETING, dataclasses.replace(DETAILS, is_example=True), NETWORK, AT)
    for level in Level:
        for language in ("sv", "en"):
            assert str(read(session, event, level, language)["SUMMARY"]).startswith("Exempel: ")


def test_a_change_is_announced_to_the_old_and_the_new_audience(database: Database) -> None:
    heard: list[EventChanged] = []
    database.subscribe(EventChanged, lambda _, news: heard.append(news))
    person = Scope(ScopeKind.PERSON, "p1")
    with database.transaction() as session:
        event_id = put_event(session, MEETING, DETAILS, NETWORK, AT).id
    with database.transaction() as session:
        put_event(session, MEETING, DETAILS, {person}, AT)
    with database.transaction() as session:
        put_event(session, MEETING, DETAILS, {person}, AT)
    assert heard == [EventChanged(event_id, NETWORK), EventChanged(event_id, NETWORK | {person})]


def test_a_new_base_url_renders_every_link_anew(database: Database) -> None:
    with database.transaction() as session:
        event = put_event(session, MEETING, DETAILS, NETWORK, AT)
        stamp, event_id = event.revised_at, event.id
    database.base_url = "https://traffar.example.org"
    with database.transaction() as session:
        assert render_again(session, AT) == 1
        assert render_again(session, AT) == 0
        octets = queries.fragment(session, event_id, Level.NEUTRAL, "sv")
        assert octets is not None
        assert b"\r\nURL:https://traffar.example.org/traffar/m1\r\n" in octets
        assert queries.events(session)[0].revised_at > stamp


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"starts_at": START},
        {"starts_at": START, "ends_at": START},
        {"starts_at": START.replace(tzinfo=None), "ends_at": START + timedelta(hours=1)},
        {"first_day": date(2027, 3, 4), "last_day": date(2027, 3, 3)},
        {"starts_at": START, "ends_at": START + timedelta(hours=1), "first_day": date(2027, 3, 4)},
    ],
)
def test_an_event_without_clear_times_is_refused(times: dict[str, object]) -> None:
    texts = {"neutral_sv": "a", "neutral_en": "a", "title_sv": "a", "title_en": "a", "page": "/"}
    with pytest.raises(ValueError, match="event"):
        EventDetails(**texts, **times)  # type: ignore[arg-type]
