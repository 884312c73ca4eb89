"""The planner's first page lists what really waits, each with the page where it is done, and nothing else."""

import json
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import BodyKind, Role
from api.front.home.todo import todos
from api.kit.clock import now, today
from api.kit.i18n import Speaker
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.outbox.models import MailState
from api.outbox.service import Options, pause, queue
from api.proposals.models import ProposalState
from api.proposals.networks import service as proposals
from api.proposals.networks.building import Choice
from api.registry import queries as registry
from api.surveys.evaluations import EvaluationDetails, make_evaluation
from api.surveys.models import EvaluationKind
from tests.factories import make_body, make_function, make_meeting, make_member, make_person
from tests.shipped import import_shipped
from tests.web import browser

SAY = Speaker("sv")


def _paths(session: Session, data: Path | None = None) -> list[str]:
    return [one.path for one in todos(session, SAY, now(), data)]


def _texts(session: Session, data: Path | None = None) -> str:
    return "\n".join(one.text for one in todos(session, SAY, now(), data))


def _all_in_order(session: Session) -> list[str]:
    """A register with a contact and a network each, and a national meeting."""
    import_shipped(session, "system")
    ids = [rc.id for rc in registry.rcs(session)]
    for rc_id in ids:
        body = make_body(session, BodyKind.RC, rc_id=rc_id)
        make_function(session, body, make_person(session))
    publish_round(session, "p", [Group(Layer.LIKENESS, tuple(ids), {}, None)], "nch", now())
    make_meeting(session)
    session.flush()
    return ids


def test_nothing_is_said_when_nothing_waits(session: Session) -> None:
    _all_in_order(session)
    assert todos(session, SAY, now(), None) == ()


def test_needs_are_to_be_asked_again_when_half_a_year_has_gone(session: Session) -> None:
    _all_in_order(session)
    details = EvaluationDetails(
        "Exempel", "Example", today(), today(), (), kind=EvaluationKind.NEEDS
    )
    made = make_evaluation(session, "system", details)
    for days, is_due in ((0, False), (181, False), (182, True)):
        made.closes_on = today() - timedelta(days=days)
        session.add(made)
        session.flush()
        assert (_paths(session) == ["/planera/behov/ny"]) is is_due


def test_an_empty_register_is_the_first_thing(session: Session) -> None:
    assert "/rc/nytt" in _paths(session)


def test_mails_that_failed_wait_or_are_held_back_are_each_a_line(session: Session) -> None:
    _all_in_order(session)
    queue(session, "a@example.org", "S", "T", "", now()).state = MailState.FAILED
    queue(session, "b@example.org", "S", "T", "", now(), Options(is_draft=True))
    pause(session, is_paused=True)
    session.flush()
    expected = ["/planera/utskick?lage=failed", "/planera/utskick?lage=draft", "/planera/utskick"]
    assert _paths(session) == expected


def test_a_proposal_waits_for_review_then_for_publishing_and_then_not(session: Session) -> None:
    _all_in_order(session)
    problem = proposals.networks_problem(session, Choice(), now())
    made = proposals.propose_networks(session, problem, Choice(), "Vår", "nch", now())
    assert _paths(session) == []  # still being solved
    made.state = ProposalState.DRAFT
    assert "är klart att granska" in _texts(session)
    made.state = ProposalState.REVIEWED
    assert "inte publicerat" in _texts(session)
    assert _paths(session) == [f"/planera/natverk/{made.id}"]
    made.state = ProposalState.PUBLISHED
    session.flush()
    assert _paths(session) == []


def test_a_circle_that_was_declined_and_an_rc_that_nobody_answers_for_are_named(
    session: Session,
) -> None:
    ids = _all_in_order(session)
    (network,) = networks.active_networks(session)
    member = networks.members(session, [network.id])[network.id][0]
    member.declined_at = now()
    session.add(member)
    assert _paths(session) == [f"/natverk/{network.id}"]
    member.until = now().date()
    session.flush()
    assert f"Har ingen krets: {registry.rcs(session)[ids.index(member.rc_id)].name}" in _texts(
        session
    )


def test_an_old_backup_is_said_and_a_fresh_one_is_not(session: Session, tmp_path: Path) -> None:
    _all_in_order(session)
    assert "ingen säkerhetskopia" in _texts(session, tmp_path)
    folder = tmp_path / "backups"
    folder.mkdir()
    for hours, said in ((40, True), (1, False)):
        at = now() - timedelta(hours=hours)
        _write_manifest(folder, at.strftime("%Y%m%d-%H%M%S"), at.isoformat())
        assert ("timmar gammal" in _texts(session, tmp_path)) == said


def _write_manifest(folder: Path, name: str, at: str) -> None:
    document = {"made_at": at, "revision": "", "rows": {}, "sha256": ""}
    (folder / f"samkrets-{name}.db.json").write_text(json.dumps(document))


def test_the_page_shows_the_lines_in_both_languages(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        person = make_member(session, Role.PLANNER).person.id
        import_shipped(session, "system")
    web = browser(app, person)
    assert "16 RC har ingen krets än." in web.get("/").text
    english = web.get("/en/").text
    assert 'href="/en/planera/natverk"' in english
    assert "To do now" in english
