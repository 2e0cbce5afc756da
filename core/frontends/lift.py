"""From 33 points in space to the rotations of the body's 24 joints, by geometry alone.

Each limb gets its direction from its two ends, and its twist from the plane that it bends in. What
the points cannot tell (how a spine curves, how a straight limb is twisted) is set to what is usual.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.keypoints import BLAZEPOSE, BODY_POINTS
from core.pose import JOINTS, PARENTS

Floats = NDArray[np.float64]

NATURAL_HINGE = 0.2
"""Say of the usual bending plane against the seen one, whose say is the sine of the bend."""
FOOT_HINGE = 0.3
"""Say of the plane that shin and foot lie in, on how the leg is twisted."""
BENT = np.cos(np.deg2rad(50))
"""A knee bent by more than this shows its plane, even that of crossed legs."""
MAX_TWIST = np.deg2rad(80)
"""Of the hand about the forearm."""
MAX_WRIST = np.deg2rad(50)
"""Bend of the wrist."""
MAX_HEAD = np.deg2rad(70)
"""Of the head against the chest."""

_JOINT = {name: index for index, name in enumerate(JOINTS)}
_BODY = {name: index for index, name in enumerate(BODY_POINTS)}
_SEEN = {name: index for index, name in enumerate(BLAZEPOSE)}


def lift(world: NDArray[np.floating], rest: NDArray[np.floating]) -> Floats:
    """Find the pose whose limbs point as those of the landmarks do.

    Parameters
    ----------
    world : NDArray, shape (33, 3)
        BlazePose landmarks in metres; x right, y down, z away from the camera.
    rest : NDArray, shape (45, 3)
        `BODY_POINTS` of the body in rest pose, metres; x to its left, y up, z forward.

    Returns
    -------
    NDArray, shape (24, 3, 3)
        Local rotations, the pelvis' into the camera frame.
    """
    seen = {name: world[index].astype(np.float64) for name, index in _SEEN.items()}
    body = {name: rest[index].astype(np.float64) for name, index in _BODY.items()}
    turned = np.empty((len(JOINTS), 3, 3))
    _torso(turned, seen, body)
    _head(turned, seen, body)
    for side, left in (("left", 1.0), ("right", -1.0)):
        _arm(turned, seen, body, side, np.array([0, -left, 0]))
        _leg(turned, seen, body, side)
    parents = turned[list(PARENTS[1:])]
    return np.concatenate([turned[:1], np.swapaxes(parents, 1, 2) @ turned[1:]])


def _torso(turned: Floats, seen: dict[str, Floats], body: dict[str, Floats]) -> None:
    """Pelvis by the hips, chest by the shoulders; the spine shares what lies between."""
    hips = seen["left_hip_extra"] - seen["right_hip_extra"]
    shoulders = seen["left_shoulder"] - seen["right_shoulder"]
    up = _middle(seen, "{}_shoulder") - _middle(seen, "{}_hip_extra")
    rest_hips = body["left_hip"] - body["right_hip"]
    rest_shoulders = body["left_shoulder"] - body["right_shoulder"]
    rest_up = _middle(body, "{}_shoulder") - _middle(body, "{}_hip")
    pelvis = _frame(up, hips) @ _frame(rest_up, rest_hips).T
    chest = _frame(up, shoulders) @ _frame(rest_up, rest_shoulders).T
    turned[0] = pelvis
    for joint, share in (("spine1", 1 / 3), ("spine2", 2 / 3), ("spine3", 1)):
        turned[_JOINT[joint]] = pelvis @ _share(pelvis.T @ chest, share)
    for joint in ("left_collar", "right_collar"):
        turned[_JOINT[joint]] = chest


def _head(turned: Floats, seen: dict[str, Floats], body: dict[str, Floats]) -> None:
    """Head by ears and nose; the neck takes half of the turn."""
    chest = turned[_JOINT["spine3"]]
    frames = [
        _frame(points["left_ear"] - points["right_ear"], points["nose"] - _middle(points, "{}_ear"))
        for points in (seen, body)
    ]
    relative = _shorten(chest.T @ frames[0] @ frames[1].T, MAX_HEAD)
    turned[_JOINT["neck"]] = chest @ _share(relative, 0.5)
    turned[_JOINT["head"]] = chest @ relative


def _arm(
    turned: Floats, seen: dict[str, Floats], body: dict[str, Floats], side: str, hinge: Floats
) -> None:
    """Turn an arm; `hinge` is the axis of the elbow in the rest pose."""
    upper, fore = _limb(seen, side, ("shoulder", "elbow", "wrist"))
    rest_upper, rest_fore = _limb(body, side, ("shoulder", "elbow", "wrist"))
    chest = turned[_JOINT["spine3"]]
    natural = swing(chest @ rest_upper, upper) @ chest @ hinge
    axis = np.cross(upper, fore) + NATURAL_HINGE * natural
    elbow = _frame(fore, axis) @ _frame(rest_fore, hinge).T
    hands = []
    for points, finger in ((seen, "{}_{}_knuckle"), (body, "{}_{}")):
        index, pinky = (points[finger.format(side, name)] for name in ("index", "pinky"))
        knuckles = points.get(f"{side}_hand", (index + pinky) / 2)
        hands.append(_frame(knuckles - points[f"{side}_wrist"], index - pinky))
    bend, twist = _split(elbow.T @ hands[0] @ hands[1].T, rest_fore)
    bend, twist = _shorten(bend, MAX_WRIST), _shorten(twist, MAX_TWIST)
    half = _share(twist, 0.5)
    turned[_JOINT[f"{side}_shoulder"]] = _frame(upper, axis) @ _frame(rest_upper, hinge).T
    turned[_JOINT[f"{side}_elbow"]] = elbow @ half
    for joint in ("wrist", "hand"):
        turned[_JOINT[f"{side}_{joint}"]] = elbow @ bend @ twist


def _leg(turned: Floats, seen: dict[str, Floats], body: dict[str, Floats], side: str) -> None:
    thigh, shin = _limb(seen, side, ("hip_extra", "knee", "ankle"))
    rest_thigh, rest_shin = _limb(body, side, ("hip", "knee", "ankle"))
    sole, rest_sole = (
        _unit(points[f"{side}_bigtoe"] - points[f"{side}_heel"]) for points in (seen, body)
    )
    hinge = np.array([1.0, 0, 0])
    pelvis = turned[0]
    natural = swing(pelvis @ rest_thigh, thigh) @ pelvis @ hinge
    bend = np.cross(thigh, shin)
    axis = NATURAL_HINGE * natural
    # A knee that seems to bend a little forwards is an error of depth and says nothing.
    if bend @ natural > 0 or thigh @ shin < BENT:
        axis = axis + bend
    if (foot := np.cross(sole, shin)) @ natural > 0:
        axis = axis + FOOT_HINGE * foot
    turned[_JOINT[f"{side}_hip"]] = _frame(thigh, axis) @ _frame(rest_thigh, hinge).T
    turned[_JOINT[f"{side}_knee"]] = _frame(shin, axis) @ _frame(rest_shin, hinge).T
    for joint in ("ankle", "foot"):
        turned[_JOINT[f"{side}_{joint}"]] = _frame(sole, axis) @ _frame(rest_sole, hinge).T


def _middle(points: dict[str, Floats], name: str) -> Floats:
    return (points[name.format("left")] + points[name.format("right")]) / 2


def _limb(
    points: dict[str, Floats], side: str, names: tuple[str, str, str]
) -> tuple[Floats, Floats]:
    """Return the directions of the two bones of a limb."""
    start, middle, end = (points[f"{side}_{name}"] for name in names)
    return _unit(middle - start), _unit(end - middle)


def _unit(vector: Floats) -> Floats:
    """Return the direction of a vector; any where it has none."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-9 else np.array([1.0, 0, 0])


