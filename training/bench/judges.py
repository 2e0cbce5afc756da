"""Errors of every step of a path against what a corpus knows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.body import BodyModel, load_body
from core.errors import InvalidAnnotation, UnreadableInput
from core.keypoints import COCO, CONVENTIONS, body_points
from core.metrics import joint_errors
from core.metrics.evaluation import Bodies, errors_by_sample
from core.metrics.picture import CROP, PCK_SHARE
from core.metrics.protocols import Protocol
from core.pose import JOINTS, Parameters
from core.pose.rotations import axis_angle_to_matrix, rotations_of
from training.bench.rows import Bench
from training.corpora.records import Sample, Smpl

Floats = NDArray[np.floating]
Judge = Callable[[Parameters, Sample], Floats]
"""Returns the errors (N+1, M) of steps (N+1,) of a person, M as `Bench.measures`.

Raises `InvalidAnnotation` where the sample lacks what it is measured against.
"""


@dataclass(frozen=True, eq=False)
class Bodies3D:
    """The bodies that joints are taken from.

    Parameters
    ----------
    neutral : BodyModel
        What frontend and refiner annotate with.
    folder : Path or None
        Of SMPL's files, with those of each gender.
    regressor : NDArray or None, shape (17, V)
        `J_regressor_h36m.npy`.
    """

    neutral: BodyModel
    folder: Path | None = None
    regressor: Floats | None = None


def judge_of(bench: Bench, bodies: Bodies3D) -> Judge:
    """Make the judge of a bench.

    Raises
    ------
    UnreadableInput
        The bodies or the regressor that its protocol needs are not given.
    """
    if bench.protocol is None:
        return _KeypointJudge(bodies.neutral)
    return _JointJudge(bench.protocol, bodies)


class _JointJudge:
    """Measures joints in space by a protocol."""

    def __init__(self, protocol: Protocol, bodies: Bodies3D) -> None:
        self._protocol = protocol
        self._bodies = bodies
        self._gendered: dict[str, BodyModel] = {"neutral": bodies.neutral}
        regressed = protocol.pred_order == "h36m"
        if regressed and bodies.regressor is None:
            raise UnreadableInput(
                f"{protocol.name} measures joints of J_regressor_h36m.npy",
                "Say --regressor FILE and --smpl FOLDER",
            )
        if protocol.gt_order == "h36m" and bodies.folder is None:
            raise UnreadableInput(
                f"{protocol.name} needs SMPL of every gender",
                "Say --smpl FOLDER with the neutral, male and female files",
            )

    @torch.no_grad()
    def __call__(self, steps: Parameters, sample: Sample) -> Floats:
        truth, known = self._truth(sample)
        rotations, betas = rotations_of(steps), torch.from_numpy(steps.betas)
        pred = Bodies(
            self._joints(self._bodies.neutral, rotations, betas, self._protocol.pred_order)
        )
        gt = Bodies(np.repeat(truth[None], len(rotations), axis=0))
        if "PVE mm" in self._protocol.measures:
            # both by the true gender, as mmhuman3d has it
            body, true_rotations, true_betas = self._true_smpl(sample)
            pred = replace(pred, vertices=_vertices(body, rotations, betas))
            whole = _vertices(body, true_rotations, true_betas)
            gt = replace(gt, vertices=np.repeat(whole, len(rotations), axis=0))
        mask = np.repeat(known[None], len(rotations), axis=0)
        errors = errors_by_sample(self._protocol, pred, gt, mask)
        return np.stack([errors[name] for name in self._protocol.measures], axis=1)

    def _truth(self, sample: Sample) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the true joints (K, 3) in metres and which of them are known (K,)."""
        order = self._protocol.gt_order
        joints, names = sample.joints, CONVENTIONS[order]
        if joints is not None and set(names) <= set(CONVENTIONS[joints.convention]):
            index = [CONVENTIONS[joints.convention].index(name) for name in names]
            return joints.points[index], joints.known[index]
        posed = self._joints(*self._true_smpl(sample), order)[0]
        return posed, np.ones(len(posed), dtype=bool)

    def _true_smpl(self, sample: Sample) -> tuple[BodyModel, torch.Tensor, torch.Tensor]:
        """Return the true body, rotations (1, 24, 3, 3) and betas (1, 10)."""
        smpl = sample.smpl
        if smpl is None or smpl.betas is None or smpl.frame != "camera":
            raise InvalidAnnotation(f"{sample.corpus} does not know the true body")
        pose = np.concatenate([smpl.global_orient[None], smpl.body_pose])[None]
        rotations = axis_angle_to_matrix(torch.from_numpy(pose))
        return self._body(smpl), rotations, torch.from_numpy(smpl.betas)[None]

    def _body(self, smpl: Smpl) -> BodyModel:
        if smpl.gender not in self._gendered:
            if self._bodies.folder is None:
                raise InvalidAnnotation(f"the true body is {smpl.gender}, and that file is missing")
            self._gendered[smpl.gender] = load_body(self._bodies.folder, smpl.gender)
        return self._gendered[smpl.gender]

    def _joints(
        self, body: BodyModel, rotations: torch.Tensor, betas: torch.Tensor, order: str
    ) -> Floats:
        """Return joints (B, K, 3) in a convention, metres; the translation does not matter."""
        if order == "smpl_24":
            origin = torch.zeros(len(rotations), 3)
            return body.points(rotations, betas, origin)[:, : len(JOINTS)].numpy()
        assert self._bodies.regressor is not None
        return np.asarray(self._bodies.regressor @ _vertices(body, rotations, betas))


def _vertices(body: BodyModel, rotations: torch.Tensor, betas: torch.Tensor) -> Floats:
    """Return vertices (B, V, 3) in metres, without translation."""
    return body.forward(rotations, betas, torch.zeros(len(rotations), 3))[0].numpy()


class _KeypointJudge:
    """Measures the 17 keypoints of COCO in the picture."""

    def __init__(self, body: BodyModel) -> None:
        self._body = body

    @torch.no_grad()
    def __call__(self, steps: Parameters, sample: Sample) -> Floats:
        keypoints, box = sample.keypoints, sample.box
        if keypoints is None or box is None:
            raise InvalidAnnotation("there are no keypoints to measure against")
        names = CONVENTIONS[keypoints.convention]
        index = [names.index(name) for name in COCO]
        seen = keypoints.confidence[index] > 0
        if not seen.any():
            raise InvalidAnnotation("no keypoint of the body is marked")
        points = self._body.points(
            rotations_of(steps), torch.from_numpy(steps.betas), torch.from_numpy(steps.transl)
        )
        projected = steps.camera.project(points.numpy()[:, body_points("coco")])[:, seen]
        truth = np.repeat(keypoints.points[index][None, seen], len(projected), axis=0)
        errors = joint_errors(projected, truth)
        shares = errors / box.side
        columns = (errors, CROP * shares, 100.0 * (shares < PCK_SHARE))
        return np.stack([column.mean(axis=1) for column in columns], axis=1)
