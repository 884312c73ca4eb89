"""Poison between good items: mails in one mailbox, files at one upload; every good one is taken.

The mutations are of the kinds that have broken parsers: octets lost, doubled, turned and forged,
numbers beyond every integer, parts within parts, names that are none, and files that cost time.
A seed makes each run the same; `--full` takes 500 of each.
"""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from api.accounts.models import Role
from api.calendar.models import ScopeKind
from api.calendar.service import Scope, put_event
from api.invitations import mailbox, queries, service
from api.invitations.models import Partstat
from api.kit.clock import now
from api.kit.db import Database
from api.outbox import queries as outbox
from api.wiring import connect
from tests.api.invitations.test_invitations import AT, DETAILS, MEETING
from tests.factories import make_member
from tests.mailbox import answer_to, serving

PEOPLE = 10
QUICK, WHOLE = 60, 500

Mutation = Callable[[random.Random, bytes], bytes]


def _cut(dice: random.Random, octets: bytes) -> bytes:
    return octets[: dice.randrange(len(octets))]


def _turned(dice: random.Random, octets: bytes) -> bytes:
    changed = bytearray(octets)
    for _ in range(dice.choice((1, 3, 30))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _shuffled(dice: random.Random, octets: bytes) -> bytes:
    lines = octets.split(b"\n")
    place = dice.randrange(len(lines))
    return b"\n".join([*lines[place:], *lines[:place]])


def _doubled(dice: random.Random, octets: bytes) -> bytes:
    lines = octets.split(b"\n")
    line = dice.choice(lines)
    return octets.replace(line + b"\n", (line + b"\n") * dice.choice((2, 50, 2_000)), 1)


def _put(pattern: bytes, *values: bytes) -> Mutation:
    """Change what stands after `pattern` on its line."""

    def mutated(dice: random.Random, octets: bytes) -> bytes:
        place = octets.find(pattern)
        if place < 0:
            return _turned(dice, octets)
        end = octets.index(b"\n", place)
        return octets[: place + len(pattern)] + dice.choice(values) + octets[end:]

    return mutated


def _nested(dice: random.Random, octets: bytes) -> bytes:
    deep = dice.choice((20, 300, 1_500, 3_000))
    head = b"From: a@example.org\r\nMessage-ID: <n%d@x>\r\nMIME-Version: 1.0\r\n" % dice.randrange(
        10**9
    )
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(deep)
    )
    return head + parts + octets


def _within(dice: random.Random, octets: bytes) -> bytes:
    within = b"Content-Type: message/rfc822\r\n\r\n" * dice.choice((5, 500, 5_000))
    return b"From: a@example.org\r\n" + within + octets


def _many(dice: random.Random, octets: bytes) -> bytes:
    event = b"BEGIN:VEVENT\r\nUID:x\r\nDTSTART:20270101T090000Z\r\nEND:VEVENT\r\n"
    return octets.replace(b"END:VCALENDAR", event * dice.choice((10, 5_000)) + b"END:VCALENDAR")


def _zero(dice: random.Random, octets: bytes) -> bytes:
    place = dice.randrange(len(octets))
    return octets[:place] + b"\0" + octets[place:]


MAIL_MUTATIONS: tuple[Mutation, ...] = (
    *(_cut, _turned, _shuffled, _doubled, _nested, _within, _many, _zero),
    _put(
        b"From: ",
        b"a@[",
        b"\xff\xfe",
        b"=?utf-8?q?=00?= <a@\0>",
        b'"' * 5_000,
        b"<" * 500,
        b"a@b," * 9_000,
    ),
    _put(b"Message-ID: ", b"<nul\0@x>", b"<" + b"x" * 5_000 + b"@x>", b"[", b"<a@[", b""),
    _put(b"To: ", b"undisclosed:;", b"a@[" * 100),
    _put(
        b"Content-Type: ",
        b"text/calendar; charset=no-such",
        b"multipart/mixed; boundary=",
        b"\xff" * 99,
    ),
    _put(b"Content-Transfer-Encoding: ", b"base64", b"x-uuencode", b"\0"),
    _put(b"SEQUENCE:", b"9" * 30, b"2147483648", b"-1", b"9" * 5_000, b"0\0", b"\xd9\xa3"),
    _put(b"UID:", b"a\0b", b"x" * 9_000, b""),
    _put(
        b"DTSTAMP:", b"00010101T000000", b"99991231T235959", b"20270110T130000Z" * 500, b"-1", b""
    ),
    _put(
        b"ATTENDEE", b";PARTSTAT=ACCEPTED:mailto:" + b"x" * 9_000, b":mailto:a\0@b", b';CN="' * 99
    ),
    _put(
        b"END:VEVENT",
        b"\r\nRECURRENCE-ID;TZID=Asia/Tokyo:00010101T000000",
        b"\r\nBEGIN:VEVENT" * 3_000,
    ),
    lambda _dice, octets: octets.replace(
        b"SEQUENCE", b"RECURRENCE-ID;TZID=Asia/Tokyo:00010101T000000\r\nSEQUENCE"
    ),
    lambda _dice, octets: octets.replace(b"SEQUENCE", b"RECURRENCE-ID:99991231T235959\r\nSEQUENCE"),
    lambda _dice, _octets: b"",
    lambda dice, _octets: dice.randbytes(dice.choice((1, 100, 10_000))),
    lambda _dice, octets: octets + b"x" * 1_200_000,
    lambda _dice, octets: b"X-Y: z\r\n" * 20_000 + octets,
    lambda _dice, octets: octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
)


