"""Motion capture as training data: reading, splitting by subject, augmenting, turning to a camera.

Two layouts of npz are read from a folder, at any depth. Packed: `poses` (F, 72), `length` and
`name` of each take, y up (`../shared/data/mocap`). AMASS: one take a file, `poses` (F, 66 or more),
`mocap_framerate` (SMPL-X: `mocap_frame_rate`), z up; the folder above is the subject, those of CMU
being the packed file's. AMASS's files of shapes beside the takes are passed over.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import pi, radians
from pathlib import Path
from zipfile import BadZipFile
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import UnreadableInput
from core.pose import JOINTS, PARTS
from core.pose.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.pose.vectors import BETAS, ROT6D, to_vector
from training.corpora.records import Layout, Sample, Smpl, Split

SPLITS: tuple[Split, ...] = ("train", "validation", "test")

LAYOUTS = {
    split: Layout(
        "motion capture",
        split,
        expected="npz files at any depth: AMASS's, or packed ones of CMU and DeepMimic",
        frame="world",
        remark="poses at 30 frames a second, without shape and place; split by subject",
    )
    for split in SPLITS
}

FPS = 30

SUBJECTS: dict[str, Split] = {
    **dict.fromkeys(
        (
            "cmu 06", "cmu 07", "cmu basketball_basketball", "cmu jumping_jumping",
            "deepmimic dance_a", "deepmimic jog", "deepmimic jump", "deepmimic roll",
            "deepmimic sideflip",
        ),
        "validation",
    ),
    **dict.fromkeys(
        (
            "cmu 02", "deepmimic kick", "deepmimic spinkick", "deepmimic punch",
            "deepmimic getup_facedown", "deepmimic getup_faceup",
        ),
        "test",
    ),
}  # fmt: skip
"""Subjects that nothing is trained on: whatever is chosen is chosen on the validation subjects, and
what is reported is measured on the test subjects. Basketball is played by subject 06 too. Of AMASS,
every tenth subject joins each, by checksum of its name."""

SAME_TAKE_AS = {
    "cmu_expmap_train_walking_walking_1": "cmu_02_02_01",
    "cmu_expmap_train_walking_walking_3": "cmu_iclone_All_BVH_subjects_006_006_01",
    "cmu_expmap_train_basketball_basketball_3": "cmu_iclone_All_BVH_subjects_006_006_04",
    "cmu_expmap_train_basketball_basketball_4": "cmu_iclone_All_BVH_subjects_006_006_05",
}
"""Takes that the packed corpus holds twice; these names are dropped."""

UNMEASURED_SPREAD = radians(8)
"""Joints that a take leaves at rest (collars, hands) were not measured: they get this spread."""
CAMERA_PITCH = (radians(5), radians(15))
CAMERA_ROLL = (0.0, radians(8))
"""Mean and deviation. Pictures are mostly taken from eye height or a little above, nearly level."""
OTHER_LIMB = 0.15
"""Share of the arms and legs that come from another frame: the corpus is small."""

_SHAPES = re.compile(r"^shape\.npz$|_stagei\.npz$")
"""What AMASS lays beside the takes of a subject: SMPL+H's, SMPL-X's."""
_BY_CHECKSUM: dict[int, Split] = {0: "test", 1: "validation"}
_OTHER_SIDE = {"left": "right", "right": "left"}
_MIRROR = [
    JOINTS.index(re.sub("left|right", lambda side: _OTHER_SIDE[side[0]], name)) for name in JOINTS
]
_LIMB_JOINTS = torch.zeros(4, 24, dtype=torch.bool)
for _row, _limb in enumerate(("left arm", "right arm", "left leg", "right leg")):
    _LIMB_JOINTS[_row, list(PARTS[_limb])] = True


@dataclass(frozen=True, eq=False)
class Take:
    """One recorded motion.

    Parameters
    ----------
    name, subject : str
        Who moved; subjects are split, never frames.
    poses : NDArray, shape (F, 24, 3), float32
        Axis-angle, radians, y up, at most 30 frames a second.
    """

    name: str
    subject: str
    poses: NDArray[np.float32]

    @property
    def split(self) -> Split:
        """What this take may be used for."""
        if self.subject.startswith(("cmu ", "deepmimic ")):
            return SUBJECTS.get(self.subject, "train")
        return _BY_CHECKSUM.get(crc32(self.subject.encode()) % 10, "train")


def read_corpus(folder: Path, split: Split | None = None) -> list[Take]:
    """Read every take of a split, or of all, under a folder, in a fixed order, each once.

    Raises
    ------
    UnreadableInput
        Nothing is there, or a file is not motion capture.
    """
    files = (path for path in sorted(folder.rglob("*.npz")) if not _SHAPES.search(path.name))
    takes = [take for path in files for take in _read_file(path)]
    if not takes:
        raise UnreadableInput(
            f"There is no motion capture in {folder}", "Give a folder of AMASS-style npz files"
        )
    wanted = SPLITS if split is None else (split,)
    return [take for take in takes if take.name not in SAME_TAKE_AS and take.split in wanted]


def read(folder: Path, split: Split) -> Iterator[Sample]:
    """Read every frame as a sample; see `read_corpus`."""
    for take in read_corpus(folder, split):
        for number, pose in enumerate(take.poses):
            smpl = Smpl(pose[0], pose[1:], None, None, "neutral", "world")
            name = f"{take.subject}/{take.name}/{number:05}"
            yield Sample(LAYOUTS[split].corpus, split, name, smpl=smpl)


def _read_file(path: Path) -> Iterator[Take]:
    try:
        with np.load(path, allow_pickle=False) as file:
            poses = file["poses"]
            if "length" in file:
                yield from _packed(poses, file["name"], file["length"])
            elif poses.ndim == 2 and poses.shape[1] >= 66:
                rate = file["mocap_framerate" if "mocap_framerate" in file else "mocap_frame_rate"]
                yield _amass(path, poses, float(rate))
            else:
                raise ValueError(f"poses have the shape {poses.shape}")
    except (OSError, BadZipFile, KeyError, ValueError) as bad:
        raise UnreadableInput(
            f"{path} is not motion capture: {bad}",
            "Expected are `poses` (frames, 66 or more) and `mocap_framerate`",
        ) from bad


def _packed(
    poses: NDArray[np.floating], names: NDArray[np.str_], lengths: NDArray[np.int64]
) -> Iterator[Take]:
    frames = np.split(poses.astype(np.float32).reshape(-1, 24, 3), np.cumsum(lengths)[:-1])
    for name, take in zip(names.tolist(), frames, strict=True):
        yield Take(name, _subject(name), take)


def _subject(name: str) -> str:
    """Tell the subject of a packed take; clips of unknown people count by what they do."""
    if clip := re.search(r"humanoid3d_(\w+)_txt$", name):
        return f"deepmimic {clip[1]}"
    if action := re.match(r"cmu_expmap_train_(\w+)_\d+$", name):
        return f"cmu {action[1]}"
    if number := re.search(r"(\d+)_\d+$", name):
        return f"cmu {int(number[1]):02}"
    return f"cmu {name}"


def _amass(path: Path, poses: NDArray[np.floating], rate: float) -> Take:
    kept = poses[:: max(1, round(rate / FPS))]
    body = np.zeros((len(kept), 24, 3), np.float32)
    joints = 24 if poses.shape[1] == 72 else 22  # wider files go on with fingers, not SMPL's hands
    body[:, :joints] = kept[:, : joints * 3].reshape(len(kept), joints, 3)
    root = torch.from_numpy(body[:, 0])
    upright = _turn(torch.tensor([-pi / 2]), 0) @ axis_angle_to_matrix(root)
    body[:, 0] = matrix_to_axis_angle(upright).numpy()
    return Take(path.stem, _amass_subject(path.parent), body)


def _amass_subject(folder: Path) -> str:
    if folder.parent.name == "CMU" and folder.name.isdecimal():
        return f"cmu {int(folder.name):02}"
    return folder.name


class PoseSampler:
    """Draws vectors of Θ (154, `core.pose.vectors`) from takes, as a camera would see them.

    A subject of n frames is drawn in proportion to the root of n, so that an hour of walking does
    not drown a second of cartwheel. Half of the samples are mirrored, betas are N(0, 1), and
    the pelvis is turned into the camera frame: half a turn about x (y up to y down) after small
    random roll and pitch of the camera, after random yaw, after the recorded orientation.

    Parameters
    ----------
    takes : sequence of Take
        Where frames come from.

    Raises
    ------
    UnreadableInput
        There are none.
    """

    def __init__(self, takes: Sequence[Take]) -> None:
        if not takes:
            raise UnreadableInput(
                "No motion capture is left to draw from", "All subjects are in other splits"
            )
        poses = torch.from_numpy(np.concatenate([take.poses for take in takes]))
        self._rotations = axis_angle_to_matrix(poses)
        self._at_rest = poses.norm(dim=-1) == 0
        frames: dict[str, int] = {}
        for take in takes:
            frames[take.subject] = frames.get(take.subject, 0) + len(take.poses)
        each = torch.tensor([frames[take.subject] ** -0.5 for take in takes])
        self._weights = each.repeat_interleave(torch.tensor([len(take.poses) for take in takes]))

    def __call__(self, count: int, generator: torch.Generator, mix: bool = True) -> Tensor:
        """Draw `count` vectors (count, 154).

        Parameters
        ----------
        count : int
            How many.
        generator : torch.Generator
            Source of every random draw.
        mix : bool
            Whether some get limbs of another frame; off for validation.
        """
        index = torch.multinomial(self._weights, count, replacement=True, generator=generator)
        rotations = self._rotations[index]
        noise = torch.randn(count, 24, 3, generator=generator) * (UNMEASURED_SPREAD / 3**0.5)
        loose = axis_angle_to_matrix(noise * self._at_rest[index, :, None])
        rotations = rotations @ loose
        if mix:
            chosen = torch.rand(count, 4, 1, generator=generator) < OTHER_LIMB
            swapped = (chosen & _LIMB_JOINTS).any(dim=1)
            other = rotations[torch.randperm(count, generator=generator)]
            rotations = torch.where(swapped[..., None, None], other, rotations)
        mirrored = torch.rand(count, generator=generator) < 0.5
        rotations = torch.where(mirrored[:, None, None, None], mirror(rotations), rotations)
        camera = _random_camera(count, generator)
        orient = camera @ rotations[:, 0]
        rotations = torch.cat([orient[:, None], rotations[:, 1:]], dim=1)
        betas = torch.randn(count, BETAS, generator=generator)
        return to_vector(rotations, betas, ROT6D)


def mirror(rotations: Tensor) -> Tensor:
    """Swap left and right of local rotations (..., 24, 3, 3), in a frame where y is up."""
    flip = torch.tensor([-1.0, 1.0, 1.0])
    return rotations[..., _MIRROR, :, :] * flip[:, None] * flip


def _random_camera(count: int, generator: torch.Generator) -> Tensor:
    def normal(mean: float, deviation: float) -> Tensor:
        return mean + deviation * torch.randn(count, generator=generator)

    yaw = _turn(2 * pi * torch.rand(count, generator=generator), 1)
    pitch, roll = _turn(normal(*CAMERA_PITCH), 0), _turn(normal(*CAMERA_ROLL), 2)
    return _turn(torch.tensor([pi]), 0) @ roll @ pitch @ yaw


def _turn(angle: Tensor, axis: int) -> Tensor:
    """Rotation matrices (B, 3, 3) by angles (B,) about one axis."""
    return axis_angle_to_matrix(angle[:, None] * torch.eye(3)[axis])
