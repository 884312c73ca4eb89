"""Leaders are chosen as a brute force over all choices would choose them."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from matcher.programme.leading import Candidate, choose_leaders

SESSIONS, BODIES = ("a", "b", "c"), ("x", "y", "z")


def test_the_one_who_has_it_leads_and_the_one_who_led_least_is_asked_before_others() -> None:
    candidates = [
        Candidate("law", "skane", has_it=False),
        Candidate("law", "jamtland", has_it=True, led_before=3),
        Candidate("law", "orebro", led_before=1),
    ]
    chosen = choose_leaders(candidates)["law"]
    assert (chosen.leader, chosen.deputy, chosen.reserves) == ("jamtland", "skane", ("orebro",))
    assert chosen.order == ("jamtland", "skane", "orebro")


def test_as_many_sessions_as_can_be_are_led_even_where_the_best_has_to_give_way() -> None:
    candidates = [
        Candidate("law", "skane", has_it=True),
        Candidate("law", "orebro"),
        Candidate("pepp", "skane"),
    ]
    chosen = choose_leaders(candidates)
    assert {name: one.leader for name, one in chosen.items()} == {"law": "orebro", "pepp": "skane"}
    assert chosen["law"].deputy == "skane"
    assert chosen["pepp"].deputy is None


def test_nobody_offers_and_nobody_leads() -> None:
    assert choose_leaders([]) == {}


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(SESSIONS), st.sampled_from(BODIES)),
        st.tuples(st.booleans(), st.integers(0, 4), st.booleans()),
        max_size=9,
    )
)
def test_no_other_choice_of_leaders_is_worth_more(
    offers: dict[tuple[str, str], tuple[bool, int, bool]],
) -> None:
    candidates = [Candidate(one, other, *how) for (one, other), how in offers.items()]
    worth = {(one.session, one.body): one.value for one in candidates}
    chosen = choose_leaders(candidates)
    leading = {name: one.leader for name, one in chosen.items() if one.leader}
    assert len(set(leading.values())) == len(leading)
    deputies = [one.deputy for one in chosen.values() if one.deputy]
    assert len(set(deputies)) == len(deputies)
    assert all(one.leader != one.deputy for one in chosen.values())
    named = {(name, body) for name, one in chosen.items() for body in one.order}
    assert named == {(name, body) for name, body in worth if name in chosen}
    best = 0
    for picks in product((None, *BODIES), repeat=len(SESSIONS)):
        pairs = [(one, body) for one, body in zip(SESSIONS, picks, strict=True) if body]
        bodies = [body for _, body in pairs]
        if len(set(bodies)) == len(bodies) and all(pair in worth for pair in pairs):
            best = max(best, sum(worth[pair] for pair in pairs))
    assert sum(worth[name, body] for name, body in leading.items()) == best
