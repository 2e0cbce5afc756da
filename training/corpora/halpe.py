"""Halpe full body, as downloaded (github.com/Fang-Haoshu/Halpe-FullBody): 136 points, no 3D.

Training pictures are HICO-DET's, those of validation COCO's. The DiffAnnot paper trained on what
an unspecified cleansing left of it (11,809 of 38,118); `cleanse` is our rule.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidAnnotation
from core.evidence import Keypoints2D
from core.formats.coco import PIXEL_CENTRE
from core.formats.records import Failure
from core.keypoints import CONVENTIONS, LSP
from training.corpora.coco import people
from training.corpora.records import Layout, Sample, Split

FILES: dict[Split, tuple[str, str]] = {
    "train": ("halpe_train_v1.json", "hico_20160224_det/images/train2015"),
    "validation": ("halpe_val_v1.json", "val2017"),
}

LAYOUTS = {
    split: Layout(
        "Halpe",
        split,
        expected=f"{annotations} and {pictures}/*.jpg",
        keypoints="halpe",
        pixel_offset=PIXEL_CENTRE,
        remark="a third number of 0 or less is a missing point, of more than 1 a visible one",
    )
    for split, (annotations, pictures) in FILES.items()
}

BODY = LSP
"""The 14 joints that the cleansing looks at."""
FEWEST_JOINTS = 12
SMALLEST_SIDE = 64.0
"""Pixels, of the longer side of the box."""
LARGEST_OVERLAP = 0.5
"""Intersection over union with the box of anybody else in the picture."""


def read(folder: Path, split: Split) -> Iterator[Sample | Failure]:
    """Read everybody who is no crowd, in the order of the file; nobody is cleansed away.

    Raises
    ------
    UnreadableInput
        The annotations or pictures are missing, or the json is torn.
    """
    annotations, pictures = FILES[split]
    return read_json(folder, folder / annotations, folder / pictures, split)


def read_json(folder: Path, path: Path, pictures: Path, split: Split) -> Iterator[Sample | Failure]:
    """Read one json of Halpe's, with the pictures in a folder of their own; see `read`."""
    layout = LAYOUTS[split]

    def parse(numbers: Any) -> Keypoints2D | None:
        if not numbers:
            return None
        table = np.array(numbers, dtype=np.float32)
        if table.size % 3:
            raise InvalidAnnotation("keypoints that are not x, y and a score")
        table = table.reshape(-1, 3)
        return layout.keypoints2d(table[:, :2], table[:, 2])

    return people(folder, path, pictures, layout, parse)


@dataclass(frozen=True)
class Cleansing:
    """How many people a cleansing took away, each by the first reason that holds.

    Parameters
    ----------
    people : int
        Before.
    unmarked : int
        Without keypoints.
    few_joints : int
        Fewer than 12 of the 14 body joints marked.
    small : int
        Box under 64 px.
    overlapping : int
        Overlapping somebody else by half.
    kept : int
        After.
    """

    people: int
    unmarked: int
    few_joints: int
    small: int
    overlapping: int
    kept: int

    def __str__(self) -> str:
        return (
            f"{self.kept} of {self.people} people kept; without keypoints {self.unmarked}, fewer "
            f"than {FEWEST_JOINTS} of {len(BODY)} body joints {self.few_joints}, box under "
            f"{SMALLEST_SIDE:.0f} px {self.small}, overlapping somebody else {self.overlapping}"
        )


def cleanse(samples: Iterable[Sample]) -> tuple[list[Sample], Cleansing]:
    """Keep whole, large people who stand apart, and count who is left out and why."""
    everybody = list(samples)
    by_image: dict[Path | None, list[Sample]] = defaultdict(list)
    for sample in everybody:
        by_image[sample.image].append(sample)
    crowded = {id(one) for group in by_image.values() for one in _overlapping(group)}
    kept: list[Sample] = []
    counts = dict.fromkeys(("unmarked", "few_joints", "small", "overlapping"), 0)
    for sample in everybody:
        if sample.keypoints is None or not (sample.keypoints.confidence > 0).any():
            counts["unmarked"] += 1
        elif _body_joints(sample.keypoints) < FEWEST_JOINTS:
            counts["few_joints"] += 1
        elif sample.box is None or sample.box.side < SMALLEST_SIDE:
            counts["small"] += 1
        elif id(sample) in crowded:
            counts["overlapping"] += 1
        else:
            kept.append(sample)
    return kept, Cleansing(len(everybody), **counts, kept=len(kept))


def _body_joints(keypoints: Keypoints2D) -> int:
    names = CONVENTIONS[keypoints.convention]
    return int((keypoints.confidence[[names.index(name) for name in BODY]] > 0).sum())


def _overlapping(group: list[Sample]) -> list[Sample]:
    """Return those of one picture whose box shares too much with another's."""
    people = [sample for sample in group if sample.box is not None]
    boxes = np.array([(b.x, b.y, b.width, b.height) for s in people if (b := s.box) is not None])
    if len(people) < 2:
        return []
    shared = _overlaps(boxes)
    np.fill_diagonal(shared, 0)
    return [
        sample
        for sample, most in zip(people, shared.max(axis=1), strict=True)
        if most >= LARGEST_OVERLAP
    ]


def _overlaps(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return intersection over union (B, B) of boxes (B, 4) as x, y, width, height."""
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    span = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    shared = np.clip(span, 0, None).prod(axis=-1)
    area = boxes[:, 2:].prod(axis=-1)
    return np.asarray(shared / (area[:, None] + area - shared))
