"""The people of a split of a bench, and what a frontend says of them."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import tee
from pathlib import Path
from zlib import crc32

import numpy as np
import torch

from core.errors import UnreadableInput
from core.evidence import Evidence, Keypoints2D
from core.formats.records import Failure
from core.frontends import Frontend
from core.metrics.picture import CROP
from core.progress import CancelToken
from training.bench.rows import Bench
from training.corpora import halpe, read
from training.corpora.records import Sample, Split
from training.pairs import Pair, pairs

SEED = 0
"""Of the keypoints' noise and of the null path."""


class Crowd:
    """At most `limit` people of a split, spread evenly over it.

    The split is read twice, once to count: people are streamed, never held. Halpe is cleansed.

    Parameters
    ----------
    bench : Bench
        Whose.
    folder : Path
        The corpus.
    split : str
        Which part.
    limit : int or None
        None takes everybody.

    Raises
    ------
    UnreadableInput
        The data set is missing, incomplete or torn, or nobody is in the split.
    """

    def __init__(self, bench: Bench, folder: Path, split: Split, limit: int | None) -> None:
        self._bench, self._folder, self._split = bench, folder, split
        count = sum(1 for _ in self._read())
        if not count:
            raise UnreadableInput(f"Nobody is in the {split} split of {folder}")
        taken = min(count, limit or count)
        self._rows = frozenset(np.linspace(0, count - 1, taken).round().astype(int).tolist())

    def __len__(self) -> int:
        return len(self._rows)

    def pairs(
        self, frontend: Frontend, cancel: CancelToken | None
    ) -> Iterator[tuple[Sample, Pair] | Failure]:
        """Run the frontend on each; give the sample with its truth, and the bench's evidence."""
        whole, shown = tee(self.samples())
        for sample, pair in zip(
            whole, pairs(map(self._blind, shown), frontend, cancel), strict=True
        ):
            if isinstance(pair, Failure):
                yield pair
            else:
                assert isinstance(sample, Sample)
                yield sample, replace(pair, evidence=self._clicked(sample, pair.evidence))

    def samples(self) -> Iterator[Sample | Failure]:
        """Read them, with their truth."""
        return (one for row, one in enumerate(self._read()) if row in self._rows)

    def _read(self) -> Iterator[Sample | Failure]:
        everybody = read(self._bench.corpus, self._folder, self._split)
        if self._bench.corpus != "halpe":
            return everybody
        found = list(everybody)
        broken = [one for one in found if isinstance(one, Failure)]
        return iter([*broken, *halpe.cleanse(one for one in found if isinstance(one, Sample))[0]])

    def _blind(self, sample: Sample | Failure) -> Sample | Failure:
        """Take the keypoints from where they are the truth, so that nothing is chosen by them."""
        if self._bench.protocol is None and isinstance(sample, Sample):
            return replace(sample, keypoints=None)
        return sample

    def _clicked(self, sample: Sample, evidence: Evidence) -> Evidence:
        """Make keypoints as wrong as a person's; the same for everybody who runs this bench."""
        keypoints = evidence.keypoints
        if not self._bench.noise or keypoints is None or sample.keypoints is None:
            return evidence
        spread = self._bench.noise / CROP * evidence.box.side
        noise = random_of(sample).normal(0, spread, keypoints.points.shape)
        moved = (keypoints.points + noise).astype(np.float32)
        return replace(
            evidence, keypoints=Keypoints2D(keypoints.convention, moved, keypoints.confidence)
        )


def random_of(sample: Sample) -> np.random.Generator:
    """Return the source of a person's random draws."""
    return np.random.default_rng([SEED, crc32(sample.name.encode())])


def generator_of(sample: Sample) -> torch.Generator:
    """Return the source of a person's random path."""
    return torch.Generator().manual_seed(int(random_of(sample).integers(2**31)))
