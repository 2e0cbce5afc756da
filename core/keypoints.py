"""Keypoint conventions by name, and which body point each keypoint looks at."""

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

CONVENTIONS: dict[str, tuple[str, ...]] = {
    "blazepose": BLAZEPOSE,
    "coco": COCO,
    "human_data": HUMAN_DATA,
    "smpl_45": BODY_POINTS,
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
    index = {name: number for number, name in enumerate(BODY_POINTS)}
    names = CONVENTIONS[convention]
    return np.array([index.get(_SAME_PLACE.get(name, name), -1) for name in names], dtype=np.int64)
