"""The rendered body over a photograph: which frames are asked for, and which one is drawn."""

from collections.abc import Sequence
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QPainter

from app import theme
from app.frames import Frame, FrameKey, Frames
from app.panels.hand import STILL
from app.placing import Correction
from app.poses import Poses
from core.camera import Camera
from core.render import crop

AHEAD = 10
"""Steps prepared on either side of the shown one."""

LARGEST_FRAME = 1100
"""Longer side of a whole body in device pixels; beyond that its visible part is drawn anew."""


class Overlay(QObject):
    """Keeps the frame of the shown step; the last one stays until there is a new one."""

    changed = Signal()
    ahead = AHEAD

    def __init__(self, frames: Frames, parent: QObject) -> None:
        super().__init__(parent)
        self._frames = frames
        frames.ready.connect(self._ready)
        self._poses: Poses | None = None
        self._step = 0
        self.part = ""
        """Which part of the body stands out."""

        self._wanted: FrameKey | None = None
        self._sharp: tuple[FrameKey, QRectF] | None = None
        self._rects: dict[FrameKey, QRectF] = {}
        self._whole: tuple[FrameKey, Frame, QRectF] | None = None
        self._part: tuple[FrameKey, Frame, QRectF] | None = None

    def show_poses(self, poses: Poses | None) -> None:
        """Take a person's bodies; None leaves what is drawn until there are new ones."""
        if poses is not self._poses:
            self._poses, self._wanted, self._sharp, self._part = poses, None, None, None
            self._rects.clear()

    def clear(self) -> None:
        """Draw nothing until there is something new."""
        self._whole = self._part = None

    def is_settled(self) -> bool:
        """Whether the body that is drawn is the one that is wanted, in full sharpness."""
        if self._sharp is not None:
            return self._part is not None and self._part[0] == self._sharp[0]
        return self._whole is not None and self._whole[0] == self._wanted

    def is_at(self, step: int) -> bool:
        """Whether the frame that is drawn is of this step of these bodies."""
        if self._poses is None or self._whole is None:
            return False
        key = self._whole[0]
        return (key.poses, key.step, key.view) == (self._poses.which, step, None)

    def ask(self, step: int, zoom: float, hand: Correction = STILL) -> None:
        """Ask for a step and its neighbours, in device pixels a pixel of the photograph.

        A body that a hand turns is asked for alone.
        """
        poses = self._poses
        self._step, self._sharp, self._part = step, None, None
        if poses is None:
            return
        steps = [step]
        if not hand.turns:
            steps += [step + sign * by for by in range(1, self.ahead + 1) for sign in (1, -1)]
            steps += [] if abs(step) <= self.ahead else [0]  # for blinking
        possible = (self._key(poses, one, zoom, hand) for one in steps if 0 <= one < len(poses))
        keys = [key for key in possible if key is not None]
        if not keys or keys[0].step != step:
            self._whole = None
            return
        self._wanted = keys[0]
        frame = self._show("picture", poses, keys)
        if frame is not None:
            self._whole = (keys[0], frame, self._rects[keys[0]])

    def sharpen(self, visible: QRectF, zoom: float) -> None:
        """Draw the visible part anew where the whole body is drawn coarser than the screen."""
        if self._poses is None or self._wanted is None or self._wanted.view is not None:
            return
        whole = self._rects[self._wanted]
        rect = QRectF(whole.intersected(visible).toAlignedRect())
        if self._wanted.camera.width >= 0.99 * whole.width() * zoom or rect.isEmpty():
            return
        camera = crop(self._poses.camera, rect.x(), rect.y(), rect.width(), rect.height(), zoom)
        key = self._frame_key(self._poses, self._step, camera, None)
        self._sharp = key, rect
        frame = self._show("part", self._poses, [key])
        if frame is not None:
            self._part = (key, frame, rect)

    def drop(self, hand: Correction) -> None:
        """Leave the body where a hand has put it, until it comes back posed there."""
        if self._whole is not None and self._poses is not None:
            key, frame, rect = self._whole
            self._whole = (key, frame, self._put(rect, hand))
            self._part = None

    def paint(self, painter: QPainter, opacity: float, outlined: bool, hand: Correction) -> None:
        """Draw the body; the painter's unit is a pixel of the photograph."""
        drawn = self._whole if self._part is None or hand != STILL else self._part
        if drawn is None:
            return
        _, frame, rect = drawn
        rect = self._put(rect, hand)
        if opacity:
            painter.setOpacity(opacity)
            painter.drawImage(rect, frame.picture)
        painter.setOpacity(1.0)
        if outlined and frame.edge is not None:
            painter.drawImage(rect, frame.edge)

    def _put(self, rect: QRectF, hand: Correction) -> QRectF:
        """Return where a frame is drawn while a hand moves the body."""
        if self._poses is None or hand == STILL:
            return rect
        middle = QPointF(*self._poses.points[self._step, 0].tolist())
        corner = middle + (rect.topLeft() - middle) / hand.nearer + QPointF(hand.right, hand.down)
        return QRectF(corner, rect.size() / hand.nearer)

    def _key(self, poses: Poses, step: int, zoom: float, hand: Correction) -> FrameKey | None:
        view = None
        left, top, right, bottom = self._bounds(poses, step)
        if hand.turns:
            motion = hand.view(poses.pelves[step])
            view = tuple(motion.ravel().tolist())
            pixels = poses.camera.project(poses.vertices[step] @ motion[:3, :3].T + motion[:3, 3])
            (left, top), (right, bottom) = pixels.min(axis=0), pixels.max(axis=0)
        placed = placed_in(poses.camera, (left, top, right, bottom), zoom)
        if placed is None:
            return None
        camera, rect = placed
        key = self._frame_key(poses, step, camera, view)
        self._rects[key] = rect
        return key

    def _bounds(self, poses: Poses, step: int) -> NDArray[np.floating]:
        """Return left, top, right, bottom in pixels of the photograph."""
        bounds: NDArray[np.floating] = poses.bounds[step]
        return bounds

    def _frame_key(
        self, poses: Poses, step: int, camera: Camera, view: tuple[float, ...] | None
    ) -> FrameKey:
        return FrameKey(poses.which, step, camera, view, theme.BODY, True, self.part)

    def _show(self, slot: str, poses: Poses, keys: Sequence[FrameKey]) -> Frame | None:
        return self._frames.show(slot, poses, keys)

    def _ready(self, key: FrameKey, frame: Frame) -> None:
        if self._sharp is not None and key == self._sharp[0]:
            self._part = (key, frame, self._sharp[1])
        elif self._is_wanted(key):
            self._whole = (key, frame, self._rects[key])
        else:
            return
        self.changed.emit()

    def _is_wanted(self, key: FrameKey) -> bool:
        wanted = self._wanted
        if wanted is None or key not in self._rects or key.step != wanted.step:
            return False
        # while the body is turned or zoomed, what it was a moment ago is better than nothing
        return key == wanted or (key.view is None) == (wanted.view is None)


