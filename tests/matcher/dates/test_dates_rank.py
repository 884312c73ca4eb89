"""The ranking of one meeting against brute force, and each level of the order on its own."""

from typing import Any

import pytest

from matcher.dates.files.meeting import meeting_from, ranking_document
from matcher.dates.meeting.problem import candidates
from matcher.dates.meeting.rank import LEVELS, rank
from matcher.dates.meeting.rules import figures, violations
from matcher.errors import InfeasibleError, InvalidProblemError
from tests.matcher.dates.meetings import oracle, random_meeting

STOCKHOLM = {"lat": 59.3294, "lon": 18.0687}
LULEA = {"lat": 65.5841, "lon": 22.1547}
MALMO = {"lat": 55.6059, "lon": 13.0007}


def ranked(document: dict[str, Any]) -> dict[str, Any]:
    return ranking_document(rank(meeting_from(document)))


def order(document: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(choice["date"], choice["place"]) for choice in ranked(document)["choices"]]


@pytest.mark.parametrize("seed", range(60))
def test_ranking_agrees_with_brute_force(seed: int) -> None:
    document = random_meeting(seed)
    expected = oracle(document)
    if not expected:
        with pytest.raises(InfeasibleError):
            ranked(document)
        return
    found = [(c["date"], c["place"], c["form"]) for c in ranked(document)["choices"]]
    assert found == expected


@pytest.mark.parametrize("seed", range(20))
def test_every_candidate_is_ranked_or_refused_and_its_figures_are_the_rules_own(seed: int) -> None:
    problem = meeting_from(random_meeting(seed))
    try:
        ranking = rank(problem)
    except InfeasibleError:
        assert all(violations(problem, candidate) for candidate in candidates(problem))
        return
    seen = [c.candidate for c in ranking.choices] + [r.candidate for r in ranking.refused]
    assert len(seen) == len(candidates(problem))
    for choice in ranking.choices:
        assert violations(problem, choice.candidate) == ()
        assert figures(problem, choice.candidate) == choice.figures
    for refusal in ranking.refused:
        assert violations(problem, refusal.candidate) == refusal.violations


@pytest.mark.parametrize("seed", range(20))
def test_every_loser_names_the_first_level_that_differs(seed: int) -> None:
    try:
        ranking = rank(meeting_from(random_meeting(seed)))
    except InfeasibleError:
        return
    written = ranking_document(ranking)["choices"]
    assert written[0]["loses_because"] is None
    for above, this, text in zip(ranking.choices, ranking.choices[1:], written[1:], strict=False):
        assert text["loses_because"]
        if text["loses_on"] is None:
            assert above.levels == this.levels
        else:
            at = LEVELS.index(text["loses_on"]["level"])
            assert above.levels[:at] == this.levels[:at]
            assert above.levels[at] != this.levels[at]
            assert above.levels < this.levels


def test_minimal_form_is_a_list_of_dates() -> None:
    assert order({"dates": ["2027-03-01", "2027-03-02"]}) == [
        ("2027-03-01", None),
        ("2027-03-02", None),
    ]


def test_must_attend_comes_before_attendance() -> None:
    people = [{"id": "chair", "must_attend": True, "availability": {"a": "no", "b": "yes"}}]
    people += [{"id": f"p{n}", "availability": {"a": "yes", "b": "no"}} for n in range(5)]
    found = ranked({"dates": [{"id": "a"}, {"id": "b"}], "people": people})
    assert [choice["date"] for choice in found["choices"]] == ["b", "a"]
    assert found["choices"][1]["loses_on"] == {"level": "required", "this": 1.0, "above": 0.0}
    assert "chair must attend" in found["choices"][1]["loses_because"]


def test_quorum_of_a_role_comes_before_attendance() -> None:
    people = [{"id": "a", "role": "police", "availability": {"x": "no", "y": "yes"}}]
    people += [{"id": f"p{n}", "availability": {"x": "yes", "y": "no"}} for n in range(5)]
    roles = [{"id": "police", "quorum": 1}]
    document = {"dates": [{"id": "x"}, {"id": "y"}], "people": people, "roles": roles}
    assert order(document)[0] == ("y", None)


def test_any_number_of_maybe_weighs_less_than_one_yes() -> None:
    people = [{"id": "sure", "availability": {"a": "yes", "b": "no"}}]
    people += [{"id": f"p{n}", "availability": {"a": "no", "b": "maybe"}} for n in range(50)]
    assert order({"dates": [{"id": "b"}, {"id": "a"}], "people": people})[0] == ("a", None)


