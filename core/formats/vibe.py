"""VIBE's `vibe_output.pkl` (mkocabas/VIBE, demo.py), and who writes the same: PARE, TCMR, MAED.

A dictionary by person of pose (F, 72) or (F, 24, 3, 3), betas (F, 10), bboxes (F, 4) as centre,
width and height, frame_ids (F,), orig_cam (F, 4): weak perspective on the whole picture, or
pred_cam (F, 3) on the crop. Frames are those of the folder, in the order of their names.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from core.camera import Camera
from core.formats.boxes import centred_box
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Failure, Item, Record, one
from core.formats.thetas import axis_angles, body, from_crop, theta, width_of

NEEDED = {"pose", "betas", "bboxes", "frame_ids"}


def recognises(file: Opened) -> bool:
    """Whether a file is a pickle of dictionaries by person with VIBE's keys."""
    if file.kind not in ("pickle", "joblib") or not isinstance(file.value, Mapping):
        return False
    people = [each for each in file.value.values() if isinstance(each, Mapping)]
    return any(each.keys() >= NEEDED for each in people)


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every frame of every person."""
    for name, person in file.value.items():
        try:
            count = len(person["frame_ids"])
        except (TypeError, LookupError) as error:
            yield Failure(f"person {name}", f"it has no frames: {error}")
            continue
        for row in range(count):
            label = f"person {name} row {row}"
            yield from one(label, partial(_record, person, str(name), row, label, pictures))


def _record(person: Any, track: str, row: int, label: str, pictures: Pictures) -> Record:
    image = pictures.frame(int(person["frame_ids"][row]))
    box = centred_box(person["bboxes"][row])
    pose = person["pose"][row]
    turns = body(axis_angles(pose, width_of(pose)))
    camera, transl = _seen(person, row, image, pictures)
    theta1, placed = theta(turns, person["betas"][row], camera, transl)
    return Record(label, image, box, None, theta1, placed, track)


def _seen(person: Any, row: int, image: Path, pictures: Pictures) -> tuple[Camera, Any]:
    """Return camera and translation; both weak cameras show the same."""
    width, height = pictures.size(image)
    if person.get("orig_cam") is None:
        box = centred_box(person["bboxes"][row])
        return from_crop(person["pred_cam"][row], box.centre, box.side, (width, height))
    across, _, x, y = (float(value) for value in person["orig_cam"][row])
    # pixel = width / 2 * (1 + across * (X + x)); a crop as wide as the picture says the same
    return from_crop((across, x, y), (width / 2, height / 2), width, (width, height))
