"""COCO keypoints with SMPL fields: `smpl_param` and `cam_param` as NeuralAnnot writes them.

A confidence becomes COCO's visibility: 0 missing, up to 0.5 hidden, else visible. The 17 keypoints
of COCO are kept, others are not.
"""

import json
from typing import Any

import numpy as np

from core.formats.coco import PIXEL_CENTRE
from core.formats.entries import Entry
from core.formats.export import Export, spread
from core.formats.files import replacing
from core.keypoints import COCO

SUFFIX = ".json"
HIDDEN = 0.5
NAMES = [name.removesuffix("_extra") for name in COCO]
SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9),
    (8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip
"""As in COCO's own files."""


def save(export: Export) -> None:
    """Write the file."""
    with replacing(export.out) as file:
        file.write(json.dumps(tables(export), allow_nan=False).encode())


def tables(export: Export) -> dict[str, Any]:
    """Return images, annotations and categories as JSON values."""
    images: dict[int, dict[str, Any]] = {}
    for entry in export.entries:
        camera = entry.parameters.camera
        size = {"width": camera.width, "height": camera.height}
        images[entry.row.image_id] = {"id": entry.row.image_id, "file_name": entry.image, **size}
    person = {"id": 1, "name": "person", "supercategory": "person", "keypoints": NAMES}
    return {
        "info": {"description": f"Exported by DiffAnnot from {export.project.path.name}"},
        "images": list(images.values()),
        "annotations": [_annotation(entry) for entry in export.entries],
        "categories": [{**person, "skeleton": SKELETON}],
    }


def _annotation(entry: Entry) -> dict[str, Any]:
    table = spread(entry.keypoints, COCO).astype(np.float64)
    seen = np.where(table[:, 2] > HIDDEN, 2, np.where(table[:, 2] > 0, 1, 0))
    pixels = np.where(seen[:, None] > 0, table[:, :2] - PIXEL_CENTRE, 0)
    box, theta = entry.box, entry.parameters
    pose = np.concatenate([theta.global_orient[None], theta.body_pose]).ravel().tolist()
    smpl = {"pose": pose, "shape": theta.betas.tolist(), "trans": theta.transl.tolist()}
    made = {
        "id": entry.row.id,
        "image_id": entry.row.image_id,
        "category_id": 1,
        "iscrowd": 0,
        "bbox": [box.x, box.y, box.width, box.height],
        "area": box.width * box.height,
        "keypoints": np.column_stack([pixels, seen]).ravel().tolist(),
        "num_keypoints": int((seen > 0).sum()),
        "smpl_param": smpl,
        "cam_param": cam_param(entry),
        "provenance": entry.provenance,
    }
    return made if entry.track is None else {**made, "track_id": entry.track}


def cam_param(entry: Entry) -> dict[str, Any]:
    """Return the camera as NeuralAnnot writes it."""
    camera = entry.parameters.camera
    return {"focal": [camera.focal, camera.focal], "princpt": [camera.cx, camera.cy]}
