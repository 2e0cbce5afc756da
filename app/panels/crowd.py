"""The shown body and those of others in its picture, drawn as one: the nearer hides the farther.

It lies in the place of the shown body alone once it is there; the silhouette stays that body's.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from app import theme
from app.frames import Frame, FrameKey
from app.panels.hand import STILL
from app.panels.overlay import Overlay
from app.placing import Correction
from app.poses import Other, Poses
from core.camera import Camera


class Crowd(Overlay):
    """Asks for nothing while nobody else is to be drawn."""

    ahead = 2
    """A picture of everybody is large; the shown body is there alone for many more steps."""

    _others: tuple[Other, ...] = ()

    def show_others(self, others: tuple[Other, ...]) -> None:
        """Take the bodies of the others; a step is to be shown next."""
        self._others = others
        self._rects.clear()
        self._call_off()

    @override
    def is_settled(self) -> bool:
        return not self._others or self._poses is None or super().is_settled()

    @override
    def ask(self, step: int, zoom: float, hand: Correction = STILL) -> None:
        if self._others and hand == STILL:
            super().ask(step, zoom, hand)
        else:
            self._call_off()

    def _call_off(self) -> None:
        if self._wanted is not None and self._poses is not None:
            for slot in ("picture", "part"):
                self._show(slot, self._poses, ())
        self._wanted = self._sharp = self._whole = self._part = None

    @override
    def _bounds(self, poses: Poses, step: int) -> NDArray[np.floating]:
        every = np.array([poses.bounds[step], *(other.bounds for other in self._others)])
        return np.concatenate([every[:, :2].min(axis=0), every[:, 2:].max(axis=0)])

    @override
    def _frame_key(
        self, poses: Poses, step: int, camera: Camera, view: tuple[float, ...] | None
    ) -> FrameKey:
        stances = tuple(other.stance for other in self._others)
        own = (poses.which, step, camera, view, theme.BODY, False, self.part)
        return FrameKey(*own, others=stances)

    @override
    def _show(self, slot: str, poses: Poses, keys: Sequence[FrameKey]) -> Frame | None:
        # the shown body alone goes before
        return self._frames.show(f"{slot} of everybody", poses, keys, 1, others=self._others)
