"""HumanData and MultiHumanData npz (mmhuman3d): pictures, boxes, keypoints, joints, SMPL as Θ1.

keypoints3d are evidence where they were measured: not in files of our own, where they are the
body's, nor where they do not lie as the 2D keypoints do, and so not along the camera's axes.

Its keys are those of `mmhuman3d/data/data_structures/human_data.py`; files that its later
converters write hold `smplx` instead of `smpl`, and keypoints2d under longer names.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera
from core.errors import UnreadableInput
from core.evidence import Box, Joints3D, Keypoints2D
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Note, Record, one
from core.formats.thetas import HANDS, SHAPE, body, pinhole, theta
from core.keypoints import CONVENTIONS, on_body

Array = NDArray[np.float32]

BOX_COLUMNS = 4
KEYPOINTS = ("keypoints2d", "keypoints2d_original", "keypoints2d_smpl", "keypoints2d_smplx")
"""The first that is there counts: those of the data set before those that a body projects to."""
JOINTS = "keypoints3d"
ALIKE = 0.3
"""Joints are off the keypoints by no more than this share of how far those lie apart, but for
perspective: of poses in the world's axes it is about 1."""
FEWEST_ALIKE = 4
MODELS = ("smpl", "smplh", "smplx")
COLUMNS = (
    *("image_path", "bbox_xywh", "frame_range", "has_smpl", "misc", "meta", "config", *MODELS),
    *(f"{name}{end}" for name in (*KEYPOINTS, JOINTS) for end in ("", "_mask", "_convention")),
)
"""What is read; a file may hold gigabytes besides, vertices for one."""


