"""Numbers of a frontend: `python -m training.measure_frontend --frontend NAME`.

On the photographs: distance of the projected body from BlazePose's landmarks. With `--mocap DIR`
also on rendered people of the test subjects, whose truth is exact: errors of the 24 joints in space
and in the picture.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.body import BodyModel, load_body
from core.errors import NoPersonFound
from core.evidence import Box
from core.frontends import DEFAULT_FRONTEND, FRONTENDS, Frontend, RoughAnnotation, load_frontend
from core.frontends.blazepose import BlazePose
from core.frontends.fit import Target
from core.keypoints import BODY_POINTS
from core.metrics import joint_errors
from core.pose import JOINTS
from core.render import Renderer
from training.corpora.mocap import Take, read_corpus
from training.plainly import one_line
from training.staged import stage

PHOTOS = Path(__file__).parents[1].parent / "shared" / "data" / "photos"
SEEN = 0.5
"""Keypoints of at least this confidence count."""

PEOPLE: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "000000000785.jpg": ((280.79, 44.73, 218.7, 346.68),),
    "000000081988.jpg": (
        *((274, 118, 243, 272), (326, 273, 78, 120), (48, 298, 109, 95)),
        *((187, 308, 64, 88), (475, 310, 110, 85)),
    ),
    "blazepose_golden.jpg": ((253, 217, 504, 440),),
    "jockey.jpg": ((230, 8, 146, 182),),
    "lunge.jpg": ((280, 572, 460, 642),),
    "pilots.jpg": ((44, 128, 190, 343), (214, 57, 147, 300), (346, 141, 186, 330)),
    "soccer_duel.jpg": ((620, 4, 343, 750), (297, 1, 296, 587)),
    "soccer_three_players.jpg": (
        *((766, 175, 348, 624), (45, 166, 304, 625), (260, 183, 600, 613)),
    ),
    "woman_and_dog.jpg": ((57, 120, 330, 740),),
    "yoga.jpg": ((129, 13, 710, 575),),
}
"""Boxes (x, y, width, height) drawn by hand around the people of the shipped photographs; that of
785 is COCO's."""


@dataclass(frozen=True)
class Row:
    """What was measured of one person; errors are shares of the box side, seconds a person."""

    photo: str
    person: int
    keypoints: int
    mean_error: float
    worst_error: float
    worst_keypoint: str
    seconds: float


def read_photo(path: Path) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) RGB."""
    return np.asarray(Image.open(path).convert("RGB"))


def errors_of(rough: RoughAnnotation, body: BodyModel, box: Box) -> NDArray[np.float64]:
    """Return how far each projected body point (45,) is from its keypoint, NaN where unseen."""
    assert rough.keypoints is not None
    target = Target.of([rough.keypoints], box.side)
    pixels = rough.theta1.camera.project(body.pose(rough.theta1)[1])
    miss = np.linalg.norm(pixels - target.pixels, axis=1) / box.side
    return np.where(target.weight >= SEEN, miss, np.nan)


def measure_photos(frontend: Frontend, body: BodyModel) -> list[Row]:
    """Annotate everybody in the shipped photographs; who is not found has no keypoints."""
    rows = []
    for name, boxes in PEOPLE.items():
        image = read_photo(PHOTOS / name)
        for number, box in enumerate((Box(*numbers) for numbers in boxes), start=1):
            start = perf_counter()
            try:
                rough = frontend.annotate(image, box)
            except NoPersonFound:
                rows.append(Row(name, number, 0, np.nan, np.nan, "", perf_counter() - start))
                continue
            seconds = perf_counter() - start
            miss = errors_of(rough, body, box)
            worst = int(np.nanargmax(miss))
            seen = int(np.isfinite(miss).sum())
            means = (float(np.nanmean(miss)), float(miss[worst]))
            rows.append(Row(name, number, seen, *means, BODY_POINTS[worst], seconds))
    return rows


def measure_golden(frontend: BlazePose) -> dict[str, float]:
    """Return the largest differences from Google's published landmarks."""
    expected = json.loads((PHOTOS / "blazepose_golden.expected.json").read_text())
    image = read_photo(PHOTOS / "blazepose_golden.jpg")
    found = frontend.landmarks(image, frontend.detect(image)[0])
    return {
        "pixels": float(np.abs(found.points - expected["keypoints"]).max()),
        "metres": float(np.abs(found.world - expected["world"]).max()),
    }


