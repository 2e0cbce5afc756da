"""The bodies that the slider moves through: of the whole person, or of one part and the rest still.

Composing and posing them is asked of the model thread; until they are there, the body that is shown
stays. What was picked by part is written down when one goes on to another part or person.
"""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.loading import Loader
from app.mix import PLAIN, Mix, standing, suggested
from app.poses import Poses
from core.parts import PART_NAMES
from core.project import Person


class Mixer(QObject):
    """Steps of the shown person's parts."""

    moved = Signal()
    """The slider is elsewhere, or moves another part."""

    leaving = Signal()
    """The slider is about to move another part."""

    posed = Signal()
    """There are other bodies."""

    def __init__(self, loader: Loader, parent: QObject) -> None:
        super().__init__(parent)
        self._loader = loader
        loader.mixed.connect(self._mixed)
        self._person: Person | None = None
        self.mix = Mix()
        self.base: Poses | None = None
        """The whole body at every step; the first is Θ1."""

        self.poses: Poses | None = None
        """What the slider moves through."""

        self.frame = 0
        """Which of `poses` is shown."""

    @property
    def is_posed(self) -> bool:
        """Whether the body that is shown is the one that was asked for."""
        return self.poses is not None and self.poses.axis == self.mix.axis

    def clear(self) -> None:
        """Show nobody."""
        self._person = self.base = self.poses = None
        self.mix, self.frame = Mix(), 0

    def show(self, person: Person, base: Poses | None) -> None:
        """Take what is known of the person by now; bodies that were not there begin anew."""
        begins = self.base is None and base is not None
        self._person, self.base = person, base
        if base is not None and begins:
            last = len(base) - 1
            mix = standing(person)
            parts = {part: min(step, last) for part, step in mix.parts.items()}
            self.mix = Mix(min(mix.rest, last), parts)
            if self.mix.axis == PLAIN:
                self.poses, self.frame = base, self.mix.step
            else:
                self._want()

    def forget_bodies(self) -> None:
        """Wait for other bodies of the same person, of which there may be fewer."""
        self.base = self.poses = None
        self.mix, self.frame = Mix(), 0

    # what the reviewer does

    def move(self, step: int) -> None:
        """Move the slider."""
        if self.base is not None:
            self._change(self.mix.moved(min(max(step, 0), len(self.base) - 1)))

    def choose(self, part: str) -> None:
        """Let the slider move a part, or all that has no step of its own (empty)."""
        if self.base is not None and len(self.base) > 1 and part != self.mix.part:
            self.leaving.emit()
            self._change(self.mix.of(part))

    def release(self) -> None:
        """Let the part, or with the whole body all parts, go with the rest again."""
        self._change(self.mix.released())

    def suggest(self) -> None:
        """Take the suggested step of every part."""
        if self._person is not None and self._person.run is not None and self.base is not None:
            self._change(suggested(self._person.run).of(self.mix.part))

    def whole(self) -> None:
        """Move the whole body."""
        self.choose("")

    def torso(self) -> None:
        """Move torso and head."""
        self.choose(PART_NAMES[0])

    def left_arm(self) -> None:
        """Move the left arm."""
        self.choose(PART_NAMES[1])

    def right_arm(self) -> None:
        """Move the right arm."""
        self.choose(PART_NAMES[2])

    def left_leg(self) -> None:
        """Move the left leg."""
        self.choose(PART_NAMES[3])

    def right_leg(self) -> None:
        """Move the right leg."""
        self.choose(PART_NAMES[4])

    # bodies

    def _change(self, mix: Mix) -> None:
        if mix != self.mix:
            self.mix = mix
            self._want()
            self.moved.emit()

    def _want(self) -> None:
        """Show the bodies of the slider's axis, or ask for them."""
        axis = self.mix.axis
        if axis == PLAIN and self.base is not None:
            self._take(self.base)
        elif self.is_posed:
            self.frame = self.mix.step
        elif self._person is not None:
            self._loader.want_mix(self._person, axis)

    def _mixed(self, poses: Poses) -> None:
        base = self.base
        if base is not None and poses.key == base.key and poses.axis == self.mix.axis:
            # seen from as near as the whole body, so that it does not jump when a part is chosen
            self._take(replace(poses, breadth=base.breadth, half_height=base.half_height))

    def _take(self, poses: Poses) -> None:
        self.frame = self.mix.step
        if poses is not self.poses:
            self.poses = poses
            self.posed.emit()
