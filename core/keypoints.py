"""Keypoint conventions by name, and which body point each keypoint looks at."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.formats.human_data_names import HUMAN_DATA
from core.pose.skeleton import JOINTS

BODY_POINTS = (
    *JOINTS,
    "nose", "right_eye", "left_eye", "right_ear", "left_ear",
    "left_bigtoe", "left_smalltoe", "left_heel", "right_bigtoe", "right_smalltoe", "right_heel",
    "left_thumb", "left_index", "left_middle", "left_ring", "left_pinky",
    "right_thumb", "right_index", "right_middle", "right_ring", "right_pinky",
)  # fmt: skip
"""The 45 points that `smplx.SMPL` returns: 24 joints, then vertices of face, feet, finger tips."""

BLAZEPOSE = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer",
    "right_eye_inner", "right_eye", "right_eye_outer", "left_ear", "right_ear",
    "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist", "left_pinky_knuckle", "right_pinky_knuckle",
    "left_index_knuckle", "right_index_knuckle", "left_thumb_knuckle", "right_thumb_knuckle",
    "left_hip_extra", "right_hip_extra", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "left_heel", "right_heel", "left_bigtoe", "right_bigtoe",
)  # fmt: skip
"""MediaPipe BlazePose, 33 landmarks (Bazarevsky et al. 2020; MediaPipe pose documentation)."""

COCO = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip_extra", "right_hip_extra",
    "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
"""COCO person keypoints, 17 (cocodataset.org). Hips are surface hips: `*_hip_extra`."""

_LIMBS = (
    "right_ankle", "right_knee", "right_hip_extra", "left_hip_extra", "left_knee", "left_ankle",
    "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
)  # fmt: skip

LSP = (*_LIMBS, "neck_extra", "headtop")
"""Leeds Sports Pose, 14: the joints that most protocols measure."""

H36M = (
    "pelvis_extra", "left_hip_extra", "left_knee", "left_ankle",
    "right_hip_extra", "right_knee", "right_ankle", "spine_extra", "neck_extra", "head_extra",
    "headtop", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow",
    "right_wrist",
)  # fmt: skip
"""The 17 rows of `J_regressor_h36m.npy`, left before right (SPIN; mmhuman3d `h36m`)."""

HMR2 = (
    *HUMAN_DATA[153:178], *_LIMBS, "neck_extra", "headtop", "pelvis_extra", "thorax_extra",
    "spine_extra", "jaw_extra", "head_extra",
)  # fmt: skip
"""4D-Humans, 44: OpenPose's 25, then 19 as in SPIN, whose last is the headtop of H36M."""

PW3D = (
    "nose", "neck_extra", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder",
    "left_elbow", "left_wrist", "right_hip_extra", "right_knee", "right_ankle", "left_hip_extra",
    "left_knee", "left_ankle", "right_eye", "left_eye", "right_ear", "left_ear",
)  # fmt: skip
"""3DPW's 2D keypoints, 18: OpenPose's COCO model (mmhuman3d `pw3d`)."""

MPI_INF_3DHP = (
    "spine_3", "spine_4_3dhp", "spine_2", "spine_extra", "pelvis_extra", "neck_extra",
    "head_extra", "headtop",
    "left_clavicle_3dhp", "left_shoulder", "left_elbow", "left_wrist", "left_hand_3dhp",
    "right_clavicle_3dhp", "right_shoulder", "right_elbow", "right_wrist", "right_hand_3dhp",
    "left_hip_extra", "left_knee", "left_ankle", "left_foot", "left_toe_3dhp",
    "right_hip_extra", "right_knee", "right_ankle", "right_foot", "right_toe_3dhp",
)  # fmt: skip
"""MPI-INF-3DHP's training sequences, 28 (mmhuman3d `mpi_inf_3dhp`)."""

MPI_INF_3DHP_TEST = (
    "headtop", "neck_extra", "right_shoulder", "right_elbow", "right_wrist",
    "left_shoulder", "left_elbow", "left_wrist", "right_hip_extra", "right_knee", "right_ankle",
    "left_hip_extra", "left_knee", "left_ankle", "pelvis_extra", "spine_extra", "head_extra",
)  # fmt: skip
"""MPI-INF-3DHP's test sequences, 17 (mmhuman3d `mpi_inf_3dhp_test`)."""

_FINGERS = ("thumb", "index", "middle", "ring", "pinky")

