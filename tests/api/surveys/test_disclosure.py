"""What evaluations may show: brute force over every world that fits what is shown."""

from itertools import chain, combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.surveys.disclosure import SMALLEST, Published, Share, publish, publish_next, share, wilson
from api.surveys.evaluations import BANDS
from api.surveys.models import Band, EvaluationKind

Counts = dict[Band, tuple[int, int]]


THREE = BANDS[EvaluationKind.MEETING]


def all_counts(largest: int) -> list[Counts]:
    """Every way that three bands of up to `largest` answers can agree."""
    one = [(number, agreeing) for number in range(largest + 1) for agreeing in range(number + 1)]
    return [dict(zip(THREE, cells, strict=True)) for cells in product(one, repeat=3)]


def sums_that_fit(shown: Published, counts: Counts, group: tuple[Band, ...]) -> set[int]:
    """Return how many of `group` may agree, in every world that shows the same page.

    The reader is taken to know how many answered in each band: more than the page says.
    """
    sizes = {band: counts[band][0] for band in THREE}
    worlds = product(*(range(sizes[band] + 1) for band in THREE))
    fitting = set()
    for agreeing in worlds:
        world = {b: (sizes[b], agreeing[place]) for place, b in enumerate(THREE)}
        if publish(world) == shown:
            fitting.add(sum(world[band][1] for band in group))
    return fitting


@pytest.mark.parametrize("largest", [6])
def test_no_group_of_any_bands_is_ever_known_to_be_of_one_mind(largest: int) -> None:
    """Exhaustive over all counts up to six a band: nobody's own answer follows from what is shown."""
    groups = list(chain.from_iterable(combinations(THREE, size) for size in (1, 2, 3)))
    worlds_by_view: dict[tuple[tuple[int, ...], object], list[Counts]] = {}
    for counts in all_counts(largest):
        shown = publish(counts)
        sizes = tuple(counts[band][0] for band in THREE)
        view = (sizes, (tuple(shown.bands.items()), shown.hidden, shown.total))
        worlds_by_view.setdefault(view, []).append(counts)
    reveals = 0
    for (sizes, _), worlds in worlds_by_view.items():
        size_of = dict(zip(THREE, sizes, strict=True))
        for group in groups:
            people = sum(size_of[band] for band in group)
            possible = {sum(world[band][1] for band in group) for world in worlds}
            if (people and possible <= {0}) or (people and possible <= {people}):
                reveals += 1
            if 0 < people < SMALLEST and len(possible) == 1:
                reveals += 1
    assert reveals == 0


def test_a_small_band_is_hidden_together_with_another() -> None:
    counts = {Band.PRE_OPERATIONAL: (3, 3), Band.OPERATIONAL: (9, 6), Band.OTHER: (6, 2)}
    shown = publish(counts)
    assert shown.bands == {Band.OPERATIONAL: Share(9, 6, 6)}
    assert shown.hidden == (Band.PRE_OPERATIONAL, Band.OTHER)
    assert shown.total == Share(18, 11, 11)
    assert sums_that_fit(shown, counts, (Band.PRE_OPERATIONAL,)) == {0, 1, 2, 3}


def test_a_meeting_with_few_answers_shows_nothing_at_all() -> None:
    assert publish({Band.OPERATIONAL: (4, 2)}) == Published({}, (Band.OPERATIONAL,), None)
    assert publish({}) == Published({}, (), None)


def test_bands_that_are_large_enough_are_all_shown() -> None:
    shown = publish({Band.PRE_OPERATIONAL: (6, 3), Band.OPERATIONAL: (10, 10), Band.OTHER: (0, 0)})
    assert shown.bands == {
        Band.PRE_OPERATIONAL: Share(6, 3, 3),
        Band.OPERATIONAL: Share(10, 9, 10),
    }
    assert shown.total == Share(16, 12, 13)


@settings(max_examples=200)
@given(st.integers(5, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_a_share_holds_the_truth_and_never_says_all_or_none(pair: tuple[int, int]) -> None:
    number, agreeing = pair
    said = share(number, agreeing)
    assert said.low <= agreeing <= said.high
    assert said.low < number
    assert said.high > 0
    low, high = said.interval
    assert 0 <= low <= agreeing / number <= high <= 1


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(13, 16)
    assert (round(low, 3), round(high, 3)) == (0.570, 0.934)  # Newcombe 1998, by hand
    assert wilson(0, 0) == (0.0, 1.0)


def test_next_themes_are_named_only_when_five_chose_them_and_never_as_everybody() -> None:
    chosen = {"law": 8, "pepp": 5, "brand": 4, "cases": 7}
    assert [(t.theme_id, t.number, t.is_floor) for t in publish_next(8, chosen)] == [
        ("cases", 7, True),
        ("law", 7, True),
        ("pepp", 5, False),
    ]
    assert publish_next(5, {"law": 5}) == ()
