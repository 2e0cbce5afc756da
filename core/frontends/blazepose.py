"""The frontend that works out of the box: BlazePose's landmarks, lifted and fitted to the body."""

import numpy as np
from numpy.typing import NDArray

from core.errors import NoPersonFound
from core.evidence import Box
from core.frontends.detector import find_people
from core.frontends.landmarks import Landmarks, find_landmarks
from core.frontends.people import box_of, distinct
from core.frontends.regions import Region
from core.frontends.tflite import TfliteModel
from core.models import MODELS, model_path

DETECTOR = "pose_detection.tflite"
LANDMARKS = "pose_landmark_full.tflite"
MIN_PRESENCE = 0.5
SURE_PRESENCE = 0.9
"""Asked of people whom nobody drew a box around."""


class BlazePose:
    """People, their landmarks and their Θ1 from a picture, without a GPU and without a licence.

    Not thread safe: it belongs to the thread that runs inference.

    Raises
    ------
    MissingModel
        The weights have not been pulled.
    """

    name = "blazepose"
    weights_sha256 = MODELS[LANDMARKS].sha256

    def __init__(self) -> None:
        self._detector = TfliteModel(model_path(DETECTOR))
        self._landmarks = TfliteModel(model_path(LANDMARKS))

    def detect(self, image: NDArray[np.uint8]) -> list[Box]:
        """Find people in a picture (H, W, 3) RGB; boxes in pixels, best first, may be empty."""
        height, width = image.shape[:2]
        people = [
            find_landmarks(self._landmarks, image, region)
            for region in find_people(self._detector, image)
        ]
        likely = [person for person in people if person.presence >= MIN_PRESENCE]
        boxes = [box_of(person, width, height) for person in distinct(likely)]
        return [box for box in boxes if self._look(image, box).presence >= SURE_PRESENCE]

    def landmarks(self, image: NDArray[np.uint8], box: Box) -> Landmarks:
        """Find the landmarks of the person in a box.

        Raises
        ------
        NoPersonFound
            The network sees nobody there.
        """
        found = self._look(image, box)
        if found.presence < MIN_PRESENCE:
            raise NoPersonFound(
                f"BlazePose sees nobody in the box (presence {found.presence:.2f})",
                "Draw a box around one whole person, or place the body by hand",
            )
        return found

    def _look(self, image: NDArray[np.uint8], box: Box) -> Landmarks:
        return find_landmarks(self._landmarks, image, Region.of_box(box))
