"""The pulse: asked once a season, answered once, without whose it is, and never shown from fewer than five."""

import re
from datetime import UTC, datetime, timedelta

import time_machine
from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.circles import pulse
from api.circles.daily import keep_circles
from api.circles.models import PulseVote
from api.kit.clock import now
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox.models import Mail
from api.registry.service import import_shipped
from tests.factories import make_member
from tests.links import opens
from tests.mailbox import text_of
from tests.promises import keeps
from tests.web import browser

SPRING = datetime(2027, 3, 15, 5, 30, tzinfo=UTC)
RCS = ("skane", "kronoberg", "jonkoping", "dalarna", "uppsala", "orebro")
LINK = re.compile(r"http://testserver(/puls/[\w-]{43})\?svar=ja")


def _links(session: Session) -> dict[str, str]:
    found = {}
    for mail in session.exec(select(Mail)):
        link = LINK.search(text_of(mail))
        if link:
            assert mail.recipient not in found
            found[mail.recipient] = link[1]
    return found


def _daily(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        keep_circles(session, now())


@keeps(
    "Ger kretsen dig något? Frågan går till alla i kretsarna i mitten av mars och september. Svaren är utan namn, gäller alla kretsar tillsammans och visas när omgången har stängt, om minst fem har svarat.",
    "Omgången pågår: %(asked)s är tillfrågade.",
    "Svar i omgång %(season)s, %(asked)s tillfrågade",
)
@opens("pulse")
def test_a_season_is_asked_once_and_shown_when_closed_from_five_answers_on(app: FastAPI) -> None:
    with time_machine.travel(SPRING - timedelta(days=1), tick=False) as clock:
        with app.state.database.transaction() as session:
            import_shipped(session, "system")
            planner = make_member(session, Role.PLANNER).person.id
            for one in RCS:
                make_member(session, Role.RC_MEMBER, one)
            groups = [
                Group(Layer.LIKENESS, RCS[:3], {}, 9.0),
                Group(Layer.LIKENESS, RCS[3:], {}, 9.0),
            ]
            publish_round(session, "one", groups, planner, now())
        _daily(app)
        with app.state.database.reading() as session:
            assert _links(session) == {}
        clock.move_to(SPRING)
        for _ in range(3):
            _daily(app)
        with app.state.database.reading() as session:
            links = list(_links(session).values())
        assert len(links) == len(RCS)
        for number, path in enumerate(links[:5]):
            web = browser(app)
            assert web.get(f"{path}?svar=ja").status_code == web.get(path).status_code == 200
            with app.state.database.reading() as session:
                assert (
                    len(session.exec(select(PulseVote)).all()) == number
                )  # looking answers nothing
            assert web.submit(path, path, {"svar": ""}).status_code == 422
            said = "ja" if number else "nej"
            assert web.submit(path, path, {"svar": said}).status_code == 303
            assert "går inte att ändra" in web.get(path).text
        desk = browser(app, planner)
        assert "Omgången pågår: 6 är tillfrågade." in desk.get("/planera/puls").text
        clock.move_to(SPRING + timedelta(days=60))
        late = browser(app)
        assert late.submit(links[5], links[5], {"svar": "ja"}).status_code == 409
        desk = browser(app, planner)
        assert '<td class="number">4</td>' in desk.get("/planera/puls").text
        assert "Yes, the circle" in desk.get("/en/planera/puls").text
    with app.state.database.transaction() as session:
        session.delete(session.exec(select(PulseVote)).first())
        session.flush()
        [season] = pulse.results(session, SPRING + timedelta(days=60)).seasons
        assert season.answers == ()
