"""Whether the window was closed properly last time, and what there is to know if it was not."""

from pathlib import Path

from PySide6.QtCore import QLockFile, QObject

from app.dates import when
from app.i18n import tr
from app.panels.card import Card
from app.panels.history import words
from app.review import Review
from app.store_thread import StoreThread
from core.project.history import History


class Presence:
    """A file that is there while a window is open, and stays where that is cut off.

    Parameters
    ----------
    file : Path
        In a folder of the person's; it names the process.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = QLockFile(str(file))
        self._lock.setStaleLockTime(0)  # however long ago: whether its process lives decides
        left = file.exists()
        self.was_cut_off = self._lock.tryLock(0) and left

    def end(self) -> None:
        """Say that the window was closed."""
        self._lock.unlock()


class Recovery(QObject):
    """Tells, once the first project is open, that nothing is lost."""

    def __init__(self, review: Review, store: StoreThread, card: Card) -> None:
        super().__init__(card)
        self._review, self._store, self._card = review, store, card
        review.opened.connect(self._ask)

    def _ask(self) -> None:
        self._review.opened.disconnect(self._ask)
        self._store.history(None, self._tell, lambda _: None)

    def _tell(self, history: History) -> None:
        text = tr("The window was cut off last time. Nothing that was decided is lost.")
        if history.deeds:
            last = history.deeds[0]
            what = f"{words(last)} ({when(last.time)})"
            text += " " + tr("The last of {count}: {what}", count=history.total, what=what)
        self._card.say(text)
