"""The model thread: torch, the body, frontend and refiner live and work there only.

Jobs are served newest first, so that what the person looks at now goes before what was asked
earlier; results of called-off jobs are dropped.
"""

import itertools
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from app.collector import loading
from app.gentle_import import import_torch
from app.i18n import tr
from app.mix import PLAIN, Axis, picks
from app.pieces import Pieces
from app.poses import (
    Poses,
    PosesKey,
    Still,
    part_means,
    poses_key,
    poses_of,
    refined_key,
)
from app.preferences import MOST_AHEAD, Preferences
from app.trying import try_out
from app.worker import Ticket, Worker
from core.evidence import Evidence
from core.figures import module_for
from core.images import is_picture
from core.jobs.motion import standing_body
from core.parts import PART_OF_JOINT, composites
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import Person, PersonRow, Project
from core.refiners import Refiner, load_refiner
from core.trajectory import Trajectory

if TYPE_CHECKING:
    from app import exports
    from app.figures import Wish
    from core.body import BodyModel
    from core.frontends import Frontend
    from core.jobs import Job, Options, Report
    from core.jobs.arriving import Arrived, Arriving
    from core.jobs.motion import Motion
    from core.jobs.steadying import Steadied
    from core.report.gathering import Facts

Failed = Callable[[Exception], None]

_numbers = itertools.count(1)
"""Of bodies that are of no one person."""

URGENT, AHEAD, BULK = 0, 1, 1 + MOST_AHEAD
"""What is waited for; what is looked at next (one more for each person between); all else."""


