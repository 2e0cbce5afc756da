"""What an export is made of: the persons that were chosen, and where each annotation is from."""

import os
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.errors import InvalidAnnotation, ProjectError, UnreadableInput
from core.evidence import Box, Keypoints2D
from core.jobs.report import Tally
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Accept, JournalEntry, Person, PersonRow, Project, State

if TYPE_CHECKING:
    from core.body import BodyModel

AT_ONCE = 200
"""Persons whose trajectories are in memory at a time."""

By = Literal["image", "track"]


@dataclass(frozen=True)
class Splits:
    """How persons are dealt to splits: by chance that a seed and a name decide, not their order.

    Parameters
    ----------
    shares : dict of str to float
        Weight of each split.
    by : str
        `image`: people of a picture stay together; `track`: those of a track, over a video.
    seed : int
        Other seeds deal differently; a person who is added moves nobody else.

    Raises
    ------
    InvalidAnnotation
        There are no shares above 0.
    """

    shares: dict[str, float]
    by: By = "image"
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.shares or not all(0 < share < inf for share in self.shares.values()):
            raise InvalidAnnotation(
                f"{self.shares} are no shares", "Say train=8,validation=1,test=1"
            )

    def of(self, image: str, track: str | None) -> str:
        """Return the split of a person."""
        key = image if self.by == "image" or track is None else track
        digest = sha256(f"{self.seed}:{key}".encode()).digest()
        place = int.from_bytes(digest[:8]) / 2**64 * sum(self.shares.values())
        for name, share in self.shares.items():
            place -= share
            if place < 0:
                return name
        return next(reversed(self.shares))


def shares_of(text: str) -> dict[str, float]:
    """Take shares as a person writes them: train=8,validation=1,test=1.

    Raises
    ------
    UnreadableInput
        They are no shares.
    """
    try:
        pairs = [part.split("=") for part in text.split(",")]
        return {name.strip(): float(share) for name, share in pairs}
    except ValueError as error:
        raise UnreadableInput(f"{text} are no shares", "Say train=8,validation=1,test=1") from error


@dataclass(frozen=True)
class Chosen:
    """Which persons are exported.

    Parameters
    ----------
    state : State
        Accepted ones by their curated annotation, others by their Θ1.
    tags : tuple of str
        Only those with all of these.
    splits : Splits or None
        Deals them to splits, a file each; None exports one.
    """

    state: State = State.ACCEPTED
    tags: tuple[str, ...] = ()
    splits: Splits | None = None

    def takes(self, state: State, tags: Iterable[str]) -> bool:
        """Whether a person in a state and with tags is one of them."""
        return state is self.state and {*self.tags} <= {*tags}

    def nobody(self, project: str) -> ProjectError:
        """Return what is to be raised where a project, by its name, has none of them."""
        if not self.tags:
            return ProjectError(f"Nothing to export: no person of {project} is {self.state}")
        tags = " ".join(self.tags)
        return ProjectError(
            f"Nothing to export: no person of {project} is {self.state} and tagged {tags}"
        )


@dataclass(frozen=True, eq=False)
class Entry:
    """One person of an export.

    Parameters
    ----------
    row : PersonRow
        The light part.
    image : str
        Picture as the file names it: posix, from the file's folder.
    image_path : Path
        Where it lies now.
    image_sha256 : str
        When it was imported.
    box : Box
        Pixels.
    keypoints : Keypoints2D or None
        2D evidence.
    parameters : Parameters
        The annotation, batch ().
    track : str or None
        Identity over a video.
    split : str or None
        Where `Splits` dealt it.
    error : float or None
        Score of the step that was chosen, as a share of the box side.
    provenance : dict
        JSON values: who and what made it.
    """

    row: PersonRow
    image: str
    image_path: Path
    image_sha256: str
    box: Box
    keypoints: Keypoints2D | None
    parameters: Parameters
    track: str | None
    split: str | None
    error: float | None
    provenance: dict[str, Any] = field(default_factory=dict)


def gather(
    project: Project,
    folder: Path,
    chosen: Chosen,
    body: "BodyModel",
    tally: Tally,
    cancel: CancelToken,
) -> Generator[Progress, None, list[Entry]]:
    """Return the persons that were chosen; those without an annotation are named in the tally.

    Raises
    ------
    ProjectError
        There are none.
    """
    rows = [row for row in project.rows() if chosen.takes(row.state, row.tags)]
    if not rows:
        raise chosen.nobody(project.path.name)
    head, software = project.journal_head(), f"diffannot {version('diffannot')}"
    entries = []
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        people = project.people([row.id for row in some])
        for number, (person, curated, decided) in enumerate(people, start):
            cancel.check()
            yield Progress(number, len(rows), person.row.name)
            parameters = person.theta1 if curated is None else curated
            if parameters is None:
                tally.fail(person.row.name, "has no annotation")
                continue
            made = {"software": software, "project": project.path.name, "journal_head": head}
            made |= _provenance(person, decided, body)
            entries.append(_entry(person, parameters, folder, chosen, made))
            tally.done += 1
    return entries


def _entry(
    person: Person, parameters: Parameters, folder: Path, chosen: Chosen, made: dict[str, Any]
) -> Entry:
    step, run = person.chosen_step, person.run
    scored = run is not None and step is not None and not person.chosen_parts
    score = float(run.scores[step]) if scored and run is not None and step is not None else None
    splits = chosen.splits
    return Entry(
        person.row,
        Path(os.path.relpath(person.image_path, folder)).as_posix(),
        person.image_path,
        person.image_sha256,
        person.evidence.box,
        person.evidence.keypoints,
        parameters,
        person.track,
        splits.of(person.row.image, person.track) if splits else None,
        score if score is not None and score == score else None,
        made,
    )


def _provenance(person: Person, entry: JournalEntry | None, body: "BodyModel") -> dict[str, Any]:
    """Say where an annotation is from: Θ1, refiner and step, and who decided when."""
    source = person.source
    return {
        "person": person.row.id,
        "state": person.row.state.value,
        "body": body.name,
        "body_sha256": body.sha256,
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
