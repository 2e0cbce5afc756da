"""A frame of a track that is played, in the place of the shown person."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app import theme
from app.frames import Frame, FrameKey
from app.panels.overlay import placed_in
from app.pictures import Photograph
from app.poses import Still


@dataclass(frozen=True, eq=False)
class Reel:
    """What is on screen: a photograph, and a body with where it is in it.

    Parameters
    ----------
    photograph : Photograph or None
        None until the first frame is there.
    frame : Frame or None
        None where there is no body.
    rect : QRectF or None
        Of the frame, in pixels of the photograph.
    """

    photograph: Photograph | None = None
    frame: Frame | None = None
    rect: QRectF | None = None

    def paint(self, painter: QPainter, opacity: float, outlined: bool) -> None:
        """Draw the body; the painter's unit is a pixel of the photograph."""
        if self.frame is None or self.rect is None:
            return
        painter.setOpacity(opacity)
        painter.drawImage(self.rect, self.frame.picture)
        painter.setOpacity(1.0)
        if outlined and self.frame.edge is not None:
            painter.drawImage(self.rect, self.frame.edge)


def reel_key(still: Still, zoom: float) -> tuple[FrameKey, QRectF] | None:
    """Return what to draw of a frame's body, and where; None where there is nothing to be seen."""
    if still.poses is None:
        return None
    poses = still.poses
    placed = placed_in(poses.camera, poses.bounds[still.step].tolist(), zoom)
    if placed is None:
        return None
    return FrameKey(poses.which, still.step, placed[0], None, theme.BODY, True), placed[1]
