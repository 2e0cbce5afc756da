"""Θ1 out of the rows of dataset files: any layout of rotations, any SMPL family, any camera."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from core.camera import Camera
from core.errors import InvalidAnnotation
from core.evidence import Box
from core.frontends.hmr.camera import FOCAL, translation
from core.frontends.regions import Region
from core.pose import Parameters

Floats = NDArray[np.floating[Any]]

JOINTS, SHARED = 24, 22
"""Joints of SMPL's body, and those that SMPL-H and SMPL-X have in common with it."""
TOLERANCE = 0.01
"""How far an entry of a rotation matrix may be from a rotation's."""
LARGEST_ANGLE, LARGEST_BETA, LARGEST_DISTANCE = 4 * np.pi, 20.0, 1000.0
"""Radians, standard deviations, metres: beyond them a value is a mistake."""
NEAREST = 0.1
"""Metres; a body nearer to the camera has no translation worth its name (zeros, most often)."""
SHORTEST_FOCAL, LONGEST_FOCAL, FARTHEST_CENTRE = 10.0, 1e6, 1e5
"""Pixels."""

CROP = 224
"""Side in pixels of the crops of HMR, SPIN, EFT and mmhuman3d."""

HANDS = "the hands and the face that SMPL-H and SMPL-X pose are left out: SMPL's body has none"
SHAPE = "SMPL-X's shape is left out: its components are not SMPL's"


def axis_angles(values: ArrayLike, width: int = 3) -> Floats:
    """Return rotations (J, 3) in radians from axis-angle, matrices or six numbers, told by width.

    Parameters
    ----------
    values : array of J * width numbers
        Any shape.
    width : int
        3 axis-angle, 9 matrices, 6 `columns` (`core.pose.rotations`).

    Raises
    ------
    InvalidAnnotation
        Numbers are missing, not finite, or no rotations.
    """
    numbers = np.asarray(values, dtype=np.float64).ravel()
    if numbers.size % width:
        raise InvalidAnnotation(f"the pose has {numbers.size} numbers, which are no rotations")
    if not np.isfinite(numbers).all():
        raise InvalidAnnotation("the pose holds NaN or infinite values")
    table = numbers.reshape(-1, width)
    if width == 3:
        return table
    matrices = table.reshape(-1, 3, 3) if width == 9 else _of_six(table)
    try:
        turns = Rotation.from_matrix(matrices)
    except ValueError as error:
        raise InvalidAnnotation("the pose holds matrices that are no rotations") from error
    if np.abs(turns.as_matrix() - matrices).max() > TOLERANCE:
        raise InvalidAnnotation("the pose holds matrices that are no rotations")
    return np.asarray(turns.as_rotvec())


def _of_six(six: Floats) -> Floats:
    """Turn two columns each (J, 6) into matrices (J, 3, 3) by Gram-Schmidt."""
    first, second = six[:, :3], six[:, 3:]
    with np.errstate(invalid="ignore", divide="ignore"):
        x = first / np.linalg.norm(first, axis=1, keepdims=True)
        y = second - (x * second).sum(axis=1, keepdims=True) * x
        y = y / np.linalg.norm(y, axis=1, keepdims=True)
    made = np.stack([x, y, np.cross(x, y)], axis=2)
    if not np.isfinite(made).all():
        raise InvalidAnnotation("the pose holds six numbers that span no rotation")
    return np.asarray(made)


def width_of(values: ArrayLike) -> int:
    """Return how many numbers a rotation has, by the last axes of an array."""
    shape = np.shape(values)
    return 9 if shape[-2:] == (3, 3) else (6 if shape[-1:] == (6,) else 3)


def body(turns: ArrayLike) -> Floats:
    """Return SMPL's 24 rotations (24, 3) from those of SMPL, SMPL-H or SMPL-X, the pelvis first.

    Raises
    ------
    InvalidAnnotation
        There are fewer than 22.
    """
    table = np.asarray(turns, dtype=np.float64).reshape(-1, 3)
    if len(table) == JOINTS:
        return table
    if len(table) < SHARED:
        raise InvalidAnnotation(f"the pose has {len(table)} joints, SMPL {JOINTS}")
    # SMPL's hands have a turn of their own; the others turn fingers instead
    return np.concatenate([table[:SHARED], np.zeros((JOINTS - SHARED, 3))])


