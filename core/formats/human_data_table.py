"""The columns of a HumanData file (mmhuman3d 0.11), a row a person.

`cam_param` is no key of HumanData's own, and its strict mode drops such keys. Camera and
provenance therefore lie in `misc`, as columns of N, which HumanData slices with the rest.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.evidence import Box, Keypoints2D
from core.formats.human_data_names import HUMAN_DATA, human_data_index
from core.keypoints import BODY_POINTS, CONVENTIONS
from core.pose import Parameters

CAMERA_COLUMNS = ("camera_focal", "camera_centre", "image_size")
"""Keys of `misc`: (N,) px, (N, 2) px, (N, 2) width and height in px."""
SMPL_COLUMNS = ("body_pose", "global_orient", "betas", "transl")


def row(
    image_path: str,
    box: Box,
    keypoints: Keypoints2D | None,
    parameters: Parameters,
    points: NDArray[np.float32],
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Return one row by column; `points` (45, 3) are the `BODY_POINTS` of the parameters."""
    camera = parameters.camera
    if keypoints is None:
        pixels = np.zeros((len(HUMAN_DATA), 3), dtype=np.float32)
    else:
        names = CONVENTIONS[keypoints.convention]
        pixels = _spread(keypoints.points, keypoints.confidence, names)
    return {
        "image_path": image_path,
        "bbox_xywh": (box.x, box.y, box.width, box.height, 1),
        "keypoints2d": pixels,
        "keypoints3d": _spread(points, np.ones(len(points)), BODY_POINTS),
        **{name: getattr(parameters, name) for name in SMPL_COLUMNS},
        "camera_focal": camera.focal,
        "camera_centre": (camera.cx, camera.cy),
        "image_size": (camera.width, camera.height),
        "provenance": json.dumps(provenance),
    }


def items(rows: Sequence[dict[str, Any]], config: str) -> dict[str, Any]:
    """Return the members of the file in HumanData's order, for `core.formats.npz.write_npz`."""

    def column(name: str) -> NDArray[np.float32]:
        return np.array([one[name] for one in rows], dtype=np.float32)

    keypoints2d, keypoints3d = column("keypoints2d"), column("keypoints3d")
    return {
        "__key_strict__": False,
        "__data_len__": len(rows),
        "__keypoints_compressed__": False,
        "image_path": [one["image_path"] for one in rows],
        "bbox_xywh": column("bbox_xywh"),
        "config": config,
        "keypoints2d": keypoints2d,
        "keypoints2d_mask": _mask(keypoints2d),
        "keypoints2d_convention": "human_data",
        "keypoints3d": keypoints3d,
        "keypoints3d_mask": _mask(keypoints3d),
        "keypoints3d_convention": "human_data",
        "smpl": {name: column(name) for name in SMPL_COLUMNS},
        "meta": {"gender": ["n"] * len(rows)},
        "misc": {
            **{name: column(name) for name in CAMERA_COLUMNS},
            "provenance": [one["provenance"] for one in rows],
        },
    }


def _spread(
    points: NDArray[np.float32], confidence: NDArray[np.floating], names: tuple[str, ...]
) -> NDArray[np.float32]:
    """Put points (K, D) with confidence (K,) at their places among the 190: (190, D+1)."""
    table = np.zeros((len(HUMAN_DATA), points.shape[1] + 1), dtype=np.float32)
    index = human_data_index(names)
    known = (index >= 0) & (confidence > 0)
    table[index[known]] = np.column_stack([points, confidence])[known]
    return table


def _mask(table: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Mark the keypoints (190,) that any person has."""
    return np.asarray((table[..., -1] > 0).any(axis=0), dtype=np.uint8)
