"""From anny's A-pose to SMPL's zero pose: arms straight out, palms down, legs straight."""

import numpy as np
from scipy.spatial.transform import Rotation

from assets.build_body.source import Adults, Floats

ARM = np.array([1.0, 0.0, 0.0])
THIGH = np.array([0.08, -1.0, 0.0])
SHIN = np.array([-0.02, -1.0, -0.04])
UP = np.array([0.0, 1.0, 0.0])
FORWARD = np.array([0.0, 0.0, 1.0])
COLLAR_SHARE = 0.25
"""Share of raising the arm that the collar bone does, as in people (scapulohumeral rhythm)."""


def to_t_pose(adults: Adults) -> tuple[Floats, Floats]:
    """Pose every adult; return vertices (N, V, 3) and bone heads (N, B, 3)."""
    turned = [_left_and_right_turns(adults, heads) for heads in adults.heads]
    turns = np.stack(turned)
    return _skin(adults, turns)


def _skin(adults: Adults, turns: Floats) -> tuple[Floats, Floats]:
    """Linear blend skinning with global turns (N, B, 3, 3) of the bones."""
    heads = adults.heads.copy()
    for bone, parent in enumerate(adults.parents):
        if parent >= 0:
            offset = adults.heads[:, bone] - adults.heads[:, parent]
            heads[:, bone] = heads[:, parent] + np.einsum("nij,nj->ni", turns[:, parent], offset)
    shifts = heads - np.einsum("nbij,nbj->nbi", turns, adults.heads)
    vertices = np.empty_like(adults.vertices)
    for number, rest in enumerate(adults.vertices):
        blended = np.tensordot(adults.bone_weights, turns[number], axes=1)
        vertices[number] = np.einsum("vij,vj->vi", blended, rest)
        vertices[number] += adults.bone_weights @ shifts[number]
    return vertices, heads


def _left_and_right_turns(adults: Adults, heads: Floats) -> Floats:
    """Global turns (B, 3, 3) that bring one adult into the T-pose."""
    at = {name: heads[number] for number, name in enumerate(adults.bones)}
    turns = {}
    for side, mirror in (("L", 1.0), ("R", -1.0)):
        flip = np.array([mirror, 1.0, 1.0])
        turns |= {f"{name}.{side}": turn for name, turn in _side_turns(at, side, flip).items()}
    result = np.empty((len(adults.bones), 3, 3))
    for number, (name, parent) in enumerate(zip(adults.bones, adults.parents, strict=True)):
        inherited = result[parent] if parent >= 0 else np.eye(3)
        result[number] = turns.get(name, inherited)
    return result


def _side_turns(at: dict[str, Floats], side: str, flip: Floats) -> dict[str, Floats]:
    def head(name: str) -> Floats:
        return at[f"{name}.{side}"]

    shoulder, elbow, wrist = head("upperarm01"), head("lowerarm01"), head("wrist")
    upper, fore = elbow - shoulder, wrist - elbow
    hinge = np.cross(upper, fore)
    # bending the elbow of a T-pose brings the hand forward: its hinge points down on the left
    out, down = ARM * flip, np.cross(ARM * flip, FORWARD)
    upper_turn = _frame(out, down) @ _frame(upper, hinge).T
    fore_straight = _frame(out, down) @ _frame(fore, hinge).T
    knuckles = head("finger5-1") - head("finger2-1")
    hand = (head("finger3-1") + head("finger4-1")) / 2 - wrist
    palm_down = _frame(out, -FORWARD) @ _frame(hand, knuckles).T
    twist = Rotation.from_matrix(palm_down @ fore_straight.T).as_rotvec() @ out
    raise_collar = Rotation.from_matrix(_least(upper, upper_turn @ upper)).as_rotvec()
    collar = Rotation.from_rotvec(COLLAR_SHARE * raise_collar).as_matrix()
    hip, knee, ankle = head("upperleg01"), head("lowerleg01"), head("foot")
    thigh, shin = _least(knee - hip, THIGH * flip), _least(ankle - knee, SHIN * flip)
    return {
        "clavicle": Rotation.from_rotvec(0.4 * COLLAR_SHARE * raise_collar).as_matrix(),
        "shoulder01": collar,
        "upperarm01": upper_turn,
        "upperarm02": upper_turn,
        "lowerarm01": Rotation.from_rotvec(0.3 * twist * out).as_matrix() @ fore_straight,
        "lowerarm02": Rotation.from_rotvec(0.7 * twist * out).as_matrix() @ fore_straight,
        "wrist": palm_down,
        "upperleg01": thigh,
        "upperleg02": thigh,
        "lowerleg01": shin,
        "lowerleg02": shin,
        "foot": np.eye(3),
    }


def _frame(along: Floats, across: Floats) -> Floats:
    """Orthonormal frame: first axis along, second as near to `across` as it can be."""
    x = along / np.linalg.norm(along)
    y = across - (across @ x) * x
    y /= np.linalg.norm(y)
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def _least(start: Floats, end: Floats) -> Floats:
    """Return the least turn that brings direction `start` onto `end`."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis = np.cross(a, b)
    sine = np.linalg.norm(axis)
    angle = np.arctan2(sine, a @ b)
    return Rotation.from_rotvec(axis / max(sine, 1e-12) * angle).as_matrix()
