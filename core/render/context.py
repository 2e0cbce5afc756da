"""The OpenGL side of `core.render`: imported only on the render thread.

Meshes, programs and buffers stay on the card from picture to picture; of a body its vertices,
normals and colours are written anew. Pictures are drawn upside down, so that what is read back
begins with the top row.
"""

from ctypes import byref, c_char_p, c_int, c_void_p, create_string_buffer

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from core.camera import Camera
from core.render import RenderRequest, gl
from core.render.gl import Gl
from core.render.shading import FRAGMENT, VERTEX

Floats = NDArray[np.float32]

TO_OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
"""OpenCV camera frame to OpenGL's: y up, z backward."""

NEAR, FAR = 0.05, 500.0
SAMPLES = 4
"""A pixel is covered by so many steps."""

MULTIPLE = 64
"""Sides of the buffer are multiples of this, so that it is seldom remade."""


class _Program:
    """The shaders and their uniforms."""

    def __init__(self, library: Gl) -> None:
        self._gl = library
        program = library.glCreateProgram()
        for kind, source in ((gl.VERTEX_SHADER, VERTEX), (gl.FRAGMENT_SHADER, FRAGMENT)):
            library.glAttachShader(program, self._compiled(kind, source))
        library.glLinkProgram(program)
        linked = c_int()
        library.glGetProgramiv(program, gl.LINK_STATUS, byref(linked))
        if not linked.value:
            raise OSError("The shaders cannot be linked")
        library.glUseProgram(program)
        self._places = {
            name: library.glGetUniformLocation(program, name.encode())
            for name in ("view", "lens", "towards", "radiance")
        }

    def _compiled(self, kind: int, source: str) -> int:
        shader: int = self._gl.glCreateShader(kind)
        self._gl.glShaderSource(shader, 1, byref(c_char_p(source.encode())), None)
        self._gl.glCompileShader(shader)
        compiled = c_int()
        self._gl.glGetShaderiv(shader, gl.COMPILE_STATUS, byref(compiled))
        if not compiled.value:
            said = create_string_buffer(1024)
            self._gl.glGetShaderInfoLog(shader, len(said), None, said)
            raise OSError(f"A shader cannot be compiled: {said.value.decode()}")
        return shader

    def matrix(self, name: str, value: NDArray[np.floating]) -> None:
        rows = np.ascontiguousarray(value, dtype=np.float32)
        self._gl.glUniformMatrix4fv(self._places[name], 1, True, rows.ctypes.data)

    def vectors(self, name: str, value: NDArray[np.floating]) -> None:
        rows = np.ascontiguousarray(value, dtype=np.float32)
        self._gl.glUniform3fv(self._places[name], len(rows), rows.ctypes.data)


class _Body:
    """One mesh on the card whose vertices, normals and colours are replaced in place."""

    def __init__(self, library: Gl, count: int, faces: NDArray[np.int32]) -> None:
        self._gl = library
        self._rows = np.empty((count, 9), dtype=np.float32)  # position, normal, colour
        self._corners = faces.size
        self._array = library.made("VertexArrays")
        library.glBindVertexArray(self._array)
        self._vertices = library.made("Buffers")
        library.glBindBuffer(gl.ARRAY_BUFFER, self._vertices)
        for place in range(3):
            library.glEnableVertexAttribArray(place)
            library.glVertexAttribPointer(
                place, 3, gl.FLOAT, False, self._rows.strides[0], c_void_p(12 * place)
            )
        library.glBindBuffer(gl.ELEMENT_ARRAY_BUFFER, library.made("Buffers"))
        library.glBufferData(
            gl.ELEMENT_ARRAY_BUFFER, faces.nbytes, faces.ctypes.data, gl.STATIC_DRAW
        )

    def draw(self, vertices: Floats, normals: Floats, colours: Floats) -> None:
        rows = self._rows
        rows[:, :3], rows[:, 3:6], rows[:, 6:] = vertices, normals, colours
        self._gl.glBindVertexArray(self._array)
        self._gl.glBindBuffer(gl.ARRAY_BUFFER, self._vertices)
        self._gl.glBufferData(gl.ARRAY_BUFFER, rows.nbytes, rows.ctypes.data, gl.STREAM_DRAW)
        self._gl.glDrawElements(gl.TRIANGLES, self._corners, gl.UNSIGNED_INT, None)


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