def test_maybe_decides_between_dates_with_equal_attendance() -> None:
    people = [
        {"id": "sure", "availability": {"a": "yes", "b": "yes"}},
        {"id": "unsure", "availability": {"a": "no", "b": "maybe"}},
    ]
    assert order({"dates": [{"id": "a"}, {"id": "b"}], "people": people})[0] == ("b", None)


def test_worst_off_region_comes_before_total_travel() -> None:
    people: list[dict[str, Any]] = [{"id": "north", "body": "norrbotten", "home": LULEA}]
    people += [{"id": f"s{n}", "body": "skane", "home": MALMO} for n in range(6)]
    places = [{"id": "malmo", **MALMO}, {"id": "sthlm", **STOCKHOLM}]
    document: dict[str, Any] = {"dates": ["2027-03-01"], "places": places, "people": people}
    assert order(document)[0] == ("2027-03-01", "sthlm")


def test_rotation_debt_moves_the_meeting_off_the_place_that_always_won() -> None:
    people = [{"id": "a", "body": "a", "home": {"lat": 59.0, "lon": 15.0}}]
    people += [{"id": "b", "body": "b", "home": {"lat": 59.0, "lon": 17.0}}]
    places = [{"id": "by_a", "lat": 59.0, "lon": 15.5}, {"id": "by_b", "lat": 59.0, "lon": 16.5}]
    base: dict[str, Any] = {"dates": ["2027-03-01"], "places": places, "people": people}
    for earlier, expected in (("by_a", "by_b"), ("by_b", "by_a")):
        assert order({**base, "history": [{"place": earlier}]})[0][1] == expected


def test_cost_decides_only_between_equals() -> None:
    people = [{"id": "a", "body": "a", "home": STOCKHOLM}]
    places = [{"id": "dear", **STOCKHOLM, "cost": 9000}, {"id": "cheap", **STOCKHOLM, "cost": 10}]
    document: dict[str, Any] = {"dates": ["2027-03-01"], "places": places, "people": people}
    assert [place for _, place in order(document)] == ["cheap", "dear"]


def test_one_without_answers_is_free_and_one_with_a_gap_is_not_counted() -> None:
    people: list[dict[str, Any]] = [{"id": "never_asked"}]
    people += [{"id": "asked", "availability": {"a": "yes"}}]
    found = ranked({"dates": [{"id": "a"}, {"id": "new"}], "people": people})["choices"]
    assert [(c["date"], c["figures"]["attending"]) for c in found] == [("a", 2), ("new", 1)]


def test_short_meeting_must_be_reachable_the_same_day_and_a_long_one_need_not() -> None:
    people = [{"id": "north", "home": LULEA}]
    places = [{"id": "malmo", **MALMO}, {"id": "sthlm", **STOCKHOLM}]
    short = {"id": "short", "start": "2027-03-01T11:00", "end": "2027-03-01T15:00"}
    long = {"id": "long", "start": "2027-03-01T10:00", "end": "2027-03-01T16:00"}
    document: dict[str, Any] = {"dates": [short, long], "places": places, "people": people}
    found = ranked(document)
    refused = [(r["date"], r["place"], r["rules"][0]["rule"]) for r in found["refused"]]
    assert refused == [("short", "malmo", "same_day")]


def test_nobody_leaves_home_before_six_for_a_short_meeting() -> None:
    people = [{"id": "north", "home": LULEA}]
    places = [{"id": "sthlm", **STOCKHOLM}]
    for start, end, is_reached in (("10:00", "14:00", False), ("16:00", "20:00", False)):
        at = {"id": "a", "start": f"2027-03-01T{start}", "end": f"2027-03-01T{end}"}
        late = {"id": "b", "start": "2027-03-01T12:00", "end": "2027-03-01T15:00"}
        found = ranked({"dates": [at, late], "places": places, "people": people})
        assert ([one["date"] for one in found["choices"]] == ["a", "b"]) is is_reached
        assert [one["rules"][0]["rule"] for one in found["refused"]] == ["same_day"]


def test_nights_and_money_are_counted_and_decide_between_equals() -> None:
    people = [{"id": "north", "home": LULEA}, {"id": "near", "home": STOCKHOLM}]
    option = {"id": "a", "start": "2027-03-01T09:00", "end": "2027-03-02T15:00"}
    document: dict[str, Any] = {
        "dates": [option],
        "places": [{"id": "sthlm", **STOCKHOLM, "cost": 5000}],
        "people": people,
        "settings": {"night_cost": 1000, "hour_cost": 100},
    }
    (choice,) = ranked(document)["choices"]
    # One night between the days for each, and one before for whoever would have to leave before six.
    assert choice["figures"]["nights"] == 3
    hours = choice["figures"]["travel_hours"]["total"]
    assert choice["figures"]["cost"] == pytest.approx(5000 + 3 * 1000 + 2 * 100 * hours, abs=2)


