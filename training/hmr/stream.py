"""Crops without end: a ring of cut-outs, renewed step by step while the network learns."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

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
    generator : torch.Generator
        Source of every random draw.
    """

    def __init__(
        self,
        draughtsman: Draughtsman,
        backgrounds: Tensor,
        batch: int,
        size: int,
        people: int,
        generator: torch.Generator,
    ) -> None:
        self._draughtsman = draughtsman
        self._backgrounds = backgrounds
        self._batch, self._size = batch, size
        self._generator = generator
        self._ring = CutOuts.empty(people)
        self._next = 0
        self._coming: Callable[[], CutOuts] | None = None
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="crops")
        self._ahead: Future[tuple[Tensor, ...]] | None = None

    def fill(self, cancel: CancelToken) -> None:
        """Draw the first people."""
        count = len(self._ring.betas)
        for start in range(0, count, FRESH):
            cancel.check()
            self._ring.put(start, self._draughtsman.draw(FRESH, self._generator)())

    def __call__(self) -> tuple[Tensor, ...]:
        """Return a batch: images (B, 3, size, size), rotations, betas, pixels (`Labels`)."""
        batch = self._ahead.result() if self._ahead else self._make()
        self._ahead = self._maker.submit(self._make)
        return batch

    def _make(self) -> tuple[Tensor, ...]:
        if self._coming is not None:
            self._ring.put(self._next, self._coming())
            self._next = (self._next + FRESH) % len(self._ring.betas)
        self._coming = self._draughtsman.draw(FRESH, self._generator)
        chosen, beside = torch.randint(
            len(self._ring.betas), (2, self._batch), generator=self._generator
        )
        images, labels = compose(
            self._ring[chosen], self._ring[beside], self._backgrounds, self._size, self._generator
        )
        return images, labels.rotations, labels.betas, labels.pixels

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