def _frame(primary: Floats, secondary: Floats) -> Floats:
    """Return the right-handed axes (columns) that start from two directions, the first exact."""
    x = _unit(primary)
    y = secondary - x * (x @ secondary)
    if np.linalg.norm(y) < 1e-6:
        y = np.cross(x, np.eye(3)[np.abs(x).argmin()])
    y = _unit(y)
    return np.stack([x, y, np.cross(x, y)], axis=1)


def swing(start: Floats, end: Floats) -> Floats:
    """Return the smallest rotation (3, 3) that takes one unit vector to another.

    The identity where they are opposite, since no smallest one exists.
    """
    x, y, z = np.cross(start, end)
    skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + skew + skew @ skew / max(1 + float(start @ end), 1e-9))


def _share(rotation: Floats, share: float) -> Floats:
    turn = Rotation.from_matrix(rotation).as_rotvec()
    return np.asarray(Rotation.from_rotvec(share * turn).as_matrix())


def _shorten(rotation: Floats, longest: float) -> Floats:
    angle = float(Rotation.from_matrix(rotation).magnitude())
    return rotation if angle <= longest else _share(rotation, longest / angle)


def _split(rotation: Floats, axis: Floats) -> tuple[Floats, Floats]:
    """Split a rotation into a bend across an axis after a twist about it."""
    bend = swing(axis, rotation @ axis)
    return bend, bend.T @ rotation
