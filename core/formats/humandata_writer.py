"""HumanData npz (mmhuman3d 0.11), one row a person.

`cam_param` is no key of HumanData's own, and its strict mode drops such keys. Camera and
provenance therefore lie in `misc`, as columns of N, which HumanData slices with the rest.
"""

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ProjectError
from core.formats.files import replacing
from core.formats.human_data_names import HUMAN_DATA, human_data_index
from core.formats.npz import write_npz
from core.jobs.report import Job, Tally
from core.keypoints import BODY_POINTS, CONVENTIONS
from core.pose import Parameters
from core.progress import Progress
from core.project import Accept, JournalEntry, Person, Project, State

if TYPE_CHECKING:
    from core.body import BodyModel

CAMERA_COLUMNS = ("camera_focal", "camera_centre", "image_size")
"""Keys of `misc`: (N,) px, (N, 2) px, (N, 2) width and height in px."""


def write(project: Project, out: Path, status: State, body: "BodyModel | None" = None) -> Job:
    """Write the persons of one state; the accepted ones curated, others by their Θ1.

    Picture names are relative to the folder of the file. The file that was there stays as it was
    until the new one is whole. Without a body, the open one gives the 3D keypoints.

    Raises
    ------
    ProjectError
        No person is of that state.
    UnwritableOutput
        The file cannot be written.
    """
    from core.body import load_body  # torch comes with it

    rows = [row for row in project.rows() if row.state is status]
    if not rows:
        raise ProjectError(f"Nothing to export: no person of {project.path.name} is {status}")
    table = _Table(project, out.absolute().parent, body or load_body())
    tally = Tally()
    for number, row in enumerate(rows):
        yield Progress(number, len(rows), row.name)
        person = project.person(row.id)
        curated = project.curated(row.id)
        parameters = person.theta1 if curated is None else curated
        if parameters is None:
            tally.fail(row.name, "has no annotation")
            continue
        table.add(person, parameters)
        tally.done += 1
    with replacing(out) as file:
        write_npz(file, table.items())
    return tally.report()


class _Table:
    """The columns of a HumanData file in the making."""

    def __init__(self, project: Project, folder: Path, body: "BodyModel") -> None:
        self._project = project
        self._folder = folder
        self._body = body
        journal = project.journal()
        self._head = journal[-1].id if journal else 0
        self._rows: list[dict[str, Any]] = []

    def add(self, person: Person, parameters: Parameters) -> None:
        """Append a person."""
        box, camera = person.evidence.box, parameters.camera
        points = self._body.pose(parameters)[1]
        self._rows.append(
            {
                "image_path": Path(os.path.relpath(person.image_path, self._folder)).as_posix(),
                "bbox_xywh": (box.x, box.y, box.width, box.height, 1),
                "keypoints2d": _keypoints2d(person),
                "keypoints3d": _spread(points, np.ones(len(points)), BODY_POINTS),
                "body_pose": parameters.body_pose,
                "global_orient": parameters.global_orient,
                "betas": parameters.betas,
                "transl": parameters.transl,
                "camera_focal": camera.focal,
                "camera_centre": (camera.cx, camera.cy),
                "image_size": (camera.width, camera.height),
                "provenance": json.dumps(self._provenance(person)),
            }
        )

    def items(self) -> dict[str, Any]:
        """Return the members of the file in HumanData's order."""
        count = len(self._rows)
        keypoints2d, keypoints3d = self._column("keypoints2d"), self._column("keypoints3d")
        smpl = ("body_pose", "global_orient", "betas", "transl")
        return {
            "__key_strict__": False,
            "__data_len__": count,
            "__keypoints_compressed__": False,
            "image_path": [row["image_path"] for row in self._rows],
            "bbox_xywh": self._column("bbox_xywh"),
            "config": "diffannot",
            "keypoints2d": keypoints2d,
            "keypoints2d_mask": _mask(keypoints2d),
            "keypoints2d_convention": "human_data",
            "keypoints3d": keypoints3d,
            "keypoints3d_mask": _mask(keypoints3d),
            "keypoints3d_convention": "human_data",
            "smpl": {name: self._column(name) for name in smpl},
            "meta": {"gender": ["n"] * count},
            "misc": {
                **{name: self._column(name) for name in CAMERA_COLUMNS},
                "provenance": [row["provenance"] for row in self._rows],
            },
        }

    def _column(self, name: str) -> NDArray[np.float32]:
        return np.array([row[name] for row in self._rows], dtype=np.float32)

    def _provenance(self, person: Person) -> dict[str, Any]:
        """Say where a row is from: Θ1, refiner and step, and who decided when."""
        entry = self._project.last_decision(person.row.id)
        source = person.source
        return {
            "software": f"diffannot {version('diffannot')}",
            "project": self._project.path.name,
            "journal_head": self._head,
            "person": person.row.id,
            "state": person.row.state.value,
            "body": self._body.name,
            "body_sha256": self._body.sha256,
            "frontend": source.frontend if source else None,
            "frontend_sha256": source.weights_sha256 if source else None,
            "frontend_detail": source.detail if source else None,
            **_decided(person, entry),
        }


def _decided(person: Person, entry: JournalEntry | None) -> dict[str, Any]:
    if entry is None:
        return {"decision": None}
    made: dict[str, Any] = {
        "decision": entry.id,
        "decided_by": entry.who,
        "decided_at": entry.time,
        "step": person.chosen_step,
    }
    if isinstance(entry.decision, Accept) and person.run is not None:
        run = person.run
        made |= {
            "refiner": run.trajectory.refiner,
            "refiner_sha256": run.weights_sha256,
            "refined_with_body_sha256": run.body_sha256,
            "seed": run.seed,
            "steps": len(run.trajectory) - 1,
            "level_degrees": float(run.trajectory.levels[entry.decision.step]),
            "suggested_step": run.suggestion.step,
        }
    return made


def _keypoints2d(person: Person) -> NDArray[np.float32]:
    keypoints = person.evidence.keypoints
    if keypoints is None:
        return np.zeros((len(HUMAN_DATA), 3), dtype=np.float32)
    names = CONVENTIONS[keypoints.convention]
    return _spread(keypoints.points, keypoints.confidence, names)


def _spread(
    points: NDArray[np.float32], confidence: NDArray[np.floating], names: tuple[str, ...]
) -> NDArray[np.float32]:
    """Put points (K, D) with confidence (K,) at their places among the 190: (190, D+1)."""
    table = np.zeros((len(HUMAN_DATA), points.shape[1] + 1), dtype=np.float32)
    index = human_data_index(names)
    known = (index >= 0) & (confidence > 0)
    table[index[known]] = np.column_stack([points, confidence])[known]
    return table


def _mask(table: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Mark the keypoints (190,) that any person has."""
    return np.asarray((table[..., -1] > 0).any(axis=0), dtype=np.uint8)
