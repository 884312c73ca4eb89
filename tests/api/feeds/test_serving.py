"""The secret address over HTTP: conditional requests, one same 404, clearing, expiry and no traces."""

import gzip
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import time_machine
from fastapi import FastAPI

from api.accounts.models import Role
from api.accounts.news import FunctionHandedOver
from api.accounts.policy import Viewer
from api.accounts.service import hash_of
from api.calendar.models import Level, ScopeKind
from api.calendar.service import EventDetails, Scope, Subject, put_event
from api.feeds import queries, service
from api.feeds.service import Ending
from api.kit.db import Database, announce
from tests.calendars import read_events
from tests.factories import Member, make_member
from tests.rows import everything
from tests.web import Browser, browser

AT = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
START = AT + timedelta(days=30)
DETAILS = EventDetails(
    neutral_sv="Nätverksträff",
    neutral_en="Network meeting",
    title_sv="Träff",
    title_en="Meeting",
    page="/traffar/m1",
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    town="Örebro",
)


@dataclass
class Subscribed:
    """A member with a feed of the own function, and a browser without cookies."""

    database: Database
    client: Browser
    member: Member
    viewer: Viewer
    token: str
    token_id: str
    clock: time_machine.Traveller

    @property
    def address(self) -> str:
        return f"/feeds/{self.token}.ics"

    def change(self, hours: int) -> None:
        """Move the meeting to another hour."""
        with self.database.transaction() as session:
            start = START + timedelta(hours=hours)
            put_event(
                session,
                Subject("meeting", "m1"),
                EventDetails(
                    neutral_sv="Nätverksträff",
                    neutral_en="Network meeting",
                    title_sv="Träff",
                    title_en="Meeting",
                    page="/traffar/m1",
                    starts_at=start,
                    ends_at=start + timedelta(hours=1),
                ),
                {Scope(ScopeKind.FUNCTION, self.member.function.id)},
                AT,
            )

    def end(self, ending: Ending) -> None:
        with self.database.transaction() as session:
            service.revoke(session, self.viewer, self.token_id, ending, AT)


@pytest.fixture
def subscribed(app: FastAPI) -> Iterator[Subscribed]:
    database: Database = app.state.database
    with time_machine.travel(AT, tick=False) as clock:
        with database.transaction() as session:
            session.expire_on_commit = False
            member = make_member(session, Role.RC_MEMBER, "skane")
            scope = Scope(ScopeKind.FUNCTION, member.function.id)
            put_event(session, Subject("meeting", "m1"), DETAILS, {scope}, AT)
            wish = service.wish_of(
                session, member.viewer, scope, Level.NEUTRAL, "sv", "Annas Outlook"
            )
            _, kept, token = service.subscribe_as(session, member.viewer, wish, AT)
            made = Subscribed(database, browser(app), member, member.viewer, token, kept.id, clock)
        yield made


