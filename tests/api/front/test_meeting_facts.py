"""A national meeting is renamed, moved and shortened; what that means is said first, and who changed reads it."""

import re
from collections import Counter
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from api.calendar.models import Event
from api.kit.clock import to_local
from api.meetings.models import Meeting
from api.outbox.models import Mail
from api.programme import queries as programmes
from api.programme.models import Slot
from tests.api.proposals.test_programme_content import _publish
from tests.api.proposals.test_programme_workbench import Bench, _invite_hosts
from tests.api.proposals.test_workbench import _version
from tests.promises import keeps, keeps_quiet
from tests.web import HIDDEN


@pytest.fixture
def published(app: FastAPI) -> Bench:
    bench = Bench(app)
    page = bench.start()
    bench.solve()
    _publish(bench, page)
    bench.page = page
    return bench


def _meeting(bench: Bench, session: Session) -> Meeting:
    return session.get_one(Meeting, bench.meeting)


def _fields(page: str) -> dict[str, str]:
    found = dict(
        re.findall(r'<input id="([^"]+)" name="[^"]+" type="[a-z]+" value="([^"]*)"', page)
    )
    found |= dict(re.findall(r'<textarea id="([^"]+)"[^>]*>([^<]*)</textarea>', page))
    return found | {"form": "in_person", "with_programme": "yes"}


def _change(bench: Bench, **fields: str) -> tuple[str, int]:
    """Ask what a change means, then save it; return what was said and the status of the save."""
    path = f"/traffar/{bench.meeting}/uppgifter"
    page = bench.web.get(path).text
    told = bench.web.submit(path, path, _fields(page) | _version(bench.web, path) | fields)
    if told.status_code != 200:
        return told.text, told.status_code
    form = told.text.partition('value="save">')
    data = dict(HIDDEN.findall(form[0][-600:] + form[1] + form[2].partition("</form>")[0]))
    return told.text, bench.web.post(path, data=data).status_code


@keeps("%(num)s inbjuden får mejl om den nya tiden eller platsen:")
def test_a_meeting_is_moved_two_days_with_everything_in_it(published: Bench) -> None:
    with published.app.state.database.transaction() as session:
        _invite_hosts(session)
        meeting = _meeting(published, session)
        before = {one.key: one.starts_at for one in programmes.programme(session, meeting.id).slots}
        starts, ends = to_local(meeting.starts_at), to_local(meeting.ends_at)
    later = {
        "first_day": (starts + timedelta(days=7)).date().isoformat(),
        "last_day": (ends + timedelta(days=7)).date().isoformat(),
    }
    mails = _addresses(published)
    said, status = _change(published, **later)
    assert status == 303
    told = re.findall(r'class="chips">(.*?)</ul>', said, re.DOTALL)[0].count("<li>")
    assert len(set((_addresses(published) - mails).elements())) == told > 0
    with published.app.state.database.reading() as session:
        slots = session.exec(select(Slot).where(Slot.meeting_id == published.meeting)).all()
        moved = {_days(before[one.key], one.starts_at) for one in slots}
        assert moved == {7}
        events = session.exec(select(Event).where(Event.subject_kind == "session")).all()
        assert {one.starts_at for one in events if one.starts_at} <= {
            one.starts_at for one in slots
        }


def _addresses(bench: Bench) -> Counter[str]:
    with bench.app.state.database.reading() as session:
        return Counter(one.recipient for one in session.exec(select(Mail)))


def _days(before: datetime, after: datetime) -> int:
    assert to_local(before).time() == to_local(after).time()
    return (to_local(after).date() - to_local(before).date()).days


@keeps_quiet("Ingen får mejl. Sidan och kalendrarna visar det nya.")
def test_another_name_and_focus_are_said_at_once_and_nobody_gets_mail(published: Bench) -> None:
    with published.app.state.database.reading() as session:
        mails = len(session.exec(select(Mail)).all())
    said, status = _change(published, name_sv="Vinterträffen", focus_sv="Skolan och vi")
    assert status == 303
    assert "Vinterträffen" in said
    assert "Ingen får mejl" in said
    page = published.web.get(f"/traffar/{published.meeting}").text
    assert "Vinterträffen" in page
    assert "Skolan och vi" in page
    with published.app.state.database.reading() as session:
        meeting = _meeting(published, session)
        assert meeting.focus_en == "Skolan och vi"  # better than another focus in English
        assert len(session.exec(select(Mail)).all()) == mails


def test_a_change_is_taken_back_whole_from_its_receipt(published: Bench) -> None:
    path = f"/traffar/{published.meeting}/uppgifter"
    published.app.state.database.info["outbox"].hold = timedelta(minutes=10)
    before = _whole(published)
    starts = before["starts_at"]
    assert isinstance(starts, datetime)
    day = (to_local(starts) + timedelta(days=7)).date()
    typed = {
        "name_sv": "Vinterträffen",
        "focus_sv": "Skolan och vi",
        "town": "Luleå",
        "first_day": day.isoformat(),
        "last_day": (day + timedelta(days=1)).isoformat(),
    }
    page = published.web.get(path).text
    told = published.web.submit(path, path, _fields(page) | _version(published.web, path) | typed)
    form = told.text.partition('value="save">')
    data = dict(HIDDEN.findall(form[0][-600:] + form[1] + form[2].partition("</form>")[0]))
    done = published.web.post(path, data=data)
    where = done.headers["location"]
    shown = published.web.get(where).text
    assert "Träffen är ändrad." in shown
    assert _whole(published) != before
    (action,) = set(re.findall(r'action="(/angra/[^"]+)"', shown))
    assert published.web.submit(where, action, {}).status_code == 303
    assert _whole(published) == before


def _whole(bench: Bench) -> dict[str, object]:
    """Return all that a change of a meeting's facts touches, its sessions' times too."""
    with bench.app.state.database.reading() as session:
        meeting = _meeting(bench, session)
        names = ("name_sv", "name_en", "focus_sv", "focus_en", "town", "form", "starts_at")
        found: dict[str, object] = {name: getattr(meeting, name) for name in names}
        found["ends_at"] = meeting.ends_at
        slots = programmes.programme(session, meeting.id).slots
        return found | {one.key: one.starts_at for one in slots}


def test_a_shorter_meeting_names_the_sessions_that_fall_outside(published: Bench) -> None:
    said, status = _change(published, ends="12:00")
    assert status == 303
    assert "hamnar utanför träffens tider" in said
    wrong, status = _change(published, ends="tolv", name_sv=" ")
    assert status == 422
    assert 'value="tolv"' in wrong  # what was typed is kept


def test_whoever_takes_part_reads_what_has_changed(published: Bench) -> None:
    path = f"/traffar/{published.meeting}"
    assert "andrat" not in published.web.get(path).text
    draft = str(published.web.submit(published.page, f"{published.page}/andra").headers["location"])
    draft = draft.partition("#")[0]
    runs = re.findall(
        r'data-place="([^"]+)"><div data-held="([^"]+)"', published.web.get(draft).text
    )
    key = next(key for _, key in runs if not key.startswith(("opening", "closing", "agency")))
    data = _version(published.web, draft) | {"key": key, "place": "-"}
    published.web.submit(draft, f"{draft}/flytta", data)
    _publish(published, draft)
    assert f"{path}/andrat" in published.web.get(path).text
    assert "ställs in" in published.web.get(f"{path}/andrat").text


def test_where_a_time_is_changed_leads_to_the_programmes_facts(published: Bench) -> None:
    moved = published.web.get(f"/traffar/{published.meeting}/tid")
    assert moved.headers["location"] == f"/traffar/{published.meeting}/uppgifter"
