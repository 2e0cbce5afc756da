"""Shape components: PCA over T-posed adults."""

import numpy as np

from assets.build_body.source import Floats

COMPONENTS = 10


def shape_components(vertices: Floats) -> tuple[Floats, Floats, float]:
    """Principal components of vertices (N, V, 3), each scaled to one standard deviation.

    The sign of each is such that a positive beta makes the body taller or, where it hardly
    changes the height, bigger around.

    Returns
    -------
    mean : (V, 3)
    components : (V, 3, 10)
    explained : share of the variance that they hold
    """
    count, size = vertices.shape[:2]
    mean = vertices.mean(0)
    offsets = (vertices - mean).reshape(count, -1)
    _, spread, directions = np.linalg.svd(offsets, full_matrices=False)
    explained = float((spread[:COMPONENTS] ** 2).sum() / (spread**2).sum())
    scaled = directions[:COMPONENTS] * spread[:COMPONENTS, None] / np.sqrt(count - 1)
    components = scaled.reshape(COMPONENTS, size, 3).transpose(1, 2, 0)
    top, bottom = mean[:, 1].argmax(), mean[:, 1].argmin()
    taller = components[top, 1] - components[bottom, 1]
    bigger = np.einsum("vdk,vd->k", components[:, [0, 2]], mean[:, [0, 2]]) / len(mean)
    sign = np.where(np.abs(taller) > 0.01, np.sign(taller), np.sign(bigger))
    return mean, components * sign, explained
