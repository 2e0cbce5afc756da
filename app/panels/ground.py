"""The photograph as it lies in its panel, painted once for each place and zoom."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPixmap

from app.panels.viewport import Viewport
from app.pictures import Photograph

SMOOTH = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform


class Ground:
    """Keeps what takes longest to paint; the body over it changes with every step."""

    def __init__(self) -> None:
        self._key: object = None
        self._pixmap = QPixmap()

    def pixmap(
        self,
        photograph: Photograph | None,
        port: Viewport,
        size: QSize,
        ratio: float,
        canvas: QColor,
    ) -> QPixmap:
        """Return the panel without anything over the photograph.

        Parameters
        ----------
        size : QSize
            Of the panel.
        ratio : float
            Device pixels a pixel of the panel.
        """
        place = (port.scale, port.offset.x(), port.offset.y(), size.width(), size.height(), ratio)
        key = (photograph, place, canvas.rgb())
        if key != self._key:
            self._key = key
            self._pixmap = QPixmap(size * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(canvas)
            if photograph is not None:
                painter = QPainter(self._pixmap)
                painter.setRenderHints(SMOOTH)
                port.transform(painter)
                photograph.paint(painter, port.scale * ratio)
                painter.end()
        return self._pixmap
