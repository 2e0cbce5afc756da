"""How wrong Θ1 is, as the network of the refiner `level` guesses."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from assets import LEVEL_WEIGHTS
from core.evidence import Evidence
from core.pose import Parameters
from core.refiners.iterates import placed, standing
from core.refiners.level.network import LevelNetwork, features_of, load_level
from core.refiners.reprojection import Sight

if TYPE_CHECKING:
    from core.body import BodyModel


@torch.no_grad()
def guessed(
    theta: Parameters, evidence: Evidence, body: "BodyModel"
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and deviation (6,) as of `LevelNetwork.guessed`.

    Parameters
    ----------
    theta : Parameters
        Batch shape ().
    evidence : Evidence
        With keypoints or without.
    body : BodyModel
        The body.
    """
    sight = Sight.of([theta], [evidence], body.device)
    pose = placed(standing([theta], body), sight, body)
    mean, spread = _network()[0].guessed(features_of(body, pose, sight))
    return np.asarray(mean[0].numpy(), np.float32), np.asarray(spread[0].numpy(), np.float32)


def guessed_by() -> str:
    """Return the sha256 of the weights that guess."""
    return _network()[1]


@cache
def _network() -> tuple[LevelNetwork, str]:
    return load_level(LEVEL_WEIGHTS)
