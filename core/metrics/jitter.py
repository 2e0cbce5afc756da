"""How unsteady a motion is, without truth: the acceleration of its joints, and where it jumps.

Joints are taken relative to the pelvis, as published acceleration errors are after aligning roots,
so that an unsure depth of the whole body does not drown its pose. In m/s² at the frames' own times
(WHAM and GVHMR: second differences times fps²), so that frames may be missing or uneven.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

GAP = 1.0
"""Seconds: frames farther apart are not neighbours."""
DEVIATIONS = 4.0
"""A jump is so many deviations above the median; a deviation is 1.4826 MAD. Chosen on
validation subjects by `tests.bench.jitter`."""
LEAST = 0.01
"""Metres, mean over the joints, off the middle of both neighbours: less is no jump, however steady
the rest is."""


def accelerations(joints: Floats, times: Floats) -> NDArray[np.float64]:
    """Return the acceleration at every frame of a motion, the mean over its joints.

    Second divided differences: at even times they are p[t-1] - 2 p[t] + p[t+1] over the square of
    the time between.

    Parameters
    ----------
    joints : NDArray, shape (F, K, 3)
        Metres; the first is the pelvis. NaN where a frame has none.
    times : NDArray, shape (F,)
        Seconds, rising.

    Returns
    -------
    NDArray, shape (F,)
        m/s²; NaN at both ends and where a neighbour is missing or more than `GAP` away.
    """
    found = np.full(len(times), np.nan)
    if len(times) < 3:
        return found
    points = np.asarray(joints, np.float64)
    points = points - points[:, :1]
    step = np.diff(np.asarray(times, np.float64))
    step[(step <= 0) | (step > GAP)] = np.nan
    speed = np.diff(points, axis=0) / step[:, None, None]
    change = 2 * np.diff(speed, axis=0) / (step[1:] + step[:-1])[:, None, None]
    found[1:-1] = np.linalg.norm(change, axis=-1).mean(axis=-1)
    return found


def jumps(acceleration: Floats, times: Floats) -> NDArray[np.bool_]:
    """Return at which frames (F,) a motion jumps, given its `accelerations` and its times.

    They are above median + `DEVIATIONS` * 1.4826 * MAD of this motion (Leys et al., 2013), and
    above what `LEAST` is at its rate. A single wrong frame makes its two neighbours jump too; of
    neighbours only the worst is told.
    """
    known = acceleration[np.isfinite(acceleration)]
    if not len(known):
        return np.zeros(len(acceleration), dtype=bool)
    middle = np.median(known)
    bound = middle + DEVIATIONS * 1.4826 * np.median(np.abs(known - middle))
    least = 2 * LEAST / np.median(np.diff(times)) ** 2
    here = np.nan_to_num(acceleration, nan=0.0)
    padded = np.pad(here, 1)
    worst = (here >= padded[:-2]) & (here > padded[2:])
    return np.asarray((here > max(bound, least)) & worst)
