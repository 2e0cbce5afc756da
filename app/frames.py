"""Rendered steps: asked for by the panels, drawn on the render thread, kept for a while.

The step that is shown comes first, its neighbours on the slider are prepared ahead.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage

from app import theme
from app.collector import loading
from app.kept import FRAMES, Kept
from app.poses import Other, Poses, Stance, Which
from app.worker import explain
from core.camera import Camera
from core.parts import PART_NAMES
from core.render import Colour, Renderer, RenderRequest, outline

NOBODY = -1
"""No step: the shown body is left out."""

_DRAWN = QImage.Format.Format_ARGB32_Premultiplied
"""What Qt paints without converting it."""


@dataclass(frozen=True)
class FrameKey:
    """What makes a rendered step the same picture.

    Parameters
    ----------
    poses : Which
        Whose body.
    step : int
        0..N; `NOBODY` for the others alone.
    camera : Camera
        Of the frame: a crop of the photograph's, scaled.
    view : tuple of 16 floats, or None
        Rigid motion before the camera, row by row.
    colour : (r, g, b)
        Of the body.
    outlined : bool
        Whether the silhouette's edge is wanted too.
    part : str
        Which part of the body stands out; empty for none.
    against : (Which, int) or None
        Coloured by the distance of each vertex from this other body.
    others : tuple of Stance
        Who else is in the picture, and which body stands for each.
    """

    poses: Which
    step: int
    camera: Camera
    view: tuple[float, ...] | None
    colour: tuple[int, int, int]
    outlined: bool = False
    part: str = ""
    against: tuple[Which, int] | None = None
    others: tuple[Stance, ...] = ()


@dataclass(frozen=True, eq=False)
class Frame:
    """A rendered step, and its silhouette's edge."""

    picture: QImage
    edge: QImage | None
    """Already in the silhouette's colour."""


