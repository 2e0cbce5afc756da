"""SMPL's 24 joints from anny's bones: where they are, what they move, how vertices tell them."""

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.optimize import nnls

from assets.build_body.source import Floats
from core.pose.skeleton import JOINTS, PARENTS

CENTRES: dict[str, dict[str, float]] = {
    "pelvis": {"root": 0.5, "spine04": 0.5},
    "spine1": {"spine03": 1},
    "spine2": {"spine02": 1},
    "spine3": {"spine01": 1},
    "neck": {"neck01": 1},
    "head": {"head": 1},
    "hip": {"upperleg01": 0.84, "root": 0.16},
    "knee": {"lowerleg01": 1},
    "ankle": {"foot": 1},
    "foot": {"toe1-1": 0.3, "toe2-1": 0.3, "toe3-1": 0.2, "toe4-1": 0.2},
    "collar": {"clavicle": 0.5, "shoulder01": 0.5},
    "shoulder": {"upperarm01": 1},
    "elbow": {"lowerarm01": 1},
    "wrist": {"wrist": 1},
    "hand": {"finger2-1": 0.3, "finger3-1": 0.4, "finger4-1": 0.3},
}
"""Each joint as a mean of bone heads. Anny's hips are wide; anatomy has them nearer the middle."""

MOVED_BY: dict[str, tuple[str, ...]] = {
    "pelvis": ("root", "pelvis.L", "pelvis.R", "spine05", "spine04"),
    "spine1": ("spine03",),
    "spine2": ("spine02",),
    "spine3": ("spine01",),
    "neck": ("neck01", "neck02", "neck03"),
    "head": ("head", "eye.L", "eye.R"),
    "hip": ("upperleg01", "upperleg02"),
    "knee": ("lowerleg01", "lowerleg02"),
    "ankle": ("foot",),
    "foot": ("toe",),
    "collar": ("clavicle", "shoulder01"),
    "shoulder": ("upperarm01", "upperarm02"),
    "elbow": ("lowerarm01", "lowerarm02"),
    "wrist": ("wrist", "metacarpal", "finger1"),
    "hand": ("finger2", "finger3", "finger4", "finger5"),
}
"""Bones (by the start of their name) whose skinning weights each joint takes over."""

SETTLED, SETTLED_SHARE = ("knee", "spine2", "spine3"), np.array([1, 0.5, 1])
"""Joints that follow their crease; anny's own are half too high above it."""

SMOOTHING_ROUNDS = 8

RING = 100
"""Vertices nearest to a joint that its regressor may use."""
RAYS, REACH = 300, 0.3
"""And those nearest to each of so many rays from it, up to so many metres."""


def joint_centres(heads: Floats, bones: list[str]) -> Floats:
    """Mean bone heads (N, B, 3) into joints (N, 24, 3)."""
    mixture = np.zeros((len(JOINTS), len(bones)))
    for row, joint in enumerate(JOINTS):
        stem, suffix = _side(joint)
        for bone, share in CENTRES[stem].items():
            name = bone if bone in bones else bone + suffix
            mixture[row, bones.index(name)] += share
    return np.einsum("jb,nbd->njd", mixture, heads)


def joint_weights(bone_weights: Floats, bones: list[str]) -> Floats:
    """Sum skinning weights (V, B) over the bones of each joint, giving (V, 24)."""
    weights = np.zeros((len(bone_weights), len(JOINTS)))
    for row, joint in enumerate(JOINTS):
        stem, suffix = _side(joint)
        for number, bone in enumerate(bones):
            if bone.startswith(MOVED_BY[stem]) and (not suffix or bone.endswith(suffix)):
                weights[:, row] += bone_weights[:, number]
    return weights / weights.sum(axis=1, keepdims=True)


