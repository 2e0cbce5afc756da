"""The few functions of EGL and OpenGL that drawing bodies needs, called through ctypes.

ctypes lets go of the interpreter while a function works, and there is nothing to import: PyOpenGL
takes 0.3 s of Python, during which a window beside it stands still. Names are OpenGL's own.
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_float, c_int, c_ubyte, c_uint, c_void_p
from typing import Any

ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 0x8892, 0x8893
STATIC_DRAW, STREAM_DRAW = 0x88E4, 0x88E0
VERTEX_SHADER, FRAGMENT_SHADER = 0x8B31, 0x8B30
COMPILE_STATUS, LINK_STATUS = 0x8B81, 0x8B82
FRAMEBUFFER, READ_FRAMEBUFFER, DRAW_FRAMEBUFFER = 0x8D40, 0x8CA8, 0x8CA9
FRAMEBUFFER_COMPLETE = 0x8CD5
RENDERBUFFER, COLOR_ATTACHMENT0, DEPTH_ATTACHMENT = 0x8D41, 0x8CE0, 0x8D00
RGBA, RGBA8, DEPTH_COMPONENT24 = 0x1908, 0x8058, 0x81A6
FLOAT, UNSIGNED_INT, UNSIGNED_BYTE = 0x1406, 0x1405, 0x1401
DEPTH_TEST, CULL_FACE, MULTISAMPLE, SCISSOR_TEST = 0x0B71, 0x0B44, 0x809D, 0x0C11
COLOR_BUFFER_BIT, DEPTH_BUFFER_BIT = 0x4000, 0x0100
TRIANGLES, NEAREST, CW = 0x0004, 0x2600, 0x0900

_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "glAttachShader": (None, c_uint, c_uint),
    "glBindBuffer": (None, c_uint, c_uint),
    "glBindFramebuffer": (None, c_uint, c_uint),
    "glBindRenderbuffer": (None, c_uint, c_uint),
    "glBindVertexArray": (None, c_uint),
    "glBlitFramebuffer": (None, *[c_int] * 8, c_uint, c_uint),
    "glBufferData": (None, c_uint, ctypes.c_ssize_t, c_void_p, c_uint),
    "glCheckFramebufferStatus": (c_uint, c_uint),
    "glClear": (None, c_uint),
    "glClearColor": (None, c_float, c_float, c_float, c_float),
    "glCompileShader": (None, c_uint),
    "glCreateProgram": (c_uint,),
    "glCreateShader": (c_uint, c_uint),
    "glDeleteFramebuffers": (None, c_int, POINTER(c_uint)),
    "glDeleteRenderbuffers": (None, c_int, POINTER(c_uint)),
    "glDrawElements": (None, c_uint, c_int, c_uint, c_void_p),
    "glEnable": (None, c_uint),
    "glEnableVertexAttribArray": (None, c_uint),
    "glFramebufferRenderbuffer": (None, c_uint, c_uint, c_uint, c_uint),
    "glFrontFace": (None, c_uint),
    "glGenBuffers": (None, c_int, POINTER(c_uint)),
    "glGenFramebuffers": (None, c_int, POINTER(c_uint)),
    "glGenRenderbuffers": (None, c_int, POINTER(c_uint)),
    "glGenVertexArrays": (None, c_int, POINTER(c_uint)),
    "glGetError": (c_uint,),
    "glGetProgramiv": (None, c_uint, c_uint, POINTER(c_int)),
    "glGetShaderiv": (None, c_uint, c_uint, POINTER(c_int)),
    "glGetShaderInfoLog": (None, c_uint, c_int, c_void_p, c_char_p),
    "glGetUniformLocation": (c_int, c_uint, c_char_p),
    "glLinkProgram": (None, c_uint),
    "glReadPixels": (None, c_int, c_int, c_int, c_int, c_uint, c_uint, c_void_p),
    "glRenderbufferStorageMultisample": (None, c_uint, c_int, c_uint, c_int, c_int),
    "glScissor": (None, c_int, c_int, c_int, c_int),
    "glShaderSource": (None, c_uint, c_int, POINTER(c_char_p), c_void_p),
    "glUniform3fv": (None, c_int, c_int, c_void_p),
    "glUniformMatrix4fv": (None, c_int, c_int, c_ubyte, c_void_p),
    "glUseProgram": (None, c_uint),
    "glVertexAttribPointer": (None, c_uint, c_int, c_uint, c_ubyte, c_int, c_void_p),
    "glViewport": (None, c_int, c_int, c_int, c_int),
}
"""Result, then arguments."""

_EGL: dict[str, tuple[Any, ...]] = {
    "eglGetDisplay": (c_void_p, c_void_p),
    "eglInitialize": (c_uint, c_void_p, c_void_p, c_void_p),
    "eglChooseConfig": (c_uint, c_void_p, c_void_p, c_void_p, c_int, c_void_p),
    "eglBindAPI": (c_uint, c_uint),
    "eglCreateContext": (c_void_p, c_void_p, c_void_p, c_void_p, c_void_p),
    "eglDestroyContext": (c_uint, c_void_p, c_void_p),
    "eglMakeCurrent": (c_uint, c_void_p, c_void_p, c_void_p, c_void_p),
    "eglReleaseThread": (c_uint,),
    "eglGetProcAddress": (c_void_p, c_char_p),
    "eglGetError": (c_int,),
}
_PLATFORM_DEVICE, _OPENGL_API = 0x313F, 0x30A2
_CONFIG = (0x3033, 0x0001, 0x3040, 0x0008, 0x3038)  # pbuffers, any OpenGL
_CONTEXT = (0x3098, 3, 0x30FB, 3, 0x30FD, 0x0001, 0x3038)  # 3.3, core profile


class Gl:
    """An OpenGL 3.3 context through EGL that draws to no screen, current on this thread.

    Its functions are attributes, by their names; `made` and `freed` are about whatever
    `glGen…` and `glDelete…` do.

    Raises
    ------
    OSError
        There is no libEGL, or it cannot make such a context.
    """

    def __init__(self) -> None:
        self._egl = ctypes.CDLL("libEGL.so.1")
        for name, (result, *arguments) in _EGL.items():
            function = getattr(self._egl, name)
            function.restype, function.argtypes = result, arguments
        self._display = self._find_display()
        egl = self._egl
        # never ended: displays are shared by all that asks for them in a process
        self._check(egl.eglInitialize(self._display, None, None))
        configs, found = (c_void_p * 1)(), c_int()
        asked = (c_int * len(_CONFIG))(*_CONFIG)
        self._check(egl.eglChooseConfig(self._display, asked, configs, 1, byref(found)))
        self._check(egl.eglBindAPI(_OPENGL_API))
        wanted = (c_int * len(_CONTEXT))(*_CONTEXT)
        self._context = egl.eglCreateContext(self._display, configs[0], None, wanted)
        self._check(self._context)
        self._check(egl.eglMakeCurrent(self._display, None, None, self._context))
        for name, (result, *arguments) in _FUNCTIONS.items():
            setattr(self, name, self._function(name, result, *arguments))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)  # all functions are set when made; this tells mypy of them

    def made(self, what: str) -> int:
        """Make one of "Buffers", "Framebuffers", "Renderbuffers" or "VertexArrays"."""
        number = c_uint()
        getattr(self, f"glGen{what}")(1, byref(number))
        return number.value

    def freed(self, what: str, number: int) -> None:
        """Free what was made."""
        getattr(self, f"glDelete{what}")(1, byref(c_uint(number)))

    def close(self) -> None:
        """Free the context, and all that was made in it."""
        self._egl.eglMakeCurrent(self._display, None, None, None)
        self._egl.eglDestroyContext(self._display, self._context)
        self._egl.eglReleaseThread()

    def _find_display(self) -> int | None:
        """Return the first device, which needs no display server; else what EGL takes for one."""
        devices, found = (c_void_p * 1)(), c_int()
        try:
            query = self._function("eglQueryDevicesEXT", c_uint, c_int, c_void_p, c_void_p)
            get = self._function("eglGetPlatformDisplayEXT", c_void_p, c_uint, c_void_p, c_void_p)
        except OSError:
            found.value = 0
        else:
            query(1, devices, byref(found))
        if found.value:
            display: int | None = get(_PLATFORM_DEVICE, devices[0], None)
        else:
            display = self._egl.eglGetDisplay(None)
        self._check(display)
        return display

    def _function(self, name: str, result: Any, *arguments: Any) -> Any:
        address = self._egl.eglGetProcAddress(name.encode())
        if not address:
            raise OSError(f"EGL knows no {name}")
        return ctypes.CFUNCTYPE(result, *arguments)(address)

    def _check(self, good: object) -> None:
        if not good:
            raise OSError(f"EGL error {self._egl.eglGetError():#x}")
