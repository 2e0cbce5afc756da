"""A card that asks, once for all, where the pictures of a moved project are."""

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFileDialog, QPushButton
from typing_extensions import override

from app.i18n import tr
from app.panels.card import Card
from app.review import Review, Stage
from app.worker import explain
from core.jobs import Report
from core.progress import CancelToken
from core.project import Project


class Whereabouts(Card):
    """Shown while pictures of the open project are missing, unless it is put away."""

    def __init__(self, review: Review) -> None:
        button = QPushButton(tr("Find pictures…"))
        button.setToolTip(tr("Choose the folder they are in now; deeper folders are searched"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        super().__init__("image-search-outline", "accent", button)
        button.clicked.connect(self.ask)
        self.button, self._review = button, review
        self._missing = 0
        review.opened.connect(self._look)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self._missing:
            self._text.setText(self._question())

    def _question(self) -> str:
        return tr(
            "{count} pictures are not where they were. Where are they now?", count=self._missing
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
                if missing:
                    self.say(self._question())

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
