import re

import pytest
from fastapi import FastAPI

from api.accounts.models import Role
from api.audit.naming import SAID
from api.audit.service import record
from api.audit.web.fields import VALUES
from api.audit.web.reading import PAGE_SIZE, Change, changes, read
from api.calendar.models import Level, ScopeKind
from api.calendar.service import Scope
from api.feeds.service import Wish, subscribe
from api.kit.clock import now
from api.kit.i18n import LANGUAGES, Language, Speaker
from tests.factories import make_meeting, make_member
from tests.web import browser


def test_planners_read_who_changed_what(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person
        record(session, planner.id, "moved", ("meeting", "m1"), {"town": "Umeå"}, {"town": "Luleå"})
        record(session, "system", "published", ("network", "n1"), after={"name": "Exempel"})
        person_id, name = planner.id, planner.name
        meeting = make_meeting(session)
        record(session, planner.id, "moved", ("meeting", meeting.id))
        called = meeting.name_sv
    web = browser(app, person_id)
    page = web.get("/logg").text
    assert f"flyttade en träff <strong>{called}</strong>" in page
    assert page.index("publicerade en krets") < page.rindex("flyttade en träff")
    assert name in page
    assert "Umeå → Luleå" in page
    narrowed = web.get("/en/logg?kind=meeting").text
    assert "moved a meeting" in narrowed
    assert "published network" not in narrowed


def test_what_stood_before_and_after_is_said_in_words(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER)
        person_id, name = planner.person.id, planner.person.name
        before: dict[str, object] = {"holder_id": None, "deputy_hands_over": False, "version": 1}
        after: dict[str, object] = {"holder_id": person_id, "deputy_hands_over": True, "version": 2}
        subject = ("function", planner.function.id)
        record(session, person_id, "changed", subject, before, after)
        moved: dict[str, object] = {
            "starts_at": "2027-02-02T12:00:00+00:00",
            "form": "in_person",
            "state": "draft",
        }
        came: dict[str, object] = {
            "starts_at": "2027-02-03T12:00:00+00:00",
            "form": "digital",
            "state": "published",
        }
        record(session, person_id, "moved", ("meeting", "m1"), moved, came)
        gone: dict[str, object] = {
            "place": "7ad14a42-9aa2-4f29-80da-ffa49c59195c",
            "title": "Att läsa",
        }
        record(session, person_id, "removed", ("material", "m2"), gone)
        record(session, person_id, "changed", ("rc", "skane"), {"mobile": None}, {"mobile": True})
    page = browser(app, person_id).get("/logg").text
    assert "Mobilt: åker dit det behövs:</span> – → ja" in page
    said = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page)
    wanted = [
        ("Finns hos", "något som inte finns kvar → –"),
        ("Namn", "Att läsa → –"),
        ("Börjar", "2 feb 2027, 13.00 → 3 feb 2027, 13.00"),
        ("Form", "på plats → digitalt"),
        ("Status", "utkast → bestämd"),
        ("Har funktionen", f"– → {name}"),
        ("Ersättaren får lämna över", "nej → ja"),
    ]
    assert [one for one in wanted if one not in said] == []
    assert not re.search(r"[a-z]_[a-z]|[0-9a-f]{8}-", "".join(map("".join, said)))


def test_what_has_no_name_of_its_own_says_whose_it_is(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person
        meeting = make_meeting(session)
        scope = Scope(ScopeKind.MEETING, meeting.id)
        wish = Wish(
            scope=scope,
            level=Level.NEUTRAL,
            language="sv",
            name="Träffens kalender",
            owner_person_id=planner.id,
            label="hemlig",
        )
        subscribe(session, wish, now())
        record(session, planner.id, "published", ("programme", meeting.id))
        record(session, planner.id, "signed_in", ("session", "s1"))
        person_id, called = planner.id, meeting.name_sv
    page = browser(app, person_id).get("/logg").text
    assert f"publicerade ett program ({called})" in page
    assert "skapade en kalenderlänk (Träffens kalender)" in page
    assert "hemlig" not in page  # what its owner calls it is the owner's
    assert "loggade in</td>" in page


def test_the_log_is_paged_and_a_page_too_far_is_the_last(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        for number in range(PAGE_SIZE + 1):
            record(session, "system", "imported", ("rc", str(number)))
    with app.state.database.reading() as session:
        say = Speaker("sv")
        first, last = read(session, say, 1), read(session, say, 99)
    assert (first.last, first.lines[0].number) == (2, PAGE_SIZE + 1)
    assert [line.number for line in last.lines] == [1]


def test_only_what_differs_is_a_change() -> None:
    assert changes({"a": 1, "b": 2}, {"b": 3, "c": 4, "a": 1}) == (
        Change("b", 2, 3),
        Change("c", None, 4),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_state_is_called_what_its_own_pages_call_it(app: FastAPI, language: Language) -> None:
    """Each state of each kind that has pages: what the log says of it is their word, in both languages."""
    assert {kind for kind, _ in SAID} >= {
        "job", "meeting", "needs_survey", "proposal", "series", "invitation", "visit_ask",
    }  # fmt: skip
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        for (kind, field), words in SAID.items():
            for value in words:
                after: dict[str, object] = {field: str(value)}
                record(session, planner, "changed", (kind, f"{kind}-{value}"), None, after)
    web, way = browser(app, planner), "/en/logg" if language == "en" else "/logg"
    for (kind, _), words in SAID.items():
        said = re.findall(r"– → ([^<\n]*)", web.get(f"{way}?kind={kind}").text)
        assert sorted(said) == sorted(map(Speaker(language).text, words.values())), kind
    assert not {value for words in SAID.values() for value in words} & VALUES.keys() - SHARED


# What other kinds of rows hold too, whose values no page names: an open poll, a yes.
SHARED = {"open", "closed", "asked", "yes", "no"}
