"""Moving a body by hand, in the picture and in depth."""

from dataclasses import replace

import numpy as np

from core.pose import Parameters

NEAREST = 0.3
"""Metres."""


def moved(parameters: Parameters, right: float, down: float, nearer: float) -> Parameters:
    """Return an annotation moved in its picture.

    Parameters
    ----------
    parameters : Parameters
        Batch shape ().
    right, down : float
        Shift of the body in pixels.
    nearer : float
        Factor on the distance; the body stays on the same ray, so it grows or shrinks.
    """
    x, y, z = (float(value) for value in parameters.transl)
    z_new = max(z * nearer, NEAREST)
    scale = z_new / z
    focal = parameters.camera.focal
    transl = np.array([x * scale + right * z_new / focal, y * scale + down * z_new / focal, z_new])
    return replace(parameters, transl=transl.astype(np.float32))
