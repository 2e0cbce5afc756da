"""A small window that files are dragged out of: `python drag_source.py FILE...`, as a desktop's.

It tells how each drag ended, and stays: what is dropped is asked of it afterwards.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from typing_extensions import override

PLACE, SIDE = 1200, 60
"""Of its left side and of all its sides, in pixels; its top is the screen's."""


class Source(QWidget):
    """Files under the mouse."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__(None, Qt.WindowType.X11BypassWindowManagerHint)
        self.setWindowTitle("files")
        self._files = files
        self.setGeometry(PLACE, 0, SIDE, SIDE)

    @override
    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file)) for file in self._files])
        drag = QDrag(self)
        drag.setMimeData(mime)
        actions = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
        print(drag.exec(actions, Qt.DropAction.MoveAction).name, flush=True)  # noqa: T201


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    source = Source([Path(name) for name in sys.argv[1:]])
    source.show()
    app.exec()
