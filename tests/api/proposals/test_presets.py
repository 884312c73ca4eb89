"""The page's choices and the command's `--preset` are the same figures, and so the same answer."""

from dataclasses import replace
from itertools import combinations

import pytest
from sqlmodel import Session

from api.commands.engine.matching import by_journeys, members_table
from api.kit.clock import now
from api.networks.foresight import Group
from api.networks.models import Layer, NetworkForm
from api.networks.service import IN_PERSON_HOURS, IN_PERSON_KM, _form
from api.proposals.documents import read, write
from api.proposals.networks import building as matching
from api.proposals.networks import service
from api.proposals.networks.building import Choice, weights_of
from api.proposals.networks.engine import read_networks, write_networks
from api.proposals.networks.reasons import reasons
from api.proposals.networks.web.words import WEIGHTING_WORDS
from api.registry.export import members_csv
from api.registry.queries import rcs
from matcher.groups.files import presets
from matcher.groups.files.members import Shorthand, read_members
from matcher.groups.rules import is_digital
from matcher.groups.solve import solve
from matcher.proof import Budget
from tests.shipped import import_shipped

BUDGET = Budget(30.0, workers=1)


def test_what_rc_ask_for_is_the_likeness_preset_and_what_a_choice_begins_with() -> None:
    own = presets.WEIGHTINGS[0]
    assert own.weights == presets.LIKENESS.weights
    assert Choice().likeness == weights_of(own.weights)
    assert Choice().preset == own.key == "own_wish"
    assert replace(Choice(), likeness={"model": 1.0}).preset == ""
    assert (presets.IN_PERSON_KM, presets.IN_PERSON_HOURS) == (IN_PERSON_KM, IN_PERSON_HOURS)


def test_every_weighting_has_a_key_and_words_of_its_own() -> None:
    assert [one.key for one in presets.WEIGHTINGS] == list(WEIGHTING_WORDS)
    assert len(set(WEIGHTING_WORDS.values())) == len(WEIGHTING_WORDS)


@pytest.mark.parametrize("key", list(presets.LAYERS))
def test_the_command_and_the_page_give_the_same_networks_their_cost(
    session: Session, key: str
) -> None:
    import_shipped(session, "system")
    choice = Choice(layers=(Layer.NEARNESS,))
    if key != "nearness":
        weights = next(one.weights for one in presets.WEIGHTINGS if one.key == key)
        choice = Choice(layers=(Layer.LIKENESS,), likeness=weights_of(weights))
    page = service.networks_problem(session, choice, now())
    command = by_journeys(
        read_members(members_table(members_csv(rcs(session)).encode()), Shorthand(preset=key))
    )
    found = solve(page, BUDGET)
    other = solve(command, BUDGET)
    assert found.is_optimal
    assert other.is_optimal
    # The file has what the page has, though rounded for people.
    assert other.proof.objective == pytest.approx(found.proof.objective, abs=1e-3)


def test_a_stored_choice_reads_back_as_it_was() -> None:
    choice = Choice(layers=(Layer.NEARNESS,), sizes=(2, 5), apart=(("a", "b"),))
    assert read(Choice, write(choice)) == choice


def test_each_kind_of_network_begins_with_its_preset(session: Session) -> None:
    import_shipped(session, "system")
    problem = matching.build(rcs(session), Choice(), {})
    for layer in problem.layers:
        preset = matching.LAYERS[Layer(layer.name)]
        assert (layer.weights, layer.unknown) == (preset.weights, preset.unknown)
        assert layer.longest_travel == preset.longest_travel


def test_who_meets_in_person_is_one_rule_for_the_engine_and_for_publishing(
    session: Session,
) -> None:
    import_shipped(session, "system")
    problem = service.networks_problem(session, Choice(), now())
    layer = next(one for one in problem.layers if one.name == "nearness")
    travel, known = layer.longest_travel, reasons(session)
    assert travel is not None
    forms: set[NetworkForm] = set()
    for group in combinations(range(len(problem.members)), 3):
        km, spent = known.widest(problem.ids(group))
        assert spent is not None
        published = _form(Group(Layer.NEARNESS, problem.ids(group), {}, km, spent))
        assert is_digital(problem, travel, group) == (published == NetworkForm.DIGITAL), group
        forms.add(published)
    assert forms == {*NetworkForm}
    assert read_networks(write_networks(problem)) == problem
