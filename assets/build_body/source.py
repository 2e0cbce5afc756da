"""Adults drawn from anny: rest meshes, bone heads and skinning of many phenotypes."""

from dataclasses import dataclass

import anny
import numpy as np
import torch
from anny.face_segmentation import get_face_segmentation_mask
from anny.shape_distribution import SimpleShapeDistribution
from numpy.typing import NDArray

YOUNGEST, OLDEST = 18.0, 75.0
HIDDEN = ["tongue", "eye_back.L", "eye_back.R"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Adults:
    """N adults of anny in its A-pose, metres, x left, y up, z forward.

    `vertices` (N, V, 3), `heads` (N, B, 3) of the bones, `faces` (F, 3), `bone_weights` (V, B),
    `bones` and `parents` of length B.
    """

    vertices: Floats
    heads: Floats
    faces: NDArray[np.int64]
    bone_weights: Floats
    bones: list[str]
    parents: list[int]


def draw_adults(count: int, seed: int) -> Adults:
    """Draw adults with anny's own distribution of height, weight and muscle given age and sex.

    What that distribution leaves uniform is drawn here: sex mostly near its ends, the rest of the
    phenotype around its middle, so that the mean is an average adult.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = anny.Anny(phenotypes="all")
    ages = torch.distributions.Uniform(
        torch.tensor(YOUNGEST, dtype=model.dtype), torch.tensor(OLDEST, dtype=model.dtype)
    )
    sexes = torch.distributions.Beta(
        torch.tensor(0.4, dtype=model.dtype), torch.tensor(0.4, dtype=model.dtype)
    )
    _, phenotypes = SimpleShapeDistribution(model, ages, sexes).sample(count)
    phenotypes["cupsize"] = torch.from_numpy(rng.beta(4, 4, count))
    phenotypes["firmness"] = torch.from_numpy(rng.beta(4, 4, count))
    coefficients = model.get_phenotype_blendshape_coefficients(**phenotypes)
    vertices = model.get_rest_vertices(coefficients)
    heads = model.template_bone_heads + torch.einsum(
        "nk,kbd->nbd", coefficients, model.bone_heads_blendshapes
    )
    weights = np.zeros((vertices.shape[1], len(model.bone_labels)))
    indices = model.vertex_bone_indices.numpy()
    np.add.at(weights, (np.arange(len(weights))[:, None], indices), model.vertex_bone_weights)
    visible = ~get_face_segmentation_mask(model, HIDDEN).numpy()
    faces, kept = _drop_unused(model.faces.numpy()[visible])
    return Adults(
        _y_up(vertices.numpy())[:, kept],
        _y_up(heads.numpy()),
        faces,
        weights[kept],
        list(model.bone_labels),
        [int(parent) for parent in model.bone_parents],
    )


def _y_up(points: Floats) -> Floats:
    """From anny's axes (x left, y back, z up) to SMPL's (x left, y up, z forward)."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def _drop_unused(faces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    kept, renumbered = np.unique(faces, return_inverse=True)
    return renumbered.reshape(faces.shape), kept