def placed_in(camera: Camera, bounds: Sequence[float], zoom: float) -> tuple[Camera, QRectF] | None:
    """Return the camera of a body's frame and where the frame is in the photograph.

    Parameters
    ----------
    bounds : sequence of 4 floats
        Left, top, right, bottom of the body in pixels of the photograph.
    zoom : float
        Device pixels a pixel of the photograph.

    Returns
    -------
    tuple or None
        None where the body is outside.
    """
    rect = _seen(camera, *bounds)
    return None if rect is None else (_frame_camera(camera, rect, zoom), rect)


def _seen(camera: Camera, left: float, top: float, right: float, bottom: float) -> QRectF | None:
    """Return where a body is in the photograph, in whole pixels; None where it is outside."""
    seen = QRectF(0, 0, camera.width, camera.height)
    rect = QRectF(left - 2, top - 2, right - left + 4, bottom - top + 4).intersected(seen)
    if rect.width() < 2 or rect.height() < 2:
        return None
    return QRectF(rect.toAlignedRect())


def _frame_camera(camera: Camera, rect: QRectF, zoom: float) -> Camera:
    """Return the camera that sees a part of the photograph as sharp as the screen shows it.

    Sharpness goes up in half octaves, so that a little zoom does not ask for new frames.
    """
    scale = 2.0 ** (ceil(2 * log2(max(zoom, 1e-3))) / 2)
    scale = min(scale, LARGEST_FRAME / max(rect.width(), rect.height()))
    return crop(camera, rect.x(), rect.y(), rect.width(), rect.height(), scale)
