"""Where bodies stand that come from a file without a translation; many at a time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.body import BodyModel
from core.camera import Camera
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import body_points
from core.placement import FEWEST_KEYPOINTS
from core.pose import Parameters
from core.pose.rotations import rotations_of
from core.resection import fit_rays

ROUNDS = 5
AT_ONCE = 100
"""Bodies posed at a time; their vertices take 16 MB."""

Floats = NDArray[np.float64]


def places(
    thetas: Sequence[Parameters], evidence: Sequence[Evidence], body: BodyModel
) -> NDArray[np.float32]:
    """Return translations (N, 3) onto keypoints, or into the boxes where they are too few.

    Parameters
    ----------
    thetas : sequence of Parameters
        Batch shape () each, each with a camera of its own.
    evidence : sequence of Evidence
        Of each.
    body : BodyModel
        Of which the annotations are.
    """
    transl = np.zeros((len(thetas), 3), dtype=np.float32)
    groups: dict[str | None, list[int]] = defaultdict(list)
    for place, each in enumerate(evidence):
        groups[_convention(each.keypoints)].append(place)
    for convention, group in groups.items():
        for start in range(0, len(group), AT_ONCE):
            some = group[start : start + AT_ONCE]
            bodies = _together([thetas[place] for place in some])
            cameras = [thetas[place].camera for place in some]
            if convention is None:
                boxes = [evidence[place].box for place in some]
                transl[some] = _in_boxes(bodies, cameras, boxes, body)
            else:
                points = [evidence[place].keypoints for place in some]
                transl[some] = _on_keypoints(bodies, cameras, convention, points, body)
    return transl


def _convention(keypoints: Keypoints2D | None) -> str | None:
    """Return the convention of keypoints that tell a place; None where they do not."""
    if keypoints is None:
        return None
    seen = (body_points(keypoints.convention) >= 0) & (keypoints.confidence > 0)
    return keypoints.convention if seen.sum() >= FEWEST_KEYPOINTS else None


def _together(thetas: Sequence[Parameters]) -> Parameters:
    """Stack annotations at the origin; their cameras are looked at elsewhere."""
    stacked = Parameters.stack(thetas)
    return replace(stacked, transl=np.zeros_like(stacked.transl))


@torch.no_grad()
def _on_keypoints(
    bodies: Parameters,
    cameras: Sequence[Camera],
    convention: str,
    keypoints: Sequence[Keypoints2D | None],
    body: BodyModel,
) -> NDArray[np.float32]:
    index = body_points(convention)
    used = np.flatnonzero(index >= 0)
    given = [each for each in keypoints if each is not None]
    weight = np.stack([each.confidence[used] for each in given])
    pixels = np.stack([each.points[used] for each in given])
    rays = (pixels - _centres(cameras)[:, None]) / _focals(cameras)[:, None, None]
    tensors = rotations_of(bodies), torch.from_numpy(bodies.betas), torch.zeros(len(bodies), 3)
    points = body.points(*(each.to(body.device) for each in tensors)).cpu()[:, index[used]]
    seen = torch.from_numpy(rays.astype(np.float32)), torch.from_numpy(weight)
    found: NDArray[np.float32] = fit_rays(points, *seen).numpy()
    return found


def _in_boxes(
    bodies: Parameters, cameras: Sequence[Camera], boxes: Sequence[Box], body: BodyModel
) -> Floats:
    """Move bodies until the longer side of their projections is the box's and the centres meet."""
    focal, centre = _focals(cameras), _centres(cameras)
    sides = np.array([box.side for box in boxes])
    middles = np.array([box.centre for box in boxes])
    vertices = body.pose(bodies)[0].astype(np.float64)
    transl = np.zeros((len(boxes), 3))
    transl[:, 2] = focal * np.ptp(vertices[..., :2], axis=1).max(axis=1) / sides
    for _ in range(ROUNDS):
        # perspective makes near parts larger, so size and centre settle in a few rounds
        low, high = _seen(vertices, transl, focal, centre)
        transl[:, 2] *= (high - low).max(axis=1) / sides
        low, high = _seen(vertices, transl, focal, centre)
        transl[:, :2] += (middles - (low + high) / 2) * (transl[:, 2:] / focal[:, None])
    return transl


def _seen(vertices: Floats, transl: Floats, focal: Floats, centre: Floats) -> tuple[Floats, Floats]:
    """Return the corners (B, 2), in pixels, of what bodies (B, V, 3) cover in their pictures."""
    at = vertices + transl[:, None]
    pixels = at[..., :2] / np.maximum(at[..., 2:], 1e-3) * focal[:, None, None] + centre[:, None]
    return pixels.min(axis=1), pixels.max(axis=1)


def _focals(cameras: Sequence[Camera]) -> Floats:
    return np.array([camera.focal for camera in cameras], dtype=np.float64)


def _centres(cameras: Sequence[Camera]) -> Floats:
    return np.array([(camera.cx, camera.cy) for camera in cameras], dtype=np.float64)
