"""Who is refined: the bench's people as frontends see them, and their true poses made wrong."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import MissingModel, UnreadableInput
from core.evidence import Box
from core.formats.records import Failure
from core.frontends import WITH_CHECKPOINT, Frontend, load_frontend
from core.pose import Parameters
from core.pose.rotations import rotations_of, with_rotations
from core.progress import CancelToken, Progress
from training.bench.contest.crew import Crew
from training.bench.crowd import SEED, Crowd
from training.bench.rows import BENCHES, Bench
from training.corpora.records import Sample, Split
from training.errors import STRANGE
from training.pairs import pairs

T = TypeVar("T")

FRONTENDS = ("hmr-open", "blazepose")
BATCH = 20
"""People that one process takes at once."""
SUBSET = 40
"""People, spread evenly, of what is not measured on everybody."""


@dataclass(frozen=True, eq=False)
class Person:
    """One person with Θ1.

    Parameters
    ----------
    sample : Sample
        With the truth.
    box : Box
        Around them.
    group : str
        Their take.
    theta1 : Parameters
        The rough annotation.
    """

    sample: Sample
    box: Box
    group: str
    theta1: Parameters

    @property
    def name(self) -> str:
        """Tells the person within the bench."""
        return self.sample.name


@dataclass
class Sources:
    """People by who made them wrong: a frontend, or a family of errors.

    Parameters
    ----------
    test, choosing : dict of list of Person
        Those who are reported, and those that the fixed step is chosen on.
    hashes : dict of str
        Of the frontends' weights.
    left_out : list of str
        Frontends that could not run, and why.
    failures : list of str
        Who was not found.
    """

    test: dict[str, list[Person]] = field(default_factory=dict)
    choosing: dict[str, list[Person]] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Look:
    """People whom a frontend is to look at.

    Parameters
    ----------
    frontend : str
        Its name.
    checkpoint : Path or None
        Its weights, where they are not those that ship.
    split : str
        Theirs.
    people : tuple of Sample
        Whom.
    """

    frontend: str
    checkpoint: Path | None
    split: Split
    people: tuple[Sample, ...]

    @property
    def words(self) -> str:
        """What is done, for whoever waits."""
        return f"{self.frontend} looks at the {self.split} people"


def gather(
    folder: Path,
    frontends: Sequence[str],
    checkpoint: Path | None,
    limit: int | None,
    crew: Crew,
    cancel: CancelToken,
) -> Generator[Progress, None, Sources]:
    """Let the frontends look at everybody, and make the true poses wrong.

    Parameters
    ----------
    folder : Path
        The open bench.
    frontends : sequence of str
        Which; of several, those whose weights are missing are left out, and said.
    checkpoint : Path or None
        Weights of those that take any.
    limit : int or None
        At most so many people of each split.
    crew : Crew
        Who looks.
    cancel : CancelToken
        Looked at between batches.

    Raises
    ------
    UnreadableInput
        The corpus is missing or torn, or nobody is left.
    MissingModel
        The one frontend has no weights.
    Cancelled
        Someone asked to stop.
    """
    bench, found = BENCHES["open"], Sources()
    splits: dict[Split, dict[str, list[Person]]] = {
        bench.split: found.test,
        bench.choosing: found.choosing,
    }
    looks: list[Look] = []
    for split, people in splits.items():
        crowd = Crowd(bench, folder, split, limit)
        samples = [one for one in crowd.samples() if isinstance(one, Sample)]
        for name in frontends:
            given = checkpoint if name in WITH_CHECKPOINT else None
            try:
                found.hashes[name] = _frontend(name, given).weights_sha256
            except MissingModel as missing:
                if len(frontends) == 1:
                    raise
                found.left_out.append(f"{name}, {split}: {missing}")
                continue
            people[name] = []
            for start in range(0, len(samples), BATCH):
                some = tuple(samples[start : start + BATCH])
                looks.append(Look(name, given, split, some))
        people.update(strange(spread(samples, SUBSET), bench))
    seen = yield from crew.work(_look, looks, cancel)
    for look, made in zip(looks, seen, strict=True):
        for one in made:
            if isinstance(one, Failure):
                found.failures.append(f"{look.frontend}, {one.name}: {one.why}")
            else:
                splits[look.split][look.frontend].append(one)
    if not any(found.test.values()):
        raise UnreadableInput(f"Nobody of {folder} could be measured")
    return found


@cache
def open_body() -> BodyModel:
    """Return the open body, loaded once a process."""
    return load_body()


@cache
def _frontend(name: str, checkpoint: Path | None) -> Frontend:
    return load_frontend(name, open_body(), checkpoint)


def _look(look: Look) -> list[Person | Failure]:
    """Let a frontend look; errors as of `training.pairs.pairs`."""
    bench, frontend = BENCHES["open"], _frontend(look.frontend, look.checkpoint)
    return [
        one
        if isinstance(one, Failure)
        else Person(one.sample, one.evidence.box, bench.grouped(one.sample), one.theta1)
        for one in pairs(look.people, frontend)
    ]


def strange(samples: Sequence[Sample], bench: Bench) -> dict[str, list[Person]]:
    """Make true poses wrong by every family; people of a take follow each other."""
    known = [(truth, one) for one in samples if (truth := truth_of(one)) is not None]
    if not known:
        return {}
    known.sort(key=lambda pair: (bench.grouped(pair[1]), pair[1].name))
    rotations = torch.stack([rotations_of(truth) for truth, _ in known])
    made: dict[str, list[Person]] = {}
    for family, corrupt in STRANGE.items():
        wrong = corrupt(rotations, torch.Generator().manual_seed(SEED))
        made[family] = [
            Person(sample, sample.box, bench.grouped(sample), with_rotations(truth, turned))
            for (truth, sample), turned in zip(known, wrong, strict=True)
            if sample.box is not None
        ]
    return made


def truth_of(sample: Sample) -> Parameters | None:
    """Return the true parameters in the true camera; None where they are not all known."""
    smpl, intrinsics = sample.smpl, sample.intrinsics
    if smpl is None or smpl.betas is None or smpl.transl is None or intrinsics is None:
        return None
    focal, cx, cy = (float(intrinsics[place]) for place in ((0, 0), (0, 2), (1, 2)))
    camera = Camera(focal, cx, cy, round(2 * cx), round(2 * cy))
    return Parameters(smpl.global_orient, smpl.body_pose, smpl.betas, smpl.transl, camera)


def spread(items: Sequence[T], count: int) -> list[T]:
    """Take at most so many, evenly."""
    rows = np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(int)
    return [items[row] for row in rows.tolist()]
