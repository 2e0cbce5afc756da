"""The shown body and those of others in its picture, drawn as one: the nearer hides the farther.

It lies in the place of the shown body alone once it is there; the silhouette stays that body's.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from typing_extensions import override

from app import theme
from app.frames import NOBODY, Frame, FrameKey
from app.panels.hand import STILL
from app.panels.overlay import Overlay, placed_in
from app.placing import Correction
from app.poses import Other, Poses
from core.camera import Camera


class Crowd(Overlay):
    """Asks for nothing while nobody else is to be drawn."""

    ahead = 0
    """A picture of everybody is large, and is drawn when the slider rests."""

    _others: tuple[Other, ...] = ()
    _alone: tuple[FrameKey, QRectF] | None = None

    def show_others(self, others: tuple[Other, ...]) -> None:
        """Take the bodies of the others; a step is to be shown next."""
        if self._alone is not None and self._poses is not None:
            self._frames.show("others", self._poses, ())
        self._others, self._alone = others, None
        self._rects.clear()
        self._call_off()

    @override
    def is_settled(self) -> bool:
        return not self._others or self._poses is None or super().is_settled()

    @override
    def ask(self, step: int, zoom: float, hand: Correction = STILL) -> None:
        if self._others and hand == STILL:
            super().ask(step, zoom, hand)
            self._ask_alone(zoom)
        else:
            self._call_off()

    def follow(self, step: int, zoom: float, hand: Correction) -> None:
        """Go to a step that moves on; what is drawn of it already is there, else nothing."""
        self._call_off()
        poses = self._poses
        if poses is None or not self._others or hand != STILL or not 0 <= step < len(poses):
            return
        self._step, key = step, self._key(poses, step, zoom, hand)
        frame = None if key is None else self._frames.kept(key)
        if key is not None and frame is not None:
            self._wanted, self._whole = key, (key, frame, self._rects[key])

    def paint_alone(self, painter: QPainter, opacity: float) -> None:
        """Draw the others without the shown body, which is under way."""
        if self._alone is not None and (frame := self._frames.kept(self._alone[0])) is not None:
            painter.setOpacity(opacity)
            painter.drawImage(self._alone[1], frame.picture)
            painter.setOpacity(1.0)

    def _ask_alone(self, zoom: float) -> None:
        poses, every = self._poses, [other.bounds for other in self._others]
        placed = None if poses is None else placed_in(poses.camera, _around(every).tolist(), zoom)
        if poses is None or placed is None:
            return
        key = self._frame_key(poses, NOBODY, placed[0], None)
        self._alone = key, placed[1]
        self._frames.show("others", poses, [key], 2, others=self._others)

    def _call_off(self) -> None:
        if self._wanted is not None and self._poses is not None:
            for slot in ("picture", "part"):
                self._show(slot, self._poses, ())
        self._wanted = self._sharp = self._whole = self._part = None

    @override
    def _bounds(self, poses: Poses, step: int) -> NDArray[np.floating]:
        return _around([poses.bounds[step], *(other.bounds for other in self._others)])

    @override
    def _frame_key(
        self, poses: Poses, step: int, camera: Camera, view: tuple[float, ...] | None
    ) -> FrameKey:
        stances = tuple(other.stance for other in self._others)
        part = "" if step == NOBODY else self.part
        own = (poses.which, step, camera, view, theme.BODY, False, part)
        return FrameKey(*own, others=stances)

    @override
    def _show(self, slot: str, poses: Poses, keys: Sequence[FrameKey]) -> Frame | None:
        # the shown body alone goes before
        return self._frames.show(f"{slot}+", poses, keys, 1, others=self._others)


def _around(bounds: Sequence[NDArray[np.floating]]) -> NDArray[np.floating]:
    every = np.array(bounds)
    return np.concatenate([every[:, :2].min(axis=0), every[:, 2:].max(axis=0)])
