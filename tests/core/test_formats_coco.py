import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from formats_kit import items, recognises

from core.errors import UnreadableInput
from core.formats import coco, reader_for
from core.formats.records import Failure, Record

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"
needs_photos = pytest.mark.skipif(not PHOTOS.exists(), reason="../shared/data is absent")


def person(**changes: Any) -> dict[str, Any]:
    keypoints = [10, 20, 2] + [30, 40, 1] + [0, 0, 0] * 15
    made = {"id": 7, "image_id": 1, "bbox": [1.5, 2, 30, 40], "keypoints": keypoints, "iscrowd": 0}
    return {**made, **changes}


def write(path: Path, *people: Any) -> Path:
    images = [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}]
    path.write_text(json.dumps({"images": images, "annotations": list(people)}))
    return path


def test_visibility_becomes_confidence_and_pixels_count_from_the_corner(tmp_path: Path) -> None:
    (record,) = items(coco, write(tmp_path / "k.json", person()), tmp_path / "pictures")
    assert isinstance(record, Record) and record.keypoints is not None
    assert record.image == tmp_path / "pictures" / "a.jpg"
    assert (record.box.x, record.box.y, record.box.width, record.box.height) == (1.5, 2, 30, 40)
    assert record.keypoints.convention == "coco"
    np.testing.assert_array_equal(record.keypoints.confidence, [1, 0.5] + [0] * 15)
    np.testing.assert_array_equal(record.keypoints.points[:2], [[10.5, 20.5], [30.5, 40.5]])


def test_a_person_without_keypoints_keeps_the_box_and_crowds_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "k.json", person(keypoints=None), person(iscrowd=1))
    (record,) = items(coco, path)
    assert isinstance(record, Record) and record.keypoints is None
    assert record.image == tmp_path / "a.jpg"


@pytest.mark.parametrize(
    "broken",
    [
        person(keypoints=[1, 2, 2]),
        person(keypoints=[1, 2, 9] * 17),
        person(keypoints="x"),
        person(bbox=[0, 0, 0, 5]),
        person(bbox=[0, 0]),
        person(bbox=[0, 0, 1e30, 1e30]),
        person(bbox=[0, 0, 1e-9, 1e-9]),
        person(bbox=[9e9, 0, 5, 5]),
        person(bbox=[10**400, 0, 5, 5]),
        person(bbox=None),
        person(bbox="text"),
        person(keypoints=[10**400] * 51),
        person(keypoints=[1e30, 1e30, 2] * 17),
        person(keypoints=[float("nan")] * 51),
        person(keypoints=[1, 1, 1.5] * 17),
        person(keypoints={"nose": 1}),
        person(image_id=[1]),
        person(image_id=99),
        {"id": 3},
        "not even a person",
    ],
)
def test_a_broken_annotation_is_named_and_the_rest_kept(tmp_path: Path, broken: Any) -> None:
    found = items(coco, write(tmp_path / "k.json", broken, person()))
    assert isinstance(found[0], Failure) and found[0].name.startswith("annotation")
    assert isinstance(found[1], Record)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", "{}", '{"images": 3}'])
def test_what_is_no_coco_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "k.json").write_text(text)
    with pytest.raises(UnreadableInput):
        items(coco, tmp_path / "k.json")
    said = {"": "is empty", "{": "cannot be read as json", "[": "cannot be read as json"}
    with pytest.raises(UnreadableInput, match=said.get(text[-1:], "no format")):
        reader_for(tmp_path / "k.json")


def test_a_file_is_recognised_by_its_good_persons(tmp_path: Path) -> None:
    broken = [None, "text", {"keypoints": 3}, {"keypoints": None}]
    assert not recognises(coco, write(tmp_path / "k.json", *broken))
    assert recognises(coco, write(tmp_path / "k.json", *broken, person()))


@needs_photos
def test_the_real_file_is_recognised_and_read() -> None:
    path = PHOTOS / "coco_person_keypoints_785.json"
    name, read = reader_for(path)
    assert name == "coco"
    (record,) = read()
    assert isinstance(record, Record) and record.keypoints is not None
    assert record.image.exists()
    np.testing.assert_array_equal(record.keypoints.points[0], [367.5, 81.5])
    assert (record.keypoints.confidence > 0).all()


@needs_photos
def test_a_real_file_of_halpe_is_read() -> None:
    (record,) = items(coco, PHOTOS / "halpe_785.json")
    assert isinstance(record, Record) and record.keypoints is not None
    assert record.keypoints.convention == "halpe" and record.image.exists()


@needs_photos
def test_other_real_json_is_not_taken_for_coco() -> None:
    assert not recognises(coco, PHOTOS / "blazepose_golden.expected.json")
