"""A data set of rendered people with exact truth, as a HumanData corpus.

`python -m training.rendered --mocap DIR --split test --count 240 --seed 0 --out DIR` writes
pictures and `rendered_test.npz`, which `training.corpora` reads as `human_data`: box, camera, COCO
keypoints (those in sight), joints and parameters of the open body.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from re import sub
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import DiffAnnotError
from core.evidence import Box, Keypoints2D
from core.formats.files import made_folder, replacing
from core.formats.human_data_table import items
from core.formats.npz import write_npz
from core.keypoints import COCO, body_points
from core.pose import Parameters
from core.progress import Progress
from core.render import Renderer, crop
from training.corpora.mocap import SPLITS, Take, read_corpus
from training.corpora.records import Split
from training.staged import HEIGHT, WIDTH, StagedPerson, stage

SHRINK = 2 / 3
"""Pictures are written smaller than they are rendered."""
QUALITY = 85
"""Of the JPEG."""
THICK, THIN = 0.15, 0.05
"""Metres of body that may lie before a joint, or before a point of the face, that is in sight."""
FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")


def render(
    takes: list[Take],
    split: Split,
    count: int,
    seed: int,
    body: BodyModel,
    out: Path,
    scattered: bool = False,
) -> Iterator[Progress]:
    """Write `count` people of takes into a folder; the same seed gives the same people.

    Scattered are they as in `stage`.

    Raises
    ------
    RenderError
        There is no OpenGL.
    UnwritableOutput
        The folder cannot be written to.
    """
    rows = []
    with Renderer() as renderer:
        staged = islice(stage(takes, body, renderer, seed, scattered), count)
        for number, person in enumerate(staged):
            rows.append(_write(person, number, split, body, out))
            yield Progress(number + 1, count, person.name)
    with replacing(out / f"rendered_{split}.npz") as file:
        write_npz(file, items(rows, body, "diffannot-rendered", lambda: None))


@dataclass(frozen=True)
class _Row:
    image: str
    box: Box
    keypoints: Keypoints2D
    parameters: Parameters
    provenance: dict[str, Any]


def visible(
    points: NDArray[np.floating],
    vertices: NDArray[np.floating],
    faces: NDArray[np.int32],
    camera: Camera,
    allowed: NDArray[np.floating],
) -> NDArray[np.bool_]:
    """Tell which points of a body the camera sees.

    Parameters
    ----------
    points : NDArray, shape (K, 3)
        Metres, camera frame; inside the body or on it.
    vertices, faces : NDArray, shape (V, 3) and (F, 3)
        Of the body.
    camera : Camera
        Who looks.
    allowed : NDArray, shape (K,)
        Metres that a point may lie behind the surface and still count.

    Returns
    -------
    NDArray, shape (K,), bool
    """
    pixels, corners = camera.project(points), camera.project(vertices)[faces]
    seen = np.ones(len(points), dtype=bool)
    for index, pixel in enumerate(pixels):
        spans = corners[:, [1, 2, 0]] - corners
        offset = pixel - corners
        sides = spans[..., 0] * offset[..., 1] - spans[..., 1] * offset[..., 0]
        covering = (sides >= 0).all(axis=1) | (sides <= 0).all(axis=1)
        if covering.any():
            surface = vertices[faces[covering], 2].mean(axis=1).min()
            seen[index] = points[index, 2] - surface <= allowed[index]
    return seen


def _write(person: StagedPerson, number: int, split: Split, body: BodyModel, out: Path) -> _Row:
    """Write the picture of one person and return their row."""
    camera = crop(person.truth.camera, 0, 0, WIDTH, HEIGHT, SHRINK)
    truth = replace(person.truth, camera=camera)
    name = f"{split}/{sub(r'[^A-Za-z0-9]+', '_', person.name)}/{number:05}.jpg"
    path = out / name
    made_folder(path.parent)
    picture = Image.fromarray(person.image)
    size = camera.width, camera.height
    picture.resize(size, Image.Resampling.LANCZOS).save(path, quality=QUALITY, optimize=True)
    vertices, points = body.pose(truth)
    keypoints = _keypoints(points, vertices, body.faces, camera)
    whole = person.box
    box = Box(*(SHRINK * side for side in (whole.x, whole.y, whole.width, whole.height)))
    return _Row(name, box, keypoints, truth, {"rendered_of": person.name})


def _keypoints(
    points: NDArray[np.float32],
    vertices: NDArray[np.float32],
    faces: NDArray[np.int32],
    camera: Camera,
) -> Keypoints2D:
    places = points[body_points("coco")]
    allowed = np.where(np.isin(COCO, FACE), THIN, THICK)
    seen = visible(places, vertices, faces, camera, allowed)
    return Keypoints2D("coco", camera.project(places), seen.astype(np.float32))


def main(arguments: list[str]) -> int:
    """Render; 2 where the motion capture cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m training.rendered", description=__doc__)
    parser.add_argument("--mocap", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--count", type=int, required=True, help="people")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scattered", action="store_true", help="any way round, limbs mixed")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    chosen = parser.parse_args(arguments)
    try:
        takes = read_corpus(chosen.mocap, chosen.split)
        steps = render(
            takes,
            chosen.split,
            chosen.count,
            chosen.seed,
            load_body(),
            chosen.out,
            chosen.scattered,
        )
        for progress in steps:
            if progress.done % 100 == 0:
                sys.stderr.write(f"{progress.done} of {progress.total}\n")
    except DiffAnnotError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"wrote {chosen.count} people of {chosen.split} to {chosen.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
