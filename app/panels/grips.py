"""What of a person's box and keypoints lies under the pointer, and where it goes with it."""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import CONVENTIONS

REACH = 8.0
"""How far from a keypoint or an edge the pointer may be, in panel pixels."""

SMALLEST_BOX = 8.0
"""Sides of a box in pixels of the photograph, at least."""

CURSORS = {
    (True, False): Qt.CursorShape.SizeHorCursor,
    (False, True): Qt.CursorShape.SizeVerCursor,
}


@dataclass(frozen=True)
class Grip:
    """What a hand holds: a keypoint, or the edges of the box that follow; all four move it.

    Parameters
    ----------
    keypoint : int or None
        Counted from 0 in its convention.
    left, top, right, bottom : bool
        Edges.
    """

    keypoint: int | None = None
    left: bool = False
    top: bool = False
    right: bool = False
    bottom: bool = False

    @property
    def cursor(self) -> Qt.CursorShape:
        """What the pointer looks like over it."""
        if self.keypoint is not None:
            return Qt.CursorShape.PointingHandCursor
        if self == WHOLE:
            return Qt.CursorShape.SizeAllCursor
        across, along = self.left or self.right, self.top or self.bottom
        if across and along:
            falling = self.left == self.top
            return Qt.CursorShape.SizeFDiagCursor if falling else Qt.CursorShape.SizeBDiagCursor
        return CURSORS[across, along]


WHOLE = Grip(None, True, True, True, True)


def grip_at(evidence: Evidence, at: QPointF, reach: float, with_keypoints: bool) -> Grip | None:
    """Return what is under the pointer: the nearest keypoint, else an edge, else the whole box.

    Parameters
    ----------
    at : QPointF
        Pixels of the photograph, as `reach`.
    with_keypoints : bool
        Whether they are drawn.
    """
    keypoints = evidence.keypoints if with_keypoints else None
    if keypoints is not None and len(keypoints.points):
        away = np.hypot(*(keypoints.points - (at.x(), at.y())).T)
        away[keypoints.confidence == 0] = np.inf
        nearest = int(away.argmin())
        if away[nearest] <= reach:
            return Grip(nearest)
    box = evidence.box
    left, right = _edges(at.x(), box.x, box.x + box.width, reach)
    top, bottom = _edges(at.y(), box.y, box.y + box.height, reach)
    outside = QRectF(box.x, box.y, box.width, box.height).adjusted(-reach, -reach, reach, reach)
    if not outside.contains(at):
        return None
    if left or right or top or bottom:
        return Grip(None, left, top, right, bottom)
    return WHOLE


def _edges(at: float, low: float, high: float, reach: float) -> tuple[bool, bool]:
    """Tell which end of a side is near; of a short side the middle stays free, to move the box."""
    inward = min(reach, (high - low) / 4)
    return low - reach <= at <= low + inward, high - inward <= at <= high + reach


def point_name(evidence: Evidence | None, grip: Grip | None) -> str:
    """Return what a keypoint is called; empty where none is held."""
    keypoints = evidence.keypoints if evidence is not None else None
    if grip is None or grip.keypoint is None or keypoints is None:
        return ""
    name = CONVENTIONS[keypoints.convention][grip.keypoint]
    return name.removesuffix("_extra").replace("_", " ")


def moved(evidence: Evidence, grip: Grip, by: QPointF, bounds: QRectF) -> Evidence:
    """Return evidence in which what is held has gone so many pixels; a box ends at `bounds`."""
    if grip.keypoint is not None and evidence.keypoints is not None:
        return replace(evidence, keypoints=_with_moved(evidence.keypoints, grip.keypoint, by))
    box = evidence.box
    dx, dy = by.x(), by.y()
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    # what is outside already is not pulled in
    edges = bounds.united(QRectF(left, top, box.width, box.height))
    if grip == WHOLE:
        dx = _clamped(dx, edges.left() - left, edges.right() - right)
        dy = _clamped(dy, edges.top() - top, edges.bottom() - bottom)
        return replace(evidence, box=replace(box, x=left + dx, y=top + dy))
    if grip.left:
        left = _clamped(left + dx, edges.left(), right - SMALLEST_BOX)
    if grip.right:
        right = _clamped(right + dx, left + SMALLEST_BOX, edges.right())
    if grip.top:
        top = _clamped(top + dy, edges.top(), bottom - SMALLEST_BOX)
    if grip.bottom:
        bottom = _clamped(bottom + dy, top + SMALLEST_BOX, edges.bottom())
    return replace(evidence, box=Box(left, top, right - left, bottom - top))


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _with_moved(keypoints: Keypoints2D, index: int, by: QPointF) -> Keypoints2D:
    x, y = keypoints.points[index].tolist()
    return keypoints.with_point(index, x + by.x(), y + by.y())
