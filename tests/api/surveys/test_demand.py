from api.surveys.demand import RANK_FLOOR, Profile, Topic, demand
from api.surveys.questions import Answer, Focus

TOPICS = [Topic("law", "legal"), Topic("start", "organisation"), Topic("cases", "method")]
RCS = [f"rc{number}" for number in range(8)]
PROFILES = {
    rc: Profile("needs_inventory" if number < 3 else "operative", "barnahus" if number > 5 else "")
    for number, rc in enumerate(RCS)
}


def test_demand_counts_resource_centres_over_phases_and_models() -> None:
    answers = {
        "rc0": Answer(weights={"start": 3}, must="start", focus=Focus.START_UP),
        "rc1": Answer(weights={"start": 2, "law": 1}, focus=Focus.START_UP),
        "rc3": Answer(weights={"law": 3}, offers=frozenset({"start"}), focus=Focus.SUBJECTS),
        "rc6": Answer(weights={"law": 1}, focus=Focus.BOTH),
        "rc7": Answer(weights={"law": 2}, must="law", focus=Focus.SUBJECTS),
    }
    found = demand(TOPICS, RCS, answers, PROFILES)
    law, start, cases = found.themes
    assert (law.theme_id, law.asking, law.weight, law.must, law.offering) == ("law", 4, 7, 1, 0)
    assert law.by_phase == {"needs_inventory": 1, "operative": 3}
    assert law.by_model == {"": 2, "barnahus": 2}
    assert (start.asking, start.weight, start.must, start.offering) == (2, 5, 1, 1)
    assert cases.asking == 0
    assert found.tracks == {Focus.START_UP: ("start",), Focus.SUBJECTS: ("law",)}


def test_below_the_floor_nothing_is_ranked_and_no_focus_is_proposed() -> None:
    answers = {rc: Answer(weights={"cases": 3}) for rc in RCS[3 : 3 + RANK_FLOOR - 1]}
    found = demand(TOPICS, RCS, answers, PROFILES)
    assert not found.rate.is_ranked
    assert [theme.theme_id for theme in found.themes] == ["law", "start", "cases"]
    assert found.focus is None
    assert found.tracks == {}


def test_the_answer_rate_names_who_is_missing_and_which_phases_nobody_speaks_for() -> None:
    answers = {rc: Answer(weights={"law": 1}) for rc in RCS[3:]}
    rate = demand(TOPICS, RCS, answers, PROFILES).rate
    assert (rate.number, rate.asked) == (5, 8)
    assert rate.missing == ("rc0", "rc1", "rc2")
    assert rate.missing_phases == ("needs_inventory",)


def test_an_answer_of_somebody_who_was_not_asked_does_not_count() -> None:
    answers = {"elsewhere": Answer(weights={"law": 3}, must="law")}
    found = demand(TOPICS, RCS, answers, PROFILES)
    assert found.rate.number == 0
    assert found.themes[0].must == 0


def test_a_focus_needs_both_the_majority_and_the_heavier_themes() -> None:
    said_start = Answer(weights={"law": 3, "cases": 3}, focus=Focus.START_UP)
    assert demand(TOPICS, RCS, dict.fromkeys(RCS, said_start), PROFILES).focus is not None
    found = demand(TOPICS, RCS, dict.fromkeys(RCS, said_start), PROFILES).focus
    assert found is not None
    assert found.focus is Focus.BOTH
    agreed = Answer(weights={"start": 2, "law": 1}, focus=Focus.START_UP)
    found = demand(TOPICS, RCS, dict.fromkeys(RCS, agreed), PROFILES).focus
    assert found is not None
    assert found.focus is Focus.START_UP
    assert found.said == {Focus.START_UP: 8, Focus.SUBJECTS: 0, Focus.BOTH: 0}


def test_an_unknown_phase_is_in_neither_band() -> None:
    assert Profile("").band == "other"
    assert Profile("start_up").band == "pre_operational"
    assert Profile("partly").band == "operational"
