"""People of many corpora with Θ1, for training; a frontend looks at each of them once.

What it said is kept in a folder, in blocks of people, so that a training that was stopped, or
another one on the same people, does not run it again.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Evidence, Keypoints2D
from core.formats.files import made_folder, replacing
from core.formats.npz import write_npz
from core.formats.records import Failure
from core.frontends import DEFAULT_FRONTEND, Frontend, load_frontend
from core.pose import Parameters
from core.pose.parameters import SHAPES
from core.progress import CancelToken, Progress
from core.safe_reader import read_npz
from training.corpora import halpe, read
from training.corpora.records import Sample
from training.pairs import Pair, pairs

BLOCK = 128
"""People whose Θ1 are kept in one file, and are lost when a training is stopped among them."""
NAMED = 10
"""Failures that are told one by one."""

Gathered = tuple[list[Pair], list[Failure]]


@dataclass(frozen=True)
class Source:
    """One split of a corpus (`training.corpora`) in a folder."""

    corpus: str
    folder: Path
    split: str = "train"

    def people(self) -> list[Sample | Failure]:
        """Read everybody, without those of Halpe that `halpe.cleanse` takes away.

        Raises
        ------
        UnreadableInput
            There is no such corpus or split, or the data set is missing, incomplete or torn.
        """
        found = list(read(self.corpus, self.folder, self.split))
        if self.corpus != "halpe":
            return found
        broken = [one for one in found if isinstance(one, Failure)]
        whole, _ = halpe.cleanse(one for one in found if isinstance(one, Sample))
        return [*whole, *broken]


@dataclass(frozen=True)
class Material:
    """What a training learns from.

    Parameters
    ----------
    sources : tuple of Source
        People to train on.
    watched : tuple of Source
        People whose losses are reported.
    frontend : str
        Gives Θ1 (`core.frontends.FRONTENDS`).
    checkpoint : Path or None
        Weights of the frontend, where it takes the user's.
    smpl : Path or None
        The body that true and rough parameters belong to; None for the open body. The neutral one
        of a folder: betas of men and women are read as its own, which moves joints by millimetres.
    kept : Path or None
        Folder for what the frontend said; None for `<out>.pairs`.
    """

    sources: tuple[Source, ...]
    watched: tuple[Source, ...] = ()
    frontend: str = DEFAULT_FRONTEND
    checkpoint: Path | None = None
    smpl: Path | None = None
    kept: Path | None = None

    def gather(
        self, out: Path, cancel: CancelToken
    ) -> Generator[Progress, None, tuple[BodyModel, Gathered, Gathered]]:
        """Run the frontend on everybody who is not kept: the body, those to train on, the watched.

        Raises
        ------
        Cancelled
            Someone asked to stop; all but the last block is kept.
        UnreadableInput
            A data set, the body or the checkpoint cannot be read, or nobody is left to train on.
        MissingModel
            Weights are not on this machine.
        UnwritableOutput
            The folder takes no files.
        """
        yield Progress(0, 0, "reading the data sets")
        folder = self.kept or out.with_suffix(".pairs")
        body = load_body(self.smpl)
        frontend = load_frontend(self.frontend, body, self.checkpoint)
        made_by = f"{frontend.name} {frontend.weights_sha256} {body.sha256}"
        keep = folder / sha256(made_by.encode()).hexdigest()[:16]
        made_folder(keep)
        trained = yield from _gather(self.sources, frontend, keep, cancel)
        watched = yield from _gather(self.watched, frontend, keep, cancel)
        if not trained[0]:
            why = f"; {trained[1][0].name}: {trained[1][0].why}" if trained[1] else ""
            raise UnreadableInput(f"Nobody is left to train on{why}")
        return body, trained, watched


def told(failures: Sequence[Failure]) -> tuple[str, ...]:
    """Return a line for each of the first failures, and one that counts the rest."""
    lines = [f"{failure.name}: {failure.why}" for failure in failures[:NAMED]]
    rest = len(failures) - NAMED
    return (*lines, f"and {rest} more people") if rest > 0 else tuple(lines)


def _gather(
    sources: Sequence[Source], frontend: Frontend, keep: Path, cancel: CancelToken
) -> Generator[Progress, None, Gathered]:
    found: list[Pair | Failure] = []
    for source in sources:
        people = source.people()
        for start in range(0, len(people), BLOCK):
            block = people[start : start + BLOCK]
            path = keep / f"{_digest(block)}.npz"
            if path.exists():
                found += _read(path, block)
                continue
            looked: list[Pair | Failure] = []
            for one in pairs(block, frontend, cancel):
                looked.append(one)
                name = one.name if isinstance(one, Failure) else one.sample.name
                what = f"{frontend.name} looks at {source.corpus} {name}"
                yield Progress(start + len(looked), len(people), what)
            _write(path, looked)
            found += looked
    failures = [one for one in found if isinstance(one, Failure)]
    return [one for one in found if isinstance(one, Pair)], failures


def _digest(block: Sequence[Sample | Failure]) -> str:
    """Name a block by what the frontend is given: who, in which picture, in which box."""
    given = sha256()
    for one in block:
        given.update(repr((one.name, _seen(one))).encode())
    return given.hexdigest()[:32]


def _seen(one: Sample | Failure) -> tuple[object, ...]:
    if isinstance(one, Failure) or one.image is None:
        return ()
    size = one.image.stat().st_size if one.image.is_file() else 0
    return one.corpus, one.split, one.image.name, size, one.video_frame, one.box


def _write(path: Path, block: Sequence[Pair | Failure]) -> None:
    count = len(block)
    items = {name: np.zeros((count, *shape), np.float32) for name, shape in SHAPES.items()}
    cameras = np.zeros((count, 5))
    why, conventions = [""] * count, [""] * count
    own: dict[int, Keypoints2D] = {}
    for row, one in enumerate(block):
        if isinstance(one, Failure):
            why[row] = one.why
            continue
        for name in SHAPES:
            items[name][row] = getattr(one.theta1, name)
        cameras[row] = astuple(one.theta1.camera)
        if one.sample.keypoints is None and one.evidence.keypoints is not None:
            own[row] = one.evidence.keypoints
            conventions[row] = own[row].convention
    length = max((len(keypoints.points) for keypoints in own.values()), default=0)
    table = np.zeros((count, length, 3), np.float32)
    for row, keypoints in own.items():
        table[row] = np.column_stack([keypoints.points, keypoints.confidence])
    with replacing(path) as file:
        write_npz(
            file,
            {**items, "camera": cameras, "why": why, "convention": conventions, "table": table},
        )


def _read(path: Path, block: Sequence[Sample | Failure]) -> Iterator[Pair | Failure]:
    data = read_npz(path)
    for row, one in enumerate(block):
        if isinstance(one, Failure) or data["why"][row]:
            yield Failure(one.name, str(data["why"][row]))
            continue
        focal, cx, cy, width, height = data["camera"][row].tolist()
        camera = Camera(focal, cx, cy, int(width), int(height))
        theta1 = Parameters(**{name: data[name][row] for name in SHAPES}, camera=camera)
        keypoints = one.keypoints
        if data["convention"][row]:
            table = data["table"][row]
            keypoints = Keypoints2D(str(data["convention"][row]), table[:, :2], table[:, 2])
        assert one.box is not None
        yield Pair(one, theta1, Evidence(one.box, keypoints))
