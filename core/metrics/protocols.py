"""Published protocols as rows of data: which joints, root, truth and mean stand behind a number.

Numbers of different rows must not be compared. `core.metrics.evaluation` measures by them.
"""

from dataclasses import dataclass
from typing import Any, Literal

from core.keypoints import LSP
from core.pose import JOINTS

Averaging = Literal["pooled", "per sample"]


@dataclass(frozen=True)
class Protocol:
    """How one publication measures.

    Parameters
    ----------
    name, source : str
        Key, and whose code it follows.
    truth : str
        What the true joints are.
    pred_order, gt_order : str
        Conventions (`core.keypoints`) that predicted and true joints come in.
    joints : tuple of str
        Names of the joints that are measured, those of the Procrustes alignment too.
    root : tuple of str
        Names of the joints whose midpoint is put at the origin.
    averaging : str
        `pooled`: over all joints that count. `per sample`: of each sample, then over samples.
    measures : tuple of str
        Keys of `core.metrics.evaluation.MEASURES`.
    remark : str
        What else to know.
    """

    name: str
    source: str
    truth: str
    pred_order: str
    gt_order: str
    joints: tuple[str, ...]
    root: tuple[str, ...]
    averaging: Averaging
    measures: tuple[str, ...]
    remark: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what a reader of its numbers must know."""
        return {
            "protocol": self.name,
            "source": self.source,
            "truth": self.truth,
            "root": " + ".join(self.root),
            "joints": list(self.joints),
            "averaging": self.averaging,
            "remark": self.remark,
        }


_BOTH = ("MPJPE mm", "PA-MPJPE mm")
_CORRECT = ("3DPCK@150 %", "PA-3DPCK@150 %", "3DAUC %", "PA-3DAUC %")
_GENDERED = "gendered SMPL through J_regressor_h36m"

PROTOCOLS = {
    row.name: row
    for row in (
        Protocol(
            "mmhuman3d-pw3d", "mmhuman3d human_image_dataset.py", _GENDERED,
            "h36m", "h36m", LSP, ("pelvis_extra",), "pooled",
            (*_BOTH, "PVE mm", *_CORRECT),
            "PVE without root alignment, both bodies by the true gender and at the origin",
        ),
        Protocol(
            "spin-pw3d", "SPIN eval.py", _GENDERED,
            "h36m", "h36m", LSP, ("pelvis_extra",), "per sample", _BOTH,
        ),
        Protocol(
            "spin-mpi-inf-3dhp", "SPIN eval.py", "univ_annot3 of the test set",
            "h36m", "mpi_inf_3dhp_test", (*LSP, "pelvis_extra", "spine_extra", "head_extra"),
            ("pelvis_extra",), "per sample", (*_BOTH, *_CORRECT),
            "prediction not rescaled to the universal skeleton of the truth",
        ),
        Protocol(
            "4d-humans-pw3d", "4D-Humans pose_utils.py", "joints stored in its npz",
            "hmr2", "hmr2", (*LSP[:13], "head_extra"), ("pelvis_extra",), "per sample", _BOTH,
        ),
        Protocol(
            "wham-pw3d", "WHAM, GVHMR", _GENDERED,
            "h36m", "h36m", LSP, ("right_hip_extra", "left_hip_extra"), "per sample",
            (*_BOTH, "PVE mm (roots aligned)", "accel m/s2"),
            "root between the hips of the 14; acceleration at 30 frames a second",
        ),
        Protocol(
            "3dpw-challenge", "3dpw-eval evaluate.py", "SMPL's own 24 joints, gendered",
            "smpl_24", "smpl_24", JOINTS, ("pelvis",), "per sample",
            (*_BOTH, "PCK@50 %", "AUC 0-199 %", "MPJAE deg", "MPJAE-PA deg"),
            "train, validation and test together; frames with a valid camera and any 2D point; "
            "PCK and AUC over 12 joints, error equal to the threshold correct; "
            "angles of 9 global rotations",
        ),
        Protocol(
            "open", "DiffAnnot's open bench", "the open body as it was rendered",
            "smpl_24", "smpl_24", JOINTS[:22], ("pelvis",), "per sample", _BOTH,
            "SMPL's joints up to the wrists",
        ),
    )
}  # fmt: skip
