"""The OpenGL side of `core.render`: imported only on the render thread.

Meshes are built once for each (faces, number of vertices); new vertices and normals are written
into the buffers on the card, because a new pyrender mesh a frame holds the interpreter for 65 ms.
"""

from ctypes import c_void_p
from typing import Any

import numpy as np
import pyrender
import scipy.sparse
from numpy.typing import NDArray
from OpenGL import GL
from pyrender.platforms import egl
from pyrender.renderer import Renderer as PyrenderRenderer

from core.render import LIGHTS, RenderRequest

Floats = NDArray[np.float32]

TO_OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
"""OpenCV camera frame to OpenGL's: y up, z backward."""

AMBIENT = 0.22
NEAR, FAR = 0.05, 500.0
MULTIPLE = 16
"""Frames are drawn into a buffer whose sides are multiples of this, so that it is seldom remade."""


class _ColourOnly(PyrenderRenderer):  # type: ignore[misc]
    """pyrender's renderer that reads no depth back and leaves meshes to `_Body`."""

    def _update_context(self, scene: Any, flags: int) -> None:
        """Meshes stay on the card while they are out of the scene."""

    def _read_main_framebuffer(self, scene: Any, flags: int) -> NDArray[np.uint8]:
        width, height = self._main_fb_dims
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb_ms)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, self._main_fb)
        GL.glBlitFramebuffer(
            0, 0, width, height, 0, 0, width, height, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST
        )
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb)
        picture = np.empty((height, width, 4), dtype=np.uint8)
        GL.glReadPixels(0, 0, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, picture)
        return picture[::-1]


class _Body:
    """One mesh on the card whose vertices, normals and colours are replaced in place."""

    def __init__(self, count: int, faces: NDArray[np.int32]) -> None:
        self._rows = np.ones((count, 10), dtype=np.float32)  # pyrender: position, normal, RGBA
        self.primitive = pyrender.Primitive(
            positions=self._rows[:, :3],
            normals=self._rows[:, 3:6],
            color_0=self._rows[:, 6:],
            indices=faces,
            material=pyrender.MetallicRoughnessMaterial(
                baseColorFactor=(1.0, 1.0, 1.0, 1.0), metallicFactor=0.0, roughnessFactor=0.8
            ),
        )
        self.primitive._add_to_context()
        self.node = pyrender.Node(mesh=pyrender.Mesh([self.primitive]))

    def update(self, vertices: Floats, normals: Floats, colours: Floats) -> None:
        self._rows[:, :3] = vertices
        self._rows[:, 3:6] = normals
        self._rows[:, 6:9] = colours
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self.primitive._buffers[0])
        address = c_void_p(self._rows.ctypes.data)
        GL.glBufferSubData(GL.GL_ARRAY_BUFFER, 0, self._rows.nbytes, address)


class _Normals:
    """Vertex normals of one topology: the sum of a vertex's face normals, weighted by area."""

    def __init__(self, count: int, faces: NDArray[np.int32]) -> None:
        self._faces = faces
        rows = np.repeat(np.arange(len(faces)), 3)
        ones = np.ones(len(rows), dtype=np.float32)
        self._gather = scipy.sparse.csr_matrix(
            (ones, (faces.ravel(), rows)), shape=(count, len(faces))
        )

    def __call__(self, vertices: Floats) -> Floats:
        a, b, c = (vertices[self._faces[:, corner]] for corner in range(3))
        summed = self._gather @ np.cross(b - a, c - a)
        length = np.linalg.norm(summed, axis=1, keepdims=True)
        return np.asarray(summed / np.maximum(length, 1e-12), dtype=np.float32)


