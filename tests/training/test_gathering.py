from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.camera import Camera
from core.contract.people import body as open_body
from core.errors import Cancelled, NoPersonFound, UnreadableInput
from core.evidence import Box, Keypoints2D
from core.formats.records import Failure
from core.frontends import RoughAnnotation
from core.frontends.standing import Standing
from core.jobs import finish
from core.pose import Parameters
from core.progress import CancelToken
from tests.training.people_kit import IN_3DHP, IN_3DPW, IN_HALPE, material, write_3dpw
from training import gathering
from training.corpora.records import Sample
from training.gathering import Gathered, Material, Source, told


class Looks(Standing):
    """Stands a body in the box and sees its own keypoints; nobody in a box of 30 px."""

    looked = 0

    def annotate(
        self, image: NDArray[np.uint8], box: Box, keypoints: Keypoints2D | None = None
    ) -> RoughAnnotation:
        type(self).looked += 1
        if box.width == 30:
            raise NoPersonFound("nobody there")
        camera = Camera(123.4567890123, 5, 6, 70, 80)
        theta1 = Parameters(
            np.full(3, 0.1), np.full((23, 3), 0.2), np.zeros(10), np.ones(3) / 3, camera
        )
        own = Keypoints2D("coco", np.full((17, 2), box.x), np.full(17, 0.5))
        return RoughAnnotation(theta1, own if box.x < 50 else None)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> type[Looks]:
    monkeypatch.setattr(Looks, "looked", 0)
    monkeypatch.setattr(gathering, "load_frontend", lambda *_: Looks(open_body()))
    monkeypatch.setattr(gathering, "load_body", lambda _: open_body())
    return Looks


def people(folder: Path) -> list[Sample | Failure]:
    image = folder / "a.png"
    Image.new("RGB", (90, 90)).save(image)
    own = Keypoints2D("pw3d", np.ones((18, 2)), np.ones(18))
    return [
        Sample("made", "train", "bare", image, Box(1, 2, 40, 80)),
        Failure("torn", "a torn row"),
        Sample("made", "train", "unseen", image, Box(1, 2, 30, 80)),
        Sample("made", "train", "marked", image, Box(60, 2, 20, 80), own),
        Sample("made", "train", "blind", image, Box(60, 2, 20, 81)),
    ]


def gather(folder: Path, monkeypatch: pytest.MonkeyPatch, some: Any) -> Gathered:
    monkeypatch.setattr(gathering.Source, "people", lambda _: some)
    made = Material((Source("made", folder),), kept=folder / "kept")
    return finish(made.gather(folder / "out", CancelToken()))[1]


def test_what_is_kept_is_what_the_frontend_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: type[Looks]
) -> None:
    some = people(tmp_path)
    fresh = gather(tmp_path, monkeypatch, some)
    kept = gather(tmp_path, monkeypatch, some)
    assert looks.looked == 4
    assert fresh[1] == kept[1] == [Failure("torn", "a torn row"), Failure("unseen", "nobody there")]
    assert [pair.sample.name for pair in kept[0]] == ["bare", "marked", "blind"]
    for one, other in zip(fresh[0], kept[0], strict=True):
        assert one.sample is other.sample
        assert one.theta1.camera == other.theta1.camera
        assert one.theta1.transl.tobytes() == other.theta1.transl.tobytes()
        assert one.theta1.body_pose.tobytes() == other.theta1.body_pose.tobytes()
        assert one.evidence.box == other.evidence.box
    bare, marked, blind = (pair.evidence.keypoints for pair in kept[0])
    assert bare is not None and bare.convention == "coco" and bare.points[3].tolist() == [1, 1]
    assert bare.confidence.tolist() == [0.5] * 17
    assert marked is some[3].keypoints
    assert blind is None


def test_only_blocks_that_changed_are_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: type[Looks]
) -> None:
    monkeypatch.setattr(gathering, "BLOCK", 2)
    some = [one for one in people(tmp_path) if one.name != "torn"]
    gather(tmp_path, monkeypatch, some)
    gather(tmp_path, monkeypatch, some[:3])  # the block of two is known, that of one is not
    assert looks.looked == 4 + 1
    Image.new("RGB", (300, 300), "red").save(tmp_path / "a.png")  # other pictures, same names
    gather(tmp_path, monkeypatch, some)
    assert looks.looked == 5 + 4


def test_a_stop_keeps_the_blocks_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: type[Looks]
) -> None:
    monkeypatch.setattr(gathering, "BLOCK", 1)
    cancel, some = CancelToken(), people(tmp_path)
    monkeypatch.setattr(gathering.Source, "people", lambda _: some)
    made = Material((Source("made", tmp_path),), kept=tmp_path / "kept")
    with pytest.raises(Cancelled):
        for progress in made.gather(tmp_path / "out", cancel):
            if progress.message.endswith("made bare"):
                kept = sum(1 for _ in (tmp_path / "kept").rglob("*.npz"))
            if progress.message.endswith("made torn"):
                cancel.cancel()
    assert (kept, looks.looked) == (0, 1)
    assert len(gather(tmp_path, monkeypatch, some)[0]) == 3
    assert looks.looked == 4


def test_corpora_stand_side_by_side_and_halpe_is_cleansed(tmp_path: Path) -> None:
    made = material(tmp_path, watched=True)
    body, (found, failures), (watched, _) = finish(
        made.gather(tmp_path / "b.safetensors", CancelToken())
    )
    assert [pair.sample.corpus for pair in found] == (
        ["3DPW"] * IN_3DPW + ["MPI-INF-3DHP"] * IN_3DHP + ["Halpe"] * IN_HALPE
    )
    assert failures == []
    assert {pair.sample.split for pair in watched} == {"validation"}
    assert body.num_vertices == open_body().num_vertices
    assert any((tmp_path / "b.pairs").rglob("*.npz"))


def test_nobody_left_to_train_on_is_said_with_the_first_reason(tmp_path: Path) -> None:
    folder = write_3dpw(tmp_path / "3dpw")
    for path in folder.rglob("*.jpg"):
        path.write_bytes(b"torn")
    made = Material((Source("pw3d", folder),), frontend="standing")
    with pytest.raises(UnreadableInput, match=r"Nobody is left .* street_00/0/00000: .*read"):
        finish(made.gather(tmp_path / "out", CancelToken()))


def test_many_failures_are_told_in_few_lines() -> None:
    lines = told([Failure(f"p{number}", "gone") for number in range(13)])
    assert len(lines) == 11
    assert (lines[0], lines[-1]) == ("p0: gone", "and 3 more people")
    assert told([Failure("a", "gone")]) == ("a: gone",)
