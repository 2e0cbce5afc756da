"""HumanData npz (mmhuman3d): pictures, boxes, 2D keypoints as evidence, SMPL as Θ1."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.errors import DiffAnnotError, InvalidAnnotation, UnreadableInput
from core.evidence import Box, Keypoints2D
from core.formats.records import LARGEST_PIXEL, Failure, Record
from core.images import image_size
from core.keypoints import CONVENTIONS
from core.pose import Parameters
from core.safe_reader import read_npz

Array = NDArray[np.float32]

LARGEST_ANGLE, LARGEST_BETA, LARGEST_DISTANCE = 4 * np.pi, 20.0, 1000.0
"""Radians, standard deviations, metres: beyond them a value is a mistake."""
NEAREST = 0.1
"""Metres; a body nearer to the camera has no translation worth its name (zeros, most often)."""

SHORTEST_FOCAL, LONGEST_FOCAL = 10.0, 1e6
"""Pixels."""

BOX_COLUMNS = 4
COLUMNS = (
    *("image_path", "bbox_xywh", "keypoints2d", "keypoints2d_mask", "keypoints2d_convention"),
    *("smpl", "has_smpl", "misc"),
)
"""What is read; a file may hold gigabytes besides, vertices for one."""

SMPL = {"global_orient": (3,), "body_pose": (23, 3), "betas": (10,)}


def recognises(path: Path) -> bool:
    """Whether a file is an npz with HumanData's picture names and boxes."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    return {"image_path.npy", "bbox_xywh.npy"} <= names


def read(path: Path, images: Path | None = None) -> Iterator[Record | Failure]:
    """Read every row; rows with impossible values are failures.

    Parameters
    ----------
    path : Path
        The npz.
    images : Path or None
        Folder that `image_path` starts from; None means the folder of the npz.

    Raises
    ------
    UnreadableInput
        The file is torn, hostile, or its columns do not fit together.
    """
    columns = _Columns(path)
    folder = images or path.parent
    for number, name in enumerate(columns.image_path):
        label = f"row {number} ({name})"
        try:
            yield columns.record(number, label, folder / name)
        except DiffAnnotError as error:
            yield Failure(label, str(error))


class _Columns:
    """The columns of a file, checked against each other."""

    def __init__(self, path: Path) -> None:
        data = read_npz(path, COLUMNS)
        self._sizes: dict[Path, tuple[int, int]] = {}
        try:
            self.image_path = [str(name) for name in np.atleast_1d(data["image_path"])]
            self._count = len(self.image_path)
            self._boxes = self._column(data["bbox_xywh"], "bbox_xywh", (-1,))
            if self._boxes.shape[1] < BOX_COLUMNS:
                raise ValueError("bbox_xywh has no four columns")
            self._read_keypoints(data)
            self._read_smpl(data)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableInput(f"{path} is not a HumanData file: {error}") from error

    def record(self, number: int, label: str, image: Path) -> Record:
        """Return one row."""
        box = Box(*map(float, self._boxes[number, :BOX_COLUMNS]))
        keypoints = self._keypoints_of(number)
        if number not in self._with_smpl:
            return Record(label, image, box, keypoints)
        transl = self._transl[number]
        placed = bool(np.isfinite(transl).all() and transl[2] > NEAREST)
        arrays = {name: column[number] for name, column in self._smpl.items()}
        theta1 = Parameters(
            **arrays,
            transl=transl if placed else np.zeros(3, dtype=np.float32),
            camera=self._camera(number, image),
        )
        _refuse_absurd(theta1)
        return Record(label, image, box, keypoints, theta1, placed)

    def _read_keypoints(self, data: dict[str, Any]) -> None:
        """Take keypoints2d (N, K, 3), filling up what is left out of a compressed file."""
        self._points: Array | None = None
        if "keypoints2d" not in data:
            return
        points = self._column(data["keypoints2d"], "keypoints2d", (-1, 3))
        self._convention = str(data.get("keypoints2d_convention", "human_data"))
        if self._convention not in CONVENTIONS:
            raise ValueError(f"the keypoint convention {self._convention} is not known")
        size = len(CONVENTIONS[self._convention])
        mask = np.asarray(data.get("keypoints2d_mask", np.ones(size))) > 0
        compressed = points.shape[1] != size
        self._points = np.zeros((self._count, size, 3), dtype=np.float32)
        self._points[:, mask] = points if compressed else points[:, mask]

    def _read_smpl(self, data: dict[str, Any]) -> None:
        smpl = data.get("smpl")
        self._with_smpl: set[int] = set()
        if smpl is None:
            return
        self._smpl = {name: self._column(smpl[name], name, shape) for name, shape in SMPL.items()}
        nowhere = np.zeros((self._count, 3), dtype=np.float32)
        self._transl = self._column(smpl.get("transl", nowhere), "transl", (3,))
        has_smpl = np.asarray(data.get("has_smpl", np.ones(self._count)))
        self._with_smpl = set(np.flatnonzero(has_smpl > 0).tolist())
        misc = data.get("misc")
        self._cameras = None
        if isinstance(misc, dict) and "camera_focal" in misc:
            focal = self._column(misc["camera_focal"], "camera_focal", ())
            centre = self._column(misc["camera_centre"], "camera_centre", (2,))
            self._cameras = np.column_stack([focal, centre])

    def _column(self, value: Any, name: str, shape: tuple[int, ...]) -> Array:
        array = np.asarray(value, dtype=np.float32)
        if len(array) != self._count:
            raise ValueError(f"{name} has {len(array)} rows where there are {self._count} pictures")
        try:
            return array.reshape(self._count, *shape)
        except ValueError:
            raise ValueError(f"{name} has rows of shape {array.shape[1:]}, not {shape}") from None

    def _keypoints_of(self, number: int) -> Keypoints2D | None:
        if self._points is None:
            return None
        table = self._points[number]
        keypoints = Keypoints2D(self._convention, table[:, :2], table[:, 2])
        return keypoints if keypoints.confidence.any() else None

    def _camera(self, number: int, image: Path) -> Camera:
        if image not in self._sizes:
            self._sizes[image] = image_size(image)
        width, height = self._sizes[image]
        if self._cameras is None:
            return Camera.assumed(width, height)
        focal, cx, cy = map(float, self._cameras[number])
        return Camera(focal, cx, cy, width, height)


def _refuse_absurd(theta1: Parameters) -> None:
    pose = np.concatenate([theta1.global_orient[None], theta1.body_pose])
    if np.linalg.norm(pose, axis=1).max() > LARGEST_ANGLE:
        raise InvalidAnnotation("a joint is turned by an absurd angle")
    if np.abs(theta1.betas).max() > LARGEST_BETA:
        raise InvalidAnnotation("the shape is absurd")
    if np.abs(theta1.transl).max() > LARGEST_DISTANCE:
        raise InvalidAnnotation("the body is absurdly far away")
    camera = theta1.camera
    centred = max(abs(camera.cx), abs(camera.cy)) <= LARGEST_PIXEL  # false for NaN
    if not (SHORTEST_FOCAL <= camera.focal <= LONGEST_FOCAL and centred):
        raise InvalidAnnotation("the camera is absurd")
