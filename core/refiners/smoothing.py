"""Steadier motion of one person over the frames of a video, which leaves what was decided alone."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.pose import Parameters
from core.pose.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    rotations_of,
    with_rotations,
)

FRAMES = 1.5
"""Deviation of the Gaussian over frames."""
REACH = 4
"""Neighbours on either side that have a say."""
DECIDED = 4.0
"""What a decided frame says counts so many times as much as what a machine says."""


def smooth(
    track: Parameters, frames: NDArray[np.integer], decided: NDArray[np.bool_]
) -> Parameters:
    """Draw every frame that is not decided towards its neighbours.

    Rotations are averaged on SO(3): weighted mean of the turns to the neighbours, in the frame's
    own tangent space (one step towards the Karcher mean; Moakher, 2002). Neighbours on both sides
    weigh the same, so that an even motion stays as it is, but for the ends of the track.

    Parameters
    ----------
    track : Parameters
        Batch shape (F,): what is chosen for each frame, in order.
    frames : NDArray, shape (F,)
        Their numbers, rising; frames may be missing.
    decided : NDArray, shape (F,), bool
        Frames that a person has decided on: they come back to the bit.

    Returns
    -------
    smoothed : Parameters
        Batch shape (F,). Orientation, pose and translation are smoothed; betas are kept.
    """
    say = torch.from_numpy(_say(frames, decided))
    index = np.arange(len(frames))[:, None] + np.arange(-REACH, REACH + 1)
    near = torch.from_numpy(index.clip(0, len(frames) - 1))
    rotations, transl = rotations_of(track), torch.from_numpy(track.transl)
    turns = matrix_to_axis_angle(rotations[:, None].mT @ rotations[near])
    turn = torch.einsum("fn,fnja->fja", say, turns)
    shift = torch.einsum("fn,fna->fa", say, transl[near] - transl[:, None])
    smoothed = with_rotations(track, rotations @ axis_angle_to_matrix(turn))
    smoothed = replace(smoothed, transl=(transl + shift).numpy())
    kept = np.asarray(decided, bool)
    return replace(
        track,
        global_orient=np.where(kept[:, None], track.global_orient, smoothed.global_orient),
        body_pose=np.where(kept[:, None, None], track.body_pose, smoothed.body_pose),
        transl=np.where(kept[:, None], track.transl, smoothed.transl),
    )


def _say(frames: NDArray[np.integer], decided: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the weights (F, 2 `REACH` + 1) of a frame's neighbours, 1 in total."""
    count, reach = len(frames), np.arange(-REACH, REACH + 1)
    index = np.arange(count)[:, None] + reach
    there = (index >= 0) & (index < count)
    inside = index.clip(0, count - 1)
    apart = (np.asarray(frames)[inside] - np.asarray(frames)[:, None]) / FRAMES
    say = np.exp(-np.square(apart) / 2) * there * np.where(decided[inside], DECIDED, 1.0)
    return np.asarray(say / say.sum(1, keepdims=True), np.float32)
