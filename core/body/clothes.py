"""Clothes as vertex colours: shirt, trousers, shoes, skin, hair, by place on the resting body."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.model import BodyModel
from core.pose import JOINTS

Colour = tuple[int, int, int]
Floats = NDArray[np.float32]

EYE_WHITE: Colour = (236, 236, 232)
IRIS: Colour = (52, 40, 34)
IRIS_RADIUS = 0.007
NECKLINE = 0.015
"""Metres above the neck joint where a shirt ends at the nape; at the throat it ends lower."""
SHOE = -0.005
"""Metres above the ankle joint where shoes end."""
SEAM = 0.012
"""Metres over which one colour goes into the next."""


@dataclass(frozen=True)
class Outfit:
    """What a person wears; colours are RGB.

    Parameters
    ----------
    sleeve : float
        Where sleeves end, from 0 (shoulder) to 1 (wrist).
    leg : float
        Where trouser legs end, from 0 (hip) to 1 (ankle).
    """

    name: str
    shirt: Colour
    trousers: Colour
    shoes: Colour
    skin: Colour
    hair: Colour
    sleeve: float
    leg: float


OUTFITS = (
    Outfit("office", (86, 121, 158), (52, 55, 66), (38, 32, 30), (226, 178, 150), (58, 42, 32),
           0.95, 0.97),
    Outfit("runner", (214, 84, 62), (34, 36, 44), (236, 236, 230), (146, 98, 72), (28, 24, 24),
           0.25, 0.45),
    Outfit("gardener", (96, 138, 92), (120, 98, 74), (92, 66, 44), (238, 196, 170), (168, 116, 66),
           0.5, 0.97),
    Outfit("dancer", (146, 98, 156), (40, 42, 58), (198, 176, 170), (196, 146, 112), (44, 30, 26),
           0.02, 0.75),
    Outfit("summer", (236, 222, 190), (72, 112, 142), (176, 142, 106), (104, 70, 52), (24, 22, 22),
           0.35, 0.4),
    Outfit("football", (232, 196, 64), (36, 66, 116), (30, 30, 34), (232, 188, 160), (110, 76, 46),
           0.4, 0.42),
)  # fmt: skip


def vertex_colours(body: BodyModel, outfit: Outfit) -> NDArray[np.uint8]:
    """Dress a body.

    Returns
    -------
    NDArray, shape (V, 3)
        RGB of each vertex.
    """
    x, y, z = body.template.T
    joint = {name: place for name, place in zip(JOINTS, body.joints, strict=True)}
    part = np.array(JOINTS)[body.vertex_joint]
    side = np.char.partition(part, "_")[:, 2]  # "left_knee" -> "knee", "neck" -> ""

    arm = np.isin(side, ("shoulder", "elbow", "wrist", "hand"))
    leg = np.isin(side, ("hip", "knee", "ankle", "foot"))
    head = part == "head"
    sleeve_end = _between(joint["left_shoulder"][0], joint["left_wrist"][0], outfit.sleeve)
    leg_end = _between(joint["left_hip"][1], joint["left_ankle"][1], outfit.leg)
    waist = _between(joint["pelvis"][1], joint["spine1"][1], 0.5)
    collar = joint["neck"][1] + NECKLINE - np.clip(z - joint["neck"][2], 0, 0.06)

    colours = np.tile(np.array(outfit.skin, dtype=np.float32), (body.num_vertices, 1))
    _paint(colours, outfit.shirt, _before(y, collar) * (~arm & ~leg & ~head))
    _paint(colours, outfit.shirt, _before(np.abs(x), sleeve_end) * arm)
    _paint(colours, outfit.trousers, _before(y, waist) * _before(leg_end, y) * (~arm & ~head))
    _paint(colours, outfit.shoes, _before(y, joint["left_ankle"][1] + SHOE) * leg)
    _paint(colours, outfit.hair, _hair(body, head, joint["head"]))
    _paint_eyes(colours, body)
    return np.rint(colours).astype(np.uint8)


def _between(start: float, end: float, share: float) -> float:
    return start + share * (end - start)


def _before(value: Floats | float, limit: Floats | float) -> Floats:
    """1 where the value is below the limit, 0 above; a seam between, so that it looks straight."""
    return np.asarray(np.clip(0.5 + (limit - value) / SEAM, 0, 1), dtype=np.float32)


def _paint(colours: Floats, colour: Colour, cover: Floats) -> None:
    colours += cover[:, None] * (np.array(colour, dtype=np.float32) - colours)


def _hair(body: BodyModel, head: NDArray[np.bool_], joint: Floats) -> Floats:
    """Top and back of the head: above a line that rises from the nape to the forehead."""
    y, z = body.template[:, 1], body.template[:, 2]
    top, front = y[head].max(), z[head].max()
    line = joint[1] + (top - joint[1]) * (0.42 + 0.5 * (z - joint[2]) / (front - joint[2]))
    ears = np.abs(body.template[:, 0]) > 0.97 * np.abs(body.template[head, 0]).max()
    return np.where(head & ~ears & ~body.eyes, _before(line, y), np.float32(0))


def _paint_eyes(colours: Floats, body: BodyModel) -> None:
    colours[body.eyes] = EYE_WHITE
    for eye in (body.eyes & (body.template[:, 0] > 0), body.eyes & (body.template[:, 0] < 0)):
        if eye.any():
            centre = body.template[eye][body.template[eye, 2].argmax()]
            near = np.linalg.norm(body.template - centre, axis=1) < IRIS_RADIUS
            colours[eye & near] = IRIS
