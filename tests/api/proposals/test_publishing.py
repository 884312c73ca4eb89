"""Publishing seen beforehand: what the page says is what happens, and only those shown get mail."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from fastapi import FastAPI
from sqlmodel import Session, select

from api.accounts import queries as accounts
from api.accounts.models import BodyKind, Role
from api.kit.clock import now
from api.kit.i18n import Speaker
from api.meetings import queries as meetings
from api.meetings.service import confirm
from api.networks import queries as networks
from api.networks.foresight import Change, Group, read_change
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import Evidence
from api.outbox.models import Mail, MailState
from api.outbox.service import claim
from api.proposals import spine
from api.proposals.models import Proposal, ProposalState
from api.proposals.networks import moving, service
from api.proposals.networks.building import Choice, Wish
from api.proposals.networks.moving import Move
from api.proposals.networks.web.holding import holding
from api.proposals.networks.web.publishing import foresee, letter, publish_and_tell
from tests.factories import make_body, make_function, make_member, make_person
from tests.links import opens
from tests.promises import keeps, keeps_quiet
from tests.shipped import import_shipped
from tests.solving import matched
from tests.web import browser

MINUTE = timedelta(minutes=1)
NEARNESS = Choice(layers=(Layer.NEARNESS,), stability=1.0)


def _reviewed(session: Session) -> Proposal:
    problem = service.networks_problem(session, NEARNESS, now())
    made = service.propose_networks(session, problem, NEARNESS, "Vår", "nch", now())
    service.record_answer(session, made, matched(made.problem))
    spine.review(session, service.NETWORKS, made, made.version, "nch")
    return made


def _contacts(session: Session, *rc_ids: str) -> list[str]:
    """Give these RC a function each; return the functions' ids."""
    import_shipped(session, "system")
    made = []
    for rc_id in rc_ids:
        body = make_body(session, BodyKind.RC, rc_id=rc_id)
        made.append(make_function(session, body, make_person(session), Role.RC_MEMBER).id)
    session.flush()
    return made


def test_everybody_shown_gets_one_mail_and_nobody_else_does(session: Session) -> None:
    skane, dalarna = _contacts(session, "skane", "dalarna")
    made = _reviewed(session)
    seen = foresee(session, made)
    assert {one.function_id for one in seen.recipients} == {skane, dalarna}
    assert len(seen.unreached) == 14
    count = publish_and_tell(session, made, made.version, [skane, "somebody"], "nch", now())
    mails = session.exec(select(Mail)).all()
    assert (count, len(mails)) == (1, 1)
    holder = accounts.person(session, accounts.function(session, skane).holder_id or "")  # type: ignore[union-attr] # made above
    assert holder is not None
    assert mails[0].recipient == holder.email
    assert "Nya kretsar: Skåne" in mails[0].subject
    assert publish_and_tell(session, made, made.version, [skane, dalarna], "nch", now()) == 0
    assert len(session.exec(select(Mail)).all()) == 1


def test_a_round_that_changes_nothing_tells_nobody(session: Session) -> None:
    shown = _contacts(session, "skane")
    first = _reviewed(session)
    publish_and_tell(session, first, first.version, (), "nch", now())
    again = _reviewed(session)
    seen = foresee(session, again)
    assert (seen.changes, seen.recipients, seen.line.ended) == ((), (), ())
    assert publish_and_tell(session, again, again.version, shown, "nch", now()) == 0


def test_what_is_foreseen_is_what_the_round_then_records(session: Session) -> None:
    _contacts(session)
    first = _reviewed(session)
    publish_and_tell(session, first, first.version, (), "nch", now())
    made = _reviewed(session)
    near = service.groups_in(made)[Layer.NEARNESS]
    moving.move(session, made, Move(Layer.NEARNESS, near[0][0], near[1][0]), made.version, "nch")
    made.state = ProposalState.REVIEWED
    seen = foresee(session, made)
    living = {one.id for one in networks.active_networks(session)}
    publish_and_tell(session, made, made.version, (), "nch", now())
    done = networks.latest_round(session)
    assert done is not None
    assert done.difference["changed"] == [one.to_json() for one in seen.changes]
    assert {one.rc_id for one in seen.changes} == {*near[0], *near[1]}
    left = {one.id for one in networks.active_networks(session)}
    assert living - left == {one.id for one in seen.line.ended}
    assert len(left - living) == seen.line.heirs.count(None)


