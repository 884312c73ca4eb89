"""What a planner wishes stays: through what-if, matching again, moves by hand and locks, until it is taken away."""

import re
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from api.accounts.models import Role
from api.jobs.models import JobState
from api.jobs.service import JobFinished
from api.kit.clock import now
from api.networks.models import Layer
from api.proposals import documents, queries, spine
from api.proposals.models import Proposal, ProposalKind, ProposalState
from api.proposals.networks import jobs, moving, rules, service
from api.proposals.networks.building import Choice, CommonWish, MeanWish, OfAKindWish, Wish
from api.proposals.networks.holding import choice_of, lock
from api.proposals.networks.moving import Move
from api.proposals.networks.web.form import as_posted, read_choice
from matcher.requirement import Requirement
from tests.factories import Member, make_member
from tests.shipped import import_shipped
from tests.solving import matched
from tests.web import Browser, browser

BENCH = "/planera/natverk"
TIED = Wish("together", Layer.LIKENESS, ("kronoberg", "skane"))
PARTED = Wish("apart", Layer.LIKENESS, ("jonkoping", "uppsala"))
MANY_RULES = Choice(
    wishes=(
        Wish("kept", Layer.NEARNESS, ("skane", "kronoberg", "halland")),
        TIED,
        *(Wish("apart", Layer.LIKENESS, (f"a{n}", f"b{n}")) for n in range(5)),
    ),
    sizes_of={Layer.NEARNESS: (2, 5)},
    others={Layer.NEARNESS: {"geography": 2.0}},
    stability=1.0,
    is_once=True,
    is_standing=True,
    not_alone=("model",),
    numbers={Layer.LIKENESS: 4, Layer.EXPERIENCE: 5},
    of_a_kind=(
        OfAKindWish("at_least", Layer.LIKENESS, "phase_band", "operational", 1),
        OfAKindWish("at_least", Layer.NEARNESS, "phase_band", "operational", 1),
        OfAKindWish("at_most", Layer.LIKENESS, "phase_band", "operational", 2),
        OfAKindWish("at_most", Layer.LIKENESS, "model", "barnahus", 2),
    ),
    balanced=(MeanWish(Layer.LIKENESS, "population", 20_000.5),),
    in_common=(CommonWish(Layer.NEARNESS, "services", 2),),
    leaders={Layer.EXPERIENCE: ("skane", "uppsala")},
)


@pytest.fixture
def planner(app: FastAPI) -> Member:
    with app.state.database.transaction() as session:
        import_shipped(session, "system")
        made = make_member(session, Role.PLANNER)
        session.flush()
        session.expunge_all()
    return made


def _solved(app: FastAPI) -> Proposal:
    """Solve the newest proposal as the worker does, and return it."""
    with app.state.database.transaction() as session:
        session.expire_on_commit = False
        known = queries.proposals(session, ProposalKind.NETWORKS)  # of one second in any order
        proposal = next(one for one in known if one.state is ProposalState.SOLVING)
        payload: dict[str, object] = {"problem": proposal.problem, "seconds": 20, "seed": 0}
        result = jobs.match(payload, lambda *_: None, lambda: False)
        payload["proposal"] = proposal.id
        news = JobFinished(
            proposal.job_id or "", service.NETWORKS.job, JobState.DONE, payload, result, "x"
        )
        spine.on_job_finished(session, service.NETWORKS, news)
        session.flush()
        session.refresh(proposal)
        session.expunge(proposal)
    return proposal


def _mates(proposal: Proposal, rc_id: str) -> set[str]:
    groups = service.groups_in(proposal)[Layer.LIKENESS]
    return {*next(group for group in groups if rc_id in group)}


def _holds(proposal: Proposal) -> bool:
    return "skane" in _mates(proposal, "kronoberg") and "uppsala" not in _mates(
        proposal, "jonkoping"
    )