def theta(
    pose: ArrayLike, betas: ArrayLike | None, camera: Camera, transl: ArrayLike | None = None
) -> tuple[Parameters, bool]:
    """Make Θ1, and say whether the file placed it.

    Parameters
    ----------
    pose : array (24, 3)
        Axis-angle, camera frame.
    betas : array or None
        The first ten count; missing ones are 0.
    camera : Camera
        Of the picture.
    transl : array (3,) or None
        Metres, camera frame; None where the file has none that belongs to this camera.

    Raises
    ------
    InvalidAnnotation
        A value is absurd or not finite.
    """
    shape = np.zeros(10, dtype=np.float32)
    given = np.asarray([] if betas is None else betas, dtype=np.float32).ravel()[:10]
    shape[: given.size] = given
    place = np.zeros(3) if transl is None else np.asarray(transl, dtype=np.float64).reshape(3)
    placed = bool(np.isfinite(place).all() and place[2] > NEAREST)
    turns = np.asarray(pose, dtype=np.float64).reshape(JOINTS, 3).astype(np.float32)
    kept = place if placed else np.zeros(3)
    theta1 = Parameters(turns[0], turns[1:], shape, kept.astype(np.float32), camera)
    refuse_absurd(theta1)
    return theta1, placed


def refuse_absurd(theta1: Parameters) -> None:
    """Refuse values beyond what a person or a camera can have.

    Raises
    ------
    InvalidAnnotation
        There is one.
    """
    pose = np.concatenate([theta1.global_orient[None], theta1.body_pose])
    if np.linalg.norm(pose.astype(np.float64), axis=1).max() > LARGEST_ANGLE:
        raise InvalidAnnotation("a joint is turned by an absurd angle")
    if np.abs(theta1.betas).max() > LARGEST_BETA:
        raise InvalidAnnotation("the shape is absurd")
    if np.abs(theta1.transl).max() > LARGEST_DISTANCE:
        raise InvalidAnnotation("the body is absurdly far away")
    camera = theta1.camera
    centred = max(abs(camera.cx), abs(camera.cy)) <= FARTHEST_CENTRE  # false for NaN
    if not (SHORTEST_FOCAL <= camera.focal <= LONGEST_FOCAL and centred):
        raise InvalidAnnotation("the camera is absurd")


def pinhole(focal: ArrayLike, centre: ArrayLike, size: tuple[int, int]) -> Camera:
    """Return the camera of a focal length (one, or one an axis) and a centre, in pixels."""
    lengths = np.asarray(focal, dtype=np.float64).ravel()
    cx, cy = (float(value) for value in np.asarray(centre, dtype=np.float64).ravel()[:2])
    return Camera(float(lengths.mean()), cx, cy, *size)


def from_crop(
    weak: ArrayLike, centre: ArrayLike, side: float, size: tuple[int, int], crop: int = CROP
) -> tuple[Camera, NDArray[np.float32]]:
    """Return camera and translation that show a body where a weak-perspective crop shows it.

    Parameters
    ----------
    weak : array (3,)
        Scale and offset in metres, as HMR's networks give them.
    centre : array (2,)
        Of the crop, pixels.
    side : float
        Of the crop, pixels.
    size : (int, int)
        Width and height of the picture.
    crop : int
        Side of the network's input, whose focal length is 5000 px.

    Raises
    ------
    InvalidAnnotation, NoPersonFound
        There is no such crop, or the network saw nobody.
    """
    x, y = (float(value) for value in np.asarray(centre, dtype=np.float64).ravel()[:2])
    square = Box(x - side / 2, y - side / 2, side, side)  # finite and not empty
    camera = Camera(FOCAL * side / crop, x, y, *size)
    numbers = np.asarray(weak, dtype=np.float64).reshape(3)
    return camera, translation(numbers, Region(*square.centre, side), camera)