class ModelThread(QObject):
    """What the window may ask of the models; every method returns at once."""

    def __init__(self, models: "Models", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("model", newest_first=True, parent=self)
        self._models = models

    def load(self, done: Callable[[None], None], failed: Failed) -> Ticket:
        """Load torch and the body, and when there is time, frontend and refiner."""
        self._worker.submit(lambda _: self._models.warm_up(), priority=AHEAD)
        return self._worker.submit(lambda _: self._models.load(), done, failed)

    def pose(
        self,
        person: Person,
        done: Callable[[Poses], None],
        failed: Failed,
        priority: int = URGENT,
        axis: Axis = PLAIN,
    ) -> Ticket:
        """Pose all places of a slider in one go; the person must have a Θ1."""
        return self._worker.submit(
            lambda _: self._models.pose(person, axis), done, failed, priority=priority
        )

    def refine(
        self,
        person: Person,
        refiner: str,
        seed: int,
        done: Callable[[Poses], None],
        failed: Failed,
    ) -> Ticket:
        """Refine a person and pose the steps, and store nothing."""
        return self._worker.submit(
            lambda _: self._models.refine(person, refiner, seed), done, failed
        )

    def pose_track(
        self, project: Path, ids: Sequence[int], done: Callable[[list["Still"]], None],
        failed: Failed, priority: int = URGENT,
    ) -> Ticket:  # fmt: skip
        """Pose some persons, each as decided or suggested, in one go."""
        return self._worker.submit(
            lambda token: self._models.pose_track(project, ids, token),
            done, failed, priority=priority,
        )  # fmt: skip

    def annotate(
        self,
        project: Path,
        person_id: int,
        done: Callable[[None], None],
        failed: Failed,
        progress: Callable[[Progress], None],
        priority: int = URGENT,
    ) -> Ticket:
        """Find Θ1 of a person where it is missing, and refine it; the project gets the result."""
        return self._worker.submit(
            lambda token: self._models.annotate(project, person_id, token),
            done,
            failed,
            progress,
            priority,
        )

    def annotate_all(
        self,
        project: Path,
        done: Callable[["Report"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Pieces:
        """Find the people of a project's images and annotate everyone, one after the other."""
        make = partial(self._models.annotate_all, project)
        return Pieces(self._worker, make, done, failed, BULK, progress)

    def export(
        self,
        project: Path,
        wish: "exports.Wish",
        done: Callable[["Report"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Write persons of a project as a data set."""
        return self._worker.submit(
            lambda token: self._models.export(project, wish, token), done, failed, progress
        )

    def report(
        self,
        project: Path,
        out: Path,
        done: Callable[["Facts"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Write a report on a project."""
        return self._worker.submit(
            lambda token: self._models.report(project, out, token), done, failed, progress
        )

    def illustrate(
        self,
        project: Path,
        wish: "Wish",
        done: Callable[["Report"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Draw a figure or a movie."""
        return self._worker.submit(
            lambda _: self._models.illustrate(project, wish), done, failed, progress
        )

    def bring(
        self,
        sources: Sequence[Path],
        project: Path | None,
        cancel: CancelToken,
        done: Callable[["Arrived"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Import files and folders into a project, or into one of their own; see `arrive`."""
        return self._worker.submit(
            lambda _: self._models.bring(sources, project, cancel), done, failed, progress
        )

    def find_pictures(
        self,
        project: Path,
        folder: Path,
        done: Callable[["Report"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Look in a folder for pictures that a project misses."""
        return self._worker.submit(
            lambda token: self._models.find_pictures(project, folder, token),
            done,
            failed,
            progress,
        )

    def motion(
        self,
        project: Path,
        rows: Sequence[PersonRow],
        done: Callable[["Motion"], None],
        failed: Failed,
    ) -> Pieces:
        """Measure how a track moves, behind everything else."""
        make = lambda _: self._models.motion(project, rows)  # noqa: E731
        return Pieces(self._worker, make, done, failed, BULK + 1)

    def steady(
        self,
        project: Path,
        rows: Sequence[PersonRow],
        chosen: Sequence[int],
        done: Callable[["Steadied"], None],
        failed: Failed,
        progress: Callable[[Progress], None],
    ) -> Ticket:
        """Make steadier bodies of who is chosen of a track; nothing counts before it is decided."""
        return self._worker.submit(
            lambda token: self._models.steady(project, rows, chosen, token), done, failed, progress
        )

    def stand(self, person: Person, done: Callable[[Parameters], None], failed: Failed) -> Ticket:
        """Put an upright body into a person's box."""
        return self._worker.submit(lambda _: self._models.stand(person), done, failed)

    def use(self, preferences: Preferences) -> None:
        """Work by other preferences from the next job on."""
        self._models.preferences = preferences

    def try_out(
        self, preferences: Preferences, done: Callable[[str], None], failed: Failed
    ) -> Ticket:
        """Load the body and, where it takes a checkpoint, the frontend; tell what they are."""
        return self._worker.submit(lambda _: try_out(preferences), done, failed)

    def close(self) -> None:
        """Call off what runs and join the thread."""
        self._worker.close()


class Models:
    """What the model thread owns; loaded when first needed.

    Attributes
    ----------
    preferences : Preferences
        Who annotates, with what.
    """

    def __init__(self) -> None:
        self._body: tuple[str, BodyModel] | None = None
        self._frontends: dict[tuple[str, str, str], Frontend] = {}
        self._refiners: dict[tuple[str, str], Refiner] = {}
        self.preferences = Preferences()

    def load(self) -> None:
        """Load torch and the body."""
        with loading():
            import_torch()
            self._get_body()

    def warm_up(self) -> None:
        """Load frontend and refiner; where one is missing, annotating will say so."""
        with loading():
            self._get_refiner()
            self._get_frontend(self.preferences.frontend)

    def pose(self, person: Person, axis: Axis = PLAIN) -> Poses:
        """Pose a person at all places of a slider."""
        key, theta1 = poses_key(person), person.theta1
        assert key is not None and theta1 is not None
        steps = person.run.trajectory.steps if person.run else Parameters.stack([theta1])
        if axis != PLAIN:
            steps = composites(steps, picks(axis, len(steps)))
        return self._pose_steps(key, steps, person.evidence, axis)

    def refine(self, person: Person, refiner: str, seed: int) -> Poses:
        """Pose the steps that another refiner or seed makes of a person's Θ1."""
        assert person.theta1 is not None
        path = self._get_refiner(refiner).trajectory(person.theta1, person.evidence, seed=seed)
        key = refined_key(person, refiner, seed)
        return self._pose_steps(key, path.steps, person.evidence, PLAIN)

    def pose_track(self, path: Path, ids: Sequence[int], token: CancelToken) -> list["Still"]:
        """Pose some persons, each as decided or suggested; who has no Θ1 has no body."""
        with Project.open(path) as project:
            persons = []
            for person_id in ids:
                token.check()
                persons.append(project.person(person_id))
        chosen = [standing_body(person) for person in persons]
        stills = [Still(person.image_path, person=person) for person in persons]
        # bodies are posed together where one camera sees them, as in a video it does
        for camera in dict.fromkeys(one.camera for one in chosen if one is not None):
            own = [at for at, one in enumerate(chosen) if one is not None and one.camera == camera]
            steps = Parameters.stack([one for one in chosen if one is not None
                                      and one.camera == camera])  # fmt: skip
            poses = self._posed((-next(_numbers), 0, 0), steps)
            for step, at in enumerate(own):
                stills[at] = replace(stills[at], poses=poses, step=step)
        return stills

    def motion(self, path: Path, rows: Sequence[PersonRow]) -> Generator[Progress, None, "Motion"]:
        """Measure how a track moves."""
        from core.jobs.motion import motion_of

        with Project.open(path) as project:
            return (yield from motion_of(project, rows, self._get_body()))

    def steady(
        self, path: Path, rows: Sequence[PersonRow], chosen: Sequence[int], token: CancelToken
    ) -> Generator[Progress, None, "Steadied"]:
        """Steady a track."""
        from core.jobs.steadying import steady

        with Project.open(path) as project:
            return (yield from steady(project, rows, chosen, self._get_body(), token))

    def stand(self, person: Person) -> Parameters:
        """Put an upright body into a person's box."""
        from core.images import read_image

        standing = self._get_frontend("standing")
        picture = read_image(person.image_path)
        return standing.annotate(picture, person.evidence.box).theta1

    def export(self, path: Path, wish: "exports.Wish", token: CancelToken) -> "Job":
        """Write a data set."""
        from core.jobs.exporting import export

        how = wish.path(path), wish.format, wish.chosen, self._get_body(), wish.pictures
        with Project.open(path) as project:
            return (yield from export(project, *how, wish.licence, cancel=token))

    def report(
        self, path: Path, out: Path, token: CancelToken
    ) -> Generator[Progress, None, "Facts"]:
        """Write a report."""
        from core.report import write_report

        with Project.open(path) as project:
            return (yield from write_report(project, out, self._get_body(), cancel=token))

    def illustrate(self, path: Path, wish: "Wish") -> "Job":
        """Draw a figure or a movie."""
        from core.jobs.illustrating import illustrate

        yield Progress(0, 0, tr("Drawing {name}…", name=wish.out.name))
        with loading():
            module_for(wish.out, wish.figure)
        with Project.open(path) as project:
            style, body = wish.style, self._get_body()
            return (
                yield from illustrate(
                    project, wish.out, wish.figure, wish.persons, style=style, body=body
                )
            )

    def bring(self, sources: Sequence[Path], path: Path | None, cancel: CancelToken) -> "Arriving":
        """Import files and folders."""
        from core.jobs.arriving import arrive, project_for

        datasets = [each for each in sources if each.is_file() and not is_picture(each)]
        if datasets:
            yield Progress(0, 0, tr("loading the models"))
        body = self._get_body() if datasets else None
        return (yield from arrive(sources, path or project_for(sources), body, cancel))

    def find_pictures(self, path: Path, folder: Path, token: CancelToken) -> "Job":
        """Look for missing pictures."""
        from core.jobs.finding import find_pictures

        with Project.open(path) as project:
            return (yield from find_pictures(project, folder, token))

    def annotate(self, path: Path, person_id: int, token: CancelToken) -> "Job":
        """Annotate one person."""
        from core.jobs import annotate_person

        yield Progress(0, 3, tr("loading the models"))
        body, refiner = self._get_body(), self._get_refiner()
        with Project.open(path) as project:
            # a body that is there already is refined even where BlazePose's weights are missing
            person = project.person(person_id)
            there = person.theta1 is not None and not person.looked_elsewhere
            name = "standing" if there else self.preferences.frontend
            frontend = self._get_frontend(name)
            return (
                yield from annotate_person(
                    project, person_id, frontend, refiner, body, self._options(), token
                )
            )

    def annotate_all(self, path: Path, token: CancelToken) -> "Job":
        """Find people and annotate everyone."""
        from core.jobs import annotate

        yield Progress(0, 0, tr("loading the models"))
        body, refiner = self._get_body(), self._get_refiner()
        frontend = self._get_frontend(self.preferences.frontend)
        with Project.open(path) as project:
            job = annotate(project, frontend, refiner, body, self._options(), token)
            return (yield from job)

    def _pose_steps(
        self, key: PosesKey, steps: Parameters, evidence: Evidence, axis: Axis
    ) -> Poses:
        from core.suggest.misses import misses_of

        body = self._get_body()
        vertices, points = body.pose(steps)
        trajectory = Trajectory(steps, np.zeros(len(steps), np.float32), "")
        misses = misses_of(trajectory, evidence, body)
        by_part = None if misses is None else part_means(misses)
        vertex_part = PART_OF_JOINT[body.vertex_joint].astype(np.int8)
        return poses_of(key, steps, vertices, points, body.faces, vertex_part, by_part, axis)

    def _posed(self, key: PosesKey, steps: Parameters) -> Poses:
        """Pose bodies of which nothing but their looks is asked."""
        body = self._get_body()
        vertices, points = body.pose(steps)
        return poses_of(key, steps, vertices, points, body.faces, np.zeros(0, np.int8))

    def _options(self) -> "Options":
        from core.jobs import Options

        return Options(recommender=self.preferences.recommender)

    def _get_body(self) -> "BodyModel":
        import_torch()
        import torch

        from core.body import load_body

        torch.set_num_threads(self.preferences.threads)
        path = self.preferences.body
        if self._body is None or self._body[0] != path:
            self._body = path, load_body(self.preferences.body_path)
            self._frontends.clear()
            self._refiners.clear()
        return self._body[1]

    def _get_frontend(self, name: str) -> "Frontend":
        from core.frontends import WITH_CHECKPOINT, load_frontend

        body = self._get_body()
        checkpoint = self.preferences.checkpoint_path if name in WITH_CHECKPOINT else None
        key = name, str(checkpoint), self.preferences.device
        if key not in self._frontends:
            self._frontends[key] = load_frontend(name, self._there(body), checkpoint)
        return self._frontends[key]

    def _get_refiner(self, name: str = "") -> "Refiner":
        """Return a refiner, by default the one that annotates."""
        body = self._get_body()
        key = name or self.preferences.refiner, self.preferences.device
        if key not in self._refiners:
            self._refiners[key] = load_refiner(key[0], self._there(body))
        return self._refiners[key]

    def _there(self, body: "BodyModel") -> "BodyModel":
        """Return a body on the device where networks compute."""
        from core.device import device_named

        return body.on(device_named(self.preferences.device))
