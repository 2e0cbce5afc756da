"""What every frontend keeps to."""

from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.contract import people
from core.errors import NoPersonFound
from core.evidence import Box
from core.frontends import Frontend, RoughAnnotation, load_frontend

SIZE = 480, 640
"""Height and width of the pictures."""


@cache
def _frontend(name: str) -> Frontend:
    return load_frontend(name, people.body())


class FrontendContract:
    """Tests of a frontend.

    Attributes
    ----------
    name : str
        Its row.
    """

    name: ClassVar[str]

    @property
    def frontend(self) -> Frontend:
        """The frontend, made once."""
        return _frontend(self.name)

    def test_it_says_who_it_is(self) -> None:
        """For the provenance record."""
        assert self.frontend.name == self.name, f"it says it is {self.frontend.name}"
        digest = self.frontend.weights_sha256
        assert digest == "" or len(digest) == 64, f"{digest!r} is no SHA-256"

    def test_it_finds_boxes_or_nobody(self) -> None:
        """In an empty picture, a noisy one and a very small one."""
        for picture in (_grey(), _noise(), _grey((8, 8))):
            for box in self.frontend.detect(picture):
                assert isinstance(box, Box), f"{box!r} is no box"

    def test_theta1_is_whole_and_of_the_picture_s_camera(self) -> None:
        """Whatever is in the box; `NoPersonFound` is an answer too."""
        known = people.seen().keypoints
        for picture in (_grey(), _noise()):
            for keypoints in (None, known):
                try:
                    rough = self.frontend.annotate(picture, people.BOX, keypoints)
                except NoPersonFound:
                    continue
                _fits(rough)

    def test_a_box_that_leaves_the_picture_is_no_mistake(self) -> None:
        """Partly outside, or hardly a pixel large."""
        for box in (Box(-100, -80, 400, 500), Box(630, 470, 200, 200), Box(10, 10, 2, 2)):
            try:
                _fits(self.frontend.annotate(_noise(), box))
            except NoPersonFound:
                continue

    def test_the_same_picture_gives_the_same_bytes(self) -> None:
        """Twice the same."""
        found = []
        for _ in range(2):
            try:
                found.append(self.frontend.annotate(_noise(), people.BOX, people.seen().keypoints))
            except NoPersonFound:
                return
        assert people.same(found[0].theta1, found[1].theta1), "the same picture gives other bytes"


def _fits(rough: RoughAnnotation) -> None:
    theta1, keypoints = rough.theta1, rough.keypoints
    assert theta1.batch == (), f"Θ1 is a batch of {theta1.batch}"
    camera = theta1.camera
    assert (camera.height, camera.width) == SIZE, f"the camera is of another picture: {camera}"
    assert theta1.transl[2] > 0, f"the body stands behind the camera: {theta1.transl}"
    if keypoints is not None:
        assert np.isfinite(keypoints.points).all(), "keypoints hold NaN"


def _grey(size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    return np.full((*size, 3), 120, np.uint8)


def _noise() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
