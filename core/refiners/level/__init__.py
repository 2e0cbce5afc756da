"""The refiner `level`: a network is told how wrong Θ1 is, in degrees, body part by body part.

Source: DiffAnnot's idea (ICIPMC 2023) that an annotation's error is noise of some level, taken at
its word: the dial is that level. The network is trained on frontends' own errors to undo them, with
keypoints or without; where there are keypoints, a few robust Gauss-Newton steps then weigh what it
tells, as sure as it says it is, against them. Its word is multiplied by the level, so step 0 is Θ1
and a part at level 0 stays, whatever the weights. The shape is locked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assets import LEVEL_WEIGHTS
from core.evidence import Evidence
from core.pose import Parameters
from core.pose.rotations import turned_between, with_rotations
from core.refiners.held_out import KeypointRefiner
from core.refiners.iterates import placed, standing
from core.refiners.level.network import (
    NEAR_NOTHING,
    PART_OF_JOINT,
    LevelNetwork,
    features_of,
    load_level,
)
from core.refiners.level.search import at_levels
from core.refiners.level.starts import from_other_starts
from core.refiners.paths import path
from core.refiners.reprojection import Pose, Sight, each
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from core.body import BodyModel

# Chosen on the validation subjects: `python -m training.compare --split validation`.
LARGEST = 60.0
"""Degrees of the last step."""
SCALES = (0.3, 0.1)
"""A Gauss-Newton step each, wide first, so that limbs far from their keypoints find them."""
KNOTS = (0.0, 6.0, 12.0, 18.0, 25.0, 35.0, 60.0)
"""Levels at which a trajectory is worked out; between them joints turn evenly."""
AT_ONCE = 16
"""People, trials included, who are refined together: more do not fit the processor's caches."""


