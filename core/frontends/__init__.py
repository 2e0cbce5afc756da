"""Frontends: a picture and a box in, evidence and Θ1 out. A new one is a file and a row here.

Other packages add theirs by the entry point `diffannot.frontends`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableInput
from core.evidence import Box, Evidence, Keypoints2D
from core.plugins import Registry
from core.pose import Parameters

if TYPE_CHECKING:
    from core.body import BodyModel

_FRONTENDS = {
    "blazepose": "core.frontends.blazepose:BlazePose",
    "standing": "core.frontends.standing:Standing",
    "hmr-open": "core.frontends.hmr.frontend:HmrOpen",
    "hmr": "core.frontends.hmr.frontend:Hmr",
}
FRONTENDS = Registry("diffannot.frontends", _FRONTENDS)
"""Where each frontend is made, by name, the default first; called with the body."""
WITH_CHECKPOINT = frozenset(("hmr", "hmr-open"))
"""Those of ours that run the user's own weights."""
DEFAULT_FRONTEND = next(iter(FRONTENDS))


@dataclass(frozen=True, eq=False)
class RoughAnnotation:
    """What a frontend says of one person.

    Parameters
    ----------
    theta1 : Parameters
        Θ1, batch shape ().
    keypoints : Keypoints2D or None
        Evidence that the frontend saw itself.
    """

    theta1: Parameters
    keypoints: Keypoints2D | None


class Frontend(Protocol):
    """What every frontend offers; what looks at more than the box has a `margin` (`looked_at`)."""

    name: str
    weights_sha256: str

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Find people in a picture (H, W, 3) RGB; boxes in pixels, best first, may be empty."""
        ...

    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        """Annotate one person.

        Parameters
        ----------
        image : NDArray, shape (H, W, 3), uint8
            RGB.
        box : Box
            The person, in pixels.
        keypoints : Keypoints2D or None
            Given evidence (drawn, imported); preferred to the frontend's own where present.

        Raises
        ------
        NoPersonFound
            Nobody is in the box.
        """
        ...


def looked_at(frontend: Frontend, evidence: Evidence) -> Box:
    """Return the box to give a frontend, so that it leaves no margin twice: that costs millimetres.

    A network that looks at more than the box says how much more by its `margin`; of a box that has
    one already it is to see just that.
    """
    margin = getattr(frontend, "margin", 1.0) if evidence.padded else 1.0
    return evidence.box.scaled(1 / margin)


def load_frontend(name: str, body: "BodyModel", checkpoint: Path | None = None) -> Frontend:
    """Make a frontend, with its weights in memory.

    Parameters
    ----------
    name : str
        Key of `FRONTENDS`.
    body : BodyModel
        What it annotates with.
    checkpoint : Path or None
        The user's own weights, for those of `WITH_CHECKPOINT`.

    Raises
    ------
    UnreadableInput
        No frontend is named so, or it has no use for this checkpoint.
    MissingModel
        Its weights are not on this machine.
    BrokenPlugin
        It is a plug-in's, and fails.
    """
    if name not in FRONTENDS:
        raise UnreadableInput(
            f"There is no frontend named {name!r}", f"Choose one of: {', '.join(FRONTENDS)}"
        )
    if checkpoint is not None and name not in {*WITH_CHECKPOINT, *FRONTENDS.plugins}:
        raise UnreadableInput(
            f"The frontend {name} takes no checkpoint",
            f"Those that do: {', '.join(WITH_CHECKPOINT)}",
        )
    given = (body,) if checkpoint is None else (body, checkpoint)
    return cast(Frontend, FRONTENDS.make(name, *given))
