"""From a weak-perspective camera on a crop to a body in the picture's camera frame."""

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.errors import NoPersonFound
from core.frontends.regions import Region

FOCAL = 5000.0
"""Focal length in pixels of the crop that HMR, SPIN, mmhuman3d and 4D-Humans project by."""
SMALLEST = 0.1
"""Scale below which a body of 1.7 m is less than a tenth of the crop: the network saw nobody."""


@dataclass(frozen=True, eq=False)
class View:
    """How the network looks at a crop, and the picture's camera.

    Parameters
    ----------
    camera : Camera
        Of the picture.
    virtual : Camera
        The same turned to the crop: its axis goes through the crop's centre.
    turn : NDArray, shape (3, 3)
        Rotation from the virtual camera's frame to the picture's.
    """

    camera: Camera
    virtual: Camera
    turn: NDArray[np.float64]


def carried(crop: Region, size: int, width: int, height: int) -> View:
    """Return the crop's own camera in the picture's pixels: it shows a body as the network does.

    Its principal point is the crop's centre. One in the picture's centre would turn the view of
    people at the edge: by 2 % of the crop's side for the worst vertex on average, by 8 % at most
    (100 random poses and boxes of 150 to 900 px in 1920x1080).

    Parameters
    ----------
    crop : Region
        Square of the picture, pixels.
    size : int
        Side of the network's input in pixels.
    width, height : int
        Of the picture, pixels.
    """
    camera = Camera(FOCAL * crop.side / size, crop.x, crop.y, width, height)
    return View(camera, camera, np.eye(3))


def turned(crop: Region, size: int, width: int, height: int) -> View:
    """Return the assumed camera of the picture, turned to the crop.

    For networks that learnt from cameras that look at the person, from any distance: everybody in a
    picture then stands in one space. Parameters are those of `carried`.
    """
    camera = Camera.assumed(width, height)
    x, y = crop.x - camera.cx, crop.y - camera.cy
    focal = hypot(x, y, camera.focal)
    ray = np.array([x, y, camera.focal]) / focal
    aside = np.cross([0.0, 0.0, 1.0], ray)  # as long as the sine of the angle
    cross = np.cross(np.eye(3), aside)
    turn = np.eye(3) + cross + cross @ cross / (1 + ray[2])
    return View(camera, Camera(focal, crop.x, crop.y, width, height), turn)


def translation(weak: NDArray[np.floating], crop: Region, camera: Camera) -> NDArray[np.float32]:
    """Return where a body stands whose crop shows it by a weak-perspective camera.

    Both cameras scale the body alike, and see its origin in the same place, whatever the focal
    length and principal point of the picture's (the full-image form of CLIFF, ECCV 2022).

    Parameters
    ----------
    weak : NDArray, shape (3,)
        Scale s and offset x, y (metres): a point X of the body lies at s (X + x) in units of half
        the crop's side from its centre.
    crop : Region
        Upright square of the picture, pixels.
    camera : Camera
        Of the picture; its focal length decides the depth.

    Returns
    -------
    NDArray, shape (3,)
        Metres, camera frame: `Parameters.transl` of SMPL's body.

    Raises
    ------
    NoPersonFound
        The scale is that of no body.
    """
    scale, x, y = (float(value) for value in weak)
    if not scale >= SMALLEST:
        raise NoPersonFound(
            f"The network sees no body in the box (camera scale {scale:.2f})",
            "Draw a box around one whole person, or place the body by hand",
        )
    pixels_per_metre = scale * crop.side / 2
    return np.array(
        [
            x + (crop.x - camera.cx) / pixels_per_metre,
            y + (crop.y - camera.cy) / pixels_per_metre,
            camera.focal / pixels_per_metre,
        ],
        dtype=np.float32,
    )
