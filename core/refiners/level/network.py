"""The network of the refiner `level`: how far Θ1 is off, told how wrong each body part is."""

from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path

import torch
from torch import Tensor, nn

from core.body import BodyModel
from core.keypoints import BODY_POINTS
from core.pose import JOINTS, PARTS
from core.pose.rotations import matrix_to_rot6d
from core.refiners.reprojection import NEAREST, Belief, Pose, Sight, solve_turns
from core.weights import read_weights, write_weights

ROT6D, BETAS, PLACE, ANGLES = 6 * len(JOINTS), 10, 3, 3 * len(JOINTS)
FEATURES = ROT6D + BETAS + 3 * len(BODY_POINTS) + PLACE + 3 * len(BODY_POINTS) + ANGLES
LEVELS = 3 * len(PARTS)
MISS = 0.05
"""Misses are told in this share of the box side, and none as larger than `FARTHEST` of them."""
FARTHEST = 6.0
PULL = 0.3
"""How far a joint is held to be off, radians, when the network is told where keypoints pull."""
USUAL = 20.0
"""Degrees that levels are told in."""
DROPOUT = 0.1
LARGEST = sqrt(len(JOINTS))
"""Of n joints none can be off by more than the root of n times their root mean square."""

PART_OF_JOINT = torch.zeros(len(JOINTS), dtype=torch.int64)
"""Index into `PARTS` of each joint (24,)."""
for _number, _joints in enumerate(PARTS.values()):
    PART_OF_JOINT[list(_joints)] = _number


@dataclass(frozen=True)
class LevelConfig:
    """Sizes of the network; kept in the weights file.

    Parameters
    ----------
    width, blocks : int
        Width and number of the residual blocks.
    embedding : int
        Width of what is told of the levels.
    """

    width: int = 320
    blocks: int = 3
    embedding: int = 96


class _Block(nn.Module):
    """x + MLP(FiLM(LayerNorm(x))); starts as the identity."""

    def __init__(self, width: int, told: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.film = nn.Linear(told, 2 * width)
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)
        for zeroed in (self.film, self.outer):
            nn.init.zeros_(zeroed.weight)
            nn.init.zeros_(zeroed.bias)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        scale, shift = self.film(told).chunk(2, dim=-1)
        inner = nn.functional.silu(self.inner(self.norm(x) * (1 + scale) + shift))
        residual: Tensor = self.outer(nn.functional.dropout(inner, DROPOUT, self.training))
        return x + residual


class LevelNetwork(nn.Module):
    """Tells mean and deviation of every joint's turn from Θ1 to the truth.

    Both are the level of the joint's part times something bounded, so a part at level 0 cannot
    move, whatever the weights.

    Parameters
    ----------
    config : LevelConfig
        Sizes.
    """

    def __init__(self, config: LevelConfig) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Linear(FEATURES, config.width)
        self.told = nn.Sequential(
            nn.Linear(LEVELS, config.embedding),
            nn.SiLU(),
            nn.Linear(config.embedding, config.embedding),
            nn.SiLU(),
        )
        self.blocks = nn.ModuleList(
            _Block(config.width, config.embedding) for _ in range(config.blocks)
        )
        self.norm = nn.LayerNorm(config.width, elementwise_affine=False)
        self.leave = nn.Linear(config.width, 2 * ANGLES)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, features: Tensor, levels: Tensor) -> tuple[Tensor, Tensor]:
        """Tell the turns of B persons at M levels each.

        Parameters
        ----------
        features : Tensor, shape (B, FEATURES)
            As of `features_of`.
        levels : Tensor, shape (B, M, 5)
            Assumed error of the `PARTS`, degrees: root mean square over their joints.

        Returns
        -------
        turns, spread : Tensor, shape (B, M, 72)
            Axis-angles, each to follow its joint's rotation, and their deviation; radians.
        """
        level = levels / USUAL
        told = self.told(torch.cat([level, level.sqrt(), (1 + 9 * level).log() / log(10)], dim=-1))
        hidden = self.enter(features)[:, None].expand(-1, levels.shape[1], -1)
        for block in self.blocks:
            hidden = block(hidden, told)
        mean, wide = self.leave(self.norm(hidden)).chunk(2, dim=-1)
        reach = levels.deg2rad()[..., PART_OF_JOINT].repeat_interleave(3, dim=-1)
        turns = reach * LARGEST * torch.tanh(mean / LARGEST)
        return turns, reach / sqrt(3) * torch.exp(2 * torch.tanh(wide / 2))


def features_of(body: BodyModel, pose: Pose, sight: Sight) -> Tensor:
    """Describe B persons to the network (B, FEATURES).

    Keypoints of weight 0 leave no trace, so that missing ones are as those that were dropped in
    training. Beside how far each point misses its keypoint stands where that pulls every joint:
    one Gauss-Newton step, in the joints' own frames.
    """
    points = body.points(pose.rotations, pose.betas, pose.transl)
    root = points[:, :1]
    depth = root[..., 2].clamp(min=NEAREST)
    scale = (sight.focal / sight.side)[:, None] / depth
    place = torch.cat([root[:, 0, :2] / depth, scale.log()], dim=1)
    seen = (sight.weight > 0)[..., None]
    miss = (sight.miss(points) / MISS).clamp(-FARTHEST, FARTHEST) * seen
    pull, _ = solve_turns(body, sight, pose, Belief.near(pose.rotations, pose.rotations, PULL))
    return torch.cat(
        [
            matrix_to_rot6d(pose.rotations, "columns").flatten(1),
            pose.betas,
            (points - root).flatten(1) / PULL,
            place,
            miss.flatten(1),
            sight.weight,
            pull.flatten(1) / PULL,
        ],
        dim=1,
    )


def save_level(network: LevelNetwork, path: Path) -> None:
    """Write weights in half precision, their configuration in the metadata (safetensors)."""
    write_weights(network, network.config, path)


def load_level(path: Path) -> tuple[LevelNetwork, str]:
    """Read a network, in float32 and ready to use, and the sha256 of its file.

    Raises
    ------
    MissingModel
        The file is not there.
    UnreadableInput
        It is no network of the refiner `level`, or its tensors do not fit its configuration.
    """
    return read_weights(
        path,
        lambda **sizes: LevelNetwork(LevelConfig(**sizes)),
        "the refiner level",
        "Train them with `diffannot train level`",
    )
