"""Pictures of bodies: one thread owns the OpenGL context.

OpenGL is loaded on that thread, when the first picture is asked for, through EGL: no display is
needed, and a display server beside it does no harm.
"""

import heapq
import itertools
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.errors import RenderError

if TYPE_CHECKING:
    from core.render.context import RenderContext

_FEW = 64
"""Requests that may wait before those that were called off are looked for."""

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]

PERSON_COLOURS: tuple[Colour, ...] = (
    (142, 184, 229),
    (240, 178, 122),
    (150, 206, 160),
    (214, 158, 206),
    (228, 206, 120),
    (160, 200, 204),
)
"""Pale colours that stay apart for the colour-blind; persons of one picture take them in turn."""


@dataclass(frozen=True)
class Light:
    """A light from far away.

    Parameters
    ----------
    source : tuple of float
        Where it comes from, OpenCV camera frame, any length.
    colour : tuple of float
        Linear RGB, 0 to 1.
    strength : float
        Factor of the colour.
    """

    source: tuple[float, float, float]
    colour: tuple[float, float, float]
    strength: float


LIGHTS = (
    Light((-0.5, -0.7, -0.7), (1.0, 0.97, 0.93), 3.0),
    Light((0.9, -0.1, -0.5), (0.85, 0.92, 1.0), 1.3),
    Light((0.3, -0.6, 0.9), (1.0, 1.0, 1.0), 1.6),
)
"""Key, fill and rim light."""


@dataclass(frozen=True, eq=False)
class RenderRequest:
    """One picture to draw; the background is transparent.

    Parameters
    ----------
    vertices : sequence of NDArray, each (V, 3); or one array (P, V, 3)
        Bodies in metres, OpenCV camera frame (x right, y down, z forward).
    faces : NDArray, shape (F, 3)
        Triangles, shared by all bodies.
    camera : Camera
        Pinhole camera of the picture drawn; its width and height are the size in pixels.
        To draw a part of a picture, or a smaller one, give `crop(camera, ...)`.
    colours : sequence of (r, g, b) or NDArray (V, 3) uint8; or one such array
        Of each body one colour, or one a vertex; the array alone is for all bodies.
    view : NDArray, shape (4, 4), or None
        Rigid motion applied to the bodies before they are seen; see `orbit`.
    lights : tuple of Light
        Key, fill and rim light.
    """

    vertices: Sequence[NDArray[np.float32]] | NDArray[np.float32]
    faces: NDArray[np.int32]
    camera: Camera
    colours: Sequence[Colour | Picture] | Picture = PERSON_COLOURS
    view: NDArray[np.float64] | None = None
    lights: tuple[Light, Light, Light] = LIGHTS


