"""Study visits: paired near first, changed by hand with the price shown, and proposed to the two alone."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from api.accounts import queries as accounts
from api.accounts.models import Role
from api.kit.clock import now, to_local
from api.meetings import queries as meetings
from api.meetings.calendars import to_calendars
from api.meetings.models import MeetingForm, MeetingKind
from api.meetings.service import NOTICE, MeetingDraft, create
from api.networks import queries as networks
from api.networks.foresight import Group
from api.networks.models import Layer
from api.networks.service import publish_round
from api.networks.wording import Evidence
from api.outbox.models import Mail
from api.proposals.visits import service as visits
from api.proposals.visits.asking import asked as asked_hosts
from api.registry import queries as registry
from api.registry.models import CurrentModel, FundingStatus
from api.surveys.themes import import_theme_bank
from tests.factories import Member, make_member
from tests.mailbox import text_of
from tests.promises import keeps
from tests.shipped import import_shipped
from tests.web import browser

PAGE = "/planera/studiebesok"
LINK = re.compile(r"http://testserver(/\S*?besok/[\w-]+)\?svar=ja")


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = make_member(session, Role.PLANNER)
        for rc_id in ("dalarna", "gavleborg", "jamtland"):
            make_member(session, Role.RC_MEMBER, rc_id=rc_id)
        session.flush()
        session.expunge_all()
    return made


def test_at_first_those_on_their_way_visit_those_in_operation(
    app: FastAPI, planner: Member
) -> None:
    with app.state.database.reading() as session:
        wish = visits.usual_wish(registry.rcs(session))
        found = visits.paired(visits.problem_of(session, wish, now()), {})
    assert planner.viewer.is_planner
    assert wish.visitors
    assert wish.visitors.isdisjoint(wish.hosts)
    assert {visitor for visitor, _ in found.pairs} == wish.visitors
    assert max(wish.hosts.values()) == visits.HOST_CAP
    assert found.broken == ()


def test_a_host_is_chosen_by_hand_with_its_price_and_too_many_are_named(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    asked = f"{PAGE}?asked=1&visits=dalarna&takes-gavleborg=1&takes-jamtland=1"
    assert "Bästa möjliga: ingen annan fördelning" in web.get(asked).text
    farther = web.get(f"{asked}&host-dalarna=jamtland").text
    assert "0 färre besök" in farther
    assert "timmar längre resor" in farther
    both = f"{asked}&visits=orebro&host-dalarna=gavleborg&host-orebro=gavleborg"
    page = web.get(both)
    assert "får fler besök än de kan ta emot" in page.text
    assert "Fråga dessa värdar" not in page.text
    refused = web.submit(asked, both, {})
    assert refused.status_code == 409


def _link(app: FastAPI) -> str:
    """Return the page that the mail to the host leads to, found by opening the outbox."""
    with app.state.database.reading() as session:
        mails = session.exec(select(Mail).order_by(col(Mail.created_at), col(Mail.id))).all()
        found = [path for mail in mails for path in LINK.findall(text_of(mail))]
    assert found
    return str(found[-1])


def _accepted(app: FastAPI) -> str:
    """Let the host say yes with the button on its page, and return the page."""
    path, host = _link(app), browser(app)
    assert "checked" in host.get(f"{path}?svar=ja").text
    with app.state.database.reading() as session:
        assert visits.visits_ahead(session, now()) == [], "reading the mail saves nothing"
    assert host.submit(path, path, {"svar": "ja"}).status_code == 303
    return path


@keeps(
    "Varje värd frågas först, i ett mejl med en länk. Säger den ja får de två ett förslag på dag, minst sex veckor framåt, och bestämmer själva om den passar. Säger den nej kan du para ihop igen. Ingen frågas två gånger.",
)
def test_a_host_is_asked_first_and_a_visit_is_proposed_to_the_two_when_it_says_yes(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    asked = f"{PAGE}?asked=1&visits=dalarna&takes-gavleborg=1&takes-jamtland=1"
    assert web.submit(asked, asked, {}).status_code == 303
    path = _accepted(app)
    assert browser(app).submit("/logga-in", path, {"svar": "nej"}).status_code == 409
    with app.state.database.reading() as session:
        (visit,) = visits.visits_ahead(session, now())
        assert meetings.rc_ids_invited(session, [visit.id])[visit.id] == {"dalarna", "gavleborg"}
        assert meetings.visits_made(session) == [("dalarna", "gavleborg")]
        wish = visits.VisitWish(frozenset({"dalarna"}), {"gavleborg": 1, "jamtland": 1})
        again = visits.paired(visits.problem_of(session, wish, now()), {})
        assert again.pairs == (("dalarna", "jamtland"),)
        near = replace(wish, longest_hours=2.5)
        assert visits.paired(visits.problem_of(session, near, now()), {}).pairs == ()
    assert "har redan varit där" in web.get(f"{PAGE}?asked=1&visits=dalarna&takes-gavleborg=1").text


def test_the_two_decide_on_the_day_and_see_whom_to_ring(app: FastAPI, planner: Member) -> None:
    asked = f"{PAGE}?asked=1&visits=dalarna&takes-gavleborg=1"
    browser(app, planner.person.id).submit(asked, asked, {})
    _accepted(app)
    with app.state.database.transaction() as session:
        (visit,) = visits.visits_ahead(session, now())
        path = f"/traffar/{visit.id}"
        stranger = make_member(session, Role.RC_MEMBER).person.id
        body = accounts.body_of_rc(session, "dalarna")
        assert body is not None
        (function,) = accounts.functions_of_body(session, body.id)
        visitor = function.holder_id
    assert visitor is not None
    web = browser(app, visitor)
    page = web.get(path)
    assert "Ring eller skriv till varandra" in page.text
    assert "Bekräfta tiden" in page.text
    assert f"{path}#change" in web.get("/").text
    assert browser(app, stranger).get(path).status_code == 404


def test_whoever_is_on_the_way_to_a_model_visits_one_that_has_it(
    app: FastAPI, planner: Member
) -> None:
    """Asked of the register: Jönköping plans a Barnahus, Uppsala probably; nobody has a brand to show."""
    with app.state.database.transaction() as session:
        import_theme_bank(session)
        rcs = {rc.id: rc for rc in registry.rcs(session)}
        wish = visits.usual_wish(list(rcs.values()))
        found = dict(visits.paired(visits.problem_of(session, wish, now()), {}).pairs)
        problem = visits.problem_of(session, wish, now())
        assert rcs[found["jonkoping"]].org_model_current == CurrentModel.BARNAHUS
        assert rcs[found["uppsala"]].org_model_current == CurrentModel.BARNAHUS
        assert {rcs[one].funding_status for one in found.values()} == {FundingStatus.SECURED}
        for host in problem.hosts:
            shown = host.offers
            assert "brand" not in shown
            is_secured = rcs[host.id].funding_status == FundingStatus.SECURED
            assert ("finance_longterm" in shown) is ("funding=secured" in shown) is is_secured
    page = browser(app, planner.person.id).get(PAGE).text
    assert "sitter i Barnahus, dit Jönköping är på väg." in page
    assert "sitter i Barnahus, dit Uppsala troligen är på väg." in page


def test_a_no_leads_to_another_and_what_a_host_says_by_telephone_is_written_down(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    asked = f"{PAGE}?asked=1&visits=dalarna&takes-gavleborg=1&takes-jamtland=1"
    web.submit(asked, asked, {})
    path = _link(app)
    assert browser(app).submit(path, path, {"svar": ""}).status_code == 422
    assert browser(app).submit(path, path, {"svar": "nej"}).status_code == 303
    assert "värden säger nej" in web.get(PAGE).text
    again = web.get(asked).text
    assert 'value="jamtland" selected' in again, "the next nearest"
    web.submit(asked, asked, {})
    with app.state.database.reading() as session:
        (row,) = [one for one in asked_hosts(session, now()) if one.host_rc == "jamtland"]
        ask_id = row.id
    late = browser(app)
    assert "NCH har frågat någon annan" in late.get(f"{path}?svar=ja").text
    assert late.submit("/logga-in", path, {"svar": "ja"}).status_code == 409, "one visit, not two"
    web.submit(PAGE, f"/planera/studiebesok/fragor/{ask_id}", {"svar": "ja"})
    with app.state.database.reading() as session:
        (visit,) = visits.visits_ahead(session, now())
        assert meetings.rc_ids_invited(session, [visit.id])[visit.id] == {"dalarna", "jamtland"}


def test_whoever_waits_asks_nobody_else_and_a_no_asks_the_next_for_that_one_alone(
    app: FastAPI, planner: Member
) -> None:
    def wish() -> visits.VisitWish:
        with app.state.database.reading() as session:
            return visits.usual_wish(registry.rcs(session), visits.under_way(session, now()))

    web, first = browser(app, planner.person.id), wish()
    assert web.submit(PAGE, PAGE, {}).status_code == 303
    assert wish().visitors == frozenset(), "each waits for an answer"
    assert sum(wish().hosts.values()) == sum(first.hosts.values()) - len(first.visitors)
    assert "Fråga dessa värdar" not in web.get(PAGE).text
    assert web.submit(PAGE, PAGE, {}).status_code == 409
    with app.state.database.reading() as session:
        (refused, visitor), (taken, _) = (
            (one.id, one.visitor_rc) for one in asked_hosts(session, now())[:2]
        )
    web.submit(PAGE, f"/planera/studiebesok/fragor/{refused}", {"svar": "nej"})
    web.submit(PAGE, f"/planera/studiebesok/fragor/{taken}", {"svar": "ja"})
    assert wish().visitors == {visitor}, "who has a visit ahead is not asked for again"
    assert web.submit(PAGE, PAGE, {}).status_code == 303
    with app.state.database.reading() as session:
        everybody = [(one.visitor_rc, one.host_rc) for one in asked_hosts(session, now())]
    assert len(everybody) == len(set(everybody)) == len(first.visitors) + 1
    assert [one for one, _ in everybody].count(visitor) == 2


def test_deciding_on_a_visit_that_has_been_promises_no_mail(app: FastAPI, planner: Member) -> None:
    invited = "2 personer får inbjudan per mejl:"
    with app.state.database.transaction() as session:
        made = visits.propose_day(session, "dalarna", "jamtland", "nch", now())
        key = made.id
        path = f"/traffar/{key}"
    web = browser(app, planner.person.id)
    assert invited in web.get(path).text
    with app.state.database.transaction() as session:
        found = meetings.meeting(session, key)
        assert found is not None
        found.starts_at, found.ends_at = (now() - timedelta(hours=n) for n in (6, 1))
        to_calendars(session, found, now())
    page = web.get(path).text
    assert invited not in page
    assert "Ingen får något mejl av det här." in page
    before = _mails(app)
    sent = {"version": re.findall(r'name="version" value="(\d+)"', page)[0]}
    assert web.submit(path, f"{path}/bestam", sent).status_code == 303
    assert _mails(app) == before


def _mails(app: FastAPI) -> int:
    with app.state.database.reading() as session:
        return len(session.exec(select(Mail)).all())


def test_one_line_comes_home_to_the_circle(app: FastAPI, planner: Member) -> None:
    asked = f"{PAGE}?asked=1&visits=dalarna&takes-jamtland=1"
    browser(app, planner.person.id).submit(asked, asked, {})
    _accepted(app)
    pair = ("dalarna", "orebro")
    with app.state.database.transaction() as session:
        groups = [Group(Layer.NEARNESS, pair, Evidence((), (), (), pair, 90.0).to_json(), 90.0)]
        publish_round(session, "one", groups, "nch", now())
        circle = networks.active_networks(session)[0].id
        (visit,) = visits.visits_ahead(session, now())
        path = f"/traffar/{visit.id}"
        member = make_member(session, Role.RC_MEMBER, rc_id="orebro").person.id
        body = accounts.body_of_rc(session, "dalarna")
        assert body is not None
        visitor = accounts.functions_of_body(session, body.id)[0].holder_id
        early = visit.id
    assert visitor is not None
    web, line = browser(app, visitor), "Exempel: de har en egen jourlista."
    sent = {"learnt": line}
    assert web.submit(path, f"{path}/lardom", sent).status_code == 404, "before it is over"
    with app.state.database.transaction() as session:
        found = meetings.meeting(session, early)
        assert found is not None
        found.starts_at, found.ends_at = (now() - timedelta(hours=n) for n in (6, 1))
        session.add(found)
    wanted = "Skriv en rad till era kretsar efter"
    assert wanted in web.get("/").text
    assert f"{path}#learnt" in web.get("/").text
    assert web.submit(path, f"{path}/lardom", {"learnt": "x" * 201}).status_code == 422
    assert web.submit(path, f"{path}/lardom", sent).status_code == 303
    assert wanted not in web.get("/").text
    theirs = browser(app, member)
    assert wanted not in theirs.get("/").text
    assert line in theirs.get(f"/natverk/{circle}").text
    assert theirs.submit("/", f"{path}/lardom", sent).status_code == 404


def test_a_visit_is_proposed_in_a_week_without_another_meeting_of_either(app: FastAPI) -> None:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
    start = to_local(now() + NOTICE)
    begin = (start - timedelta(days=start.weekday())).replace(hour=9, minute=0)
    with app.state.database.transaction() as session:
        for week in range(1, 3):
            on = begin + timedelta(weeks=week, days=1)
            draft = MeetingDraft(
                kind=MeetingKind.STUDY_VISIT,
                name_sv="Exempel",
                name_en="Example",
                focus_sv="Exempel",
                focus_en="Example",
                form=MeetingForm.DIGITAL,
                starts_at=on,
                ends_at=on + timedelta(hours=2),
                host_rc="skane",
                visitor_rc="kronoberg",
            )
            create(session, draft, "system", now())
        other = begin + timedelta(days=2)
        create(
            session,
            replace(draft, starts_at=other, ends_at=other + timedelta(hours=2)),
            "system",
            now(),
        )
        made = visits.propose_day(session, "jonkoping", "kronoberg", "system", now())
        busy = {(begin + timedelta(weeks=week)).isocalendar()[:2] for week in range(3)}
        day = to_local(made.starts_at).date()
        assert day.isocalendar()[:2] not in busy
        assert day >= start.date()
        assert day < (begin + timedelta(weeks=6)).date()