def test_an_rc_that_only_loses_somebody_is_not_told_of_new_circles(session: Session) -> None:
    pair, left = ("skane", "kronoberg"), "jonkoping"
    _contacts(session, *pair, left)
    known = Evidence((), (), (), (*pair, left), 9.0).to_json()
    publish_round(session, "one", [Group(Layer.NEARNESS, (*pair, left), known, 9.0)], "nch", now())
    made = _reviewed(session)
    seen = foresee(session, made)
    alone = replace(
        seen, news=(Change(Layer.NEARNESS, "skane", (), (left,)),), changes=(), recipients=()
    )
    said = letter(session, made, alone, "skane", "sv")
    assert "Ändrade kretsar" in said.subject
    assert "har fått nya" not in said.text
    assert "Inte längre med er: Jönköping." in said.text


def test_what_a_form_chose_is_marked_where_it_differs_from_the_round_that_holds(
    session: Session,
) -> None:
    import_shipped(session, "system")
    first = _reviewed(session)
    assert not any(one.is_new for one in holding(session, first, Speaker("sv"), {}).lines)
    publish_and_tell(session, first, first.version, (), "nch", first.created_at + MINUTE)
    apart = Wish("apart", Layer.NEARNESS, ("dalarna", "skane"))
    choice = replace(NEARNESS, stability=0.0).wished(apart)
    problem = service.networks_problem(session, choice, now())
    later = first.created_at + 2 * MINUTE
    made = service.propose_networks(session, problem, choice, "Höst", "nch", later)
    new = [one.heading for one in holding(session, made, Speaker("sv"), {}).lines if one.is_new]
    assert new == ["Dagens kretsar", "Önskemål"]
    # The round itself is not compared with what came after it.
    assert not any(one.is_new for one in holding(session, first, Speaker("sv"), {}).lines)


def test_two_changes_together_are_what_lies_between_first_and_last() -> None:
    there = Change(Layer.NEARNESS, "a", ("b", "c"), ("d",))
    back = Change(Layer.NEARNESS, "a", ("d",), ("b", "c"))
    on = Change(Layer.NEARNESS, "a", ("e",), ("c",))
    assert back.after(there) == Change(Layer.NEARNESS, "a", (), ())
    assert on.after(there) == Change(Layer.NEARNESS, "a", ("b", "e"), ("d",))
    assert read_change(on.to_json()) == on


