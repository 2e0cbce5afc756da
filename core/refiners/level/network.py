"""The network of the refiner `level`: how far Θ1 is off, told how wrong each body part is."""

from dataclasses import dataclass, replace
from math import log, pi, sqrt
from pathlib import Path

import torch
from torch import Tensor, nn

from core.body import BodyModel
from core.keypoints import BODY_POINTS
from core.pose import JOINTS, PARTS
from core.pose.rotations import matrix_to_axis_angle, matrix_to_rot6d, rot6d_to_matrix
from core.refiners.reprojection import NEAREST, Expected, Pose, Sight, solve_turns
from core.weights import read_weights, write_weights

ROT6D, BETAS, PLACE, ANGLES = 6 * len(JOINTS), 10, 3, 3 * len(JOINTS)
FEATURES = ROT6D + BETAS + 3 * len(BODY_POINTS) + PLACE + 5 * len(BODY_POINTS) + ANGLES
LEVELS = 3 * len(PARTS)
GUESSES = len(PARTS) + 1
"""Parts, and the whole body: of each it is guessed how wrong Θ1 is."""
MISS = 0.05
"""Misses are told in this share of the box side, and none as larger than `FARTHEST` of them."""
FARTHEST = 6.0
ASIDE, FARTHEST_ASIDE = 0.25, 4.0
"""The same for where keypoints lie about their middle."""
PULL = 0.3
"""How far a joint is held to be off, radians, when the network is told where keypoints pull."""
USUAL = 20.0
"""Degrees that levels are told in."""
DROPOUT = 0.2
LARGEST = sqrt(len(JOINTS))
"""Of n joints none can be off by more than the root of n times their root mean square."""
NEAR_NOTHING = 1.0
"""Added to degrees whose logarithm is guessed."""
MOST_UNLIKE = 2.0
"""No part is held to be more or less wrong than the whole body by a larger factor."""
TINY = 1e-6

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
    guessing : int
        Width of the two layers that guess them.
    """

    width: int = 448
    blocks: int = 4
    embedding: int = 96
    guessing: int = 192


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
    """Tells mean and deviation of every joint's turn from Θ1 to the truth, and guesses the levels.

    What is added to a rotation's six numbers is the level of the joint's part times the answer,
    and the turn that comes of it is bounded by the level, so a part at level 0 cannot move,
    whatever the weights. Six numbers go on where angles jump: at half a turn (Zhou et al., 2019).

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
        self.leave = nn.Linear(config.width, ROT6D + ANGLES)
        self.guess = nn.Sequential(
            nn.Linear(FEATURES, config.guessing),
            nn.SiLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(config.guessing, config.guessing),
            nn.SiLU(),
            nn.Linear(config.guessing, 2 * GUESSES),
        )
        self.weigh = nn.Linear(config.width, len(BODY_POINTS))
        for zeroed in (self.leave, self.weigh):
            nn.init.zeros_(zeroed.weight)
            nn.init.zeros_(zeroed.bias)

    def forward(self, features: Tensor, levels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
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
        trust : Tensor, shape (B, M, 45)
            By which the weights of keypoints are to be multiplied: noisy and wild ones by less.
        """
        level = self.heard(levels) / USUAL
        told = self.told(torch.cat([level, level.sqrt(), (1 + 9 * level).log() / log(10)], dim=-1))
        hidden = self.enter(features)[:, None].expand(-1, levels.shape[1], -1)
        for block in self.blocks:
            hidden = block(hidden, told)
        hidden = self.norm(hidden)
        answer, wide = self.leave(hidden).split([ROT6D, ANGLES], dim=-1)
        reach = self.reach(levels)
        six = features[:, None, :ROT6D].reshape(len(features), 1, len(JOINTS), -1)
        moved = six + reach[..., None] * answer.reshape(*reach.shape, -1)
        start, end = (rot6d_to_matrix(each, "columns") for each in (six, moved))
        turns = _bounded(matrix_to_axis_angle(start.mT @ end), LARGEST * reach[..., None])
        spread = (reach / sqrt(3)).repeat_interleave(3, dim=-1)
        spread = (spread * torch.exp(2 * torch.tanh(wide / 2))).clamp(max=pi)
        trust = torch.exp(2 * torch.tanh(self.weigh(hidden) / 2))
        return turns.flatten(-2), spread, trust

    def heard(self, levels: Tensor) -> Tensor:
        """Return the levels (B, M, 5) that the layers are told."""
        return levels

    def reach(self, levels: Tensor) -> Tensor:
        """Return by what the answers of the joints are multiplied (B, M, 24), radians: the gate."""
        return levels.deg2rad()[..., PART_OF_JOINT]

    def guessed(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Guess how wrong Θ1 of B persons is.

        Returns
        -------
        mean, spread : Tensor, shape (B, 6)
            Of the logarithm of `NEAR_NOTHING` more than the degrees (root mean square over joints)
            of the `PARTS`, then of the whole body; and its deviation.
        """
        mean, wide = self.guess(features).chunk(2, dim=-1)
        return mean + log(USUAL), torch.exp(2 * torch.tanh(wide / 2) - 1)

    def profile(self, features: Tensor) -> Tensor:
        """Guess how much more or less wrong than the whole body each part is: factors (B, 5)."""
        mean, _ = self.guessed(features)
        return (mean[:, :-1] - mean[:, -1:]).clamp(-log(MOST_UNLIKE), log(MOST_UNLIKE)).exp()


def _bounded(turns: Tensor, most: Tensor) -> Tensor:
    """Shorten axis-angles (..., 3) smoothly to less than (..., 1); small ones hardly."""
    length = (turns.square().sum(-1, keepdim=True) + TINY**2).sqrt()
    return turns * (most * torch.tanh(length / most.clamp(min=TINY)) / length)


def features_of(body: BodyModel, pose: Pose, sight: Sight) -> Tensor:
    """Describe B persons to the network (B, FEATURES).

    Keypoints of weight 0 leave no trace, so that missing ones are as those that were dropped in
    training. Beside how far each point misses its keypoint stands where keypoints lie about their
    middle, whatever Θ1 is, and where the misses pull every joint: one Gauss-Newton step, in the
    joints' own frames. Of joints in space it is not told.
    """
    posed = body.points_and_turns(pose.rotations, pose.betas, pose.transl)
    points, still = posed[0], torch.zeros_like(pose.rotations[..., 0]).flatten(1)
    root = points[:, :1]
    depth = root[..., 2].clamp(min=NEAREST)
    scale = (sight.focal / sight.side)[:, None] / depth
    place = torch.cat([root[:, 0, :2] / depth, scale.log()], dim=1)
    seen = (sight.weight > 0)[..., None]
    miss = (sight.miss(points) / MISS).clamp(-FARTHEST, FARTHEST) * seen
    middle = (sight.pixels * seen).sum(1, keepdim=True) / seen.sum(1, keepdim=True).clamp(min=1)
    aside = (sight.pixels - middle) / (ASIDE * sight.side[:, None, None])
    aside = aside.clamp(-FARTHEST_ASIDE, FARTHEST_ASIDE) * seen
    sight = replace(sight, space=None)
    pull, _ = solve_turns(body, sight, pose, Expected(still, still + PULL**2), posed=posed)
    return torch.cat(
        [
            matrix_to_rot6d(pose.rotations, "columns").flatten(1),
            pose.betas,
            (points - root).flatten(1) / PULL,
            place,
            miss.flatten(1),
            aside.flatten(1),
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
