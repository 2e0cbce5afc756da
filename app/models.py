"""The models: torch, the body, frontends and refiners, and every job that needs them.

Nothing here knows Qt: in the window they live in a process of their own (`app.model_process`).
"""

import itertools
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.i18n import tr
from app.mix import PLAIN, Axis, picks
from app.poses import (
    Poses,
    PosesKey,
    Still,
    part_means,
    poses_key,
    poses_of,
    refined_key,
)
from app.preferences import Preferences
from app.trying import try_out
from core.evidence import Evidence
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
    from core.jobs import Job, Options
    from core.jobs.arriving import Arriving
    from core.jobs.motion import Motion
    from core.jobs.steadying import Steadied
    from core.report.gathering import Facts

_numbers = itertools.count(time.time_ns())
"""Of bodies that are of no one person; a process that follows another has other numbers."""


class Models:
    """What the models' process owns; loaded when first needed. A `CancelToken` is a last argument.

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
        self._get_body()

    def warm_up(self) -> None:
        """Load frontend and refiner; where one is missing, annotating will say so."""
        self._get_refiner()
        self._get_frontend(self.preferences.frontend)

    def try_out(self, preferences: Preferences) -> str:
        """Load what a person names in the settings; see `app.trying`."""
        return try_out(preferences)

    def close(self) -> None:
        """Hold nothing back; where they have a process of their own, it ends here."""

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
        # what joints in space are missed by is no share of a box
        by_part = part_means(misses) if misses and not misses.in_space else None
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
