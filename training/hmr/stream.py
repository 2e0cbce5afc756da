"""Crops without end: a ring of cut-outs, renewed step by step while the network learns.

What a step draws hangs on its number alone, and the ring on the steps that filled it last: a
training that goes on sees what it would have seen.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil

import numpy as np
import torch
from torch import Tensor

from core.progress import CancelToken
from training.hmr.composing import Labels, compose
from training.hmr.cutouts import CutOuts, Draughtsman

FRESH = 3
"""People drawn anew for each batch: drawing takes longer than seeing one again in another place."""


class Stream:
    """Batches of crops; the next is made, and people are drawn, while one is learnt from.

    Parameters
    ----------
    draughtsman : Draughtsman
        Draws people.
    backgrounds : Tensor, shape (N, S, S, 3), uint8
        See `compose`.
    batch, size, people : int
        Crops of a batch, pixels of a crop's side, people at hand at a time.
    seed : int
        Of every random draw.
    start : int
        Step that the first batch is for.
    """

    def __init__(
        self,
        draughtsman: Draughtsman,
        backgrounds: Tensor,
        batch: int,
        size: int,
        people: int,
        seed: int,
        start: int = 0,
    ) -> None:
        self._draughtsman = draughtsman
        self._backgrounds = backgrounds
        self._batch, self._size = batch, size
        self._seed = seed
        self._ring = CutOuts.empty(people)
        self._filling = ceil(people / FRESH)
        self._next = start + self._filling
        self._coming: Callable[[], CutOuts] | None = None
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="crops")
        self._ahead: Future[tuple[Tensor, ...]] | None = None

    def fill(self, cancel: CancelToken) -> None:
        """Draw the people of the steps before the first batch."""
        for turn in range(self._next - self._filling, self._next):
            cancel.check()
            self._put(turn, self._draughtsman.draw(FRESH, self._dice(turn))())

    def __call__(self) -> tuple[Tensor, ...]:
        """Return a batch: images (B, 3, size, size), rotations, betas, pixels (`Labels`)."""
        batch = self._ahead.result() if self._ahead else self._make()
        self._ahead = self._maker.submit(self._make)
        return batch

    def _make(self) -> tuple[Tensor, ...]:
        if self._coming is not None:
            self._put(self._next - 1, self._coming())
        dice = self._dice(self._next)
        self._coming = self._draughtsman.draw(FRESH, dice)
        self._next += 1
        chosen, beside = torch.randint(len(self._ring.betas), (2, self._batch), generator=dice)
        people, others = self._ring[chosen], self._ring[beside]
        images, labels = compose(people, others, self._backgrounds, self._size, dice)
        return images, labels.rotations, labels.betas, labels.pixels

    def _dice(self, turn: int) -> torch.Generator:
        """Return what one turn draws from; turns count the filling of the ring, too."""
        (state,) = np.random.SeedSequence((self._seed, turn)).generate_state(1)
        return torch.Generator().manual_seed(int(state))

    def _put(self, turn: int, people: CutOuts) -> None:
        self._ring.put(FRESH * turn % len(self._ring.betas), people)

    def close(self) -> None:
        """Wait for the batch that is being made."""
        self._maker.shutdown()


def unseen(
    draughtsman: Draughtsman, backgrounds: Tensor, count: int, size: int, seed: int
) -> tuple[Tensor, Labels]:
    """Make crops to validate by, their poses as recorded."""
    generator = torch.Generator().manual_seed(seed)
    people = draughtsman.draw(count, generator, mix=False)()
    others = torch.randperm(count, generator=generator)
    return compose(people, people[others], backgrounds, size, generator)
