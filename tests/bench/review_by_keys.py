"""How long a reviewer with keys alone needs for 50 persons: `python -m tests.bench.review_by_keys`.

Through `main()`, in a window of its own process under Xvfb, with the real models; a person's time
ends when the next person's body is there. xdotool holds each key for 40 ms.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(TESTS), str(TESTS / "window")]

from real_window import RealWindow, display  # noqa: E402 - beside the tests
from reviewer import Reviewer  # noqa: E402
from tiny_projects import make_project  # noqa: E402

PERSONS = 50


def main() -> None:
    """Review, and say how long it took."""
    with tempfile.TemporaryDirectory() as folder, display() as screen:
        path = make_project(Path(folder) / "project", persons=PERSONS)
        window = RealWindow(screen, path, Path(folder))
        try:
            reviewer = Reviewer(window)
            reviewer.review(PERSONS)
        finally:
            window.kill()
    low, middle, high = np.percentile(reviewer.seconds, [5, 50, 95])
    sys.stdout.write(
        f"{PERSONS} persons in {sum(reviewer.seconds):.1f} s; a person: "
        f"median {middle:.2f} s, 5 % {low:.2f} s, 95 % {high:.2f} s\n"
    )


if __name__ == "__main__":
    main()
