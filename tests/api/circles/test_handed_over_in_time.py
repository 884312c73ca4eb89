"""Who hands a post over before the waiting mails have gone gets none of them; the newcomer learns what they were about."""

import ast
from pathlib import Path

from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts.models import Role
from api.circles import convening
from api.kit.clock import now
from api.networks.foresight import Group
from api.networks.models import Layer, Network
from api.networks.service import publish_round
from api.outbox.holding import release_all
from api.outbox.models import Mail
from api.registry import checking
from tests.factories import make_member
from tests.mailbox import text_of
from tests.shipped import import_shipped
from tests.web import browser

CIRCLE = ("skane", "kronoberg", "jonkoping")
TEXT = "Hur har ni skrivit samverkansavtalet med regionen?"
NEW = {"holder_name": "Exempel Ny", "holder_email": "ny@example.org", "holder_phone": "040-1 11"}
# Mail that waits and is no matter of one post: what goes to those whom a hand-over is about, ballots, which
# nobody may tie to a person, what everybody in a circle hears, and entries for calendars, whose own following
# of a hand-over calls them off.
OF_NO_POST = {
    "api/circles/hand_over.py",
    "api/surveys/mailing.py",
    "api/circles/declining.py",
    "api/invitations/letters.py",
}


def test_nothing_that_waits_goes_to_who_has_handed_the_post_over(held: FastAPI) -> None:
    with held.state.database.transaction() as session:
        import_shipped(session, "system")
        members = {rc_id: make_member(session, Role.RC_MEMBER, rc_id) for rc_id in CIRCLE}
        leaver, asker = members["skane"], members["kronoberg"]
        groups = [Group(Layer.NEARNESS, CIRCLE, {}, 9.0)]
        publish_round(session, "one", groups, leaver.person.id, now())
        network = session.exec(select(Network)).one()
        convening.begin_turn(session, network, "skane", now())
        checking.ask(session, now(), {"skane"})
        address, post, me = leaver.person.email, leaver.function.id, leaver.person.id
        asker_id, network_id, circle = asker.person.id, network.id, network.name_sv
    form = {"to": network_id, "text": TEXT}
    asked = browser(held, asker_id).submit("/fragor/ny", "/fragor/ny", form)
    assert asked.status_code == 303
    assert {"Er tur att sammankalla", "Stämmer", "fråga"} <= _kinds(held, address)
    over = f"/funktioner/{post}/lamna-over"
    assert browser(held, me).submit(over, over, {"version": "1", **NEW}).status_code == 303
    release_all(held.state.database, now())
    [left] = _texts(held, address)
    assert "Du har inte längre funktionen" in left
    [welcome] = _texts(held, NEW["holder_email"])
    assert f"Nästa gång är det ni som sammankallar {circle}." in welcome


def _texts(app: FastAPI, address: str) -> list[str]:
    with app.state.database.reading() as session:
        return [text_of(one) for one in _mails(session, address)]


def _kinds(app: FastAPI, address: str) -> set[str]:
    with app.state.database.reading() as session:
        told = " ".join(one.subject for one in _mails(session, address))
    return {word for word in ("Er tur att sammankalla", "Stämmer", "fråga") if word in told}


def _mails(session: Session, address: str) -> list[Mail]:
    return list(session.exec(select(Mail).where(Mail.recipient == address)))


def test_every_mail_that_waits_names_its_post_or_is_of_none() -> None:
    found, missing = set(), list[str]()
    for path in Path("api").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Options":
                continue
            names = {one.arg for one in node.keywords}
            if "tells_others" not in names:
                continue
            found.add(path.as_posix())
            if "post" not in names and path.as_posix() not in OF_NO_POST:
                missing.append(f"{path}:{node.lineno}")
    assert found > OF_NO_POST
    assert not missing, "say whose post the mail is written to: Options(post=...)"
