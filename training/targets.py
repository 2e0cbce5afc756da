"""Samples of any corpus, side by side in one batch, as the paper's loss wants them."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import InvalidAnnotation
from core.pose import Parameters
from core.pose.rotations import axis_angle_to_matrix
from core.pose.vectors import to_vector
from training.corpora.records import Sample
from training.supervision import Targets, TrainedPoints

POSED = 1024
"""People posed at once."""


@torch.no_grad()
def targets_of(
    samples: Sequence[Sample],
    rough: Sequence[Parameters | None],
    points: TrainedPoints,
    width: int,
) -> Targets:
    """Batch samples; what a corpus does not have drops out of the loss.

    True Θ where the sample has it in the camera's frame, else its Θ1. Betas are taken as those of
    the body of `points`, of whatever gender they are. True joints are the corpus', or those of true
    Θ where it has none. Keypoints count where a box and a camera are known: the corpus' own, with
    the true translation, or Θ1's with its own.

    Parameters
    ----------
    samples : sequence of Sample
        B persons.
    rough : sequence of Parameters or None
        Θ1 of each, or None where the sample has true Θ.
    points : TrainedPoints
        What is compared.
    width : int
        Of the vectors of Θ: 82, 154 or 226.

    Raises
    ------
    InvalidAnnotation
        A sample has neither true Θ nor Θ1.
    """
    rows = [_Row(sample, theta1, points) for sample, theta1 in zip(samples, rough, strict=True)]

    def column(name: str) -> Tensor:
        return torch.from_numpy(np.stack([getattr(row, name) for row in rows]))

    start = to_vector(axis_angle_to_matrix(column("pose")), column("betas"), width)
    true, joints, known = column("true"), column("joints"), column("joint_weight") > 0
    posed = (true & ~known.any(1)).nonzero()[:, 0]
    for first in range(0, len(posed), POSED):
        some = posed[first : first + POSED]
        joints[some] = points(start[some], torch.zeros(len(some), 3))
    known[posed] = True
    return Targets(
        start=start,
        true=true,
        joints=joints,
        known=known,
        root=column("root"),
        pixels=column("pixels"),
        confidence=column("confidence"),
        intrinsics=column("intrinsics"),
        transl=column("transl"),
        side=column("side"),
    )


class _Row:
    """One sample as arrays; the attributes are named and shaped as those of `Targets`."""

    def __init__(self, sample: Sample, theta1: Parameters | None, points: TrainedPoints) -> None:
        smpl, box, keypoints = sample.smpl, sample.box, sample.keypoints
        if smpl is not None and (smpl.betas is None or smpl.frame == "world"):
            smpl = None
        self.true = np.bool_(smpl is not None)
        self.intrinsics = np.eye(3, dtype=np.float32)
        self.transl = np.zeros(3, dtype=np.float32)
        sees = False
        if theta1 is not None:
            camera = theta1.camera
            self.intrinsics[:2] = (camera.focal, 0, camera.cx), (0, camera.focal, camera.cy)
            self.transl = theta1.transl
            sees = True
        if smpl is not None:
            assert smpl.betas is not None
            self.pose = np.concatenate([smpl.global_orient[None], smpl.body_pose])
            self.betas = smpl.betas
            if smpl.transl is not None and sample.intrinsics is not None:
                self.intrinsics = sample.intrinsics.astype(np.float32)
                self.transl = smpl.transl
                sees = True
        elif theta1 is not None:
            self.pose = np.concatenate([theta1.global_orient[None], theta1.body_pose])
            self.betas = theta1.betas
        else:
            raise InvalidAnnotation(
                f"{sample.corpus} {sample.name} has no true Θ that a camera sees and no rough one",
                "Annotate it first: training starts from Θ1 where there is no truth",
            )
        self._joints(sample, points)
        self.pixels = np.zeros((points.count, 2), dtype=np.float32)
        self.confidence = np.zeros(points.count, dtype=np.float32)
        self.side = np.float32(1)
        if sees and box is not None and keypoints is not None:
            places = points.places(keypoints.convention)
            self.pixels, self.confidence = _placed(
                keypoints.points, keypoints.confidence, places, points.count
            )
            self.side = np.float32(box.side)

    def _joints(self, sample: Sample, points: TrainedPoints) -> None:
        joints = sample.joints
        self.joints = np.zeros((points.count, 3), dtype=np.float32)
        self.joint_weight = np.zeros(points.count, dtype=np.float32)
        self.root = np.int64(0)
        if joints is None:
            return
        places = points.places(joints.convention)
        self.joints, self.joint_weight = _placed(joints.points, joints.known, places, points.count)
        if places[joints.root] >= 0:
            self.root = np.int64(places[joints.root])


def _placed(
    values: NDArray[np.float32],
    weight: NDArray[np.float32] | NDArray[np.bool_],
    places: Sequence[int],
    count: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Put values (K, D) into their places (count, D); those of one place are averaged."""
    there = np.asarray(places) >= 0
    place, share = np.asarray(places)[there], np.asarray(weight, dtype=np.float64)[there]
    total, hits, summed = np.zeros(count), np.zeros(count), np.zeros((count, values.shape[1]))
    np.add.at(total, place, share)
    np.add.at(hits, place, 1)
    np.add.at(summed, place, share[:, None] * values[there])
    mean = summed / np.where(total > 0, total, 1)[:, None]
    return mean.astype(np.float32), (total / np.maximum(hits, 1)).astype(np.float32)