@keeps_quiet(
    "%(names)s får inget mejl: kretsarna blir som de var, och mejlet om det andra har inte skickats. Det tas bort."
)
def test_a_round_taken_back_before_its_mails_have_gone_tells_nobody(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        import_shipped(session, "system")
        first = _reviewed(session)
        publish_and_tell(session, first, first.version, (), "nch", now())
    with app.state.database.transaction() as session:
        made = _reviewed(session)
        near = service.groups_in(made)[Layer.NEARNESS]
        one, other = near[0][0], near[1][0]
        moving.move(session, made, Move(Layer.NEARNESS, one, other), made.version, "nch")
        made.state = ProposalState.REVIEWED
        told = [
            make_function(
                session,
                make_body(session, BodyKind.RC, rc_id=rc),
                make_person(session),
                Role.RC_MEMBER,
            ).id
            for rc in (one, near[0][1])
        ]
        session.flush()
        app.state.database.info["outbox"].hold = timedelta(minutes=10)
        assert publish_and_tell(session, made, made.version, told, "nch", now()) == 2
        assert {mail.state for mail in session.exec(select(Mail))} == {MailState.HELD}
    web = browser(app, planner)
    done = web.submit("/planera/natverk", "/planera/natverk/tillbaka", {})
    page = web.get(done.headers["location"]).text
    assert "får inget mejl: kretsarna blir som de var" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    where = done.headers["location"].partition("?")[0]
    assert web.submit(where, where, {"version": version[1], "told": told}).status_code == 303
    with app.state.database.reading() as session:
        assert session.exec(select(Mail)).all() == []


def test_a_later_round_takes_over_what_waiting_mails_of_the_one_before_told(app: FastAPI) -> None:
    app.state.database.info["outbox"].hold = timedelta(minutes=10)
    with app.state.database.transaction() as session:
        shown = _contacts(session, "skane", "dalarna")
        first = _reviewed(session)
        assert publish_and_tell(session, first, first.version, shown, "nch", now()) == 2
    with app.state.database.transaction() as session:
        made = _reviewed(session)
        near = service.groups_in(made)[Layer.NEARNESS]
        [own] = [group for group in near if "skane" in group]
        away = next(group for group in near if not {"skane", "dalarna"} & set(group))
        mate = next(one for one in own if one != "skane")
        moving.move(session, made, Move(Layer.NEARNESS, mate, away[0]), made.version, "nch")
        made.state = ProposalState.REVIEWED
        assert publish_and_tell(session, made, made.version, shown, "nch", now()) == 1
    with app.state.database.reading() as session:
        mails = session.exec(select(Mail)).all()
        assert sorted(one.subject.partition(": ")[2] for one in mails) == ["Dalarna", "Skåne"]
        [skane] = [one for one in mails if one.subject.endswith("Skåne")]
        # It was never told of the mate that came and went: it has lost nobody that it knew of.
        assert "Inte längre med er" not in skane.text
        assert "Nya för er" in skane.text


@keeps(
    "De som får mejl om sina nya kretsar",
    "Får mejl",
    "Mejlet går bara till RC vars krets ändras. Alla får var sitt. Avmarkera dem som inte ska få något.",
    "Ingen på %(names)s får mejlet, för där finns ingen e-postadress.",
    "Mejlet skickas kl. %(due)s.",
)
def test_a_planner_sees_who_is_concerned_and_publishes_from_there(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        (skane,) = _contacts(session, "skane")
        path = f"/planera/natverk/{_reviewed(session).id}"
    web = browser(app, planner)
    page = web.get(f"{path}/publicera").text
    assert f'value="{skane}" checked' in page
    assert "Nya kretsar: Skåne" in page
    assert "What happens when you publish" in web.get(f"/en{path}/publicera").text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    form = {"version": version[1], "told": skane}
    app.state.database.info["outbox"].hold = timedelta(minutes=10)
    done = web.submit(path, f"{path}/publicera", form)
    assert done.status_code == 303
    # What was done, who is told and when; taken back by proposing the round before, not here.
    shown = web.get(done.headers["location"]).text
    assert "Kretsarna är publicerade." in shown
    assert "1 mejl skickas kl." in shown
    assert "/angra/" not in shown
    with app.state.database.reading() as session:
        [mail_id] = session.exec(select(Mail.id)).all()
    # It is written already, so its page does not say that it follows what changes.
    shown = web.get(f"/planera/utskick/{mail_id}").text
    assert "Mejlet skickas kl." in shown
    assert "ändras mejlet" not in shown
    assert web.get(f"{path}/publicera").headers["location"] == path


@opens("networks_published")
def test_networks_are_published_with_mails_that_wait_as_drafts(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        (skane,) = _contacts(session, "skane")
        path = f"/planera/natverk/{_reviewed(session).id}"
    web = browser(app, planner)
    page = web.get(f"{path}/publicera").text
    assert "Publicera, men spara mejlen som utkast" in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    form = {"version": version[1], "told": skane, "mails": "drafts"}
    answer = web.submit(path, f"{path}/publicera", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/planera/utskick?lage=draft")
    with app.state.database.reading() as session:
        [mail] = session.exec(select(Mail)).all()
        assert mail.state is MailState.DRAFT
        assert networks.active_networks(session)
        assert claim(session, now()) == []
    assert "Skicka 1 utkast" in web.get("/planera/utskick?lage=draft").text


@keeps_quiet("Ingen får mejl.")
def test_a_round_that_reaches_nobody_says_so_and_mails_nobody(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        import_shipped(session, "system")
        path = f"/planera/natverk/{_reviewed(session).id}"
    web = browser(app, planner)
    assert "Ingen får mejl." in web.get(f"{path}/publicera").text
    version = re.search(r'name="version" value="(\d+)"', web.get(f"{path}/publicera").text)
    assert version is not None
    assert web.submit(path, f"{path}/publicera", {"version": version[1]}).status_code == 303
    with app.state.database.reading() as session:
        assert session.exec(select(Mail)).all() == []


@keeps("Träffar som ställs in, och vilka som får besked", "Får besked")
def test_whoever_was_invited_to_a_meeting_of_a_circle_that_ends_is_named_and_told(
    app: FastAPI,
) -> None:
    with app.state.database.transaction() as session:
        planner = make_member(session, Role.PLANNER).person.id
        pair = ("skane", "norrbotten")
        _contacts(session, *pair)
        group = Group(Layer.NEARNESS, pair, Evidence((), (), (), pair, 9.0).to_json(), 9.0)
        publish_round(session, "one", [group], "nch", now())
    with app.state.database.transaction() as session:
        [first] = meetings.meetings(session, now())
        confirm(session, first, first.version, "nch", now())
        made = _reviewed(session)
        path = f"/planera/natverk/{made.id}"
    with app.state.database.reading() as session:
        before = Counter(one.recipient for one in session.exec(select(Mail)))
    web = browser(app, planner)
    page = web.get(f"{path}/publicera").text
    table = page[page.index("Träffar som ställs in, och vilka som får besked") :].partition(
        "</table>"
    )[0]
    named = set(re.findall(r"[\w.-]+@example\.org", table))
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert web.submit(path, f"{path}/publicera", {"version": version[1]}).status_code == 303
    with app.state.database.reading() as session:
        after = Counter(one.recipient for one in session.exec(select(Mail)))
    assert set(after - before) >= named > set()