class RenderContext:
    """An EGL context and the meshes in it; belongs to the thread that made it."""

    def __init__(self) -> None:
        self._platform = egl.EGLPlatform(MULTIPLE, MULTIPLE, device=egl.get_device_by_index(0))
        self._platform.init_context()
        self._renderer = _ColourOnly(MULTIPLE, MULTIPLE)
        self._bodies: dict[tuple[int, int, int], _Body] = {}
        self._normals: dict[tuple[int, int], _Normals] = {}
        self._scene = pyrender.Scene(bg_color=(0.0, 0.0, 0.0, 0.0), ambient_light=(AMBIENT,) * 3)
        self._lights = [self._scene.add(pyrender.DirectionalLight()) for _ in LIGHTS]

    def draw(self, request: RenderRequest) -> NDArray[np.uint8]:
        """Draw one request; (H, W, 4) uint8, straight alpha."""
        camera = request.camera
        width, height = (-(-side // MULTIPLE) * MULTIPLE for side in (camera.width, camera.height))
        nodes = self._fill(request)
        for node, light in zip(self._lights, request.lights, strict=True):
            node.matrix = _look_along(np.array(light.source))
            node.light.color, node.light.intensity = light.colour, light.strength
        lens = pyrender.IntrinsicsCamera(
            camera.focal, camera.focal, camera.cx, camera.cy, znear=NEAR, zfar=FAR
        )
        self._renderer.viewport_width, self._renderer.viewport_height = width, height
        eye = self._scene.add(lens)
        self._scene.main_camera_node = eye
        for node in nodes:
            self._scene.add_node(node)
        picture = self._renderer.render(self._scene, pyrender.RenderFlags.RGBA | _OFFSCREEN)
        for node in (eye, *nodes):
            self._scene.remove_node(node)
        return _straight_alpha(picture[: camera.height, : camera.width])

    def close(self) -> None:
        """Free everything on the card."""
        self._renderer.delete()
        for body in self._bodies.values():
            body.primitive.delete()
        self._platform.delete_context()

    def _fill(self, request: RenderRequest) -> list[pyrender.Node]:
        faces = np.ascontiguousarray(request.faces, dtype=np.int32)
        topology = hash(faces.tobytes())
        pose = TO_OPENGL if request.view is None else TO_OPENGL @ request.view
        nodes = []
        for number, vertices in enumerate(request.vertices):
            key = (topology, len(vertices), number)
            if key not in self._bodies:
                self._bodies[key] = _Body(len(vertices), faces)
            if key[:2] not in self._normals:
                self._normals[key[:2]] = _Normals(len(vertices), faces)
            vertices = np.asarray(vertices, dtype=np.float32)
            colours = _linear(_colours_of(request, number))
            self._bodies[key].update(vertices, self._normals[key[:2]](vertices), colours)
            self._bodies[key].node.matrix = pose
            nodes.append(self._bodies[key].node)
        return nodes


_OFFSCREEN = pyrender.constants.RenderFlags.OFFSCREEN


def _colours_of(request: RenderRequest, number: int) -> NDArray[np.uint8]:
    if isinstance(request.colours, np.ndarray):
        return request.colours[:, :3]
    return np.array(request.colours[number % len(request.colours)], dtype=np.uint8)


def _linear(colours: NDArray[np.uint8]) -> Floats:
    """Undo the gamma that pyrender's shader applies after the vertex colour."""
    return ((colours / np.float32(255)) ** np.float32(2.2)).astype(np.float32)


def _look_along(source: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pose of a light at `source` (OpenCV camera frame) that shines along its own -z."""
    back = TO_OPENGL[:3, :3] @ source / np.linalg.norm(source)
    right = np.cross([0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    return pose


def _straight_alpha(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Divide the colour of edge pixels by their coverage, which resolving has multiplied in."""
    picture = np.ascontiguousarray(picture)
    edge = (picture[..., 3] > 0) & (picture[..., 3] < 255)
    rows = picture[edge].astype(np.uint16)
    rows[:, :3] = np.minimum(rows[:, :3] * 255 // rows[:, 3:], 255)
    picture[edge] = rows.astype(np.uint8)
    return picture
