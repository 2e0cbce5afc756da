"""The 190 keypoint names of mmhuman3d's HumanData, in order (mmhuman3d 0.11, `human_data`)."""

import numpy as np
from numpy.typing import NDArray

HUMAN_DATA = (
    # SMPL-X body and eyes
    "pelvis", "left_hip", "right_hip", "spine_1", "left_knee", "right_knee", "spine_2",
    "left_ankle", "right_ankle", "spine_3", "left_foot", "right_foot", "neck", "left_collar",
    "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist", "jaw", "left_eyeball", "right_eyeball",
    # hands
    "left_index_1", "left_index_2", "left_index_3", "left_middle_1", "left_middle_2",
    "left_middle_3", "left_pinky_1", "left_pinky_2", "left_pinky_3", "left_ring_1", "left_ring_2",
    "left_ring_3", "left_thumb_1", "left_thumb_2", "left_thumb_3", "right_index_1",
    "right_index_2", "right_index_3", "right_middle_1", "right_middle_2", "right_middle_3",
    "right_pinky_1", "right_pinky_2", "right_pinky_3", "right_ring_1", "right_ring_2",
    "right_ring_3", "right_thumb_1", "right_thumb_2", "right_thumb_3",
    # face, feet, finger tips of SMPL's 45
    "nose", "right_eye", "left_eye", "right_ear", "left_ear", "left_bigtoe", "left_smalltoe",
    "left_heel", "right_bigtoe", "right_smalltoe", "right_heel", "left_thumb", "left_index",
    "left_middle", "left_ring", "left_pinky", "right_thumb", "right_index", "right_middle",
    "right_ring", "right_pinky",
    # face
    "right_eyebrow_1", "right_eyebrow_2", "right_eyebrow_3", "right_eyebrow_4", "right_eyebrow_5",
    "left_eyebrow_5", "left_eyebrow_4", "left_eyebrow_3", "left_eyebrow_2", "left_eyebrow_1",
    "nosebridge_1", "nosebridge_2", "nosebridge_3", "nosebridge_4", "right_nose_2",
    "right_nose_1", "nose_middle", "left_nose_1", "left_nose_2", "right_eye_1", "right_eye_2",
    "right_eye_3", "right_eye_4", "right_eye_5", "right_eye_6", "left_eye_4", "left_eye_3",
    "left_eye_2", "left_eye_1", "left_eye_6", "left_eye_5", "right_mouth_1", "right_mouth_2",
    "right_mouth_3", "mouth_top", "left_mouth_3", "left_mouth_2", "left_mouth_1", "left_mouth_5",
    "left_mouth_4", "mouth_bottom", "right_mouth_4", "right_mouth_5", "right_lip_1",
    "right_lip_2", "lip_top", "left_lip_2", "left_lip_1", "left_lip_3", "lip_bottom",
    "right_lip_3",
    # face contour
    "right_contour_1", "right_contour_2", "right_contour_3", "right_contour_4", "right_contour_5",
    "right_contour_6", "right_contour_7", "right_contour_8", "contour_middle", "left_contour_8",
    "left_contour_7", "left_contour_6", "left_contour_5", "left_contour_4", "left_contour_3",
    "left_contour_2", "left_contour_1",
    # LSP, MPII, Human3.6M
    "right_hip_extra", "left_hip_extra", "neck_extra", "headtop", "pelvis_extra", "thorax_extra",
    "spine_extra", "jaw_extra", "head_extra",
    # OpenPose 25
    "nose_openpose", "neck_openpose", "right_shoulder_openpose", "right_elbow_openpose",
    "right_wrist_openpose", "left_shoulder_openpose", "left_elbow_openpose",
    "left_wrist_openpose", "pelvis_openpose", "right_hip_openpose", "right_knee_openpose",
    "right_ankle_openpose", "left_hip_openpose", "left_knee_openpose", "left_ankle_openpose",
    "right_eye_openpose", "left_eye_openpose", "right_ear_openpose", "left_ear_openpose",
    "left_bigtoe_openpose", "left_smalltoe_openpose", "left_heel_openpose",
    "right_bigtoe_openpose", "right_smalltoe_openpose", "right_heel_openpose",
    # MPI-INF-3DHP, Human3.6M, PoseTrack, SMPL hands
    "spine_4_3dhp", "left_clavicle_3dhp", "right_clavicle_3dhp", "left_hand_3dhp",
    "right_hand_3dhp", "left_toe_3dhp", "right_toe_3dhp", "head_h36m", "headtop_h36m",
    "head_bottom_pt", "left_hand", "right_hand",
)  # fmt: skip

_SIDES = ("left", "right")
_IN_HUMAN_DATA = {
    **{f"spine{number}": f"spine_{number}" for number in (1, 2, 3)},
    **{f"{side}_eye_inner": f"{side}_eye_4" for side in _SIDES},
    **{f"{side}_eye_outer": f"{side}_eye_1" for side in _SIDES},
    **{f"mouth_{side}": f"{side}_mouth_1" for side in _SIDES},
    **{
        f"{side}_{finger}_knuckle": f"{side}_{finger}_1"
        for side in _SIDES
        for finger in ("pinky", "index", "thumb")
    },
}
"""Our names of points that HumanData calls otherwise (its own table for MediaPipe's points)."""


def human_data_index(names: tuple[str, ...]) -> NDArray[np.int64]:
    """Return, for keypoints (K,) by our names, their places in `HUMAN_DATA`, or -1."""
    places = {name: place for place, name in enumerate(HUMAN_DATA)}
    return np.array([places.get(_IN_HUMAN_DATA.get(name, name), -1) for name in names])
