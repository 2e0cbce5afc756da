"""What the shown body is compared with, and how."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.i18n import mark, tr
from app.loading import Loader
from app.poses import Poses, refined_key
from app.worker import explain
from core.project import Person
from core.refiners import REFINERS

if TYPE_CHECKING:
    from app.review import Review

ROUGH, PINNED, SEED = mark("Θ1"), mark("pinned step"), mark("another seed")
"""What there is besides the refiners."""


class Mode(StrEnum):
    """How two bodies are compared; the names are those of the actions."""

    ABOVE = "above"
    WIPE = "wipe"
    ONION = "onion"
    HEAT = "heat"


@dataclass(frozen=True, eq=False)
class Shown:
    """One body of two."""

    poses: Poses
    frame: int
    words: str


class Comparison(QObject):
    """Compares the body that a `Review` shows with another of the same person."""

    changed = Signal()
    """Another mode, or another body to compare with."""

    def __init__(self, review: "Review", loader: Loader) -> None:
        super().__init__(review)
        self._review, self._loader = review, loader
        loader.refined.connect(self._refined)
        self.mode: Mode | None = None
        """None where nothing is compared."""

        self.source = ROUGH
        """`ROUGH`, `PINNED`, `SEED`, or the name of a refiner."""

        self._pinned: Shown | None = None
        self._refined_by: Poses | None = None

    @property
    def shown(self) -> Shown | None:
        """The body under review."""
        mixer, person = self._review.mixer, self._review.person
        if mixer.poses is None or person is None:
            return None
        by = person.run.trajectory.refiner if person.run else ""
        return Shown(mixer.poses, mixer.frame, _words(mixer.mix.step, by, bool(mixer.mix.own)))

    @property
    def other(self) -> Shown | None:
        """The body that it is compared with; None until it is there."""
        mixer, person = self._review.mixer, self._review.person
        if person is None or mixer.base is None:
            return None
        if self.source == ROUGH:
            by = person.source.frontend if person.source else ""
            return Shown(mixer.base, 0, f"{tr(ROUGH)}  ·  {by}")
        if self.source == PINNED:
            return self._pinned if self._pinned and self._is_of_person(self._pinned.poses) else None
        way, refined = self._way(person), self._refined_by
        if way is None or refined is None or refined.key != refined_key(person, *way):
            return None
        step = min(mixer.mix.step, len(refined) - 1)
        return Shown(refined, step, _words(step, tr(self.source)))

    def above(self) -> None:
        """Show both, one above the other."""
        self._show(Mode.ABOVE)

    def wipe(self) -> None:
        """Show one at the left of a line and the other at its right."""
        self._show(Mode.WIPE)

    def onion(self) -> None:
        """Show one through the other."""
        self._show(Mode.ONION)

    def heat(self) -> None:
        """Show how far apart they are, on the body."""
        self._show(Mode.HEAT)

    def leave(self) -> None:
        """Compare no more."""
        self._show(None)

    def pin(self) -> None:
        """Compare with the step that is shown now."""
        if (shown := self.shown) is not None:
            self._pinned = shown
            self.choose(PINNED)
            if self.mode is None:
                self.above()

    def choose(self, source: str) -> None:
        """Compare with Θ1, the pinned step, another seed, or the steps of a refiner."""
        self.source = source
        self.follow()
        self.changed.emit()

    def follow(self) -> None:
        """Ask for the other body of the person who is shown now."""
        person = self._review.person
        if self.mode is None or person is None or person.theta1 is None:
            return
        if (way := self._way(person)) is not None:
            self._loader.want_refined(person, *way, self._failed)

    def _show(self, mode: Mode | None) -> None:
        self.mode = None if mode == self.mode else mode
        self.follow()
        self.changed.emit()

    def _way(self, person: Person) -> tuple[str, int] | None:
        """Return who else refines the person, and the seed."""
        if self.source in (ROUGH, PINNED):
            return None
        if self.source != SEED:
            return self.source, 0
        run = person.run
        if run is None or run.trajectory.refiner not in REFINERS:
            return None
        return run.trajectory.refiner, run.seed + 1

    def _failed(self, error: Exception) -> None:
        self._review.failed.emit(explain(error))

    def _refined(self, poses: Poses) -> None:
        self._refined_by = poses
        self.changed.emit()

    def _is_of_person(self, poses: Poses) -> bool:
        base = self._review.mixer.base
        return base is not None and poses.key[:2] == base.key[:2]


def _words(step: int, by: str, mixed: bool = False) -> str:
    what = tr("Step {step}", step=step) + (f" ({tr('mixed')})" if mixed else "")
    return f"{what}  ·  {by}" if by else what
