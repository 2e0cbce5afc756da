from collections import Counter

import numpy as np

from assets import OPEN_BENCH
from assets.build_bench import PEOPLE
from core.camera import Camera
from core.images import image_size
from training.corpora import read
from training.corpora.records import Sample


def people(split: str) -> list[Sample]:
    return [one for one in read("human_data", OPEN_BENCH, split) if isinstance(one, Sample)]


def test_everybody_is_there_with_truth_and_a_picture_of_the_stated_size() -> None:
    for split, count in PEOPLE.items():
        found = people(split)
        assert len(found) == count
        for one in found:
            assert one.smpl is not None and one.keypoints is not None and one.image is not None
            assert one.intrinsics is not None
            size = image_size(one.image)
            assert size == (400, 500)
            assumed = Camera.assumed(*size).focal
            assert 0.8 < one.intrinsics[0, 0] / assumed < 1.35
            inside = one.keypoints.points[one.keypoints.confidence > 0]
            assert (inside >= 0).all() and (inside <= size).all()


def test_the_people_come_of_many_takes_and_no_take_is_in_both_splits() -> None:
    takes = {split: Counter(one.name.split("/")[2] for one in people(split)) for split in PEOPLE}
    assert not takes["validation"].keys() & takes["test"].keys()
    assert len(takes["test"]) == 15 and len(takes["validation"]) > 20
    assert max(takes["test"].values()) < 0.25 * PEOPLE["test"]


def test_the_bench_is_small_enough_to_ship() -> None:
    sizes = [path.stat().st_size for path in OPEN_BENCH.rglob("*") if path.is_file()]
    assert np.sum(sizes) < 6e6
