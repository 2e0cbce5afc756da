"""Parameters of a body, its skeleton, and rotations in named layouts.

`core.pose.rotations` and `core.pose.vectors` need torch and are imported by name.
"""

from core.pose.parameters import Parameters
from core.pose.skeleton import JOINTS, PARENTS, PARTS

__all__ = ["JOINTS", "PARENTS", "PARTS", "Parameters"]
