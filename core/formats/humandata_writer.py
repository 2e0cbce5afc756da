"""HumanData npz (mmhuman3d 0.11) of a project, one row a person."""

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ProjectError
from core.formats.files import replacing
from core.formats.human_data_table import items, row
from core.formats.npz import write_npz
from core.jobs.report import Job, Tally
from core.pose import Parameters
from core.progress import Progress
from core.project import Accept, JournalEntry, Person, Project, State

if TYPE_CHECKING:
    from core.body import BodyModel


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

    rows = [one for one in project.rows() if one.state is status]
    if not rows:
        raise ProjectError(f"Nothing to export: no person of {project.path.name} is {status}")
    table = _Table(project, out.absolute().parent, body or load_body())
    tally = Tally()
    for number, listed in enumerate(rows):
        yield Progress(number, len(rows), listed.name)
        person = project.person(listed.id)
        curated = project.curated(listed.id)
        parameters = person.theta1 if curated is None else curated
        if parameters is None:
            tally.fail(listed.name, "has no annotation")
            continue
        table.add(person, parameters)
        tally.done += 1
    with replacing(out) as file:
        write_npz(file, items(table.rows, "diffannot"))
    return tally.report()


class _Table:
    """The rows of a HumanData file in the making."""

    def __init__(self, project: Project, folder: Path, body: "BodyModel") -> None:
        self._project = project
        self._folder = folder
        self._body = body
        journal = project.journal()
        self._head = journal[-1].id if journal else 0
        self.rows: list[dict[str, Any]] = []

    def add(self, person: Person, parameters: Parameters) -> None:
        """Append a person."""
        picture = Path(os.path.relpath(person.image_path, self._folder)).as_posix()
        points = self._body.pose(parameters)[1]
        evidence, provenance = person.evidence, self._provenance(person)
        self.rows.append(
            row(picture, evidence.box, evidence.keypoints, parameters, points, provenance)
        )

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
        if person.chosen_parts:
            made["parts"] = person.chosen_parts
    return made
