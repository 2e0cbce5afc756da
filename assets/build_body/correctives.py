"""Pose-corrective blend shapes: what SMPL's `posedirs` must add for skin that does not collapse.

Linear blend skinning shrinks what bends far and wrings what twists. Here each joint is bent alone
in many ways, the skin is placed where it should be (it turns about the joint by a share of the
angle, so that its distance from the joint stays; a twist spreads along the bone), and `posedirs`
are the linear functions of (R - I) that bring the skinned vertices nearest to that place.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets.build_body.source import Floats
from core.pose.skeleton import JOINTS, PARENTS

BENDS: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "left_hip": ((-130, 40), (-40, 40), (-20, 60)),
    "left_knee": ((-5, 150), (-5, 5), (-5, 5)),
    "left_ankle": ((-45, 45), (-30, 30), (-30, 30)),
    "left_foot": ((-45, 45), (-5, 5), (-5, 5)),
    "spine1": ((-25, 50), (-20, 20), (-20, 20)),
    "spine2": ((-25, 40), (-20, 20), (-20, 20)),
    "spine3": ((-25, 40), (-20, 20), (-20, 20)),
    "neck": ((-35, 40), (-35, 35), (-30, 30)),
    "head": ((-40, 50), (-50, 50), (-30, 30)),
    "left_collar": ((-15, 15), (-25, 25), (-15, 40)),
    "left_shoulder": ((-80, 80), (-110, 60), (-95, 80)),
    "left_elbow": ((-60, 60), (-145, 5), (-10, 60)),
    "left_wrist": ((-90, 90), (-50, 50), (-70, 70)),
    "left_hand": ((-10, 10), (-20, 20), (-80, 30)),
}
"""Range of each joint's axis-angle in degrees: what people, and the mocap, do."""

TWIST_ALONG: dict[str, tuple[str, str, float, float]] = {
    "left_shoulder": ("left_shoulder", "left_elbow", 0.1, 0.9),
    "left_elbow": ("left_shoulder", "left_elbow", 0.5, 1.5),
    "left_wrist": ("left_elbow", "left_wrist", 0.15, 1.0),
    "left_hip": ("left_hip", "left_knee", 0.0, 0.8),
}
"""Bone over which a twist of the joint spreads, from what to what share of its length."""

ROUNDNESS = {"left_knee": 0.5, "left_elbow": 0.5, "left_hip": 0.8, "left_shoulder": 0.8}
"""How far a bent joint keeps its skin at a constant distance; knees and elbows are bony."""

ARMPIT, FLAT = (-0.09, 0.0), 0.8
"""Metres above the shoulder joint between which roundness fades, and how much of it: the skin
below an arm that is raised does not swing out as the shoulder's cap does."""

SAMPLES, SEED = 400, 1
SMALLEST = 2e-4
"""Metres: vertices that a joint never moves by more are left out of its correctives."""
RIDGE = 1e-2

MIRROR = np.array([-1.0, 1.0, 1.0])


def fit_posedirs(
    vertices: Floats, joints: Floats, weights: Floats, mirror: NDArray[np.int64]
) -> Floats:
    """Fit correctives (V, 3, 207) of a body at rest.

    Parameters
    ----------
    vertices : (V, 3), joints : (24, 3), weights : (V, 24), mirror : (V,)
    """
    posedirs = np.zeros((len(vertices), 3, len(JOINTS) - 1, 3, 3))
    rng = np.random.default_rng(SEED)
    for name, ranges in BENDS.items():
        joint = JOINTS.index(name)
        low, high = np.deg2rad(np.array(ranges)).T
        turns = Rotation.from_rotvec(rng.uniform(low, high, (SAMPLES, 3))).as_matrix()
        fitted = _fit_joint(vertices, joints, weights, joint, turns)
        posedirs[:, :, joint - 1] = fitted
        if name.startswith("left_"):
            other = JOINTS.index(name.replace("left_", "right_"))
            signs = np.einsum("c,i,j->cij", MIRROR, MIRROR, MIRROR)
            posedirs[:, :, other - 1] = fitted[mirror] * signs
    return posedirs.reshape(len(vertices), 3, -1)


