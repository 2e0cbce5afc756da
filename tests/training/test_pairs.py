from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.body import BodyModel, load_body
from core.errors import Cancelled, MissingModel, NoPersonFound
from core.evidence import Box, Keypoints2D
from core.formats.records import Failure
from core.frontends import RoughAnnotation, load_frontend
from core.frontends.standing import Standing
from core.progress import CancelToken
from training.corpora.records import Sample
from training.pairs import Pair, pairs

BOX = Box(20, 10, 40, 80)


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


def sample(folder: Path, name: str = "a") -> Sample:
    image = folder / f"{name}.png"
    Image.new("RGB", (100, 120)).save(image)
    return Sample("made", "train", name, image, BOX)


class Sees(Standing):
    """Stands a body where the box is, and sees keypoints of its own; counts the pictures."""

    def __init__(self, body: BodyModel) -> None:
        super().__init__(body)
        self.seen: list[int] = []

    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        assert keypoints is None
        self.seen.append(id(image))
        rough = super().annotate(image, box)
        return replace(rough, keypoints=Keypoints2D("coco", np.ones((17, 2)), np.ones(17)))


def test_a_pair_has_the_frontends_theta1_and_the_samples_box_and_keypoints(
    tmp_path: Path, body: BodyModel
) -> None:
    own = Keypoints2D("pw3d", np.zeros((18, 2)), np.ones(18))
    bare = sample(tmp_path)
    first, second = pairs([replace(bare, keypoints=own), bare], Sees(body))
    assert isinstance(first, Pair) and isinstance(second, Pair)
    assert first.evidence.keypoints is own
    assert second.evidence.keypoints is not None
    assert second.evidence.keypoints.convention == "coco"
    assert first.sample.keypoints is own and second.sample is bare
    alone = Standing(body).annotate(np.zeros((120, 100, 3), np.uint8), BOX).theta1
    np.testing.assert_array_equal(first.theta1.transl, alone.transl)
    assert first.theta1.camera == alone.camera
    assert first.evidence.box == BOX


def test_a_network_with_a_margin_looks_at_a_padded_box_itself(
    tmp_path: Path, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontend, looked = Standing(body), []
    whole = sample(tmp_path)

    def annotate(image: NDArray[np.uint8], box: Box, _: Keypoints2D | None) -> RoughAnnotation:
        looked.append(box)
        return Standing(body).annotate(image, box)

    monkeypatch.setattr(frontend, "annotate", annotate)
    corners = np.array([[40 - 20 / 1.2, 50 - 40 / 1.2], [40 + 20 / 1.2, 50 + 40 / 1.2]])
    around = Keypoints2D("keypoints", corners, np.ones(2))
    people = [whole, replace(whole, keypoints=around)]
    (_, without) = pairs(people, frontend)
    monkeypatch.setattr(frontend, "margin", 1.25, raising=False)
    list(pairs(people, frontend))
    # a crop of 1.25 times 32 by 64 about the same centre is the box of 40 by 80
    assert looked == [BOX, BOX, BOX, Box(24, 18, 32, 64)]
    assert isinstance(without, Pair) and without.evidence.box == BOX


def test_only_who_is_blind_to_keypoints_is_given_them(
    tmp_path: Path, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Keypoints2D("pw3d", np.zeros((18, 2)), np.ones(18))
    marked = replace(sample(tmp_path), keypoints=own)
    given: list[Keypoints2D | None] = []

    def annotate(image: NDArray[np.uint8], box: Box, shown: Keypoints2D | None) -> RoughAnnotation:
        given.append(shown)
        return Standing(body).annotate(image, box)

    frontend = Standing(body)
    monkeypatch.setattr(frontend, "annotate", annotate)
    list(pairs([marked], frontend))
    monkeypatch.setattr(frontend, "blind", True, raising=False)
    list(pairs([marked], frontend))
    assert given == [None, own]


def test_a_picture_of_several_people_is_opened_once(tmp_path: Path, body: BodyModel) -> None:
    one, frontend = sample(tmp_path), Sees(body)
    list(pairs([one, replace(one, name="b"), sample(tmp_path, "c")], frontend))
    assert frontend.seen[0] == frontend.seen[1]


def test_broken_people_are_named_and_the_others_come_through(
    tmp_path: Path, body: BodyModel
) -> None:
    whole = sample(tmp_path)
    torn = tmp_path / "torn.png"
    torn.write_bytes(b"no picture")
    people = [
        replace(whole, name="boxless", box=None),
        replace(whole, name="pictureless", image=None),
        replace(whole, name="filmed", image=tmp_path / "video_0.avi", video_frame=7),
        replace(whole, name="torn", image=torn),
        Failure("row 3", "a broken row"),
        whole,
    ]
    found = list(pairs(people, load_frontend("standing", body)))
    assert isinstance(found.pop(), Pair)
    failures = [one for one in found if isinstance(one, Failure)]
    assert [one.name for one in failures] == ["boxless", "pictureless", "filmed", "torn", "row 3"]
    says = ["no box", "no picture", "frame 7 of the video", "cannot be read", "a broken row"]
    assert all(word in one.why for word, one in zip(says, failures, strict=True))


def test_who_is_not_found_is_a_failure_and_missing_weights_are_an_error(
    tmp_path: Path, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontend = Standing(body)
    monkeypatch.setattr(frontend, "annotate", _raises(NoPersonFound("nobody there")))
    assert list(pairs([sample(tmp_path)], frontend)) == [Failure("a", "nobody there")]
    monkeypatch.setattr(frontend, "annotate", _raises(MissingModel("no weights")))
    with pytest.raises(MissingModel):
        list(pairs([sample(tmp_path)], frontend))


def _raises(error: Exception):
    def annotate(*_: object) -> None:
        raise error

    return annotate


def test_a_stop_is_heard_between_people(tmp_path: Path, body: BodyModel) -> None:
    cancel, one = CancelToken(), sample(tmp_path)
    found = pairs([one, one], Standing(body), cancel)
    assert isinstance(next(found), Pair)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(found)
