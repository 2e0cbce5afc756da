"""A track played at its own time: made ready ahead, frames dropped rather than late."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from app.frames import Frame, Frames
from app.kept import PLAYED, Kept
from app.line import Line
from app.loading import Loader
from app.model_thread import ModelThread
from app.panels.picture import PictureView
from app.pictures import Photograph, read_photograph
from app.poses import Still
from app.worker import Ticket, explain

Asked = tuple[str, int]
"""What is asked for, and from which place on."""

AHEAD = 6
"""Frames that are made ready before their time."""
READ, POSE = "read", "pose"
STRETCH = 12
"""Persons that are posed at once."""
FEWEST_STRETCHES = AHEAD + 1
"""What is made ready ahead lies in no more, even where most frames are left out."""
MOST_LEFT_OUT = 12
"""Of so many frames one is shown at least."""
PATIENCE = 8
"""Frames shown in time before fewer are left out again."""


class Player(QObject):
    """Shows one frame of a line after the other, or the one that a hand is at.

    Nothing waits: pictures are read by the thread that reads pictures, bodies posed and drawn by
    theirs. What is not ready when its time comes is left out, and where that happens often, every
    second, third ... frame alone is made ready.
    """

    shown = Signal(int)
    """Place of the frame that is on screen now."""

    ended = Signal(int)
    """Place of the last that was shown; -1 for none."""

    over = Signal()
    """The person is to be shown again."""

    failed = Signal(str)

    def __init__(
        self,
        loader: Loader,
        model: ModelThread,
        frames: Frames,
        picture: PictureView,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._loader, self._model, self._frames, self._picture = loader, model, frames, picture
        frames.ready.connect(self._show_ready)
        picture.film_clicked.connect(self.stop)
        self._timer = QTimer(self, interval=12, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._clock = QElapsedTimer()
        self._line: Line | None = None
        self._forget()

    def _forget(self) -> None:
        self._path = Path()
        self._start = self._wanted = self._shown = -1
        self._runs = False
        self._step, self._in_time = 1, 0
        self._tickets: dict[Asked, Ticket] = {}
        self._stretches: Kept[int, list[Still]] = Kept(PLAYED, _size, FEWEST_STRETCHES)
        self._photographs: dict[int, Photograph] = {}
        self._bad: set[int] = set()

    @property
    def on(self) -> bool:
        """Whether frames of the track are on screen in the place of the person's."""
        return self._line is not None

    @property
    def plays(self) -> bool:
        """Whether time goes on by itself."""
        return self._runs

    @property
    def still(self) -> Still | None:
        """What is on screen now."""
        return self._still(self._shown)

    def play(self, path: Path, line: Line, place: int) -> None:
        """Play a track of a project from a frame on."""
        self._begin(path, line)
        self._start, self._runs = place, True
        self._clock.invalidate()  # it starts with the first frame that is shown
        self._want(place)
        self._timer.start()

    def scrub(self, path: Path, line: Line, place: int) -> None:
        """Show the frame that a hand is at."""
        if self._runs or line is not self._line:
            self._begin(path, line)
        self._want(place)

    def stop(self) -> None:
        """Stop at the frame that is on screen."""
        if self._line is not None:
            shown = self._shown
            self.drop()
            self.ended.emit(shown)

    def drop(self) -> None:
        """Show the person again."""
        if self._line is None:
            return
        self._line = None
        self._timer.stop()
        for ticket in self._tickets.values():
            ticket.cancel()
        self._forget()
        self._picture.end_film()
        self.over.emit()

    def _begin(self, path: Path, line: Line) -> None:
        self.drop()
        self._path, self._line = path, line
        self._picture.begin_film()

    def _tick(self) -> None:
        line = self._line
        if line is None or not self._clock.isValid():
            return
        time = float(line.times[self._start]) + self._clock.elapsed() / 1000
        last = len(line) - 1
        seen = self._shown == last or last in self._bad  # however late it comes
        if seen and time >= float(line.times[-1]) + line.spacing:
            self.stop()
        else:
            self._want(line.at(time))

    # making ready

    def _want(self, place: int) -> None:
        if self._line is None or place == self._wanted:
            return
        self._wanted = place
        coming = self._coming(place)
        self._drop(self._shown if self._runs else place, coming[-1])
        for first in dict.fromkeys(each // STRETCH * STRETCH for each in coming):
            self._pose(self._line, first)
        self._make_ready(coming)
        self._show_ready()

    def _drop(self, first: int, last: int) -> None:
        """Forget pictures that are not wanted any more, there or on their way."""
        for place in [each for each in self._photographs if not first <= each <= last]:
            self._photographs.pop(place)
        for what, place in list(self._tickets):
            if what == READ and not first <= place <= last:
                self._tickets.pop((what, place)).cancel()

    def _coming(self, place: int) -> list[int]:
        """Return the frames to make ready: this one, where time stands still, else the next."""
        assert self._line is not None
        if not self._runs:
            return [place]
        first = -(-(place - self._start) // self._step) * self._step + self._start
        return [min(first + number * self._step, len(self._line) - 1) for number in range(AHEAD)]

    def _pose(self, line: Line, first: int) -> None:
        """Ask for the bodies of some frames in a row."""
        if first in self._stretches:
            return

        def posed(stills: list[Still]) -> None:
            self._stretches.keep(first, stills)
            if self._line is line and self._wanted >= 0:
                self._make_ready(self._coming(self._wanted))

        ids = line.ids[first : first + STRETCH].tolist()
        self._once(
            (POSE, first),
            lambda done, failed: self._model.pose_track(self._path, ids, done, failed),
            posed,
            range(first, first + len(ids)),
        )

    def _still(self, place: int) -> Still | None:
        stills = self._stretches.get(place // STRETCH * STRETCH)
        return None if stills is None else stills[place % STRETCH]

    def _make_ready(self, places: list[int]) -> None:
        """Ask for pictures and drawn bodies of frames whose bodies are posed."""
        drawn: dict[int, list[Still]] = {}
        for distance, place in enumerate(places):
            still = self._still(place)
            if still is None:
                continue
            if place not in self._photographs:
                self._read(place, still.path, distance)
            if still.poses is not None:
                drawn.setdefault(place // STRETCH, []).append(still)
        for stretch, own in drawn.items():
            poses = own[0].poses
            keys = [self._picture.film_key(still) for still in own]
            wanted = [key for key, _ in filter(None, keys)]
            if poses is not None and wanted:
                self._frames.show(f"film {stretch % 2}", poses, wanted)

    def _read(self, place: int, path: Path, distance: int) -> None:
        def read(photograph: Photograph) -> None:
            self._photographs[place] = photograph
            self._show_ready()

        self._once(
            (READ, place),
            lambda done, failed: self._loader.pictures.submit(
                lambda _: read_photograph(path), done, failed, priority=distance
            ),
            read,
            [place],
        )

    def _once(
        self,
        key: Asked,
        ask: Callable[[Callable[[Any], None], Callable[[Exception], None]], Ticket],
        then: Callable[[Any], None],
        places: Any,
    ) -> None:
        if key in self._tickets:
            return

        def failed(error: Exception) -> None:
            self._bad.update(places)
            self.failed.emit(explain(error))
            self._show_ready()

        def done(value: Any) -> None:
            self._tickets.pop(key, None)  # it may be wanted again
            then(value)

        self._tickets[key] = ask(done, failed)

    # showing

    def _show_ready(self) -> None:
        """Show the newest frame that is ready, and not before its time."""
        if self._line is None or self._wanted == self._shown:
            return
        oldest = self._shown + 1 if self._runs else self._wanted
        for place in range(self._wanted, oldest - 1, -1):
            photograph, still, frame = self._photographs.get(place), self._still(place), None
            if photograph is None or still is None:
                continue
            key = self._picture.film_key(still)
            if key is not None and (frame := self._frames.kept(key[0])) is None:
                continue
            self._take(place, photograph, frame, key)
            return
        if self._runs and not self._clock.isValid() and self._wanted in self._bad:
            self._clock.start()

    def _take(self, place: int, photograph: Photograph, frame: Frame | None, key: Any) -> None:
        late, self._shown = self._wanted - place, place
        if self._runs:
            if not self._clock.isValid():
                self._clock.start()
            self._pace(late)
        self._picture.show_film(photograph, frame, key[1] if key is not None else None)
        self.shown.emit(place)

    def _pace(self, late: int) -> None:
        if late > self._step:
            self._step, self._in_time = min(self._step + 1, MOST_LEFT_OUT), 0
        else:
            self._in_time += 1
            if self._in_time >= PATIENCE:
                self._step, self._in_time = max(self._step - 1, 1), 0


def _size(stills: list[Still]) -> int:
    posed = {still.poses for still in stills if still.poses is not None}
    return sum(poses.size for poses in posed)
