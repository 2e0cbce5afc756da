"""Fewer vertices by half-edge collapses, symmetric; every kept vertex is one of the given ones.

Cost: quadric error (Garland and Heckbert, Surface Simplification Using Quadric Error Metrics,
SIGGRAPH 1997), times how much the skinning of the two ends differs, so that joints keep theirs.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.build_body.source import Floats

Ints = NDArray[np.int64]

SKINNING_PENALTY = 4.0
LENGTH_PENALTY = 1e-3
"""Weight of edge length^4 (m^4, as the quadric): flat regions keep evenly sized triangles."""
SHARPEST_TURN = 0.2
"""A triangle may not turn further than this cosine in one collapse."""


def mirror_of(vertices: Floats) -> Ints:
    """Index of the vertex (V,) at the mirrored place, x to -x; itself on the seam."""
    distance, index = cKDTree(vertices).query(vertices * [-1, 1, 1])
    if distance.max() > 1e-3 or not (index[index] == np.arange(len(index))).all():
        raise ValueError(f"the mesh is not symmetric: {distance.max():.4f} m")
    return np.asarray(index)


@dataclass
class _Half:
    """The left half of a mesh while it shrinks; `fans` are the faces around each vertex."""

    vertices: Floats
    weights: Floats
    importance: Floats
    seam: NDArray[np.bool_]
    locked: set[int]
    faces: dict[int, tuple[int, int, int]]
    fans: list[set[int]]
    quadrics: Floats
    heap: list[tuple[float, int, int, int]] = field(default_factory=list)
    version: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.version = np.zeros(len(self.vertices), dtype=np.int64)

    def neighbours(self, vertex: int) -> set[int]:
        around = {corner for face in self.fans[vertex] for corner in self.faces[face]}
        return around - {vertex}

    def push(self, gone: int, kept: int) -> None:
        """Offer the collapse of one vertex into a neighbour."""
        if gone in self.locked or (self.seam[gone] and not self.seam[kept]):
            return
        point = np.append(self.vertices[kept], 1.0)
        error = max(point @ (self.quadrics[gone] + self.quadrics[kept]) @ point, 0.0)
        length = np.linalg.norm(self.vertices[gone] - self.vertices[kept])
        skinning = np.abs(self.weights[gone] - self.weights[kept]).sum()
        cost = (error + LENGTH_PENALTY * length**4) * (1 + SKINNING_PENALTY * skinning**2)
        cost *= self.importance[gone]
        heapq.heappush(self.heap, (cost, gone, kept, int(self.version[[gone, kept]].sum())))

    def allowed(self, gone: int, kept: int) -> bool:
        """Tell whether the mesh stays a manifold and no triangle flips."""
        shared = self.fans[gone] & self.fans[kept]
        if len(self.neighbours(gone) & self.neighbours(kept)) != len(shared):
            return False
        for face in self.fans[gone] - shared:
            before = self.vertices[list(self.faces[face])]
            moved = [kept if corner == gone else corner for corner in self.faces[face]]
            after = self.vertices[moved]
            old = np.cross(before[1] - before[0], before[2] - before[0])
            new = np.cross(after[1] - after[0], after[2] - after[0])
            if old @ new <= SHARPEST_TURN * np.linalg.norm(old) * np.linalg.norm(new):
                return False
        return True

    def collapse(self, gone: int, kept: int) -> None:
        for face in self.fans[gone] & self.fans[kept]:
            for corner in self.faces.pop(face):
                self.fans[corner].discard(face)
        for face in self.fans[gone]:
            a, b, c = (kept if corner == gone else corner for corner in self.faces[face])
            self.faces[face] = (a, b, c)
        self.fans[kept] |= self.fans[gone]
        self.fans[gone] = set()
        self.quadrics[kept] += self.quadrics[gone]
        self.version[kept] += 1
        for other in self.neighbours(kept):
            self.push(kept, other)
            self.push(other, kept)


def simplify(
    vertices: Floats, faces: Ints, weights: Floats, importance: Floats, locked: Ints, target: int
) -> tuple[Ints, Ints]:
    """Collapse edges until about `target` vertices are left.

    Parameters
    ----------
    vertices : (V, 3) metres, symmetric in x
    faces : (F, 3)
    weights : (V, J) skinning weights
    importance : (V,) factor of the cost of losing each vertex
    locked : vertices that must stay
    target : vertices wanted

    Returns
    -------
    kept : (K,) indices into `vertices`
    faces : (G, 3) triangles of the kept vertices
    """
    mirror = mirror_of(vertices)
    seam = mirror == np.arange(len(vertices))
    left = ((vertices[:, 0] > 0) | seam)[faces].all(axis=1)
    if 2 * left.sum() != len(faces):
        raise ValueError("triangles cross the plane of symmetry")
    half = _left_half(vertices, faces[left], weights, importance, seam, locked)
    goal = (target + int(seam.sum()) // 2) // 2
    alive = int(sum(1 for fan in half.fans if fan))
    while half.heap and alive > goal:
        _, gone, kept, version = heapq.heappop(half.heap)
        stale = version != half.version[[gone, kept]].sum()
        if not stale and half.fans[gone] and half.fans[kept] and half.allowed(gone, kept):
            half.collapse(gone, kept)
            alive -= 1
    triangles = np.array(list(half.faces.values()))
    both = np.concatenate([triangles, mirror[triangles][:, ::-1]])
    kept_vertices, renumbered = np.unique(both, return_inverse=True)
    return kept_vertices, renumbered.reshape(both.shape)


def _left_half(
    vertices: Floats,
    faces: Ints,
    weights: Floats,
    importance: Floats,
    seam: NDArray[np.bool_],
    locked: Ints,
) -> _Half:
    quadrics = np.zeros((len(vertices), 4, 4))
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1, keepdims=True) / 2
    normals /= 2 * area
    planes = np.concatenate([normals, -(normals * corners[:, 0]).sum(1, keepdims=True)], axis=1)
    per_face = area[:, :, None] * planes[:, :, None] * planes[:, None, :] / 3
    for corner in range(3):
        np.add.at(quadrics, faces[:, corner], per_face)
    fans: list[set[int]] = [set() for _ in vertices]
    for number, face in enumerate(faces):
        for corner in face:
            fans[corner].add(number)
    triangles = {number: (int(a), int(b), int(c)) for number, (a, b, c) in enumerate(faces)}
    keep = {int(vertex) for vertex in locked} | _border(faces, seam)
    half = _Half(vertices, weights, importance, seam, keep, triangles, fans, quadrics)
    edges = {edge for a, b, c in triangles.values() for edge in ((a, b), (b, c), (c, a))}
    for a, b in sorted(edges | {(b, a) for a, b in edges}):
        half.push(a, b)
    return half


def _border(faces: Ints, seam: NDArray[np.bool_]) -> set[int]:
    """Vertices on an open border other than the seam."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    _, first, count = np.unique(np.sort(edges, 1), axis=0, return_index=True, return_counts=True)
    lonely = edges[first[count == 1]]
    return {int(v) for v in lonely[~seam[lonely].all(axis=1)].ravel()}
