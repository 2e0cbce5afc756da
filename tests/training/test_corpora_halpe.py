import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import UnreadableInput
from core.evidence import Box, Keypoints2D
from core.formats.records import Failure
from core.keypoints import HALPE
from training.corpora import coco, halpe, read
from training.corpora.records import Sample

PHOTOS = Path(__file__).parents[3] / "shared" / "data" / "photos"
needs_photos = pytest.mark.skipif(not PHOTOS.exists(), reason="../shared/data is absent")
PICTURES = "hico_20160224_det/images/train2015"

TOP = ("headtop", "neck_extra", "pelvis_extra", "left_bigtoe", "right_bigtoe", "left_smalltoe",
       "right_smalltoe", "left_heel", "right_heel")  # fmt: skip


def annotation(number: int, **changes: Any) -> dict[str, Any]:
    keypoints = [0.0] * (3 * 136)
    keypoints[:6] = [10, 20, 2, 30, 40, 0.7]
    keypoints[3 * 17 : 3 * 18] = [50, 5, 1]
    made = {"id": number, "image_id": 1, "bbox": [5, 2, 80, 90], "keypoints": keypoints}
    return {**made, "iscrowd": 0, **changes}


def write(folder: Path, *people: dict[str, Any], images: int = 1) -> Path:
    pictures = folder / PICTURES
    pictures.mkdir(parents=True)
    names = [f"HICO_train2015_{number:08}.jpg" for number in range(1, images + 1)]
    for name in names:
        (pictures / name).touch()
    listed = [{"id": n, "file_name": name} for n, name in enumerate(names, start=1)]
    data = {"images": listed, "annotations": list(people)}
    (folder / "halpe_train_v1.json").write_text(json.dumps(data))
    return folder


def person(
    image: str = "a.jpg", joints: int = 14, box: tuple[float, ...] = (0, 0, 100, 200)
) -> Sample:
    """Somebody with the first so many of the 14 body joints."""
    confidence = np.zeros(136, dtype=np.float32)
    confidence[[HALPE.index(name) for name in halpe.BODY[:joints]]] = 0.3
    keypoints = Keypoints2D("halpe", np.zeros((136, 2), dtype=np.float32), confidence)
    return Sample("Halpe", "train", "x", Path(image), Box(*box), keypoints)


def test_the_order_is_that_of_halpe() -> None:
    assert HALPE[17:26] == TOP
    assert (HALPE[26], HALPE[34], HALPE[42]) == (
        "right_contour_1", "contour_middle", "left_contour_1",
    )  # fmt: skip
    assert (HALPE[43], HALPE[53], HALPE[93]) == ("right_eyebrow_1", "nosebridge_1", "right_lip_3")
    assert HALPE[94:99] == (
        "left_hand_root", "left_thumb_1", "left_thumb_2", "left_thumb_3", "left_thumb",
    )  # fmt: skip
    assert (HALPE[114], HALPE[115], HALPE[135]) == ("left_pinky", "right_hand_root", "right_pinky")


def test_scores_become_confidence_and_pixels_count_from_the_corner(tmp_path: Path) -> None:
    (one,) = read("halpe", write(tmp_path, annotation(7)), "train")
    assert isinstance(one, Sample) and one.keypoints is not None
    assert one.image == tmp_path / PICTURES / "HICO_train2015_00000001.jpg"
    np.testing.assert_array_equal(one.keypoints.points[:2], [[10.5, 20.5], [30.5, 40.5]])
    np.testing.assert_allclose(one.keypoints.confidence[[0, 1, 2, 17]], [1, 0.7, 0, 1])


def test_people_without_keypoints_stay_and_broken_ones_are_named(tmp_path: Path) -> None:
    bare = annotation(1)
    del bare["keypoints"]
    broken = annotation(2, keypoints=[1, 2, 2] * 26)
    found = list(read("halpe", write(tmp_path, bare, broken, annotation(3, iscrowd=1)), "train"))
    assert len(found) == 2
    assert isinstance(found[0], Sample) and found[0].keypoints is None
    assert isinstance(found[1], Failure) and "(26, 2)" in found[1].why