def recognises(file: Opened) -> bool:
    """Whether a file is an npz with HumanData's picture names, and boxes, points or bodies."""
    told = {"bbox_xywh", *KEYPOINTS, *MODELS}
    theirs = {"bboxes_xyxy", "pred_cams"}  # mmhuman3d's inference_result.npz
    return (
        file.kind == "npz"
        and "image_path" in file.names
        and bool(told & file.names)
        and not theirs <= file.names
    )


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every row; rows with impossible values are failures.

    Raises
    ------
    UnreadableInput
        The file is torn, hostile, or its columns do not fit together.
    """
    columns = _Columns(file, pictures)
    yield from columns.notes
    for number, name in enumerate(columns.image_path):
        label = f"row {number} ({name})"
        yield from one(label, partial(columns.record, number, label))
    if columns.elsewhere:
        yield Note(f"3D joints of {columns.elsewhere} people that are not along the camera's axes")


class _Columns:
    """The columns of a file, checked against each other."""

    def __init__(self, file: Opened, pictures: Pictures) -> None:
        data = file.arrays(COLUMNS)
        self._pictures = pictures
        self.notes: list[Note] = []
        self.elsewhere = 0
        try:
            self.image_path = _names(data)
            self._count = len(self.image_path)
            self._boxes: Array | None = None
            if "bbox_xywh" in data:
                self._boxes = self._column(data["bbox_xywh"], "bbox_xywh", (-1,))
                if self._boxes.shape[1] < BOX_COLUMNS:
                    raise ValueError("bbox_xywh has no four columns")
            self._read_keypoints(data)
            self._read_joints(data)
            self._read_smpl(data)
            self._read_cameras(data)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableInput(f"{file.path} is not a HumanData file: {error}") from error

    def record(self, number: int, label: str) -> Record:
        """Return one row."""
        image = self._pictures.find(self.image_path[number])
        box = None
        if self._boxes is not None:
            box = Box(*map(float, self._boxes[number, :BOX_COLUMNS]))
        keypoints = self._keypoints_of(number)
        joints = self._joints_of(number, keypoints)
        if number not in self._with_smpl:
            return Record(label, image, box, keypoints, joints=joints)
        camera, transl = self._camera(number, image), self._smpl["transl"][number]
        theta1, placed = theta(
            body(np.concatenate([self._smpl["global_orient"][number], self._pose[number]])),
            self._smpl["betas"][number] if self._model != "smplx" else None,
            camera or Camera.assumed(*self._pictures.size(image)),
            transl if camera is not None and self._model != "smplx" else None,
        )
        return Record(label, image, box, keypoints, theta1, placed, joints=joints)

    def _read_keypoints(self, data: Mapping[str, Any]) -> None:
        """Take the 2D keypoints."""
        self._points: Array | None = None
        name = next((name for name in KEYPOINTS if name in data), None)
        if name is not None:
            self._convention, self._points = self._table(data, name, 3)

    def _read_joints(self, data: Mapping[str, Any]) -> None:
        """Take the 3D joints, if they are no body's of ours; a file is of use without them."""
        self._joints: Array | None = None
        ours = str(data.get("config", "")).startswith("diffannot")
        ours = ours or (isinstance(misc := data.get("misc"), dict) and "provenance" in misc)
        if JOINTS not in data or ours:
            return
        try:
            self._convention_of_joints, self._joints = self._table(data, JOINTS, 4)
        except (LookupError, TypeError, ValueError) as error:
            self.notes.append(Note(f"3D joints: {error}"))

    def _table(self, data: Mapping[str, Any], name: str, width: int) -> tuple[str, Array]:
        """Return convention and points (N, K, width), filled up from a compressed file."""
        points = self._column(data[name], name, (-1, width))
        convention = str(data.get(f"{name}_convention", "human_data"))
        if convention not in CONVENTIONS:
            raise ValueError(f"the keypoint convention {convention} is not known")
        size = len(CONVENTIONS[convention])
        mask = np.asarray(data.get(f"{name}_mask", np.ones(size))) > 0
        compressed = points.shape[1] != size
        table = np.zeros((self._count, size, width), dtype=np.float32)
        table[:, mask] = points if compressed else points[:, mask]
        return convention, table

    def _read_smpl(self, data: Mapping[str, Any]) -> None:
        self._with_smpl: set[int] = set()
        self._model = next((name for name in MODELS if data.get(name) is not None), "")
        if not self._model:
            return
        given = data[self._model]
        joints = 23 if self._model == "smpl" else 21
        self._smpl = {"global_orient": self._column(given["global_orient"], "global_orient", (3,))}
        self._pose = self._column(given["body_pose"], "body_pose", (joints * 3,))
        nowhere = np.zeros((self._count, 3), dtype=np.float32)
        self._smpl["transl"] = self._column(given.get("transl", nowhere), "transl", (3,))
        betas = self._column(given["betas"], "betas", (-1,))
        if self._model == "smpl" and betas.shape[1] != 10:
            raise ValueError(f"betas has rows of shape {betas.shape[1:]}, not (10,)")
        self._smpl["betas"] = betas
        has_smpl = np.asarray(data.get("has_smpl", np.ones(self._count)))
        self._with_smpl = set(np.flatnonzero(has_smpl > 0).tolist())
        if self._model != "smpl":
            self.notes.append(Note(HANDS))
        if self._model == "smplx":
            self.notes.append(Note(SHAPE))

    def _read_cameras(self, data: Mapping[str, Any]) -> None:
        """Take focal length and centre of each row, as DiffAnnot or mmhuman3d's converters write.

        `misc`: camera_focal (N,), camera_centre (N, 2). `meta`: focal_length and principal_point,
        (N, 2) or lists of pairs.
        """
        self._cameras: tuple[Array, Array] | None = None
        misc, meta = data.get("misc"), data.get("meta")
        if isinstance(misc, dict) and "camera_focal" in misc:
            focal, centre = misc["camera_focal"], misc["camera_centre"]
        elif isinstance(meta, dict) and {"focal_length", "principal_point"} <= meta.keys():
            focal, centre = meta["focal_length"], meta["principal_point"]
        else:
            return
        self._cameras = (
            self._column(focal, "the focal length", (-1,)),
            self._column(centre, "the camera's centre", (2,)),
        )

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

    def _joints_of(self, number: int, keypoints: Keypoints2D | None) -> Joints3D | None:
        if self._joints is None:
            return None
        table = self._joints[number]
        joints = Joints3D(self._convention_of_joints, table[:, :3], table[:, 3])
        if not joints.confidence.any():
            return None
        if _seen_so(joints, keypoints):
            return joints
        self.elsewhere += 1
        return None

    def _camera(self, number: int, image: Path) -> Camera | None:
        if self._cameras is None:
            return None
        focal, centre = (column[number] for column in self._cameras)
        return pinhole(focal, centre, self._pictures.size(image))


def _seen_so(joints: Joints3D, keypoints: Keypoints2D | None) -> bool:
    """Whether joints, moved and scaled, lie as the keypoints do; where few are both, they may."""
    if keypoints is None:
        return True
    (at, sure), (pixels, seen) = (
        on_body(known.convention, known.points, known.confidence) for known in (joints, keypoints)
    )
    both = (sure > 0) & (seen > 0)
    if both.sum() < FEWEST_ALIKE:
        return True
    flat, seen_at = (each[both, :2] - each[both, :2].mean(axis=0) for each in (at, pixels))
    scale = max(float((flat * seen_at).sum() / max((flat**2).sum(), 1e-12)), 0.0)
    return bool(np.linalg.norm(scale * flat - seen_at) <= ALIKE * np.linalg.norm(seen_at))


def _names(data: Mapping[str, Any]) -> list[str]:
    """Return a picture for each row; MultiHumanData may name each once, for a range of rows."""
    names = [str(name) for name in np.atleast_1d(data["image_path"])]
    if "frame_range" not in data:
        return names
    rows = len(next(data[name] for name in ("bbox_xywh", *KEYPOINTS) if name in data))
    if rows == len(names):
        return names
    lengths = np.diff(np.asarray(data["frame_range"], dtype=np.int64).reshape(len(names), 2))[:, 0]
    if lengths.sum() != rows or (lengths < 0).any():
        raise ValueError("frame_range does not cover its rows")
    return [name for name, count in zip(names, lengths, strict=True) for _ in range(count)]
