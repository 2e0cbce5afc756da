"""What is written from the window: exports, as was asked for last or anew, and reports."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from app.i18n import tr
from app.said import failed as told
from app.settings import Settings
from app.store_thread import StoreThread
from app.worker import Ticket, explain
from core.formats import WRITERS, about
from core.formats.entries import By, Chosen, Splits, shares_of
from core.jobs import Report
from core.jobs.exporting import DEFAULT_FORMAT, JOURNAL, Outlook, Pictures
from core.project import State
from core.report import SUFFIX as REPORT_SUFFIX

if TYPE_CHECKING:
    from app.window import MainWindow

BYS: tuple[By, ...] = ("image", "track")


@dataclass(frozen=True)
class Wish:
    """What is to be exported, as a person says it.

    Parameters
    ----------
    out : str
        File or folder to write; empty for one beside the project.
    format : str
        Key of `WRITERS`.
    state : State
        Persons in this state,
    tags : str
        with all of these tags.
    shares : str
        Of the splits, as train=8,test=2; empty for one file.
    by : str
        What stays together in one split.
    seed : int
        Of the splits.
    pictures : Pictures
        What becomes of them.
    licence : str
        Of the pictures, for the data card.

    Raises
    ------
    ValueError
        A value is none of these.
    """

    out: str = ""
    format: str = DEFAULT_FORMAT
    state: State = State.ACCEPTED
    tags: str = ""
    shares: str = ""
    by: By = "image"
    seed: int = 0
    pictures: Pictures = Pictures.REFERENCE
    licence: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))
        object.__setattr__(self, "pictures", Pictures(self.pictures))
        texts = (self.out, self.tags, self.shares, self.licence)
        right = all(isinstance(text, str) for text in texts) and isinstance(self.seed, int)
        if not right or self.format not in WRITERS or self.by not in BYS:
            raise ValueError(f"{self} cannot be exported")

    @property
    def chosen(self) -> Chosen:
        """Which persons; typed errors where the shares are none."""
        if self.format == JOURNAL:
            return Chosen()
        splits = Splits(shares_of(self.shares), self.by, self.seed) if self.shares else None
        return Chosen(self.state, tuple(self.tags.replace("#", " ").split()), splits)

    def path(self, project: Path) -> Path:
        """Return what is written; what is no whole path is taken from the project's folder."""
        if not self.out:
            return beside(project, self.format)
        out = project.absolute().parent / Path(self.out).expanduser()
        return out if out.suffix else out.with_name(f"{out.name}{_suffix(self.format)}")


def beside(project: Path, format_name: str) -> Path:
    """Return where an export of a project goes unless another place is named."""
    return project.absolute().with_name(f"{project.stem}_{format_name}{_suffix(format_name)}")


def renamed(out: Path, project: Path, before: str, now: str) -> Path:
    """Return the name of an export whose format has changed."""
    if out.name == beside(project, before).name:
        return out.with_name(beside(project, now).name)
    return out.with_name(f"{out.name.removesuffix(_suffix(before))}{_suffix(now)}")


def _suffix(format_name: str) -> str:
    return about(format_name).suffix or ""


def from_data(data: object) -> Wish:
    """Read a wish; each value that makes no sense, here or any more, is the default."""
    given = data if isinstance(data, dict) else {}
    wish = Wish()
    for field in fields(Wish):
        if field.name in given:
            try:
                wish = replace(wish, **{field.name: given[field.name]})
            except ValueError:
                continue
    return wish


class Exports(QObject):
    """Asks what is to be exported, has it or a report written, and says what was."""

    def __init__(self, window: "MainWindow", settings: Settings, store: StoreThread) -> None:
        super().__init__(window)
        self._window, self._settings, self._store = window, settings, store

    def ask(self) -> None:
        """Open the dialog, as it was last; another project has another place and licence."""
        from app.export_dialog import ExportDialog

        project = self._window.review.path
        if project is None:
            return
        last, of = self._last()
        wish = last if of == str(project.absolute()) else replace(last, out="", licence="")
        dialog = ExportDialog(self._window, self, project, wish)
        dialog.accepted.connect(lambda: self.write(dialog.wish))
        dialog.open()

    def foresee(
        self,
        project: Path,
        wish: Wish,
        done: Callable[[Outlook], None],
        failed: Callable[[Exception], None],
    ) -> Ticket:
        """Find out what will be written and replaced, or what is wrong."""
        return self._store.foresee(project, wish, done, failed)

    def write(self, wish: Wish) -> None:
        """Have it written in the background, and remember it."""
        review = self._window.review
        project = review.path
        if project is None:
            return
        out = wish.path(project)
        kept = {**asdict(wish), "out": str(out), "project": str(project.absolute())}
        self._settings.export = kept

        def done(report: Report) -> None:
            values = {"count": report.done, "out": out, "format": wish.format}
            text = tr("{count} written to {out} as {format}", **values)
            if report.failures:
                left = tr("{count} left out", count=len(report.failures))
                text = f"{text}; {left}"
            review.said.emit(text)
            if report.failures:
                who = "; ".join(map(told, report.failures))
                review.failed.emit(tr("Left out: {who}", who=who))

        def failed(error: Exception) -> None:
            review.failed.emit(explain(error))

        review.background.export(project, wish, done, failed)

    def report(self) -> None:
        """Write a report beside the project, and open it where web pages open."""
        review = self._window.review
        if review.path is None:
            return
        out = review.path.with_suffix(REPORT_SUFFIX)

        def done(_: object) -> None:
            review.said.emit(tr("The report is in {out}", out=out))
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(out)))

        def failed(error: Exception) -> None:
            review.failed.emit(explain(error))

        review.background.report(review.path, out, done, failed)

    def _last(self) -> tuple[Wish, str]:
        kept = self._settings.export
        of = kept.get("project") if isinstance(kept, dict) else None
        return from_data(kept), str(of)
