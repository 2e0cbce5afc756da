"""What works on this machine, and what to do about what does not."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.errors import DiffAnnotError

SECONDS = 60


class Verdict(StrEnum):
    """How a part of the machine is."""

    GOOD = "good"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True)
class Check:
    """One part looked at.

    Parameters
    ----------
    name : str
        The part.
    verdict : Verdict
        BROKEN where something does not work without it.
    found : str
        What is there.
    remedy : str
        What to do; empty where nothing is to be done.
    """

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def examine() -> Iterator[Check]:
    """Look at Python, body, weights, drawing, window, fonts, GPU and plug-ins in turn."""
    yield _python()
    yield _body()
    yield from _models()
    yield _drawing()
    yield from _window()
    yield _gpu()
    yield from _plugins()


def _python() -> Check:
    right = sys.version_info[:2] == (3, 11)
    verdict = Verdict.GOOD if right else Verdict.BROKEN
    remedy = "" if right else "Install DiffAnnot with Python 3.11"
    return Check("Python", verdict, f"{platform.python_version()} on {sys.platform}", remedy)


def _body() -> Check:
    from core.body import load_body

    try:
        body = load_body()
    except DiffAnnotError as error:
        return Check("body", Verdict.BROKEN, error.message, error.hint)
    return Check("body", Verdict.GOOD, f"{body.name}, {body.num_vertices} vertices")


def _models() -> Iterator[Check]:
    from assets import LEVEL_WEIGHTS, PRIOR_WEIGHTS, RANKER_WEIGHTS
    from core.models import status

    shipped = {"level": LEVEL_WEIGHTS, "ranker": RANKER_WEIGHTS, "prior": PRIOR_WEIGHTS}
    for name, weights in shipped.items():
        there = weights.is_file()
        yield Check(
            name,
            Verdict.GOOD if there else Verdict.BROKEN,
            str(weights) if there else "the shipped weights are missing",
            "" if there else "Install DiffAnnot again",
        )
    for each in status():
        yield Check(
            each.model.name,
            Verdict.GOOD if each.ready else Verdict.BROKEN,
            str(each.path) if each.ready else "missing or damaged",
            "" if each.ready else "Run diffannot models pull",
        )


def _drawing() -> Check:
    from core.camera import Camera
    from core.render import Renderer, RenderRequest

    triangle = np.array([[-1, -1, 2], [1, -1, 2], [0, 1, 2]], dtype=np.float32)
    request = RenderRequest(
        [triangle], np.array([[0, 1, 2], [2, 1, 0]], dtype=np.int32), Camera(32, 32, 32, 64, 64)
    )
    try:
        with Renderer() as renderer:
            drawn = renderer.render(request).result()
    except DiffAnnotError as error:
        return Check("drawing (EGL)", Verdict.BROKEN, error.message, error.hint)
    if not drawn[..., 3].any():
        return Check("drawing (EGL)", Verdict.BROKEN, "a triangle drawn leaves the picture empty")
    return Check("drawing (EGL)", Verdict.GOOD, "a triangle can be seen")


_LOOK_AT_QT = """
import sys
from PySide6.QtGui import QFontDatabase, QGuiApplication
app = QGuiApplication(sys.argv[:1])
sys.stdout.write(f"{app.platformName()} {len(QFontDatabase.families())}")
"""


def _window() -> Iterator[Check]:
    """Ask Qt in a process of its own: it aborts the whole program where it finds no display."""
    platform_name = os.environ.get("QT_QPA_PLATFORM", "")
    headless = sys.platform == "linux" and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or platform_name
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"} if headless else dict(os.environ)
    try:
        asked = subprocess.run(
            [sys.executable, "-c", _LOOK_AT_QT],
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield Check("window (Qt)", Verdict.BROKEN, f"Qt does not answer within {SECONDS} s")
        return
    if asked.returncode != 0:
        said = (asked.stderr.strip().splitlines() or ["it ends without a word"])[0]
        remedy = "Debian: apt-get install libxcb-cursor0 libxkbcommon-x11-0 libegl1 libfontconfig1"
        yield Check("window (Qt)", Verdict.BROKEN, said, remedy)
        return
    name, families = asked.stdout.split()
    if headless:
        remedy = "Start it from a desktop, or under xvfb-run; all other commands work without"
        yield Check("window (Qt)", Verdict.NOTE, "Qt works, but there is no display", remedy)
    else:
        yield Check("window (Qt)", Verdict.GOOD, f"Qt on {name}")
    fonts = int(families) > 0
    yield Check(
        "fonts",
        Verdict.GOOD if fonts else Verdict.BROKEN,
        f"{families} families",
        "" if fonts else "Debian: apt-get install fonts-dejavu-core",
    )


def _gpu() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("GPU", Verdict.GOOD, torch.cuda.get_device_name())
    return Check("GPU", Verdict.NOTE, "none that torch can use; the CPU does the work")


def _plugins() -> Iterator[Check]:
    from core.formats import READERS, WRITERS
    from core.frontends import FRONTENDS
    from core.refiners import REFINERS
    from core.suggest import RECOMMENDERS

    for registry in (FRONTENDS, REFINERS, RECOMMENDERS, READERS, WRITERS):
        kind = registry.group.rpartition(".")[2].removesuffix("s")
        for name, plugin in registry.plugins.items():
            try:
                registry.load(name)
            except DiffAnnotError as error:
                yield Check(f"{kind} {name}", Verdict.BROKEN, error.message, error.hint)
            else:
                yield Check(f"{kind} {name}", Verdict.GOOD, f"of {plugin.package}")
        for plugin in registry.refused:
            found = f"of {plugin.package} is left out: there is one of this name"
            remedy = "Uninstall one of them, or ask its author for another name"
            yield Check(f"{kind} {plugin.name}", Verdict.NOTE, found, remedy)