def test_no_region_travels_longest_three_times_in_a_row_and_the_margin_is_a_tie() -> None:
    people: list[dict[str, Any]] = [
        {"id": "a", "body": "a", "home": LULEA},
        {"id": "b", "body": "b", "home": STOCKHOLM},
        {"id": "c", "body": "c", "home": MALMO},
    ]
    places = [{"id": "malmo", **MALMO}, {"id": "sthlm", **STOCKHOLM}, {"id": "lulea", **LULEA}]
    north = {"hours": {"a": 6.0, "b": 3.0, "c": 1.0}}
    document: dict[str, Any] = {"dates": ["2027-03-01"], "places": places, "people": people}
    document |= {"history": [north, north], "settings": {"most_in_a_row": 2}}
    refused = {r["place"]: r["rules"][0]["rule"] for r in ranked(document)["refused"]}
    assert refused == {"malmo": "not_again"}, "Stockholm is a tie: from Malmö it is nearly as long"
    shared = {
        "hours": {"a": 6.0, "b": 3.0, "c": 5.6}
    }  # within the margin: they travel equally long
    for history in ([north], [north, shared], [shared, north], [north, north, shared]):
        assert ranked({**document, "history": history})["refused"] == []


def test_a_quorum_or_a_history_that_fits_nobody_is_a_fault() -> None:
    people = [{"id": "k", "role": "police", "body": "skane"}]
    base: dict[str, Any] = {"dates": ["2027-03-01"], "people": people}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"roles": [{"id": "polis", "quorum": 1}]}, "$.roles[0].id"),
        ({"history": [{"hours": {"skåne": 2.0}}]}, "$.history[0].hours"),
        ({"history": [{"place": "x", "bodies": ["12"]}]}, "$.history[0].bodies"),
    ]
    for part, where in wrong:
        with pytest.raises(InvalidProblemError) as caught:
            ranked(base | part)
        assert where in str(caught.value)
    ranked(base | {"roles": [{"id": "polis", "quorum": 0}]})


def test_hybrid_lets_those_beyond_the_travel_limit_join_digitally() -> None:
    people = [{"id": "north", "home": LULEA}, {"id": "near", "home": STOCKHOLM}]
    settings = {"forms": ["in_person", "hybrid"], "travel_limit_hours": 3}
    places = [{"id": "sthlm", **STOCKHOLM}]
    document: dict[str, Any] = {"dates": ["2027-03-01"], "places": places, "people": people}
    found = ranked({**document, "settings": settings})["choices"]
    shown = [(c["form"], c["figures"]["in_person"], c["figures"]["digital"]) for c in found]
    assert shown == [("hybrid", 1, 1), ("in_person", 1, 0)]


def test_infeasible_names_the_fewest_rules_and_each_is_needed() -> None:
    people = [{"id": f"p{n}"} for n in range(9)]
    places = [{"id": "small", "capacity": 3}, {"id": "large", "capacity": 90, "taken": ["a"]}]
    document: dict[str, Any] = {"dates": [{"id": "a"}], "places": places, "people": people}
    with pytest.raises(InfeasibleError) as caught:
        ranked(document)
    assert [line.split(":")[0] for line in caught.value.conflict] == ["capacity", "place_free"]
    del places[1]["taken"]
    assert order(document) == [("a", "large")]


def test_required_attendance_refuses_only_when_the_settings_ask() -> None:
    people = [{"id": "chair", "must_attend": True, "availability": {"a": "no"}}]
    document: dict[str, Any] = {"dates": [{"id": "a"}], "people": people}
    assert order(document) == [("a", None)]
    with pytest.raises(InfeasibleError):
        ranked({**document, "settings": {"require_attendance": True}})


def test_week_53_and_29_february_are_dates_and_show_their_week() -> None:
    found = ranked({"dates": ["2026-12-31", "2028-02-29"]})["choices"]
    assert [choice["week"] for choice in found] == ["2026-W53", "2028-W09"]


def test_a_place_that_nobody_knows_is_asked_for_and_never_the_nearest() -> None:
    document: dict[str, Any] = {
        "dates": ["2031-03-04"],
        "places": [{"id": "Stockholm", **STOCKHOLM}, {"id": "nowhere"}],
        "people": [{"id": "a", "home": LULEA}],
    }
    with pytest.raises(InvalidProblemError, match=r"places\[1\].*nowhere.*lat and lon"):
        ranked(document)
    # Where no place is known at all, no journey is compared, and the file says how many are unknown.
    document["places"] = [{"id": "here"}, {"id": "nowhere"}]
    assert [one["figures"]["travel_unknown"] for one in ranked(document)["choices"]] == [1, 1]
