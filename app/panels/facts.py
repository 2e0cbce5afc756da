"""How two bodies of a person differ, in figures, and the scale of the heat map."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app import theme
from app.comparison import Shown
from app.heat import heat
from app.i18n import mark, tr
from core.pose import Parameters
from core.pose.turns import turns

JOINT_NAMES = (
    mark("whole body"), mark("left hip"), mark("right hip"), mark("lower spine"),
    mark("left knee"), mark("right knee"), mark("middle spine"), mark("left ankle"),
    mark("right ankle"), mark("upper spine"), mark("left foot"), mark("right foot"), mark("neck"),
    mark("left collar"), mark("right collar"), mark("head"), mark("left shoulder"),
    mark("right shoulder"), mark("left elbow"), mark("right elbow"), mark("left wrist"),
    mark("right wrist"), mark("left hand"), mark("right hand"),
)  # fmt: skip
"""In the order of `core.pose.JOINTS`."""

LISTED = 6
WIDTH = 196
ROW = 20
STOPS = 9


def distances(one: Shown, other: Shown) -> NDArray[np.float32]:
    """Return how far apart each vertex (V,) is, in metres, the pelves on one another.

    Where the two stand differs most in depth, which nobody sees.
    """
    first, second = (
        body.poses.vertices[body.frame] - body.poses.pelves[body.frame].astype(np.float32)
        for body in (one, other)
    )
    apart = first - second
    return np.asarray(np.linalg.norm(apart, axis=1), np.float32)


def most_turned(one: Parameters, other: Parameters) -> list[tuple[str, float]]:
    """Name the joints that differ most, and by how many degrees; those under half of one not."""
    turned = turns(one, other)
    order = np.argsort(-turned)[:LISTED]
    return [(JOINT_NAMES[at], float(turned[at])) for at in order if turned[at] >= 0.5]


class Facts(QWidget):
    """A column beside the two bodies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFixedWidth(WIDTH)
        self.joints: list[tuple[str, float]] = []
        self._apart = ("–", "–")
        self.end = 0
        """Of the scale in centimetres; 0 where there is no heat map."""

    def show_pair(self, one: Shown | None, other: Shown | None, end: int) -> None:
        """Show by how much two bodies differ; either may not be there yet."""
        self.joints, self.end = [], end
        self._apart = ("–", "–")
        if one is not None and other is not None:
            self.joints = most_turned(one.poses.steps[one.frame], other.poses.steps[other.frame])
            apart = 100 * distances(one, other)
            self._apart = (f"{apart.mean():.1f} cm", f"{apart.max():.1f} cm")
        self.setAccessibleName(self.in_words())
        self.update()

    def in_words(self) -> str:
        """Say it all in a sentence."""
        joints = ", ".join(f"{tr(name)} {degrees:.0f}°" for name, degrees in self.joints)
        apart = ", ".join(self._apart)
        return f"{tr('Apart, pelvis on pelvis')}: {apart}; {tr('Turned most')}: {joints}"

    @override
    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 200)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        scheme = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), scheme["surface"])
        top = theme.SPACE
        top = self._head(painter, top, tr("Apart, pelvis on pelvis"))
        top = self._row(painter, top, tr("mean"), self._apart[0])
        top = self._row(painter, top, tr("most"), self._apart[1])
        if self.end:
            top = self._scale(painter, top + theme.SPACE // 2)
        top = self._head(painter, top + theme.SPACE, tr("Turned most"))
        if not self.joints:
            self._row(painter, top, "–", "")
        for name, degrees in self.joints:
            top = self._row(painter, top, tr(name), f"{degrees:.0f}°")

    def _head(self, painter: QPainter, top: int, text: str) -> int:
        painter.setFont(theme.font(theme.SMALL_PT, bold=True))
        painter.setPen(theme.colours()["muted"])
        painter.drawText(self._line(top), _LEFT, text)
        return top + ROW

    def _row(self, painter: QPainter, top: int, name: str, value: str) -> int:
        painter.setFont(theme.font())
        painter.setPen(theme.colours()["text"])
        painter.drawText(self._line(top), _LEFT, name)
        painter.drawText(self._line(top), _RIGHT, value)
        return top + ROW

    def _scale(self, painter: QPainter, top: int) -> int:
        bar = QRectF(self._line(top)).adjusted(0, 0, 0, 10 - ROW)
        ramp = QLinearGradient(bar.topLeft(), bar.topRight())
        for place, colour in zip(
            np.linspace(0, 1, STOPS), heat(np.linspace(0, 1, STOPS)).tolist(), strict=True
        ):
            ramp.setColorAt(float(place), theme.rgb(colour))
        painter.fillRect(bar, ramp)
        painter.setFont(theme.font(theme.SMALL_PT))
        painter.setPen(theme.colours()["muted"])
        for share, side in ((0.0, _LEFT), (0.5, Qt.AlignmentFlag.AlignCenter), (1.0, _RIGHT)):
            unit = " cm" if share else ""
            painter.drawText(self._line(top + 12), side, f"{self.end * share:g}{unit}")
            x = bar.left() + share * bar.width()
            painter.drawLine(QPointF(x, bar.bottom()), QPointF(x, bar.bottom() + 3))
        return top + 12 + ROW

    def _line(self, top: int) -> QRect:
        return QRect(12, top, self.width() - 24, ROW)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
