"""3DPW, as downloaded: a pickle for each sequence (virtualhumans.mpi-inf.mpg.de/3DPW).

Poses are in the world; here they are turned into each frame's camera. Frames count whose camera
was aligned and in which any 2D point of the person was found, as in mmhuman3d and 3dpw-eval.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.errors import UnreadableInput
from core.safe_reader import read_pickle
from training.corpora.records import GENDERS, Layout, Sample, Smpl, Split, box_around

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
        data = read_pickle(path)
        try:
            people = [_Person(data, number, path.stem) for number in range(len(data["poses"]))]
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableInput(f"{path} is not a 3DPW sequence: {error}") from error
        pictures = folder / "imageFiles" / path.stem
        frames = sorted({int(frame) for person in people for frame in person.valid})
        layout.require(folder, [pictures / _image(frame) for frame in frames] or [pictures])
        for person in people:
            yield from person.samples(pictures, layout)


def _image(frame: int) -> str:
    return f"image_{frame:05}.jpg"


class _Person:
    """The valid frames (V) of one person of a sequence of F frames, checked, seen by the camera."""

    def __init__(self, data: dict[str, Any], number: int, sequence: str) -> None:
        self._name = f"{sequence}/{number}"
        count = len(data["poses"][number])

        def column(values: Any, *shape: int) -> NDArray[np.float64]:
            return np.asarray(values, dtype=np.float64).reshape(count, *shape)

        points = column(data["poses2d"][number], 3, 18).transpose(0, 2, 1)
        seen = (points[..., 2] > 0).any(axis=1)
        self.valid = np.flatnonzero((column(data["campose_valid"][number]) > 0) & seen)
        self._points = points[self.valid]
        self._pose = column(data["poses"][number], 24, 3)[self.valid]
        self._betas = np.asarray(data["betas"][number], dtype=np.float32).ravel()[:10]
        if self._betas.shape != (10,):
            raise ValueError(f"there are {len(self._betas)} betas")
        self._gender = GENDERS[str(data["genders"][number])]
        self._intrinsics = np.asarray(data["cam_intrinsics"], dtype=np.float64).reshape(3, 3)
        # cameras of frames that are not valid need not be rotations
        cameras = column(data["cam_poses"], 4, 4)[self.valid]
        turn, shift = cameras[:, :3, :3], cameras[:, :3, 3]
        world = column(data["jointPositions"][number], 24, 3)[self.valid]
        self._joints = np.einsum("fij,fkj->fki", turn, world) + shift[:, None]
        # SMPL turns about the pelvis at rest, which is where the posed one is less the translation
        rest = world[:, 0] - column(data["trans"][number], 3)[self.valid]
        self._transl = self._joints[:, 0] - rest
        self._orient = np.zeros((len(self.valid), 3))
        if len(self.valid):
            orient = Rotation.from_matrix(turn) * Rotation.from_rotvec(self._pose[:, 0])
            self._orient = orient.as_rotvec()

    def samples(self, pictures: Path, layout: Layout) -> Iterator[Sample]:
        """Yield the valid frames."""
        for row, frame in enumerate(self.valid.tolist()):
            points = self._points[row]
            smpl = Smpl(
                self._orient[row].astype(np.float32),
                self._pose[row, 1:].astype(np.float32),
                self._betas,
                self._transl[row].astype(np.float32),
                self._gender,
                "camera",
            )
            yield Sample(
                layout.corpus,
                layout.split,
                f"{self._name}/{frame:05}",
                pictures / _image(frame),
                box_around(points[points[:, 2] > 0, :2]),
                layout.keypoints2d(points[:, :2], points[:, 2]),
                layout.joints3d(self._joints[row]),
                smpl,
                self._intrinsics,
            )
