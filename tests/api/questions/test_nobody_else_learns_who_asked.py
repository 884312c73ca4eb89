"""Who of a circle asked is seen by nobody outside it: the product looks the same to them whichever member it was.

Two services hold the same people, circle and meeting; in the one Skaraborg asks and Fyrbodal answers, in the other the reverse. The question is
answered, thanked for, brought up, closed, offered and published, and every page, file and read of the API is opened as
each role outside the circle, with a session and with a key. Names that differ by chance (ids, tokens, moments) are taken
away before they are compared.
"""

import csv
import itertools
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts import keys
from api.accounts.keys import KeyWish, Scope
from api.accounts.models import Body, Function, Person, Role
from api.app import create_app
from api.feeds.housekeeping import send_digests
from api.invitations.delivery import choose
from api.invitations.models import Delivery
from api.kit.clock import now
from api.kit.settings import Settings
from api.meetings.models import Meeting, MeetingForm, MeetingKind
from api.meetings.service import MeetingDraft, create
from api.networks.foresight import Group
from api.networks.models import Layer, Network
from api.networks.service import publish_round
from api.outbox.models import Mail
from api.questions.models import Question
from api.surveys.models import Theme
from api.v1.acts import FILES
from api.v1.views import VIEWS
from tests import factories
from tests.factories import make_member
from tests.shipped import import_shipped
from tests.web import Browser, browser

BEGIN = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)
CIRCLE = ("skaraborg", "fyrbodal", "goteborg")
EVIDENCE: dict[str, object] = {
    "attributes": [],
    "members": [],
    "pre_operational": [],
    "operational": [],
    "farthest_km": 92.0,
}
TEXT, SAID = "Hur sattes avokadon?", "I en vid kruka."
TABLE = Path(__file__).parents[1] / "policy_table.csv"
CHANCE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\b[0-9a-f]{16,128}\b|[A-Za-z0-9_-]{22,}={0,2}"
)