def smooth_weights(weights: Floats, faces: NDArray[np.int64]) -> Floats:
    """Even out weights (V, 24) over the mesh: single vertices that lag behind make dents."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    ends = np.concatenate([edges, edges[:, ::-1]]).T
    count = len(weights)
    adjacency = scipy.sparse.csr_matrix((np.ones(ends.shape[1]), tuple(ends)), (count, count))
    adjacency = (adjacency > 0).astype(np.float64)
    mean = scipy.sparse.diags(1 / np.asarray(adjacency.sum(axis=1)).ravel()) @ adjacency
    for _ in range(SMOOTHING_ROUNDS):
        weights = (weights + mean @ weights) / 2
    return weights


def settle(joints: Floats, vertices: Floats, weights: Floats) -> Floats:
    """Tie some joints (N, 24, 3) to the skin that bends with them, on every adult alike.

    Anny places knees and spine from other measures than its skin: knees slide up and down the
    leg by centimetres between adults. Here they keep the mean place relative to the crease.
    """
    settled = joints.copy()
    for joint, parent in enumerate(PARENTS):
        stem, _ = _side(JOINTS[joint])
        if stem in SETTLED:
            crease = weights[:, joint] * weights[:, parent]
            if stem.startswith("spine"):  # the back: belly and breast differ too much
                crease = crease * (vertices[..., 2].mean(0) < joints[:, joint, 2].mean())
            middle = np.tensordot(vertices, crease / crease.sum(), axes=(1, 0))
            offset = (joints[:, joint] - middle).mean(0) * SETTLED_SHARE
            settled[:, joint] = middle + offset
    return settled


def _side(joint: str) -> tuple[str, str]:
    side, _, stem = joint.partition("_")
    return (stem, ".L" if side == "left" else ".R") if stem else (joint, "")


def fit_regressor(vertices: Floats, joints: Floats, mirror: NDArray[np.int64]) -> Floats:
    """Fit sparse non-negative rows (24, V), each summing to 1, over many shapes.

    Parameters
    ----------
    vertices : (N, V, 3) T-posed adults
    joints : (N, 24, 3) their joints
    mirror : (V,) index of each vertex's mirror image
    """
    regressor = np.zeros((len(JOINTS), vertices.shape[1]))
    mean = vertices.mean(0)
    for row, joint in enumerate(JOINTS):
        if joint.startswith("right_"):
            left = JOINTS.index(joint.replace("right_", "left_"))
            regressor[row] = regressor[left][mirror]
            continue
        ring = _around(mean, joints[:, row].mean(0))
        regressor[row, ring] = _convex_fit(vertices[:, ring], joints[:, row])
        if not joint.startswith("left_"):
            regressor[row] = (regressor[row] + regressor[row][mirror]) / 2
    return regressor


def _around(vertices: Floats, joint: Floats) -> NDArray[np.int64]:
    """Vertices on all sides of a joint."""
    offset = vertices - joint
    distance = np.linalg.norm(offset, axis=1)
    number = np.arange(RAYS) + 0.5
    height, turn = 1 - 2 * number / RAYS, np.pi * (1 + np.sqrt(5)) * number
    radius = np.sqrt(1 - height**2)
    rays = np.stack([radius * np.cos(turn), radius * np.sin(turn), height], axis=1)
    near = np.flatnonzero(distance < REACH)
    hit = near[np.argmax(rays @ (offset[near] / distance[near, None]).T, axis=1)]
    return np.union1d(hit, np.argsort(distance)[:RING])


def _convex_fit(vertices: Floats, joint: Floats) -> Floats:
    """Convex weights (K,) of vertices (N, K, 3) nearest to a joint (N, 3) in least squares."""
    # relative to the mean shape's joint, the differences between shapes weigh more than the place
    origin = joint.mean(0)
    rows = (vertices - origin).transpose(0, 2, 1).reshape(-1, vertices.shape[1])
    target = (joint - origin).reshape(-1)
    certain = 10 * np.sqrt(len(rows))
    rows = np.concatenate([rows, np.full((1, rows.shape[1]), certain)])
    weights, _ = nnls(rows, np.append(target, certain), maxiter=20 * rows.shape[1])
    return weights / weights.sum()
