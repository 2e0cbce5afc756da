"""SMPL's 24 joints, kinematic tree and body parts (Loper et al., SMPL, 2015)."""

JOINTS = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2",
    "left_ankle", "right_ankle", "spine3", "left_foot", "right_foot", "neck",
    "left_collar", "right_collar", "head", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand",
)  # fmt: skip

PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)

PARTS = {
    "torso and head": (0, 3, 6, 9, 12, 15),
    "left arm": (13, 16, 18, 20, 22),
    "right arm": (14, 17, 19, 21, 23),
    "left leg": (1, 4, 7, 10),
    "right leg": (2, 5, 8, 11),
}
"""Joint indices whose local rotations make up each of the five body parts."""
