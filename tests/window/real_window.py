"""A window of its own process on a display of its own, driven by keys and mouse."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from drag_source import PLACE, SIDE

ROOT = Path(__file__).resolve().parents[2]
SIZE = "1280x720"
PATIENCE = 120
"""Seconds that a busy machine may take for anything; no test waits so long but to fail."""

Found = TypeVar("Found")


def missing_tools() -> str:
    """Name what is not installed."""
    return ", ".join(tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None)


@contextmanager
def display() -> Iterator[str]:
    """Run an X server that nobody sees; yields its name."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as numbers:
        name = f":{numbers.readline().strip()}"
    try:
        yield name
    finally:
        server.terminate()
        server.wait()


class RealWindow:
    """`diffannot review PROJECT`, or plain `diffannot`, on a display."""

    def __init__(self, screen: str, project: Path | None, home: Path) -> None:
        self._env = {
            **os.environ,
            "DISPLAY": screen,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_CONFIG_HOME": str(home),
            "XDG_DATA_HOME": str(home),
            "OMP_NUM_THREADS": "1",
            "PYTHONFAULTHANDLER": "1",
        }
        code = "import sys; from app.cli import main; sys.exit(main(sys.argv[1:]))"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *(["review", str(project)] if project else [])],
            cwd=ROOT,
            env=self._env,
            stderr=subprocess.PIPE,
            text=True,
        )
        # by its process: one that was killed may still be on the screen, with the same name
        ours = ("--all", "--pid", str(self.process.pid), "--name", "DiffAnnot$")
        try:
            found = wait_for(
                lambda: self._xdotool("search", "--onlyvisible", *ours) or self.process.poll()
            )
        except TimeoutError:
            self.process.send_signal(signal.SIGABRT)  # and its threads say where they are
            found = None
        if not isinstance(found, str):
            raise AssertionError(f"no window: {self.process.communicate(timeout=PATIENCE)[1]}")
        self.id = found.splitlines()[0]
        self._xdotool("windowsize", "--sync", self.id, *SIZE.split("x"))
        self._xdotool("windowfocus", "--sync", self.id)

    def key(self, *keys: str) -> None:
        """Press and release keys, in X's names."""
        assert self._xdotool("key", "--window", self.id, "--delay", "40", *keys) is not None

    def drag(self, start: tuple[int, int], end: tuple[int, int], button: int = 1) -> None:
        """Drag the mouse with a button down."""
        self._xdotool("mousemove", *map(str, start), "mousedown", str(button))
        self._xdotool("mousemove", *map(str, end), "mouseup", str(button))

    @contextmanager
    def drop(self, *files: Path) -> Iterator[None]:
        """Drag files from another program's window into this one; that program stays meanwhile."""
        words = [sys.executable, str(Path(__file__).with_name("drag_source.py")), *map(str, files)]
        source = subprocess.Popen(words, env=self._env, stdout=subprocess.PIPE, text=True)
        assert source.stdout is not None
        ours = ("--onlyvisible", "--all", "--pid", str(source.pid), "--name", "files")
        try:
            wait_for(lambda: self._xdotool("search", *ours))
            held = PLACE + SIDE // 2
            for pause in ("0.2", "1", "5", "30"):  # for the window to say that it takes them
                self._xdotool("mousemove", str(held), str(SIDE // 2), "mousedown", "1")
                for x in (held - 5, held - 20, 800, 640):
                    self._xdotool("mousemove", str(x), "360", "sleep", pause)
                self._xdotool("mouseup", "1")
                if source.stdout.readline().strip() == "CopyAction":
                    break
            yield
        finally:
            source.kill()
            source.communicate()

    def title(self) -> str:
        """What the title bar says."""
        return self._xdotool("getwindowname", self.id)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> tuple[int, str]:
        """Quit by its key; returns exit status and what it wrote to standard error."""
        self.key("ctrl+q")
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors

    def _xdotool(self, *words: str) -> str:
        done = subprocess.run(["xdotool", *words], env=self._env, capture_output=True, text=True)
        return done.stdout.strip()


def wait_for(look: Callable[[], Found], seconds: float = PATIENCE) -> Found:
    """Look until there is something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"{look} did not come true")
        time.sleep(0.1)
    return found