HALPE = (
    *COCO, "headtop", "neck_extra", "pelvis_extra", "left_bigtoe", "right_bigtoe",
    "left_smalltoe", "right_smalltoe", "left_heel", "right_heel",
    *HUMAN_DATA[127:144], *HUMAN_DATA[76:127],
    *(
        name
        for side in ("left", "right")
        for name in (
            f"{side}_hand_root",
            *(f"{side}_{finger}{end}" for finger in _FINGERS for end in ("_1", "_2", "_3", "")),
        )
    ),
)  # fmt: skip
"""Halpe full body, 136: body 26, face 68 (contour first), hands 21 each (Halpe-FullBody)."""

HALPE_26 = HALPE[:26]
"""The body of Halpe, which AlphaPose gives too."""

COCO_WHOLEBODY = (
    *COCO, "left_bigtoe", "left_smalltoe", "left_heel", "right_bigtoe", "right_smalltoe",
    "right_heel", *HALPE[26:],
)  # fmt: skip
"""COCO-WholeBody, 133: body, feet, face 68, hands 21 each (github.com/jin-s13/COCO-WholeBody)."""

CROWDPOSE = (
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_hip_extra", "right_hip_extra", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "headtop", "neck_extra",
)  # fmt: skip
"""CrowdPose, 14 (github.com/Jeff-sjtu/CrowdPose)."""

OPENPOSE = HUMAN_DATA[153:178]
"""OpenPose's BODY_25 (OpenPose, doc/02_output.md)."""

SPIN = (*HMR2, "nose", "left_eye", "right_eye", "left_ear", "right_ear")
"""SPIN, 49: OpenPose's 25, then its own 24 (SPIN, constants.py)."""

CONVENTIONS: dict[str, tuple[str, ...]] = {
    "blazepose": BLAZEPOSE,
    "coco": COCO,
    "coco_wholebody": COCO_WHOLEBODY,
    "crowdpose": CROWDPOSE,
    "h36m": H36M,
    "halpe": HALPE,
    "halpe_26": HALPE_26,
    "hmr2": HMR2,
    "human_data": HUMAN_DATA,
    "mpi_inf_3dhp": MPI_INF_3DHP,
    "mpi_inf_3dhp_test": MPI_INF_3DHP_TEST,
    "openpose_25": OPENPOSE,
    "pw3d": PW3D,
    "smpl_24": JOINTS,
    "smpl_45": BODY_POINTS,
    "spin": SPIN,
}

_SAME_PLACE = {
    "left_hip_extra": "left_hip",
    "right_hip_extra": "right_hip",
    "left_index_knuckle": "left_hand",
    "left_pinky_knuckle": "left_hand",
    "right_index_knuckle": "right_hand",
    "right_pinky_knuckle": "right_hand",
    "left_index_1": "left_hand",
    "left_pinky_1": "left_hand",
    "right_index_1": "right_hand",
    "right_pinky_1": "right_hand",
    "spine_1": "spine1",
    "spine_2": "spine2",
    "spine_3": "spine3",
    **{name: name.removesuffix("_openpose") for name in HUMAN_DATA if name.endswith("_openpose")},
}
"""Keypoints by another name, or that no body point stands for exactly, and the nearest one."""


def body_points(convention: str) -> NDArray[np.int64]:
    """Return, for each keypoint of a convention, its index in `BODY_POINTS`, or -1.

    Returns
    -------
    NDArray, shape (K,)
    """
    return np.array(_body_points(convention), dtype=np.int64)


def on_body(
    convention: str, points: NDArray[np.float32], confidence: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Put points of a convention on the body's; those that share one are averaged.

    Parameters
    ----------
    convention : str
        Name of the order.
    points : NDArray, shape (K, D)
        In the picture or in space.
    confidence : NDArray, shape (K,)
        0 (missing) to 1.

    Returns
    -------
    points : NDArray, shape (45, D)
        Of `BODY_POINTS`.
    weight : NDArray, shape (45,)
        The largest confidence of each; 0 where nothing is known.
    """
    to = body_points(convention)
    used = (to >= 0) & (confidence > 0)
    to, say, at = to[used], confidence[used], points[used]
    weight = np.zeros(len(BODY_POINTS), dtype=np.float32)
    total, mean = np.zeros_like(weight), np.zeros((len(weight), points.shape[1]), np.float32)
    np.add.at(total, to, say)
    np.maximum.at(weight, to, say)
    np.add.at(mean, to, at * (say / total[to])[:, None])
    return mean, weight


@cache
def _body_points(convention: str) -> tuple[int, ...]:
    index = {name: number for number, name in enumerate(BODY_POINTS)}
    names = CONVENTIONS[convention]
    return tuple(index.get(_SAME_PLACE.get(name, name), -1) for name in names)
