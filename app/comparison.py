"""What the shown body is compared with, and how."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.i18n import mark, tr
from app.loading import Loader
from app.mix import PLAIN, Mix
from app.poses import Poses, Which, poses_key, refined_key
from app.worker import explain
from core.project import Accept, Person
from core.refiners import REFINERS

if TYPE_CHECKING:
    from app.review import Review

ROUGH, PINNED, SEED = mark("Θ1"), mark("pinned step"), mark("another seed")
"""What there is besides refiners and reviewers."""

REVIEWER = "by:"
"""What stands before a reviewer's name, as in the filter of the queue."""


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

    offered = Signal()
    """There may be other `sources`."""

    def __init__(self, review: "Review", loader: Loader) -> None:
        super().__init__(review)
        self._review, self._loader = review, loader
        loader.compared.connect(self._compared)
        self.mode: Mode | None = None
        """None where nothing is compared."""

        self.source = ROUGH
        """`ROUGH`, `PINNED`, `SEED`, the name of a refiner, or of a reviewer after `REVIEWER`."""

        self._pinned: Shown | None = None
        self._made: Poses | None = None

    @property
    def sources(self) -> dict[str, str]:
        """What there is to compare with, each with its words.

        The present one stays, so that one can go on to others whom the same reviewer decided on.
        """
        person = self._review.person
        found = {source: tr(source) for source in (ROUGH, PINNED, SEED, *REFINERS)}
        names = dict.fromkeys([*(person.accepts if person else ()), self._reviewer])
        return found | {REVIEWER + who: tr("accepted by {who}", who=who) for who in names if who}

    @property
    def shown(self) -> Shown | None:
        """The body under review."""
        mixer, person = self._review.mixer, self._review.person
        if mixer.poses is None or person is None:
            return None
        mix = (mixer.mix.rest, mixer.mix.own)
        same = ((who, one) for who, one in person.accepts.items() if _of_shown_run(one, person))
        names = [who for who, one in same if (one.step, one.parts) == mix]
        words = _words(mixer.mix.step, bool(mixer.mix.own), _refiner(person), *names)
        return Shown(mixer.poses, mixer.frame, words)

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
        which = self._which(person)
        made = next((one for one in (self._made, mixer.base) if one and one.which == which), None)
        if made is None:
            return None
        if (accept := self._accept(person)) is not None:
            by = _refiner(person) if _of_shown_run(accept, person) else tr("an earlier run")
            words = _words(accept.step, bool(accept.parts), by, self._reviewer)
            return Shown(made, accept.step, words)
        step = min(mixer.mix.step, len(made) - 1)
        return Shown(made, step, _words(step, False, tr(self.source)))

    @property
    def trouble(self) -> str:
        """Why there is no other body."""
        person = self._review.person
        if person is not None and self.source == PINNED:
            return tr("No step of this person is pinned")
        if person is not None and self._reviewer and self._accept(person) is None:
            return tr("{who} has not accepted this person", who=self._reviewer)
        return tr("Working out the body to compare with…")

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

    def forget(self) -> None:
        """Drop the bodies of another project, whose keys mean others."""
        self._pinned = self._made = None

    def choose(self, source: str) -> None:
        """Compare with another of `sources`."""
        self.source = source
        self.follow()
        self.changed.emit()

    def follow(self) -> None:
        """Ask for the other body of the person who is shown now."""
        self.offered.emit()
        person = self._review.person
        if self.mode is None or person is None or person.theta1 is None:
            return
        if (accept := self._accept(person)) is not None:
            # else the whole body is there at every step
            if accept.parts or not _of_shown_run(accept, person):
                self._loader.want_accepted(person, accept, self._failed)
        elif (way := self._way(person)) is not None:
            self._loader.want_refined(person, *way, self._failed)

    def _show(self, mode: Mode | None) -> None:
        self.mode = None if mode == self.mode else mode
        self.follow()
        self.changed.emit()

    @property
    def _reviewer(self) -> str:
        return self.source.removeprefix(REVIEWER) if self.source.startswith(REVIEWER) else ""

    def _accept(self, person: Person) -> Accept | None:
        return person.accepts.get(self._reviewer)

    def _which(self, person: Person) -> Which | None:
        """Return which bodies the other is one of."""
        key, way = poses_key(person), self._way(person)
        if key is not None and (accept := self._accept(person)) is not None:
            return (*key[:2], accept.run_id), Mix(accept.step, accept.parts).axis
        return None if way is None else (refined_key(person, *way), PLAIN)

    def _way(self, person: Person) -> tuple[str, int] | None:
        """Return who else refines the person, and the seed."""
        if self.source in (ROUGH, PINNED) or self._reviewer:
            return None
        if self.source != SEED:
            return self.source, 0
        run = person.run
        if run is None or run.trajectory.refiner not in REFINERS:
            return None
        return run.trajectory.refiner, run.seed + 1

    def _failed(self, error: Exception) -> None:
        self._review.failed.emit(explain(error))

    def _compared(self, poses: Poses) -> None:
        self._made = poses
        self.changed.emit()

    def _is_of_person(self, poses: Poses) -> bool:
        base = self._review.mixer.base
        return base is not None and poses.key[:2] == base.key[:2]


def _refiner(person: Person) -> str:
    return person.run.trajectory.refiner if person.run else ""


def _of_shown_run(accept: Accept, person: Person) -> bool:
    return person.run is not None and person.run.id == accept.run_id


def _words(step: int, mixed: bool, *by: str) -> str:
    what = tr("Step {step}", step=step) + (f" ({tr('mixed')})" if mixed else "")
    return "  ·  ".join([what, *filter(None, by)])
