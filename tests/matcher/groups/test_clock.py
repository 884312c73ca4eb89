"""A solve's clock: a stop is heard also when there is no news to send."""

import numpy as np
import pytest

from matcher import clock
from matcher.groups.layers.choose import choose
from matcher.groups.layers.pool import build_pool
from matcher.groups.model.layer import Attribute, Layer, Member, Weight
from matcher.groups.model.problem import Problem
from matcher.proof import Budget, Progress


def test_a_follower_is_asked_again_without_news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "ASK_EVERY", 0.0)
    answers = [True, True, False]
    heard: list[float | None] = []

    def follow(progress: Progress) -> bool:
        heard.append(progress.incumbent)
        return answers.pop(0)

    timer = clock.Clock(Budget(60.0), follow)
    timer.tell("construction", incumbent=3.0)
    assert timer.keep_going()
    assert not timer.keep_going()
    assert not timer.keep_going()
    assert heard == [3.0, 3.0, 3.0]
    assert timer.left == 0.0


def test_a_worse_figure_is_not_sent() -> None:
    heard: list[Progress] = []
    timer = clock.Clock(Budget(60.0), heard.append)
    timer.tell("construction", incumbent=3.0, bound=1.0)
    timer.tell("construction", incumbent=4.0, bound=0.5)
    assert [(each.incumbent, each.lower_bound) for each in heard] == [(3.0, 1.0)]


def test_a_program_too_large_for_the_time_left_is_not_begun() -> None:
    values = tuple(float(number % 7) for number in range(24))
    members = tuple(Member(f"m{number}") for number in range(24))
    layer = Layer("x", 3, 3, (Weight("x", 1.0),))
    pool = build_pool(Problem(members, (Attribute("x", "number", values),), (layer,)))
    every = np.arange(len(pool.costs))
    late = choose(pool, every, pool.costs, seconds=1e-6, seed=0)
    assert (late.columns, late.is_finished, late.lower_bound) == (None, False, -np.inf)
    assert choose(pool, every, pool.costs, seconds=20.0, seed=0).is_finished