def _press(web: Browser, path: str, action: str, fields: dict[str, str]) -> str:
    answer = web.submit(path, f"{path}/{action}", fields)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_wishes_of_the_form_hold_through_every_recomputation_until_taken_away(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    chosen = {
        "preset": "own",
        "weight_model": "6",
        "weight_grant_group": "2",
        "layers": "likeness",
        "smallest_likeness": "3",
        "largest_likeness": "5",
        "together_1_first": "skane",
        "together_1_second": "kronoberg",
        "apart_1_first": "jonkoping",
        "apart_1_second": "uppsala",
    }
    path = web.submit(BENCH, BENCH, chosen).headers["location"]
    first = _solved(app)
    choice = choice_of(first)
    assert choice.wishes == (TIED, PARTED)
    assert (choice.preset, choice.likeness) == ("", {"model": 6.0, "grant_group": 2.0})
    assert choice.sizes_of == {Layer.LIKENESS: (3, 5)}
    assert _holds(first)

    again = _press(web, path, "igen", {})
    second = _solved(app)
    assert _holds(second)
    wondered = _press(
        web,
        again,
        "tank-om",
        {"kind": "apart", "layer": "likeness", "first": "dalarna", "second": "orebro"},
    )
    third = _solved(app)
    assert _holds(third)
    assert "orebro" not in _mates(third, "dalarna")
    page = web.get(wondered).text
    assert "Det här gäller" in page
    assert "Kronoberg och Skåne ska vara i samma krets (Likhetskretsar)" in page
    assert len(re.findall("nytt sedan sist", page)) == 1  # only the last wish

    last = _press(web, wondered, "utan", {"wish": PARTED.key})
    fourth = _solved(app)
    assert PARTED not in choice_of(fourth).wishes
    assert "skane" in _mates(fourth, "kronoberg")
    assert "orebro" not in _mates(fourth, "dalarna")
    assert "Gäller inte längre: Jönköping och Uppsala" in web.get(last).text
    stale = web.submit(last, f"{last}/utan", {"wish": PARTED.key})
    assert stale.status_code == 409


def test_a_fault_in_the_form_keeps_what_was_chosen(app: FastAPI, planner: Member) -> None:
    web = browser(app, planner.person.id)
    chosen = {
        "preset": "own",
        "weight_population": "7.5",
        "layers": "likeness",
        "together_1_first": "skane",
        "together_1_second": "skane",
        "smallest_likeness": "9",
        "largest_likeness": "9",
    }
    answer = web.submit(BENCH, BENCH, chosen)
    assert answer.status_code == 422
    assert "Välj två olika RC." in answer.text
    assert "En krets har 2–8 RC." in answer.text
    assert 'name="weight_population" min="0" max="10" step="0.5" value="7.5"' in answer.text


def test_a_locked_circle_stays_locked_through_moves_and_their_undoing(session: Session) -> None:
    import_shipped(session, "system")
    choice = Choice(layers=(Layer.LIKENESS,))
    made = service.propose_networks(
        session,
        service.networks_problem(session, choice, now()),
        choice,
        "Vår",
        "nch",
        now(),
    )
    service.record_answer(session, made, matched(made.problem))
    groups = service.groups_in(made)[Layer.LIKENESS]
    assert lock(session, made, Layer.LIKENESS, 0, made.version, "nch")
    assert [one.rc_ids for one in choice_of(made).wishes] == [tuple(sorted(groups[0]))]

    # A move elsewhere leaves the lock; one out of the locked circle takes the lock along.
    moving.move(session, made, Move(Layer.LIKENESS, groups[1][0], 2), made.version, "nch")
    assert [one.rc_ids for one in choice_of(made).wishes] == [tuple(sorted(groups[0]))]
    moved = groups[0][0]
    moving.move(session, made, Move(Layer.LIKENESS, moved, 2), made.version, "nch")
    assert [one.rc_ids for one in choice_of(made).wishes] == [
        tuple(sorted(set(groups[0]) - {moved}))
    ]
    moving.undo(session, made, made.version, "nch")
    assert [one.rc_ids for one in choice_of(made).wishes] == [tuple(sorted(groups[0]))]
    assert not lock(session, made, Layer.LIKENESS, 0, made.version, "nch")
    assert choice_of(made).wishes == ()


def test_wishes_stored_by_an_earlier_version_are_read_as_wishes() -> None:
    now = documents.write(Choice())
    earlier = now.replace('"together":[]', '"together":[["skane","kronoberg"]]')
    earlier = earlier.replace('"wishes":[],', "")
    read = documents.read(Choice, earlier)
    assert read.wishes == (Wish("together", Layer.LIKENESS, ("skane", "kronoberg")),)


def test_a_choice_with_all_rules_stands_in_the_form_and_comes_back_as_it_was() -> None:
    known = {rc: rc for wish in MANY_RULES.wishes for rc in wish.rc_ids} | {"uppsala": "Uppsala"}
    assert read_choice(as_posted(MANY_RULES), known, (), MANY_RULES) == MANY_RULES
    assert read_choice(as_posted(Choice()), {}) == Choice()
    moved = Choice(moved=20.0)
    assert read_choice(as_posted(moved), {}, (), MANY_RULES) != MANY_RULES
    assert read_choice(as_posted(moved), {}) == moved


def test_each_rule_is_taken_back_by_its_own_key_and_by_what_clashes() -> None:
    choice = replace(MANY_RULES, poll="fråga")
    found = rules.rules_of(choice, 60)
    assert len({one.key for one in found}) == len(found) == 13
    for rule in found:
        without = rules.without(choice, rule.key)
        left = [one.asked for one in rules.rules_of(without, 60)]
        assert left == [one.asked for one in found if one.key != rule.key]
        assert rules.key_of(choice, rule.asked) == rule.key
    for wish in choice.wishes:
        kind = "apart" if wish.kind == "apart" else "together"
        clashing = Requirement(kind, wish.rc_ids[::-1], layer=wish.layer.value)
        assert rules.key_of(choice, clashing) == wish.key
    # Where there is one kind of circles the engine names none.
    assert rules.key_of(choice, Requirement("standing", layer="nearness")) == "rule:standing:"
    assert rules.key_of(choice, Requirement("sizes", (), (3, 4, 16), "likeness")) == ""
    assert rules.without(choice, "rule:standing") == choice


def test_a_rule_says_that_it_holds_and_what_it_cost_is_seen_when_it_is_taken_back(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    chosen = {
        "layers": "likeness",
        "number_likeness": "4",
        "kind_1_bound": "at_most",
        "kind_1_count": "3",
        "kind_1_which": "phase_band:operational",
        "kind_1_layer": "likeness",
        "alone": "model",
    }
    path = web.submit(BENCH, BENCH, chosen).headers["location"]
    first = _solved(app)
    page = web.get(path).text
    assert len(re.findall(r"Uppfyllt\.", page)) == 3
    unknown = sum(value is None for value in _values(first, "model"))
    assert f"{unknown} RC saknar uppgiften och räknas inte." in page
    key = "rule:at_most:likeness:phase_band:operational:3"
    assert f'value="{key}"' in page
    last = _press(web, path, "utan", {"wish": key})
    second = _solved(app)
    assert choice_of(second) == replace(choice_of(first), of_a_kind=())
    answers = [service.NETWORKS.answer_of(one).objective for one in (first, second)]
    assert answers[1] < answers[0]
    page = web.get(last).text
    assert "Gäller inte längre: Likhetskretsar: Ingen krets får ha fler än 3 RC" in page
    cost = f"{answers[0]:.2f}".replace(".", ",")
    assert f"I förslaget som det är ändrat från: {cost}." in page


def _values(proposal: Proposal, attribute: str) -> tuple[object, ...]:
    return service.NETWORKS.problem_of(proposal).attribute(attribute).values


def test_rules_that_clash_are_taken_back_or_changed_from_where_they_are_told(
    app: FastAPI, planner: Member
) -> None:
    web = browser(app, planner.person.id)
    chosen = {"layers": "likeness", "number_likeness": "9", "alone": "model"}
    path = web.submit(BENCH, BENCH, chosen).headers["location"]
    first = _solved(app)
    page = web.get(path).text
    assert "Det ska vara 9 kretsar." in page
    key = "rule:number_of_networks:likeness:9:9"
    assert f'value="{key}"' in page
    form = web.get(f"{BENCH}?fran={first.id}").text
    assert re.search(r'name="number_likeness"[^>]*value="9"', form)
    assert f'name="changed" value="{first.id}"' in form
    last = _press(web, path, "utan", {"wish": key})
    second = _solved(app)
    assert "Uppfyllt." in web.get(last).text
    assert choice_of(second).numbers == {}
    # The form too begins from it, and keeps what has no field.
    lock_of = {"circle": "likeness:0", "version": str(second.version)}
    _press(web, last, "las", lock_of)
    again = web.submit(
        f"{BENCH}?fran={second.id}", BENCH, {**chosen, "number_likeness": "5", "changed": second.id}
    )
    third = _solved(app)
    assert again.headers["location"].endswith(third.id)
    assert third.compared_with == second.id
    assert [one.kind for one in choice_of(third).wishes] == ["kept"]
    assert web.get(f"{BENCH}?fran=nothing").status_code == 404