class Renderer:
    """Draws requests one after another on a thread of its own, urgent and new ones first.

    A context manager; `close` waits for the picture in work and drops the rest.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="render")
        self._waiting: list[tuple[int, int, Future[Picture]]] = []
        self._requests: dict[Future[Picture], RenderRequest] = {}
        self._lock = Lock()
        self._numbers = itertools.count()
        self._context: RenderContext | None = None
        self._serving = False
        self._most = _FEW

    def render(self, request: RenderRequest, priority: int = 0) -> Future[Picture]:
        """Ask for a picture.

        Parameters
        ----------
        request : RenderRequest
            What to draw.
        priority : int
            Lower is served first; among equals the newest is.

        Returns
        -------
        Future of NDArray, shape (H, W, 4), uint8
            RGB and straight alpha. `cancel()` drops a request that is not yet being drawn. Fails
            with `RenderError` where there is no OpenGL.
        """
        future: Future[Picture] = Future()
        self._requests[future] = request
        # what is called off lets its bodies go at once, though it may wait below newer ones
        future.add_done_callback(self._requests.pop)
        with self._lock:
            if len(self._waiting) >= self._most:
                self._drop_cancelled()
            heapq.heappush(self._waiting, (priority, -next(self._numbers), future))
            idle, self._serving = not self._serving, True
        if idle:
            self._executor.submit(self._serve)
        return future

    def close(self) -> None:
        """Drop what waits, free the context, join the thread."""
        with self._lock:
            dropped, self._waiting = self._waiting, []
        for *_, future in dropped:
            future.cancel()
        self._executor.submit(self._free)
        self._executor.shutdown(wait=True)

    def __enter__(self) -> "Renderer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _drop_cancelled(self) -> None:
        """Drop what was called off; looked for seldom, as there may be much that waits."""
        self._waiting = [one for one in self._waiting if not one[-1].cancelled()]
        heapq.heapify(self._waiting)
        self._most = max(_FEW, 2 * len(self._waiting))

    def _serve(self) -> None:
        """Draw until nothing waits."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._serving = False
                    return
                *_, future = heapq.heappop(self._waiting)
            self._serve_one(future)

    def _serve_one(self, future: "Future[Picture]") -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(self._draw(self._requests[future]))
        except RenderError as error:
            future.set_exception(error)
        except Exception as error:  # noqa: BLE001 - drivers fail in many ways; the asker decides
            future.set_exception(RenderError(f"Drawing failed: {error}", _HINT))

    def _draw(self, request: RenderRequest) -> Picture:
        if self._context is None:
            self._context = _open_context()
        return self._context.draw(request)

    def _free(self) -> None:
        if self._context is not None:
            self._context.close()
            self._context = None


_HINT = "Install Mesa's EGL (Debian: apt-get install libegl1 libgl1-mesa-dri), see diffannot doctor"


def _open_context() -> "RenderContext":
    try:
        from core.render.context import RenderContext

        return RenderContext()
    except Exception as error:
        raise RenderError(f"No OpenGL context through EGL: {error!r}", _HINT) from error


def crop(camera: Camera, x: float, y: float, width: float, height: float, scale: float) -> Camera:
    """Return the camera that sees a rectangle of the picture (pixels), `scale` times as large."""
    return Camera(
        camera.focal * scale,
        (camera.cx - x) * scale,
        (camera.cy - y) * scale,
        max(1, round(width * scale)),
        max(1, round(height * scale)),
    )


def orbit(
    centre: NDArray[np.floating], yaw: float, pitch: float, distance: float | None = None
) -> NDArray[np.float64]:
    """Return the motion that turns the world about a point, as seen from an orbiting camera.

    Parameters
    ----------
    centre : NDArray, shape (3,)
        Metres, camera frame.
    yaw : float
        Radians; positive moves the eye to the body's side that is at the right of the picture.
    pitch : float
        Radians; positive lifts the eye (pi/2 looks from the top).
    distance : float or None
        Metres from the eye to the centre, which then lies on the optical axis; None leaves the
        centre where the camera sees it.

    Returns
    -------
    NDArray, shape (4, 4)
        For `RenderRequest.view`.
    """
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    view = np.eye(4)
    view[:3, :3] = about_x @ about_y
    target = np.asarray(centre, dtype=float) if distance is None else np.array([0, 0, distance])
    view[:3, 3] = target - view[:3, :3] @ centre
    return view


def outline(picture: Picture, width: int = 2) -> Picture:
    """Return where the silhouette of a picture ends: a smooth band inside its edge.

    Parameters
    ----------
    picture : NDArray, shape (H, W, 4), uint8
        As a `Renderer` gives it.
    width : int
        Of the band in pixels.

    Returns
    -------
    NDArray, shape (H, W), uint8
        Coverage, 0 to 255.
    """
    alpha = picture[..., 3]
    height, breadth = alpha.shape
    around = np.pad(alpha, width)
    inner = alpha.copy()
    for dy in range(-width, width + 1):
        for dx in range(-width, width + 1):
            if 0 < dy * dy + dx * dx <= width * width:
                shifted = around[
                    width + dy : width + dy + height, width + dx : width + dx + breadth
                ]
                np.minimum(inner, shifted, out=inner)
    return alpha - inner
