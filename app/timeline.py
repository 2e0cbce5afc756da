"""What is done along time: scrub, play, decide on a range of a track, join and split tracks."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from app.i18n import tr
from app.line import Line
from app.model_thread import ModelThread
from app.panels.people import PeoplePanel
from app.panels.time_line import jumps_of
from app.panels.time_panel import TimePanel
from app.pieces import Pieces
from app.player import Player
from app.review import Review
from app.worker import explain
from core.jobs.motion import Motion
from core.project import Decision, PersonRow
from core.project.tracks import accept_step, join, split


class Timeline(QObject):
    """Follows the track of the person that a `Review` shows."""

    changed = Signal()
    """Whether there is a track, or whether it plays."""

    def __init__(
        self,
        review: Review,
        model: ModelThread,
        panel: TimePanel,
        people: PeoplePanel,
        player: Player,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._review, self._panel, self._people = review, panel, people
        self._model, self._player, self._window = model, player, window
        self._end: int | None = None
        self.line: Line | None = None
        self._of: object = None
        """The list that the line is of."""
        self._motion: Motion | None = None
        self._measuring: Pieces | None = None
        self._measure_soon = QTimer(self, singleShot=True, interval=1500)
        self._measure_soon.timeout.connect(self._measure)
        review.rows_changed.connect(self.follow)
        review.person_changed.connect(self.follow)
        review.leaving.connect(self._drop)
        people.selected.connect(panel.show_selected)
        panel.axis.scrubbed.connect(self._scrub)
        panel.axis.went.connect(self._go)
        panel.axis.range_chosen.connect(self._choose)
        player.shown.connect(panel.show_place)
        player.ended.connect(self._ended)

    @property
    def place(self) -> int:
        """Which frame of the line the review shows; -1 where there is none."""
        return -1 if self.line is None else self.line.place(self._review.current)

    def follow(self) -> None:
        """Show the track of the person who is shown."""
        rows = self._review.rows
        if rows is not self._of or self.place < 0:
            was, self.line = self.line, rows.line(self._review.current)
            self._of, self._end = rows, None
            self._panel.show_line(self.line, self.place)
            self._follow_motion(was)
            self._panel.show_selected(self._review.selected)
            self.changed.emit()
        elif not self._player.on:
            self._panel.show_place(self.place)

    # motion

    def _follow_motion(self, was: Line | None) -> None:
        """Keep what was measured of the same bodies; measure others when the hands rest."""
        line = self.line
        if line is None or was is None or not line.is_as(was):
            self._motion = None
            self._stop_measuring()
            if line is not None and len(line) > 2:
                self._measure_soon.start()
        elif self._motion is not None:
            self._panel.show_motion(self._motion)

    def _measure(self) -> None:
        line, path = self.line, self._review.path
        if line is None or path is None:
            return

        def measured(motion: Motion) -> None:
            if self.line is not None and self.line.is_as(line):
                self._motion = motion
                self._panel.show_motion(motion)

        rows = self._review.rows.along_line(line)
        self._measuring = self._model.motion(path, rows, measured, _ignore)

    def _stop_measuring(self) -> None:
        self._measure_soon.stop()
        if self._measuring is not None:
            self._measuring.cancel()
            self._measuring = None

    def close(self) -> None:
        """Leave off what plays and what is measured."""
        self._player.drop()
        self._stop_measuring()

    def next_jump(self) -> None:
        """Go to the next frame where the body jumps, round the end."""
        places = jumps_of(self._motion)
        if places:
            self._go(next((place for place in places if place > self.place), places[0]))
        else:
            self._review.said.emit(tr("The track does not jump, or is not measured yet"))

    # time

    def play(self) -> None:
        """Play from the shown frame on, from the start where it is the last; or stop."""
        if self._player.plays:
            self._player.stop()
        elif self.line is not None and self._review.path is not None:
            self._review.leave()  # what was picked or typed is kept
            start = self.place if self.place < len(self.line) - 1 else 0
            self._player.play(self._review.path, self.line, start)
            self.changed.emit()

    def _drop(self) -> None:
        if self._player.on:
            self._player.drop()
            self.changed.emit()

    def leave(self) -> bool:
        """Stop playing; tells whether it played."""
        plays = self._player.plays
        self._player.stop()
        return plays

    def _scrub(self, place: int) -> None:
        if self.line is not None and self._review.path is not None:
            self._player.scrub(self._review.path, self.line, place)

    def _ended(self, place: int) -> None:
        self.changed.emit()
        self._go(place)

    def _go(self, place: int) -> None:
        self._drop()
        self._panel.show_place(self.place)
        if self.line is not None and 0 <= place < len(self.line):
            self._review.select(int(self.line.ids[place]))

    # a range

    def range_on(self) -> None:
        """Select from the shown frame to one more."""
        self._extend(1)

    def range_back(self) -> None:
        """Select from the shown frame to one more before it."""
        self._extend(-1)

    def _extend(self, by: int) -> None:
        if self.line is not None:
            end = self.place if self._end is None else self._end
            self._end = min(max(end + by, 0), len(self.line) - 1)
            self._choose(min(self.place, self._end), max(self.place, self._end))

    def select_track(self) -> None:
        """Select everybody of the track."""
        if self.line is not None:
            self._choose(0, len(self.line) - 1)

    def _choose(self, first: int, last: int) -> None:
        if self.line is not None:
            self._people.choose(self.line.ids[first : last + 1].tolist())

    def accept(self) -> None:
        """Accept the shown step for all who are selected, else for the whole track."""
        line, mix = self.line, self._review.mixer.mix
        if line is None:
            return
        ids = set(self._review.selected or line.ids.tolist())
        self._decide(lambda rows: accept_step(_those(rows, ids), mix.rest, mix.own), True)

    def steady(self) -> None:
        """Steady who is undecided of those who are selected, else of the whole track."""
        line, path, current = self.line, self._review.path, self._review.current
        if line is None or path is None or current is None:
            return
        self._review.leave()
        chosen = self._review.selected or line.ids.tolist()
        self._review.background.steady(
            path,
            self._review.rows.along_line(line),
            chosen,
            lambda steadied: self._review.decider.steady(current, steadied),
            lambda error: self._review.failed.emit(explain(error)),
        )

    # tracks

    def join(self) -> None:
        """Ask which other track is the same human, and make one of both."""
        line = self.line
        others = self._review.rows.other_tracks(self._review.current)
        if line is None or not line.track or not others:
            self._review.said.emit(tr("There is no other track to join"))
            return
        title, question = tr("Join tracks"), tr("Who is the same as {track}?", track=line.track)
        other, agreed = QInputDialog.getItem(self._window, title, question, others, 0, False)
        if agreed:
            self._decide(lambda rows: join(rows, line.track, other), False)

    def split(self) -> None:
        """Make another track of this frame and the later ones."""
        line, current = self.line, self._review.current
        if line is not None and line.track and current is not None:
            self._decide(lambda rows: split(rows, line.track, _those(rows, {current})[0]), False)

    def _decide(self, make: Callable[[list[PersonRow]], Decision], verdict: bool) -> None:
        current = self._review.current
        if current is not None:
            self._review.decider.decide_by(current, make, verdict)


def _ignore(_error: Exception) -> None:
    """Leave the axis without: a body is missing, or a file."""


def _those(rows: list[PersonRow], ids: set[int]) -> list[PersonRow]:
    return [row for row in rows if row.id in ids]