@dataclass(frozen=True)
class TruthErrors:
    """Errors against exact truth: joints in mm, in the picture as a share of the box side."""

    people: int
    not_found: int
    pa_mpjpe_mean: float
    pa_mpjpe_median: float
    mpjpe_mean: float
    picture_mean: float
    picture_median: float


def measure_truth(
    frontend: Frontend, body: BodyModel, takes: list[Take], people: int
) -> TruthErrors:
    """Annotate rendered people, seed 0, in poses of takes of the test subjects."""
    found, true, picture, missing = [], [], [], 0
    with Renderer() as renderer:
        staged = stage(takes, body, renderer, seed=0)
        for person in islice(staged, people):
            try:
                theta1 = frontend.annotate(person.image, person.box).theta1
            except NoPersonFound:
                missing += 1
                continue
            guess, truth = (body.pose(one)[1][: len(JOINTS)] for one in (theta1, person.truth))
            miss = theta1.camera.project(guess) - person.truth.camera.project(truth)
            picture.append(np.linalg.norm(miss, axis=1).mean() / person.box.side)
            found.append(guess - guess[0])
            true.append(truth - truth[0])
    pa = 1000 * joint_errors(np.array(found), np.array(true), "procrustes").mean(axis=1)
    plain = 1000 * joint_errors(np.array(found), np.array(true)).mean()
    numbers = (pa.mean(), np.median(pa), plain, np.mean(picture), np.median(picture))
    return TruthErrors(people, missing, *(float(number) for number in numbers))


def _print(rows: list[Row]) -> None:
    write = sys.stdout.write
    for row in rows:
        write(f"{row.photo:26}{row.person}  ")
        if row.keypoints:
            write(f"{row.mean_error:6.2%} of the box side over {row.keypoints} points, ")
            write(f"worst {row.worst_error:.1%} ({row.worst_keypoint}), {row.seconds:.2f} s\n")
        else:
            write(f"nobody found, {row.seconds:.2f} s\n")
    means = [row.mean_error for row in rows if row.keypoints]
    write(f"mean of {len(means)} people {np.mean(means):.2%}, median {np.median(means):.2%}\n")


def _print_blazepose(golden: dict[str, float], found: dict[str, int]) -> None:
    write = sys.stdout.write
    write(f"golden picture: {golden['pixels']:.1f} px (11), {golden['metres']:.3f} m (0.11)\n")
    write("found without boxes: " + ", ".join(f"{k} {v}" for k, v in found.items()) + "\n")


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frontend", choices=FRONTENDS, default=DEFAULT_FRONTEND)
    parser.add_argument("--checkpoint", type=Path, help="weights for the frontend")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--mocap", type=Path, help="folder of motion capture to render people of")
    parser.add_argument("--people", type=int, default=60, help="how many to render")
    arguments = parser.parse_args()
    body = load_body()
    frontend = load_frontend(arguments.frontend, body, arguments.checkpoint)
    takes = read_corpus(arguments.mocap, "test") if arguments.mocap else None
    if not PHOTOS.is_dir():
        sys.stderr.write(f"{PHOTOS} is not on this machine\n")
        return 2
    frontend.annotate(read_photo(PHOTOS / "yoga.jpg"), Box(*PEOPLE["yoga.jpg"][0]))
    rows = measure_photos(frontend, body)
    _print(rows)
    figures: dict[str, Any] = {"people": [asdict(row) for row in rows]}
    if isinstance(frontend, BlazePose):
        golden = measure_golden(frontend)
        found = {name: len(frontend.detect(read_photo(PHOTOS / name))) for name in PEOPLE}
        _print_blazepose(golden, found)
        figures |= {"golden": golden, "found": found}
    if takes is not None:
        errors = measure_truth(frontend, body, takes, arguments.people)
        figures["truth"] = asdict(errors)
        sys.stdout.write(
            f"{errors.people} rendered people, {errors.not_found} not found: PA-MPJPE mean "
            f"{errors.pa_mpjpe_mean:.0f} mm, median {errors.pa_mpjpe_median:.0f} mm; MPJPE "
            f"{errors.mpjpe_mean:.0f} mm; joints in the picture {errors.picture_mean:.1%} of the "
            f"box side, median {errors.picture_median:.1%}\n"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    with one_line():
        sys.exit(main())
