"""A solve's clock: a stop is heard also when there is no news to send."""

import pytest

from matcher.groups import clock
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
