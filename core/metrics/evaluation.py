"""Measuring predictions by a published protocol.

Regressing the joints that a protocol names from a body is the caller's part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidAnnotation
from core.keypoints import CONVENTIONS
from core.metrics.alignment import Align, Floats, similarity
from core.metrics.angles import angle_errors, global_rotations
from core.metrics.joints import AUC_THRESHOLDS, PCK_THRESHOLD, Mask, accel_error, joint_errors
from core.metrics.protocols import Protocol


@dataclass(frozen=True, eq=False)
class Bodies:
    """People as predicted, or as they truly are.

    Parameters
    ----------
    joints : NDArray, shape (N, K, 3)
        Metres, camera frame, in the protocol's order.
    vertices : NDArray or None, shape (N, V, 3)
        Metres, camera frame.
    rotations : NDArray or None, shape (N, 24, 3, 3)
        SMPL's local rotations, the pelvis' first, in the camera frame.
    """

    joints: Floats
    vertices: Floats | None = None
    rotations: Floats | None = None


@dataclass(frozen=True)
class Measured:
    """Numbers, and what they are.

    Parameters
    ----------
    protocol : Protocol
        How they were measured.
    samples : int
        How many people.
    values : dict
        By measure; None where the inputs that it needs were not given.
    """

    protocol: Protocol
    samples: int
    values: dict[str, float | None]

    def to_json(self) -> dict[str, Any]:
        """Return the numbers with root, joints, truth and averaging, for a report."""
        return {**self.protocol.to_json(), "samples": self.samples, **self.values}

    def __str__(self) -> str:
        row = self.protocol
        numbers = ", ".join(
            f"{name} {'not measured' if value is None else f'{value:.2f}'}"
            for name, value in self.values.items()
        )
        return (
            f"{numbers} ({row.name}: root {' + '.join(row.root)}, {len(row.joints)} joints, "
            f"{row.truth}, {row.averaging}, {self.samples} samples)"
        )


@dataclass(frozen=True, eq=False)
class _Case:
    """Joints (N, K, 3) in mm with the root at the origin, and what else was given."""

    protocol: Protocol
    pred: Floats
    gt: Floats
    mask: Mask
    pred_root: Floats
    gt_root: Floats
    bodies: tuple[Bodies, Bodies]
    sequence: NDArray[np.int64]

    def mean(self, values: Floats) -> float:
        """Average values (N, K) as the protocol says."""
        if self.protocol.averaging == "pooled":
            return float(values[self.mask].mean())
        known = self.mask.sum(axis=1)
        return float(((values * self.mask).sum(axis=1)[known > 0] / known[known > 0]).mean())

    def errors(self, align: Align = "none") -> Floats:
        """Return the distances (N, K) in mm."""
        return joint_errors(self.pred, self.gt, align)

    def correct(self, thresholds: Sequence[float], align: Align = "none") -> Floats:
        """Return the percentage (N, K) of thresholds in mm that each error is below."""
        below = self.errors(align)[..., None] < np.array(thresholds)
        return np.asarray(100 * below.mean(axis=-1))


def evaluate(
    protocol: Protocol,
    pred: Bodies,
    gt: Bodies,
    mask: Mask | None = None,
    sequence: NDArray[np.int64] | None = None,
) -> Measured:
    """Measure predictions against the truth.

    Parameters
    ----------
    protocol : Protocol
        One of `PROTOCOLS`.
    pred, gt : Bodies
        N people; joints in the protocol's orders.
    mask : NDArray or None, shape (N, K of the truth's order)
        Joints that are known. Alignments use all.
    sequence : NDArray or None, shape (N,)
        Number of the sequence that each row belongs to, for the acceleration; rows of one
        are its frames in order. None: all are one.

    Raises
    ------
    InvalidAnnotation
        The shapes do not fit the protocol, a number is not finite, or nothing counts.
    """
    case = _case(protocol, pred, gt, mask, sequence)
    if not case.mask.any():
        raise InvalidAnnotation(f"No joint that {protocol.name} measures is known")
    values = {name: MEASURES[name](case) for name in protocol.measures}
    return Measured(protocol, len(gt.joints), values)


def errors_by_sample(
    protocol: Protocol, pred: Bodies, gt: Bodies, mask: Mask | None = None
) -> dict[str, Floats]:
    """Measure each person alone, by what a protocol measures of joints and vertices.

    Parameters and errors are those of `evaluate`. Where all joints are known, `evaluate` gives
    the means of these.

    Returns
    -------
    dict of NDArray, each (N,)
        By measure, each person's mean over the joints that are known, or over the vertices;
        those of vertices are left out where none are given.
    """
    case = _case(protocol, pred, gt, mask, None)
    known = case.mask.sum(axis=1)
    if not known.all():
        raise InvalidAnnotation(f"No joint that {protocol.name} measures is known of somebody")
    found = {
        name: np.asarray((values(case) * case.mask).sum(axis=1) / known)
        for name, values in _OF_JOINTS.items()
        if name in protocol.measures
    }
    for name, centred in _OF_VERTICES.items():
        if name in protocol.measures and (distances := _vertices(case, centred)) is not None:
            found[name] = distances.mean(axis=1)
    return found


def _case(
    protocol: Protocol,
    pred: Bodies,
    gt: Bodies,
    mask: Mask | None,
    sequence: NDArray[np.int64] | None,
) -> _Case:
    """Choose the joints of a protocol and put the roots at the origin."""
    count = len(gt.joints)
    known = np.ones(gt.joints.shape[:2], dtype=bool) if mask is None else np.asarray(mask) > 0
    _require(pred.joints, (count, len(CONVENTIONS[protocol.pred_order]), 3), "predicted joints")
    _require(gt.joints, (count, len(CONVENTIONS[protocol.gt_order]), 3), "true joints")
    _require(known, gt.joints.shape[:2], "the mask")
    chosen, true_chosen = _indices(protocol, protocol.joints)
    root, true_root = _indices(protocol, protocol.root)
    pred_root = pred.joints[:, root].mean(axis=1, keepdims=True)
    gt_root = gt.joints[:, true_root].mean(axis=1, keepdims=True)
    return _Case(
        protocol,
        1000.0 * (pred.joints[:, chosen] - pred_root),
        1000.0 * (gt.joints[:, true_chosen] - gt_root),
        known[:, true_chosen],
        pred_root,
        gt_root,
        (pred, gt),
        np.zeros(count, dtype=np.int64) if sequence is None else np.asarray(sequence),
    )


def _indices(protocol: Protocol, names: tuple[str, ...]) -> tuple[list[int], list[int]]:
    """Return the places of joints in the predicted and in the true order."""
    pred, gt = CONVENTIONS[protocol.pred_order], CONVENTIONS[protocol.gt_order]
    return [pred.index(name) for name in names], [gt.index(name) for name in names]


def _require(array: NDArray[Any], shape: tuple[int, ...], what: str) -> None:
    if np.shape(array) != shape:
        raise InvalidAnnotation(f"The shape of {what} is {np.shape(array)}, expected {shape}")


def _vertices(case: _Case, centred: bool) -> Floats | None:
    """Return the distances (N, V) in mm; `centred`: with the roots at the origin."""
    pred, gt = (body.vertices for body in case.bodies)
    if pred is None or gt is None:
        return None
    if centred:
        pred, gt = pred - case.pred_root, gt - case.gt_root
    return 1000 * joint_errors(pred, gt)


def _pve(case: _Case, centred: bool) -> float | None:
    distances = _vertices(case, centred)
    return None if distances is None else float(distances.mean())


def _accel(case: _Case) -> float | None:
    """Metres a second squared at 30 frames a second, first and last window of each dropped."""
    parts = []
    for number in np.unique(case.sequence):
        rows = case.sequence == number
        parts.append(accel_error(case.pred[rows], case.gt[rows])[1:-1])
    windows = np.concatenate(parts)
    return float(windows.mean() * 30**2 / 1000) if len(windows) else None


_MAJOR = [1, 2, 4, 5, 7, 8, 16, 17, 18, 19, 20, 21]
"""Of SMPL's 24: hips, knees, ankles, shoulders, elbows, wrists."""
_ORIENTED = [0, 1, 2, 4, 5, 16, 17, 18, 19]
"""Of SMPL's 24: pelvis, hips, knees, shoulders, elbows."""


def _challenge_pck(case: _Case, thresholds: NDArray[np.floating]) -> NDArray[np.floating]:
    errors = np.sort(case.errors()[:, _MAJOR][case.mask[:, _MAJOR]])
    return np.asarray(100 * np.searchsorted(errors, thresholds, side="right") / len(errors))


def _challenge_auc(case: _Case) -> float:
    thresholds = np.arange(200.0)
    return float(np.trapezoid(_challenge_pck(case, thresholds), thresholds / thresholds[-1]))


def _mpjae(case: _Case, aligned: bool) -> float | None:
    """Degrees between global rotations; `aligned`: after the joints' Procrustes rotation."""
    pred, gt = (body.rotations for body in case.bodies)
    if pred is None or gt is None:
        return None
    turned, true = (global_rotations(r)[:, _ORIENTED] for r in (pred, gt))
    if aligned:
        turned = similarity(case.pred, case.gt).rotation[:, None] @ turned
    return float(angle_errors(turned, true).mean())


_OF_JOINTS: dict[str, Callable[[_Case], Floats]] = {
    "MPJPE mm": lambda case: case.errors(),
    "PA-MPJPE mm": lambda case: case.errors("procrustes"),
    "3DPCK@150 %": lambda case: case.correct([PCK_THRESHOLD]),
    "PA-3DPCK@150 %": lambda case: case.correct([PCK_THRESHOLD], "procrustes"),
    "3DAUC %": lambda case: case.correct(AUC_THRESHOLDS),
    "PA-3DAUC %": lambda case: case.correct(AUC_THRESHOLDS, "procrustes"),
}
"""Values (N, K), which are averaged as the protocol says."""
_OF_VERTICES = {"PVE mm": False, "PVE mm (roots aligned)": True}
"""Whether the roots are put at the origin."""


def _averaged(values: Callable[[_Case], Floats]) -> Callable[[_Case], float | None]:
    return lambda case: case.mean(values(case))


MEASURES: dict[str, Callable[[_Case], float | None]] = {
    **{name: _averaged(values) for name, values in _OF_JOINTS.items()},
    **{name: partial(_pve, centred=centred) for name, centred in _OF_VERTICES.items()},
    "accel m/s2": _accel,
    "PCK@50 %": lambda case: float(_challenge_pck(case, np.array([50.0]))[0]),
    "AUC 0-199 %": _challenge_auc,
    "MPJAE deg": lambda case: _mpjae(case, aligned=False),
    "MPJAE-PA deg": lambda case: _mpjae(case, aligned=True),
}