class Twin:
    """A service where one member of the circle asks."""

    def __init__(self, app: FastAPI, asker: str) -> None:
        self.app = app
        with app.state.database.transaction() as session:
            import_shipped(session, "system")
            self.members = {rc: make_member(session, Role.RC_MEMBER, rc_id=rc) for rc in CIRCLE}
            self.outside = {
                "planner": make_member(session, Role.PLANNER),
                "rc": make_member(session, Role.RC_MEMBER, rc_id="jamtland"),
                "reader": make_member(session, Role.READER),
                "guest": make_member(session, Role.GUEST),
            }
            session.flush()
            group = Group(Layer.LIKENESS, tuple(sorted(CIRCLE)), EVIDENCE, 92.0)
            publish_round(session, "one", [group], "nch", now())
            session.flush()
            self.circle = session.exec(select(Network)).one().id
            self.meeting = self._meeting(session).id
            for one in (*self.members.values(), *self.outside.values()):
                choose(session, one.person.id, Delivery.INVITATION, now(), has_digest=True)
            session.flush()
            session.expunge_all()
        self.webs = {who: browser(app, one.person.id) for who, one in self.outside.items()}
        for who in ("planner", "rc"):
            self.webs[f"{who}'s key"] = self._with_key(self.outside[who].person.id)
        self.inside = {rc: browser(app, one.person.id) for rc, one in self.members.items()}
        [other] = {"skaraborg", "fyrbodal"} - {asker}
        self._live(
            self.inside[asker],
            (self.inside[other], self.inside["goteborg"]),
            self.webs["planner"],
        )
        with app.state.database.transaction() as session:
            send_digests(session, now() + timedelta(minutes=1))
        with app.state.database.reading() as session:
            self.question = session.exec(select(Question)).one().id

    def _with_key(self, person_id: str) -> Browser:
        wish = KeyWish("Exempel", frozenset(Scope), 30)
        with self.app.state.database.transaction() as session:
            token = keys.make_key(session, person_id, wish, now())
        web = browser(self.app)
        web.headers["Authorization"] = f"Bearer {token}"
        return web

    def _meeting(self, session: Session) -> Meeting:
        start = now() + timedelta(days=30)
        draft = MeetingDraft(
            kind=MeetingKind.NETWORK,
            name_sv="Exempel kretsträff",
            name_en="Example",
            focus_sv="Exempel",
            focus_en="Example",
            form=MeetingForm.DIGITAL,
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            town="",
            network_id=self.circle,
        )
        return create(session, draft, "system", now())

    def _live(self, asker: Browser, mates: tuple[Browser, Browser], planner: Browser) -> None:
        """Let the question live its whole life; what was asked by page is closed by the API."""
        asked = asker.submit("/fragor/ny", "/fragor/ny", {"to": self.circle, "text": TEXT})
        assert asked.status_code == 303, asked.text
        page = str(asked.headers["location"]).partition("?")[0]
        for mate in mates:
            assert mate.submit(page, f"{page}/svar", {"text": SAID}).status_code == 303
        # Answers of one second stand in no order: the offer is the form that whoever answered is shown.
        (offer,) = re.findall(r'action="(/fragor/svar/[^"]+/erbjud)"', mates[1].get(page).text)
        assert asker.submit(page, offer.replace("/erbjud", "/tacka")).status_code == 303
        assert asker.submit(page, f"{page}/ta-upp").status_code == 303
        words = {"question": "Hur sätter man en frukt?", "answer": "I en kruka."}
        assert mates[1].submit(page, offer, words).status_code == 303
        [publish] = re.findall(r'action="(/fragor/vanliga/[^"]+)"', planner.get("/fragor").text)
        assert planner.submit("/fragor", publish, words).status_code == 303
        closed = asker.post(f"/api/v1/questions/{page.rsplit('/', 1)[-1]}/close", json={})
        assert closed.status_code < 300, closed.text

    def paths(self) -> Iterator[str]:
        """Yield every page, file and read with what there is in the places of its address."""
        with self.app.state.database.reading() as session:
            mails = [one.id for one in session.exec(select(Mail))]
            places = {
                "{network_id}": [self.circle],
                "{question_id}": [self.question],
                "{meeting_id}": [self.meeting],
                "{rc_id}": list(CIRCLE),
                "{body_id}": sorted(one.id for one in session.exec(select(Body))),
                "{person_id}": sorted(one.id for one in session.exec(select(Person))),
                "{function_id}": sorted(one.id for one in session.exec(select(Function))),
                "{mail_id}": sorted(mails),
                "{theme_id}": sorted(one.id for one in session.exec(select(Theme)))[:1],
                "{kind}": ["csv"],
                "{format}": ["json"],
            }
        with TABLE.open(encoding="utf-8", newline="") as file:
            rows = [row["path"] for row in csv.DictReader(file) if row["method"] == "GET"]
        views = [
            f"/api/v1{path}" for _, path, _ in (*VIEWS, *FILES)
        ]  # their pages' rows hold for them
        for path in (*rows, *views):
            named = re.findall(r"{[^}]+}", path)
            if any(one not in places for one in named) or path.startswith("/api/v1/feeds"):
                continue
            for chosen in itertools.product(*(places[one] for one in named)):
                made = path
                for name, value in zip(named, chosen, strict=True):
                    made = made.replace(name, value)
                yield made
        for word in ("avokadon", "kruka", "skaraborg", "fyrbodal", "P0", "P1", "fråga"):
            yield f"/sok?q={word}"
            yield f"/api/v1/search?q={word}"
        yield "/logg?kind=question"

    def seen_by(self, who: str) -> Counter[str]:
        """Return every line that somebody is shown, in whatever order, with what is chance taken away."""
        lines: Counter[str] = Counter()
        paths = [one for one in self.paths() if "key" not in who or one.startswith("/api/v1/")]
        for path in paths:
            answer = self.webs[who].get(path)
            assert answer.status_code < 500 or path == "/readyz", (
                path
            )  # tables made without Alembic
            name = CHANCE.sub("*", path)
            # A calendar's lines unfolded; which row of a list comes first may be chance.
            text = re.sub(r"\r\n |</?ul[^>]*>", "", answer.text).replace("<li", "\n<li")
            text = re.sub(r"},\s*{|\[{|}\]", "\n", text)
            if "planner" not in who:
                assert TEXT not in text, path
            lines[f"{name} {answer.status_code}"] += 1
            lines.update(
                f"{name} {CHANCE.sub('*', line.strip(' []{}'))}" for line in text.splitlines()
            )
        return lines

    def mails(self) -> Counter[str]:
        """Return every mail that went out, to the letter: whoever keeps the post sees no more than that."""
        with self.app.state.database.reading() as session:
            return Counter(
                f"{one.recipient} {one.subject} {CHANCE.sub('*', one.text)}"
                for one in session.exec(select(Mail))
            )


@pytest.fixture
def twins(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Twin, Twin]]:
    with time_machine.travel(BEGIN, tick=False):
        apps = []
        for name in ("one", "other"):
            shutil.copy(sqlite_template, tmp_path / f"{name}.db")
            url = f"sqlite:///{tmp_path}/{name}.db"
            secret = "a-secret-of-the-tests-0123456789abcdef"
            apps.append(
                create_app(Settings(database=url, base_url="http://testserver", secret=secret))
            )
        made = []
        for app, asker in zip(apps, CIRCLE, strict=False):
            monkeypatch.setattr(factories, "_numbers", itertools.count(1))  # the same names in both
            made.append(Twin(app, asker))
        yield made[0], made[1]
        for app in apps:
            app.state.database.close()


@pytest.mark.parametrize(
    "outside",
    [
        ("planner", "rc"),
        ("planner's key",),
        pytest.param(("reader", "guest", "rc's key"), marks=pytest.mark.full),
    ],
)
def test_the_product_looks_alike_to_everybody_outside_whoever_of_the_circle_asked(
    twins: tuple[Twin, Twin], outside: tuple[str, ...]
) -> None:
    one, other = twins
    assert one.mails() == other.mails()
    for who in outside:
        here, there = one.seen_by(who), other.seen_by(who)
        assert len(here) > 100
        unlike = "\n".join((here - there) + (there - here))
        assert unlike == "", who
    # The judge would see it: to a member of the circle the two are not alike.
    page = f"/fragor/{one.question}"
    told = {
        one.inside["goteborg"].get(page).text,
        other.inside["goteborg"].get(f"/fragor/{other.question}").text,
    }
    assert len({CHANCE.sub("*", text) for text in told}) == 2