class _Canvas:
    """What is drawn into: grows with the largest picture, a corner of it serves smaller ones."""

    def __init__(self, library: Gl) -> None:
        self._gl = library
        self._width = self._height = 0
        self._framebuffers: list[int] = []
        self._renderbuffers: list[int] = []

    def begin(self, width: int, height: int) -> None:
        """Make room for a picture, and empty it."""
        library = self._gl
        if width > self._width or height > self._height:
            self._remake(*(-(-max(side) // MULTIPLE) * MULTIPLE
                           for side in ((width, self._width), (height, self._height))))  # fmt: skip
        library.glBindFramebuffer(gl.FRAMEBUFFER, self._framebuffers[0])
        library.glViewport(0, 0, width, height)
        library.glScissor(0, 0, width, height)
        library.glClear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT)

    def read(self, width: int, height: int) -> NDArray[np.uint8]:
        """Return what was drawn (H, W, 4), colours times coverage."""
        library, (drawn, resolved) = self._gl, self._framebuffers
        corners = (0, 0, width, height)
        library.glBindFramebuffer(gl.READ_FRAMEBUFFER, drawn)
        library.glBindFramebuffer(gl.DRAW_FRAMEBUFFER, resolved)
        library.glBlitFramebuffer(*corners, *corners, gl.COLOR_BUFFER_BIT, gl.NEAREST)
        library.glBindFramebuffer(gl.READ_FRAMEBUFFER, resolved)
        picture = np.empty((height, width, 4), dtype=np.uint8)
        library.glReadPixels(*corners, gl.RGBA, gl.UNSIGNED_BYTE, picture.ctypes.data)
        return picture

    def _remake(self, width: int, height: int) -> None:
        library = self._gl
        for what, numbers in (
            ("Framebuffers", self._framebuffers),
            ("Renderbuffers", self._renderbuffers),
        ):
            while numbers:
                library.freed(what, numbers.pop())
        self._width, self._height = width, height
        for samples in (SAMPLES, 0):
            self._framebuffers.append(library.made("Framebuffers"))
            library.glBindFramebuffer(gl.FRAMEBUFFER, self._framebuffers[-1])
            self._attach(gl.COLOR_ATTACHMENT0, gl.RGBA8, samples)
            if samples:
                self._attach(gl.DEPTH_ATTACHMENT, gl.DEPTH_COMPONENT24, samples)
            if library.glCheckFramebufferStatus(gl.FRAMEBUFFER) != gl.FRAMEBUFFER_COMPLETE:
                raise OSError(f"There is no room for {width} x {height} pixels")

    def _attach(self, where: int, kind: int, samples: int) -> None:
        library, size = self._gl, (self._width, self._height)
        self._renderbuffers.append(library.made("Renderbuffers"))
        library.glBindRenderbuffer(gl.RENDERBUFFER, self._renderbuffers[-1])
        library.glRenderbufferStorageMultisample(gl.RENDERBUFFER, samples, kind, *size)
        library.glFramebufferRenderbuffer(
            gl.FRAMEBUFFER, where, gl.RENDERBUFFER, self._renderbuffers[-1]
        )


class RenderContext:
    """An EGL context and the meshes in it; belongs to the thread that made it."""

    def __init__(self) -> None:
        self._gl = Gl()
        self._program = _Program(self._gl)
        self._canvas = _Canvas(self._gl)
        self._bodies: dict[tuple[int, int], _Body] = {}
        self._normals: dict[tuple[int, int], _Normals] = {}
        for what in (gl.DEPTH_TEST, gl.CULL_FACE, gl.MULTISAMPLE, gl.SCISSOR_TEST):
            self._gl.glEnable(what)
        self._gl.glFrontFace(gl.CW)  # upside down, fronts turn the other way
        self._gl.glClearColor(0.0, 0.0, 0.0, 0.0)

    def draw(self, request: RenderRequest) -> NDArray[np.uint8]:
        """Draw one request; (H, W, 4) uint8, straight alpha."""
        size = request.camera.width, request.camera.height
        self._canvas.begin(*size)
        view = TO_OPENGL if request.view is None else TO_OPENGL @ request.view
        sources = np.array([light.source for light in request.lights]) @ TO_OPENGL[:3, :3]
        self._program.vectors("towards", sources / np.linalg.norm(sources, axis=1, keepdims=True))
        radiance = [np.multiply(light.colour, light.strength) for light in request.lights]
        self._program.vectors("radiance", np.array(radiance))
        self._program.matrix("view", view)
        self._program.matrix("lens", _lens(request.camera))
        self._draw_bodies(request)
        picture = _straight_alpha(self._canvas.read(*size))
        if error := self._gl.glGetError():
            raise OSError(f"OpenGL error {error:#x}")
        return picture

    def close(self) -> None:
        """Free everything on the card."""
        self._gl.close()

    def _draw_bodies(self, request: RenderRequest) -> None:
        faces = np.ascontiguousarray(request.faces, dtype=np.int32)
        topology = hash(faces.tobytes())
        for number, vertices in enumerate(request.vertices):
            key = (topology, len(vertices))
            if key not in self._bodies:
                self._bodies[key] = _Body(self._gl, len(vertices), faces)
                self._normals[key] = _Normals(len(vertices), faces)
            vertices = np.asarray(vertices, dtype=np.float32)
            colours = _linear(_colours_of(request, number))
            self._bodies[key].draw(vertices, self._normals[key](vertices), colours)


def _lens(camera: Camera) -> NDArray[np.float64]:
    """Return the projection (4, 4) of a pinhole camera, upside down."""
    width, height = camera.width, camera.height
    return np.array(
        [
            [2 * camera.focal / width, 0, 1 - 2 * camera.cx / width, 0],
            [0, -2 * camera.focal / height, 1 - 2 * camera.cy / height, 0],
            [0, 0, (FAR + NEAR) / (NEAR - FAR), 2 * FAR * NEAR / (NEAR - FAR)],
            [0, 0, -1, 0],
        ]
    )


def _colours_of(request: RenderRequest, number: int) -> NDArray[np.uint8]:
    if isinstance(request.colours, np.ndarray):
        return request.colours[:, :3]
    return np.array(request.colours[number % len(request.colours)], dtype=np.uint8)


def _linear(colours: NDArray[np.uint8]) -> Floats:
    """Undo the gamma that the shader applies after the colour."""
    return ((colours / np.float32(255)) ** np.float32(2.2)).astype(np.float32)


def _straight_alpha(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Divide the colour of edge pixels by their coverage, which resolving has multiplied in."""
    edge = (picture[..., 3] > 0) & (picture[..., 3] < 255)
    rows = picture[edge].astype(np.uint16)
    rows[:, :3] = np.minimum(rows[:, :3] * 255 // rows[:, 3:], 255)
    picture[edge] = rows.astype(np.uint8)
    return picture
