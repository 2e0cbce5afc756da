"""How the panels lie in the window, which of them are hidden, and what is remembered of that."""

from PySide6.QtCore import QByteArray, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QWidget,
)
from typing_extensions import override

from app.i18n import mark, tr
from app.settings import Settings

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
SIDE_WIDTH = 248
"""Of the panels at the left and at the right, until they are dragged."""


class Pane(QObject):
    """A panel that can be hidden: it is seen where it is wanted and has something to show.

    Parameters
    ----------
    front : bool
        Whether it comes before those it shares its place with, until another one is chosen.
    """

    wanted_changed = Signal(bool)

    def __init__(self, widget: QWidget, parent: QObject, front: bool = False) -> None:
        super().__init__(parent)
        self.widget, self._front = widget, front
        self.wanted = self.there = True

    def want(self, on: bool) -> None:
        """Show the panel, or hide it."""
        if on != self.wanted:
            self.wanted = on
            self.allow(self.there)
            self.wanted_changed.emit(on)

    def allow(self, there: bool) -> None:
        """Say whether there is something to show."""
        self.there = there
        was, shown = self.widget.isVisible(), self.wanted and there
        if was and not shown:
            self._front = self.widget.x() >= 0  # Qt puts those behind outside the window
        self.widget.setVisible(shown)
        if shown and not was and self._front and isinstance(self.widget, QDockWidget):
            self.widget.raise_()


class Panes(QObject):
    """The panels of a window.

    Parameters
    ----------
    picture, body : QWidget
        Side by side in the middle.
    compare : QWidget
        In their place, while something is compared.
    steps : QWidget
        Below them.
    film : QWidget
        A part of `steps` that can be hidden.
    time : QWidget
        Another such part.
    queue, inspector, history : QWidget
        At the left and at the right, as high as the window.
    """

    def __init__(
        self,
        window: QMainWindow,
        picture: QWidget,
        body: QWidget,
        compare: QWidget,
        steps: QWidget,
        film: QWidget,
        queue: QWidget,
        inspector: QWidget,
        history: QWidget,
        time: QWidget,
    ) -> None:
        super().__init__(window)
        self._window = window
        window.setTabPosition(LEFT | RIGHT, QTabWidget.TabPosition.North)
        self._views = _Splitter(Qt.Orientation.Horizontal, picture, body)
        self._views.setStretchFactor(0, 3)
        self._views.setStretchFactor(1, 2)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._views)
        self._stack.addWidget(compare)
        self.work = _Splitter(Qt.Orientation.Vertical, self._stack, steps)
        self.work.setStretchFactor(0, 1)
        self.queue = self.dock("Queue", queue, LEFT)
        self.inspector = self.dock(mark("Inspector"), inspector, RIGHT)
        self.history = self.dock(mark("History"), history, RIGHT)
        self.body = Pane(body, self)
        self.film = Pane(film, self)
        self.time = Pane(time, self)
        self._standard = [self._views.saveState(), self.work.saveState()]

    def dock(self, title: str, panel: QWidget, side: Qt.DockWidgetArea) -> Pane:
        """Put a panel at a side of the window; those of one side share it by tabs."""
        dock = QDockWidget(tr(title), self._window)
        dock.setObjectName(title)
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        dock.setTitleBarWidget(QWidget(dock))
        dock.setWidget(panel)
        beside = [one for one in self._docks() if self._window.dockWidgetArea(one) == side]
        self._window.addDockWidget(side, dock)
        if beside:
            self._window.tabifyDockWidget(beside[0], dock)
            beside[0].raise_()
        self._window.resizeDocks([dock], [SIDE_WIDTH], Qt.Orientation.Horizontal)
        return Pane(dock, self, not beside)

    def compare(self, on: bool) -> None:
        """Show two bodies in the place of the picture and the body alone, or leave that."""
        self._stack.setCurrentIndex(int(on))

    def reset(self) -> None:
        """Show all panels in their first sizes."""
        for pane in self._panes().values():
            pane.want(True)
        self._views.take(self._standard[0])
        self.work.take(self._standard[1])
        docks = self._docks()
        self._window.resizeDocks(docks, [SIDE_WIDTH] * len(docks), Qt.Orientation.Horizontal)

    def save(self, settings: Settings) -> None:
        """Remember sizes, and what is hidden."""
        settings.hidden = [name for name, pane in self._panes().items() if not pane.wanted]
        settings.save_shape("docks", self._window.saveState())
        for splitter, name in ((self._views, "views"), (self.work, "work")):
            if (shape := splitter.shape()) is not None:
                settings.save_shape(name, shape)

    def restore(self, settings: Settings) -> None:
        """Lay the panels out as they were when saved."""
        if shape := settings.shape("docks"):
            self._window.restoreState(shape)
        for splitter, name in ((self._views, "views"), (self.work, "work")):
            if shape := settings.shape(name):
                splitter.take(shape)
        for name, pane in self._panes().items():
            pane.want(name not in settings.hidden)
            pane.allow(pane.there)

    def _docks(self) -> list[QDockWidget]:
        return self._window.findChildren(QDockWidget)

    def _panes(self) -> dict[str, Pane]:
        return {name: pane for name, pane in vars(self).items() if isinstance(pane, Pane)}


class _Splitter(QSplitter):
    """Takes a remembered shape when it is laid out: one that is not yet would lose it."""

    def __init__(self, orientation: Qt.Orientation, first: QWidget, second: QWidget) -> None:
        super().__init__(orientation)
        self._taken: QByteArray | None = None
        for widget in (first, second):
            self.addWidget(widget)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)

    def take(self, shape: QByteArray) -> None:
        """Have this shape, now or once there is a size to divide."""
        self._taken = shape
        if self.isVisible():
            self._settle()

    def shape(self) -> QByteArray | None:
        """Return the shape to be remembered, if there ever was one."""
        return self.saveState() if any(self.sizes()) else self._taken

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._settle()

    def _settle(self) -> None:
        if self._taken is not None:
            self.restoreState(self._taken)
            self._taken = None
