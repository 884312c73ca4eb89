"""The page: a check that writes nothing whatever the file is, and a confirmation of what was shown."""

import logging
import random
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select

from api.accounts.models import Role
from api.kit.clock import now
from api.meetings.models import Meeting, MeetingState
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.standing.models import ImportedEvent
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import HIDDEN, Browser, browser

PAGE = "/planera/traffar/las-in"
SAMPLES = Path(__file__).with_name("samples")
CHOICES = {"whose": "other", "form": "digital", "town": "", "focus": "Exempel på fokus"}
TAKE = re.compile(r'name="take" value="([0-9a-f]{64})"')


def planner(app: FastAPI) -> Browser:
    with app.state.database.transaction() as session:
        person_id = make_member(session, Role.PLANNER).person.id
    return browser(app, person_id)


def ahead(days: int = 40) -> str:
    return f"{now() + timedelta(days=days):%Y%m%d}"


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\n{text}\r\nEND:VEVENT\r\n" for text in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n".encode()


def one(day: str, name: str = "Exempel möte", uid: str = "en") -> str:
    return f"UID:{uid}\r\nSUMMARY:{name}\r\nDTSTART:{day}T080000Z\r\nDURATION:PT1H"


def check(web: Browser, content: bytes, **fields: str) -> Any:  # noqa: ANN401 - httpx2's Response
    token = dict(HIDDEN.findall(web.get(PAGE).text))["form_token"]
    files = {"file": ("kalender.ics", content, "text/calendar")}
    return web.post(PAGE, data={"form_token": token, **CHOICES, **fields}, files=files)


def confirm(web: Browser, checked: str, take: list[str] | None = None) -> Any:  # noqa: ANN401 - httpx2's Response
    hidden = dict(HIDDEN.findall(checked))
    data = {
        "form_token": hidden["form_token"],
        "plan": hidden["plan"],
        "take": TAKE.findall(checked) if take is None else take,
    }
    return web.post(f"{PAGE}/bekrafta", data=data)


def starts(app: FastAPI) -> list[datetime]:
    with app.state.database.reading() as session:
        found = session.exec(select(Meeting).where(Meeting.state != MeetingState.CANCELLED))
        return sorted(meeting.starts_at for meeting in found)


def is_empty(app: FastAPI) -> bool:
    with app.state.database.reading() as session:
        return not session.exec(select(Meeting)).all() + session.exec(select(ImportedEvent)).all()


def test_checked_confirmed_and_confirmed_again(app: FastAPI) -> None:
    web = planner(app)
    checked = check(web, calendar(one(ahead())))
    assert checked.status_code == 200
    assert "1 ny träff" in checked.text
    assert "Annan träff, alla RC" in checked.text
    assert is_empty(app)
    done = confirm(web, checked.text)
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"{PAGE}?klart=1&nya=1&andrade=0&installda=0",
    )
    assert "1 ny träff" in web.get(done.headers["location"]).text
    assert len(starts(app)) == 1
    assert confirm(web, checked.text).status_code == 303  # the same press: once
    assert len(starts(app)) == 1
    again = check(web, calendar(one(ahead())))
    assert "1 finns redan" in again.text
    assert "Det finns inget att spara." in again.text


def test_a_moved_file_says_from_when_and_moves(app: FastAPI) -> None:
    web = planner(app)
    confirm(web, check(web, calendar(one(ahead()))).text)
    (before,) = starts(app)
    checked = check(web, calendar(one(ahead(47))))
    assert "flyttas från" in checked.text
    assert confirm(web, checked.text).status_code == 303
    assert starts(app) == [before + timedelta(days=7)]


def test_a_plan_that_no_longer_holds_is_shown_anew_and_not_written(app: FastAPI) -> None:
    web = planner(app)
    first = check(web, calendar(one(ahead())))
    second = check(web, calendar(one(ahead())))
    assert confirm(web, first.text).status_code == 303
    late = confirm(web, second.text)
    assert late.status_code == 409
    assert "Något har ändrats sedan du kontrollerade filen" in late.text
    assert len(starts(app)) == 1


