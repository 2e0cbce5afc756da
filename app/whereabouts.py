"""A card that asks, once for all, where the pictures of a moved project are."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton

from app import theme
from app.i18n import tr
from app.review import Review, Stage
from app.worker import explain
from core.jobs import Report
from core.progress import CancelToken
from core.project import Project


class Whereabouts(QFrame):
    """Shown while pictures of the open project are missing, unless it is put away."""

    def __init__(self, review: Review) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._review = review
        self._missing = 0
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self.button = QPushButton(tr("Find pictures…"))
        self.button.setToolTip(tr("Choose the folder they are in now; deeper folders are searched"))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.ask)
        away = QToolButton()
        away.setText(tr("Dismiss"))
        away.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        away.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        row.setSpacing(theme.SPACE)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self.button)
        row.addWidget(away)
        self.hide()
        review.opened.connect(self._look)

    @property
    def text(self) -> str:
        """What is said."""
        return self._text.text()

    def retell(self) -> None:
        """Say it in the present language."""
        self._icon.setPixmap(theme.icon("image-search-outline", "accent").pixmap(QSize(20, 20)))
        self._text.setText(
            tr("{count} pictures are not where they were. Where are they now?", count=self._missing)
        )

    def ask(self) -> None:
        """Ask for a folder, and look for the missing pictures in it."""
        name = QFileDialog.getExistingDirectory(self, tr("Folder with the pictures"))
        path = self._review.path
        if name and path is not None:
            self._review.background.find_pictures(
                path, Path(name), lambda report: self._found(path, report), self._fail
            )

    def _look(self) -> None:
        self.hide()
        path = self._review.path
        assert path is not None

        def counted(missing: int) -> None:
            if path == self._review.path:
                self._missing = missing
                self.retell()
                self.setVisible(missing > 0)

        self._review.loader.pictures.submit(
            lambda token: _count_missing(path, token), counted, self._fail
        )

    def _found(self, path: Path, report: Report) -> None:
        review = self._review
        if path != review.path:
            return
        review.said.emit(
            tr(
                "{found} pictures found, {missing} still missing",
                found=report.done,
                missing=len(report.failures),
            )
        )
        self._look()
        review.loader.clear()
        review.look_again()
        if review.stage is Stage.REVIEW and review.current is not None:
            shown, review.current = review.current, None
            review.select(shown)

    def _fail(self, error: Exception) -> None:
        self._review.failed.emit(explain(error))


def _count_missing(path: Path, token: CancelToken) -> int:
    from core.jobs.finding import missing_pictures

    with Project.open(path) as project:
        return len(missing_pictures(project, token))
