"""A script that learns a line in two processes, and the same training for one."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from core.progress import Progress
from training.loop import LoopOptions, fit


def learn_a_line(
    checkpoint: Path, processes: int = 1, save_every: int = 100, seen: Path | None = None
) -> tuple[nn.Linear, Iterator[Progress]]:
    """Return a model and the job that trains it on 20 batches of 8.

    Where `seen` is given, the first row of each batch is written there.
    """
    torch.manual_seed(0)
    model, generator = nn.Linear(3, 1), torch.Generator().manual_seed(0)

    def draw() -> tuple[Tensor, Tensor]:
        x = torch.randn(8, 3, generator=generator)
        return x, x.sum(1, keepdim=True)

    def loss(trained: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        if seen is not None:
            with seen.open("a") as file:
                file.write(f"{len(x)} {x[0].tolist()}\n")
        value: Tensor = (trained(x) - y).square().mean()
        return value

    options = LoopOptions(20, warmup=5, log_every=5, save_every=save_every, processes=processes)
    return model, fit(model, draw, loss, lambda _: {}, options, generator, checkpoint, "a line")


def main(folder: Path) -> None:
    seen = folder / f"seen-{os.environ.get('LOCAL_RANK', 0)}"
    model, job = learn_a_line(folder / "checkpoint", processes=2, seen=seen)
    reports = list(job)
    sizes = {int(line.split()[0]) for line in seen.read_text().splitlines()}
    torch.save(
        {"weight": model.weight.data, "loss": reports[-1].message, "sizes": sizes},
        folder / "0.pt",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
