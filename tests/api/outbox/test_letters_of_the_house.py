"""The mails that nobody's act sends: the weekly letter, and how far the log has come."""

from datetime import timedelta

from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.feeds.housekeeping import send_digests
from api.operations.heads import note_daily_head
from api.outbox.models import Mail
from tests.api.feeds.test_housekeeping import MONDAY, put
from tests.factories import make_member
from tests.links import opens
from tests.promises import keeps
from tests.web import browser


@keeps("Skicka ett mejl på måndagar om träffarna de närmaste fyra veckorna")
@opens("digest", "log_head")
def test_each_goes_once_and_leads_where_nothing_changes(app: FastAPI) -> None:
    database, settings = app.state.database, app.state.settings
    with database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, "skaraborg")
        put(session, member, "a", 3)
        asked, person = member.person.email, member.person.id
    chosen = {"delivery": "invitation", "digest": "yes"}
    saved = browser(app, person).submit("/prenumerera", "/prenumerera/leverans", chosen)
    assert saved.status_code == 303
    mailed = settings.model_copy(update={"audit_mail": "arkiv@example.org"})
    for hours in range(2):
        with database.transaction() as session:
            send_digests(session, MONDAY + timedelta(hours=hours))
        note_daily_head(database, mailed, MONDAY + timedelta(hours=hours))
    with database.reading() as session:
        assert sorted(session.exec(select(Mail.recipient))) == sorted([asked, "arkiv@example.org"])