def test_a_confirmation_of_nothing_keeps_what_was_checked(app: FastAPI) -> None:
    web = planner(app)
    checked = check(web, calendar(one(ahead()), one(ahead(41), "Exempel två", "2")))
    empty = confirm(web, checked.text, [])
    assert empty.status_code == 422
    assert "Välj minst en händelse" in empty.text
    assert is_empty(app)
    some = confirm(web, empty.text, TAKE.findall(empty.text)[:1])
    assert some.status_code == 303
    assert len(starts(app)) == 1


@pytest.mark.parametrize("plan", ["", "x", "eyJ3aG8iOiJ4In0.aaaa.bbbb"])
def test_a_plan_that_is_not_ours_is_refused(app: FastAPI, plan: str) -> None:
    web = planner(app)
    answer = web.submit(PAGE, f"{PAGE}/bekrafta", {"plan": plan})
    assert answer.status_code == 409
    assert is_empty(app)


def test_a_plan_is_for_whoever_checked_the_file(app: FastAPI) -> None:
    checked = check(planner(app), calendar(one(ahead())))
    other = planner(app)
    data = {"plan": dict(HIDDEN.findall(checked.text))["plan"], "take": TAKE.findall(checked.text)}
    token = dict(HIDDEN.findall(other.get(PAGE).text))["form_token"]
    assert other.post(f"{PAGE}/bekrafta", data={"form_token": token, **data}).status_code == 409
    assert is_empty(app)


def test_a_network_meeting_is_its_networks(app: FastAPI) -> None:
    web = planner(app)
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        group = Group(Layer.LIKENESS, ("fyrbodal", "skaraborg"), {}, 92.0)
        publish_round(session, "one", [group], "nch", now())
        network_id = networks.active_networks(session)[0].id
    checked = check(web, calendar(one(ahead(200))), whose=f"network:{network_id}")
    assert confirm(web, checked.text).status_code == 303
    with app.state.database.reading() as session:
        found = session.exec(select(Meeting).where(Meeting.name_sv == "Exempel möte")).one()
        assert found.network_id == network_id
    assert check(web, calendar(one(ahead())), whose="network:x").status_code == 422


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"whose": ""}, "whose"),
        ({"whose": "study_visit"}, "whose"),
        ({"form": "x"}, "form"),
        ({"form": "in_person"}, "town"),
        ({"form": "hybrid", "town": "Exempelgatan 1"}, "town"),
        ({"form": "hybrid", "town": "Exempelgatan, Falköping"}, "town"),
        ({"focus": "x" * 501}, "focus"),
        ({"focus": "exempel@example.org"}, "focus"),
    ],
)
def test_each_choice_says_what_is_wrong_with_it(
    app: FastAPI, fields: dict[str, str], field: str
) -> None:
    answer = check(planner(app), calendar(one(ahead())), **fields)
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert check(planner(app), b"").status_code == 422
    assert is_empty(app)


