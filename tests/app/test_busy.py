"""How long background work will take."""

import pytest

from app.panels.busy import Clock, left_in_words
from core.progress import Progress


class Watch:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_time_left_follows_from_the_time_taken_and_is_not_said_too_soon() -> None:
    watch = Watch()
    clock = Clock(watch)
    left = []
    for watch.now, done in ((0, 0), (2, 1), (20, 10), (60, 20)):
        left.append(clock.left(Progress(done, 100)))
    assert left == [None, None, 20 / 10 * 90, 60 / 20 * 80]
    assert clock.left(Progress(0, 30)) is None  # another job
    watch.now = 70
    assert clock.left(Progress(5, 30)) == 50


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "less than a minute left"), (100, "about 2 min left"), (5400, "about 1.5 h left")],
)
def test_time_left_is_told_roughly(seconds: float, words: str) -> None:
    assert left_in_words(seconds) == words
