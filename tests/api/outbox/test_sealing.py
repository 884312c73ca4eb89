"""A copy of the database opens no link of a mail that waits; mails lead to where the service is when they go."""

import re
import secrets
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from api.accounts.models import Role
from api.accounts.service import ask_for_link
from api.calendar import queries as calendar
from api.invitations import service
from api.kit.clock import now
from api.kit.db import Database
from api.outbox import sealing
from api.outbox.models import Mail, MailState
from api.outbox.sending import send_due
from api.outbox.service import Options, queue
from api.wiring import connect
from tests.api.outbox.test_outbox import SENDER, Difficult, parsed, serving
from tests.factories import make_meeting, make_member

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
OLD, NEW = "https://gammal.example", "https://samkrets.example.se"


def sent(url: str, base_url: str) -> list[str]:
    """Send what waits from a service at an address, and return each mail's text, HTML and calendar as one."""
    handler = Difficult("well")
    database = connect(url, base_url)
    with serving(handler) as server:
        send_due(database, server, SENDER, lambda: datetime(2099, 1, 1, tzinfo=UTC))
    database.close()
    return [
        "".join(
            bytes(part.get_payload(decode=True)).decode()
            for part in parsed(octets).walk()
            if not part.is_multipart()
        )
        for octets in handler.taken
    ]


def ask_everything(url: str) -> None:
    """A sign-in link, an invitation and a mail with a link of any other kind wait in the outbox."""
    database = connect(url, OLD)
    with database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "rc1")
        meeting_id, function, email = make_meeting(session).id, member.function, member.person.email
        session.flush()
        event = calendar.event_of(session, "meeting", meeting_id)
        assert event is not None
        service.invite(session, event, function, now())
        ask_for_link(session, email, "/", "sv", now())
        link = f"{OLD}/utvardering/{secrets.token_urlsafe(32)}"
        html = f'<a href="{link}">Svara</a>'
        queue(session, email, "Hur var det?", f"{link}\n", html, now(), Options(is_secret=True))
    database.close()


def test_no_token_stands_in_a_mail_that_waits_and_each_arrives_whole(database_url: str) -> None:
    ask_everything(database_url)
    database = Database(database_url, OLD)
    with database.reading() as session:
        waiting = session.exec(select(Mail).where(Mail.state == MailState.QUEUED)).all()
        assert len(waiting) == 3
        for mail in waiting:
            stored = mail.text + mail.html + (mail.calendar or b"").decode()
            assert "\ue000" in stored
            assert not TOKEN.search(re.sub("\ue000[^\ue001]*\ue001", "", stored))
            assert OLD not in stored
            assert not TOKEN.search(sealing.blinded(session, mail.text))
    database.close()
    texts = sent(database_url, NEW)
    assert len(texts) == 3
    for text in texts:
        assert "\ue000" not in text
        assert f"{NEW}/" in text
        assert OLD not in text
        assert TOKEN.search(text)


def test_sealing_is_undone_by_its_key_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = secrets.token_urlsafe(32)
    word = "a" * 43  # as long as a token, but none
    text = f"Öppna {token} eller {word}."
    sealed = sealing.seal(session, text, has_tokens=True)
    assert token not in sealed
    assert sealed != sealing.seal(session, text, has_tokens=True)  # no two alike
    assert sealing.unseal(session, sealed) == text
    monkeypatch.setenv("SAMKRETS_AUDIT_KEY", "another key, as long as any other one")
    assert token not in sealing.unseal(session, sealed)
    assert sealing.opened("utan", "", None) == "utan"
    with pytest.raises(sealing.UnsealableError):
        sealing.opened(sealed, "", None)


def test_a_calendar_part_is_folded_again_as_it_was(session: Session) -> None:
    lines = [
        "BEGIN:VCALENDAR",
        "DESCRIPTION:" + "å€𝄞x" * 40,
        "URL:https://a.example/b",
        "END:VCALENDAR",
    ]
    whole = "\r\n".join(lines) + "\r\n"
    opened = sealing.unseal_part(session, sealing.seal_part(session, whole.encode()))
    assert max(map(len, opened.split(b"\r\n"))) <= 75
    assert opened.replace(b"\r\n ", b"").decode() == whole
