"""Load torch beside a live window.

Importing torch stops the window for half a second: the dynamic loader works through 400 MB of
library with the interpreter's lock held. Loading the library by a plain foreign call first, which
lets the lock go, leaves pauses of about 30 ms (`python -m tests.bench.event_loop_gap`).
"""

import ctypes
import importlib
import importlib.util
import os
import sys
from pathlib import Path


def import_torch() -> None:
    """Import torch and smplx, with pauses too short to be seen."""
    if "torch" in sys.modules:
        return
    _preload()
    importlib.import_module("torch").set_num_threads(1)
    importlib.import_module("smplx")


def _preload() -> None:
    spec = importlib.util.find_spec("torch")
    if sys.platform != "linux" or spec is None or spec.origin is None:
        return
    open_library = ctypes.CDLL(None).dlopen
    open_library.restype = ctypes.c_void_p
    open_library.argtypes = [ctypes.c_char_p, ctypes.c_int]
    for name in ("libtorch_cpu.so", "libtorch_python.so"):
        library = Path(spec.origin).parent / "lib" / name
        open_library(os.fsencode(library), os.RTLD_NOW)
