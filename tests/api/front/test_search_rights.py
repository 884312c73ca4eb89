"""Every kind, asked for by everybody: found is what the page would open; and what goes is not found a moment longer."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, text, update
from sqlmodel import Session, col, select

from api.accounts.models import Person, Role
from api.front.home.finding import KINDS, write_whole
from api.kit.clock import now
from api.kit.finding import triggers
from api.kit.finding.matching import near, plain, stem
from api.kit.finding.models import SearchEntry, SearchMark
from api.library.models import Material, ReadBy
from api.meetings.models import Meeting, MeetingKind, MeetingState
from api.networks.foresight import Group
from api.networks.models import Layer, Network, NetworkMember
from api.networks.service import publish_round
from api.outbox.service import queue
from api.questions.models import Answer, Audience, Frequent, Question
from api.registry.models import Rc
from api.surveys.models import NeedsSurvey, SurveyState, Theme
from tests import migrated
from tests.factories import Member, make_meeting, make_member
from tests.shipped import import_shipped
from tests.web import Browser, browser

# A word of each thing's own, and the kind that it is of.
WORDS = {
    "avokado": "rc",
    "brunkulla": "post",
    "cikoria": "network",
    "dragonört": "meeting",  # of the circle
    "etternässla": "meeting",  # of all
    "fjällsippa": "meeting",  # a draft
    "gullviva": "survey",
    "hästhov": "survey",  # a draft
    "hundkex": "theme",
    "ishavshattar": "question",  # to the circle
    "jungfrulin": "question",  # to all
    "kattfot": "question",  # to NCH
    "liljekonvalj": "question",  # an answer of the circle's
    "mandelblom": "frequent",
    "nattviol": "frequent",  # offered, not published
    "odonris": "material",  # the circle's
    "prästkrage": "material",  # of a topic
    "rosenrot": "material",  # a draft meeting's
    "smörboll": "mail",
    "trollsmultron": "log",  # by the planner's name
}

EVIDENCE: dict[str, object] = {
    "attributes": [],
    "members": [],
    "pre_operational": [],
    "operational": [],
    "farthest_km": 92.0,
}


def _theme(key: str, name: str) -> Theme:
    return Theme(
        id=key, name_sv=name, name_en="x", category="legal", roles=[], phases=[], formats=[]
    )


def _furnish(app: FastAPI) -> tuple[dict[str, Member], dict[str, str]]:
    """Put one thing of each word into the database; return who asks, and each thing's page."""
    at = now()
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        people = {
            "asker": make_member(session, Role.RC_MEMBER, rc_id="skaraborg"),
            "mate": make_member(session, Role.RC_MEMBER, rc_id="fyrbodal"),
            "stranger": make_member(session, Role.RC_MEMBER, rc_id="jamtland"),
            "planner": make_member(session, Role.PLANNER),
            "reader": make_member(session, Role.READER),
            "guest": make_member(session, Role.GUEST),
        }
        people["planner"].person.name = "Trollsmultron"
        people["guest"].person.name = "Brunkulla"
        session.flush()
        group = Group(Layer.LIKENESS, ("fyrbodal", "goteborg", "skaraborg"), EVIDENCE, 92.0)
        publish_round(session, "one", [group], people["planner"].person.id, at)
        session.flush()
        circle = session.exec(select(Network)).one()
        circle.name_sv, circle.named_by = "Cikoria", "skaraborg"
        rc = session.get_one(Rc, "skaraborg")
        rc.notes, rc.staffing = None, "avokado"
        made = {word: make_meeting(session) for word in ("dragonört", "etternässla", "fjällsippa")}
        for word, meeting in made.items():
            meeting.name_sv, meeting.state = word, MeetingState.PUBLISHED
        made["dragonört"].kind, made["dragonört"].network_id = MeetingKind.NETWORK, circle.id
        made["fjällsippa"].state = MeetingState.DRAFT
        themes = [_theme("t1", "Hundkex"), _theme("t2", "Övrigt")]
        survey = NeedsSurvey(
            title_sv="Gullviva",
            title_en="Cowslip",
            deadline=at + timedelta(days=9),
            theme_ids=[],
            days=[],
            rc_ids=[],
        )
        draft = NeedsSurvey(**{**survey.model_dump(), "id": "draft", "title_sv": "Hästhov"})
        survey.state = SurveyState.OPEN
        session.add_all([*themes, survey, draft])
        session.flush()
        post = people["asker"].function.id
        asked = {
            word: Question(
                function_id=post,
                rc_id="skaraborg",
                audience=audience,
                network_id=circle.id if audience is Audience.CIRCLE else None,
                asked_ids=["fyrbodal", "goteborg", "skaraborg"],
                text=word,
                asked_at=at,
            )
            for word, audience in (
                ("ishavshattar", Audience.CIRCLE),
                ("jungfrulin", Audience.ALL),
                ("kattfot", Audience.NCH),
                ("liljekonvalj", Audience.CIRCLE),
            )
        }
        session.add_all(asked.values())
        session.flush()
        asked["liljekonvalj"].text = "vad?"
        session.add(
            Answer(
                question_id=asked["liljekonvalj"].id,
                function_id=people["mate"].function.id,
                rc_id="fyrbodal",
                text="Liljekonvalj",
                answered_at=at,
            )
        )
        session.add_all(
            Frequent(question=word, answer="ja", offered_at=at, published_at=published)
            for word, published in (("mandelblom", at), ("nattviol", None))
        )
        kept = {
            "odonris": Material(network_id=circle.id, read_by=ReadBy.CIRCLE, title="odonris", address="https://example.org/1", added_at=at),
            "prästkrage": Material(theme_id="t2", read_by=ReadBy.ALL, title="prästkrage", address="https://example.org/2", added_at=at),
            "rosenrot": Material(meeting_id=made["fjällsippa"].id, title="rosenrot", address="https://example.org/3", added_at=at),
        }  # fmt: skip
        session.add_all(kept.values())
        queue(session, "a@example.org", "Smörboll", "T", "", at)
        session.flush()
        pages = {
            "avokado": "/rc/skaraborg",
            "brunkulla": f"/organisationer/{people['guest'].body.id}",
            "cikoria": f"/natverk/{circle.id}",
            **{word: f"/traffar/{one.id}" for word, one in made.items()},
            "gullviva": f"/enkater/{survey.id}",
            "hästhov": "/enkater/draft",
            "hundkex": "/planera/amnen",
            **{word: f"/fragor/{one.id}" for word, one in asked.items()},
            "mandelblom": "/fragor",
            "nattviol": "/fragor",
            "odonris": "/bibliotek",
            "prästkrage": "/bibliotek",
            "rosenrot": "/bibliotek",
            "smörboll": "/planera/utskick",
            "trollsmultron": "/logg",
        }
        session.flush()
        session.expunge_all()
    return people, pages


