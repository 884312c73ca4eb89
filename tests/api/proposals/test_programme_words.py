"""Every rule that a programme may break, and every requirement that may clash, is said with names."""

from typing import get_args

import pytest

from api.kit.i18n import Language, Speaker
from api.proposals.programme.web.scores import LEVELS
from api.proposals.programme.words import (
    BROKEN,
    CLASHING,
    MISSED,
    REASONS,
    broken_in_words,
    clash_in_words,
)
from matcher.programme.explain import ReasonKind
from matcher.programme.rules.scores import LEVELS as ENGINE_LEVELS
from matcher.programme.rules.violations import RULES
from matcher.proof import Violation
from matcher.requirement import OF_PROGRAMME, Requirement

NAMES = {"a": "Anna", "b": "Bertil", "c": "Cecilia", "d": "David"}
# How many ids the engine names with each rule; those with two forms have both.
SUBJECTS = {
    "known": (2,),
    "fits_the_day": (2,),
    "one_session_in_a_room": (4,),
    "plenary_stands_alone": (3,),
    "room_suits": (2,),
    "session_available": (2,),
    "ends_in_time": (2,),
    "runs_as_often_as_allowed": (1,),
    "pins": (1,),
    "hosts_in_one_place": (2, 3),
    "hosts_attend": (3,),
    "leader_pause": (3,),
    "prerequisites": (2, 3),
    "role_window": (3,),
    "agenda_of_runs": (2, 3),
    "person_in_one_place": (2, 3),
    "room_capacity": (3,),
    "room_reaches_person": (3,),
    "walking_time": (3,),
    "guests_come_for_their_part": (2,),
    "track_focus": (1,),
    "everyone_has_one_seat": (2,),
}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_every_broken_rule_is_a_sentence_that_names_those_it_is_about(
    rule: str, language: Language
) -> None:
    said = set()
    for number in SUBJECTS[rule]:
        ids = tuple("abcd"[:number])
        sentence = broken_in_words(Speaker(language), Violation(rule, ids, "engine's own"), NAMES)
        assert [NAMES[one] for one in ids if NAMES[one] not in sentence] == []
        assert sentence.endswith(".")
        said.add(sentence)
    assert len(said) == len(SUBJECTS[rule])


def test_there_are_words_for_just_what_the_engine_names() -> None:
    assert set(BROKEN) == {rule.__name__ for rule in RULES}
    assert set(MISSED) == set(get_args(ReasonKind))
    assert set(REASONS) <= set(MISSED)
    assert set(CLASHING) == set(OF_PROGRAMME)
    assert set(LEVELS) == set(ENGINE_LEVELS)


@pytest.mark.parametrize(
    ("requirement", "swedish"),
    [
        (Requirement("must_run", ("a",)), "Anna måste vara med."),
        (Requirement("pinned", ("a", "b", "c")), "Anna är låst till Bertil, Cecilia."),
        (Requirement("pinned", ("a", "", "c")), "Anna är låst till Cecilia."),
        (Requirement("comes_after", ("a", "b")), "Anna kommer efter Bertil."),
        (
            Requirement("window", ("a",), (2,)),
            "Alla pass för Anna ska ligga inom 2 tider i följd.",
        ),
        (
            Requirement("frame"),
            "Lokalerna och ledarna räcker inte till de pass som måste vara med.",
        ),
    ],
)
def test_every_requirement_that_clashes_is_said_with_names(
    requirement: Requirement, swedish: str
) -> None:
    assert clash_in_words(Speaker("sv"), requirement, NAMES) == swedish
    assert clash_in_words(Speaker("en"), requirement, NAMES) != swedish
