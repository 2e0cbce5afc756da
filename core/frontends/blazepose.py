"""The frontend that works out of the box: BlazePose's landmarks, lifted and fitted to the body."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.body import BodyModel
from core.camera import Camera
from core.errors import NoPersonFound
from core.evidence import Box, Keypoints2D
from core.frontends import RoughAnnotation
from core.frontends.detector import find_people, turned
from core.frontends.fit import Target, fit
from core.frontends.landmarks import Landmarks, find_landmarks
from core.frontends.lift import lift, swing
from core.frontends.people import box_of, distinct
from core.frontends.regions import Region
from core.frontends.tflite import TfliteModel
from core.keypoints import BODY_POINTS, body_points
from core.models import MODELS, model_path
from core.pose import JOINTS, Parameters

DETECTOR = "pose_detection.tflite"
LANDMARKS = "pose_landmark_full.tflite"
MIN_PRESENCE = 0.5
SURE_PRESENCE = 0.9
"""Asked of people whom nobody drew a box around."""


class BlazePose:
    """People, their landmarks and their Θ1 from a picture, without a GPU and without a licence.

    Not thread safe: it belongs to the thread that runs inference.

    Parameters
    ----------
    body : BodyModel
        The body to lift and fit.

    Raises
    ------
    MissingModel
        The weights have not been pulled.
    """

    name = "blazepose"
    weights_sha256 = MODELS[LANDMARKS].sha256

    def __init__(self, body: BodyModel) -> None:
        self._body = body = body.on(torch.device("cpu"))  # a fit of one person, in float64
        still = torch.eye(3).expand(1, len(JOINTS), 3, 3)
        self._rest = body.points(still, torch.zeros(1, 10), torch.zeros(1, 3))[0].numpy()
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

    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        """Annotate one person of a picture (H, W, 3) RGB.

        Given keypoints take the place of the landmarks that they share a body point with; depth
        comes from the landmarks.

        Raises
        ------
        NoPersonFound
            The network sees nobody in the box.
        """
        found = self.landmarks(image, box)
        camera = Camera.assumed(image.shape[1], image.shape[0])
        own = Keypoints2D("blazepose", found.points, found.visibility)
        sources = [own] if keypoints is None else [own, keypoints]
        return RoughAnnotation(self._lift_and_fit(found, sources, box, camera), own)

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
        region = turned(self._detector, image, Region.of_box(box))
        return find_landmarks(self._landmarks, image, region)

    def _lift_and_fit(
        self, found: Landmarks, sources: list[Keypoints2D], box: Box, camera: Camera
    ) -> Parameters:
        world = found.world @ _towards(box, camera).T
        rotations = lift(world, self._rest)
        target = Target.of(sources, box.side)
        return fit(self._body, rotations, _world_of_body(world), target, camera)


def _towards(box: Box, camera: Camera) -> NDArray[np.float64]:
    """Return the turn (3, 3) from a camera that looks at the box to the camera of the picture.

    The network sees a crop and takes the person to stand straight ahead.
    """
    x, y = box.centre
    ray = np.array([x - camera.cx, y - camera.cy, camera.focal])
    return swing(np.array([0, 0, 1.0]), ray / np.linalg.norm(ray))


def _world_of_body(world: NDArray[np.floating]) -> NDArray[np.float64]:
    """Give body points (45, 3) the place of their landmarks (33, 3), or the mean of several."""
    to = body_points("blazepose")
    of = (to == np.arange(len(BODY_POINTS))[:, None]).astype(np.float64)
    return np.asarray(of @ world / of.sum(axis=1, keepdims=True).clip(min=1))
