"""All steps of one person as meshes, made in one go on the model thread."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.mix import PLAIN, Axis
from core.camera import Camera
from core.parts import PART_NAMES
from core.pose import Parameters
from core.project import Person, PersonRow
from core.refiners import REFINERS

if TYPE_CHECKING:
    from core.suggest.misses import Misses

PosesKey = tuple[int, int, int]
"""Person, Θ1 and run (0 where there is none yet)."""

Which = tuple[PosesKey, Axis]
"""What makes bodies the same."""

Stance = tuple[PosesKey, int, tuple[tuple[str, int], ...]]
"""What stands for somebody: of which bodies, which step, and parts with steps of their own."""

SEEDS = 1000
"""More than there are refiners."""


@dataclass(frozen=True, eq=False)
class Poses:
    """The bodies of a trajectory, or of Θ1 alone.

    Parameters
    ----------
    key : PosesKey
        Whose.
    steps : Parameters
        Batch shape (N+1,).
    vertices : NDArray, shape (N+1, V, 3), float32
        Metres, camera frame.
    points : NDArray, shape (N+1, 45, 2)
        `BODY_POINTS` in pixels of the photograph.
    bounds : NDArray, shape (N+1, 4)
        Left, top, right, bottom of the body in pixels of the photograph.
    centres : NDArray, shape (N+1, 3)
        Middle of each body, metres.
    pelves : NDArray, shape (N+1, 3)
        Where each body is turned about, metres.
    half_height, breadth : float
        How far the bodies reach from their middles at most, in metres: up or down, and sideways
        or in depth.
    faces : NDArray, shape (F, 3)
        Triangles.
    vertex_part : NDArray, shape (V,)
        Index into `PART_NAMES` of the body part of each vertex.
    misses : NDArray, shape (N+1, 6)
        2D error of the whole body and of each part, share of the box side; NaN where there are no
        keypoints. Those that drove the refinement are among them.
    axis : Axis
        Which parts go from step to step, and which stay.
    """

    key: PosesKey
    steps: Parameters
    vertices: NDArray[np.float32]
    points: NDArray[np.floating]
    bounds: NDArray[np.floating]
    centres: NDArray[np.floating]
    pelves: NDArray[np.floating]
    half_height: float
    breadth: float
    faces: NDArray[np.int32]
    vertex_part: NDArray[np.int8]
    misses: NDArray[np.float32]
    axis: Axis = PLAIN

    def __len__(self) -> int:
        return len(self.vertices)

    @property
    def which(self) -> Which:
        """What makes these bodies the same as others."""
        return self.key, self.axis

    @property
    def size(self) -> int:
        """Bytes, nearly all of them the vertices."""
        return self.vertices.nbytes + self.points.nbytes + self.faces.nbytes

    @property
    def camera(self) -> Camera:
        """Camera of the photograph."""
        return self.steps.camera


@dataclass(frozen=True, eq=False)
class Still:
    """A frame of a track as it is played.

    Parameters
    ----------
    path : Path
        Its picture.
    poses : Poses or None
        Bodies of several frames, this one's at `step`; None where there is none.
    step : int
        Place in `poses`.
    person : Person or None
        Who it is.
    """

    path: Path
    poses: Poses | None = None
    step: int = 0
    person: Person | None = None


@dataclass(frozen=True, eq=False)
class Other:
    """Somebody else in the picture.

    Parameters
    ----------
    row : PersonRow
        Who, when the body was made.
    stance : Stance
        What stands for them.
    vertices : NDArray, shape (V, 3), float32
        Metres, frame of `camera`.
    camera : Camera
        Of the photograph, as their annotation has it.
    bounds : NDArray, shape (4,)
        Left, top, right, bottom of the body in pixels of the photograph.
    """

    row: PersonRow
    stance: Stance
    vertices: NDArray[np.float32]
    camera: Camera
    bounds: NDArray[np.floating]

    def seen_by(self, camera: Camera) -> NDArray[np.float32]:
        """Return the vertices that another camera sees where their own sees them.

        Focal f' and centre c' of their own become f and c: z = z' f / f', which keeps how large
        the body is, and x = x' + (c' - c) z' / f', which keeps where it is in the picture.
        """
        own = self.camera
        if camera == own:
            return self.vertices
        depth = self.vertices[:, 2:]
        away = np.array([own.cx - camera.cx, own.cy - camera.cy])
        there = self.vertices[:, :2] + away * depth / own.focal
        return np.hstack([there, depth * (camera.focal / own.focal)]).astype(np.float32)


def poses_key(person: Person) -> PosesKey | None:
    """Return the key of a person's bodies; None where there is no Θ1."""
    if person.theta1_id is None:
        return None
    return person.row.id, person.theta1_id, person.run.id if person.run else 0