class Frames(QObject):
    """Cache and queue of rendered steps for several panels, each with a slot of its own."""

    ready = Signal(object, object)
    """`FrameKey` and `Frame`, whenever one has been drawn."""

    failed = Signal(str)

    _drawn = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._renderer = Renderer()
        self._cache: Kept[FrameKey, Frame] = Kept(FRAMES, _size)
        self._asked = self._closed = False
        self._waiting: dict[str, dict[FrameKey, Future[NDArray[np.uint8]]]] = {}
        self._rest: dict[str, Callable[[], None]] = {}
        self._rest_soon = QTimer(self, singleShot=True, interval=0)
        self._rest_soon.timeout.connect(self._ask_rests)
        self._first = ExitStack()  # OpenGL is loaded with the first frame
        self._drawn.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def show(
        self,
        slot: str,
        poses: Poses,
        wanted: Sequence[FrameKey],
        after: int = 0,
        colours: NDArray[np.uint8] | None = None,
        others: Sequence[Other] = (),
    ) -> Frame | None:
        """Ask for frames of one slot, the most wanted first; what it asked before is called off.

        After `close` nothing is asked for. Frames of all slots are drawn in the order of their
        place in `wanted`, plus `after`; all but the first are asked for in the next turn of the
        event loop. `colours` (V, 3) are for keys that say `against` whom, `others` those that the
        keys say.

        Returns
        -------
        Frame or None
            The first wanted, if it is there; else it will be told by `ready`.
        """
        if self._closed:
            return None
        waiting = self._waiting.setdefault(slot, {})
        for key in waiting.keys() - set(wanted):
            waiting.pop(key).cancel()
        ask = partial(self._ask, poses, colours, others)
        self._rest[slot] = partial(self._ask_rest, waiting, ask, wanted[1:], after + 1)
        self._rest_soon.start()
        if not wanted:
            return None
        first, drawn = wanted[0], self._cache.get(wanted[0])
        if drawn is None and (not after or first not in waiting):
            if first in waiting:
                waiting.pop(first).cancel()
            waiting[first] = ask(first, after)
        return drawn

    def kept(self, key: FrameKey) -> Frame | None:
        """Return a frame that has been drawn, if it is still there."""
        return self._cache.get(key)

    def forget(self) -> None:
        """Drop what has been drawn: keys of another project mean other bodies."""
        self._cache.clear()

    def close(self) -> None:
        """Join the render thread."""
        self._closed = True
        self._rest_soon.stop()
        self._rest.clear()
        for waiting in self._waiting.values():
            for future in waiting.values():
                future.cancel()
        self._renderer.close()
        self._first.close()

    def _ask_rests(self) -> None:
        rests, self._rest = self._rest, {}
        for ask in rests.values():
            ask()

    def _ask_rest(
        self,
        waiting: dict[FrameKey, Future[NDArray[np.uint8]]],
        ask: Callable[[FrameKey, int], Future[NDArray[np.uint8]]],
        wanted: Sequence[FrameKey],
        place: int,
    ) -> None:
        for by, key in enumerate(wanted):
            if self._cache.get(key) is None and key not in waiting:
                waiting[key] = ask(key, place + by)

    def _ask(
        self,
        poses: Poses,
        colours: NDArray[np.uint8] | None,
        others: Sequence[Other],
        key: FrameKey,
        place: int,
    ) -> "Future[NDArray[np.uint8]]":
        view = None if key.view is None else np.array(key.view).reshape(4, 4)
        own = [] if key.step == NOBODY else [poses.vertices[key.step]]
        request = RenderRequest(
            [*own, *(one.seen_by(poses.camera) for one in others)],
            poses.faces,
            key.camera,
            _colours(poses, key, others) if colours is None else colours,
            view,
        )
        if not self._asked:
            self._asked = True
            self._first.enter_context(loading())
        future = self._renderer.render(request, place)
        future.add_done_callback(partial(self._on_render_thread, key))
        return future

    def _on_render_thread(self, key: FrameKey, future: "Future[NDArray[np.uint8]]") -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is not None:
            self._drawn.emit(key, error)
            return
        picture = future.result()
        edge = None
        if key.outlined:
            width = max(1, key.camera.height // 320)
            edge = _tinted(outline(picture, width), QColor(theme.SILHOUETTE))
        self._drawn.emit(key, Frame(_picture(picture), edge))

    @Slot(object, object)
    def _keep(self, key: FrameKey, result: Frame | Exception) -> None:
        self._first.close()
        for waiting in self._waiting.values():
            waiting.pop(key, None)
        if isinstance(result, Exception):
            self.failed.emit(explain(result))
            return
        self._cache.keep(key, result)
        self.ready.emit(key, result)


def _colours(
    poses: Poses, key: FrameKey, others: Sequence[Other]
) -> Sequence[Colour | NDArray[np.uint8]]:
    colours: list[Colour | NDArray[np.uint8]] = [] if key.step == NOBODY else [key.colour]
    if key.part:
        own = poses.vertex_part == PART_NAMES.index(key.part)
        colours = [np.where(own[:, None], theme.PART, key.colour).astype(np.uint8)]
    return [*colours, *(theme.OTHERS[one.row.number % len(theme.OTHERS)] for one in others)]


def _size(frame: Frame) -> int:
    return frame.picture.sizeInBytes() + (frame.edge.sizeInBytes() if frame.edge else 0)


def _picture(pixels: NDArray[np.uint8]) -> QImage:
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(_DRAWN)


def _tinted(coverage: NDArray[np.uint8], colour: QColor) -> QImage:
    """Return a colour where something covers, premultiplied."""
    shades = np.arange(256, dtype=np.uint32)
    argb = colour.alpha(), colour.red(), colour.green(), colour.blue()
    ramp = sum(shades * part // 255 << 24 - 8 * place for place, part in enumerate(argb))
    pixels = np.take(np.asarray(ramp), coverage)
    height, width = coverage.shape
    image = QImage(pixels.data, width, height, 4 * width, _DRAWN)
    return image.copy()  # of its own memory
