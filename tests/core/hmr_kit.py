"""Checkpoints in the layouts of mmhuman3d and SPIN, with numbers of our own."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.frontends.hmr.network import HmrNetwork

SCALE = 0.9
UPRIGHT = torch.tensor([1.0, 0, 0, -1, 0, 0])
"""A half turn about x, its first two columns interleaved."""


def weights(seed: int = 0, reach: float = 0.0) -> dict[str, Tensor]:
    """Random numbers that start at an upright body; `reach` lets the picture change it."""
    torch.manual_seed(seed)
    state = HmrNetwork().state_dict()
    for name, tensor in state.items():
        if name.startswith("head.dec"):
            tensor *= reach
    state["head.init_pose"] = torch.tensor([1.0, 0, 0, 1, 0, 0]).repeat(1, 24)
    state["head.init_pose"][0, :6] = UPRIGHT
    state["head.init_cam"] = torch.tensor([[SCALE, 0, 0.25]])
    state["head.init_shape"] = torch.full((1, 10), 0.5)
    return state


def mmhuman3d(state: dict[str, Tensor]) -> dict[str, Any]:
    licensed = {
        "body_model_train.v_template": torch.ones(9, 3),
        "body_model_test.J_regressor": torch.ones(2, 9),
        "disc.fc.weight": torch.ones(2, 2),
    }
    return {"meta": {"epoch": 1}, "state_dict": {**state, **licensed}, "optimizer": {}}


def spin(state: dict[str, Tensor]) -> dict[str, Any]:
    flat = {name.partition(".")[2]: tensor for name, tensor in state.items()}
    rest = {"epoch": 1, "batch_idx": 0, "batch_size": 64, "dataset_perm": [1, 0]}
    return {"model": flat, "optimizer": {"state": {}}, **rest, "total_step_count": 5}


def save(path: Path, value: Any) -> Path:
    torch.save(value, path)
    return path
