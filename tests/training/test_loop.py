import os
import subprocess
import sys
from itertools import islice, pairwise
from math import inf
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.errors import DiffAnnotError, UnreadableInput
from tests.training.two_processes import learn_a_line
from training.loop import LoopOptions, fit

pytest.importorskip("lightning_fabric")


class Falling(nn.Module):
    """One weight; its gradient is 1, so that AdamW moves it by the learning rate."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self) -> Tensor:
        return self.weight


def fall(tmp_path: Path, **changes: Any) -> tuple[list[dict[str, float]], dict[float, nn.Module]]:
    """Train it for 4 steps; return the figures of every step, and the averages."""
    options = LoopOptions(
        4, learning_rate=1.0, weight_decay=0, log_every=1,
        **{"warmup": 0, "ema": (0.0,), **changes},
    )  # fmt: skip
    figures: list[dict[str, float]] = []

    def validate(model: nn.Module) -> dict[str, float]:
        figures.append({"weight": model().item()})
        return figures[-1]

    job = fit(
        Falling(), lambda: (), lambda model: model(), validate, options,
        torch.Generator(), tmp_path / "checkpoint", "a fall",
    )  # fmt: skip
    return figures, returned(job)


def returned(job: Any) -> Any:
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value


def falls(figures: list[dict[str, float]]) -> list[float]:
    weights = [0.0, *(figure["weight"] for figure in figures)]
    return [before - after for before, after in pairwise(weights)]


@pytest.mark.parametrize(
    ("changes", "rates"),
    [
        ({"anneal": "linear"}, [1, 0.75, 0.5, 0.25]),
        ({"anneal": "cosine"}, [1, 0.853553, 0.5, 0.146447]),
        ({"anneal": "linear", "warmup": 2}, [0.5, 0.75, 0.5, 0.25]),
        ({"anneal": "none"}, [1, 1, 1, 1]),
        ({"anneal": "none", "clip": inf}, [1, 1, 1, 1]),
    ],
)
def test_the_learning_rate_rises_and_falls_as_asked(
    tmp_path: Path, changes: dict[str, Any], rates: list[float]
) -> None:
    figures, _ = fall(tmp_path, **changes)
    assert falls(figures) == pytest.approx(rates, abs=1e-4)


def test_weights_are_averaged_at_every_rate_and_the_first_is_kept(tmp_path: Path) -> None:
    figures, averages = fall(tmp_path, anneal="linear", ema=(0.1, 0.0))
    expected = 0.0
    for weight in (-1, -1.75, -2.25, -2.5):
        expected = 0.1 * expected + 0.9 * weight
    assert {rate: model().item() for rate, model in averages.items()} == pytest.approx(
        {0.1: expected, 0.0: -2.5}, abs=1e-4
    )
    assert figures[-2]["weight"] == pytest.approx(expected, abs=1e-4)


def test_figures_of_several_averages_are_told_apart_and_reach_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    options = LoopOptions(2, log_every=1, ema=(0.5, 0.9))
    job = fit(
        Falling(), lambda: (), lambda model: model(), lambda _: {"error": 3.0}, options,
        torch.Generator(), tmp_path / "checkpoint", "a fall", tmp_path / "log",
    )  # fmt: skip
    reports = list(job)
    assert reports[-1].message.endswith("error ema 0.5 3, error ema 0.9 3")
    events = EventAccumulator(str(tmp_path / "log"))
    events.Reload()
    assert set(events.Tags()["scalars"]) == {"loss", "error ema 0.5", "error ema 0.9"}
    assert [(e.step, e.value) for e in events.Scalars("error ema 0.9")] == [(1, 3), (2, 3)]


def test_an_average_has_the_running_statistics_of_its_model(tmp_path: Path) -> None:
    model = nn.BatchNorm1d(1, momentum=0.5)
    job = fit(
        model, lambda: (torch.tensor([[3.0], [5]]),), lambda trained, x: trained(x).sum(),
        lambda _: {}, LoopOptions(2), torch.Generator(), tmp_path / "checkpoint", "statistics",
    )  # fmt: skip
    average = returned(job)[0.999]
    assert average.running_mean.tolist() == [3.0]
    assert average.num_batches_tracked == 2


def test_mixed_precision_computes_in_halves_and_keeps_whole_weights(tmp_path: Path) -> None:
    model, seen = nn.Linear(3, 1), set()

    def loss(trained: nn.Module, x: Tensor) -> Tensor:
        value: Tensor = trained(x).square().mean()
        return value

    model.register_forward_hook(lambda _, __, out: seen.add(out.dtype))
    job = fit(
        model, lambda: (torch.ones(2, 3),), loss, lambda _: {}, LoopOptions(2, mixed=True),
        torch.Generator(), tmp_path / "checkpoint", "halves",
    )  # fmt: skip
    list(job)
    assert seen == {torch.bfloat16}
    assert model.weight.dtype == torch.float32


def test_a_resumed_run_ends_as_an_uninterrupted_one(tmp_path: Path) -> None:
    def run(checkpoint: Path, stop_after: int | None) -> nn.Linear:
        model, job = learn_a_line(checkpoint, save_every=5)
        list(islice(job, stop_after))
        return model

    whole = run(tmp_path / "a", None)
    run(tmp_path / "b", 3)  # logs at 5, 10, 15: killed after the checkpoint of step 10
    assert (tmp_path / "b").exists()
    resumed = run(tmp_path / "b", None)
    assert torch.equal(whole.weight, resumed.weight)
    assert not (tmp_path / "b").exists()


def test_two_processes_share_batches_and_end_with_the_weights_of_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.two_processes", tmp_path]
    alone = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    subprocess.run(command, check=True, env=alone, cwd=Path(__file__).parents[2])
    model, job = learn_a_line(tmp_path / "checkpoint")
    reports = list(job)
    shared = torch.load(tmp_path / "0.pt", weights_only=True)
    torch.testing.assert_close(shared["weight"], model.weight.data, atol=1e-6, rtol=1e-5)
    assert shared["loss"] == reports[-1].message
    assert shared["sizes"] == {4}
    # the second trained on the other half, and left the rest to the first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.pt", "seen-0", "seen-1"]
    assert (tmp_path / "seen-0").read_text() != (tmp_path / "seen-1").read_text()


def test_more_processes_than_gpus_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    _, job = learn_a_line(tmp_path / "checkpoint", processes=2)
    with pytest.raises(DiffAnnotError, match="2 processes need as many GPUs"):
        next(job)


@pytest.mark.parametrize("fault", ["torn", "another plan"])
def test_a_checkpoint_that_does_not_fit_is_refused(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "checkpoint"
    if fault == "torn":
        path.write_bytes(b"PK nonsense")
    else:
        torch.save({"plan": "a circle"}, path)
    _, job = learn_a_line(path)
    with pytest.raises(UnreadableInput, match="Delete it"):
        next(job)
