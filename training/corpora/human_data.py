"""HumanData npz, mmhuman3d's converted data sets, pictures beside them as `image_path` says.

Rows of such a file stand in the order in which a disk listed the originals: join by picture.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DiffAnnotError, UnreadableInput
from core.evidence import Box
from core.formats.human_data_names import HUMAN_DATA
from core.formats.records import Failure
from core.safe_reader import read_npz
from training.corpora.records import GENDERS, Joints3D, Layout, Sample, Smpl, Split

LAYOUTS: dict[str, Layout] = {
    split: Layout(
        "HumanData",
        split,
        expected=f"*_{split}.npz and the pictures that they name",
        keypoints="human_data",
        joints="human_data",
        root="pelvis_extra",
        frame="camera",
        remark="the pelvis is the root where there is no pelvis_extra; both are the origin",
    )
    for split in ("train", "validation", "test")
}

_PELVIS = HUMAN_DATA.index("pelvis")


def read(folder: Path, split: Split) -> Iterator[Sample | Failure]:
    """Read every row of every file of the split; rows with impossible values are failures.

    Raises
    ------
    UnreadableInput
        Files or pictures are missing, or a file is torn, hostile or no HumanData.
    """
    layout = LAYOUTS[split]
    files = sorted(folder.glob(f"*_{split}.npz"))
    layout.require(folder, files)
    for path in files:
        try:
            columns = _Columns(path, layout)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableInput(f"{path} is not a HumanData file: {error}") from error
        layout.require(folder, sorted({folder / name for name in columns.image_path}))
        for row, name in enumerate(columns.image_path):
            try:
                yield columns.sample(row, folder / name)
            except DiffAnnotError as error:
                yield Failure(f"{path.name} row {row} ({name})", str(error))


class _Columns:
    """The columns of a file of N rows."""

    def __init__(self, path: Path, layout: Layout) -> None:
        data = read_npz(path)
        self._layout = layout
        self.image_path = [str(name) for name in np.atleast_1d(data["image_path"])]
        self._count = len(self.image_path)
        self._names = list(_numbered(path.stem, self.image_path))
        self._boxes = self._column(data["bbox_xywh"], -1)
        self._points = self._keypoints(data, "keypoints2d", 3)
        self._joints = self._keypoints(data, "keypoints3d", 4)
        smpl = data.get("smpl")
        self._smpl: dict[str, NDArray[np.float32]] | None = None
        if smpl is not None:
            shapes = {"global_orient": (3,), "body_pose": (23, 3), "betas": (10,), "transl": (3,)}
            self._smpl = {
                name: self._column(smpl[name], *shape)
                for name, shape in shapes.items()
                if name in smpl or name != "transl"
            }
            self._has_smpl = self._column(data.get("has_smpl", np.ones(self._count))) > 0
        self._intrinsics = self._cameras(data.get("misc"))
        meta = data.get("meta")
        genders = meta.get("gender") if isinstance(meta, dict) else None
        self._genders = ["neutral"] * self._count if genders is None else list(genders)

    def sample(self, row: int, image: Path) -> Sample:
        """Return one row."""
        layout = self._layout
        keypoints = joints = None
        if self._points is not None:
            table = self._points[row]
            keypoints = layout.keypoints2d(table[:, :2], table[:, 2])
        if self._joints is not None:
            joints = self._joints3d(self._joints[row])
        return Sample(
            layout.corpus,
            layout.split,
            self._names[row],
            image,
            Box(*map(float, self._boxes[row, :4])),
            keypoints,
            joints,
            self._smpl_of(row),
            None if self._intrinsics is None else self._intrinsics[row],
        )

    def _joints3d(self, table: NDArray[np.float32]) -> Joints3D:
        found = self._layout.joints3d(table[:, :3], table[:, 3] > 0)
        if found.known[found.root]:
            return found
        return Joints3D(found.convention, found.points, found.known, _PELVIS, found.frame)

    def _smpl_of(self, row: int) -> Smpl | None:
        if self._smpl is None or not self._has_smpl[row]:
            return None
        transl = self._smpl["transl"][row] if "transl" in self._smpl else None
        orient, pose, betas = (
            self._smpl[name][row] for name in ("global_orient", "body_pose", "betas")
        )
        gender = GENDERS.get(str(self._genders[row])[:1].lower(), "neutral")
        return Smpl(orient, pose, betas, transl, gender, "camera")

    def _cameras(self, misc: Any) -> NDArray[np.float64] | None:
        """Take intrinsics (N, 3, 3) from the columns that DiffAnnot writes."""
        if not isinstance(misc, dict) or not {"camera_focal", "camera_centre"} <= misc.keys():
            return None
        made = np.tile(np.eye(3), (self._count, 1, 1))
        made[:, 0, 0] = made[:, 1, 1] = self._column(misc["camera_focal"])
        made[:, :2, 2] = self._column(misc["camera_centre"], 2)
        return made

    def _keypoints(self, data: dict[str, Any], name: str, width: int) -> NDArray[np.float32] | None:
        """Take points (N, 190, width), filling up what is left out of a compressed file."""
        if name not in data:
            return None
        convention = str(data.get(f"{name}_convention", "human_data"))
        if convention != "human_data":
            raise ValueError(f"{name} are in the convention {convention}, not human_data")
        points = self._column(data[name], -1, width)
        mask = np.asarray(data.get(f"{name}_mask", np.ones(len(HUMAN_DATA)))) > 0
        whole = np.zeros((self._count, len(HUMAN_DATA), width), dtype=np.float32)
        compressed = points.shape[1] != len(HUMAN_DATA)
        whole[:, mask] = points if compressed else points[:, mask]
        return whole

    def _column(self, values: Any, *shape: int) -> NDArray[np.float32]:
        array = np.asarray(values, dtype=np.float32)
        if len(array) != self._count:
            raise ValueError(f"a column of {len(array)} rows for {self._count} pictures")
        return array.reshape(self._count, *shape)


def _numbered(stem: str, pictures: list[str]) -> Iterator[str]:
    """Name rows by their picture, and by how many rows of the same picture came before."""
    before: dict[str, int] = defaultdict(int)
    for picture in pictures:
        yield f"{stem}/{picture}/{before[picture]}"
        before[picture] += 1
