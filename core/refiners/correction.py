"""The network of the refiners `one-shot` and `bridge`: a pose and what is seen of it in, turns out.

Both ask it the same question, how far every joint is from the truth, in the joint's own frame; they
differ in how often and where they ask. Keypoints come as how far the body's points fall off them;
where none are given those entries are zero, so the same weights serve with and without.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.body import BodyModel
from core.diffusion.denoiser import ResidualBlock
from core.diffusion.embedding import timestep_embedding
from core.evidence import Evidence
from core.keypoints import BODY_POINTS
from core.pose import JOINTS, Parameters
from core.pose.rotations import matrix_to_rot6d
from core.refiners.held_out import KeypointRefiner
from core.refiners.iterates import paths_of, start_of
from core.refiners.reprojection import Pose, Sight
from core.trajectory import Trajectory
from core.weights import read_weights, write_weights

MISS_UNIT = 0.1
"""Shares of the box side that a miss of 1 stands for; half as many times at most."""
MOST_MISS = 5.0
CLOCK = 1000.0
"""What a whole way counts in the embedding of how far it is gone."""
FEATURES = 6 * len(JOINTS) + 10 + 2 + (3 + 2 + 1) * len(BODY_POINTS)


@dataclass(frozen=True)
class CorrectorConfig:
    """Sizes of the network; kept in the weights file.

    Parameters
    ----------
    width, blocks : int
        Width and number of the residual blocks.
    embedding : int
        Length of the embedding of how far the way is gone.
    """

    width: int = 384
    blocks: int = 4
    embedding: int = 32


class Corrector(nn.Module):
    """Tells the turns that lead from a pose to the truth.

    Parameters
    ----------
    config : CorrectorConfig
        Sizes.
    """

    def __init__(self, config: CorrectorConfig) -> None:
        super().__init__()
        self.config = config
        self.enter = nn.Linear(FEATURES, config.width)
        self.blocks = nn.ModuleList(
            ResidualBlock(config.width, config.embedding) for _ in range(config.blocks)
        )
        self.leave = nn.Linear(config.width, 3 * len(JOINTS))
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, seen: Tensor, gone: Tensor) -> Tensor:
        """Tell turns (B, 24, 3), axis-angle in the joints' frames, for the whole way from Θ1.

        Parameters
        ----------
        seen : Tensor, shape (B, FEATURES)
            What `features` says of the pose.
        gone : Tensor, shape (B,) or (1,)
            Share of the way that lies behind it.
        """
        hidden = self.enter(seen)
        time = timestep_embedding(CLOCK * gone, self.config.embedding)
        for block in self.blocks:
            hidden = block(hidden, time)
        turns: Tensor = self.leave(hidden)
        return turns.view(-1, len(JOINTS), 3)


class CorrectorRefiner(KeypointRefiner):
    """Leads many persons at once where a `Corrector` says; nothing is random.

    Parameters
    ----------
    network : Corrector
        As trained by `diffannot train`.
    weights_sha256 : str
        Of its file, for the provenance record.
    body : BodyModel
        Gives the points that are brought onto the keypoints.
    """

    def __init__(self, network: Corrector, weights_sha256: str, body: BodyModel) -> None:
        self.weights_sha256 = weights_sha256
        self._network = network.to(body.device)
        self._body = body

    @torch.no_grad()
    def refine(
        self, theta1: Sequence[Parameters], evidence: Sequence[Evidence], steps: int, seed: int
    ) -> list[Trajectory]:
        """Refine persons in one batch."""
        sight = Sight.of(theta1, evidence, self._body.device)
        start = start_of(theta1, evidence, self._body)
        return paths_of(self.name, theta1, self._follow(start, sight, steps), steps)

    @abstractmethod
    def _follow(self, start: Pose, sight: Sight, steps: int) -> list[Pose]:
        """Return the poses of steps 1..N, from poses that stand on their keypoints."""


def features(body: BodyModel, pose: Pose, sight: Sight) -> Tensor:
    """Describe poses of B persons and how they fall on the keypoints, (B, FEATURES).

    Local rotations, shape, the direction that the body is seen in, its points from the pelvis in
    metres, and what the keypoints say of each.
    """
    points = body.points(pose.rotations, pose.betas, pose.transl)
    given = sight.weight[..., None]
    miss = (sight.miss(points) / MISS_UNIT).clamp(-MOST_MISS, MOST_MISS) * (given > 0)
    aside = points[:, 0, :2] / points[:, 0, 2:].clamp(min=MISS_UNIT)
    parts = (
        matrix_to_rot6d(pose.rotations, "columns"),
        pose.betas,
        aside,
        points - points[:, :1],
        miss,
        given,
    )
    return torch.cat([part.flatten(1) for part in parts], dim=1)


def save_corrector(network: Corrector, path: Path) -> None:
    """Write weights in half precision, their configuration in the metadata (safetensors)."""
    write_weights(network, network.config, path)


def load_corrector(path: Path, arm: str) -> tuple[Corrector, str]:
    """Read the network of an arm, in float32 and ready to use, and the sha256 of its file.

    Raises
    ------
    MissingModel
        The file is not there.
    UnreadableInput
        It is no such network, or its tensors do not fit its configuration.
    """
    return read_weights(
        path,
        lambda **sizes: Corrector(CorrectorConfig(**sizes)),
        f"the refiner {arm}",
        f"Train them with `diffannot train {arm}`",
    )
