"""COCO keypoints, as downloaded (cocodataset.org): pictures and 17 points a person, no 3D."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.evidence import Keypoints2D
from core.formats import coco
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Failure, Record
from training.corpora.records import Layout, Sample, Split

FOLDERS: dict[Split, str] = {"train": "train2017", "validation": "val2017"}

LAYOUTS = {
    split: Layout(
        "COCO",
        split,
        expected=f"annotations/person_keypoints_{pictures}.json and {pictures}/*.jpg",
        keypoints="coco",
        pixel_offset=coco.PIXEL_CENTRE,
        remark="confidence 0.5 for points that are labelled but hidden; crowds are left out",
    )
    for split, pictures in FOLDERS.items()
}


def read(folder: Path, split: Split) -> Iterator[Sample | Failure]:
    """Read everybody who is no crowd, in the order of the file.

    Raises
    ------
    UnreadableInput
        The annotations or pictures are missing, or the json is torn.
    """
    path = folder / "annotations" / f"person_keypoints_{FOLDERS[split]}.json"
    return people(folder, path, folder / FOLDERS[split], LAYOUTS[split])


def people(
    folder: Path,
    path: Path,
    pictures: Path,
    layout: Layout,
    parse: Callable[[Any], Keypoints2D | None] | None = None,
) -> Iterator[Sample | Failure]:
    """Read a json in COCO's format.

    Parameters
    ----------
    folder, path, pictures : Path
        Of the data set, the json, the folder of the pictures.
    layout : Layout
        Of the split.
    parse : callable or None
        As in `core.formats.coco.read`.

    Raises
    ------
    UnreadableInput
        The annotations or pictures are missing, or the json is torn.
    """
    layout.require(folder, [path, pictures])
    found = list(coco.read(Opened(path), Pictures(pictures), parse))
    layout.require(folder, sorted({one.image for one in found if isinstance(one, Record)}))
    for one in found:
        if isinstance(one, Record):
            yield Sample(layout.corpus, layout.split, one.name, one.image, one.box, one.keypoints)
        elif isinstance(one, Failure):
            yield one
