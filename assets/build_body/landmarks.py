"""The 21 vertices that `smplx` names: face, feet, finger tips."""

import numpy as np
from numpy.typing import NDArray

from assets.build_body.source import Adults, Floats
from core.pose.skeleton import JOINTS

FINGERS = ("thumb", "index", "middle", "ring", "pinky")
TRAGUS = (-0.011, -0.017, 0.013)
"""From the outermost point of the left ear to the cartilage before its canal, metres: detectors
mean that by an ear, and heads would nod back by 15 degrees if they met it with the ear's rim."""


def find_landmarks(
    adults: Adults, vertices: Floats, joints: Floats, mirror: NDArray[np.int64]
) -> dict[str, int]:
    """Find the landmark vertices on a T-posed mean adult, by `smplx`'s names.

    Parameters
    ----------
    vertices : (V, 3), joints : (24, 3), mirror : (V,)
    """
    strongest = adults.bone_weights.argmax(axis=1)
    bone_of = np.array(adults.bones)[strongest]
    x, y, z = vertices.T

    def extreme(values: Floats, region: NDArray[np.bool_]) -> int:
        return int(np.flatnonzero(region)[np.argmax(values[region])])

    def nearest(point: Floats, region: NDArray[np.bool_]) -> int:
        return extreme(-np.linalg.norm(vertices - point, axis=1), region)

    wrist = joints[JOINTS.index("left_wrist")]
    reach = np.linalg.norm(vertices - wrist, axis=1)
    head, foot = bone_of == "head", bone_of == "foot.L"
    big_toe = np.char.startswith(bone_of, "toe1-2.L")
    little_toe = np.char.startswith(bone_of, "toe5-3.L")
    left = {
        "leye": extreme(z, bone_of == "eye.L"),
        "lear": nearest(vertices[extreme(x, head)] + TRAGUS, head),
        "LBigToe": extreme(z, big_toe),
        "LSmallToe": extreme(z + x, little_toe),
        "LHeel": extreme(-z, foot & (y < y[foot].min() + 0.03)),
    }
    for number, finger in enumerate(FINGERS, start=1):
        left[f"l{finger}"] = extreme(reach, bone_of == f"finger{number}-3.L")
    right = {_other_side(name): int(mirror[vertex]) for name, vertex in left.items()}
    nose = extreme(z, head & (np.abs(x) < 1e-3))
    return {"nose": nose, **left, **right}


def _other_side(name: str) -> str:
    return {"l": "r", "L": "R"}[name[0]] + name[1:]
