"""Tracks as json, one a frame: what ScoreHMR and SLAHMR make of PHALP's output and start from.

`<track>/<picture>_smpl.json` has betas (10,), body_pose (23, 3), global_orient (3,), cam_trans (3,)
seen by 5000 px from the picture's centre, box_center (2,), box_scale (2,) px (statho/ScoreHMR,
demo/export_phalp.py). ScoreHMR's own demos write videos, no parameters. A folder of such folders
is read whole.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from core.camera import Camera
from core.evidence import Box
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record, one
from core.formats.thetas import axis_angles, body, theta

END = "_smpl.json"
NEEDED = {"betas", "body_pose", "global_orient", "cam_trans", "box_center", "box_scale"}
FOCAL = 5000.0


def recognises(file: Opened) -> bool:
    """Whether a file is such a json, or a folder of such."""
    if file.kind == "folder":
        first = next(file.path.rglob(f"*{END}"), None)
        return first is not None and recognises(Opened(first))
    return file.kind == "json" and file.names >= NEEDED


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every frame of every track."""
    found = file.kind == "folder"
    for path in sorted(file.path.rglob(f"*{END}")) if found else [file.path]:
        label = f"{path.parent.name}/{path.name}"
        yield from one(label, partial(_record, Opened(path) if found else file, label, pictures))


def _record(file: Opened, label: str, pictures: Pictures) -> Record:
    data = file.value
    image = pictures.stem(file.path.name.removesuffix(END).removesuffix(".json"))
    width, height = pictures.size(image)
    pose = np.concatenate([np.ravel(data["global_orient"]), np.ravel(data["body_pose"])])
    camera = Camera(FOCAL, width / 2, height / 2, width, height)
    theta1, placed = theta(body(axis_angles(pose)), data["betas"], camera, data["cam_trans"])
    (x, y), (across, down) = data["box_center"], data["box_scale"]
    box = Box(x - across / 2, y - down / 2, across, down)
    return Record(label, image, box, None, theta1, placed, file.path.parent.name)
