from api.surveys.demand import Profile, Topic, demand
from api.surveys.questions import Answer
from api.surveys.wishes import MUST_WEIGHT, OTHER_ROLE, ThemeText, build

THEMES = [
    ThemeText("law", "Lag", "Law", "legal", ("curator",)),
    ThemeText("pepp", "Pepp", "Encouragement", "peer_support", ("all",)),
    ThemeText("brand", "Varumärke", "Brand", "communication", ("all",)),
]
TOPICS = [Topic(theme.id, theme.category) for theme in THEMES]
PROFILES = {"a": Profile("operative"), "b": Profile("planning")}
ANSWERS = {
    "a": Answer(
        weights={"law": 2, "pepp": 1},
        must="pepp",
        functions=("operative_coordinator", "curator"),
        has_deputy=True,
    ),
    "b": Answer(weights={"law": 3}, offers=frozenset({"pepp"})),
}


def test_every_wish_can_be_traced_to_the_answer_behind_it() -> None:
    wishes = build("s", demand(TOPICS, ["a", "b"], ANSWERS, PROFILES), THEMES, ANSWERS)
    people = {person.id: person for person in wishes.people}
    assert set(people) == {"a:operative_coordinator", "a:curator", "b:operative_coordinator"}
    assert people["a:operative_coordinator"].weights == {"law": 2 * OTHER_ROLE, "pepp": MUST_WEIGHT}
    assert people["a:curator"].weights == {"law": 2.0, "pepp": MUST_WEIGHT}
    assert people["a:curator"].has_deputy
    for trace in wishes.trace:
        answer = ANSWERS[trace.rc_id]
        assert trace.stated == answer.weights.get(trace.theme_id, 0)
        assert trace.is_must == (answer.must == trace.theme_id)
        assert people[trace.person_id].weights[trace.theme_id] == trace.weight
        assert trace.person_id.startswith(f"{trace.rc_id}:")
    assert len(wishes.trace) == sum(len(person.weights) for person in wishes.people)


def test_only_themes_that_somebody_asks_for_become_topics_with_those_who_offer_them() -> None:
    wishes = build("s", demand(TOPICS, ["a", "b"], ANSWERS, PROFILES), THEMES, ANSWERS)
    assert [(topic.theme.id, topic.asking, topic.offered_by) for topic in wishes.topics] == [
        ("law", 2, ()),
        ("pepp", 1, ("b",)),
    ]
    assert wishes.focus is None  # two answers decide nothing
