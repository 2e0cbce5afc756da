"""What the ranker learns from: paths of refiners from rough annotations, with signs and truth.

People are drawn by `training.rough`, a part of them without keypoints, and refined by every
refiner. Of each trajectory two paths are kept: the whole body's, against Θ1, and one whose parts
are taken from different steps, against a body near to what would be suggested for the whole. They
are kept in a folder, in blocks, so that another refiner costs no more than its own time.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.body import BodyModel
from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Box, Evidence, Keypoints2D
from core.formats.files import made_folder, replacing
from core.formats.npz import write_npz
from core.parts import PART_NAMES, composed
from core.pose import Parameters
from core.pose.rotations import matrix_to_axis_angle
from core.progress import CancelToken, Progress
from core.refiners import DEFAULT_STEPS, Refiner
from core.safe_reader import read_npz
from core.suggest.guess import guessed_by
from core.suggest.signs import JUDGED, VERSION, judged_joints, signs_of
from core.trajectory import Trajectory
from training.rough import Rough, RoughSource

Floats = NDArray[np.float32]

BLOCK = 32
"""People of one file."""
ROWS = 30
"""Rows of a path that are kept, row 0 included."""
BLIND = 0.3
"""Share of people who are given no keypoints."""
BY_CHANCE = 0.3
"""Share of paths by part that start from a step drawn by chance, not from a good one."""


@dataclass(frozen=True, eq=False)
class Paths:
    """P paths of R rows.

    Parameters
    ----------
    features : NDArray, shape (P, R, F)
    reach : NDArray, shape (P, R)
        As of `Signs`.
    errors : NDArray, shape (P, R)
        Mean error of the judged joints, mm.
    by_part : NDArray, shape (P,), bool
        Whether the rows differ from row 0 by parts, not as a whole.
    """

    features: Floats
    reach: Floats
    errors: Floats
    by_part: NDArray[np.bool_]

    @classmethod
    def join(cls, many: Sequence["Paths"]) -> "Paths":
        """Put paths one after the other."""
        return cls(
            *(
                np.concatenate([getattr(one, name) for one in many])
                for name in ("features", "reach", "errors", "by_part")
            )
        )

    def split(self, share: float) -> tuple["Paths", "Paths"]:
        """Return the first so many, and the rest."""
        here = round(share * len(self.errors))
        first, rest = (
            Paths(self.features[rows], self.reach[rows], self.errors[rows], self.by_part[rows])
            for rows in (slice(here), slice(here, None))
        )
        return first, rest

    def without(self, columns: Sequence[int]) -> "Paths":
        """Return the same with some signs always 0."""
        features = self.features.copy()
        features[..., list(columns)] = 0
        return replace(self, features=features)


@dataclass(frozen=True, eq=False)
class Someone:
    """One person: Θ1, evidence, and the true joints (22, 3) from the pelvis, mm."""

    theta1: Parameters
    evidence: Evidence
    joints: Floats


def someones(rough: Rough, generator: torch.Generator) -> list[Someone]:
    """Turn a batch into single people, some of them without keypoints."""
    turns = matrix_to_axis_angle(rough.rotations).numpy()
    true = rough.points[:, :JUDGED] - rough.points[:, :1]
    blind = torch.rand(len(turns), generator=generator) < BLIND
    made = []
    for row, turn in enumerate(turns):
        side = float(rough.side[row])
        cx, cy = rough.centre[row].tolist()
        camera = Camera(float(rough.focal[row]), cx, cy, 1, 1)
        theta1 = Parameters(
            turn[0], turn[1:], rough.betas[row].numpy(), rough.transl[row].numpy(), camera
        )
        pixels = rough.pixels[row].numpy()
        x, y = (np.median(pixels, axis=0) - side / 2).tolist()
        box = Box(x, y, side, side)
        known = Keypoints2D("smpl_45", pixels, rough.weight[row].numpy())
        made.append(
            Someone(theta1, Evidence(box, None if blind[row] else known), 1000 * true[row].numpy())
        )
    return made


def gather_paths(
    source: RoughSource,
    refiners: Sequence[Refiner],
    body: BodyModel,
    count: int,
    seed: int,
    folder: Path,
    told_by: str,
    cancel: CancelToken,
) -> Generator[Progress, None, Paths]:
    """Refine `count` people by every refiner, but those whose paths are in the folder.

    Parameters
    ----------
    source : RoughSource
        Draws people.
    refiners, body
        What refines whom.
    count, seed : int
        People, and seed of every draw.
    folder : Path
        For the paths.
    told_by : str
        What the source is made of, in words: other people have other files.
    cancel : CancelToken
        Looked at between blocks.

    Raises
    ------
    Cancelled
        Someone asked to stop; whole blocks are kept.
    UnwritableOutput
        The folder takes no files.
    """
    made_folder(folder)
    blocks = range(0, count, BLOCK)
    found = []
    for done, start in enumerate(blocks):
        people: list[Someone] = []
        for refiner in refiners:
            cancel.check()
            made_by = f"{told_by} {refiner.name} {refiner.weights_sha256} {body.sha256} {seed}"
            digest = sha256(f"{made_by} {VERSION} {guessed_by()}".encode()).hexdigest()[:12]
            path = folder / f"{refiner.name}-{digest}-{start:06}.npz"
            if not path.exists():
                generator = torch.Generator().manual_seed(seed + start)
                people = people or someones(source(BLOCK, generator), generator)
                _write(path, _paths_of(people, refiner, body, seed + start))
            found.append(_read(path))
        yield Progress(done + 1, len(blocks), "refining people to learn from")
    return Paths.join(found)


def read_paths(folder: Path) -> Paths:
    """Read all paths that are kept in a folder, by name; `UnreadableInput` where none are."""
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise UnreadableInput(f"{folder} holds no paths", "Keep them: `train ranker --paths`")
    return Paths.join([_read(file) for file in files])


def _paths_of(people: Sequence[Someone], refiner: Refiner, body: BodyModel, seed: int) -> Paths:
    walks = refiner.trajectories(
        [one.theta1 for one in people], [one.evidence for one in people], seed=seed
    )
    rng = np.random.default_rng(seed)
    found = []
    for one, walk in zip(people, walks, strict=True):
        for by_part in (False, True):
            picks = _by_part(walk, one, body, rng) if by_part else _whole(rng)
            path = composed(walk, picks)
            signs, errors = signs_of(path, one.evidence, body), errors_of(path.steps, one, body)
            told = signs.features[None], signs.reach[None], errors[None]
            found.append(Paths(*told, np.array([by_part])))
    return Paths.join(found)


def errors_of(steps: Parameters, one: Someone, body: BodyModel) -> Floats:
    """Return the mean error (N+1,) of the judged joints, mm."""
    off = np.linalg.norm(judged_joints(steps, body) - one.joints, axis=-1)
    return np.asarray(off.mean(1), np.float32)


def _whole(rng: np.random.Generator) -> NDArray[np.int64]:
    steps = 1 + rng.choice(DEFAULT_STEPS, ROWS - 1, replace=False)
    return np.repeat(np.append(0, np.sort(steps))[:, None], len(PART_NAMES), axis=1)


def _by_part(
    walk: Trajectory, one: Someone, body: BodyModel, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw rows that differ from row 0 in a single part, and a few in several."""
    if rng.random() < BY_CHANCE:
        start = int(rng.integers(DEFAULT_STEPS + 1))
    else:  # about what a good recommender takes
        errors = errors_of(walk.steps, one, body)
        start = int((errors + rng.normal(0, 5, len(errors))).argmin())
    picks = np.full((ROWS, len(PART_NAMES)), start)
    for row in range(1, ROWS):
        parts = [row % len(PART_NAMES)] if rng.random() < 0.8 else rng.permutation(5)[:3]
        picks[row, parts] = rng.integers(DEFAULT_STEPS + 1, size=len(parts))
    return picks


def _write(path: Path, paths: Paths) -> None:
    with replacing(path) as file:
        write_npz(
            file,
            {
                "features": paths.features.astype(np.float16),
                "reach": paths.reach,
                "errors": paths.errors,
            },
        )


def _read(path: Path) -> Paths:
    data = read_npz(path)
    by_part = np.arange(len(data["reach"])) % 2 == 1  # as `_paths_of` makes them
    return Paths(data["features"].astype(np.float32), data["reach"], data["errors"], by_part)