def _finds(web: Browser, word: str) -> bool:
    """Whether a search leads anywhere."""
    answer = web.get("/sok", params={"q": word}, headers={"X-Part": "found"})
    return answer.status_code == 200 and 'class="row-link"' in answer.text


def _opens(web: Browser, path: str, word: str, *, is_own_page: bool) -> bool:
    """Whether the thing's page opens; a list must also name it."""
    answer = web.get(path)
    if answer.status_code != 200:
        return False
    return is_own_page or plain(word) in plain(answer.text.partition("<main")[2])


def test_everybody_finds_what_the_pages_would_open_and_nothing_else(app: FastAPI) -> None:
    people, pages = _furnish(app)
    webs = {who: browser(app, one.person.id) for who, one in people.items()}
    lists = {"hundkex", "mandelblom", "nattviol", "odonris", "prästkrage", "rosenrot", "smörboll", "trollsmultron"}  # fmt: skip
    found = {(who, word): _finds(web, word) for who, web in webs.items() for word in WORDS}
    opens = {
        (who, word): _opens(web, pages[word], word, is_own_page=word not in lists)
        for who, web in webs.items()
        for word in WORDS
    }
    # What is offered is found when it is published; bodies are for all who may read of them, people for planners.
    for who in webs:
        assert found.pop((who, "nattviol")) is False
        assert found.pop((who, "brunkulla")) is (who == "planner")
        del opens[who, "nattviol"], opens[who, "brunkulla"]
    assert {key for key in found if found[key] != opens[key]} == set()
    assert browser(app).get("/sok?q=avokado").status_code in {303, 401}
    assert {kind.name for kind in KINDS} == set(WORDS.values())
    assert {one.kind for one in triggers.WATCHES} == set(WORDS.values())
    told = {who: {word for word in WORDS if found.get((who, word))} for who in webs}
    assert {"ishavshattar", "liljekonvalj"} <= told["mate"]
    for who in ("stranger", "planner", "reader", "guest"):
        assert not {"ishavshattar", "liljekonvalj"} & told[who], who