def test_the_samples_are_shown_without_persons_addresses_and_places(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    web = planner(app)
    with caplog.at_level(logging.DEBUG):
        for file in sorted(SAMPLES.glob("*.ics")):
            answer = check(web, file.read_bytes())
            assert answer.status_code == 200
            shown = answer.text.partition("<main")[2].partition("</main>")[0]
            for secret in (
                "Exempel Person",
                "example.org",
                "gatan 1",
                "Exempel Deltagare",
                "08-123",
            ):
                assert secret not in shown
    # the text of a file is in no log
    for name in ("Samverkansforum", "Rutiner", "Chefsgruppen", "Tandl", "Budget"):
        assert name not in caplog.text
    assert is_empty(app)


def _mutated(whole: bytes, draw: random.Random) -> bytes:
    spoiled = bytearray(whole)
    for _ in range(draw.randint(1, 5)):
        if not spoiled:
            break
        place = draw.randrange(len(spoiled))
        how = draw.randrange(6)
        if how == 0:
            spoiled[place] = draw.choice(b"0123456789:;=,TZ-PA\r\n\x00\xff\xc3")
        elif how == 1:
            del spoiled[place : place + draw.randint(1, 60)]
        elif how == 2:
            del spoiled[place:]
        elif how == 3:
            spoiled[place:place] = spoiled[max(0, place - draw.randint(1, 400)) : place]
        elif how == 4:
            lines = bytes(spoiled).split(b"\r\n")
            draw.shuffle(lines)
            spoiled = bytearray(b"\r\n".join(lines))
        else:
            lines = bytes(spoiled).split(b"\r\n")
            lines.pop(draw.randrange(len(lines)))
            spoiled = bytearray(b"\r\n".join(lines))
    return bytes(spoiled)


def _hostile() -> list[bytes]:
    day = ahead()
    good = one(day)
    rules = [
        "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;INTERVAL=999999999999",
        "RRULE:FREQ=DAILY;COUNT=-1",
        "RRULE:FREQ=DAILY;COUNT=x",
        "RRULE:FREQ=DAILY;UNTIL=99999999",
        "RRULE:" + "FREQ=DAILY;" * 5000,
        "RRULE:FREQ=DAILY;BYDAY=" + ",".join(["MO"] * 20000),
        "RDATE:" + ",".join([f"{day}T080000Z"] * 5000),
        "EXDATE;VALUE=PERIOD:x/y",
        "RDATE;VALUE=PERIOD:20270101T080000Z/PT1H",
        "RECURRENCE-ID:x",
        "RECURRENCE-ID;VALUE=DATE:20270101",
        "SEQUENCE:" + "9" * 5000,
        "DESCRIPTION:" + "<" * 200_000,
        "DESCRIPTION:" + "\\n" * 200_000,
        "DESCRIPTION:" + "1 " * 200_000,
        "CLASS:\x00",
        "STATUS:" + "x" * 10_000,
        'DTEND;TZID="' + "x" * 10_000 + '":20270101T080000',
        "DTEND;TZID=:20270101T080000",
        "DTSTART:00010101T000000Z",
        "DTSTART:99991231T235959Z",
    ]
    plain = f"UID:1\r\nSUMMARY:x\r\nDTSTART:{day}T080000Z"
    edges = [
        "DURATION:P99999999999D",
        "DURATION:-P1W",
        "DTEND:00010101T000000Z",
        "DTEND:99991231T235959",
        "DTEND;VALUE=DATE:20270101",
    ]
    return [
        *(calendar(f"{good}\r\n{rule}") for rule in rules),
        *(calendar(f"{plain}\r\n{edge}") for edge in edges),
        calendar("UID:1\r\nSUMMARY:x\r\nDTSTART:00010101T000000\r\nDURATION:PT1H"),
        calendar("UID:1\r\nSUMMARY:x\r\nDTSTART:99991231T235959\r\nDURATION:PT1H"),
        calendar(good) * 2,
        calendar(good).decode().encode("utf-16"),
        calendar(one(day, "Möte")).decode().encode("latin-1"),
        calendar("BEGIN:VEVENT\r\n" * 100 + good + "\r\nEND:VEVENT" * 100),
        calendar("BEGIN:VCALENDAR\r\nEND:VCALENDAR"),
        calendar(good).replace(b"\r\n", b"\r"),
        calendar(good).replace(b"\r\n", b"\n\n"),
        calendar(good).replace(b":", b""),
        b"\r\n".join([b"BEGIN:VCALENDAR"] * 1000),
        b" " * 1_000_000,
        b"\n " * 400_000,
        b"\x00" * 1_000_000,
        b"PK\x03\x04" + bytes(range(256)) * 50,
        b"x" * 1_000_001,
    ]


def test_no_file_breaks_the_check_or_writes_anything(app: FastAPI) -> None:
    web = planner(app)
    draw = random.Random(8)
    wholes = [file.read_bytes() for file in sorted(SAMPLES.glob("*.ics"))]
    wholes.append(calendar(one(ahead()), f"{one(ahead(), uid='2')}\r\nRRULE:FREQ=WEEKLY;COUNT=5"))
    files = [*_hostile(), *(_mutated(draw.choice(wholes), draw) for _ in range(110))]
    token = dict(HIDDEN.findall(web.get(PAGE).text))["form_token"]
    said = set()
    for content in files:
        upload = {"file": ("kalender.ics", content, "text/calendar")}
        answer = web.post(PAGE, data={"form_token": token, **CHOICES}, files=upload)
        assert answer.status_code in {200, 422}, content[:300]
        said.add(answer.status_code)
    assert said == {200, 422}
    assert is_empty(app)


def test_only_planners_find_the_page_and_its_links(app: FastAPI) -> None:
    assert f'href="{PAGE}"' in planner(app).get("/planera/aret").text
    with app.state.database.transaction() as session:
        member = make_member(session, Role.RC_MEMBER, rc_id="skane").person.id
    assert PAGE not in browser(app, member).get("/traffar").text