def test_a_feed_is_served_whole_with_the_headers_that_calendars_need(
    subscribed: Subscribed,
) -> None:
    answer = subscribed.client.get(subscribed.address, headers={"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    assert len(read_events(answer.content)) == 1
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["last-modified"] == "Sun, 10 Jan 2027 12:00:00 GMT"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["etag"].startswith('"')
    assert "set-cookie" not in answer.headers


def test_head_has_the_headers_of_get_and_no_body(subscribed: Subscribed) -> None:
    whole = subscribed.client.get(subscribed.address)
    head = subscribed.client.head(subscribed.address)
    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)


def test_a_known_copy_gets_304_until_the_calendar_changes(subscribed: Subscribed) -> None:
    client = subscribed.client
    first = client.get(subscribed.address)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": date},
    ):
        answer = client.get(subscribed.address, headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert answer.headers["cache-control"] == "private, no-cache"
    subscribed.clock.shift(timedelta(minutes=1))
    subscribed.change(hours=1)
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": date}):
        answer = client.get(subscribed.address, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["etag"] != tag


def test_gzip_is_the_same_calendar_under_its_own_tag(subscribed: Subscribed) -> None:
    client = subscribed.client
    plain = client.get(subscribed.address, headers={"Accept-Encoding": "identity"})
    zipped = client.get(subscribed.address, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.content == plain.content  # the client unpacks
    assert zipped.headers["etag"] != plain.headers["etag"]
    with subscribed.database.reading() as session:
        found = service.look_up(session.connection(), subscribed.token)
        assert found is not None
        stored = service.bytes_of(session, service.stored(found, AT))
        assert stored is not None
        assert gzip.decompress(stored.gzipped) == plain.content


def test_every_address_that_does_not_hold_answers_the_same_404(subscribed: Subscribed) -> None:
    token = subscribed.token
    swapped = token[:-1] + ("A" if token[-1] != "A" else "E")
    wrong = [
        "/feeds/", "/feeds/x", f"/feeds/{token}", f"/feeds/{token[:-1]}.ics",
        f"/feeds/{token}A.ics", f"/feeds/{swapped}.ics", f"/feeds/{token.swapcase()}.ics",
        f"/feeds/{token}.ics/", f"/feeds/{token}.ICS", "/feeds/a%2fb.ics", "/feeds/%00.ics",
        f"/feeds/{'å' * 43}.ics", f"/feeds/{token}.ics%0d%0aX:1",
    ]  # fmt: skip
    subscribed.end(Ending.AT_ONCE)
    answers = [subscribed.client.get(path) for path in [*wrong, subscribed.address]]
    answers += [subscribed.client.get(subscribed.address, headers={"If-None-Match": "*"})]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert "etag" not in answers[0].headers
    assert subscribed.client.head(subscribed.address).status_code == 404


def test_a_mistyped_address_is_not_repeated_on_the_page_that_says_so(
    subscribed: Subscribed,
) -> None:
    address = subscribed.address
    for path in (f"/Feeds{address[6:]}", f"/x{address}", f"/x?a={address}", f"/en/x{address}"):
        answer = subscribed.client.get(path)
        assert answer.status_code == 404
        assert subscribed.token not in answer.text


def test_only_reading_is_allowed(subscribed: Subscribed) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = subscribed.client.request(method, subscribed.address)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_clearing_serves_an_empty_calendar_for_14_days_and_then_404(
    subscribed: Subscribed,
) -> None:
    before = subscribed.client.get(subscribed.address)
    subscribed.end(Ending.CLEARING)
    same = {"If-None-Match": before.headers["etag"]}
    subscribed.clock.shift(timedelta(days=13, hours=23))
    emptied = subscribed.client.get(subscribed.address, headers=same)
    assert emptied.status_code == 200
    assert read_events(emptied.content) == []
    again = {"If-None-Match": emptied.headers["etag"]}
    assert subscribed.client.get(subscribed.address, headers=again).status_code == 304
    subscribed.clock.shift(timedelta(hours=1))
    assert subscribed.client.get(subscribed.address).status_code == 404


def test_an_address_lives_13_months_and_signing_in_renews_it(
    subscribed: Subscribed, app: FastAPI
) -> None:
    subscribed.clock.shift(timedelta(days=390))
    browser(app, subscribed.member.person.id)  # signs in
    subscribed.clock.shift(timedelta(days=390))
    assert subscribed.client.get(subscribed.address).status_code == 200
    subscribed.clock.shift(timedelta(days=6))
    assert subscribed.client.get(subscribed.address).status_code == 404
    browser(app, subscribed.member.person.id)
    assert subscribed.client.get(subscribed.address).status_code == 404


def test_an_address_empties_its_copies_and_dies_when_the_function_is_handed_over(
    subscribed: Subscribed,
) -> None:
    with subscribed.database.transaction() as session:
        function_id, person_id = subscribed.member.function.id, subscribed.member.person.id
        announce(session, FunctionHandedOver(function_id, person_id, None, "system", AT))
    served = subscribed.client.get(subscribed.address)
    assert served.status_code == 200
    assert "BEGIN:VEVENT" not in served.text
    subscribed.clock.move_to(AT + timedelta(days=14, minutes=1))
    assert subscribed.client.get(subscribed.address).status_code == 404


def test_the_last_fetch_is_written_down_at_most_once_an_hour(subscribed: Subscribed) -> None:
    def fetched_at() -> datetime | None:
        with subscribed.database.reading() as session:
            found = queries.token(session, subscribed.token_id)
            assert found is not None
            return found.fetched_at

    assert fetched_at() is None
    subscribed.client.get(subscribed.address)
    assert fetched_at() == AT
    subscribed.clock.shift(timedelta(minutes=59))
    subscribed.client.get(subscribed.address)
    assert fetched_at() == AT
    subscribed.clock.shift(timedelta(minutes=1))
    tag = subscribed.client.head(subscribed.address).headers["etag"]
    assert fetched_at() == AT + timedelta(hours=1)
    assert tag


def test_a_new_day_is_served_right_before_anybody_has_joined_it(subscribed: Subscribed) -> None:
    subscribed.clock.shift(timedelta(days=30 + 91))
    answer = subscribed.client.get(subscribed.address)
    assert read_events(answer.content) == []
    again = subscribed.client.get(
        subscribed.address, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_the_token_is_in_no_log_no_page_and_no_row(
    subscribed: Subscribed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    printed = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(printed))
    subscribed.client.get(subscribed.address)
    subscribed.end(Ending.CLEARING)
    subscribed.client.get(subscribed.address)
    structlog.reset_defaults()
    written = [record.getMessage() for record in caplog.records if "httpx" not in record.name]
    secrets = (subscribed.token, hash_of(subscribed.token))
    assert not any(subscribed.token in line for line in [*written, printed.getvalue()])
    with subscribed.database.reading() as session:
        rows = str(everything(session))
    assert rows.count(secrets[0]) == 0
    assert rows.count(secrets[1]) == 1  # its own row, nowhere else


def test_a_failed_note_does_not_fail_the_fetch(
    subscribed: Subscribed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(service, "note_fetch", broken)
    assert subscribed.client.get(subscribed.address).status_code == 200


def test_what_is_remembered_of_an_address_ends_with_the_next_commit_of_anybody(
    subscribed: Subscribed,
) -> None:
    """Also of one in another process, and also where a connection counts its commits anew."""
    elsewhere = Database(subscribed.database.url, "https://samkrets.example")
    tag = {"If-None-Match": subscribed.client.get(subscribed.address).headers["etag"]}
    for _ in range(2):
        assert subscribed.client.get(subscribed.address, headers=tag).status_code == 304
    with elsewhere.transaction() as session:
        service.revoke(session, subscribed.viewer, subscribed.token_id, Ending.AT_ONCE, AT)
    assert subscribed.client.get(subscribed.address, headers=tag).status_code == 404
    with elsewhere.transaction() as session:
        found = queries.token(session, subscribed.token_id)
        assert found is not None
        found.revoked_at = None
    assert subscribed.client.get(subscribed.address, headers=tag).status_code == 304
    elsewhere.close()


@pytest.mark.both_databases
def test_no_two_connections_have_the_same_state(subscribed: Subscribed) -> None:
    database = subscribed.database
    with database.reading() as one, database.reading() as other:
        first, second = database.state(one.connection()), database.state(other.connection())
    assert (first is None) is (second is None) is not database.is_embedded
    assert first is None or first != second