def test_what_changes_is_found_anew_and_what_goes_is_gone_at_once(app: FastAPI) -> None:
    """Also where a bulk statement, another thing's name or the database itself does it."""
    people, _ = _furnish(app)
    database = app.state.database
    planner = browser(app, people["planner"].person.id)
    mate = browser(app, people["mate"].person.id)
    write_whole(database)
    assert _finds(mate, "liljekonvalj")

    def indexed(session: Session, word: str) -> list[SearchEntry]:
        held = col(SearchEntry.names).contains(plain(word)) | col(SearchEntry.words).contains(
            plain(word)
        )
        return list(session.exec(select(SearchEntry).where(held)))

    with database.transaction() as session:
        session.execute(delete(Answer))
        session.execute(text("DELETE FROM mail"))
        session.execute(update(Person).values(name="Okänd"))
        session.execute(update(Network).values(name_sv="Daggkåpa", name_en="Lady's mantle"))
        session.execute(update(Meeting).where(col(Meeting.name_sv) == "etternässla").values(name_sv="Kaprifol"))  # fmt: skip
        session.execute(update(Rc).where(col(Rc.id) == "skaraborg").values(name="Videört"))
        session.execute(delete(NetworkMember).where(col(NetworkMember.rc_id) == "goteborg"))
        session.flush()
        gone = ("liljekonvalj", "smörboll", "trollsmultron", "brunkulla", "cikoria", "etternässla")
        assert {word: indexed(session, word) for word in gone} == {key: [] for key in gone}
    for word in gone:
        assert not _finds(planner, word), word
    assert not _finds(mate, "liljekonvalj")
    assert all(_finds(planner, word) for word in ("daggkåpa", "kaprifol"))
    for word in (
        "odonris",
        "videört",
    ):  # the circle is found by its RC's name, and what lies in it by its own
        text_found = mate.get("/sok", params={"q": word}, headers={"X-Part": "found"}).text
        assert "Daggkåpa" in text_found, word
    with database.reading() as session:
        assert session.exec(select(SearchMark)).all() == []


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [
        ("Prästkragar", True),  # another ending
        ("prastkrage", True),
        ("krage", True),  # a part of a word
        ("prästkrgae", True),  # two swapped
        ("prästkrage example", False),  # every word
        ("pr", True),
        ("%", False),
        ("'\"*", False),
        ("prästkrage OR x", False),
    ],
)
def test_words_are_forgiven_alike_on_both_databases(
    app: FastAPI,
    asked: str,
    is_found: bool,  # noqa: FBT001 - pytest's own argument
) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        session.add(_theme("t1", "Prästkrage"))
    assert _finds(browser(app, planner), asked) is is_found


def test_what_one_may_not_see_hides_nothing_that_one_may(app: FastAPI) -> None:
    """However many come first that the viewer may not see, also of those that a word with a slip may mean."""
    with app.state.database.transaction() as session:
        person = make_member(session, Role.RC_MEMBER, rc_id="skaraborg").person.id
        for number in range(60):
            meeting = make_meeting(session)
            meeting.name_sv, meeting.state = "Vitsippa", MeetingState.DRAFT
            if not number:  # the last in time, and so in what is found
                meeting.name_sv, meeting.state = "Vitsippa", MeetingState.PUBLISHED
                meeting.starts_at += timedelta(days=400)
                meeting.ends_at += timedelta(days=400)
    web = browser(app, person)
    for word in ("vitsippa", "vitsipap", "vit"):
        shown = web.get("/sok", params={"q": word}, headers={"X-Part": "found"}).text
        assert shown.count('class="row-link"') == 1, word


def test_a_database_that_lost_a_trigger_says_so_and_gets_it_again(app: FastAPI) -> None:
    with app.state.database.engine.begin() as connection:
        assert triggers.missing(connection) == []
        triggers.drop(connection)
        assert triggers.WORDS in triggers.missing(connection)
        triggers.make(connection)
        assert triggers.missing(connection) == []


def test_the_database_is_whole_to_a_process_that_imports_in_another_order(tmp_path: Path) -> None:
    """Each command imports the features as it needs them: its names for the triggers are the same."""
    url = migrated.on_sqlite(tmp_path / "one.db")
    look = (
        "import api.questions.models, api.outbox.models, api.library.models, api.tables\n"
        "from api.kit.db import make_engine\n"
        "from api.migrations.schema import examine\n"
        f"print(repr(examine(make_engine({url!r})).fault))"
    )
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "''"


def test_endings_are_taken_off_where_enough_is_left() -> None:
    words = ("samtyckesblanketterna", "traffar", "bar", "avtal", "mallarna")
    assert [stem(word) for word in words] == ["samtyckesblankett", "traff", "bar", "avtal", "mall"]
    assert near("orbero", ["orebro", "skara", "oreb"]) == ("orebro",)
    long = [
        "samtyckesblankett"
    ]  # a letter too little, too much, another, two swapped in its beginning
    assert [near(one, long) for one in ("samtyke", "samttycke", "samticke", "samtyekc")] == [
        ("samtyckesblankett",)
    ] * 4
    assert near("samtal", long) == ()
    assert plain("Anna@Example.org – Å/Ö_é 3") == "anna example org a o e 3"
