"""Ground truth as a file of joints, as the sample project has it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidAnnotation, UnreadableInput
from core.safe_reader import read_npz


def read_joints(path: Path, persons: int) -> NDArray[np.floating]:
    """Read SMPL's 24 joints of every person of a project, in its order.

    Parameters
    ----------
    path : Path
        npz with `joints` (P, 24, 3), metres, camera frame.
    persons : int
        P: how many the project has.

    Raises
    ------
    UnreadableInput
        The file is missing or torn, or holds no joints.
    InvalidAnnotation
        They are of another number of persons.
    """
    joints = read_npz(path, ["joints"]).get("joints")
    if joints is None or np.asarray(joints).dtype.kind != "f":
        raise UnreadableInput(f"{path} holds no array of joints", "Name it joints, (P, 24, 3)")
    made = np.asarray(joints)
    if made.shape != (persons, 24, 3):
        raise InvalidAnnotation(
            f"The joints of {path} have the shape {made.shape}, expected {(persons, 24, 3)}",
            "It is to hold the joints of every person of the project, in its order",
        )
    return made
