"""The columns of a HumanData file (mmhuman3d 0.11), a row a person.

`cam_param` is no key of HumanData's own, and its strict mode drops such keys. Camera and
provenance therefore lie in `misc`, as columns of N, which HumanData slices with the rest.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from core.evidence import Box, Keypoints2D
from core.formats.human_data_names import HUMAN_DATA, human_data_index
from core.formats.npz import Streamed
from core.keypoints import BODY_POINTS, CONVENTIONS
from core.pose import Parameters
from core.pose.rotations import rotations_of

if TYPE_CHECKING:
    from core.body import BodyModel

SMPL_COLUMNS = ("body_pose", "global_orient", "betas", "transl")

AT_ONCE = 500
"""Persons whose keypoints are in memory at a time."""

Array = NDArray[np.float32]


class Row(Protocol):
    """What a row is made of; `core.formats.entries.Entry` is one."""

    @property
    def image(self) -> str:
        """Picture, posix, from the file's folder."""

    @property
    def box(self) -> Box:
        """Pixels."""

    @property
    def keypoints(self) -> Keypoints2D | None:
        """2D evidence."""

    @property
    def parameters(self) -> Parameters:
        """The annotation, batch ()."""

    @property
    def provenance(self) -> dict[str, Any]:
        """Who and what made it, JSON values."""


def items(
    rows: Sequence[Row], body: "BodyModel", config: str, tell: Callable[[], object]
) -> dict[str, Any]:
    """Return the members of the file in HumanData's order, for `core.formats.npz.write_npz`.

    Parameters
    ----------
    rows : sequence of Row
        The persons.
    body : BodyModel
        Gives the 3D keypoints.
    config : str
        Who wrote it.
    tell : callable
        Called after each piece of the work; may raise to end it.
    """
    pixels = _Table(rows, 3, _pixels, tell)
    metres = _Table(rows, 4, lambda some: _metres(some, body), tell)
    boxes = [(*vars(one.box).values(), 1) for one in rows]
    cameras = [one.parameters.camera for one in rows]
    return {
        "__key_strict__": False,
        "__data_len__": len(rows),
        "__keypoints_compressed__": False,
        "image_path": [one.image for one in rows],
        "bbox_xywh": np.array(boxes, dtype=np.float32),
        "config": config,
        "keypoints2d": pixels.column,
        "keypoints2d_mask": pixels.mask,
        "keypoints2d_convention": "human_data",
        "keypoints3d": metres.column,
        "keypoints3d_mask": metres.mask,
        "keypoints3d_convention": "human_data",
        "smpl": {
            name: np.array([getattr(one.parameters, name) for one in rows], dtype=np.float32)
            for name in SMPL_COLUMNS
        },
        "meta": {"gender": ["n"] * len(rows)},
        "misc": {
            "camera_focal": np.array([one.focal for one in cameras], dtype=np.float32),
            "camera_centre": np.array([(one.cx, one.cy) for one in cameras], dtype=np.float32),
            "image_size": np.array([(one.width, one.height) for one in cameras], dtype=np.float32),
            "provenance": [json.dumps(one.provenance) for one in rows],
        },
    }


class _Table:
    """Keypoints (N, 190, D) in the making, and which of them any person has."""

    def __init__(
        self,
        rows: Sequence[Row],
        width: int,
        make: Callable[[Sequence[Row]], Array],
        tell: Callable[[], object],
    ) -> None:
        self._rows, self._make, self._tell = rows, make, tell
        self._seen = np.zeros(len(HUMAN_DATA), dtype=bool)
        self.column = Streamed((len(rows), len(HUMAN_DATA), width), "<f4", self._pieces())

    def mask(self) -> NDArray[np.uint8]:
        """Mark the keypoints (190,) that any person has, of those written so far."""
        return self._seen.astype(np.uint8)

    def _pieces(self) -> Iterator[Array]:
        for start in range(0, len(self._rows), AT_ONCE):
            piece = self._make(self._rows[start : start + AT_ONCE])
            self._seen |= (piece[..., -1] > 0).any(axis=0)
            self._tell()
            yield piece


def _pixels(rows: Sequence[Row]) -> Array:
    table = np.zeros((len(rows), len(HUMAN_DATA), 3), dtype=np.float32)
    for place, row in zip(table, rows, strict=True):
        if row.keypoints is not None:
            _spread(place, row.keypoints)
    return table


def _spread(table: Array, keypoints: Keypoints2D) -> None:
    """Put keypoints at their places among the 190, (190, 3)."""
    index = _places(CONVENTIONS[keypoints.convention])
    known = (index >= 0) & (keypoints.confidence > 0)
    table[index[known], :2] = keypoints.points[known]
    table[index[known], 2] = keypoints.confidence[known]


@torch.no_grad()
def _metres(rows: Sequence[Row], body: "BodyModel") -> Array:
    """Return the body's points in the camera frame, metres, each with a confidence of 1."""
    stacked = Parameters.stack([one.parameters for one in rows])
    given = rotations_of(stacked), torch.from_numpy(stacked.betas), torch.from_numpy(stacked.transl)
    points = body.points(*(each.to(body.device) for each in given)).cpu().numpy()
    table = np.zeros((len(rows), len(HUMAN_DATA), 4), dtype=np.float32)
    index = _places(BODY_POINTS)
    known = index >= 0
    table[:, index[known], :3] = points[:, known]
    table[:, index[known], 3] = 1
    return table


@cache
def _places(names: tuple[str, ...]) -> NDArray[np.int64]:
    return human_data_index(names)
