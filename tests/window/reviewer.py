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
        for number in range(persons):
            self._press(HABITS[number % len(HABITS)])
        while not self._is_over():
            self._press(("g", "Return"))

    def _press(self, keys: tuple[str, ...]) -> None:
        before, start = wait_for(self._seen, PATIENCE), time.monotonic()
        self.window.key(*keys)
        wait_for(lambda: self._is_over() or self._seen() not in ("", before), PATIENCE)
        self.seconds.append(time.monotonic() - start)

    def _seen(self) -> str:
        """What the title says of the person who is shown; empty between two of them."""
        title = self.window.title()
        return title if " · " in title else ""

    def _is_over(self) -> bool:
        return " decided " in self.window.title()
