"""A reviewer who has only keys: presses them, sees the title bar."""

import time
from dataclasses import dataclass, field

from real_window import RealWindow, wait_for

HABITS = (
    ("a",),  # takes the suggestion
    ("Right", "Return"),  # a step on, and takes that
    ("r",),
    ("f",),
    ("u",),  # skips; the person comes again at the end
)
"""What is pressed at the first, second ... person, and so on round and round."""

PATIENCE = 60


@dataclass
class Reviewer:
    """Goes through a project until everybody is decided.

    Attributes
    ----------
    seconds : list of float
        From seeing a person to seeing the next.
    """

    window: RealWindow
    seconds: list[float] = field(default_factory=list)

    def review(self, persons: int) -> None:
        """Look at every person once, then at those who were skipped."""
        wait_for(self._sees_someone, PATIENCE)
        for number in range(persons):
            self._press(HABITS[number % len(HABITS)])
        while self._sees_someone():
            self._press(("g", "Return"))

    def _sees_someone(self) -> bool:
        return " · " in self.window.title()

    def _press(self, keys: tuple[str, ...]) -> None:
        before, start = self.window.title(), time.monotonic()
        self.window.key(*keys)
        wait_for(lambda: self._has_left(before), PATIENCE)
        self.seconds.append(time.monotonic() - start)

    def _has_left(self, before: str) -> bool:
        """Whether the title names another person, or the end is reached."""
        now = self.window.title()
        return now != before and (" · " in now or self._is_over())

    def _is_over(self) -> bool:
        """Whether nobody is shown, and that lasts: between two persons it is so for a moment."""
        end = time.monotonic() + 1
        while time.monotonic() < end:
            if self._sees_someone():
                return False
            time.sleep(0.05)
        return True
