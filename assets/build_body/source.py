"""Adults drawn from anny: rest meshes, bone heads and skinning of many phenotypes."""

from dataclasses import dataclass

import anny
import numpy as np
import torch
from anny.face_segmentation import get_face_segmentation_mask
from anny.shape_distribution import SimpleShapeDistribution
from numpy.typing import NDArray

YOUNGEST, OLDEST = 18.0, 75.0
HIDDEN = ["mouth_cavity", "tongue", "eye_back.L", "eye_back.R"]

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
    vertices = _y_up(model.get_rest_vertices(coefficients).numpy())
    heads = model.template_bone_heads + torch.einsum(
        "nk,kbd->nbd", coefficients, model.bone_heads_blendshapes
    )
    weights = np.zeros((vertices.shape[1], len(model.bone_labels)))
    indices = model.vertex_bone_indices.numpy()
    np.add.at(weights, (np.arange(len(weights))[:, None], indices), model.vertex_bone_weights)
    visible = ~get_face_segmentation_mask(model, HIDDEN).numpy()
    eyeball = weights[:, [model.bone_labels.index(f"eye.{side}") for side in "LR"]].sum(1) > 0.5
    faces, kept = _drop_unused(_close_mouth(model.faces.numpy()[visible], vertices, eyeball))
    return Adults(
        vertices[:, kept],
        _y_up(heads.numpy()),
        faces,
        weights[kept],
        list(model.bone_labels),
        [int(parent) for parent in model.bone_parents],
    )


def _y_up(points: Floats) -> Floats:
    """From anny's axes (x left, y back, z up) to SMPL's (x left, y up, z forward)."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def _close_mouth(
    faces: NDArray[np.int64], vertices: Floats, eyeball: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Close the one hole that is not behind an eye by a fan from the front of the lip."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    inside = {(int(a), int(b)) for a, b in edges}
    rim = [(a, b) for a, b in sorted(inside) if (b, a) not in inside and not eyeball[a]]
    mean = vertices.mean(0)
    middle = [a for a, _ in rim if abs(mean[a, 0]) < 1e-4]
    front = max(middle, key=lambda vertex: mean[vertex, 2])
    fan = [(b, a, front) for a, b in rim if front not in (a, b)]
    return np.concatenate([faces, np.array(fan)])


def _drop_unused(faces: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    kept, renumbered = np.unique(faces, return_inverse=True)
    return renumbered.reshape(faces.shape), kept