def test_the_cleansing_keeps_whole_large_people_who_stand_apart() -> None:
    people = [
        person("a.jpg"),
        person("b.jpg", joints=12),
        person("b.jpg", joints=11, box=(500, 0, 100, 100)),
        person("c.jpg", box=(0, 0, 20, 63)),
        person("c.jpg", box=(300, 0, 20, 64)),
        person("d.jpg", box=(0, 0, 100, 100)),
        person("d.jpg", box=(0, 0, 100, 50)),  # IoU 0.5
        person("e.jpg", box=(0, 0, 100, 100)),
        person("e.jpg", box=(0, 0, 100, 49)),
        person("f.jpg", joints=0),
    ]
    kept, counts = halpe.cleanse(people)
    assert [people.index(one) for one in kept] == [0, 1, 4, 7, 8]
    assert counts == halpe.Cleansing(10, 1, 1, 1, 2, 5)
    assert str(counts).startswith("5 of 10 people kept; without keypoints 1, fewer than 12 of 14")


def test_half_a_download_is_said_in_one_line(tmp_path: Path) -> None:
    folder = write(tmp_path, annotation(1), annotation(2, image_id=2), images=2)
    (folder / PICTURES / "HICO_train2015_00000002.jpg").unlink()
    says = r"1 of 2 are missing.*00000002\.jpg\. Expected are halpe_train_v1\.json and hico"
    with pytest.raises(UnreadableInput, match=says):
        list(read("halpe", folder, "train"))
    with pytest.raises(UnreadableInput, match=r"halpe_val_v1\.json"):
        list(read("halpe", folder, "validation"))
    path = folder / "halpe_train_v1.json"
    path.write_text(path.read_text()[:-30])
    with pytest.raises(UnreadableInput, match="json"):
        list(read("halpe", folder, "train"))


@needs_photos
def test_the_real_fragment_of_halpe_is_read_and_kept() -> None:
    path = PHOTOS / "halpe_785.json"
    (one,) = halpe.read_json(PHOTOS, path, PHOTOS, "validation")
    assert isinstance(one, Sample) and one.keypoints is not None
    by_name = dict(zip(HALPE, one.keypoints.points.tolist(), strict=True))
    known = dict(zip(HALPE, one.keypoints.confidence.tolist(), strict=True))
    assert by_name["headtop"] == [370.5, 52.5] and known["headtop"] == 1
    assert known["neck_extra"] == known["right_ring"] == known["nosebridge_4"] == 0
    for side in ("left", "right"):
        for finger in ("thumb", "index", "middle"):
            reach = np.subtract(by_name[f"{side}_{finger}"], by_name[f"{side}_wrist"])
            assert np.linalg.norm(reach) < 30
    assert by_name["right_contour_1"] == [0.5, 0.5]  # turned away; the left ear is seen
    assert abs(by_name["left_contour_1"][0] - by_name["left_ear"][0]) < 2
    assert by_name["mouth_bottom"][1] > by_name["nose_middle"][1] > by_name["nosebridge_2"][1]
    # the skier's feet point to the left of the picture, her own right foot is further left
    assert by_name["left_heel"][0] > by_name["left_bigtoe"][0] > by_name["right_bigtoe"][0]
    kept, counts = halpe.cleanse([one])
    assert kept == [one] and counts.kept == 1


@needs_photos
def test_the_real_fragments_of_halpe_and_coco_agree(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "val2017").mkdir()
    shutil.copy(PHOTOS / "000000000785.jpg", tmp_path / "val2017")
    shutil.copy(
        PHOTOS / "coco_person_keypoints_785.json",
        tmp_path / "annotations" / "person_keypoints_val2017.json",
    )
    (ours,) = read("coco", tmp_path, "validation")
    (theirs,) = halpe.read_json(PHOTOS, PHOTOS / "halpe_785.json", PHOTOS, "validation")
    assert isinstance(ours, Sample) and ours.keypoints is not None
    assert isinstance(theirs, Sample) and theirs.keypoints is not None
    assert ours.image == tmp_path / "val2017" / "000000000785.jpg"
    np.testing.assert_array_equal(ours.keypoints.points, theirs.keypoints.points[:17])
    assert ours.box == theirs.box
    assert (ours.corpus, ours.split) == ("COCO", "validation")


def test_coco_without_its_pictures_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"Expected are annotations/person_keypoints_train"):
        list(read("coco", tmp_path, "train"))
    assert coco.FOLDERS == {"train": "train2017", "validation": "val2017"}
