"""The 17 joints of Human3.6M as weights of SMPL's vertices, which published numbers are of."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.body import BodyModel, load_body
from core.errors import UnreadableInput
from core.keypoints import CONVENTIONS
from training.supervision import TrainedPoints

Floats = NDArray[np.floating]

ORDER = "h36m"
"""Of its rows (`core.keypoints.CONVENTIONS`)."""


def read_regressor(path: Path, body: BodyModel) -> Floats:
    """Read `J_regressor_h36m.npy`, weights (17, V) of the vertices.

    Raises
    ------
    UnreadableInput
        It is missing, torn, or of another body.
    """
    try:
        array = np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    except (OSError, ValueError, EOFError) as error:
        # numpy's own words for a file of another kind advise to load it unsafely
        why = getattr(error, "strerror", None) or "it is no array that numpy saved"
        raise UnreadableInput(
            f"{path} cannot be read: {why}", "SPIN and mmhuman3d offer J_regressor_h36m.npy"
        ) from error
    expected = (len(CONVENTIONS[ORDER]), body.num_vertices)
    if array.shape != expected:
        raise UnreadableInput(f"{path} has the shape {array.shape}, this body needs {expected}")
    return array


def points_of(smpl: Path | None, regressor: Path | None) -> TrainedPoints:
    """Return what a training compares: SMPL's points, and a regressor's where one is given.

    Raises
    ------
    UnreadableInput
        A file is missing or torn, or the regressor is of another body.
    """
    body = load_body(smpl)
    if regressor is None:
        return TrainedPoints(body)
    return TrainedPoints(body, torch.from_numpy(read_regressor(regressor, body)), ORDER)
