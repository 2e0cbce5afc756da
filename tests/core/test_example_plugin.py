"""The worked example of a plug-in: installed apart, listed by doctor, and true to the contract."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests" / "example_plugin"

LISTED = """
from app.doctor import _plugins
from core.formats import READERS, WRITERS
from core.refiners import REFINERS
assert list(REFINERS)[-1] == "relax" and "pose-lines" in READERS and "pose-lines" in WRITERS
print(*(f"{each.verdict} {each.name} {each.found}" for each in _plugins()), sep="\\n")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a copy into a folder of its own, with nothing fetched."""
    source, target = (tmp_path_factory.mktemp(name) for name in ("source", "target"))
    shutil.copytree(EXAMPLE, source, dirs_exist_ok=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    apart = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    subprocess.run([*pip, *apart, str(source)], check=True)
    return target


def run(installed: Path, folder: Path, *words: str) -> str:
    paths = os.pathsep.join((str(installed), str(ROOT)))
    home = {name: str(folder / "home") for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, **home},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_doctor_lists_what_is_installed(installed: Path, tmp_path: Path) -> None:
    assert run(installed, tmp_path, "-c", LISTED).splitlines() == [
        "good refiner relax of diffannot-example 1.0",
        "good reader pose-lines of diffannot-example 1.0",
        "good writer pose-lines of diffannot-example 1.0",
    ]


def test_the_example_keeps_to_the_contract(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    said = run(installed, tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert "14 passed" in said
