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

SECONDS = 0.067
"""Deviation of the Gaussian over time, whatever the rate is: chosen by `tests.bench.steadying` on
validation subjects, where it makes no rate and no error worse."""
REACH = 3
"""So many deviations on either side frames have a say."""
DECIDED = 4.0
"""What a decided frame says counts so many times as much as what a machine says."""


def smooth(
    track: Parameters, times: NDArray[np.floating], decided: NDArray[np.bool_]
) -> Parameters:
    """Draw every frame that is not decided towards its neighbours.

    Rotations are averaged on SO(3): weighted mean of the turns to the neighbours, in the frame's
    own tangent space (one step towards the Karcher mean; Moakher, 2002). Neighbours on both sides
    weigh the same, so that an even motion stays as it is, but for the ends of the track.

    Parameters
    ----------
    track : Parameters
        Batch shape (F,): what is chosen for each frame, in order.
    times : NDArray, shape (F,)
        Seconds, rising; frames may be missing.
    decided : NDArray, shape (F,), bool
        Frames that a person has decided on: they come back to the bit.

    Returns
    -------
    smoothed : Parameters
        Batch shape (F,). Orientation, pose and translation are smoothed; betas are kept.
    """
    index = _near(times)
    near = torch.from_numpy(index.clip(0, len(times) - 1))
    say = torch.from_numpy(_say(times, decided, index))
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


def _near(times: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return each frame's neighbours (F, 2R + 1), all within `REACH` of it among them.

    Those beyond the ends of the track are outside 0..F-1.
    """
    here = np.arange(len(times))
    reach = max(np.searchsorted(times, times + REACH * SECONDS, side="right") - 1 - here, default=0)
    return np.asarray(here[:, None] + np.arange(-reach, reach + 1))


def _say(
    times: NDArray[np.floating], decided: NDArray[np.bool_], index: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the weights (F, 2R + 1) of a frame's neighbours, 1 in total."""
    there = (index >= 0) & (index < len(times))
    inside = index.clip(0, len(times) - 1)
    apart = (np.asarray(times)[inside] - np.asarray(times)[:, None]) / SECONDS
    say = np.exp(-np.square(apart) / 2) * there * np.where(decided[inside], DECIDED, 1.0)
    return np.asarray(say / say.sum(1, keepdims=True), np.float32)