@pytest.fixture
def wired(database_url: str) -> Iterator[Database]:
    made = connect(database_url, "https://samkrets.example")
    with time_machine.travel(AT, tick=False):
        yield made
    made.close()


def _invited(database: Database) -> str:
    """Invite ten people to a meeting and return its event."""
    with database.transaction() as session:
        functions = [make_member(session, Role.RC_MEMBER, f"rc{n}").function for n in range(PEOPLE)]
        scopes = {Scope(ScopeKind.FUNCTION, one.id) for one in functions}
        event = put_event(session, MEETING, DETAILS, scopes, AT)
        for function in functions:
            service.invite(session, event, function, AT)
        return event.id


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _mails(
    database: Database, event_id: str, poisons: int
) -> tuple[list[bytes], dict[str, Partstat]]:
    """Good answers with poison before, between and after them, and what each person answered last."""
    dice = random.Random(28)
    with database.reading() as session:
        requests = [mail for mail in outbox.newest(session, None, 100) if mail.method == "REQUEST"]
        for mail in requests:
            session.expunge(mail)
        addresses = [one.address for one in queries.of_event(session, event_id)]
    assert sorted(mail.recipient for mail in requests) == sorted(addresses)
    mails: list[bytes] = []
    last: dict[str, Partstat] = {}
    for number in range(poisons):
        request = dice.choice(requests)
        example = answer_to(request, "TENTATIVE", stamp=_stamp(AT), number=-1 - number)
        mutate = MAIL_MUTATIONS[number % len(MAIL_MUTATIONS)]
        # What poisons is nobody's answer, else a harmless one would be a good mail.
        mails.append(mutate(dice, example.replace(b"TENTATIVE", b"NEEDS-ACTION")))
        if number % 4 == 0:
            good = requests[(number // 4) % PEOPLE]
            partstat = dice.choice((Partstat.ACCEPTED, Partstat.DECLINED))
            stamp = _stamp(AT - timedelta(days=1) + timedelta(seconds=number))
            mails.append(answer_to(good, partstat.value, stamp=stamp, number=number))
            last[good.recipient] = partstat
    return mails, last


def _poison_a_mailbox(database: Database, poisons: int) -> None:
    event_id = _invited(database)
    mails, last = _mails(database, event_id, poisons)
    with serving(*mails) as (url, seen):
        for _ in range(len(mails) // mailbox.MOST_AT_ONCE + 1):
            mailbox.poll(database, url, now)
        assert seen == set(range(1, len(mails) + 1)), "a mail was left unread"
        assert mailbox.poll(database, url, now) == {}
    with database.reading() as session:
        answers = {one.address: one.partstat for one in queries.of_event(session, event_id)}
        reasons = {reply.reason for reply in queries.replies_for_a_person(session)}
    assert answers == last
    assert len(reasons) >= 8  # they were of many kinds, and each says why


def test_every_good_mail_between_poisoned_ones_is_taken(wired: Database) -> None:
    _poison_a_mailbox(wired, QUICK)


@pytest.mark.full
@pytest.mark.timeout(1_800)
def test_every_good_mail_between_500_poisoned_ones_is_taken(wired: Database) -> None:
    _poison_a_mailbox(wired, WHOLE)
