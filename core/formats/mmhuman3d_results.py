"""mmhuman3d's results: its demo's `inference_result.npz`, its test's `result_keypoints.json`.

The npz is a HumanData of smpl, pred_cams (N, 3), bboxes_xyxy (N, 5), image_path, person_id,
frame_id (demo/estimate_smpl.py). The json has poses (N, 24, 3, 3), betas (N, 10), and no names: its
rows are those of the HumanData npz that was tested, which must lie beside it, alone of that length.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from core.camera import Camera
from core.errors import InvalidAnnotation, UnreadableInput
from core.formats import humandata_reader
from core.formats.boxes import corners_box
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Failure, Item, Note, Record, one
from core.formats.thetas import axis_angles, body, from_crop, theta, width_of

NEEDED = {"smpl", "pred_cams", "bboxes_xyxy", "image_path"}
TESTED = {"poses", "betas"}
CROP = 1.25
"""Side of the crop, as a share of the longer side of the detected box."""


def recognises(file: Opened) -> bool:
    """Whether a file is either."""
    if file.kind == "npz":
        return file.names >= NEEDED
    return file.kind == "json" and file.names >= TESTED and "keypoints" in file.names


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every row.

    Raises
    ------
    UnreadableInput
        The file is torn or hostile, or its columns do not fit together, or what was tested is not
        beside it.
    """
    if file.kind == "json":
        yield from _tested(file, pictures)
        return
    data = file.arrays((*NEEDED, "person_id"))
    try:
        names = [str(name) for name in np.atleast_1d(data["image_path"])]
        smpl = data["smpl"]
        for name in ("global_orient", "body_pose", "betas"):
            if len(smpl[name]) != len(names):
                raise ValueError(f"{name} has {len(smpl[name])} rows of {len(names)}")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableInput(f"{file.path} does not hold mmhuman3d's results: {error}") from error
    for row, name in enumerate(names):
        label = f"row {row} ({name})"
        yield from one(label, partial(_record, data, row, name, label, pictures))


def _record(data: Mapping[str, Any], row: int, name: str, label: str, pictures: Pictures) -> Record:
    image = pictures.find(name)
    box = corners_box(data["bboxes_xyxy"][row])
    side = CROP * box.side
    camera, transl = from_crop(data["pred_cams"][row], box.centre, side, pictures.size(image))
    smpl = data["smpl"]
    orient, rest = smpl["global_orient"][row], smpl["body_pose"][row]
    turns = [axis_angles(part, _width(part)) for part in (orient, rest)]
    theta1, placed = theta(body(np.concatenate(turns)), smpl["betas"][row], camera, transl)
    track = str(int(data["person_id"][row])) if "person_id" in data else None
    return Record(label, image, box, None, theta1, placed, track)


def _width(turns: Any) -> int:
    return 9 if np.size(turns) % 9 == 0 and np.shape(turns)[-2:] == (3, 3) else width_of(turns)


def _tested(file: Opened, pictures: Pictures) -> Iterator[Item]:
    poses, betas = file.value["poses"], file.value["betas"]
    if not (isinstance(poses, list) and isinstance(betas, list) and len(poses) == len(betas)):
        raise UnreadableInput(f"{file.path} has {TESTED} of different lengths")
    rows = _beside(file, pictures, len(poses))

    def record(row: int, label: str) -> Record:
        known = rows[row]
        if isinstance(known, Failure):
            raise InvalidAnnotation(known.why)
        camera = Camera.assumed(*pictures.size(known.image))
        pose = axis_angles(poses[row], width_of(poses[row]))
        theta1, _ = theta(body(pose), betas[row], camera)
        return Record(label, known.image, known.box, known.keypoints, theta1, placed=False)

    for row, known in enumerate(rows):
        yield from one(known.name, partial(record, row, known.name))


def _beside(file: Opened, pictures: Pictures, count: int) -> list[Record | Failure]:
    """Return the rows of the one HumanData npz in the folder that has as many."""
    fitting = []
    for path in sorted(file.path.parent.glob("*.npz")):
        other = Opened(path)
        if humandata_reader.recognises(other):
            found = humandata_reader.read(other, pictures)
            rows = [each for each in found if not isinstance(each, Note)]
            fitting += [rows] if len(rows) == count else []
    if len(fitting) != 1:
        raise UnreadableInput(
            f"{file.path} names no pictures, and {len(fitting)} HumanData npz beside it have "
            f"{count} rows",
            "Put the one that was tested into the same folder",
        )
    return fitting[0]