def refined_key(person: Person, refiner: str, seed: int) -> PosesKey:
    """Return the key of bodies that another refiner or seed makes; no stored run has it."""
    assert person.theta1_id is not None
    return person.row.id, person.theta1_id, -1 - list(REFINERS).index(refiner) - SEEDS * seed


def part_means(misses: "Misses") -> NDArray[np.float32]:
    """Average misses over all keypoints and those of each part (N+1, 6); NaN where it has none."""
    own = misses.part[:, None] == np.arange(-1, len(PART_NAMES))
    own[:, 0] = True
    weights = misses.weight[:, None] * own
    total = weights.sum(axis=0)
    means = misses.distance @ (weights / np.where(total, total, 1))
    return np.where(total, means, np.nan).astype(np.float32)


def poses_of(
    key: PosesKey,
    steps: Parameters,
    vertices: NDArray[np.float32],
    points: NDArray[np.float32],
    faces: NDArray[np.int32],
    vertex_part: NDArray[np.int8],
    misses: NDArray[np.float32] | None = None,
    axis: Axis = PLAIN,
) -> Poses:
    """Work out where posed bodies are, once for all steps.

    Parameters
    ----------
    vertices, points : NDArray, shapes (N+1, V, 3) and (N+1, 45, 3)
        Metres, camera frame.
    """
    if misses is None:
        misses = np.full((len(steps), 1 + len(PART_NAMES)), np.nan, np.float32)
    pixels = steps.camera.project(vertices)
    bounds = np.concatenate([pixels.min(axis=1), pixels.max(axis=1)], axis=1)
    low, high = vertices.min(axis=1), vertices.max(axis=1)
    centres = (low + high) / 2
    reach = vertices[..., ::2] - centres[:, None, ::2]
    return Poses(
        key,
        steps,
        vertices,
        steps.camera.project(points),
        bounds,
        centres,
        points[:, 0],
        float((high - low)[:, 1].max()) / 2,
        float(np.sqrt(np.square(reach).sum(axis=-1).max())),
        faces,
        vertex_part,
        misses,
        axis,
    )


def part_at(
    poses: Poses, step: int, camera: Camera, view: NDArray[np.floating] | None, x: float, y: float
) -> str | None:
    """Tell which part of a body is seen at a point of a frame.

    Parameters
    ----------
    camera : Camera
        Of the frame.
    view : NDArray, shape (4, 4), or None
        Motion of the body before it is seen.
    x, y : float
        Pixels of the frame.

    Returns
    -------
    str or None
        None beside the body.
    """
    vertices = poses.vertices[step]
    if view is not None:
        vertices = vertices @ view[:3, :3].T + view[:3, 3]
    corners = camera.project(vertices)[poses.faces] - (x, y)
    after = np.roll(corners, -1, axis=1)
    side = corners[..., 0] * after[..., 1] - corners[..., 1] * after[..., 0]
    hit = np.flatnonzero((side >= 0).all(axis=1) | (side <= 0).all(axis=1))
    if len(hit) == 0:
        return None
    nearest = poses.faces[hit[vertices[poses.faces[hit], 2].mean(axis=1).argmin()]]
    return PART_NAMES[int(np.bincount(poses.vertex_part[nearest]).argmax())]