class LevelRefiner(KeypointRefiner):
    """Refines many persons at once; nothing is random.

    Parameters
    ----------
    network : LevelNetwork
        As trained by `diffannot train level`.
    weights_sha256 : str
        Of its file, for the provenance record.
    body : BodyModel
        The body that is posed.
    scales : sequence of float
        As `SCALES`.
    """

    name = "level"

    def __init__(
        self,
        network: LevelNetwork,
        weights_sha256: str,
        body: "BodyModel",
        scales: Sequence[float] = SCALES,
    ) -> None:
        self.weights_sha256 = weights_sha256
        self._scales = scales
        self._network = network.to(body.device)
        self._body = body

    @torch.inference_mode()
    def refine(
        self, theta1: Sequence[Parameters], evidence: Sequence[Evidence], steps: int, seed: int
    ) -> list[Trajectory]:
        """Refine persons: step s takes Θ1 to be off by s / N of `LARGEST`, parts as guessed."""
        made: list[Trajectory] = []
        for first in range(0, len(theta1), AT_ONCE):
            some = slice(first, first + AT_ONCE)
            made += self._refine(theta1[some], evidence[some], steps)
        return made

    def _refine(
        self, theta1: Sequence[Parameters], evidence: Sequence[Evidence], steps: int
    ) -> Iterator[Trajectory]:
        degrees = np.linspace(0, LARGEST, steps + 1, dtype=np.float32)[1:]
        knots = np.array(KNOTS if steps >= len(KNOTS) else [0, *degrees], np.float32)
        told = _Told.of(theta1, evidence, self._body)
        levels = torch.from_numpy(knots[1:])
        pose = self._led(told, levels)
        pose = from_other_starts(self._from, self._body, told.start, told.sight, levels, pose)
        start, pose = (each(one, Tensor.cpu) for one in (told.start, pose))
        after, share = _between(degrees, knots)
        rotations = torch.cat([start.rotations[:, None], pose.rotations], dim=1)
        places = torch.cat([start.transl[:, None], pose.transl], dim=1)
        transl = torch.lerp(places[:, after], places[:, after + 1], share[:, None]).numpy()
        angles = turned_between(rotations, after, share).numpy()
        for one, posed, place in zip(theta1, angles, transl, strict=True):
            betas = one.betas[None].repeat(steps, axis=0)
            refined = Parameters(posed[:, 0], posed[:, 1:], betas, place, one.camera)
            yield path(self.name, one, refined, degrees)

    def at(
        self, theta1: Parameters, evidence: Evidence, levels: NDArray[np.floating]
    ) -> Parameters:
        """Refine one person with a dial for each body part.

        Parameters
        ----------
        theta1 : Parameters
            Rough annotation, batch shape ().
        evidence : Evidence
            What else is known.
        levels : NDArray, shape (M, 5)
            Degrees by which each of `core.pose.PARTS`, in their order, is taken to be off (root
            mean square over its joints). The pelvis, and with it the whole body's orientation and
            place, belongs to torso and head.

        Returns
        -------
        refined : Parameters
            Batch shape (M,). Joints of a part at level 0 are Θ1's to the bit, and so is the
            translation where the torso is at 0.
        """
        dial = torch.from_numpy(np.asarray(levels, np.float32))
        told = _Told.of([theta1], [evidence], self._body)
        pose = each(self._poses(told, dial[None].to(self._body.device)), Tensor.cpu)
        many = Parameters.stack([theta1] * len(dial))
        refined = with_rotations(many, pose.rotations[0])
        moved = (dial > 0).numpy()[:, PART_OF_JOINT.numpy(), None]
        return replace(
            refined,
            global_orient=np.where(moved[:, 0], refined.global_orient, many.global_orient),
            body_pose=np.where(moved[:, 1:], refined.body_pose, many.body_pose),
            transl=np.where(moved[:, 0], pose.transl[0].numpy(), many.transl),
        )

    def profile(self, theta1: Parameters, evidence: Evidence) -> NDArray[np.float32]:
        """Guess by which factors (5,) parts are more wrong than the whole body.

        Step by step the dial of each stands at so many times the step's level.
        """
        told = _Told.of([theta1], [evidence], self._body)
        return np.asarray(self._profile(told)[0].cpu().numpy(), np.float32)

    @torch.no_grad()
    def guess(self, theta1: Parameters, evidence: Evidence) -> float:
        """Guess how wrong Θ1 is: degrees, root mean square over joints."""
        told = _Told.of([theta1], [evidence], self._body)
        guessed = self._network.guessed(told.features)[0][0, -1].clamp(max=log(180))
        return float(guessed.exp()) - NEAR_NOTHING

    @torch.no_grad()
    def _profile(self, told: "_Told") -> Tensor:
        return self._network.profile(told.features)

    def _led(self, told: "_Told", levels: Tensor) -> Pose:
        """Refine B persons at levels (M,), parts as guessed: poses (B, M)."""
        profile = self._profile(told)[:, None]
        return self._poses(told, levels[:, None].to(profile) * profile)

    @torch.no_grad()
    def _from(self, start: Pose, sight: Sight, levels: Tensor) -> Pose:
        return self._led(_Told(sight, start, features_of(self._body, start, sight)), levels)

    @torch.no_grad()
    def _poses(self, told: "_Told", levels: Tensor) -> Pose:
        """Refine B persons at levels (B, M, 5): poses (B, M)."""
        pose, _, _ = at_levels(
            self._network,
            self._body,
            told.start,
            told.sight,
            told.features,
            levels,
            self._scales,
        )
        return each(pose, lambda field: field.reshape(*levels.shape[:2], *field.shape[1:]))


@dataclass(frozen=True, eq=False)
class _Told:
    """What the network is told of B persons besides the dial."""

    sight: Sight
    start: Pose
    features: Tensor

    @classmethod
    @torch.no_grad()
    def of(
        cls, theta1: Sequence[Parameters], evidence: Sequence[Evidence], body: "BodyModel"
    ) -> "_Told":
        sight = Sight.of(theta1, evidence, body.device)
        start = placed(standing(theta1, body), sight, body)
        return cls(sight, start, features_of(body, start, sight))


def _between(levels: NDArray[np.float32], knots: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
    """Return after which knot each level (N,) comes, and how far it is to the next: 0 to 1."""
    after = np.clip(np.searchsorted(knots, levels) - 1, 0, len(knots) - 2)
    share = (levels - knots[after]) / (knots[after + 1] - knots[after])
    return torch.from_numpy(after), torch.from_numpy(share)


def load(body: "BodyModel", weights: Path = LEVEL_WEIGHTS) -> LevelRefiner:
    """Make the refiner; errors as of `load_level`."""
    return LevelRefiner(*load_level(weights), body)