def _fit_joint(
    vertices: Floats, joints: Floats, weights: Floats, joint: int, turns: Floats
) -> Floats:
    """Correctives (V, 3, 3, 3) of one joint that turns (N, 3, 3) while the others rest."""
    follows = weights[:, _below(joint)].sum(axis=1)
    arms = vertices - joints[joint]
    ideal = _ideal(vertices, joints, weights, joint, turns)
    skinned = arms + follows[:, None] * (np.einsum("nij,vj->nvi", turns, arms) - arms)
    missing = ideal - skinned
    moved = np.flatnonzero(np.linalg.norm(missing, axis=2).max(axis=0) > SMALLEST)
    features = (turns - np.eye(3)).reshape(len(turns), 9)
    # per vertex: minimise |A M x - missing|^2 over M (3, 9), A = (1-w) I + w R the skinning
    share = follows[moved]
    outer = np.einsum("np,nq->npq", features, features)
    plain = np.einsum("ij,pq->ipjq", np.eye(3), outer.sum(0)).reshape(27, 27)
    both = turns + turns.transpose(0, 2, 1)
    turned = np.einsum("nij,npq->ipjq", both, outer).reshape(27, 27)
    alpha, beta = (1 - share) ** 2 + share**2, share * (1 - share)
    normal = alpha[:, None, None] * plain + beta[:, None, None] * turned
    normal += RIDGE * len(turns) * np.eye(27)
    back = np.einsum("nij,nvi->nvj", turns, missing[:, moved])
    pulled = missing[:, moved] + share[:, None] * (back - missing[:, moved])
    right = np.einsum("nvi,np->vip", pulled, features).reshape(len(moved), 27)
    fitted = np.zeros((len(vertices), 3, 3, 3))
    fitted[moved] = np.linalg.solve(normal, right[..., None]).reshape(-1, 3, 3, 3)
    return fitted


def _below(joint: int) -> list[int]:
    """Return the joint and all that hang on it."""
    subtree = [joint]
    for child, parent in enumerate(PARENTS):
        if parent in subtree:
            subtree.append(child)
    return subtree


def _ideal(vertices: Floats, joints: Floats, weights: Floats, joint: int, turns: Floats) -> Floats:
    """Where the skin should be (N, V, 3), relative to the joint."""
    arms = vertices - joints[joint]
    follows = weights[:, _below(joint)].sum(axis=1)
    roundness = np.full(len(arms), ROUNDNESS.get(JOINTS[joint], 1.0))
    if JOINTS[joint] == "left_shoulder":
        low, high = ARMPIT
        roundness *= 1 - FLAT * np.clip((high - arms[:, 1]) / (high - low), 0, 1)
    if JOINTS[joint] not in TWIST_ALONG:
        return _bent(turns, follows, arms, roundness)
    start_name, end_name, first, last = TWIST_ALONG[JOINTS[joint]]
    start, end = JOINTS.index(start_name), JOINTS.index(end_name)
    bone = joints[end] - joints[start]
    length = np.linalg.norm(bone)
    axis = bone / length
    along = (vertices - joints[start]) @ axis / length
    ramp = np.clip((along - first) / (last - first), 0, 1)
    share = weights[:, _below(start)].sum(axis=1) * ramp**2 * (3 - 2 * ramp)
    quaternion = Rotation.from_matrix(turns).as_quat()
    angle = 2 * np.arctan2(quaternion[:, :3] @ axis, quaternion[:, 3])
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    twist = Rotation.from_rotvec(angle[:, None] * axis).as_matrix()
    swing = turns @ twist.transpose(0, 2, 1)
    spread = _rotate(axis[None, None], angle[:, None] * share, arms[None])
    return _bent(swing, follows, spread, roundness)


def _bent(turns: Floats, follows: Floats, arms: Floats, roundness: Floats) -> Floats:
    """Bend the skin, between linear blend skinning (0) and a constant distance from the joint."""
    arms = np.broadcast_to(arms, (len(turns), *arms.shape[-2:]))
    linear = arms + follows[:, None] * (np.einsum("nij,nvj->nvi", turns, arms) - arms)
    return linear + roundness[:, None] * (_turned_by_share(turns, follows, arms) - linear)


def _turned_by_share(turns: Floats, share: Floats, arms: Floats) -> Floats:
    """Turn arms (N, V, 3) by a share (V,) of each turn (N, 3, 3).

    As dual quaternion skinning blends (Kavan et al., Skinning with Dual Quaternions, I3D 2007).
    """
    vector = Rotation.from_matrix(turns).as_rotvec()
    half = np.linalg.norm(vector, axis=1, keepdims=True) / 2
    axis = vector / np.maximum(2 * half, 1e-9)
    angle = 2 * np.arctan2(share * np.sin(half), 1 - share + share * np.cos(half))
    return _rotate(axis[:, None], angle, arms)


def _rotate(axis: Floats, angle: Floats, points: Floats) -> Floats:
    """Turn points (N, V, 3) about unit axes by angles (N, V) (Rodrigues)."""
    sine, cosine = np.sin(angle)[..., None], np.cos(angle)[..., None]
    along = (points * axis).sum(axis=-1, keepdims=True) * axis
    return points * cosine + np.cross(axis, points) * sine + along * (1 - cosine)
