"""The page that lays the product's circles beside a planner's says what the product makes today."""

from itertools import chain

import pytest

from api.networks.models import Layer
from bench.groups.planner import BEGIN, END, PAGE, page, register
from bench.groups.planners_own import LIKENESS, planners
from matcher.groups.files.presets import WEIGHTINGS


def test_the_page_of_circles_is_what_the_product_makes_today() -> None:
    told = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert told == f"{page()}\n", "python -m bench.groups.planner --write"


@pytest.mark.parametrize("preset", [one.key for one in WEIGHTINGS])
@pytest.mark.parametrize("layer", [Layer.LIKENESS, Layer.NEARNESS, Layer.EXPERIENCE])
def test_a_planner_s_circles_hold_each_rc_once_in_threes_and_fours(
    preset: str, layer: Layer
) -> None:
    circles = planners(preset, layer)
    assert sorted(chain.from_iterable(one.members for one in circles)) == sorted(register())
    assert {len(one.members) for one in circles} <= {3, 4}
    assert set(LIKENESS) == {one.key for one in WEIGHTINGS}
