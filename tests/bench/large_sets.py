"""How long a set of 100,000 persons takes in and out: `python -m tests.bench.large_sets`.

Four persons a picture, pictures of 30 kB, COCO's 17 keypoints, Θ1 with a place and a camera, in
HumanData's layout (190 places a person) as numpy's own `savez_compressed` writes it, and in COCO's
json. Every act runs in a process of its own: seconds by the clock, seconds of the processor (which
other programs do not lengthen), the most memory, and the ratio of processor seconds to those of
numpy writing or reading the same arrays, or `json` the same file. `accept` is one decision on all.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.formats.human_data_names import HUMAN_DATA, human_data_index
from core.formats.opened import Opened
from core.jobs import finish
from core.jobs.exporting import export
from core.jobs.importing import import_file
from core.keypoints import COCO
from core.project import AcceptTheta1, Bulk, Project

PERSONS = 100_000
TOGETHER = 4
"""Persons a picture."""
SIZE = 640, 480
TAIL = 30_000
"""Bytes behind each picture, so that reading and hashing cost what they do."""
BESIDE = {
    "import humandata": "numpy reads",
    "import humandata, unplaced": "numpy reads",
    "import again": "numpy reads",
    "export humandata": "numpy writes",
    "import coco": "json reads",
}


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--persons", type=int, default=PERSONS)
    asked.add_argument("--only", default="")
    asked.add_argument("--act", help=argparse.SUPPRESS)
    asked.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.act:
        tell(json.dumps(measured(lambda: ACTS[given.act](given.folder))))
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, given.persons)
        tell(f"{given.persons:,} persons, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        tell(f"{'':<28}{'clock s':>9}{'cpu s':>9}{'MiB':>7}{'ratio':>7}")
        found: dict[str, dict[str, float]] = {}
        wanted = {act for act in ACTS if given.only in act}
        beside = {BESIDE[act] for act in wanted & BESIDE.keys()}
        for act in (act for act in ACTS if act in wanted | beside):
            command = [sys.executable, "-m", __spec__.name, "--act", act, "--folder", str(folder)]
            found[act] = json.loads(subprocess.check_output(command))
            tell(line(act, found))
    return 0


def line(act: str, found: dict[str, dict[str, float]]) -> str:
    one, beside = found[act], found.get(BESIDE.get(act, ""))
    ratio = f"{one['processor'] / beside['processor']:.1f}" if beside else ""
    return f"{act:<28}{one['clock']:>9.1f}{one['processor']:>9.1f}{one['memory']:>7.0f}{ratio:>7}"


def measured(act: Callable[[], object]) -> dict[str, float]:
    clock, processor = time.perf_counter(), time.process_time()
    act()
    return {
        "clock": time.perf_counter() - clock,
        "processor": time.process_time() - processor,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def columns(persons: int) -> dict[str, Any]:
    """Return what a HumanData file holds, each person with a box of its own."""
    draw = np.random.default_rng(0)
    row = np.arange(persons)
    boxes = np.column_stack([140.0 * (row % TOGETHER), 60 + 0 * row, 120 + 0 * row, 300 + 0 * row])
    points = np.zeros((persons, len(HUMAN_DATA), 3), dtype=np.float32)
    index = human_data_index(COCO)
    points[:, index, :2] = boxes[:, None, :2] + draw.uniform(10, 110, (persons, len(COCO), 2))
    points[:, index, 2] = 1
    mask = np.zeros(len(HUMAN_DATA), dtype=np.uint8)
    mask[index] = 1
    smpl = {
        "global_orient": np.tile([np.pi, 0, 0], (persons, 1)) + draw.normal(0, 0.2, (persons, 3)),
        "body_pose": draw.normal(0, 0.2, (persons, 69)),
        "betas": draw.normal(0, 1, (persons, 10)),
        "transl": np.tile([0.0, 0, 5], (persons, 1)) + draw.normal(0, 0.5, (persons, 3)),
    }
    return {
        "image_path": [f"pictures/{each // TOGETHER:06}.jpg" for each in row],
        "bbox_xywh": np.column_stack([boxes, np.ones(persons)]).astype(np.float32),
        "keypoints2d": points,
        "keypoints2d_mask": mask,
        "smpl": {name: column.astype(np.float32) for name, column in smpl.items()},
        "misc": {
            "camera_focal": np.full(persons, 800, dtype=np.float32),
            "camera_centre": np.tile(np.float32([320, 240]), (persons, 1)),
        },
    }


def write(folder: Path, persons: int) -> None:
    """Write pictures, a HumanData file with cameras and one without, and a COCO json."""
    (folder / "pictures").mkdir()
    Image.new("RGB", SIZE).save(folder / "a.jpg")
    picture = (folder / "a.jpg").read_bytes()
    for number in range((persons + TOGETHER - 1) // TOGETHER):
        tail = np.random.default_rng(number).bytes(TAIL)
        (folder / "pictures" / f"{number:06}.jpg").write_bytes(picture + tail)
    data = columns(persons)
    np.savez_compressed(folder / "humandata.npz", **data)
    np.savez_compressed(folder / "unplaced.npz", **{k: v for k, v in data.items() if k != "misc"})
    index = human_data_index(COCO)
    tables = np.round(data["keypoints2d"][:, index], 2) * [1, 1, 2]
    coco = {
        "images": [
            {"id": number, "file_name": name, "width": SIZE[0], "height": SIZE[1]}
            for number, name in enumerate(dict.fromkeys(data["image_path"]))
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO)}],
        "annotations": [
            {
                "id": row,
                "image_id": row // TOGETHER,
                "category_id": 1,
                "iscrowd": 0,
                "bbox": data["bbox_xywh"][row, :4].tolist(),
                "keypoints": tables[row].ravel().tolist(),
            }
            for row in range(persons)
        ],
    }
    (folder / "coco.json").write_text(json.dumps(coco))


def take_in(source: str, project: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        path = folder / project
        with Project.open(path) if path.exists() else Project.create(path) as opened:
            report = finish(import_file(opened, folder / source))
        if report.failures:
            raise AssertionError(report.failures[:3])

    return act


def accept(folder: Path) -> None:
    with Project.open(folder / "a.diffannot") as project:
        ids = [row.id for row in project.rows()]
        project.decide(Bulk(tuple(AcceptTheta1(key, key) for key in ids)))


def put_out(folder: Path) -> None:
    with Project.open(folder / "a.diffannot") as project:
        report = finish(export(project, folder / "out.npz"))
    if report.failures:
        raise AssertionError(report.failures[:3])


def numpy_reads(folder: Path) -> None:
    with np.load(folder / "humandata.npz", allow_pickle=True) as saved:  # our own, just written
        for name in saved.files:
            saved[name]


def numpy_writes(folder: Path) -> None:
    """Write what our export holds, already in memory."""
    np.savez_compressed(folder / "numpy.npz", **Opened(folder / "out.npz").arrays())


ACTS: dict[str, Callable[[Path], None]] = {
    "numpy reads": numpy_reads,
    "import humandata": take_in("humandata.npz", "a.diffannot"),
    "import again": take_in("humandata.npz", "a.diffannot"),
    "import humandata, unplaced": take_in("unplaced.npz", "b.diffannot"),
    "json reads": lambda folder: json.loads((folder / "coco.json").read_bytes()),
    "import coco": take_in("coco.json", "c.diffannot"),
    "accept": accept,
    "export humandata": put_out,
    "numpy writes": numpy_writes,
}


def tell(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    sys.exit(main())
