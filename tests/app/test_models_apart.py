"""The whole program with the real models, as `diffannot review` starts it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tiny_projects import make_project

PATIENCE = 240
SCRIPT = """
import json, os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from app.cli import main
from app.dialogs import application
from app.figures import Wish
from core.figures import Style

project = Path(sys.argv[1])
out = project.with_name("figure.pdf")
told, children = {}, Path(f"/proc/{os.getpid()}/task")

def window():
    return next(each for each in application().topLevelWidgets() if hasattr(each, "review"))

def look():
    review = window().review
    if review.person is None or review.person.run is None or not window().is_settled():
        return
    timer.stop()
    told["steps"] = len(review.poses)
    review.said.connect(drawn)
    review.failed.connect(drawn)
    window().figures.draw(Wish(out, "curve", (review.person.row.id,), Style()))

def drawn(text):
    told["said"] = text
    told["loaded"] = sorted({"torch", "smplx", "matplotlib"} & set(sys.modules))
    told["child"] = window()._model._models.process_id
    window().close()

app = application()
timer = QTimer(interval=50)
timer.timeout.connect(look)
timer.start()
status = main(["review", str(project)])
print(json.dumps(told))
sys.exit(status)
"""


def test_annotating_and_drawing_bring_neither_torch_nor_matplotlib_into_the_window(
    tmp_path: Path,
) -> None:
    project = make_project(tmp_path, persons=1, runs=False)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(project)],
        env=env, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["steps"] == 58  # made by the real refiner
    assert told["loaded"] == []
    assert "figure.pdf" in told["said"] and (tmp_path / "figure.pdf").stat().st_size > 1000
    assert not Path(f"/proc/{told['child']}").exists()
