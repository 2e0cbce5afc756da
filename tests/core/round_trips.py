"""What each format carries: a project is exported, imported into a new one, and compared.

`python -m tests.core.round_trips` prints the table of docs/formats.md.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

sys.path.insert(0, str(Path(__file__).parent))
from project_kit import parameters, picture

from core.body import BodyModel, load_body
from core.evidence import Box, Keypoints2D
from core.formats import WRITERS, reader_for
from core.formats.records import Note, Record
from core.jobs import finish
from core.jobs.exporting import export
from core.keypoints import COCO
from core.pose import Parameters
from core.project import AcceptTheta1, Project, Source

TOLERANCE = 1e-6
FIELDS = (
    "picture",
    "box",
    "keypoints",
    "confidence",
    "pose",
    "hands",
    "shape",
    "place",
    "camera",
    "track",
)
READ_BACK = [name for name in WRITERS if name not in ("csv", "gltf", "obj", "ply", "journal")]
PERSONS = 3


def truth(number: int) -> Parameters:
    """Return an annotation whose every number is its own."""
    random = np.random.default_rng(number)
    made = parameters()
    return replace(
        made,
        global_orient=np.array([np.pi - 0.3, 0.2, 0.1 * number], dtype=np.float32),
        body_pose=(random.normal(size=(23, 3)) * 0.3).astype(np.float32),
        betas=random.normal(size=10).astype(np.float32),
        transl=np.array([0.1 * number - 0.2, 0.3, 4 + number], dtype=np.float32),
    )


def project_in(folder: Path) -> Project:
    """Make three people, one a picture, the first two on one track."""
    made = Project.create(folder / "p.diffannot")
    points = np.arange(34, dtype=np.float32).reshape(17, 2) * 3 + 50.25
    seen = Keypoints2D("coco", points, np.linspace(0.2, 1, 17, dtype=np.float32))
    for number in range(PERSONS):
        image = made.add_image(picture(folder / f"{number}.png", number))
        track = "t" if number < 2 else None
        person = made.add_person(image, Box(40.5 + number, 30, 100, 220.25), seen, track)
        theta1 = made.add_theta1(person, truth(number), Source("x"))
        made.decide(AcceptTheta1(person, theta1))
    return made


def files(out: Path) -> list[Path]:
    """Return what to import of an export."""
    if out.is_file():
        return [out]
    found = sorted(each for each in out.iterdir() if each.suffix in (".npz", ".smpl"))
    return found[::-1] or [out / "smpl_neuralannot.json"]


def carried(folder: Path, name: str, body: BodyModel) -> dict[str, bool]:
    """Say which fields come back equal to 1e-6."""
    with project_in(folder) as project:
        finish(export(project, folder / "out", name, body=body))
        people = [project.person(row.id) for row in project.rows()]
    records = []
    for path in files(folder / "out"):
        items = [each for each in reader_for(path)[1](folder) if not isinstance(each, Note)]
        assert all(isinstance(each, Record) for each in items), items
        records += [each for each in items if isinstance(each, Record)]
    assert len(records) == PERSONS
    said = {field: True for field in FIELDS}
    for number, (person, record) in enumerate(zip(people, records, strict=True)):
        for field, same in _same(person.evidence, person.track, truth(number), record).items():
            said[field] &= same
    # by name where the format has no pictures: only order brings them back
    if name == "smplcodec":
        said["picture"] = False
    return said


def _same(evidence, track, theta: Parameters, record: Record) -> dict[str, bool]:
    got = record.theta1
    assert got is not None
    box, camera = record.box, theta.camera
    pose = np.concatenate([theta.global_orient[None], theta.body_pose])
    back = np.concatenate([got.global_orient[None], got.body_pose])
    off = (Rotation.from_rotvec(pose).inv() * Rotation.from_rotvec(back)).magnitude()
    return {
        "picture": record.image.name == f"{int(theta.transl[2]) - 4}.png",
        "box": box is not None
        and bool(
            np.allclose(list(vars(box).values()), list(vars(evidence.box).values()), 0, TOLERANCE)
        ),
        "keypoints": _same_points(evidence.keypoints, record.keypoints, slice(0, 2)),
        "confidence": _same_points(evidence.keypoints, record.keypoints, slice(2, 3)),
        "pose": bool(off[:22].max() < TOLERANCE),
        "hands": bool(off[22:].max() < TOLERANCE),
        "shape": bool(np.abs(got.betas - theta.betas).max() < TOLERANCE),
        "place": record.placed and bool(np.abs(got.transl - theta.transl).max() < TOLERANCE),
        "camera": bool(
            np.allclose(
                [got.camera.focal, got.camera.cx, got.camera.cy],
                [camera.focal, camera.cx, camera.cy],
                rtol=TOLERANCE,
            )
        ),
        "track": record.track == track,
    }


def _same_points(before: Keypoints2D, after: Keypoints2D | None, part: slice) -> bool:
    from core.formats.export import spread

    if after is None:
        return False
    return bool(np.abs(spread(before, COCO) - spread(after, COCO))[:, part].max() < TOLERANCE)


def table(body: BodyModel) -> str:
    """Return the table of the docs."""
    lines = [f"| format | {' | '.join(FIELDS)} |", f"| --- {'| --- ' * len(FIELDS)}|"]
    for name in READ_BACK:
        with tempfile.TemporaryDirectory() as folder:
            said = carried(Path(folder), name, body)
        marks = " | ".join("yes" if said[field] else "no" for field in FIELDS)
        lines.append(f"| {name} | {marks} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table(load_body()))
