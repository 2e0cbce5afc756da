"""ROMP's and BEV's npz (Arthur151/ROMP, simple_romp): one a picture, or one of a video's frames.

`results` holds smpl_thetas (N, 72), smpl_betas (N, 10), cam (N, 3) or cam_trans (N, 3), pj2d_org
(N, J, 2), perhaps track_ids (N,); of a video such a dictionary by the name of each frame. ROMP
before simple_romp wrote a list of dictionaries of pose, betas, cam. The picture has the npz's name.

`cam` is (s, x, y): a point X of the body lies at s X + x in units of half the longer side of the
picture, from its centre.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

from core.camera import Camera
from core.errors import InvalidAnnotation
from core.evidence import box_around
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Failure, Item, Record, one
from core.formats.thetas import axis_angles, body, from_crop, theta

POSES, SHAPES = ("smpl_thetas", "pose"), ("smpl_betas", "betas")
FOCAL = sqrt(3) / 2
"""Of BEV's camera, as a share of the longer side of the picture: 60 degrees across it."""


def recognises(file: Opened) -> bool:
    """Whether a file is an npz of `results` only."""
    return file.kind == "npz" and "results" in file.names <= {"results", "sequence_results"}


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every person of every picture.

    Raises
    ------
    UnreadableInput
        The file is torn or hostile.
    """
    results = file.arrays(("results",))["results"]
    if isinstance(results, np.ndarray):
        results = results.tolist()
    frames = {file.path.stem: results}
    if isinstance(results, Mapping) and not results.keys() & set(POSES):
        frames = {Path(str(name)).stem: each for name, each in results.items()}
    for stem, people in frames.items():
        try:
            rows = _rows(people)
        except (TypeError, LookupError, AttributeError) as error:
            yield Failure(stem, f"it holds no people: {error}")
            continue
        for number, person in enumerate(rows):
            label = f"{stem} person {number}"
            yield from one(label, partial(_record, person, stem, label, pictures))


def _rows(people: Any) -> list[dict[str, Any]]:
    """Return a dictionary for each person."""
    if isinstance(people, list | tuple):
        return list(people)
    count = len(next(people[name] for name in POSES if name in people))
    columns = {
        key: column
        for key, column in people.items()
        if isinstance(column, np.ndarray | list) and len(column) == count
    }
    return [{key: column[row] for key, column in columns.items()} for row in range(count)]


def _record(person: Any, stem: str, label: str, pictures: Pictures) -> Record:
    image = pictures.stem(stem)
    pose = next(person[name] for name in POSES if name in person)
    betas = next(person[name] for name in SHAPES if name in person)
    camera, transl = _seen(person, pictures.size(image))
    theta1, placed = theta(body(axis_angles(pose)), betas, camera, transl)
    box = None
    if "pj2d_org" in person:
        box = box_around(np.asarray(person["pj2d_org"], dtype=np.float64).reshape(-1, 2))
    track = str(int(person["track_ids"])) if "track_ids" in person else None
    return Record(label, image, box, None, theta1, placed, track)


def _seen(person: Any, size: tuple[int, int]) -> tuple[Camera, Any]:
    width, height = size
    if "cam" in person:
        scale, x, y = (float(value) for value in np.asarray(person["cam"]).ravel())
        if not scale > 0:
            raise InvalidAnnotation(f"a body cannot be seen at the scale {scale:g}")
        return from_crop((scale, x / scale, y / scale), (width / 2, height / 2), max(size), size)
    camera = Camera(FOCAL * max(size), width / 2, height / 2, width, height)
    return camera, person["cam_trans"]
