"""3DPW, as downloaded: a pickle for each sequence (virtualhumans.mpi-inf.mpg.de/3DPW).

Poses are in the world; here they are turned into each frame's camera. Frames count whose camera
was aligned and in which any 2D point of the person was found, as in mmhuman3d and 3dpw-eval.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.evidence import box_around
from core.formats.opened import Opened
from core.formats.pw3d import Person, image_name, people_of
from training.corpora.records import GENDERS, Layout, Sample, Smpl, Split

LAYOUTS = {
    split: Layout(
        "3DPW",
        split,
        expected=f"sequenceFiles/{split}/<sequence>.pkl and imageFiles/<sequence>/image_00000.jpg, "
        "as sequenceFiles.zip and imageFiles.zip unpack",
        keypoints="pw3d",
        joints="smpl_24",
        root="pelvis",
        frame="camera",
        remark="SMPL of the person's gender; the pickles have the world's frame",
    )
    for split in ("train", "validation", "test")
}


def read(folder: Path, split: Split) -> Iterator[Sample]:
    """Read the people of the valid frames, by sequence, person and frame.

    Raises
    ------
    UnreadableInput
        Sequences or pictures are missing, or a file is no sequence.
    """
    layout = LAYOUTS[split]
    files = sorted((folder / "sequenceFiles" / split).glob("*.pkl"))
    if not files:
        raise layout.incomplete(folder, f"there is no sequenceFiles/{split}/*.pkl")
    layout.require(folder, [folder / "imageFiles" / path.stem for path in files])
    for path in files:
        file = Opened(path)
        people = people_of(file, file.value)
        pictures = folder / "imageFiles" / path.stem
        frames = sorted({int(frame) for person in people for frame in person.valid})
        layout.require(folder, [pictures / image_name(frame) for frame in frames] or [pictures])
        for number, person in enumerate(people):
            yield from _samples(person, f"{path.stem}/{number}", pictures, layout)


def _samples(person: Person, name: str, pictures: Path, layout: Layout) -> Iterator[Sample]:
    """Yield the valid frames of a person."""
    for row, frame in enumerate(person.valid.tolist()):
        points = person.points[row]
        smpl = Smpl(
            person.orient[row].astype(np.float32),
            person.body_pose[row].astype(np.float32),
            person.betas,
            person.transl[row].astype(np.float32),
            GENDERS[person.gender],
            "camera",
        )
        yield Sample(
            layout.corpus,
            layout.split,
            f"{name}/{frame:05}",
            pictures / image_name(frame),
            box_around(points[points[:, 2] > 0, :2]),
            layout.keypoints2d(points[:, :2], points[:, 2]),
            layout.joints3d(person.joints[row]),
            smpl,
            person.intrinsics[row],
        )
